//! What a panel lets through beyond an allowance is never billed, and a renewal gives what it sells.

use crate::random::cases;
use nebulalinks::model::*;
use nebulalinks::planner::Verb;
use nebulalinks_testkit::pure_loop::has;
use nebulalinks_testkit::shop::catalog;
use nebulalinks_testkit::world::{World, email};
use proptest::prelude::*;
use std::num::NonZeroU64;

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

/// One account of a plan of so many bytes, served an hour ago.
fn with_allowance(bytes: u64) -> (World, AccountId, ServerId) {
    let mut catalog = catalog();
    for plan in &mut catalog.plans {
        if plan.traffic != Quota::Unlimited {
            plan.traffic = Quota::Bytes(Bytes(bytes));
        }
    }
    let world = World::settled(catalog, 1, "basic-30");
    let account = world.account(0);
    let server = world.server_of(account);
    (world, account, server)
}

/// Xray goes on for a while when its panel has cut: the counter passes the cap.
fn overrun_to(world: &mut World, account: AccountId, counter: u64) {
    let client = world.client_mut(account);
    client.counter = Bytes(counter);
    let now = world.now;
    let server = world.server_of(account);
    world.panels.get_mut(&server).unwrap().poll(now);
}

fn a_round(world: &mut World, server: &ServerId) {
    world.wait(DurationMs(MINUTE_MS));
    world.pass(server);
}

fn left(world: &World, account: AccountId) -> u64 {
    match world.entitlement(account).left {
        Quota::Bytes(left) => left.0,
        Quota::Unlimited => panic!("the plan is capped"),
    }
}

fn cap(world: &World, account: AccountId) -> u64 {
    match world.client(account).cap {
        Cap::Bytes(cap) => cap.get(),
        Cap::Unlimited => panic!("the plan is capped"),
    }
}

#[test]
fn a_client_that_a_backup_left_running_is_not_served_by_a_new_run_before_its_enable() {
    let (mut world, account, server) = with_allowance(8 * MIB);
    world.wait(DurationMs(31 * DAY_MS));
    let mut edits = Edits::new();
    edits.delete(Key::Binding(account, server.clone()));
    edits.delete(Key::BindingStatus(account, server.clone()));
    assert!(world.commit(&edits), "its tombstone was deleted");
    let panel = world.panels.get_mut(&server).unwrap();
    let client = panel.clients.get_mut(&email(account)).unwrap();
    let end = NonZeroU64::new(world.now.0 + 10 * DAY_MS).unwrap();
    (client.enable, client.end, client.counter) = (true, Some(End::At(end)), Bytes(5 * MIB));
    world.put(ServerStatus { orphans: vec![account], ..ServerStatus::new(server.clone()) });
    world.renew(0, "basic-30", account);
    assert_eq!(world.server_of(account), server);
    let pass = world.prepare(&server);
    let run = world.entitlement(account).run;
    assert!(!world.snapshot.was_served(account, run), "nothing was sent yet");
    assert_eq!(left(&world, account), 8 * MIB, "what it used before is nobody's bill");
    for change in pass.sent().to_vec() {
        world.carry_out(&server, &change);
    }
    a_round(&mut world, &server);
    assert!(world.snapshot.was_served(account, run));
    assert_eq!((left(&world, account), cap(&world, account)), (8 * MIB, 13 * MIB));
}

#[test]
fn a_renewal_gives_what_it_sells_whatever_was_overrun() {
    for (bought, used, renewed) in [(8, 9, 8), (8, 60, 8), (8, 60, 30)] {
        let (mut world, account, server) = with_allowance(bought * MIB);
        overrun_to(&mut world, account, used * MIB);
        a_round(&mut world, &server);
        assert_eq!(world.entitlement(account).standing(world.now), Standing::Depleted);
        for plan in &mut world.catalog.plans {
            plan.traffic = Quota::Bytes(Bytes(renewed * MIB));
        }
        let e = world.entitlement(account);
        let quota = Quota::Bytes(Bytes(renewed * MIB));
        let (_, promised) = e.after_term(DurationMs(DAY_MS), quota, world.now);
        assert_eq!(promised, quota, "the page before paying");
        world.renew(0, "basic-30", account);
        assert_eq!(left(&world, account), renewed * MIB, "the page after the approval");
        assert_eq!(world.entitlement(account).standing(world.now), Standing::Active);
        a_round(&mut world, &server);
        assert_eq!(left(&world, account), renewed * MIB, "once it is on again");
        assert_eq!(cap(&world, account), (used + renewed) * MIB);
        assert_eq!(world.entitlement(account).over, Bytes((used - bought) * MIB));
    }
}

#[test]
fn what_flows_after_the_enable_is_billed() {
    let (mut world, account, server) = with_allowance(8 * MIB);
    overrun_to(&mut world, account, 10 * MIB);
    a_round(&mut world, &server);
    world.renew(0, "basic-30", account);
    a_round(&mut world, &server);
    world.panels.get_mut(&server).unwrap().traffic(&email(account), 3 * MIB);
    a_round(&mut world, &server);
    assert_eq!(left(&world, account), 5 * MIB);
    assert_eq!(cap(&world, account), 18 * MIB, "it stays while only traffic flows");
    overrun_to(&mut world, account, 19 * MIB);
    a_round(&mut world, &server);
    world.renew(0, "basic-30", account);
    a_round(&mut world, &server);
    assert_eq!((left(&world, account), world.entitlement(account).over.0), (8 * MIB, 3 * MIB));
}

