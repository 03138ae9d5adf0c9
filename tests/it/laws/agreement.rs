//! Where desired and observed agree nothing is done; where one thing differs, that one is.

use nebulalinks::model::*;
use nebulalinks::planner::{Counters, Verb, Waiting};
use nebulalinks_testkit::people::grant;
use nebulalinks_testkit::pure_loop::has;
use nebulalinks_testkit::shop::catalog;
use nebulalinks_testkit::world::{World, email};
use std::num::NonZeroU64;

fn settled() -> (World, AccountId, ServerId) {
    let world = World::settled(catalog(), 6, "basic-30");
    let account = world.account(0);
    let server = world.server_of(account);
    (world, account, server)
}

/// What would be sent to the account's panel, as people read it.
fn diff(world: &World, server: &ServerId) -> String {
    let pass = world.plan_guarded(server);
    let shown = pass.guarded.pass.set().to_string();
    // The test numbers accounts; the long runs of zeros say nothing.
    shown.replace("nl-main-00000000000000000000", "nl-main-…")
}

#[test]
fn nothing_is_written_where_desired_and_observed_agree() {
    for plan in ["basic-30", "basic-90", "pro-30"] {
        let mut world = World::settled(catalog(), 8, plan);
        for _ in 0..5 {
            for set in world.round() {
                assert!(set.is_empty(), "{plan}: {set}");
            }
            world.wait(DurationMs(MINUTE_MS));
        }
    }
}

#[test]
fn traffic_alone_changes_nothing_on_a_panel() {
    let (mut world, account, server) = settled();
    for _ in 0..40 {
        world.panels.get_mut(&server).unwrap().traffic(&email(account), 1 << 29);
        world.wait(DurationMs(MINUTE_MS));
        let pass = world.pass(&server);
        assert!(pass.sent().is_empty(), "{}", pass.guarded.pass.set());
    }
    assert_eq!(world.client(account).counter, Bytes(20 << 30));
}

#[test]
fn a_client_that_was_disabled_by_hand_is_enabled() {
    let (mut world, account, server) = settled();
    world.client_mut(account).enable = false;
    insta::assert_snapshot!(diff(&world, &server), @"ams-1: + nl-main-…006002 enable: ends in 29d 23h, cap 50GiB, 2 devices (switch off → on)");
}

#[test]
fn a_client_whose_end_was_cut_short_by_hand_gets_it_back() {
    let (mut world, account, server) = settled();
    world.client_mut(account).end = Some(End::at(world.now + DurationMs(DAY_MS)));
    insta::assert_snapshot!(diff(&world, &server), @"ams-1: ~ nl-main-…006002 extend: ends in 29d 23h, cap 50GiB, 2 devices (end 2026-11-22T11:00:00Z → 2026-12-21T10:00:00Z)");
}

#[test]
fn a_client_that_was_given_more_by_hand_is_cut_back_to_what_was_sold() {
    let (mut world, account, server) = settled();
    let client = world.client_mut(account);
    client.end = Some(End::Never);
    client.cap = Cap::Unlimited;
    client.ip_limit = 0;
    insta::assert_snapshot!(diff(&world, &server), @"ams-1: ~ nl-main-…006002 update, shorten: ends in 29d 23h, cap 50GiB, 2 devices (end never → 2026-12-21T10:00:00Z, cap none → 50GiB, devices any → 2)");
}

