//! Customers: whoever has an account, in the order of their Discord ids.

use super::super::sources::Admin;
use super::asked::{Answer, Asked, Lines, Part};
use crate::model::{ConditionKind, CustomerId, Snapshot, UnixMs};
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// So many accounts of one customer are looked at.
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
    let all = snapshot.customers_after(wanted.after);
    let part = Part::of(all, wanted.limit.0, |id| *id, |_| true);
    let rows: Vec<Value> = part.rows.iter().map(|id| row(&snapshot, *id, now)).collect();
    Ok(Json(json!({ "customers": rows, "next": part.next })))
}

fn row(snapshot: &Snapshot, id: CustomerId, now: UnixMs) -> Value {
    let accounts: Vec<_> = snapshot.accounts_of(id).take(ACCOUNTS).collect();
    let conditions = accounts.iter().filter_map(|account| snapshot.account_status(account.id));
    let kinds: BTreeSet<ConditionKind> =
        conditions.flat_map(|status| status.conditions.iter().map(|c| c.kind)).collect();
    let open = snapshot.undecided_orders(id).filter(|order| order.settled_at(now).is_none());
    json!({
        "id": id,
        "name": accounts.last().map(|account| &account.customer_name),
        "accounts": accounts.len(),
        "families": accounts.iter().map(|account| &account.family).collect::<BTreeSet<_>>(),
        "open_orders": open.count(),
        "since_ms": accounts.first().map(|account| account.created_at.0),
        "conditions": kinds.iter().map(|kind| json!({ "type": kind })).collect::<Vec<_>>(),
    })
}
