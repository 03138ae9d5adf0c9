//! Servers: what the files say of each, what was last seen of it, and what the last pass left alone.

use super::super::sources::Admin;
use super::asked::{Answer, known_server};
use crate::catalog::{Catalog, Server};
use crate::controller::{LoopStats, Moves, ServerStats};
use crate::model::{ServerId, ServerStatus, Snapshot};
use axum::Json;
use axum::extract::{Path, State};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The most notes of the last pass that a page shows.
const NOTES: usize = 50;

pub(super) async fn answer_list(State(admin): State<Admin>) -> Answer {
    Ok(Json(list(&admin.store.snapshot(), &(admin.in_force)(), &admin.stats)))
}

/// Every server that a file names or that was ever seen, in the order of their ids.
pub(crate) fn list(snapshot: &Snapshot, catalog: &Catalog, stats: &LoopStats) -> Value {
    let (stats, moves) = (stats.servers(), stats.moves_away());
    let seen = snapshot.server_statuses().map(|status| &status.server);
    let all: BTreeSet<&ServerId> = catalog.servers.keys().chain(seen).collect();
    all.into_iter().map(|id| row(snapshot, catalog, (&stats, &moves), id)).collect()
}

fn row(
    snapshot: &Snapshot,
    catalog: &Catalog,
    (stats, moves): (&BTreeMap<ServerId, ServerStats>, &BTreeMap<ServerId, Moves>),
    id: &ServerId,
) -> Value {
    let never = ServerStatus::new(id.clone());
    let status = snapshot.server_status(id).unwrap_or(&never);
    let (seen, server) = (stats.get(id), catalog.servers.get(id));
    json!({
        "server": id,
        "panel": status.panel,
        "conditions": status.conditions,
        "held": status.held,
        "foreign": status.foreign,
        "orphans": status.orphans,
        "bound": snapshot.bound_count(id),
        "moves": moves.get(id).map(|m| json!({
            "waiting": m.waiting,
            "no_room": m.no_room,
            "under_way": m.under_way,
        })),
        "changes_wanted": seen.map(|n| n.wanted),
        "reachable": seen.map(|n| n.reachable),
        "waiting": seen.map(|n| n.report.notes.len()),
        "lifecycle": server.map(|s| s.lifecycle),
        "mode": server.map(|s| s.mode),
        "capacity": server.map(|s| s.capacity),
        "removed": catalog.retained_servers.contains(id),
    })
}

pub(super) async fn answer(State(admin): State<Admin>, Path(id): Path<String>) -> Answer {
    let id = known_server(&admin, &id)?;
    let (snapshot, catalog) = (admin.store.snapshot(), (admin.in_force)());
    let stats = admin.stats.servers();
    let mut page = row(&snapshot, &catalog, (&stats, &admin.stats.moves_away()), &id);
    let seen = stats.get(&id);
    let notes = seen.into_iter().flat_map(|n| n.report.notes.iter().take(NOTES));
    let status = snapshot.server_status(&id);
    let facts = snapshot.server_facts(&id).into_iter().flat_map(|facts| &facts.inbounds);
    let more = json!({
        "file": catalog.servers.get(&id).map(definition),
        "failure": status.and_then(|s| s.failure.as_ref()),
        "outage": status.and_then(|s| s.outage),
        "home": snapshot.server_home(&id),
        "unexplained_this_hour": seen.map(|n| n.unexplained),
        "listed_at_ms": snapshot.last_list(&id).map(|at| at.0),
        "ours": seen.map(|n| n.ours),
        "changes": seen.map(|n| json!({ "first": &*n.changes, "by_verb": n.by_verb })),
        "waits": notes.map(|note| json!({ "account": note.account, "reason": note.waiting.name() })).collect::<Vec<_>>(),
        "inbounds": facts.map(|inbound| json!({
            "id": inbound.id, "remark": inbound.remark, "protocol": inbound.protocol,
            "port": inbound.port, "on": inbound.enable,
        })).collect::<Vec<_>>(),
    });
    if let (Some(page), Value::Object(more)) = (page.as_object_mut(), more) {
        page.extend(more);
    }
    Ok(Json(page))
}

/// A server as its file has it; the name of its keys is no key.
fn definition(server: &Server) -> Value {
    json!({
        "host": server.host,
        "gateway": server.gateway,
        "keys": server.keys,
        "inbounds": server.inbounds,
        "labels": server.labels,
        "weight": server.weight,
        "line_bits_per_second": server.line_bits_per_second,
        "drift": server.drift,
        "confirm": server.confirm,
    })
}