#[test]
fn an_edited_comment_stops_nothing_and_is_put_right() {
    let (mut world, account, server) = settled();
    world.client_mut(account).comment = "mine!".into();
    insta::assert_snapshot!(diff(&world, &server), @r#"ams-1: ~ nl-main-…006002 update: ends in 29d 23h, cap 50GiB, 2 devices (comment "mine!" → "nl:basic")"#);
}

#[test]
fn a_renewal_extends_end_and_cap_and_nothing_else() {
    let (mut world, account, server) = settled();
    world.renew(0, "basic-30", account);
    insta::assert_snapshot!(diff(&world, &server), @"ams-1: ~ nl-main-…006002 extend: ends in 59d 23h, cap 100GiB, 2 devices (end 2026-12-21T10:00:00Z → 2027-01-20T10:00:00Z, cap 50GiB → 100GiB)");
}

#[test]
fn after_the_end_a_client_is_off() {
    let (mut world, account, server) = settled();
    world.now = world.entitlement(account).ends_at;
    let sent = world.plan_guarded(&server).sent().to_vec();
    assert!(has(&sent, account, Verb::Disable));
    world.now = world.now - DurationMs(1);
    assert!(world.plan_guarded(&server).sent().is_empty(), "not a millisecond early");
}

#[test]
fn with_nothing_left_a_client_is_off() {
    let (mut world, account, server) = settled();
    world.panels.get_mut(&server).unwrap().traffic(&email(account), 50 << 30);
    let sent = world.plan_guarded(&server).sent().to_vec();
    assert!(has(&sent, account, Verb::Disable));
    assert!(sent[0].explained);
}

#[test]
fn what_the_panel_switched_off_itself_is_not_written_again() {
    let (mut world, account, server) = settled();
    world.panels.get_mut(&server).unwrap().traffic(&email(account), 50 << 30);
    world.wait(DurationMs(MINUTE_MS));
    assert!(!world.client(account).enable, "the panel's own rule");
    assert!(world.pass(&server).sent().is_empty());
    assert!(world.pass(&server).sent().is_empty());
}

#[test]
fn nothing_is_enabled_in_the_last_seconds_before_an_end() {
    let (mut world, account, server) = settled();
    world.now = world.entitlement(account).ends_at - DurationMs(5 * SECOND_MS);
    world.client_mut(account).enable = false;
    let pass = world.plan_guarded(&server);
    assert!(pass.sent().is_empty());
    assert!(pass.guarded.proposal.report.of(account).any(|w| w == Waiting::PanelRule));
}

#[test]
fn a_missing_client_is_made_again_only_after_a_second_look() {
    let (mut world, account, server) = settled();
    world.panels.get_mut(&server).unwrap().clients.remove(&email(account));
    let first = world.pass(&server);
    assert!(first.sent().is_empty());
    assert!(first.guarded.proposal.report.of(account).any(|w| w == Waiting::SecondLook));
    world.wait(DurationMs(29 * SECOND_MS));
    assert!(world.pass(&server).sent().is_empty(), "29 s are no second look");
    world.wait(DurationMs(SECOND_MS));
    let second = world.pass(&server);
    assert!(has(second.sent(), account, Verb::Create));
    let made = world.client(account);
    assert_eq!(made.uuid, Some(world.snapshot.account(account).unwrap().credentials.uuid));
    assert_eq!(world.panels[&server].created[&email(account)], 2);
    assert!(world.pass(&server).sent().is_empty());
}

#[test]
fn a_client_that_is_back_at_the_second_look_is_left_alone() {
    let (mut world, account, server) = settled();
    let client = world.panels.get_mut(&server).unwrap().clients.remove(&email(account)).unwrap();
    world.pass(&server);
    world.panels.get_mut(&server).unwrap().clients.insert(email(account), client);
    world.wait(DurationMs(10 * SECOND_MS));
    assert!(world.pass(&server).sent().is_empty());
    world.panels.get_mut(&server).unwrap().clients.remove(&email(account));
    world.wait(DurationMs(25 * SECOND_MS));
    assert!(world.pass(&server).sent().is_empty(), "the first look was forgotten");
}

#[test]
fn a_client_that_cools_down_is_said_to_wait_and_is_due_when_that_ends() {
    let (mut world, account, server) = settled();
    world.client_mut(account).enable = false;
    let other = world.account(1);
    let until = world.now + DurationMs(20 * SECOND_MS);
    world.cooling_down.insert(account, until);
    let pass = world.pass(&server);
    assert!(pass.sent().is_empty());
    let proposal = &pass.guarded.proposal;
    assert_eq!(proposal.report.of(account).collect::<Vec<_>>(), [Waiting::CoolingDown]);
    assert_eq!(proposal.report.of(other).count(), 0);
    assert_eq!(proposal.next_due, Some(until));
    world.cooling_down.clear();
    assert!(has(world.pass(&server).sent(), account, Verb::Enable));
}

#[test]
fn a_partial_list_never_proves_that_a_served_client_is_gone() {
    let (mut world, account, server) = settled();
    world.panels.get_mut(&server).unwrap().clients.remove(&email(account));
    for _ in 0..3 {
        let mut observation = world.panels[&server].observe(world.now);
        observation.coverage = Coverage::Only(vec![email(account)]);
        let proposal = world.plan_seen(&observation, &Counters::default());
        assert!(proposal.changes.is_empty(), "{}", proposal.changes);
        for status in proposal.seen {
            world.put(status);
        }
        world.wait(DurationMs(MINUTE_MS));
    }
}

#[test]
fn an_empty_list_destroys_nothing() {
    let (mut world, _, server) = settled();
    let kept = world.panels[&server].clients.clone();
    world.panels.get_mut(&server).unwrap().clients.clear();
    let pass = world.pass(&server);
    assert!(pass.sent().is_empty() && pass.guarded.proposal.forget.is_empty());
    world.panels.get_mut(&server).unwrap().clients = kept;
    world.wait(DurationMs(MINUTE_MS));
    assert!(world.pass(&server).sent().is_empty());
}

#[test]
fn foreign_clients_and_orphans_are_never_in_a_change_set() {
    let (mut world, account, server) = settled();
    let now = world.now;
    let panel = world.panels.get_mut(&server).unwrap();
    panel.add_foreign("friend", now);
    // Of another shop, and of ours without a record.
    panel.add_foreign(&email(account).replace("main", "other"), now);
    panel.add_foreign("nl-main-7zzzzzzzzzzzzzzzzzzzzzzzzz", now);
    let pass = world.plan_guarded(&server);
    assert!(pass.sent().is_empty(), "{}", pass.guarded.pass.set());
    assert_eq!(pass.guarded.proposal.orphans.len(), 1);
    assert_eq!(world.panels[&server].observe(now).foreign.len(), 2);
}

#[test]
fn a_partial_list_neither_reports_orphans_nor_clears_them() {
    let (mut world, account, server) = settled();
    let name = "nl-main-7zzzzzzzzzzzzzzzzzzzzzzzzz";
    let orphan = Mark::parse(name).unwrap().account;
    let now = world.now;
    world.panels.get_mut(&server).unwrap().add_foreign(name, now);
    let only = || Coverage::Only(vec![email(account), name.to_owned()]);
    let except = || {
        let (id, remark, why) = (9, "broken".to_owned(), "no JSON".to_owned());
        Coverage::Except(vec![UnreadableInbound { id, remark, why }])
    };
    let orphans = |world: &World, coverage| {
        let mut observation = world.panels[&server].observe(world.now);
        observation.coverage = coverage;
        world.plan_seen(&observation, &Counters::default()).orphans
    };
    assert_eq!(orphans(&world, only()), [], "only a list is of all that the panel holds");
    assert_eq!(orphans(&world, except()), [orphan], "it was seen, on an inbound that can be read");
    assert_eq!(orphans(&world, Coverage::Full), [orphan]);
    world.put(ServerStatus { orphans: vec![orphan], ..ServerStatus::new(server.clone()) });
    assert_eq!(orphans(&world, except()), [orphan], "once");
    world.panels.get_mut(&server).unwrap().clients.remove(name);
    for partial in [only(), except()] {
        assert_eq!(orphans(&world, partial), [orphan], "it may be where nobody looked");
    }
    assert_eq!(orphans(&world, Coverage::Full), []);
    // What has a record by now is none.
    world.put(ServerStatus { orphans: vec![orphan, account], ..ServerStatus::new(server.clone()) });
    assert_eq!(orphans(&world, except()), [orphan]);
}

#[test]
fn a_change_whose_answer_was_lost_counts_as_applied_once_it_is_seen() {
    let (mut world, account, server) = settled();
    // The panel took it; the record of it was lost in a crash.
    let mut edits = Edits::new();
    edits.delete(Key::BindingStatus(account, server.clone()));
    assert!(world.commit(&edits));
    let pass = world.pass(&server);
    assert!(pass.sent().is_empty());
    let status = world.snapshot.binding_status(account, &server).expect("it was seen");
    let applied = status.applied.as_ref().expect("as asked, so it is as good as read back");
    assert_eq!(applied.end, End::at(world.entitlement(account).ends_at));
    assert!(applied.enable);
}

#[test]
fn a_problem_that_went_away_by_itself_is_not_told_for_ever() {
    let (mut world, account, server) = settled();
    let mut status = world.snapshot.binding_status(account, &server).unwrap().clone();
    status.problem = Some("panel_refused: no".into());
    world.put(status);
    world.pass(&server);
    assert_eq!(world.snapshot.binding_status(account, &server).unwrap().problem, None);
}

#[test]
fn a_cap_is_never_written_as_zero() {
    let (mut world, account, server) = settled();
    world.panels.get_mut(&server).unwrap().traffic(&email(account), 50 << 30);
    world.pass(&server);
    // The counter starts anew while nothing is left: the cap is still at least one byte.
    world.client_mut(account).counter = Bytes(0);
    world.client_mut(account).enable = true;
    world.client_mut(account).cap = Cap::Unlimited;
    let pass = world.pass(&server);
    assert!(has(pass.sent(), account, Verb::Disable));
    assert_eq!(world.client(account).cap, Cap::Bytes(NonZeroU64::MIN));
}

#[test]
fn what_adds_up_to_more_than_a_panel_can_hold_is_the_most_that_it_can() {
    use nebulalinks_protocol::{LARGEST_CAP, LAST_END_MS};
    let mut world = World::settled(catalog(), 1, "basic-30");
    let account = world.account(0);
    let server = world.server_of(account);
    for n in 0..600 {
        let much = Quota::Bytes(Bytes(8_192 << 40));
        world.submit(&grant(n, account, 36_500, Some(much))).unwrap();
    }
    world.pass(&server);
    assert!(world.entitlement(account).ends_at > UnixMs(LAST_END_MS), "what was given stays known");
    let client = world.client(account);
    assert_eq!(client.end, Some(End::at(UnixMs(LAST_END_MS))));
    assert_eq!(client.cap, Cap::Bytes(LARGEST_CAP.try_into().unwrap()));
    let applied = world.snapshot.binding_status(account, &server).unwrap().applied.clone().unwrap();
    assert_eq!(applied.end, End::at(world.entitlement(account).ends_at), "it is served as sold");
    assert!(world.pass(&server).sent().is_empty(), "and it stays so");
}
