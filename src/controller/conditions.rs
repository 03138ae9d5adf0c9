//! What is true of a server and of an account, said from what is stored and was seen. Pure.

use super::xray::Xray;
use crate::catalog::{Catalog, Drift, Mode, Server};
use crate::model::{
    AccountId, Condition, ConditionKind, DeliveryState, Disposition, Entitlement, Leap,
    Observation, Outage, Snapshot, Standing, UnixMs,
};
use crate::planner::{Guarded, Proposal, Waiting};
use crate::view::link_fault;
use std::collections::BTreeSet;

fn condition(kind: ConditionKind, reason: impl Into<String>, now: UnixMs) -> Condition {
    Condition { kind, reason: reason.into(), since: now }
}

/// Of the most inbounds of a file it is said what is wrong with them.
const MOST_SAID: usize = 8;

/// What makes a server's accounts useless though it answers.
pub(super) fn outage(server: &Server, observation: &Observation, xray: Xray) -> Option<Outage> {
    if xray.is_down() {
        return Some(Outage::XrayDown);
    }
    let mut faults = Vec::new();
    for name in &server.inbounds {
        let fault = match observation.inbound(name) {
            Ok(inbound) => link_fault(inbound, &server.host),
            Err(why) => Some(why.outage()),
        };
        faults.push(fault?);
    }
    faults.first().copied()
}

/// The conditions of a server that answered.
#[allow(clippy::too_many_arguments, reason = "everything that a pass knows")]
pub(super) fn server_conditions(
    snapshot: &Snapshot,
    catalog: &Catalog,
    server: &Server,
    observation: &Observation,
    proposal: &Proposal,
    guarded: &Guarded,
    xray: Xray,
    now: UnixMs,
) -> Vec<Condition> {
    let mut list = Vec::new();
    let down = match xray {
        Xray::Runs | Xray::Started => None,
        Xray::Stopped => {
            Some("xray is stopped: nobody on this server is connected; start it in the panel")
        }
        Xray::Fails => Some(
            "xray does not start: nobody on this server is connected; see the panel's Xray log",
        ),
        Xray::Unsteady => Some(
            "xray does not stay up: it was down, or started anew again and again, within the last \
             minutes; see the panel's Xray log",
        ),
    };
    list.extend(down.map(|reason| condition(ConditionKind::Stalled, reason, now)));
    let unreadable = observation.say_unreadable(&server.inbounds).take(MOST_SAID);
    let dead = server.inbounds.iter().filter_map(|name| dead(server, observation, name));
    let flaws = unusable(server, observation).chain(too_many(server, observation));
    for reason in flaws.chain(dead).chain(unreadable) {
        list.push(condition(ConditionKind::Stalled, reason, now));
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
    if snapshot.damaged().is_some() {
        list.push(condition(
            ConditionKind::Amnesia,
            "the store is damaged, and /readyz says what is missing; nothing is taken away until \
             it is resolved",
            now,
        ));
    } else if snapshot.amnesia().is_some_and(|a| a.resolved_at.is_none()) {
        list.push(condition(
            ConditionKind::Amnesia,
            "a gateway has seen a history of this store that it lacks; nothing is taken away until \
             it is resolved",
            now,
        ));
    }
    if let Some(leap) = Leap::said(proposal.leap, snapshot.server_status(&server.id), now) {
        list.push(condition(
            ConditionKind::Implausible,
            format!(
                "{} counters grew by {} in one list, more than its line carries; see \
                 ImplausibleCounters in OPERATIONS.md",
                leap.clients, leap.by
            ),
            now,
        ));
    }
    let missing = proposal.report.notes.iter().filter(|n| n.waiting == Waiting::SecondLook);
    let missing = missing.count();
    if missing > 0 {
        list.push(condition(
            ConditionKind::Reconciling,
            format!(
                "{missing} clients of ours are not on the panel: they are made again when a second \
                 list, 30 s later, lacks them too"
            ),
            now,
        ));
    }
    if list.is_empty() {
        let reason = if repairs(server) { "in agreement" } else { "watched, not fully managed" };
        list.push(condition(ConditionKind::Ready, reason, now));
    }
    list
}

/// What is wrong with each inbound of the file that clients cannot be on.
fn unusable(server: &Server, observation: &Observation) -> impl Iterator<Item = String> {
    // Each names what the panel has instead, and a record must stay small.
    let named = server.inbounds.iter().take(MOST_SAID);
    named.filter_map(|name| {
        let why = observation.inbound(name).err()?;
        Some(observation.say_unusable(name, &why))
    })
}

/// Why an inbound of the file gives no link that works.
fn dead(server: &Server, observation: &Observation, name: &str) -> Option<String> {
    let fault = link_fault(observation.inbound(name).ok()?, &server.host)?;
    let (code, why, advice) = (fault.name(), fault.of_an_account(), fault.advice());
    Some(format!("no link of inbound {name:?} works ({code}): {why}; {advice}"))
}

/// What an old panel cannot do, said before each account is refused for it.
fn too_many(server: &Server, observation: &Observation) -> Option<String> {
    let all = server.inbounds.iter().filter_map(|name| observation.inbound(name).ok());
    let ids: BTreeSet<i64> = all.map(|inbound| inbound.id).collect();
    (observation.panel.one_inbound && ids.len() > 1).then(|| {
        format!(
            "inbounds: names {}, and a panel of generation 2 (3x-ui v2.x) takes a client on one \
             only: leave one in servers.yaml, or install 3x-ui v3.5.0 or later there; nobody is \
             served anew until then",
            ids.len()
        )
    })
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
    let (mut settled, mut useless) = (false, false);
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
        let outage = snapshot.server_status(server).and_then(|s| s.outage);
        if let Some(outage) = outage.filter(|_| want_on) {
            // A server that fell silent since is still as it was seen last: no link goes out for it.
            useless = true;
            if unreachable.is_none() {
                let reason = format!("{server}: {}: {}", outage.name(), outage.of_an_account());
                list.push(condition(ConditionKind::Stalled, reason, now));
            }
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
        let unseen = want_on && status.is_some_and(|s| s.unseen_since.is_some());
        if unseen {
            list.push(condition(
                ConditionKind::Stalled,
                format!(
                    "{server}: its client is not in the panel's list, and an inbound there cannot \
                     be read, so it is not known whether it is gone"
                ),
                now,
            ));
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
        }) && status.is_some_and(|s| s.missing_since.is_none())
            && !unseen;
    }
    if let Some(DeliveryState::Undelivered(code)) = snapshot.delivery(id).map(|d| &d.state) {
        list.push(condition(
            ConditionKind::Undelivered,
            format!("the link could not be sent ({code}); the button shows it"),
            now,
        ));
    }
    if want_on && settled && !useless {
        list.insert(0, condition(ConditionKind::Ready, "served as sold", now));
    } else if want_on && !settled && !no_room {
        list.push(condition(ConditionKind::Reconciling, "on its way to the panel", now));
    }
    list.sort_by_key(|c| c.kind);
    list
}

/// Whether changes by hand on this server are undone.
const fn repairs(server: &Server) -> bool {
    matches!((server.mode, server.drift), (Mode::Manage, Drift::Repair))
}

#[cfg(test)]
mod tests;
