//! What a server's line can have carried bounds what its counters may say, all of them together.

use nebulalinks::catalog::Catalog;
use nebulalinks::model::*;
use nebulalinks::planner::{Verb, Waiting};
use nebulalinks_testkit::pure_loop::has;
use nebulalinks_testkit::shop::{catalog, catalog_with_room};
use nebulalinks_testkit::world::{World, email};
use std::num::NonZeroU64;

const GIB: u64 = 1 << 30;

/// So many accounts of 50 GiB on one server with a line of 1 Gbit, listed a minute ago.
fn on_one_server(accounts: u64) -> (World, ServerId) {
    with(catalog_with_room(100, 0), accounts, 50)
}

fn with(mut catalog: Catalog, accounts: u64, gib: u64) -> (World, ServerId) {
    for plan in &mut catalog.plans {
        plan.traffic = Quota::Bytes(Bytes(gib * GIB));
    }
    let mut world = World::settled(catalog, accounts, "basic-30");
    let server = world.server_of(world.account(0));
    // Idle for a week: an old ledger explains nothing that the last list did not see.
    world.wait(DurationMs(7 * DAY_MS));
    world.pass(&server);
    world.wait(DurationMs(MINUTE_MS));
    (world, server)
}

/// All counters of these accounts leap at once; the panel's own rule has not looked yet.
fn leap(world: &mut World, accounts: std::ops::Range<usize>, bytes: u64) {
    for n in accounts {
        let account = world.account(n);
        let client = world.client_mut(account);
        client.counter = client.counter + Bytes(bytes);
    }
}

fn ids(world: &World, accounts: std::ops::Range<usize>) -> Vec<AccountId> {
    accounts.map(|n| world.account(n)).collect()
}

#[test]
fn counters_that_leap_together_beyond_the_servers_line_are_neither_billed_nor_cut() {
    let (mut world, server) = on_one_server(12);
    leap(&mut world, 0..12, 50 * GIB);
    let now = world.now;
    world.panels.get_mut(&server).unwrap().poll(now);
    let first = world.pass(&server);
    assert!(first.sent().is_empty(), "nothing follows from counters in doubt");
    assert_eq!(
        first.guarded.proposal.leap.map(|l| (l.clients, l.by)),
        Some((12, Bytes(600 * GIB)))
    );
    for account in ids(&world, 0..12) {
        assert_eq!(world.snapshot.used(account), Bytes(0));
        assert!(
            first.guarded.proposal.report.of(account).any(|w| w == Waiting::ImplausibleCounter)
        );
    }
    world.wait(DurationMs(30 * SECOND_MS));
    let second = world.pass(&server);
    for account in ids(&world, 0..12) {
        assert!(has(second.sent(), account, Verb::Enable), "the panel's own cut is undone");
        let ledger = world.snapshot.ledgers(account).next().unwrap();
        assert_eq!((ledger.total, ledger.disputed), (Bytes(0), Bytes(50 * GIB)));
        let cap = NonZeroU64::new(100 * GIB).unwrap();
        assert_eq!(world.client(account).cap, Cap::Bytes(cap), "the cap follows the counter");
    }
    // What flows from then on is billed.
    for account in ids(&world, 0..12) {
        world.panels.get_mut(&server).unwrap().traffic(&email(account), GIB);
    }
    world.wait(DurationMs(MINUTE_MS));
    let third = world.pass(&server);
    assert!(third.sent().is_empty() && third.guarded.proposal.leap.is_none());
    for account in ids(&world, 0..12) {
        assert_eq!(world.entitlement(account).left, Quota::Bytes(Bytes(49 * GIB)));
    }
}

#[test]
fn what_the_line_carries_is_billed_however_many_used_it() {
    let (mut world, server) = on_one_server(12);
    // A minute of 1 Gbit and ten more are 76 GiB.
    leap(&mut world, 0..12, 6 * GIB);
    let pass = world.pass(&server);
    assert_eq!(pass.guarded.proposal.leap, None);
    for account in ids(&world, 0..12) {
        assert_eq!(world.snapshot.used(account), Bytes(6 * GIB));
    }
    leap(&mut world, 0..12, 7 * GIB);
    world.wait(DurationMs(MINUTE_MS));
    assert_eq!(world.pass(&server).guarded.proposal.leap.unwrap().clients, 12);
}

