//! The notify key: the link, at least once; notices, at most once.

use super::context::Context;
use super::error::Failure;
use super::surface::nonce;
use crate::catalog::{self, Catalog};
use crate::model::{
    AccountId, ConditionKind, Delivery, DeliveryState, DurationMs, Edits, Entitlement, HOUR_MS,
    Identity, Key, MINUTE_MS, Notice, NoticeKind, NoticeState, Snapshot, Standing, TermSource,
    UnixMs,
};
use crate::ports::{Chat, ChatClass, Place};
use crate::view::{Pages, delivery_fingerprint, is_delivered, is_of_address, misses_a_loss};

/// For this long Discord itself drops a second message with the same nonce.
const NONCE_HOLDS: DurationMs = DurationMs(2 * MINUTE_MS);

/// How soon it is looked again whether a store that may lack something was resolved.
const NOT_OVER_YET: DurationMs = DurationMs(4 * MINUTE_MS);

/// How long a link that could not be sent is not tried again; the button shows it meanwhile.
const TRY_AGAIN: DurationMs = DurationMs(6 * HOUR_MS);

/// Sends one customer what is due of one account: the link, notices.
pub(super) async fn run(ctx: &Context, id: AccountId) -> Result<Option<UnixMs>, Failure> {
    let Some(chat) = ctx.chat.as_deref() else {
        return Ok(None);
    };
    let catalog = ctx.catalog();
    let snapshot = ctx.snapshot();
    // Of one that was given back there is nothing to tell: it goes on as it was.
    let account = snapshot.account(id).filter(|account| account.released().is_none());
    let owner = account.map(|account| account.customer);
    let Some(to) = owner.and_then(|owner| snapshot.reached_at(owner)) else {
        return Ok(None);
    };
    link(ctx, chat, &catalog, &snapshot, id, to).await?;
    if ctx.time().in_doubt() {
        // Told when it is true; the end of the doubt looks at everybody.
        return Ok(None);
    }
    let mut later = None;
    for (run, kind) in due_notices(&snapshot, id, ctx.now()) {
        // A store that may lack a renewal says of nobody that it is over.
        if snapshot.in_amnesia() && kind != NoticeKind::Renewed {
            later = Some(ctx.wall() + NOT_OVER_YET);
            continue;
        }
        notice(ctx, chat, &catalog, (id, run, kind), to).await?;
    }
    Ok(later)
}

fn is_ready(snapshot: &Snapshot, id: AccountId) -> bool {
    snapshot
        .account_status(id)
        .is_some_and(|s| s.conditions.iter().any(|c| c.kind == ConditionKind::Ready))
}

async fn link(
    ctx: &Context,
    chat: &dyn Chat,
    catalog: &Catalog,
    snapshot: &Snapshot,
    id: AccountId,
    to: Identity,
) -> Result<(), Failure> {
    if !is_ready(snapshot, id) || catalog.shop.orders.deliver == catalog::Delivery::Button {
        return Ok(());
    }
    let Some(fingerprint) = delivery_fingerprint(snapshot, catalog, id) else {
        return Ok(());
    };
    let now = ctx.now();
    let last = snapshot.delivery(id).filter(|d| is_delivered(snapshot, catalog, d, &fingerprint));
    // People open their DMs again, and operators mend what was refused.
    let settled = last.filter(|d| {
        !matches!(d.state, DeliveryState::Undelivered(_)) || now.since(d.at) < TRY_AGAIN
    });
    // An app asks its address again in hours, and what it has leads to a server that is lost.
    let settled = settled.filter(|d| !misses_a_loss(snapshot, catalog, d, now));
    if let Some(settled) = settled {
        if is_told_by_address(snapshot, settled) {
            // From now on its address gives the new server: nothing is sent, and the old one's day begins.
            let mut edits = Edits::new();
            let state = settled.state.clone();
            edits.put(Delivery::after(Some(settled), id, fingerprint, state, now));
            ctx.commit(edits).await?;
        } else if *settled.fingerprint != *fingerprint && !is_of_address(&fingerprint) {
            // An older version wrote it down. Once in today's words, it stays settled when a fact
            // changes that no link uses.
            let mut edits = Edits::new();
            let (state, at) = (settled.state.clone(), settled.at);
            let again = Delivery::after(Some(settled), id, fingerprint, state, at);
            edits.put(Delivery { to_old: settled.to_old, ..again });
            ctx.commit(edits).await?;
        }
        return Ok(());
    }
    let pages = || Pages::new(snapshot, catalog, now).for_owner(id);
    if !pages().has_link(id) || pages().link_can_wait(id) {
        return Ok(());
    }
    let place = Place::Direct(to);
    // Another one for each delivery: the same links may come again, after a move back, and a history
    // that was lost may have sent others of the same version.
    let before = snapshot.delivery(id).map_or(0, |d| d.at.0);
    let keys = snapshot.account(id).map(|a| a.credentials.uuid).unwrap_or_default();
    let nonce = nonce(&format!("link {id} {fingerprint} {keys} {before}"));
    // A crash may have come between the message and its record: it is looked for first.
    let sent = match chat.find(place, &nonce).await {
        Ok(Some(_)) => Ok(()),
        Ok(None) => {
            let Some(message) = pages().link_message(id) else { return Ok(()) };
            ctx.clock.crash_point("notify.before_link");
            let sent = chat.post(place, &message, &nonce).await.map(|_| ());
            ctx.clock.crash_point("notify.after_link");
            sent
        }
        Err(error) => Err(error),
    };
    let state = match sent {
        Ok(()) => DeliveryState::Delivered,
        Err(error) => match error.class {
            ChatClass::Closed | ChatClass::Refused => {
                DeliveryState::Undelivered(error.code.to_string())
            }
            _ => return Err(error.into()),
        },
    };
    let mut edits = Edits::new();
    let delivery = Delivery::after(snapshot.delivery(id), id, fingerprint, state, now);
    edits.put(Delivery { to_old: snapshot.link_leads_to_old(id), ..delivery });
    ctx.commit(edits).await?;
    Ok(())
}

