//! A promo code on an order: what is due with it is pinned there, whatever becomes of the file.

use super::records::{Decided, Records};
use super::{Person, Rejection, Reply, places, reference};
use crate::catalog::{Catalog, Promo, same_code};
use crate::model::{
    CodeProblem, CustomerId, Edits, Order, OrderId, OrderPromo, OrderState, Snapshot, UnixMs,
};

/// The code that somebody typed or pasted, whatever it is good for: in any script's digits, and without the
/// marks of direction that come with a copied text.
pub(super) fn typed<'c>(catalog: &'c Catalog, text: &str) -> Option<&'c Promo> {
    let text = reference::normal(text)?;
    catalog.promos.iter().find(|promo| same_code(&promo.code, &text))
}

/// An order that comes back after it was given up or not paid in time takes its code once more, as if it
/// were entered now. Where it does not count any more, the order is due in full, and keeps that it had one.
pub(super) fn once_more(records: &Records<'_>, catalog: &Catalog, order: &mut Order, now: UnixMs) {
    let Some(had) = order.code() else { return };
    let promo = catalog.promos.iter().find(|promo| promo.id == had.promo);
    let who = (order.customer, true);
    let counts =
        promo.is_some_and(|promo| check(records.snapshot, catalog, promo, who, now).is_ok());
    if !counts {
        order.method.price = had.full.clone();
    }
}

/// Whether a customer may use a code now, for this plan.
///
/// # Errors
/// Who has nothing of the shop yet is not told of codes whose days are to come or are over.
pub(super) fn check(
    snapshot: &Snapshot,
    catalog: &Catalog,
    promo: &Promo,
    (customer, covered): (CustomerId, bool),
    now: UnixMs,
) -> Result<(), CodeProblem> {
    let zone = &catalog.shop.time_zone;
    if !promo.is_valid(now, zone) {
        let is_stranger = snapshot.accounts_of(customer).next().is_none();
        return Err(match (is_stranger, promo.is_over(now, zone)) {
            (true, _) => CodeProblem::Unknown,
            (false, true) => CodeProblem::Over,
            (false, false) => CodeProblem::NotYet,
        });
    }
    if !covered {
        return Err(CodeProblem::OtherPlan);
    }
    if snapshot.code_uses_of(&promo.id, customer, now) >= promo.per_customer as usize {
        return Err(CodeProblem::UsedByThem);
    }
    if promo.is_used_up(snapshot.code_uses(&promo.id, now)) {
        return Err(CodeProblem::UsedUp);
    }
    Ok(())
}

/// Reduces an order that nobody has paid yet, once.
pub(super) fn reduce(
    records: &Records<'_>,
    catalog: &Catalog,
    id: OrderId,
    code: &str,
    by: &Person,
    now: UnixMs,
) -> Result<Decided, Rejection> {
    let customer = records.snapshot.customer_of(by.identity);
    let theirs = records.snapshot.order(id).filter(|order| Some(order.customer) == customer);
    let order = theirs.ok_or(Rejection::UnknownOrder)?;
    let promo = typed(catalog, code);
    if let Some(had) = order.code() {
        // A redelivered dialog finds it done, whatever has become of the order and the code since.
        return match promo.is_some_and(|promo| promo.id == had.promo) {
            true => Ok((Edits::new(), Reply::Reduced(id))),
            false => Err(Rejection::Code(CodeProblem::Another)),
        };
    }
    let state = order.state(now);
    if state != OrderState::AwaitingPayment {
        return Err(Rejection::WrongState(id, state));
    }
    let promo = promo.ok_or(Rejection::Code(CodeProblem::Unknown))?;
    let covered = promo.plans.covers(&order.plan.id, &order.plan.family);
    let who = (order.customer, covered);
    check(records.snapshot, catalog, promo, who, now).map_err(Rejection::Code)?;
    if promo.gift().is_some() {
        return Err(Rejection::Code(CodeProblem::OfAccounts));
    }
    let full = &order.method.price;
    let due = promo.reduced(full).ok_or(Rejection::Code(CodeProblem::OtherPlan))?;
    let mut edits = Edits::new();
    // Of two who use it for the last time at once, one finds that out.
    places::bump(records, &mut edits);
    let mut order = order.clone();
    order.promo = Some(Box::new(OrderPromo { promo: promo.id.clone(), full: full.clone() }));
    order.method.price = due;
    records.update_order(&mut edits, order);
    Ok((edits, Reply::Reduced(id)))
}
