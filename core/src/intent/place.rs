//! Placing an order: what is sold is copied into it, and a place is reserved.

use super::records::{Decided, Records, kind_of};
use super::{FreshIds, Placement, Rejection, Reply, customer, places};
use crate::catalog::{Catalog, MethodLifecycle, Plan};
use crate::model::{
    Edits, Entitlement, InteractionOrder, Key, MethodChoice, Order, OrderByReference, OrderPlan,
    OrderState, Record, Target, UnixMs, UnpaidOrder,
};
use std::sync::Arc;

pub(super) fn place(
    records: &Records<'_>,
    catalog: &Catalog,
    asked: &Placement,
    now: UnixMs,
    ids: &FreshIds,
) -> Result<Decided, Rejection> {
    let known = records.snapshot.customer_of(asked.customer.identity);
    // A redelivered interaction finds its order again, whatever has changed since.
    if let Some(Record::InteractionOrder(index)) =
        records.outside(&Key::InteractionOrder(asked.interaction)).map(|r| &r.value)
    {
        return Ok((Edits::new(), Reply::Placed(index.order)));
    }
    if !catalog.shop.limits.admits(asked.customer.identity) {
        return Err(Rejection::NotAdmitted);
    }
    let open = known.into_iter().flat_map(|known| places::open(records, catalog, known, now));
    let open: Vec<&Order> = open.collect();
    if let Some(unpaid) = open.iter().find(|o| o.state(now) == OrderState::AwaitingPayment) {
        return Ok((Edits::new(), Reply::AlreadyOpen(unpaid.id)));
    }
    if let (Some(oldest), true) = (open.first(), open.len() >= places::limit(catalog)) {
        return Err(Rejection::TooManyOpenOrders(oldest.id));
    }
    let plan = catalog.plan(&asked.plan).ok_or(Rejection::PlanNotSold)?;
    check_sold(records, catalog, asked, plan)?;
    let method = catalog
        .method(&asked.method)
        .filter(|m| m.lifecycle == MethodLifecycle::Active)
        .ok_or(Rejection::MethodNotOffered)?;
    let price = catalog.price(plan, method).ok_or(Rejection::NoPrice)?;

    places::is_room(records, catalog)?;
    let mut edits = Edits::new();
    match asked.target {
        Target::New => places::promise_new(records, catalog, &plan.servers, now, &mut edits)?,
        Target::Renew(account) => {
            if !places::keeps_own(records, catalog, account, now, &mut edits) {
                places::promise(records, catalog, &plan.servers, now, &mut edits)?;
            }
        }
    }
    let pay_by = now + catalog.shop.orders.pay_within;
    let (who, language) = (&asked.customer, asked.language);
    let customer = customer::of_person(records, who, language, (now, ids), &mut edits);
    edits.insert(Order {
        id: ids.order,
        customer,
        target: asked.target,
        plan: as_sold(plan, catalog),
        method: MethodChoice { method: method.id.clone(), price: price.clone(), at: now },
        placed_at: now,
        pay_by,
        place_until: Some(pay_by),
        evidence: Vec::new(),
        decision: None,
        cancelled: None,
        reversed: None,
        reopened: None,
        promo: None,
        archived: false,
        deleting: None,
    });
    // Taken already, the commit conflicts, and other ids are drawn.
    edits.insert(OrderByReference { reference: ids.order.reference(), order: ids.order });
    edits.insert(InteractionOrder { interaction: asked.interaction, order: ids.order });
    records.pin(&mut edits, Key::UnpaidOrder(customer));
    edits.put(UnpaidOrder { customer, order: ids.order });
    Ok((edits, Reply::Placed(ids.order)))
}

fn check_sold(
    records: &Records<'_>,
    catalog: &Catalog,
    asked: &Placement,
    plan: &Plan,
) -> Result<(), Rejection> {
    let Target::Renew(id) = asked.target else {
        // A plan that is not shown cannot be had by its id, and a trial is not paid for.
        let sold = !plan.trial && catalog.is_offered(plan);
        return if sold { Ok(()) } else { Err(Rejection::PlanNotSold) };
    };
    let account = records
        .snapshot
        .account(id)
        .filter(|a| Some(a.customer) == records.snapshot.customer_of(asked.customer.identity))
        .filter(|a| a.released().is_none())
        .ok_or(Rejection::UnknownAccount)?;
    if !catalog.renews(plan, records.snapshot.has_bought(id, &plan.id)) {
        return Err(Rejection::PlanNotSold);
    }
    let kind = Entitlement::of(records.snapshot, id).map(|e| e.kind());
    if account.family != plan.family || kind.is_some_and(|k| k != kind_of(plan.traffic)) {
        return Err(Rejection::OtherFamily);
    }
    Ok(())
}

fn as_sold(plan: &Plan, catalog: &Catalog) -> Arc<OrderPlan> {
    Arc::new(OrderPlan {
        id: plan.id.clone(),
        family: plan.family.clone(),
        revision: catalog.revision.as_str().into(),
        commit: catalog.commit_id().map(Into::into),
        name: Arc::new(plan.name.0.clone()),
        length: plan.duration,
        quota: plan.traffic,
        devices: plan.devices,
        selector: Arc::new(plan.servers.clone()),
    })
}
