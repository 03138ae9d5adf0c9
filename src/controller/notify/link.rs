//! The link, at least once.

use crate::catalog::{self, Catalog};
use crate::controller::context::Context;
use crate::controller::error::Failure;
use crate::controller::nonce::nonce;
use crate::model::{
    AccountId, ConditionKind, Delivery, DeliveryState, DurationMs, Edits, HOUR_MS, Identity,
    Snapshot,
};
use crate::ports::{Chat, ChatClass, Place};
use crate::view::{Pages, delivery_fingerprint, is_delivered, is_of_address, misses_a_loss};

/// How long a link that could not be sent is not tried again; the button shows it meanwhile.
const TRY_AGAIN: DurationMs = DurationMs(6 * HOUR_MS);

/// Sends the link, or a changed one, unless the customer has what it means.
pub(super) async fn send(
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
    let pages = || Pages::new(chat.front(), snapshot, catalog, now).for_owner(id);
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

fn is_ready(snapshot: &Snapshot, id: AccountId) -> bool {
    snapshot
        .account_status(id)
        .is_some_and(|s| s.conditions.iter().any(|c| c.kind == ConditionKind::Ready))
}
