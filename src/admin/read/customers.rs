//! Customers in the order of their ids: whoever has ordered, or had a client adopted.

use super::super::sources::Admin;
use super::asked::{Answer, Asked, Lines, Part, Refused};
use super::find;
use crate::catalog::Catalog;
use crate::model::{
    Account, ConditionKind, Customer, CustomerId, Entitlement, Order, Snapshot, UnixMs,
};
use axum::Json;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// So many accounts, and so many open orders, of one customer are looked at.
const ACCOUNTS: usize = 100;

/// Which customers are asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    after: Option<CustomerId>,
    #[serde(default)]
    limit: Lines,
}

pub(super) async fn answer_list(
    State(admin): State<Admin>,
    Asked(wanted): Asked<Wanted>,
) -> Answer {
    let (snapshot, now) = (admin.store.snapshot(), admin.time.reading().now);
    let catalog = (admin.in_force)();
    let all = snapshot.customers_after(wanted.after);
    let part = Part::of(all, wanted.limit.0, |customer| customer.id, |_| true);
    let rows: Vec<Value> =
        part.rows.into_iter().map(|one| row(&snapshot, &catalog, one, now)).collect();
    Ok(Json(json!({ "customers": rows, "next": part.next })))
}

fn row(snapshot: &Snapshot, catalog: &Catalog, customer: &Customer, now: UnixMs) -> Value {
    let (id, note) = (customer.id, customer.note.as_deref());
    let accounts: Vec<_> = snapshot.accounts_of(id).take(ACCOUNTS).collect();
    let conditions = accounts.iter().filter_map(|account| snapshot.account_status(account.id));
    let kinds: BTreeSet<ConditionKind> =
        conditions.flat_map(|status| status.conditions.iter().map(|c| c.kind)).collect();
    let open = snapshot.undecided_orders(id).filter(|order| order.settled_at(now).is_none());
    json!({
        "id": id,
        "identities": customer.identities,
        "name": customer.name,
        "language": catalog.language_read(customer.reads()),
        "accounts": snapshot.accounts_of(id).count(),
        "families": accounts.iter().map(|account| &account.family).collect::<BTreeSet<_>>(),
        "open_orders": open.count(),
        "since_ms": customer.created_at.0,
        "note": note.map(|note| &note.text),
        "noted_by": note.map(|note| note.by.to_string()),
        "noted_at_ms": note.map(|note| note.at.0),
        "forgotten_at_ms": customer.forgotten().map(|forgotten| forgotten.at.0),
        "conditions": kinds.iter().map(|kind| json!({ "type": kind })).collect::<Vec<_>>(),
    })
}

pub(super) async fn answer(State(admin): State<Admin>, Path(id): Path<String>) -> Answer {
    let (snapshot, now) = (admin.store.snapshot(), admin.time.reading().now);
    let id = find::customer(&snapshot, &id)?;
    let unknown = || Refused::unknown(format!("there is no customer {id}"));
    let customer = snapshot.customer(id).ok_or_else(unknown)?;
    Ok(Json(page(&snapshot, &(admin.in_force)(), customer, now)))
}

/// All of a customer: who they are, what they have, and what they ordered that nobody decided yet.
fn page(snapshot: &Snapshot, catalog: &Catalog, customer: &Customer, now: UnixMs) -> Value {
    let mut page = row(snapshot, catalog, customer, now);
    let account = |account: &Account| {
        let sold = Entitlement::of(snapshot, account.id);
        let status = snapshot.account_status(account.id).map(|s| s.conditions.as_slice());
        json!({
            "id": account.id,
            "family": account.family,
            "standing": sold.as_ref().map(|e| format!("{:?}", e.standing(now))),
            "ends_at_ms": sold.as_ref().map(|e| e.ends_at.0),
            "server": snapshot.home(account.id).map(|binding| &binding.server),
            "conditions": super::accounts::conditions(status, now),
        })
    };
    let order = |order: &Order| {
        json!({
            "id": order.id,
            "state": order.state(now).name(),
            "plan": order.plan.id,
            "price": order.method.price.to_string(),
            "placed_at_ms": order.placed_at.0,
        })
    };
    let (id, orders) = (customer.id, snapshot.undecided_orders(customer.id));
    let forget = match snapshot.to_be_forgotten(id, now) {
        Ok(there) => json!({
            "accounts": there.accounts, "orders": there.orders, "tried": there.tried,
        }),
        Err(why) => json!({ "refused": why.to_string() }),
    };
    let invites = catalog.shop.referral.is_some() && customer.forgotten().is_none();
    let code = snapshot.invite_code(id).filter(|_| invites);
    let more = json!({
        "invites_by": code.map(|code| code.to_string()),
        "invited_by": customer.invited_by(),
        "being_forgotten": customer.to_forget().is_some(),
        "forget": forget,
        "has": snapshot.accounts_of(id).take(ACCOUNTS).map(account).collect::<Vec<_>>(),
        "orders": orders.take(ACCOUNTS).map(order).collect::<Vec<_>>(),
    });
    if let (Some(page), Value::Object(more)) = (page.as_object_mut(), more) {
        page.extend(more);
    }
    page
}
