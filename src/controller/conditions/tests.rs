use super::*;
use crate::controller::account_conditions::account_conditions;
use crate::model::{
    BindingStatus, Coverage, Edits, InboundFacts, PanelInfo, ServerStatus, TimeReading,
    UnreadableInbound, XrayState,
};
use crate::planner::{Counters, PlanInput, plan_server};
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
        xray_up: None,
        inbounds,
        ours: BTreeMap::new(),
        foreign: Vec::new(),
    }
}

/// All conditions of such a server whose Xray runs.
fn said_of(snapshot: &Snapshot, server: &Server, seen: &Observation) -> Vec<Condition> {
    let (catalog, time) = (sample::catalog(), TimeReading::vouched(sample::NOW));
    let pass = Pass { catalog: &catalog, server, snapshot, observation: seen, time };
    let proposal = plan_server(&PlanInput {
        snapshot,
        catalog: &catalog,
        observation: seen,
        before: &Counters::default(),
        cooling_down: &BTreeMap::new(),
        now: time.now,
    });
    server_conditions(&pass, &pass.guard(proposal), Xray::Runs)
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
    assert!(reason.starts_with("inbound_missing: the panel has no inbound \"grpc\""));
}

#[test]
fn a_message_shows_the_blank_that_made_a_name_mean_something_else() {
    let catalog = sample::catalog();
    let server = catalog.servers.values().next().unwrap();
    let mut seen = observed(false);
    seen.inbounds[0].remark = "vless-reality ".into();
    assert_eq!(unusable(server, &seen).next(), None, "a blank that nobody sees");
    assert_eq!(outage(server, &seen, Xray::Runs), None);
    seen.inbounds[1].remark = " vless-reality".into();
    let said = |seen: &Observation| unusable(server, seen).next().unwrap();
    let twice = said(&seen);
    assert!(twice.starts_with("inbound_ambiguous: \"vless-reality\" is the remark"), "{twice}");
    assert!(twice.contains("numbers 1, 2"), "{twice}");
    assert_eq!(outage(server, &seen, Xray::Runs), Some(Outage::InboundAmbiguous));
    seen.inbounds[0].remark = "vless-reality".into();
    assert_eq!(unusable(server, &seen).next(), None, "exactly so comes first");
    for inbound in &mut seen.inbounds {
        inbound.remark = format!("old{} \u{a0}{}", inbound.id, inbound.remark);
    }
    let renamed = said(&seen);
    for shown in ["no inbound \"vless-reality\"", "\"old1 \\u{a0}vless-reality\" (number 1)"] {
        assert!(renamed.contains(shown), "{renamed}");
    }
    seen.inbounds[0].remark = "vless-reality".into();
    seen.inbounds[0].enable = false;
    assert!(said(&seen).starts_with("inbound_off: the inbound \"vless-reality\" (number 1)"));
}

fn with(outage: Option<Outage>, records: impl IntoIterator<Item = Edits>) -> Vec<Condition> {
    let fra: crate::model::ServerId = "fra-1".parse().unwrap();
    let status = ServerStatus { outage, ..ServerStatus::new(fra) };
    let snapshot = sample::snapshot(records.into_iter().chain([sample::put(status)]));
    let id = sample::account_id(1);
    account_conditions(&snapshot, &sample::catalog(), id, false, sample::NOW)
}

#[test]
fn what_makes_a_server_useless_stalls_its_accounts_and_says_why() {
    let kinds = |list: &[Condition]| list.iter().map(|c| c.kind).collect::<Vec<_>>();
    let served = || [sample::served_account(1, true)];
    assert_eq!(kinds(&with(None, served())), [ConditionKind::Ready]);
    for outage in Outage::ALL {
        let list = with(Some(outage), served());
        assert_eq!(kinds(&list), [ConditionKind::Stalled]);
        assert!(list[0].reason.starts_with("fra-1: "), "{list:?}");
        let unserved = with(Some(outage), [sample::served_account(1, false)]);
        assert_eq!(kinds(&unserved), [ConditionKind::Reconciling, ConditionKind::Stalled]);
    }
}

