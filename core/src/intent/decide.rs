//! The one door: every intent comes through [`decide`].

use super::records::{Decided, Found, Records};
use super::staff::{check_reason, reason};
use super::{
    FreshIds, Intent, Person, Rejection, Reply, Staff, adopt, approve, book, broadcast, forget,
    forgive, gift, grant, lifecycle, note, own, panel, payment, place, proof, referral, release,
    ticket, trial, undo,
};
use crate::catalog::Catalog;
use crate::model::{
    AccountId, Audit, Cancellation, Delivery, DeliveryState, Edits, Key, OrderId, OrderState,
    Outcome, Snapshot, SurfaceKey, TermSource, UnixMs,
};

/// The records outside of the snapshot that the decision will look at, and that were not looked for
/// yet: what was found may lead to more. Some are of a day: the decision is at this `now`, too.
#[must_use]
pub fn needs(snapshot: &Snapshot, found: &Found, intent: &Intent, now: UnixMs) -> Vec<Key> {
    let records = Records { snapshot, found, in_doubt: false };
    let mut keys = archived(snapshot, intent).unwrap_or_default();
    keys.extend(sources(&records, intent, now));
    keys.retain(|key| !found.contains_key(key));
    keys
}

/// An order that was settled long ago. Where it may go on, its surfaces too: they are to be kept
/// again.
fn archived(snapshot: &Snapshot, intent: &Intent) -> Option<Vec<Key>> {
    let order = match intent {
        Intent::Reopen { order, .. }
        | Intent::Reverse { order, .. }
        | Intent::Cancel { order, .. }
        | Intent::Approve { order, .. }
        | Intent::Decline { order, .. } => *order,
        Intent::AddProof { order, by, .. } => {
            let lapsed = || snapshot.last_lapsed(snapshot.customer_of(by.identity)?);
            order.or_else(lapsed)?
        }
        _ => return None,
    };
    let goes_on = match intent {
        Intent::Reopen { .. } | Intent::Reverse { .. } => true,
        Intent::Cancel { .. } => false,
        // A proof or a decision brings back what lapsed; of the others it reads only the state.
        _ => snapshot.archived_order(order)?.state.takes_proof(),
    };
    snapshot.archived_order(order)?;
    let surfaces = SurfaceKey::of_order(order).map(Key::Surface);
    let surfaces = surfaces.into_iter().filter(|_| goes_on);
    Some([Key::Order(order)].into_iter().chain(surfaces).collect())
}

/// Indexes that are not resident.
fn sources(records: &Records<'_>, intent: &Intent, now: UnixMs) -> Vec<Key> {
    let snapshot = records.snapshot;
    match intent {
        Intent::Place(placement) => vec![Key::InteractionOrder(placement.interaction)],
        Intent::Try(asked) => {
            let known = snapshot.customer_of(asked.customer.identity);
            known.map(|known| Key::SourceTerm(TermSource::Trial(known))).into_iter().collect()
        }
        Intent::AddProof { order, by, proof } => proof::keys(records, *order, by, proof, now),
        Intent::Approve { order, reference, .. } => {
            let mut keys = vec![Key::SourceTerm(TermSource::Order(*order))];
            keys.extend(book::key(records, *order, now));
            if let Some(order) = records.order(*order) {
                keys.extend(payment::keys_of_approval(order, reference.as_deref()));
            }
            keys
        }
        Intent::Reopen { order, .. } => {
            let evidence = records.order(*order).map(|o| o.evidence.as_slice()).unwrap_or_default();
            evidence.iter().map(|e| Key::ProofOrder(e.sha256.clone())).collect()
        }
        Intent::Reverse { order, .. } => {
            let books = book::key(records, *order, now);
            let given = [Key::SourceTerm(TermSource::Order(*order)), referral::key(*order)];
            given.into_iter().chain(books).collect()
        }
        Intent::Grant(grant) => vec![Key::SourceTerm(TermSource::Grant(grant.id))],
        Intent::Cancel { .. }
        | Intent::EnterCode { .. }
        | Intent::Redeem(_)
        | Intent::Decline { .. }
        | Intent::Forgive(_)
        | Intent::Suspend(_)
        | Intent::Resume(_)
        | Intent::Rotate { .. }
        | Intent::Note(_)
        | Intent::DraftBroadcast(_)
        | Intent::SendBroadcast(..)
        | Intent::StopBroadcast(..)
        | Intent::Move { .. }
        | Intent::Adopt(_)
        | Intent::Release(_)
        | Intent::AcceptPanel { .. }
        | Intent::ReplaceLink { .. }
        | Intent::Choose { .. }
        | Intent::OpenTicket(_)
        | Intent::CloseTicket { .. }
        | Intent::HeardInTicket(_)
        | Intent::Forget(_)
        | Intent::LinkShown { .. } => Vec::new(),
    }
}

