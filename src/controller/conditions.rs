//! What is true of a server and of an account, said from what is stored and was seen. Pure.

use crate::catalog::{Catalog, Drift, Mode, Server};
use crate::model::{
    AccountId, Condition, ConditionKind, DeliveryState, Disposition, Entitlement, Observation,
    Snapshot, Standing, UnixMs, XrayState,
};
use crate::planner::{Guarded, Proposal};

fn condition(kind: ConditionKind, reason: impl Into<String>, now: UnixMs) -> Condition {
    Condition { kind, reason: reason.into(), since: now }
}

/// The conditions of a server that answered.
pub(super) fn server_conditions(
    snapshot: &Snapshot,
    catalog: &Catalog,
    server: &Server,
    observation: &Observation,
    proposal: &Proposal,
    guarded: &Guarded,
    now: UnixMs,
) -> Vec<Condition> {
    let mut list = Vec::new();
    match observation.panel.xray {
        XrayState::Running | XrayState::Unknown => {}
        XrayState::Stopped => list.push(condition(
            ConditionKind::Stalled,
            "xray is stopped: nobody on this server is connected; start it in the panel",
            now,
        )),
        XrayState::Error => list.push(condition(
            ConditionKind::Stalled,
            "xray does not start: nobody on this server is connected; see the panel's Xray log",
            now,
        )),
    }
    let missing: Vec<&str> = server
        .inbounds
        .iter()
        .filter(|name| {
            !observation
                .inbounds
                .iter()
                .any(|i| i.enable && (i.remark == **name || i.id.to_string() == **name))
        })
        .map(String::as_str)
        .collect();
    if !missing.is_empty() {
        list.push(condition(
            ConditionKind::Stalled,
            format!("the panel has no inbound that is on and named {}", missing.join(", ")),
            now,
        ));
    }
    if catalog.retained_servers.contains(&server.id) {
        list.push(condition(
            ConditionKind::Stalled,
            "not in servers.yaml and still in use: served by its last definition, takes nobody \
             new; put it back, or drain it there",
            now,
        ));
    }
    if let Some(held) = &guarded.held {
        list.push(condition(
            ConditionKind::Held,
            format!(
                "{} destructive changes wait; if they are right, set `confirm: {}` on {} in \
                 servers.yaml",
                held.items.len(),
                held.fingerprint,
                server.id
            ),
            now,
        ));
    }
    if !proposal.orphans.is_empty() {
        list.push(condition(
            ConditionKind::Orphans,
            format!("{} clients carry our mark and have no record", proposal.orphans.len()),
            now,
        ));
    }
    if snapshot.amnesia().is_some_and(|a| a.resolved_at.is_none()) {
        list.push(condition(
            ConditionKind::Amnesia,
            "this store is older than what a gateway has seen; nothing is taken away until it is \
             resolved",
            now,
        ));
    }
    if list.is_empty() {
        let reason = if repairs(server) { "in agreement" } else { "watched, not fully managed" };
        list.push(condition(ConditionKind::Ready, reason, now));
    }
    list
}

/// The conditions of an account.
pub(super) fn account_conditions(
    snapshot: &Snapshot,
    catalog: &Catalog,
    id: AccountId,
    no_room: bool,
    now: UnixMs,
) -> Vec<Condition> {
    let Some(entitlement) = Entitlement::of(snapshot, id) else {
        return Vec::new();
    };
    let mut list = Vec::new();
    let standing = entitlement.standing(now);
    match standing {
        Standing::Active => {}
        Standing::Suspended => {
            list.push(condition(ConditionKind::Suspended, "switched off by staff", now));
        }
        Standing::Depleted => {
            list.push(condition(ConditionKind::Depleted, "nothing of the allowance is left", now));
        }
        Standing::Expired => {
            list.push(condition(ConditionKind::Expired, "the end is reached", now));
        }
    }
    if no_room {
        list.push(condition(
            ConditionKind::Stalled,
            "no server that the plan allows has room: raise a capacity or add a server",
            now,
        ));
    }
    let want_on = standing == Standing::Active;
    let mut settled = false;
    for binding in snapshot.bindings(id) {
        if matches!(binding.disposition, Disposition::Tombstoned { .. }) {
            continue;
        }
        let server = &binding.server;
        let unreachable = snapshot
            .server_status(server)
            .and_then(|s| s.conditions.iter().find(|c| c.kind == ConditionKind::Unreachable));
        if let Some(down) = unreachable {
            let code = down.reason.split(':').next().unwrap_or_default();
            list.push(condition(
                ConditionKind::Unreachable,
                format!("{server} does not answer ({code})"),
                now,
            ));
        }
        if !catalog.servers.contains_key(server) {
            list.push(condition(
                ConditionKind::Stalled,
                format!("{server} is in no file any more: put it back, or retire it"),
                now,
            ));
        }
        let status = snapshot.binding_status(id, server);
        if let Some(problem) = status.and_then(|s| s.problem.as_ref()) {
            list.push(condition(ConditionKind::Stalled, format!("{server}: {problem}"), now));
        }
        if status.is_some_and(|s| s.implausible.is_some()) {
            list.push(condition(
                ConditionKind::Implausible,
                format!("{server}: the counter jumped faster than its line carries"),
                now,
            ));
        }
        let applied = status.and_then(|s| s.applied.as_ref());
        settled |= applied.is_some_and(|a| {
            a.enable == want_on
                && a.run == entitlement.run
                && (!want_on
                    || (a.end == crate::model::End::at(entitlement.ends_at)
                        && a.granted == entitlement.granted))
        }) && status.is_some_and(|s| s.missing_since.is_none());
    }
    if let Some(DeliveryState::Undelivered(code)) = snapshot.delivery(id).map(|d| &d.state) {
        list.push(condition(
            ConditionKind::Undelivered,
            format!("the link could not be sent ({code}); the button shows it"),
            now,
        ));
    }
    if want_on && settled {
        list.insert(0, condition(ConditionKind::Ready, "served as sold", now));
    } else if want_on && !no_room {
        list.push(condition(ConditionKind::Reconciling, "on its way to the panel", now));
    }
    list.sort_by_key(|c| c.kind);
    list
}

/// Whether changes by hand on this server are undone.
const fn repairs(server: &Server) -> bool {
    matches!((server.mode, server.drift), (Mode::Manage, Drift::Repair))
}
