//! Places: promised for a time, given back when an account has gone, never oversold (P20).

use crate::random::cases;
use nebulalinks::catalog::{PlanLifecycle, ServerLifecycle};
use nebulalinks::intent::{Rejection, Reply};
use nebulalinks::model::*;
use nebulalinks::planner::Verb;
use nebulalinks_testkit::people::{self, approve, cancel, decline, grant, pay, place, reopen};
use nebulalinks_testkit::people::{place_by, reverse};
use nebulalinks_testkit::pure_loop::has;
use nebulalinks_testkit::shop::{catalog, catalog_with_room, server};
use nebulalinks_testkit::world::World;
use proptest::prelude::*;

const DAY: DurationMs = DurationMs(DAY_MS);

fn days(n: u64) -> DurationMs {
    DurationMs(n * DAY_MS)
}

fn ask(world: &mut World, n: u64, target: Target) -> Result<OrderId, Rejection> {
    let interaction = 10_000 + world.snapshot.revision();
    match world.submit(&place(n, "basic-30", target, interaction))? {
        Reply::Placed(order) => Ok(order),
        other => panic!("{other:?}"),
    }
}

fn paid(world: &mut World, n: u64, target: Target) -> OrderId {
    let order = ask(world, n, target).unwrap();
    let proof = 20_000 + world.snapshot.revision();
    world.submit(&pay(n, order, proof)).unwrap();
    order
}

fn approved(world: &mut World, order: OrderId) -> AccountId {
    let Ok(Reply::Approved(_, account)) = world.submit(&approve(order)) else { panic!() };
    account
}

/// One place, taken by one customer's account, which has ended and has its tombstone.
fn ended() -> (World, AccountId) {
    let mut world = World::settled(catalog_with_room(1, 0), 1, "basic-30");
    let account = world.account(0);
    world.wait(days(30));
    world.round();
    (world, account)
}

fn disposition(world: &World, account: AccountId) -> Option<Disposition> {
    world.snapshot.bindings(account).next().map(|b| b.disposition.clone())
}

#[test]
fn an_ended_account_keeps_its_place_until_its_tombstone_is_deleted() {
    let (mut world, account) = ended();
    assert!(matches!(disposition(&world, account), Some(Disposition::Tombstoned { .. })));
    assert!(!world.client(account).enable, "cut off at the end, not with the tombstone");
    assert_eq!(ask(&mut world, 2, Target::New), Err(Rejection::NoCapacity));
    world.wait(DurationMs(7 * DAY_MS - 1));
    world.round();
    assert_eq!(ask(&mut world, 2, Target::New), Err(Rejection::NoCapacity));
    world.wait(DurationMs(1));
    let sent = world.pass(&server("fra-1"));
    assert!(has(sent.sent(), account, Verb::Delete), "within the guard: it is explained");
    assert_eq!(disposition(&world, account), None);
    ask(&mut world, 2, Target::New).unwrap();
}

#[test]
fn a_suspended_or_depleted_account_has_not_ended_and_one_with_every_term_reversed_has() {
    let mut world = World::settled(catalog(), 2, "basic-30");
    let (held, spent) = (world.account(0), world.account(1));
    let mut account = world.snapshot.account(held).unwrap().clone();
    account.suspension = Some(Box::new(Suspension { reason: "abuse".into(), since: world.now }));
    world.put(account);
    world.client_mut(spent).counter = Bytes(50 << 30);
    for _ in 0..3 {
        world.wait(DAY);
        world.round();
    }
    assert_eq!(disposition(&world, held), Some(Disposition::Serving));
    assert_eq!(disposition(&world, spent), Some(Disposition::Serving));
    let first = world.snapshot.orders().next().unwrap().id;
    world.submit(&reverse(first)).unwrap();
    world.round();
    assert!(matches!(disposition(&world, held), Some(Disposition::Tombstoned { .. })));
}

