//! The payment's own number: what a customer types beside a proof, and what staff approve with. One backs at most one
//! order that was paid; that it stands under another one, too, is said to staff.

use super::records::Records;
use super::{Rejection, reference};
use crate::model::{
    Edits, Key, MethodId, Order, OrderId, OrderState, PaymentReference, Record, Snapshot,
    StatedReference, UnixMs,
};
use std::collections::BTreeSet;

/// Where a number may stand already: as it is compared now, and as records of before held it.
fn keys(method: &MethodId, typed: &str) -> Vec<Key> {
    let forms = BTreeSet::from([
        reference::normal(typed),
        reference::with_separators(typed),
        reference::as_before(typed),
    ]);
    let key = |form| Key::PaymentReference(method.clone(), form);
    forms.into_iter().flatten().map(key).collect()
}

/// Where what a customer typed may stand.
pub(super) fn keys_of_stated(method: &MethodId, typed: &str) -> Vec<Key> {
    reference::as_typed(typed).map(|typed| keys(method, &typed)).unwrap_or_default()
}

/// Where an approval looks for the number that it takes, and frees those that it does not.
pub(super) fn keys_of_approval(order: &Order, typed: Option<&str>) -> Vec<Key> {
    let taken = number_of(order, typed).map(|number| keys(&order.method.method, number));
    taken.into_iter().flatten().chain(PaymentReference::keys_of(order)).collect()
}

/// What staff typed, else what counts as the order's own.
fn number_of<'a>(order: &'a Order, typed: Option<&'a str>) -> Option<&'a str> {
    let typed = typed.filter(|typed| reference::normal(typed).is_some());
    typed.or_else(|| order.own_reference())
}

/// Whether an order was declined or given up, so that its proofs, and the numbers that were typed with them, may back
/// another one.
#[must_use]
pub fn came_to_nothing(snapshot: &Snapshot, order: OrderId, now: UnixMs) -> bool {
    let state = state_of(snapshot, order, now);
    state.is_some_and(|state| matches!(state, OrderState::Declined | OrderState::Cancelled))
}

/// Where an order stands, an archived one too.
fn state_of(snapshot: &Snapshot, order: OrderId, now: UnixMs) -> Option<OrderState> {
    let archived = || snapshot.archived_order(order).map(|o| o.state);
    snapshot.order(order).map(|o| o.state(now)).or_else(archived)
}

/// What a customer typed with a proof. The first order of it has the number, until staff decide; of another order it
/// is said which one that is.
pub(super) fn state(
    records: &Records<'_>,
    order: &Order,
    typed: &str,
    now: UnixMs,
    edits: &mut Edits,
) -> Option<Box<StatedReference>> {
    let method = &order.method.method;
    let typed = reference::as_typed(typed)?;
    let number = reference::normal(&typed).filter(|text| reference::is_number(text));
    let of = |key: &Key| Some(held(records, key)?.order);
    let theirs = |other: &OrderId| {
        let own = records.snapshot.buyer(*other) == Some(order.customer);
        *other == order.id || (own && came_to_nothing(records.snapshot, *other, now))
    };
    let holders: Vec<_> = match &number {
        Some(_) => keys(method, &typed).iter().filter_map(of).collect(),
        None => Vec::new(),
    };
    let seen = holders.into_iter().find(|other| !theirs(other));
    let own = number.filter(|_| seen.is_none());
    if let Some(number) = &own {
        hold(records, order, number, edits);
    }
    let own = own.map(Into::into);
    Some(Box::new(StatedReference { typed: typed.into(), own, seen }))
}

/// The number that an order is approved with: what staff typed, else what its customer did, unless staff read of it
/// that it stands under another order.
///
/// # Errors
/// It was paid with already.
pub(super) fn take(
    records: &Records<'_>,
    order: &Order,
    typed: Option<&str>,
    now: UnixMs,
    edits: &mut Edits,
) -> Result<Option<String>, Rejection> {
    let text = number_of(order, typed);
    let number = text.and_then(reference::normal);
    let asked = text.map(|text| keys(&order.method.method, text)).unwrap_or_default();
    for key in &asked {
        let other = held(records, key).map(|held| held.order).filter(|other| *other != order.id);
        if let Some(other) = other.filter(|other| was_paid(records, *other, now)) {
            return Err(Rejection::DuplicateReference(other));
        }
    }
    // What its customer typed and it is not approved with is free again.
    for key in PaymentReference::keys_of(order) {
        if held(records, &key).is_some_and(|held| held.order == order.id) {
            records.pin_outside(edits, key.clone());
            edits.delete(key);
        }
    }
    if let Some(number) = &number {
        hold(records, order, number, edits);
    }
    Ok(number)
}

/// Writes that an order has this number. Of two that take it at the same moment one is decided on anew.
fn hold(records: &Records<'_>, order: &Order, number: &str, edits: &mut Edits) {
    let (method, reference) = (order.method.method.clone(), number.to_owned());
    let key = Key::PaymentReference(method.clone(), reference.clone());
    records.pin_outside(edits, key.clone());
    edits.deletes.remove(&key);
    edits.put(PaymentReference { method, reference, order: order.id });
}

fn held<'a>(records: &Records<'a>, key: &Key) -> Option<&'a PaymentReference> {
    match &records.outside(key)?.value {
        Record::PaymentReference(held) => Some(held),
        _ => None,
    }
}

/// Whether a number of this order's backs a term, or did before that was taken back. One that is in no record is held
/// for one.
fn was_paid(records: &Records<'_>, order: OrderId, now: UnixMs) -> bool {
    let state = state_of(records.snapshot, order, now);
    state.is_none_or(|state| matches!(state, OrderState::Approved | OrderState::Reversed))
}
