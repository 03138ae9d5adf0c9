//! Where an account goes: sticky, within capacity, the same for the same records.

use crate::random::cases;
use nebulalinks::catalog::ServerLifecycle;
use nebulalinks::intent::Reply;
use nebulalinks::model::*;
use nebulalinks::planner::{Scheduled, schedule};
use nebulalinks_testkit::people;
use nebulalinks_testkit::shop::{catalog, catalog_with_room, server};
use nebulalinks_testkit::world::World;
use proptest::prelude::*;

fn on(world: &World, id: &str) -> usize {
    world.snapshot.bound_to(&server(id)).count()
}

#[test]
fn an_account_that_has_a_server_keeps_it() {
    let mut world = World::settled(catalog(), 3, "basic-30");
    let account = world.account(0);
    let before = world.server_of(account);
    world.catalog.servers.get_mut(&before).unwrap().lifecycle = ServerLifecycle::Cordoned;
    for other in world.catalog.servers.values_mut().filter(|s| s.id != before) {
        other.weight = 100;
    }
    let now = world.now;
    assert_eq!(schedule(&world.snapshot, &world.catalog, account, now), Scheduled::Settled);
}

#[test]
fn the_same_records_give_the_same_server() {
    let mut world = World::settled(catalog(), 5, "basic-30");
    let account = world.sell(9, "basic-30");
    let mut edits = Edits::new();
    let at = world.server_of(account);
    edits.delete(Key::Binding(account, at));
    assert!(world.commit(&edits));
    let schedule = || schedule(&world.snapshot, &world.catalog, account, world.now);
    let first = schedule();
    assert!(matches!(first, Scheduled::Bind(_)));
    assert!((0..5).all(|_| schedule() == first));
}

#[test]
fn a_heavier_server_takes_more() {
    let mut catalog = catalog_with_room(100, 100);
    catalog.servers.get_mut(&server("ams-1")).unwrap().weight = 3;
    let world = World::settled(catalog, 60, "basic-30");
    assert!(on(&world, "ams-1") > on(&world, "fra-1"));
}

#[test]
fn a_new_account_goes_where_customers_are_served_while_there_is_such_a_server() {
    for kind in [ConditionKind::Stalled, ConditionKind::Unreachable] {
        let mut catalog = catalog_with_room(100, 100);
        catalog.servers.get_mut(&server("ams-1")).unwrap().weight = 3;
        let mut world = World::settled(catalog, 0, "basic-30");
        let down = |world: &mut World, id: &str| {
            let mut status = ServerStatus::new(server(id));
            let reason = "xray is stopped".to_owned();
            status.conditions.push(Condition { kind, reason, since: world.now });
            world.put(status);
        };
        down(&mut world, "ams-1");
        world.sell(1, "basic-30");
        assert_eq!((on(&world, "fra-1"), on(&world, "ams-1")), (1, 0), "{kind:?}");
        // With nothing better a place is a place: the account waits there.
        down(&mut world, "fra-1");
        world.sell(2, "basic-30");
        assert_eq!((on(&world, "fra-1"), on(&world, "ams-1")), (1, 1), "{kind:?}");
    }
}

#[test]
fn equals_share_alike() {
    let world = World::settled(catalog_with_room(100, 100), 40, "basic-30");
    assert_eq!((on(&world, "fra-1"), on(&world, "ams-1")), (20, 20));
}

#[test]
fn cordoned_servers_and_others_than_the_plan_names_take_nobody() {
    let mut catalog = catalog();
    catalog.servers.get_mut(&server("ams-1")).unwrap().lifecycle = ServerLifecycle::Cordoned;
    let world = World::settled(catalog, 10, "basic-30");
    assert_eq!(on(&world, "ams-1"), 0);
    let world = World::settled(catalog_with_room(10, 1_000), 10, "fra-30");
    assert_eq!(on(&world, "ams-1"), 0);
}

#[test]
fn a_full_shop_says_so_and_binds_nobody() {
    let mut world = World::settled(catalog_with_room(1, 1), 2, "basic-30");
    let third = people::place(3, "basic-30", Target::New, 77);
    assert_eq!(world.submit(&third), Err(nebulalinks::intent::Rejection::NoCapacity));
    // A late proof reopens an order whose place is gone: its account waits, and the report says so.
    world.catalog = catalog_with_room(2, 1);
    let Ok(Reply::Placed(order)) = world.submit(&third) else { panic!() };
    world.catalog = catalog_with_room(1, 1);
    world.submit(&people::pay(3, order, 3)).unwrap();
    let Ok(Reply::Approved(_, account)) = world.submit(&people::approve(order)) else { panic!() };
    let now = world.now;
    assert_eq!(schedule(&world.snapshot, &world.catalog, account, now), Scheduled::NoRoom);
}

