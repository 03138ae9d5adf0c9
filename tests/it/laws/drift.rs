//! What the file says may happen on a server: everything, reports only, nothing.

use nebulalinks::catalog::{Drift, Mode};
use nebulalinks::model::*;
use nebulalinks::planner::{Counters, Verb, Waiting};
use nebulalinks_testkit::pure_loop::has;
use nebulalinks_testkit::shop::catalog;
use nebulalinks_testkit::world::{World, email};

fn world_with(change: impl Fn(&mut nebulalinks::catalog::Server)) -> (World, AccountId, ServerId) {
    let mut world = World::settled(catalog(), 4, "basic-30");
    for server in world.catalog.servers.values_mut() {
        change(server);
    }
    let account = world.account(0);
    let server = world.server_of(account);
    (world, account, server)
}

#[test]
fn an_observed_server_is_computed_and_never_changed() {
    let (mut world, account, server) = world_with(|s| s.mode = Mode::Observe);
    world.client_mut(account).enable = false;
    let pass = world.pass(&server);
    assert!(pass.sent().is_empty());
    assert!(has(&pass.guarded.proposal.changes.changes, account, Verb::Enable));
    assert!(pass.guarded.proposal.report.of(account).any(|w| w == Waiting::ObserveOnly));
}

#[test]
fn where_drift_is_only_reported_changes_by_hand_stay() {
    let (mut world, account, server) = world_with(|s| s.drift = Drift::Report);
    world.client_mut(account).enable = false;
    let pass = world.pass(&server);
    assert!(pass.sent().is_empty());
    assert!(pass.guarded.proposal.report.of(account).any(|w| w == Waiting::DriftReported));
    world.panels.get_mut(&server).unwrap().clients.remove(&email(account));
    for _ in 0..3 {
        world.wait(DurationMs(MINUTE_MS));
        assert!(world.pass(&server).sent().is_empty(), "not made again either");
    }
}

#[test]
fn where_drift_is_only_reported_what_was_sold_and_what_ended_is_still_applied() {
    let (mut world, account, server) = world_with(|s| s.drift = Drift::Report);
    world.renew(0, "basic-30", account);
    assert!(has(world.pass(&server).sent(), account, Verb::Extend));
    world.now = world.entitlement(account).ends_at;
    assert!(has(world.pass(&server).sent(), account, Verb::Disable));
}

/// The account is served elsewhere, and its server here is to forget it.
fn moved_away(world: &mut World, account: AccountId, server: &ServerId) {
    let mut binding = world.snapshot.binding(account, server).unwrap().clone();
    let other = world.catalog.servers.keys().find(|s| *s != server).unwrap().clone();
    world.put(Binding { server: other.clone(), ..binding.clone() });
    world.pass(&other);
    binding.disposition = Disposition::Tombstoned { since: world.now };
    world.put(binding);
}

#[test]
fn where_drift_is_only_reported_a_ripe_tombstone_is_still_deleted() {
    let (mut world, account, server) = world_with(|s| s.drift = Drift::Report);
    moved_away(&mut world, account, &server);
    assert!(has(world.pass(&server).sent(), account, Verb::Disable));
    world.wait(DurationMs(8 * DAY_MS));
    assert!(has(world.pass(&server).sent(), account, Verb::Delete));
    assert!(!world.panels[&server].clients.contains_key(&email(account)));
}

#[test]
fn a_tombstone_is_disabled_at_once_and_deleted_when_it_is_ripe() {
    let (mut world, account, server) = world_with(|_| {});
    let since = world.now;
    moved_away(&mut world, account, &server);
    assert!(has(world.pass(&server).sent(), account, Verb::Disable));
    world.now = since + DurationMs(7 * DAY_MS - 1);
    assert!(world.pass(&server).sent().is_empty());
    world.now = since + DurationMs(7 * DAY_MS);
    assert!(has(world.pass(&server).sent(), account, Verb::Delete));
    assert_eq!(world.snapshot.binding(account, &server), None);
}

#[test]
fn a_partial_list_deletes_nothing() {
    let (mut world, account, server) = world_with(|_| {});
    moved_away(&mut world, account, &server);
    world.pass(&server);
    world.wait(DurationMs(8 * DAY_MS));
    let mut observation = world.panels[&server].observe(world.now);
    observation.coverage = Coverage::Only(vec![email(account)]);
    let proposal = world.plan_seen(&observation, &Counters::default());
    assert!(proposal.changes.is_empty() && proposal.forget.is_empty());
}

#[test]
fn a_catalog_that_lost_its_servers_and_plans_takes_nothing_away() {
    // The watch never publishes such a catalog; should one come, nothing follows from it.
    let (world, _, server) = world_with(|_| {});
    let mut emptied = world.clone();
    emptied.catalog.servers.clear();
    emptied.catalog.plans.clear();
    for n in 0..4 {
        // Everybody's client was also tampered with: there would be something to do.
        let account = emptied.account(n);
        emptied.client_mut(account).end = Some(End::Never);
    }
    let pass = emptied.plan_guarded(&server);
    assert!(pass.sent().is_empty() && pass.guarded.proposal.changes.is_empty());
    assert!(pass.guarded.proposal.forget.is_empty());
    for n in 0..4 {
        let account = emptied.account(n);
        assert_eq!(emptied.entitlement(account), world.entitlement(account), "terms stand alone");
    }
}

#[test]
fn a_client_that_went_by_a_wrong_clock_is_made_again_half_a_minute_after_it_is_right() {
    let (mut world, account, server) = world_with(|_| {});
    world.panels.get_mut(&server).unwrap().clients.remove(&email(account));
    let right = world.now;
    world.now = right + DurationMs(HOUR_MS);
    assert!(world.pass(&server).sent().is_empty(), "one list proves nothing");
    world.now = right;
    assert!(world.pass(&server).sent().is_empty(), "the look of then lies in the future");
    world.now = right + DurationMs(30 * SECOND_MS);
    assert!(has(world.pass(&server).sent(), account, Verb::Create));
}

#[test]
fn a_client_that_is_asked_for_twice_is_there_once() {
    let (world, account, server) = world_with(|_| ());
    let mut seen = world.panels[&server].observe(world.now);
    seen.ours.retain(|id, _| *id == account);
    seen.coverage = Coverage::Only(vec![email(account), email(account)]);
    let twice = world.plan_seen(&seen, &Counters::default());
    seen.coverage = Coverage::Only(vec![email(account)]);
    assert_eq!(twice, world.plan_seen(&seen, &Counters::default()));
}