/// Decides an intent.
///
/// # Errors
/// A [`Rejection`] says why nothing is changed.
pub fn decide(
    records: &Records<'_>,
    catalog: &Catalog,
    intent: &Intent,
    now: UnixMs,
    ids: &FreshIds,
) -> Result<Decided, Rejection> {
    if records.in_doubt && intent.rests_on_the_time() {
        return Err(Rejection::ClockInDoubt { staff: intent.is_of_staff() });
    }
    if let Some(why) = intent.reason() {
        check_reason(why)?;
    }
    // What rests on records that may be missing. What gives without them passes.
    let rests_on_all = matches!(
        intent,
        Intent::Place(_)
            | Intent::Try(_)
            | Intent::OpenTicket(_)
            | Intent::EnterCode { .. }
            | Intent::Redeem(_)
            | Intent::Approve { .. }
            | Intent::Decline { .. }
            | Intent::Reopen { .. }
            | Intent::Reverse { .. }
            | Intent::Adopt(_)
            | Intent::Forget(_)
    );
    if rests_on_all && records.snapshot.damaged().is_some() {
        return Err(Rejection::StoreDamaged);
    }
    forget::refuse(records, intent)?;
    let (mut edits, reply) = match intent {
        Intent::Place(placement) => place::place(records, catalog, placement, now, ids),
        Intent::Try(asked) => trial::give(records, catalog, asked, now, ids),
        Intent::Cancel { order, by } => cancel(records, catalog, *order, by, now),
        Intent::EnterCode { order, code, by } => {
            referral::enter(records, catalog, *order, code, by, now)
        }
        Intent::Redeem(asked) => gift::give(records, catalog, asked, now),
        Intent::AddProof { order, by, proof } => {
            proof::add(records, catalog, *order, by, proof, now)
        }
        Intent::Approve { order, staff, reference } => {
            let reference = reference.as_deref();
            let decided = approve::approve(records, catalog, *order, staff, reference, now, ids)?;
            referral::rewarded(records, catalog, decided, now)
        }
        Intent::Decline { order, staff, reason } => {
            approve::decline(records, catalog, *order, staff, reason, now)
        }
        Intent::Reopen { order, staff, reason } => {
            undo::reopen(records, catalog, *order, staff, reason, now)
        }
        Intent::Reverse { order, staff, reason } => {
            undo::reverse(records, catalog, *order, staff, reason, now)
        }
        Intent::Grant(asked) => grant::grant(records, catalog, asked, now),
        Intent::Forgive(asked) => forgive::forgive(records, catalog, asked, now),
        Intent::Suspend(asked) => lifecycle::suspend(records, catalog, asked, now),
        Intent::Resume(asked) => lifecycle::resume(records, catalog, asked),
        Intent::Move { of, to } => lifecycle::move_to(records, catalog, of, to, now),
        Intent::Rotate { of, version } => lifecycle::rotate(records, catalog, of, *version, ids),
        Intent::Note(asked) => note::note(records, catalog, asked, now),
        Intent::DraftBroadcast(asked) => broadcast::draft(records, catalog, asked, now),
        Intent::SendBroadcast(id, staff) => broadcast::send(records, catalog, (*id, staff), now),
        Intent::StopBroadcast(id, staff) => broadcast::stop(records, catalog, (*id, staff), now),
        Intent::Forget(asked) => forget::forget(records, catalog, asked, now),
        Intent::Adopt(asked) => adopt::adopt(records, catalog, asked, now, ids),
        Intent::Release(asked) => release::release(records, catalog, asked, now),
        Intent::AcceptPanel { server, panel, staff, .. } => {
            panel::accept(records, catalog, server, panel, staff, now)
        }
        Intent::ReplaceLink { account, by, version } => {
            own::replace_link(records, catalog, (*account, by), *version, (now, ids))
        }
        Intent::Choose { by, choice } => own::choose(records, by, *choice),
        Intent::OpenTicket(asked) => ticket::open(records, asked, now, ids),
        Intent::CloseTicket { ticket, by } => ticket::close(records, catalog, *ticket, by, now),
        Intent::HeardInTicket(word) => ticket::heard(records, catalog, word, now),
        Intent::LinkShown { account, by, fingerprint } => {
            link_shown(records, *account, by, fingerprint, now)
        }
    }?;
    if !edits.is_empty() {
        edits.insert(Audit {
            id: ids.audit.clone(),
            actor: intent.actor(),
            verb: intent.verb().to_owned(),
            subject: subject(&reply),
            outcome: Outcome::Done,
            of: None,
            reason: intent.reason().map(reason),
            catalog: catalog.revision.clone(),
            commit: catalog.commit_id().map(str::to_owned),
            at: now,
        });
    }
    Ok((edits, reply))
}

