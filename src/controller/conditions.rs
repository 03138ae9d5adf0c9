//! What is true of a server and of an account, said from what is stored and was seen. Pure.

use super::xray::Xray;
use crate::catalog::{Catalog, Drift, Mode, Server};
use crate::model::{
    AccountId, Condition, ConditionKind, DeliveryState, Disposition, Entitlement, InboundFacts,
    Leap, Observation, Outage, Snapshot, Standing, UnixMs,
};
use crate::planner::{Guarded, Proposal, Waiting};
use crate::view::link_fault;
use std::collections::BTreeSet;

fn condition(kind: ConditionKind, reason: impl Into<String>, now: UnixMs) -> Condition {
    Condition { kind, reason: reason.into(), since: now }
}

/// What makes a server's accounts useless though it answers.
pub(super) fn outage(server: &Server, observation: &Observation, xray: Xray) -> Option<Outage> {
    if xray != Xray::Runs {
        return Some(Outage::XrayDown);
    }
    let mut faults = Vec::new();
    for inbound in server.inbounds.iter().filter_map(|name| meant(observation, name)) {
        faults.push(link_fault(inbound, &server.host)?);
    }
    Some(faults.first().copied().unwrap_or(Outage::NoInbound))
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
        Xray::Runs => None,
        Xray::Stopped => {
            Some("xray is stopped: nobody on this server is connected; start it in the panel")
        }
        Xray::Fails => Some(
            "xray does not start: nobody on this server is connected; see the panel's Xray log",
        ),
        Xray::Unsteady => Some(
            "xray does not stay up: it was down within the last minutes; see the panel's Xray log",
        ),
    };
    list.extend(down.map(|reason| condition(ConditionKind::Stalled, reason, now)));
    let faults = server.inbounds.iter().filter_map(|name| dead(server, observation, name));
    let reasons = [missing(server, observation), too_many(server, observation)];
    for reason in reasons.into_iter().chain(faults.map(Some)) {
        list.extend(reason.map(|reason| condition(ConditionKind::Stalled, reason, now)));
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

/// The inbound that a server's file means.
fn meant<'a>(observation: &'a Observation, name: &str) -> Option<&'a InboundFacts> {
    let mut inbounds = observation.inbounds.iter().filter(|inbound| inbound.enable);
    inbounds.find(|i| i.remark == name || i.id.to_string() == name)
}

/// The inbounds that the panel lacks.
fn missing(server: &Server, observation: &Observation) -> Option<String> {
    let named = server.inbounds.iter().filter(|name| meant(observation, name).is_none());
    let named: Vec<&str> = named.map(String::as_str).collect();
    (!named.is_empty())
        .then(|| format!("the panel has no inbound that is on and named {}", named.join(", ")))
}

/// Why an inbound of the file gives no link that works.
fn dead(server: &Server, observation: &Observation, name: &str) -> Option<String> {
    let fault = link_fault(meant(observation, name)?, &server.host)?;
    let (code, why, advice) = (fault.name(), fault.of_an_account(), fault.advice());
    Some(format!("no link of inbound \"{name}\" works ({code}): {why}; {advice}"))
}

