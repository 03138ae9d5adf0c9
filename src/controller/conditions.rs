//! What is true of a server that answered, said from what is stored and was seen. Pure.

use super::server::pass::Pass;
use super::xray::Xray;
use crate::catalog::{Drift, Mode, Server};
use crate::model::{Condition, ConditionKind, Leap, Observation, Outage, Snapshot};
use crate::planner::{GuardedProposal, Waiting, another_panel};
use crate::view::link_fault;
use std::collections::BTreeSet;

/// Of at most this many inbounds of a file the conditions say what is wrong with them.
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
pub(super) fn server_conditions(
    pass: &Pass<'_>,
    guarded: &GuardedProposal,
    xray: Xray,
) -> Vec<Condition> {
    let (server, observation) = (pass.server, pass.observation);
    let flaws = unusable(server, observation).chain(too_many(server, observation));
    let dead = server.inbounds.iter().filter_map(|name| dead(server, observation, name));
    let unreadable = observation.say_unreadable(&server.inbounds).take(MOST_SAID);
    let stalled = xray_down(xray)
        .map(str::to_owned)
        .into_iter()
        .chain(flaws.chain(dead).chain(unreadable))
        .chain(not_in_the_file(pass))
        .chain(another(pass))
        .map(|reason| (ConditionKind::Stalled, reason));
    let others = [
        (ConditionKind::Held, held(server, guarded)),
        (ConditionKind::Orphans, orphans(guarded)),
        (ConditionKind::Amnesia, amnesia(pass.snapshot)),
        (ConditionKind::Implausible, leap(pass, guarded)),
        (ConditionKind::Reconciling, missing(guarded)),
    ];
    let others = others.into_iter().filter_map(|(kind, reason)| Some((kind, reason?)));
    let since = pass.time.now;
    let mut list: Vec<Condition> =
        stalled.chain(others).map(|(kind, reason)| Condition { kind, reason, since }).collect();
    if list.is_empty() {
        let reason = if repairs(server) { "in agreement" } else { "watched, not fully managed" };
        list.push(Condition { kind: ConditionKind::Ready, reason: reason.to_owned(), since });
    }
    let kind = ConditionKind::StillConnected;
    let open = still_connected(pass, guarded);
    list.extend(open.map(|reason| Condition { kind, reason, since }));
    list
}

const fn xray_down(xray: Xray) -> Option<&'static str> {
    match xray {
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
    }
}

fn not_in_the_file(pass: &Pass<'_>) -> Option<String> {
    pass.catalog.retained_servers.contains(&pass.server.id).then(|| {
        "not in servers.yaml and still in use: served by its last definition, takes nobody new; \
         put it back, or drain it there"
            .to_owned()
    })
}

fn another(pass: &Pass<'_>) -> Option<String> {
    let (id, identity) = (&pass.server.id, &pass.observation.panel.identity);
    pass.snapshot.is_another_panel(id, identity).then(|| another_panel(id, identity))
}

fn held(server: &Server, guarded: &GuardedProposal) -> Option<String> {
    let held = guarded.held.as_ref()?;
    let (count, fingerprint) = (held.items.len(), &held.fingerprint);
    Some(format!(
        "{count} destructive changes wait; if they are right, set `confirm: {fingerprint}` on {} \
         in servers.yaml",
        server.id
    ))
}

fn orphans(guarded: &GuardedProposal) -> Option<String> {
    let count = guarded.proposal.orphans.len();
    (count > 0).then(|| format!("{count} clients are of this shop by their mark or their uuid, and no record speaks of them there"))
}

fn amnesia(snapshot: &Snapshot) -> Option<String> {
    let reason = if snapshot.damaged().is_some() {
        "the store is damaged, and /readyz says what is missing; nothing is taken away until it is \
         resolved"
    } else if snapshot.amnesia().is_some_and(|a| a.resolved_at.is_none()) {
        "a gateway has seen a history of this store that it lacks; nothing is taken away until it \
         is resolved"
    } else {
        return None;
    };
    Some(reason.to_owned())
}

fn leap(pass: &Pass<'_>, guarded: &GuardedProposal) -> Option<String> {
    let leap = Leap::said(guarded.proposal.leap, pass.status_before(), pass.time.now)?;
    let Leap { clients, by, .. } = leap;
    Some(format!(
        "{clients} counters grew by {by} in one list, more than its line carries; see \
         ImplausibleCounters in OPERATIONS.md"
    ))
}

/// What nobody is cut off or without service for: the server is well all the same.
fn still_connected(pass: &Pass<'_>, guarded: &GuardedProposal) -> Option<String> {
    let count = guarded.proposal.still_connected.len();
    let what_ends_it = match pass.server.cut_open_sessions {
        Some(_) => "one restart ends them, in the hours of `cut_open_sessions`",
        None => "`cut_open_sessions` in servers.yaml makes one at an hour of your choice",
    };
    (count > 0).then(|| {
        format!(
            "sessions that were open before go on of {count} clients that are switched off: Xray ends them when it is started anew; {what_ends_it}"
        )
    })
}

fn missing(guarded: &GuardedProposal) -> Option<String> {
    let missing = guarded.proposal.report.count(Waiting::SecondLook);
    (missing > 0).then(|| {
        format!(
            "{missing} clients of ours are not on the panel: they are made again when a second \
             list, 30 s later, lacks them too"
        )
    })
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

/// Whether changes by hand on this server are undone.
const fn repairs(server: &Server) -> bool {
    matches!((server.mode, server.drift), (Mode::Manage, Drift::Repair))
}

#[cfg(test)]
mod tests;