#[test]
fn an_overrun_that_the_shop_had_not_seen_at_the_approval_is_not_billed_either() {
    let (mut world, account, server) = with_allowance(8 * MIB);
    overrun_to(&mut world, account, 12 * MIB);
    world.renew(0, "basic-30", account);
    a_round(&mut world, &server);
    assert_eq!((left(&world, account), cap(&world, account)), (8 * MIB, 20 * MIB));
}

#[test]
fn an_early_renewal_bills_what_was_used_within_the_allowance() {
    let (mut world, account, server) = with_allowance(8 * MIB);
    world.panels.get_mut(&server).unwrap().traffic(&email(account), 5 * MIB);
    world.renew(0, "basic-30", account);
    a_round(&mut world, &server);
    assert_eq!((left(&world, account), cap(&world, account)), (11 * MIB, 16 * MIB));
    assert_eq!(world.entitlement(account).over, Bytes(0));
}

#[test]
fn a_new_run_does_not_pay_for_what_ran_on_after_the_end() {
    let (mut world, account, server) = with_allowance(8 * MIB);
    world.wait(DurationMs(31 * DAY_MS));
    world.pass(&server);
    world.renew(0, "basic-30", account);
    // An open transfer goes on until the panel hears of the renewal.
    overrun_to(&mut world, account, 5 * MIB);
    a_round(&mut world, &server);
    assert_eq!((left(&world, account), cap(&world, account)), (8 * MIB, 13 * MIB));
    assert_eq!(world.entitlement(account).over, Bytes(5 * MIB));
}

#[test]
fn when_the_answer_of_the_enable_is_lost_what_flows_after_it_is_billed_all_the_same() {
    let (mut world, account, server) = with_allowance(8 * MIB);
    overrun_to(&mut world, account, 10 * MIB);
    a_round(&mut world, &server);
    world.renew(0, "basic-30", account);
    world.wait(DurationMs(MINUTE_MS));
    // What was learnt is durable, the change arrives, and nobody hears of it.
    let pass = world.plan_guarded(&server);
    let mut before = Edits::new();
    for status in &pass.guarded.proposal.seen {
        before.put(status.clone());
    }
    for ledger in &pass.guarded.proposal.ledgers {
        before.put(ledger.clone());
    }
    assert!(world.commit(&before));
    let change = pass.sent().iter().find(|c| c.account == account).unwrap().clone();
    let now = world.now;
    world.panels.get_mut(&server).unwrap().apply(&change, now);
    world.panels.get_mut(&server).unwrap().traffic(&email(account), 3 * MIB);
    a_round(&mut world, &server);
    assert_eq!((left(&world, account), cap(&world, account)), (5 * MIB, 18 * MIB));
    a_round(&mut world, &server);
    assert_eq!(world.entitlement(account).over, Bytes(2 * MIB));
}

#[test]
fn what_two_lists_have_seen_is_counted_though_the_counter_restarts() {
    let (mut world, account, server) = with_allowance(50 * GIB);
    for _ in 0..2 {
        world.panels.get_mut(&server).unwrap().traffic(&email(account), 3 * GIB / 2);
        a_round(&mut world, &server);
    }
    world.client_mut(account).counter = Bytes(0);
    a_round(&mut world, &server);
    assert_eq!(cap(&world, account), 50_465_865_728);
    assert_eq!(left(&world, account), 47 * GIB);
}

#[test]
fn little_traffic_is_not_written_at_every_list() {
    let (mut world, account, server) = with_allowance(50 * GIB);
    a_round(&mut world, &server);
    let mut written = 0;
    for _ in 0..10 {
        world.panels.get_mut(&server).unwrap().traffic(&email(account), MIB);
        world.wait(DurationMs(MINUTE_MS));
        written += world.pass(&server).guarded.proposal.ledgers.len();
    }
    assert!(written <= 1, "{written} writes for 10 MiB");
}

proptest! {
    #![proptest_config(cases(96))]

    #[test]
    fn whatever_is_overrun_every_renewal_after_depletion_gives_all_that_it_sells(
        steps in proptest::collection::vec((1_u64..40, 0_u64..30), 1..6),
    ) {
        let (mut world, account, server) = with_allowance(8 * MIB);
        let mut over = Bytes(0);
        for (beyond, unseen) in steps {
            let held = cap(&world, account);
            overrun_to(&mut world, account, held + beyond * MIB);
            a_round(&mut world, &server);
            prop_assert!(!world.client(account).enable);
            world.renew(0, "basic-30", account);
            let counter = world.client(account).counter.0;
            overrun_to(&mut world, account, counter + unseen * MIB);
            let pass = { world.wait(DurationMs(MINUTE_MS)); world.pass(&server) };
            prop_assert!(has(pass.sent(), account, Verb::Enable));
            prop_assert_eq!(left(&world, account), 8 * MIB);
            let counter = world.client(account).counter.0;
            prop_assert_eq!(cap(&world, account), counter + 8 * MIB);
            let now = world.entitlement(account).over;
            prop_assert!(now >= over, "it never falls");
            over = now;
        }
    }
}