/// What an old panel cannot do, said before each account is refused for it.
fn too_many(server: &Server, observation: &Observation) -> Option<String> {
    let all = server.inbounds.iter().filter_map(|name| meant(observation, name));
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
                let reason = outage.of_an_account();
                list.push(condition(ConditionKind::Stalled, format!("{server}: {reason}"), now));
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
mod tests {
    use super::*;
    use crate::model::{ClockVerdict, Coverage, Edits, PanelInfo, ServerStatus, XrayState};
    use crate::planner::{Counters, GuardInput, guard, plan_server};
    use crate::view::sample;
    use std::collections::BTreeMap;

    fn observed(one_inbound: bool) -> Observation {
        let mut inbounds = sample::facts().inbounds;
        let second = InboundFacts { id: 2, remark: "ws".into(), ..inbounds[0].clone() };
        inbounds.push(second);
        Observation {
            server: "fra-1".parse().unwrap(),
            at: sample::NOW,
            gateway_clock: sample::NOW,
            coverage: Coverage::Full,
            panel: PanelInfo {
                identity: "p".into(),
                version: "2.9.4".into(),
                one_inbound,
                xray: XrayState::Running,
            },
            inbounds,
            ours: BTreeMap::new(),
            foreign: 0,
        }
    }

    /// All conditions of such a server whose Xray runs.
    fn said_of(snapshot: &Snapshot, server: &Server, seen: &Observation) -> Vec<Condition> {
        let (catalog, now) = (sample::catalog(), sample::NOW);
        let before = Counters::default();
        let mut proposal = plan_server(snapshot, &catalog, seen, &before, now);
        let (set, clock) = (proposal.changes.clone(), ClockVerdict::Trusted { vouched: true });
        let input = GuardInput { snapshot, catalog: &catalog, set, now, clock };
        let guarded = guard(input, &mut proposal.report);
        let xray = Xray::Runs;
        server_conditions(snapshot, &catalog, server, seen, &proposal, &guarded, xray, now)
    }

    /// The reasons for which such a server is stalled.
    fn stalled(names: &[&str], one_inbound: bool) -> Vec<String> {
        let (snapshot, catalog) = (Snapshot::default(), sample::catalog());
        let server = catalog.servers.values().next().unwrap().clone();
        let inbounds = names.iter().map(|n| (*n).to_owned()).collect();
        let server = Server { inbounds, ..server };
        let all = said_of(&snapshot, &server, &observed(one_inbound));
        let stalled = all.into_iter().filter(|c| c.kind == ConditionKind::Stalled);
        stalled.map(|c| c.reason).collect()
    }

    #[test]
    fn several_inbounds_on_an_old_panel_are_said_before_any_account_is_refused() {
        let none: [String; 0] = [];
        let [reason] = &stalled(&["vless-reality", "ws"], true)[..] else { panic!("no reason") };
        assert!(reason.contains("names 2") && reason.contains("servers.yaml"), "{reason}");
        assert_eq!(stalled(&["vless-reality", "ws"], false), none);
        // A remark and the number of the same inbound are one.
        assert_eq!(stalled(&["vless-reality", "1"], true), none);
        let [reason] = &stalled(&["ws", "grpc"], true)[..] else { panic!("no reason") };
        assert!(reason.ends_with("named grpc"), "{reason}");
    }

    fn with(outage: Option<Outage>, records: Edits) -> Vec<Condition> {
        let fra: crate::model::ServerId = "fra-1".parse().unwrap();
        let status = ServerStatus { outage, ..ServerStatus::new(fra) };
        let snapshot = sample::snapshot([records, sample::put(status)]);
        let id = sample::account_id(1);
        account_conditions(&snapshot, &sample::catalog(), id, false, sample::NOW)
    }

    #[test]
    fn what_makes_a_server_useless_stalls_its_accounts_and_says_why() {
        let kinds = |list: &[Condition]| list.iter().map(|c| c.kind).collect::<Vec<_>>();
        let served = || sample::served_account(1, true);
        assert_eq!(kinds(&with(None, served())), [ConditionKind::Ready]);
        for outage in Outage::ALL {
            let list = with(Some(outage), served());
            assert_eq!(kinds(&list), [ConditionKind::Stalled]);
            assert!(list[0].reason.starts_with("fra-1: "), "{list:?}");
            let unserved = with(Some(outage), sample::served_account(1, false));
            assert_eq!(kinds(&unserved), [ConditionKind::Reconciling, ConditionKind::Stalled]);
        }
    }

    #[test]
    fn a_server_that_falls_silent_does_not_make_its_useless_accounts_ready() {
        let conditions =
            vec![condition(ConditionKind::Unreachable, "lost: no answer", sample::NOW)];
        for (outage, ready) in [(None, true), (Some(Outage::XrayDown), false)] {
            let fra: crate::model::ServerId = "fra-1".parse().unwrap();
            let conditions = conditions.clone();
            let status = ServerStatus { outage, conditions, ..ServerStatus::new(fra) };
            let records = [sample::served_account(1, true), sample::put(status)];
            let (snapshot, catalog) = (sample::snapshot(records), sample::catalog());
            let id = sample::account_id(1);
            let list = account_conditions(&snapshot, &catalog, id, false, sample::NOW);
            assert_eq!(list.iter().any(|c| c.kind == ConditionKind::Ready), ready, "{list:?}");
            assert!(list.iter().any(|c| c.kind == ConditionKind::Unreachable), "{list:?}");
        }
    }

    #[test]
    fn a_server_whose_inbounds_are_off_or_renamed_or_whose_xray_is_down_has_an_outage() {
        let catalog = sample::catalog();
        let server = catalog.servers.values().next().unwrap();
        let mut seen = observed(false);
        assert_eq!(outage(server, &seen, Xray::Runs), None);
        for down in [Xray::Stopped, Xray::Fails, Xray::Unsteady] {
            assert_eq!(outage(server, &seen, down), Some(Outage::XrayDown));
        }
        seen.inbounds[0].enable = false;
        assert_eq!(outage(server, &seen, Xray::Runs), Some(Outage::NoInbound), "off");
        let both = Server { inbounds: vec!["vless-reality".into(), "ws".into()], ..server.clone() };
        assert_eq!(outage(&both, &seen, Xray::Runs), None, "another way in is there");
        seen.inbounds[0].enable = true;
        seen.inbounds[0].remark = "renamed".into();
        assert_eq!(outage(server, &seen, Xray::Runs), Some(Outage::NoInbound), "renamed");
    }

    #[test]
    fn an_inbound_that_nobody_outside_reaches_is_an_outage_and_staff_read_which_and_why() {
        let catalog = sample::catalog();
        let server = catalog.servers.values().next().unwrap();
        let mut seen = observed(false);
        seen.inbounds[0].listen = "@socket".into();
        assert_eq!(outage(server, &seen, Xray::Runs), Some(Outage::SocketOnly));
        let list = said_of(&Snapshot::default(), server, &seen);
        let [only] = &list[..] else { panic!("{list:?}") };
        assert_eq!(only.kind, ConditionKind::Stalled);
        assert!(only.reason.contains("\"vless-reality\" works (socket_only)"), "{only:?}");
        let both = Server { inbounds: vec!["vless-reality".into(), "ws".into()], ..server.clone() };
        assert_eq!(outage(&both, &seen, Xray::Runs), None, "another way in is there");
        let list = said_of(&Snapshot::default(), &both, &seen);
        assert!(list.iter().any(|c| c.reason.contains("socket_only")), "still said: {list:?}");
        seen.inbounds[0].stream["externalProxy"] =
            serde_json::json!([{"forceTls": "same", "dest": "relay.example.org", "port": 443}]);
        assert_eq!(outage(server, &seen, Xray::Runs), None, "a proxy leads there");
    }

    #[test]
    fn a_server_whose_clients_are_missing_is_not_ready() {
        let snapshot = sample::snapshot((1..=5).map(|n| sample::served_account(n, true)));
        let catalog = sample::catalog();
        let server = catalog.servers.values().next().unwrap();
        let list = said_of(&snapshot, server, &observed(false));
        let [only] = &list[..] else { panic!("{list:?}") };
        assert_eq!(only.kind, ConditionKind::Reconciling);
        assert!(only.reason.starts_with("5 clients of ours are not on the panel"), "{only:?}");
    }
}