#[test]
fn a_renewal_before_the_deletion_revives_the_tombstone() {
    let (mut world, account) = ended();
    let renewal = paid(&mut world, 0, Target::Renew(account));
    approved(&mut world, renewal);
    // Long past the day: the new term is about to bring it back, so nothing is deleted.
    world.wait(days(60));
    let pass = world.pass(&server("fra-1"));
    assert!(!has(pass.sent(), account, Verb::Delete));
    world.round();
    world.round();
    assert_eq!(disposition(&world, account), Some(Disposition::Serving));
    assert!(world.client(account).enable);
}

#[test]
fn a_tombstone_of_a_clock_that_was_wrong_switches_nobody_off_when_it_is_right() {
    let mut world = World::settled(catalog_with_room(100, 0), 20, "basic-30");
    let (right, server) = (world.now, world.server_of(world.account(0)));
    world.now = right + days(400);
    for n in 0..20 {
        world.bind(world.account(n));
    }
    world.now = right;
    assert!(matches!(disposition(&world, world.account(0)), Some(Disposition::Tombstoned { .. })));
    assert_eq!(world.pass(&server).sent(), [], "before each account's own key has run");
    world.round();
    for n in 0..20 {
        let account = world.account(n);
        assert!(world.client(account).enable);
        assert_eq!(disposition(&world, account), Some(Disposition::Serving));
    }
}

#[test]
fn a_tombstone_is_not_deleted_while_a_renewal_is_open() {
    let (mut world, account) = ended();
    world.wait(DurationMs(7 * DAY_MS - 1));
    // Decided on before the order, sent after it: the deletion rests on the tombstone as it was.
    let before = world.snapshot.version(&Key::Binding(account, server("fra-1")));
    let renewal = ask(&mut world, 0, Target::Renew(account)).unwrap();
    assert_ne!(world.snapshot.version(&Key::Binding(account, server("fra-1"))), before);
    world.wait(DurationMs(23 * HOUR_MS));
    assert!(!has(world.pass(&server("fra-1")).sent(), account, Verb::Delete));
    world.submit(&pay(0, renewal, 77)).unwrap();
    world.wait(days(2));
    assert!(!has(world.pass(&server("fra-1")).sent(), account, Verb::Delete));
    world.wait(days(2));
    assert!(has(world.pass(&server("fra-1")).sent(), account, Verb::Delete), "review lapsed");
}

#[test]
fn an_account_without_a_place_reserves_one_and_comes_back_with_the_same_credentials() {
    let (mut world, account) = ended();
    let credentials = world.snapshot.account(account).unwrap().credentials.clone();
    world.wait(days(7));
    world.round();
    let other = ask(&mut world, 2, Target::New).unwrap();
    assert_eq!(ask(&mut world, 0, Target::Renew(account)), Err(Rejection::NoCapacity));
    let traffic = Some(Quota::Bytes(Bytes(1 << 30)));
    let granted = world.submit(&grant(1, account, 3, traffic));
    assert_eq!(granted, Err(Rejection::NoCapacity));
    world.submit(&cancel(2, other)).unwrap();
    let renewal = paid(&mut world, 0, Target::Renew(account));
    assert_eq!(ask(&mut world, 2, Target::New), Err(Rejection::NoCapacity));
    approved(&mut world, renewal);
    world.round();
    let client = world.client(account);
    assert!(client.enable);
    assert_eq!(client.uuid, Some(credentials.uuid));
    assert_eq!(client.sub_id, credentials.sub_id);
}

#[test]
fn a_retired_server_forgets_its_tombstones() {
    let (mut world, account) = ended();
    world.catalog.servers.get_mut(&server("fra-1")).unwrap().lifecycle = ServerLifecycle::Retired;
    world.catalog.servers.get_mut(&server("ams-1")).unwrap().capacity = 1;
    world.round();
    assert_eq!(disposition(&world, account), None);
    world.renew(0, "basic-30", account);
    assert_eq!(world.server_of(account), server("ams-1"));
}

