//! Accounts and servers as an operator reads them: conditions, and why not. No secrets.

use crate::controller::LoopStats;
use crate::model::{AccountId, Condition, Disposition, Entitlement, Snapshot, UnixMs};
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
        "suspension": account.suspension.as_deref().map(|s| json!({
            "reason": s.reason,
            "since_ms": s.since.0,
        })),
        "credentials_version": account.credentials.version,
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

/// Some accounts in the order of their ids, a line's worth each; `next` is what to ask after for more.
pub(super) fn list(
    snapshot: &Snapshot,
    stats: &LoopStats,
    (after, limit): (Option<AccountId>, usize),
    now: UnixMs,
) -> Value {
    let reports = stats.servers();
    let mut some: Vec<_> = snapshot.accounts_after(after).take(limit.saturating_add(1)).collect();
    let more = some.len() > limit;
    some.truncate(limit);
    let next = some.last().filter(|_| more).map(|account| account.id);
    let accounts: Vec<Value> = some
        .into_iter()
        .map(|account| {
            let sold = Entitlement::of(snapshot, account.id);
            let serving: Vec<_> = snapshot
                .bindings(account.id)
                .filter(|b| b.disposition == Disposition::Serving)
                .map(|b| &b.server)
                .collect();
            let waits: Vec<&str> = serving
                .iter()
                .filter_map(|server| reports.get(*server))
                .flat_map(|n| n.report.of(account.id).map(|w| w.name()))
                .collect();
            let status = snapshot.account_status(account.id).map(|s| s.conditions.as_slice());
            json!({
                "id": account.id,
                "customer": account.customer,
                "family": account.family,
                "standing": sold.as_ref().map(|e| format!("{:?}", e.standing(now))),
                "ends_at_ms": sold.as_ref().map(|e| e.ends_at.0),
                "used_bytes": sold.as_ref().map(|e| e.used.0),
                "granted": sold.as_ref().map(|e| e.granted.to_string()),
                "devices": sold.as_ref().map(|e| e.devices),
                "servers": serving,
                "waits_for": waits,
                "conditions": conditions(status, now),
            })
        })
        .collect();
    json!({ "accounts": accounts, "next": next })
}

/// Every server that was ever seen.
pub(crate) fn servers(snapshot: &Snapshot, stats: &LoopStats) -> Value {
    let moves = stats.moves_away();
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
                "moves": moves.get(&s.server).map(|m| json!({
                    "waiting": m.waiting,
                    "no_room": m.no_room,
                    "under_way": m.under_way,
                })),
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

#[cfg(test)]
mod tests {
    use super::*;
    use nebulalinks_testkit::{shop, world::World};

    #[test]
    fn the_pages_of_the_list_hold_every_account_once() {
        let world = World::settled(shop::catalog(), 5, "basic-30");
        let stats = LoopStats::default();
        let mut after = None;
        let mut told = Vec::new();
        loop {
            let page = list(&world.snapshot, &stats, (after, 2), world.now);
            let rows = page["accounts"].as_array().unwrap();
            assert!(rows.len() <= 2);
            assert!(rows.iter().all(|row| row["standing"] == "Active"), "{page:#}");
            told.extend(rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()));
            after = page["next"].as_str().map(|id| id.parse().unwrap());
            if after.is_none() {
                break;
            }
        }
        let all: Vec<String> = world.snapshot.accounts().map(|a| a.id.to_string()).collect();
        assert_eq!((told, all.len()), (all, 5));
    }
}