fn cancel(
    records: &Records<'_>,
    catalog: &Catalog,
    id: OrderId,
    by: &Staff,
    now: UnixMs,
) -> Result<Decided, Rejection> {
    let order = records.order(id).ok_or(Rejection::UnknownOrder)?;
    let whose = |person: &Person| records.snapshot.customer_of(person.identity);
    let is_theirs = matches!(by, Staff::Member(person) if whose(person) == Some(order.customer));
    if !is_theirs && !by.may_decide(catalog) {
        return Err(Rejection::UnknownOrder);
    }
    let mut edits = Edits::new();
    match order.state(now) {
        OrderState::AwaitingPayment => {}
        state @ (OrderState::Cancelled | OrderState::Expired) => {
            return Ok((edits, Reply::AlreadyDone(id, state)));
        }
        state => return Err(Rejection::WrongState(id, state)),
    }
    let mut order = order.clone();
    order.cancelled = Some(Cancellation { by: by.actor(), at: now });
    records.update_order(&mut edits, order);
    Ok((edits, Reply::Cancelled(id)))
}

/// Says of an account that its customer has the link.
fn link_shown(
    records: &Records<'_>,
    id: AccountId,
    by: &Person,
    fingerprint: &str,
    now: UnixMs,
) -> Result<Decided, Rejection> {
    let customer = records.snapshot.customer_of(by.identity);
    let account = records.snapshot.account(id).filter(|a| Some(a.customer) == customer);
    let customer = account.ok_or(Rejection::UnknownAccount)?.customer;
    let mut edits = Edits::new();
    records.pin(&mut edits, Key::Delivery(id));
    let before = records.snapshot.delivery(id);
    let fingerprint = fingerprint.to_owned();
    let shown = Delivery::after(before, id, fingerprint, DeliveryState::Shown, now);
    edits.put(Delivery { to_old: records.snapshot.link_leads_to_old(id), ..shown });
    Ok((edits, Reply::LinkShown(customer, id)))
}

fn subject(reply: &Reply) -> String {
    match reply {
        Reply::Placed(id)
        | Reply::AlreadyOpen(id)
        | Reply::Reduced(id)
        | Reply::Invited(id)
        | Reply::Cancelled(id)
        | Reply::ProofTaken(id)
        | Reply::Approved(id, _)
        | Reply::Declined(id)
        | Reply::Reopened(id, _)
        | Reply::Reversed(id, _)
        | Reply::AlreadyDone(id, _) => format!("order:{id}"),
        Reply::TicketOpened(ticket) | Reply::TicketHeard(ticket) | Reply::TicketClosed(ticket) => {
            format!("ticket:{ticket}")
        }
        Reply::BroadcastDrafted(id) | Reply::BroadcastSending(id) | Reply::BroadcastEnded(id) => {
            format!("broadcast:{id}")
        }
        Reply::Chosen(customer, _) | Reply::Noted(customer) | Reply::Forgot(customer) => {
            format!("customer:{customer}")
        }
        Reply::LinkShown(_, account)
        | Reply::LinkReplaced(_, account)
        | Reply::TrialGiven(account)
        | Reply::DaysGiven(account)
        | Reply::Granted(account)
        | Reply::AlreadyGranted(account)
        | Reply::Adopted(account)
        | Reply::AlreadyAdopted(account)
        | Reply::Released(account)
        | Reply::Suspended(account)
        | Reply::Resumed(account)
        | Reply::Rotated(account, _)
        | Reply::Moving(account, _)
        | Reply::Unchanged(account) => format!("account:{account}"),
        Reply::PanelAccepted(server) => format!("server:{server}"),
        Reply::Forgiven { of, .. } | Reply::AlreadyForgiven(of) => of.to_string(),
    }
}
