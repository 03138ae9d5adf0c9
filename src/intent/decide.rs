//! The one door: every intent comes through [`decide`].

use super::records::{Decided, Records, may_decide};
use super::{Draws, Intent, Person, Rejection, Reply, approve, place, proof};
use crate::catalog::Catalog;
use crate::model::{
    AccountId, Actor, Audit, Cancellation, CustomerId, Delivery, DeliveryState, Edits, Key,
    OrderId, OrderState, Outcome, Snapshot, TermSource, UnixMs,
};

/// The records outside of the snapshot that the decision will look at.
#[must_use]
pub fn needs(snapshot: &Snapshot, intent: &Intent) -> Vec<Key> {
    match intent {
        Intent::Place(placement) => vec![Key::InteractionOrder(placement.interaction)],
        Intent::AddProof { proof, .. } => vec![Key::ProofOrder(proof.sha256.clone())],
        Intent::Approve { order, reference, .. } => {
            let mut keys = vec![Key::SourceTerm(TermSource::Order(*order))];
            let reference = reference.as_deref().and_then(approve::normal_reference);
            if let (Some(order), Some(reference)) = (snapshot.order(*order), reference) {
                keys.push(Key::PaymentReference(order.method.method.clone(), reference));
            }
            keys
        }
        Intent::Cancel { .. } | Intent::Decline { .. } | Intent::LinkShown { .. } => Vec::new(),
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
    draws: &Draws,
) -> Result<Decided, Rejection> {
    if records.in_doubt && intent.rests_on_the_time() {
        return Err(Rejection::ClockInDoubt { staff: intent.is_of_staff() });
    }
    let sells = matches!(intent, Intent::Place(_) | Intent::Approve { .. });
    if sells && records.snapshot.damaged().is_some() {
        return Err(Rejection::StoreDamaged);
    }
    let (mut edits, reply) = match intent {
        Intent::Place(placement) => place::place(records, catalog, placement, now, draws),
        Intent::Cancel { order, by } => cancel(records, catalog, *order, by, now),
        Intent::AddProof { order, by, proof } => proof::add(records, *order, by, proof, now),
        Intent::Approve { order, staff, reference } => {
            approve::approve(records, catalog, *order, staff, reference.as_deref(), now, draws)
        }
        Intent::Decline { order, staff, reason } => {
            approve::decline(records, catalog, *order, staff, reason, now)
        }
        Intent::LinkShown { account, by, fingerprint } => {
            link_shown(records, *account, by, fingerprint, now)
        }
    }?;
    if !edits.is_empty() {
        edits.insert(Audit {
            id: draws.audit.clone(),
            actor: Actor::Discord(who(intent)),
            verb: intent.verb().to_owned(),
            subject: subject(&reply),
            outcome: Outcome::Done,
            catalog: catalog.revision.clone(),
            at: now,
        });
    }
    Ok((edits, reply))
}

fn cancel(
    records: &Records<'_>,
    catalog: &Catalog,
    id: OrderId,
    by: &Person,
    now: UnixMs,
) -> Result<Decided, Rejection> {
    let order = records.snapshot.order(id).ok_or(Rejection::UnknownOrder)?;
    if order.customer != by.id && !may_decide(catalog, by) {
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
    order.cancelled = Some(Cancellation { by: by.id, at: now });
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
    let theirs = records.snapshot.account(id).is_some_and(|a| a.customer == by.id);
    if !theirs {
        return Err(Rejection::UnknownAccount);
    }
    let mut edits = Edits::new();
    records.pin(&mut edits, Key::Delivery(id));
    edits.put(Delivery {
        account: id,
        fingerprint: fingerprint.to_owned(),
        state: DeliveryState::Shown,
        at: now,
    });
    Ok((edits, Reply::LinkShown(by.id, id)))
}

fn who(intent: &Intent) -> CustomerId {
    match intent {
        Intent::Place(p) => p.customer.id,
        Intent::Cancel { by, .. } | Intent::AddProof { by, .. } | Intent::LinkShown { by, .. } => {
            by.id
        }
        Intent::Approve { staff, .. } | Intent::Decline { staff, .. } => staff.id,
    }
}

fn subject(reply: &Reply) -> String {
    match reply {
        Reply::Placed(id)
        | Reply::AlreadyOpen(id)
        | Reply::Cancelled(id)
        | Reply::ProofTaken(id)
        | Reply::Approved(id, _)
        | Reply::Declined(id)
        | Reply::AlreadyDone(id, _) => format!("order:{id}"),
        Reply::LinkShown(_, account) => format!("account:{account}"),
    }
}