#[test]
fn one_customer_with_junk_pictures_takes_two_places_and_for_three_days() {
    let mut world = World::empty(catalog_with_room(4, 0));
    let first = paid(&mut world, 1, Target::New);
    paid(&mut world, 1, Target::New);
    assert_eq!(ask(&mut world, 1, Target::New), Err(Rejection::TooManyOpenOrders(first)));
    // Others buy meanwhile; more pictures keep nothing for longer.
    ask(&mut world, 2, Target::New).unwrap();
    ask(&mut world, 3, Target::New).unwrap();
    assert_eq!(ask(&mut world, 4, Target::New), Err(Rejection::NoCapacity));
    world.now = world.now + days(2);
    world.submit(&pay(1, first, 99)).unwrap();
    world.now = world.now + DAY + DurationMs(MINUTE_MS);
    for n in 4..8 {
        ask(&mut world, n, Target::New).unwrap();
    }
    assert_eq!(world.snapshot.order(first).unwrap().state(world.now), OrderState::AwaitingReview);
    // What lapsed does not count, and a third one is no way to a place that is not free.
    assert_eq!(ask(&mut world, 1, Target::New), Err(Rejection::NoCapacity));
}

#[test]
fn late_proofs_take_no_more_places_than_the_limit_allows() {
    let mut world = World::empty(catalog_with_room(10, 0));
    let mut orders = Vec::new();
    for _ in 0..6 {
        orders.push(ask(&mut world, 1, Target::New).unwrap());
        world.now = world.now + days(2);
    }
    for (n, order) in orders.iter().enumerate() {
        world.submit(&pay(1, *order, n as u64)).unwrap();
    }
    let kept = orders.iter().filter(|o| world.snapshot.order(**o).unwrap().keeps_place(world.now));
    assert_eq!(kept.count(), 2);
    let waits = |o: &&OrderId| world.snapshot.order(**o).unwrap().state(world.now);
    assert!(orders.iter().all(|o| waits(&o) == OrderState::AwaitingReview), "none is forgotten");
}

#[test]
fn a_late_approval_takes_nobodys_promised_place_and_gets_the_next_free_one() {
    let mut world = World::empty(catalog_with_room(1, 0));
    let late = ask(&mut world, 1, Target::New).unwrap();
    world.now = world.now + days(2);
    let promised = ask(&mut world, 2, Target::New).unwrap();
    world.submit(&pay(1, late, 1)).unwrap();
    let first = approved(&mut world, late);
    assert!(!world.bind(first), "the one place was promised to another");
    world.submit(&pay(2, promised, 2)).unwrap();
    let second = approved(&mut world, promised);
    assert!(world.bind(second));
    // Room comes: who waits in line goes before who comes now.
    world.catalog.servers.get_mut(&server("fra-1")).unwrap().capacity = 2;
    assert_eq!(ask(&mut world, 3, Target::New), Err(Rejection::NoCapacity));
    assert!(world.bind(first));
}

#[test]
fn those_in_line_get_places_in_the_order_of_their_approvals() {
    let mut world = World::empty(catalog_with_room(3, 0));
    let orders: Vec<_> = (1..4).map(|n| ask(&mut world, n, Target::New).unwrap()).collect();
    world.now = world.now + days(2);
    world.catalog.servers.get_mut(&server("fra-1")).unwrap().capacity = 0;
    let mut accounts = Vec::new();
    for (n, order) in (1..4).zip(orders) {
        world.submit(&pay(n, order, n)).unwrap();
        world.now = world.now + DurationMs(1);
        accounts.push(approved(&mut world, order));
    }
    world.catalog.servers.get_mut(&server("fra-1")).unwrap().capacity = 2;
    assert!(!world.bind(accounts[2]) && world.bind(accounts[1]) && world.bind(accounts[0]));
    assert!(!world.bind(accounts[2]));
}

#[test]
fn a_declined_orders_place_is_kept_again_only_if_it_is_free() {
    let mut world = World::empty(catalog_with_room(1, 0));
    let order = paid(&mut world, 1, Target::New);
    world.submit(&decline(order)).unwrap();
    world.submit(&reopen(order)).unwrap();
    assert!(world.snapshot.order(order).unwrap().keeps_place(world.now));
    world.submit(&decline(order)).unwrap();
    ask(&mut world, 2, Target::New).unwrap();
    world.submit(&reopen(order)).unwrap();
    assert!(!world.snapshot.order(order).unwrap().keeps_place(world.now));
}