#[test]
fn one_counter_that_leaps_alone_puts_nobody_else_in_doubt() {
    let (mut world, server) = on_one_server(12);
    leap(&mut world, 0..1, 4000 * GIB);
    leap(&mut world, 1..12, GIB);
    let pass = world.pass(&server);
    assert_eq!(pass.guarded.proposal.leap.unwrap().clients, 1);
    for account in ids(&world, 1..12) {
        assert_eq!(world.snapshot.used(account), Bytes(GIB));
    }
}

#[test]
fn what_was_read_before_a_leap_is_billed() {
    let (mut world, server) = on_one_server(12);
    leap(&mut world, 0..12, GIB);
    world.pass(&server);
    // Too little to be written at each list.
    leap(&mut world, 0..12, GIB / 4);
    world.wait(DurationMs(MINUTE_MS));
    world.pass(&server);
    assert_eq!(world.snapshot.used(world.account(0)), Bytes(GIB));
    leap(&mut world, 0..12, 50 * GIB);
    for _ in 0..2 {
        world.wait(DurationMs(MINUTE_MS));
        world.pass(&server);
    }
    for account in ids(&world, 0..12) {
        let ledger = world.snapshot.ledgers(account).next().unwrap();
        assert_eq!((ledger.total, ledger.disputed), (Bytes(GIB + GIB / 4), Bytes(50 * GIB)));
    }
}

#[test]
fn after_two_days_without_a_list_two_days_of_the_line_are_billed() {
    let (mut world, server) = with(catalog_with_room(100, 0), 12, 500);
    world.wait(DurationMs(2 * DAY_MS));
    leap(&mut world, 0..12, 400 * GIB);
    assert_eq!(world.pass(&server).guarded.proposal.leap, None);
    assert_eq!(world.snapshot.used(world.account(0)), Bytes(400 * GIB));
}

#[test]
fn a_process_that_has_just_started_goes_by_the_ledgers() {
    let (mut world, server) = on_one_server(12);
    leap(&mut world, 0..12, 2 * GIB);
    world.pass(&server);
    world.counters.clear();
    leap(&mut world, 0..12, 50 * GIB);
    world.wait(DurationMs(MINUTE_MS));
    assert_eq!(world.pass(&server).guarded.proposal.leap.unwrap().clients, 12);
}

#[test]
fn a_process_that_has_just_started_bills_no_leap_since_the_last_list_by_the_idle_time_before() {
    // The last: the clock was an hour ahead at the last list, and was set right before the start.
    for (behind, back) in [(0, 0), (MINUTE_MS, 0), (14 * MINUTE_MS, 0), (0, HOUR_MS)] {
        let (mut world, server) = on_one_server(2);
        world.wait(DurationMs(behind));
        world.pass(&server);
        // A week of the line carries that; what is between two lists does not.
        world.counters.clear();
        world.now = UnixMs(world.now.0 - back);
        leap(&mut world, 0..1, 4000 * GIB);
        leap(&mut world, 1..2, GIB);
        world.wait(DurationMs(MINUTE_MS));
        let first = world.pass(&server);
        assert_eq!(first.guarded.proposal.leap.map(|l| l.clients), Some(1));
        world.wait(DurationMs(MINUTE_MS));
        world.pass(&server);
        let used = |n| world.snapshot.used(world.account(n));
        assert_eq!((used(0), used(1)), (Bytes(0), Bytes(GIB)));
        assert!(world.client(world.account(0)).enable, "it is shown, not billed");
    }
}

#[test]
fn what_a_client_shows_that_was_listed_before_its_account_came_back_is_held_against_the_line() {
    let (mut world, server) = on_one_server(1);
    let account = world.account(0);
    let binding = world.snapshot.binding(account, &server).unwrap().clone();
    // Its tombstone was deleted, and a backup of the panel brings it back with what was disputed once.
    leap(&mut world, 0..1, 4000 * GIB);
    let mut edits = Edits::new();
    edits.delete(Key::Binding(account, server.clone()));
    assert!(world.commit(&edits));
    world.pass(&server);
    world.wait(DurationMs(MINUTE_MS));
    world.put(Binding { bound_at: world.now, ..binding });
    for _ in 0..2 {
        world.pass(&server);
        world.wait(DurationMs(MINUTE_MS));
    }
    assert_eq!(world.snapshot.used(account), Bytes(0));
    assert_eq!(world.snapshot.ledgers(account).next().unwrap().disputed, Bytes(4000 * GIB));
}