/// Whether an account has moved whose customer holds an address, and nobody has written down yet that it
/// leads to the new server.
fn is_told_by_address(snapshot: &Snapshot, delivery: &Delivery) -> bool {
    let id = delivery.account;
    is_of_address(&delivery.fingerprint)
        && delivery.state.arrived()
        && snapshot.leaving(id).is_some()
        && !snapshot.link_leads_to_old(id)
        && snapshot.told_of_new_server_at(id).is_none()
}

/// The notices that the records call for and that have not come to an end.
fn due_notices(snapshot: &Snapshot, id: AccountId, now: UnixMs) -> Vec<(u32, NoticeKind)> {
    let Some(entitlement) = Entitlement::of(snapshot, id) else {
        return Vec::new();
    };
    let mut due = Vec::new();
    match entitlement.standing(now) {
        Standing::Expired if entitlement.served => due.push((entitlement.run, NoticeKind::Expired)),
        // Where all that was bought was taken back, nothing was used: the order says what happened.
        Standing::Depleted if !entitlement.granted.is_empty() => {
            due.push((entitlement.run, NoticeKind::Depleted));
        }
        _ => {}
    }
    let renewal = snapshot
        .terms(id)
        .rev()
        .find(|t| matches!(t.source, TermSource::Order(_)))
        .filter(|t| t.seq > 0 && t.run == entitlement.run);
    let first = snapshot.terms(id).next().map(|t| t.seq);
    if let Some(term) = renewal.filter(|t| Some(t.seq) != first && is_ready(snapshot, id)) {
        due.push((term.seq, NoticeKind::Renewed));
    }
    due.retain(|(run, kind)| {
        snapshot.notice(id, *run, *kind).is_none_or(|n| n.state == NoticeState::Sending)
    });
    due
}

/// Claims a notice, sends it, and says how it went.
async fn notice(
    ctx: &Context,
    chat: &dyn Chat,
    catalog: &Catalog,
    (id, run, kind): (AccountId, u32, NoticeKind),
    to: Identity,
) -> Result<(), Failure> {
    let snapshot = ctx.snapshot();
    let now = ctx.now();
    let key = Key::Notice(id, run, kind);
    let mut record = Notice { account: id, run, kind, state: NoticeState::Sending, at: now };
    let claimed = snapshot.notice(id, run, kind).map(|n| n.at);
    if claimed.is_none() {
        let mut edits = Edits::new();
        edits.insert(record.clone());
        ctx.commit(edits).await?;
        ctx.clock.crash_point("notify.before_notice");
    }
    let pages = Pages::new(&snapshot, catalog, now).for_owner(id);
    let Some(message) = pages.notice(id, kind) else {
        return Ok(());
    };
    let place = Place::Direct(to);
    let nonce = nonce(&format!("notice {id} {run} {}", kind.name()));
    let found = match claimed {
        Some(_) => chat.find(place, &nonce).await.map(|f| f.is_some()),
        None => Ok(false),
    };
    // Whether an earlier try went out is known only after looking.
    let looked = found.is_ok();
    let sent = match (found, claimed) {
        (Ok(true), _) => Ok(NoticeState::Sent),
        // Claimed long ago, and no trace of it: a second one might be one too many.
        (Ok(false), Some(at)) if now.since(at) > NONCE_HOLDS => {
            Ok(NoticeState::Undelivered("unknown".to_owned()))
        }
        (Ok(false), _) => chat.post(place, &message, &nonce).await.map(|_| NoticeState::Sent),
        (Err(error), _) => Err(error),
    };
    ctx.clock.crash_point("notify.after_notice");
    let mut edits = Edits::new();
    record.state = match sent {
        Ok(state) => state,
        Err(error) => match error.class {
            ChatClass::Closed | ChatClass::Refused => {
                NoticeState::Undelivered(error.code.to_string())
            }
            // It surely did not go out: the claim is given back.
            ChatClass::Later if looked => {
                edits.delete(key);
                ctx.commit(edits).await?;
                return Err(error.into());
            }
            _ => return Err(error.into()),
        },
    };
    edits.put(record);
    ctx.commit(edits).await?;
    Ok(())
}
