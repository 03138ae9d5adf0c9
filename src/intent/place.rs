//! Placing an order: what is sold is copied into it, and a place is reserved.

use super::capacity::free_places;
use super::records::{Decided, Records, kind_of};
use super::{Draws, Placement, Rejection, Reply};
use crate::catalog::{Catalog, MethodLifecycle, Plan, PlanLifecycle};
use crate::model::{
    Edits, Entitlement, InteractionOrder, Key, MethodChoice, Order, OrderPlan, OrderState, Record,
    Reservations, Target, UnixMs, UnpaidOrder,
};

pub(super) fn place(
    records: &Records<'_>,
    catalog: &Catalog,
    asked: &Placement,
    now: UnixMs,
    draws: &Draws,
) -> Result<Decided, Rejection> {
    let customer = asked.customer.id;
    let snapshot = records.snapshot;
    // A redelivered interaction finds its order again, whatever has changed since.
    if let Some(Record::InteractionOrder(index)) =
        records.outside(&Key::InteractionOrder(asked.interaction)).map(|r| &r.value)
    {
        return Ok((Edits::new(), Reply::Placed(index.order)));
    }
    let open = snapshot.unpaid_order(customer).and_then(|index| snapshot.order(index.order));
    if let Some(order) = open.filter(|o| o.state(now) == OrderState::AwaitingPayment) {
        return Ok((Edits::new(), Reply::AlreadyOpen(order.id)));
    }
    let plan = catalog.plan(&asked.plan).ok_or(Rejection::PlanNotSold)?;
    check_sold(records, catalog, asked, plan)?;
    let method = catalog
        .method(&asked.method)
        .filter(|m| m.lifecycle == MethodLifecycle::Active)
        .ok_or(Rejection::MethodNotOffered)?;
    let price = catalog.price(plan, method).ok_or(Rejection::NoPrice)?;

    let mut edits = Edits::new();
    if asked.target == Target::New {
        if free_places(snapshot, catalog, &plan.servers, now) == 0 {
            return Err(Rejection::NoCapacity);
        }
        let taken = snapshot.reservations().map_or(0, |r| r.taken);
        records.pin(&mut edits, Key::Reservations());
        edits.put(Reservations { taken: taken + 1 });
    }
    edits.insert(Order {
        id: draws.order,
        customer,
        customer_name: asked.customer.name.clone(),
        target: asked.target,
        plan: as_sold(plan, catalog),
        method: MethodChoice { method: method.id.clone(), price: price.clone(), at: now },
        placed_at: now,
        pay_by: now + catalog.shop.orders.pay_within,
        evidence: Vec::new(),
        decision: None,
        cancelled: None,
        reversed: None,
        reopened: None,
    });
    edits.insert(InteractionOrder { interaction: asked.interaction, order: draws.order });
    records.pin(&mut edits, Key::UnpaidOrder(customer));
    edits.put(UnpaidOrder { customer, order: draws.order });
    Ok((edits, Reply::Placed(draws.order)))
}

fn check_sold(
    records: &Records<'_>,
    catalog: &Catalog,
    asked: &Placement,
    plan: &Plan,
) -> Result<(), Rejection> {
    if catalog.retained_plans.contains(&plan.id) {
        return Err(Rejection::PlanNotSold);
    }
    let Target::Renew(id) = asked.target else {
        return match plan.lifecycle {
            PlanLifecycle::Active | PlanLifecycle::Hidden => Ok(()),
            PlanLifecycle::Retired => Err(Rejection::PlanNotSold),
        };
    };
    let account = records
        .snapshot
        .account(id)
        .filter(|a| a.customer == asked.customer.id)
        .ok_or(Rejection::UnknownAccount)?;
    let kind = Entitlement::of(records.snapshot, id).map(|e| e.kind());
    if account.family != plan.family || kind.is_some_and(|k| k != kind_of(plan.traffic)) {
        return Err(Rejection::OtherFamily);
    }
    Ok(())
}

fn as_sold(plan: &Plan, catalog: &Catalog) -> OrderPlan {
    OrderPlan {
        id: plan.id.clone(),
        family: plan.family.clone(),
        revision: catalog.revision.clone(),
        name: plan.name.0.clone(),
        length: plan.duration,
        quota: plan.traffic,
        devices: plan.devices,
        selector: plan.servers.clone(),
    }
}
