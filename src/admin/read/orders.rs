//! Orders as operators read them, archived ones too.

use super::super::sources::Admin;
use super::asked::{Answer, Asked, Lines, Part, Refused};
use super::find;
use crate::catalog::Catalog;
use crate::model::{
    CustomerId, Decision, Order, OrderId, OrderLine, OrderState, Snapshot, SurfaceKey, Target,
    UnixMs, Verdict,
};
use axum::Json;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Value, json};

/// Which orders are asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    after: Option<OrderId>,
    #[serde(default)]
    limit: Lines,
    state: Option<String>,
    customer: Option<String>,
}

pub(super) async fn answer_list(
    State(admin): State<Admin>,
    Asked(wanted): Asked<Wanted>,
) -> Answer {
    let (snapshot, now) = (admin.store.snapshot(), admin.time.reading().now);
    let state = wanted.state.as_deref().map(state_named).transpose()?;
    let customer = wanted.customer.as_deref();
    let customer = customer.map(|text| find::customer(&snapshot, text)).transpose()?;
    let part = part(&snapshot, &wanted, (customer, state), now);
    let mut rows = Vec::with_capacity(part.rows.len());
    for line in &part.rows {
        // One that left the store between two looks is left out.
        if let Some(order) = find::by_id(&admin, &snapshot, line.id).await? {
            rows.push(row(&snapshot, &order, now));
        }
    }
    Ok(Json(json!({ "orders": rows, "next": part.next })))
}

fn state_named(text: &str) -> Result<OrderState, Refused> {
    let all = OrderState::ALL;
    let found = all.into_iter().find(|state| state.name().eq_ignore_ascii_case(text));
    found.ok_or_else(|| Refused::word("state of orders", text, all.map(OrderState::name)))
}

/// The wanted ones, the newest first.
fn part(
    snapshot: &Snapshot,
    wanted: &Wanted,
    (customer, state): (Option<CustomerId>, Option<OrderState>),
    now: UnixMs,
) -> Part<OrderLine, OrderId> {
    let limit = wanted.limit.0;
    let is_wanted = |line: &OrderLine| {
        state.is_none_or(|state| line.state == state)
            && customer.is_none_or(|customer| line.customer == customer)
    };
    if state.is_some_and(|state| snapshot.orders_in(state, now) == 0) {
        return Part { rows: Vec::new(), next: None };
    }
    let open = [OrderState::AwaitingPayment, OrderState::AwaitingReview];
    let open = state.is_some_and(|state| open.contains(&state));
    if let Some(customer) = customer.filter(|_| open) {
        // A customer may have few of these at once.
        let line = |o: &Order| OrderLine { id: o.id, customer: o.customer, state: o.state(now) };
        let mut own: Vec<OrderLine> = snapshot.undecided_orders(customer).map(line).collect();
        own.reverse();
        let older = own.into_iter().filter(|line| wanted.after.is_none_or(|after| line.id < after));
        return Part::of(older, limit, |line| line.id, is_wanted);
    }
    Part::of(snapshot.orders_before(wanted.after, now), limit, |line| line.id, is_wanted)
}

/// An order, a line's worth.
fn row(snapshot: &Snapshot, order: &Order, now: UnixMs) -> Value {
    json!({
        "id": order.id,
        "reference": order.id.reference(),
        "customer": order.customer,
        "identity": snapshot.reached_at(order.customer),
        "customer_name": snapshot.name_of(order.customer),
        "state": order.state(now).name(),
        "plan": order.plan.id,
        "family": order.plan.family,
        "method": order.method.method,
        "price": order.method.price.to_string(),
        "promo": order.code().map(|code| &code.promo),
        "full_price": order.code().map(|code| code.full.to_string()),
        "lost_promo": order.lost_code().map(|code| &code.promo),
        "placed_at_ms": order.placed_at.0,
        "settled_at_ms": order.settled_at(now).map(|at| at.0),
        "proofs": order.evidence.len(),
        "account": order.approved_account(),
        "renews": match order.target {
            Target::Renew(account) => Some(account),
            Target::New => None,
        },
        "archived": order.archived,
    })
}

pub(super) async fn answer(State(admin): State<Admin>, Path(id): Path<String>) -> Answer {
    let (snapshot, now) = (admin.store.snapshot(), admin.time.reading().now);
    let order = find::order(&admin, &snapshot, &id).await?;
    Ok(Json(page(&snapshot, &(admin.in_force)(), &order, now)))
}

/// All of an order.
fn page(snapshot: &Snapshot, catalog: &Catalog, order: &Order, now: UnixMs) -> Value {
    let mut page = row(snapshot, order, now);
    let more = json!({
        "language": catalog.language_read(snapshot.reads(order.customer)),
        "sold": {
            "revision": order.plan.revision,
            "commit": order.plan.commit,
            "length_ms": order.plan.length.0,
            "traffic": order.plan.quota.to_string(),
            "devices": order.plan.devices,
            "servers": order.plan.selector,
        },
        "pay_by_ms": order.pay_by.0,
        "place_until_ms": order.claims_place().map(|until| until.0),
        "decision": order.decision.as_ref().map(decision),
        "cancelled": order.cancelled.as_ref().map(|c| json!({ "by": c.by, "at_ms": c.at.0 })),
        "reversed": order.reversed.as_ref().map(|r| json!({ "by": r.by, "at_ms": r.at.0, "reason": r.reason })),
        "reopened": order.reopened.as_ref().map(|r| json!({ "by": r.by, "at_ms": r.at.0, "reason": r.reason })),
        "evidence": order.evidence.iter().map(|proof| json!({
            "file": proof.file_name(),
            "size_bytes": proof.size_bytes,
            "at_ms": proof.at.0,
            "undated": proof.undated,
            "deleted_at_ms": proof.deleted_at.map(|at| at.0),
        })).collect::<Vec<_>>(),
        "surfaces": SurfaceKey::of_order(order.id).map(|key| json!({
            "kind": key.kind(),
            "state": snapshot.surface(key).map(|surface| surface.state().name()),
            "refused": snapshot.surface(key).and_then(|s| s.refused.as_ref()).map(|r| &r.code),
        })),
    });
    if let (Some(page), Value::Object(more)) = (page.as_object_mut(), more) {
        page.extend(more);
    }
    page
}

fn decision(decision: &Decision) -> Value {
    let (word, reason, reference) = match &decision.verdict {
        Verdict::Approved { reference, .. } => ("approved", None, reference.as_ref()),
        Verdict::Declined { reason } => ("declined", Some(reason), None),
    };
    let (by, at_ms) = (&decision.by, decision.at.0);
    json!({ "verdict": word, "by": by, "at_ms": at_ms, "reason": reason, "reference": reference })
}
