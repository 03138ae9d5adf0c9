//! A place that an order is promised, and the one record that every promise bumps.

use super::Rejection;
use super::records::Records;
use crate::catalog::{Catalog, Places, ServerLifecycle, Unserved};
use crate::model::{
    AccountId, Binding, Disposition, Edits, Key, Order, OrderState, Reservations, Selector, Target,
    UnixMs,
};

/// Promises a place on one of these servers.
///
/// # Errors
/// Every place is taken, or promised to somebody.
pub(super) fn promise(
    records: &Records<'_>,
    catalog: &Catalog,
    selector: &Selector,
    now: UnixMs,
    edits: &mut Edits,
) -> Result<(), Rejection> {
    if !Places::with_stranded(records.snapshot, catalog, now).take_one_more(selector) {
        return Err(Rejection::NoCapacity);
    }
    bump(records, edits);
    Ok(())
}

/// Promises a place to a new order, where the shop takes one that no server can serve now.
///
/// # Errors
/// As [`promise`]; or no server that has a place can be used, and shop.yaml refuses such orders.
pub(super) fn promise_new(
    records: &Records<'_>,
    catalog: &Catalog,
    selector: &Selector,
    now: UnixMs,
    edits: &mut Edits,
) -> Result<(), Rejection> {
    promise(records, catalog, selector, now, edits)?;
    let unserved = || {
        let places = Places::with_stranded(records.snapshot, catalog, now);
        places.is_unserved(records.snapshot, selector)
    };
    match catalog.shop.orders.unserved {
        Unserved::Refuse if unserved() => Err(Rejection::Unserved),
        Unserved::Refuse | Unserved::Mark => Ok(()),
    }
}

/// Whether one more order can be given a place where it is talked about.
///
/// # Errors
/// Orders have channels, and every one that the shop's categories hold is taken. Two that are decided at the same
/// moment may both pass: [`CHANNELS_IN_A_CATEGORY`](crate::catalog::CHANNELS_IN_A_CATEGORY) leaves room for that.
pub(super) fn is_room(records: &Records<'_>, catalog: &Catalog) -> Result<(), Rejection> {
    let taken = records.snapshot.orders_in_channels();
    match catalog.shop.orders.most_channels() {
        Some(most) if taken >= most => Err(Rejection::NoRoom),
        Some(_) | None => Ok(()),
    }
}

/// Promises a place to an order whose own lapsed or was given back: one that is free, and if its
/// customer may have one more open order. Says whether it has one now.
pub(super) fn promise_again(
    records: &Records<'_>,
    catalog: &Catalog,
    order: &Order,
    now: UnixMs,
    edits: &mut Edits,
) -> bool {
    let others = open(records, catalog, order.customer, now).filter(|o| o.id != order.id);
    others.count() < limit(catalog)
        && promise(records, catalog, &order.plan.selector, now, edits).is_ok()
}

/// Two decisions about places on one snapshot must not both hold.
pub(super) fn bump(records: &Records<'_>, edits: &mut Edits) {
    let taken = records.snapshot.reservations().map_or(0, |r| r.taken);
    records.pin(edits, Key::Reservations());
    edits.put(Reservations { taken: taken + 1 });
}

/// Whether an account has a place of its own: a server that serves it, a tombstone that one more
/// term revives, or the promise of one. That stays so until the commit.
pub(super) fn keeps_own(
    records: &Records<'_>,
    catalog: &Catalog,
    account: AccountId,
    now: UnixMs,
    edits: &mut Edits,
) -> bool {
    let snapshot = records.snapshot;
    for binding in snapshot.bindings(account) {
        records.pin(edits, Key::Binding(account, binding.server.clone()));
    }
    let is_tombstone = |b: &&Binding| matches!(b.disposition, Disposition::Tombstoned { .. });
    if !snapshot.bindings(account).all(|b| is_tombstone(&b)) {
        return true;
    }
    for binding in snapshot.bindings(account) {
        let lifecycle = catalog.servers.get(&binding.server).map(|s| s.lifecycle);
        if matches!(lifecycle, Some(ServerLifecycle::Retired | ServerLifecycle::Lost)) {
            // Its server serves nobody any more: that place is gone.
            edits.delete(Key::Binding(account, binding.server.clone()));
            edits.delete(Key::BindingStatus(account, binding.server.clone()));
        } else {
            // Written as it is: a deletion that is under way rests on the tombstone as it was.
            edits.put(binding.clone());
            return true;
        }
    }
    snapshot.claim_of(account, now).is_some()
}

/// Whether an order wants a place that nobody keeps for it now: approved, its account waits for
/// one.
pub(super) fn wants_place(
    records: &Records<'_>,
    catalog: &Catalog,
    order: &Order,
    now: UnixMs,
    edits: &mut Edits,
) -> bool {
    match order.target {
        Target::New => !order.keeps_place(now),
        Target::Renew(account) => !keeps_own(records, catalog, account, now, edits),
    }
}

/// How many orders of one customer may be open at once.
pub(super) fn limit(catalog: &Catalog) -> usize {
    catalog.shop.limits.open_orders as usize
}

/// A customer's orders that count against the limit: unpaid ones, and those whose review has not
/// lapsed.
pub(super) fn open<'a>(
    records: &Records<'a>,
    catalog: &'a Catalog,
    customer: crate::model::CustomerId,
    now: UnixMs,
) -> impl Iterator<Item = &'a Order> {
    let lapses = catalog.shop.orders.review_within;
    records.snapshot.undecided_orders(customer).filter(move |o| match o.state(now) {
        OrderState::AwaitingPayment => true,
        OrderState::AwaitingReview => o.first_proof().is_some_and(|at| now < at + lapses),
        _ => false,
    })
}
