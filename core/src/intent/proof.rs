//! A proof of payment arrives. Its file is durable already.

use super::records::{Decided, Records};
use super::{Person, Proof, Rejection, Reply, place, places};
use crate::catalog::Catalog;
use crate::model::{
    Edits, Evidence, Key, Order, OrderId, OrderState, ProofOrder, Record, UndatedProof, UnixMs,
};

/// The most proofs of one order: a record is small.
pub const MOST_PROOFS: usize = 8;

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
    let order = match order {
        Some(id) => records
            .snapshot
            .order(id)
            .filter(|o| o.customer == by.id)
            .ok_or(Rejection::UnknownOrder)?,
        None => wanting_proof(records, by, now).ok_or(Rejection::NoOrderForProof)?,
    };
    if let Some(Record::ProofOrder(index)) = taken
        && !may_be_used_again(records, index.order, order, now)
    {
        return Err(Rejection::DuplicateProof(index.order));
    }
    let state = order.state(now);
    if !takes_proof(state) {
        return Err(Rejection::WrongState(order.id, state));
    }
    if order.evidence.len() >= MOST_PROOFS {
        return Err(Rejection::TooManyProofs(order.id));
    }
    let mut edits = Edits::new();
    let first = order.evidence.is_empty();
    let place = first.then(|| place_for_review(records, catalog, order, now, &mut edits));
    let mut order = order.clone();
    let id = order.id;
    order.place_until = place.or(order.place_until);
    order.evidence.push(Evidence {
        sha256: proof.sha256.clone(),
        size_bytes: proof.size_bytes,
        kind: proof.kind,
        at: now,
        undated: records.in_doubt,
    });
    if records.in_doubt {
        edits.put(UndatedProof { order: id });
    }
    records.update_order(&mut edits, order);
    records.pin_outside(&mut edits, known);
    edits.put(ProofOrder { sha256: proof.sha256.clone(), order: id });
    Ok((edits, Reply::ProofTaken(id)))
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
    let others = places::open(records, catalog, order.customer, now).filter(|o| o.id != order.id);
    let within_limit = others.count() < place::limit(catalog);
    let selector = &order.plan.selector;
    if within_limit && places::promise(records, catalog, selector, now, edits).is_ok() {
        return until;
    }
    now
}

/// A proof that came to nothing, since its order was declined or given up, may back another order
/// of the same customer.
fn may_be_used_again(records: &Records<'_>, before: OrderId, order: &Order, now: UnixMs) -> bool {
    records.snapshot.order(before).is_some_and(|before| {
        let nothing = matches!(before.state(now), OrderState::Declined | OrderState::Cancelled);
        nothing && before.id != order.id && before.customer == order.customer
    })
}

/// A late proof, or one after a cancel, reopens its order: nobody pays for nothing.
const fn takes_proof(state: OrderState) -> bool {
    matches!(
        state,
        OrderState::AwaitingPayment
            | OrderState::AwaitingReview
            | OrderState::Expired
            | OrderState::Cancelled
    )
}

/// The customer's order that most wants a proof: an unpaid one, else the newest that takes one.
fn wanting_proof<'a>(records: &Records<'a>, by: &Person, now: UnixMs) -> Option<&'a Order> {
    records
        .snapshot
        .undecided_orders(by.id)
        .filter(|o| takes_proof(o.state(now)))
        .max_by_key(|o| (o.state(now) == OrderState::AwaitingPayment, o.id))
}