#[test]
fn a_new_term_revives_a_tombstone_on_its_server() {
    let mut world = World::settled(catalog(), 1, "basic-30");
    let account = world.account(0);
    let at = world.server_of(account);
    let mut binding = world.snapshot.binding(account, &at).unwrap().clone();
    binding.disposition = Disposition::Tombstoned { since: world.now };
    world.put(binding);
    world.now = world.now + DurationMs(31 * DAY_MS);
    assert!(!world.bind(account), "nothing to serve");
    // Not the emptier server: its own.
    for other in world.catalog.servers.values_mut().filter(|s| s.id != at) {
        other.weight = 100;
    }
    world.renew(0, "basic-30", account);
    let binding = world.snapshot.binding(account, &at).unwrap();
    assert_eq!(binding.disposition, Disposition::Serving);
    assert_eq!(world.snapshot.bindings(account).count(), 1);
}

/// An account whose tombstone was deleted, and where it had been.
fn gone() -> (World, AccountId, ServerId) {
    let mut world = World::settled(catalog_with_room(100, 100), 1, "basic-30");
    let account = world.account(0);
    let at = world.server_of(account);
    let mut edits = Edits::new();
    edits.delete(Key::Binding(account, at.clone()));
    assert!(world.commit(&edits));
    (world, account, at)
}

#[test]
fn an_account_goes_where_its_own_client_came_back_and_gets_no_second_one() {
    let (mut world, account, at) = gone();
    let others = [AccountId::new(ulid::Ulid(1)), account];
    world.put(ServerStatus { orphans: others.to_vec(), ..ServerStatus::new(at.clone()) });
    for other in world.catalog.servers.values_mut().filter(|s| s.id != at) {
        other.weight = 100;
    }
    world.renew(0, "basic-30", account);
    assert_eq!(world.server_of(account), at);
    // Who has no client there goes where there is more room.
    let stranger = world.sell(7, "basic-30");
    assert_ne!(world.server_of(stranger), at);
}

#[test]
fn a_client_that_came_back_draws_nobody_to_a_server_that_does_not_answer() {
    let (mut world, account, at) = gone();
    let (kind, reason) = (ConditionKind::Unreachable, "panel_down: refused".to_owned());
    let conditions = vec![Condition { kind, reason, since: world.now }];
    world.put(ServerStatus { conditions, orphans: vec![account], ..ServerStatus::new(at.clone()) });
    world.renew(0, "basic-30", account);
    assert_ne!(world.server_of(account), at);
}

#[test]
fn a_place_that_only_one_plan_can_use_is_left_to_it() {
    // One may go anywhere, the other only to Frankfurt; both were promised a place. Frankfurt
    // takes people more gladly, so the first would go there if nobody thought of the other.
    let mut catalog = catalog_with_room(1, 1);
    catalog.servers.get_mut(&server("fra-1")).unwrap().weight = 5;
    let mut world = World::empty(catalog);
    let mut promised = Vec::new();
    for (n, plan) in [(0, "fra-30"), (1, "basic-30")] {
        let Ok(Reply::Placed(order)) = world.submit(&people::place(n, plan, Target::New, n)) else {
            panic!()
        };
        world.submit(&people::pay(n, order, n)).unwrap();
        promised.push(order);
    }
    // The one who may go anywhere is approved first.
    for order in promised.into_iter().rev() {
        let Ok(Reply::Approved(_, account)) = world.submit(&people::approve(order)) else {
            panic!()
        };
        assert!(world.bind(account), "a place was promised");
    }
    assert_eq!((on(&world, "fra-1"), on(&world, "ams-1")), (1, 1));
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn no_server_is_ever_over_its_capacity(
        room in (1..6_u32, 1..6_u32), weight in 1..5_u32,
        buyers in proptest::collection::vec(prop_oneof!["basic-30", "fra-30", "pro-30"], 1..16),
    ) {
        let mut catalog = catalog_with_room(room.0, room.1);
        catalog.servers.get_mut(&server("fra-1")).unwrap().weight = weight;
        let mut world = World::empty(catalog);
        let mut promised = Vec::new();
        for (n, plan) in buyers.iter().enumerate() {
            let n = n as u64;
            let Ok(Reply::Placed(order)) =
                world.submit(&people::place(n, plan, Target::New, n)) else { continue };
            world.submit(&people::pay(n, order, n)).unwrap();
            promised.push(order);
        }
        // In another order than they were placed.
        for order in promised.into_iter().rev() {
            let Ok(Reply::Approved(_, account)) = world.submit(&people::approve(order)) else {
                panic!("approved")
            };
            prop_assert!(world.bind(account), "a place was promised");
        }
        prop_assert!(on(&world, "fra-1") <= room.0 as usize);
        prop_assert!(on(&world, "ams-1") <= room.1 as usize);
    }
}
