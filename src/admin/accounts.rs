//! One account, or all servers, as an operator reads them: conditions, and why not. No secrets.

use crate::controller::LoopStats;
use crate::model::{AccountId, Condition, Entitlement, Snapshot, UnixMs};
use serde_json::{Value, json};

/// An account's page; `None` when there is no such account.
pub(crate) fn page(
    snapshot: &Snapshot,
    stats: &LoopStats,
    id: AccountId,
    now: UnixMs,
) -> Option<Value> {
    let account = snapshot.account(id)?;
    let entitlement = Entitlement::of(snapshot, id).map(|e| {
        json!({
            "run": e.run,
            "standing": format!("{:?}", e.standing(now)),
            "ends_at_ms": e.ends_at.0,
            "granted": e.granted.to_string(),
            "used_bytes": e.used.0,
            "over_bytes": e.over.0,
            "forgiven_bytes": e.forgiven.0,
            "left": e.left.to_string(),
            "devices": e.devices,
            "served": e.served,
            "compensated_ms": e.compensated.0,
        })
    });
    let reports = stats.servers();
    let bindings: Vec<Value> = snapshot
        .bindings(id)
        .map(|b| {
            let status = snapshot.binding_status(id, &b.server);
            let waits: Vec<&str> = reports
                .get(&b.server)
                .map(|n| n.report.of(id).map(|w| w.name()).collect())
                .unwrap_or_default();
            json!({
                "server": b.server,
                "disposition": b.disposition,
                "applied": status.and_then(|s| s.applied.as_ref()),
                "problem": status.and_then(|s| s.problem.as_ref()),
                "missing_since_ms": status.and_then(|s| s.missing_since),
                "unseen_since_ms": status.and_then(|s| s.unseen_since),
                "waits_for": waits,
            })
        })
        .collect();
    Some(json!({
        "id": id,
        "customer": account.customer,
        "family": account.family,
        "entitlement": entitlement,
        "conditions": conditions(snapshot.account_status(id).map(|s| s.conditions.as_slice()), now),
        "bindings": bindings,
        "delivery": snapshot.delivery(id).map(|d| &d.state),
        "terms": snapshot.terms(id).map(|t| json!({
            "seq": t.seq,
            "run": t.run,
            "source": t.source.to_string(),
            "length_ms": t.length.0,
            "quota": t.quota.to_string(),
            "price": t.price.as_ref().map(ToString::to_string),
        })).collect::<Vec<_>>(),
    }))
}

/// Every server that was ever seen.
pub(crate) fn servers(snapshot: &Snapshot, stats: &LoopStats) -> Value {
    let stats = stats.servers();
    let list: Vec<Value> = snapshot
        .server_statuses()
        .map(|s| {
            let seen = stats.get(&s.server);
            json!({
                "server": s.server,
                "panel": s.panel,
                "conditions": s.conditions,
                "held": s.held,
                "foreign": s.foreign,
                "orphans": s.orphans,
                "bound": snapshot.bound_count(&s.server),
                "changes_wanted": seen.map(|n| n.wanted),
                "reachable": seen.map(|n| n.reachable),
                "report": seen.map(|n| n.report.to_string()),
            })
        })
        .collect();
    Value::Array(list)
}

fn conditions(list: Option<&[Condition]>, now: UnixMs) -> Vec<Value> {
    list.unwrap_or_default()
        .iter()
        .map(|c| {
            json!({
                "type": c.kind,
                "reason": c.reason,
                "since_ms": c.since.0,
                "for_ms": now.since(c.since).0,
            })
        })
        .collect()
}
