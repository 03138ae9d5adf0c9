//! A proof of payment arrives. Its file is durable already.

use super::payment::came_to_nothing;
use super::records::{Decided, Records};
use super::{Person, Proof, Rejection, Reply, payment, places, promo};
use crate::catalog::Catalog;
use crate::model::{
    Edits, Evidence, Identity, Key, Order, OrderId, OrderState, ProofOrder, Record, Snapshot,
    Target, UndatedProof, UnixMs,
};

/// The indexes that a proof is looked for in.
pub(super) fn keys(
    records: &Records<'_>,
    order: Option<OrderId>,
    by: &Person,
    proof: &Proof,
    now: UnixMs,
) -> Vec<Key> {
    let mut keys = vec![Key::ProofOrder(proof.sha256.clone())];
    if let Some(typed) = &proof.stated
        && let Ok(id) = wanting_proof(records.snapshot, order, by.identity, now)
        && let Some(order) = records.order(id)
    {
        keys.extend(payment::keys_of_stated(&order.method.method, typed));
    }
    keys
}

pub(super) fn add(
    records: &Records<'_>,
    catalog: &Catalog,
    order: Option<OrderId>,
    by: &Person,
    proof: &Proof,
    now: UnixMs,
) -> Result<Decided, Rejection> {
    let known = Key::ProofOrder(proof.sha256.clone());
    let taken = records.outside(&known).map(|r| &r.value);
    let id = wanting_proof(records.snapshot, order, by.identity, now)?;
    let order = records.order(id).ok_or(Rejection::UnknownOrder)?;
    if let Some(Record::ProofOrder(index)) = taken
        && !may_be_used_again(records, index.order, order, now)
        && !(index.order == id && order.deleted_picture(&proof.sha256))
    {
        return Err(Rejection::DuplicateProof(index.order));
    }
    may_take_proof(records.snapshot, order, now)?;
    let mut edits = Edits::new();
    let first = order.evidence.is_empty();
    let place = first.then(|| place_for_review(records, catalog, order, now, &mut edits));
    let lapsed = matches!(order.state(now), OrderState::Expired | OrderState::Cancelled);
    let mut order = order.clone();
    if lapsed {
        promo::once_more(records, catalog, &mut order, now);
        // Of two that use a code for the last time at once, one finds that out; and of this and a forgetting.
        places::bump(records, &mut edits);
    }
    records.bring_back(&mut edits, &mut order);
    order.place_until = place.or(order.place_until);
    let again = match taken {
        Some(Record::ProofOrder(index)) => Some(index.order),
        _ => None,
    };
    let others = again.into_iter().chain(proof.alike.iter().copied()).filter(|other| *other != id);
    let resembles = seen_before(records.snapshot, &order, others);
    let typed = proof.stated.as_deref();
    let stated = typed.and_then(|typed| payment::state(records, &order, typed, now, &mut edits));
    order.evidence.push(Evidence {
        sha256: proof.sha256.clone(),
        size_bytes: proof.size_bytes,
        kind: proof.kind,
        at: now,
        undated: records.in_doubt,
        look: proof.look.clone(),
        resembles,
        stated,
        deleted_at: None,
    });
    if records.in_doubt {
        edits.put(UndatedProof { order: id });
    }
    records.update_order(&mut edits, order);
    records.pin_outside(&mut edits, known);
    edits.put(ProofOrder { sha256: proof.sha256.clone(), order: id });
    Ok((edits, Reply::ProofTaken(id)))
}

/// Of the orders under which a picture was seen, the one that staff are told of: the first of another customer,
/// since that is what they must not miss; else the first.
fn seen_before(
    snapshot: &Snapshot,
    order: &Order,
    others: impl Iterator<Item = OrderId> + Clone,
) -> Option<OrderId> {
    let is_anothers = |other: &OrderId| snapshot.buyer(*other) != Some(order.customer);
    others.clone().find(is_anothers).or_else(|| others.clone().next())
}

/// Until when a place is kept while staff look at the first proof. No later proof changes that: a
/// place must not be kept for ever by pictures. Where none is kept any more one is taken if it is
/// free, and if its customer may have one more open order; else the order is reviewed without.
fn place_for_review(
    records: &Records<'_>,
    catalog: &Catalog,
    order: &Order,
    now: UnixMs,
    edits: &mut Edits,
) -> UnixMs {
    let until = now + catalog.shop.orders.review_within;
    if !places::wants_place(records, catalog, order, now, edits) {
        // Somebody else's decision may see it lapse at this very moment.
        places::bump(records, edits);
        return until;
    }
    match places::promise_again(records, catalog, order, now, edits) {
        true => until,
        false => now,
    }
}

/// A proof that came to nothing, since its order was declined or given up, may back another order
/// of the same customer.
fn may_be_used_again(records: &Records<'_>, before: OrderId, order: &Order, now: UnixMs) -> bool {
    let theirs = records.snapshot.buyer(before) == Some(order.customer);
    theirs && before != order.id && came_to_nothing(records.snapshot, before, now)
}

/// The order that a proof of this person is for, or why there is none: what is refused in the end
/// must not be fetched and kept first.
///
/// # Errors
/// The named order is not theirs, is in a state that takes no proof, or has as many as it can take;
/// without a name, no order of theirs takes one.
pub fn proof_target(
    snapshot: &Snapshot,
    named: Option<OrderId>,
    by: Identity,
    now: UnixMs,
) -> Result<OrderId, Rejection> {
    let id = wanting_proof(snapshot, named, by, now)?;
    if let Some(order) = snapshot.order(id) {
        may_take_proof(snapshot, order, now)?;
    }
    Ok(id)
}

/// The named order, else the one that most wants a proof: an unpaid one, then the newest. A full one
/// is not passed over: a ninth picture of its payment must not reopen another order.
fn wanting_proof(
    snapshot: &Snapshot,
    named: Option<OrderId>,
    by: Identity,
    now: UnixMs,
) -> Result<OrderId, Rejection> {
    let Some(customer) = snapshot.customer_of(by) else {
        // Nobody's order is theirs.
        return Err(named.map_or(Rejection::NoOrderForProof, |_| Rejection::UnknownOrder));
    };
    if let Some(id) = named {
        let archived = snapshot.archived_order(id).filter(|o| o.customer == customer);
        if let Some(archived) = archived.filter(|o| !o.state.takes_proof()) {
            return Err(Rejection::WrongState(id, archived.state));
        }
        let resident = snapshot.order(id).is_some_and(|o| o.customer == customer);
        let theirs = resident || archived.is_some();
        return theirs.then_some(id).ok_or(Rejection::UnknownOrder);
    }
    let resident = snapshot.undecided_orders(customer).filter(|o| o.state(now).takes_proof());
    resident
        .map(|o| (o.state(now) == OrderState::AwaitingPayment, o.id))
        .chain(snapshot.last_lapsed(customer).map(|id| (false, id)))
        .max()
        .map(|(_, id)| id)
        .ok_or(Rejection::NoOrderForProof)
}

fn may_take_proof(snapshot: &Snapshot, order: &Order, now: UnixMs) -> Result<(), Rejection> {
    // Nobody could approve it.
    if let Target::Renew(account) = order.target
        && snapshot.account(account).is_some_and(|account| account.released().is_some())
    {
        return Err(Rejection::Released);
    }
    let state = order.state(now);
    if !state.takes_proof() {
        return Err(Rejection::WrongState(order.id, state));
    }
    if !order.has_room_for_proof() {
        return Err(Rejection::TooManyProofs(order.id));
    }
    Ok(())
}