#[test]
fn a_client_that_was_made_again_is_held_against_the_last_list_not_against_the_day_it_was_bound() {
    for restarts in [false, true] {
        let (mut world, server) = on_one_server(1);
        let account = world.account(0);
        world.panels.get_mut(&server).unwrap().clients.remove(&email(account));
        // A client that one list lacks is looked for once more.
        world.pass(&server);
        world.wait(DurationMs(MINUTE_MS));
        assert!(has(world.pass(&server).sent(), account, Verb::Create));
        if restarts {
            world.counters.clear();
        }
        // A week of the line carries that; what is between two lists does not.
        leap(&mut world, 0..1, 4000 * GIB);
        for _ in 0..2 {
            world.wait(DurationMs(MINUTE_MS));
            world.pass(&server);
        }
        assert_eq!(world.snapshot.used(account), Bytes(0), "restarts: {restarts}");
    }
}

#[test]
fn a_process_that_was_down_for_two_days_bills_two_days_of_the_line() {
    let (mut world, server) = with(catalog_with_room(100, 0), 12, 500);
    world.counters.clear();
    world.wait(DurationMs(2 * DAY_MS));
    leap(&mut world, 0..12, 400 * GIB);
    assert_eq!(world.pass(&server).guarded.proposal.leap, None);
    assert_eq!(world.snapshot.used(world.account(0)), Bytes(400 * GIB));
}

#[test]
fn the_last_list_is_written_down_each_quarter_of_an_hour_and_no_oftener() {
    let (mut world, server) = on_one_server(1);
    let mut written = 0;
    for _ in 0..60 {
        world.wait(DurationMs(MINUTE_MS));
        written += usize::from(world.pass(&server).guarded.proposal.last_list.is_some());
    }
    assert_eq!(written, 4);
    let partial = Observation {
        coverage: Coverage::Only(vec![email(world.account(0))]),
        ..world.panels[&server].observe(world.now)
    };
    world.wait(DurationMs(DAY_MS));
    assert_eq!(world.plan_seen(&partial, &Default::default()).last_list, None);
}

#[test]
fn a_leap_is_said_for_an_hour_and_then_no_more() {
    let (mut world, server) = on_one_server(12);
    leap(&mut world, 0..12, 50 * GIB);
    let said =
        |world: &World| world.snapshot.server_status(&server).unwrap().leap.as_deref().copied();
    for minute in 0..60 {
        world.pass(&server);
        assert_eq!(said(&world).map(|l| l.clients), Some(12), "minute {minute}");
        world.wait(DurationMs(MINUTE_MS));
    }
    world.pass(&server);
    assert_eq!(said(&world), None);
}

#[test]
fn many_who_are_used_up_at_once_beyond_the_line_are_cut_under_the_guards_budget() {
    // 8 GiB each: in all less than ten minutes of the line, and more than two.
    let (mut world, server) = with(catalog_with_room(100, 0), 9, 8);
    leap(&mut world, 0..9, 8 * GIB);
    let pass = world.pass(&server);
    assert_eq!(pass.guarded.proposal.leap.map(|l| (l.clients, l.by)), Some((9, Bytes(72 * GIB))));
    let cut = |world: &World| ids(world, 0..9).iter().filter(|a| !world.client(**a).enable).count();
    assert_eq!(cut(&world), 5, "the budget of an hour");
    let held = pass.guarded.held.unwrap();
    assert_eq!(held.items.len(), 4);
    // The others stay on list after list, until somebody confirms.
    for _ in 0..3 {
        world.wait(DurationMs(SECOND_MS));
        for account in ids(&world, 0..9) {
            if held.items.iter().any(|i| i.account == account) {
                world.client_mut(account).enable = true;
            }
        }
        world.pass(&server);
        assert_eq!(cut(&world), 5);
    }
    world.catalog.servers.get_mut(&server).unwrap().confirm = Some(held.fingerprint);
    world.pass(&server);
    assert_eq!(cut(&world), 9);
}

#[test]
fn those_whom_the_line_explains_are_cut_at_once() {
    let (mut world, server) = with(catalog_with_room(100, 0), 9, 1);
    leap(&mut world, 0..9, GIB);
    let pass = world.pass(&server);
    assert_eq!((pass.sent().len(), pass.guarded.held), (9, None));
    let (mut world, server) = with(catalog(), 1, 50);
    leap(&mut world, 0..1, 50 * GIB);
    assert!(world.pass(&server).sent()[0].explained, "one alone");
}
