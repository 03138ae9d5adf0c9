//! Nobody pays for our outage, and nobody is paid twice.

use crate::random::cases;
use nebulalinks::model::*;
use nebulalinks::planner::{Verb, Waiting};
use nebulalinks_testkit::pure_loop::has;
use nebulalinks_testkit::shop::catalog;
use nebulalinks_testkit::world::{World, email};
use proptest::prelude::*;

fn approved() -> (World, AccountId, ServerId) {
    let mut world = World::empty(catalog());
    let account = world.sell(0, "basic-30");
    let server = world.server_of(account);
    (world, account, server)
}

#[test]
fn a_panel_down_for_two_days_costs_the_customer_nothing() {
    let (mut world, account, server) = approved();
    world.wait(DurationMs(2 * DAY_MS));
    let first = world.pass(&server);
    assert!(first.sent().is_empty(), "the compensation is durable before the client is made");
    assert!(first.guarded.proposal.report.of(account).any(|w| w == Waiting::Compensation));
    let second = world.pass(&server);
    assert!(has(second.sent(), account, Verb::Create));
    let end = world.now + DurationMs(30 * DAY_MS);
    assert_eq!(world.client(account).end, Some(End::at(end)));
    assert_eq!(world.snapshot.terms(account).count(), 2);
}

#[test]
fn ten_minutes_are_the_ordinary_way_of_things() {
    let (mut world, account, server) = approved();
    world.wait(DurationMs(10 * MINUTE_MS));
    assert!(has(world.pass(&server).sent(), account, Verb::Create));
    assert_eq!(world.snapshot.terms(account).count(), 1);
}

#[test]
fn a_run_that_was_served_is_never_compensated() {
    let (mut world, account, server) = approved();
    world.pass(&server);
    world.panels.get_mut(&server).unwrap().clients.remove(&email(account));
    world.wait(DurationMs(2 * DAY_MS));
    world.pass(&server);
    world.wait(DurationMs(MINUTE_MS));
    assert!(has(world.pass(&server).sent(), account, Verb::Create));
    assert!(!world.compensate(account));
    assert_eq!(world.snapshot.terms(account).count(), 1);
}

#[test]
fn while_the_first_enable_is_refused_one_compensation_is_added_and_no_more() {
    let (mut world, account, _) = approved();
    world.wait(DurationMs(DAY_MS));
    assert!(world.compensate(account));
    for _ in 0..6 {
        world.wait(DurationMs(HOUR_MS));
        assert!(!world.compensate(account), "it has not been read back yet");
    }
    assert_eq!(world.snapshot.terms(account).count(), 2);
}

#[test]
fn a_run_that_would_end_while_its_enable_is_refused_is_given_the_time_again() {
    let (mut world, account, server) = approved();
    world.wait(DurationMs(DAY_MS));
    assert!(world.compensate(account));
    let end = world.entitlement(account).ends_at;
    world.now = end - DurationMs(1);
    assert!(!world.compensate(account));
    // No gateway enables what has ended.
    world.now = end + DurationMs(HOUR_MS);
    let waits = world.pass(&server);
    assert!(waits.sent().is_empty(), "{}", waits.guarded.pass.set());
    world.pass(&server);
    let whole = End::at(world.now + DurationMs(30 * DAY_MS));
    assert_eq!(world.client(account).end, Some(whole), "paid for, so served in full");
    assert_eq!(world.snapshot.terms(account).count(), 3);
    assert!(!world.compensate(account));
}

#[test]
fn once_the_enable_is_read_back_one_more_covers_the_rest() {
    let (mut world, account, server) = approved();
    world.wait(DurationMs(DAY_MS));
    assert!(world.compensate(account));
    let before = world.entitlement(account).ends_at;
    world.wait(DurationMs(6 * HOUR_MS));
    world.pass(&server);
    assert!(world.entitlement(account).served);
    world.wait(DurationMs(MINUTE_MS));
    world.pass(&server);
    assert_eq!(world.entitlement(account).ends_at, before + DurationMs(6 * HOUR_MS));
    for _ in 0..3 {
        world.wait(DurationMs(HOUR_MS));
        world.pass(&server);
    }
    assert_eq!(world.snapshot.terms(account).count(), 3, "sold, and two compensations");
    assert_eq!(world.client(account).end, Some(End::at(before + DurationMs(6 * HOUR_MS))));
}

#[test]
fn two_who_compensate_at_once_give_one_term() {
    let (mut world, account, _) = approved();
    world.wait(DurationMs(DAY_MS));
    let revision = world.catalog.revision.clone();
    let twice = [(); 2].map(|()| {
        nebulalinks::planner::compensate(&world.snapshot, account, &revision, world.now).unwrap()
    });
    assert!(world.commit(&twice[0]));
    assert!(!world.commit(&twice[1]));
}

#[test]
fn a_run_that_could_not_be_served_does_not_end() {
    let (mut world, account, server) = approved();
    world.wait(DurationMs(45 * DAY_MS));
    assert_eq!(world.entitlement(account).standing(world.now), Standing::Active);
    world.pass(&server);
    world.pass(&server);
    let end = world.now + DurationMs(30 * DAY_MS);
    assert_eq!(world.client(account).end, Some(End::at(end)));
    assert!(world.client(account).enable);
}

#[test]
fn a_renewal_after_the_end_is_compensated_for_its_own_delay_only() {
    let (mut world, account, server) = approved();
    world.pass(&server);
    world.wait(DurationMs(31 * DAY_MS));
    world.pass(&server);
    world.renew(0, "basic-30", account);
    world.wait(DurationMs(DAY_MS));
    world.pass(&server);
    world.pass(&server);
    let end = world.now + DurationMs(30 * DAY_MS);
    assert_eq!(world.client(account).end, Some(End::at(end)));
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn whatever_the_outage_the_customer_gets_the_length_that_was_sold(
        outage in 0..(60 * DAY_MS),
        again in proptest::collection::vec(1..(3 * DAY_MS), 0..3),
    ) {
        let (mut world, account, server) = approved();
        world.wait(DurationMs(outage));
        for more in again {
            // It answers, the compensation is stored, and it is gone again before the enable.
            world.compensate(account);
            world.wait(DurationMs(more));
        }
        for _ in 0..5 {
            world.pass(&server);
        }
        prop_assert!(world.client(account).enable);
        let served_for = world.entitlement(account).ends_at.since(world.now);
        let sold = DurationMs(30 * DAY_MS);
        prop_assert!(served_for <= sold);
        prop_assert!((sold - served_for).0 <= 10 * MINUTE_MS, "{served_for:?}");
    }
}