#[test]
fn a_decline_that_is_taken_back_takes_no_more_places_than_the_limit_allows() {
    let mut world = World::empty(catalog_with_room(10, 0));
    let order = paid(&mut world, 1, Target::New);
    world.submit(&decline(order)).unwrap();
    paid(&mut world, 1, Target::New);
    ask(&mut world, 1, Target::New).unwrap();
    world.submit(&reopen(order)).unwrap();
    let reopened = world.snapshot.order(order).unwrap().clone();
    assert!(!reopened.keeps_place(world.now), "two others keep one each");
    assert_eq!(reopened.state(world.now), OrderState::AwaitingReview, "it is not forgotten");
}

#[test]
fn a_hidden_plan_cannot_be_had_by_its_id() {
    let mut world = World::settled(catalog(), 1, "basic-90");
    let account = world.account(0);
    for plan in world.catalog.plans.iter_mut().filter(|p| p.id.as_str() != "basic-30") {
        plan.lifecycle = PlanLifecycle::Hidden;
    }
    let buy = |plan: &str, target, n| place_by(0, plan, target, n, "cash");
    assert_eq!(world.submit(&buy("basic-90", Target::New, 1)), Err(Rejection::PlanNotSold));
    let renew = Target::Renew(account);
    assert_eq!(world.submit(&buy("fra-30", renew, 2)), Err(Rejection::PlanNotSold));
    assert!(world.submit(&buy("basic-90", renew, 3)).is_ok(), "it is the one they have");
}

proptest! {
    #![proptest_config(cases(24))]

    // P20: years of customers who come, stay, leave, pay late, and are declined.
    #[test]
    fn over_years_places_are_never_oversold_and_always_given_back(
        seed in proptest::collection::vec((0..12_u64, 0..10_u8, 1..9_u64), 60..140),
        room in (1..4_u32, 0..3_u32),
    ) {
        let mut world = World::empty(catalog_with_room(room.0, room.1));
        for (who, what, wait) in seed {
            let own = people::accounts_of(&world.snapshot, who).next().map(|a| a.id);
            let target = own.filter(|_| what % 2 == 0).map_or(Target::New, Target::Renew);
            let known = people::customer_in(&world.snapshot, who).into_iter();
            let mine: Vec<OrderId> =
                known.flat_map(|id| world.snapshot.undecided_orders(id)).map(|o| o.id).collect();
            match (what, mine.last()) {
                (0..=4, _) => drop(ask(&mut world, who, target)),
                (_, None) => {}
                (5..=8, Some(order)) => {
                    let proof = 50_000 + world.snapshot.revision();
                    if world.submit(&pay(who, *order, proof)).is_ok() && what < 8 {
                        drop(world.submit(&approve(*order)));
                    }
                }
                (_, Some(order)) => drop(world.submit(&decline(*order))),
            }
            world.wait(days(wait));
            world.round();
            world.round();
            for id in ["fra-1", "ams-1"] {
                let bound = world.snapshot.bound_to(&server(id)).count();
                let capacity = world.catalog.servers[&server(id)].capacity as usize;
                prop_assert!(bound <= capacity, "oversold");
                prop_assert_eq!(bound, world.snapshot.bound_count(&server(id)), "the count drifts");
            }
        }
        // Everybody leaves.
        world.wait(days(400));
        for _ in 0..4 {
            world.round();
            world.wait(days(8));
        }
        let capacity = (room.0 + room.1) as usize;
        let waiting = world.snapshot.in_line(world.now).count();
        let served = world.snapshot.accounts().filter(|a| {
            world.snapshot.bindings(a.id).next().is_some()
        }).count();
        prop_assert!(waiting == 0 || served == capacity, "somebody waits beside a free place");
        if waiting == 0 {
            for n in served..capacity {
                prop_assert!(ask(&mut world, 100 + n as u64, Target::New).is_ok(), "lost a place");
            }
        }
    }
}