#[test]
fn a_server_that_falls_silent_does_not_make_its_useless_accounts_ready() {
    let conditions = vec![Condition {
        kind: ConditionKind::Unreachable,
        reason: "lost: no answer".to_owned(),
        since: sample::NOW,
    }];
    for (outage, ready) in [(None, true), (Some(Outage::XrayDown), false)] {
        let fra: crate::model::ServerId = "fra-1".parse().unwrap();
        let conditions = conditions.clone();
        let failure = Some("lost".to_owned());
        let status = ServerStatus { outage, conditions, failure, ..ServerStatus::new(fra) };
        let records = [sample::served_account(1, true), sample::put(status)];
        let (snapshot, catalog) = (sample::snapshot(records), sample::catalog());
        let id = sample::account_id(1);
        let list = account_conditions(&snapshot, &catalog, id, false, sample::NOW);
        assert_eq!(list.iter().any(|c| c.kind == ConditionKind::Ready), ready, "{list:?}");
        let silent = list.iter().find(|c| c.kind == ConditionKind::Unreachable).unwrap();
        assert_eq!(silent.reason, "fra-1 does not answer (lost)");
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
    assert_eq!(outage(server, &seen, Xray::Runs), Some(Outage::InboundOff));
    let both = Server { inbounds: vec!["vless-reality".into(), "ws".into()], ..server.clone() };
    assert_eq!(outage(&both, &seen, Xray::Runs), None, "another way in is there");
    seen.inbounds[0].enable = true;
    seen.inbounds[0].remark = "renamed".into();
    assert_eq!(outage(server, &seen, Xray::Runs), Some(Outage::InboundMissing));
}

#[test]
fn an_unreadable_inbound_is_named_whether_it_is_ours_or_not() {
    let catalog = sample::catalog();
    let server = catalog.servers.values().next().unwrap();
    let broken = |id: i64, remark: &str| {
        let why = "its settings are not JSON".to_owned();
        let mut seen = observed(false);
        seen.inbounds.retain(|inbound| inbound.id != id);
        let remark = remark.to_owned();
        seen.coverage = Coverage::Except(vec![UnreadableInbound { id, remark, why }]);
        seen
    };
    let said = |seen: &Observation| {
        let list = said_of(&Snapshot::default(), server, seen);
        let [only] = &list[..] else { panic!("{list:?}") };
        only.reason.clone()
    };
    let foreign = broken(2, "their ws ");
    let reason = said(&foreign);
    for shown in ["inbound_unreadable: ", "\"their ws \" (number 2)", "not JSON", "anew"] {
        assert!(reason.contains(shown), "{reason}");
    }
    assert_eq!(outage(server, &foreign, Xray::Runs), None, "ours serves");
    let ours = broken(1, "vless-reality");
    assert!(said(&ours).starts_with("inbound_unreadable: the inbound \"vless-reality\""));
    assert_eq!(outage(server, &ours, Xray::Runs), Some(Outage::InboundUnreadable));
}

#[test]
fn an_account_whose_client_is_not_in_the_lists_is_not_ready_and_says_why() {
    let kinds = |change: fn(&mut BindingStatus)| {
        let snapshot = sample::snapshot([sample::served_account(1, true)]);
        let (id, fra) = (sample::account_id(1), "fra-1".parse().unwrap());
        let mut status = snapshot.binding_status(id, &fra).unwrap().clone();
        change(&mut status);
        let list = with(None, [sample::served_account(1, true), sample::put(status)]);
        list.iter().map(|c| c.kind).collect::<Vec<_>>()
    };
    let missing = kinds(|status| status.missing_since = Some(sample::NOW));
    assert_eq!(missing, [ConditionKind::Reconciling], "a second list is owed");
    let unseen = kinds(|status| status.unseen_since = Some(sample::NOW));
    assert_eq!(unseen, [ConditionKind::Reconciling, ConditionKind::Stalled]);
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
