//! While no server of a plan can be used, a new order of it is refused, or says that it will wait.

use nebulalinks::catalog::{Mode, Unserved};
use nebulalinks::discord::PROFILE;
use nebulalinks::intent::{Rejection, Reply};
use nebulalinks::model::*;
use nebulalinks::view::Pages;
use nebulalinks_testkit::people::{approve, pay, place};
use nebulalinks_testkit::shop::{catalog, server};
use nebulalinks_testkit::world::World;

const WAITS: &str = "No server of this plan that has a place can serve you at the moment";

fn world(unserved: Unserved) -> World {
    let mut catalog = catalog();
    catalog.shop.orders.unserved = unserved;
    World::empty(catalog)
}

/// Says of each server what was seen of it last.
fn seen(world: &mut World, kind: Option<ConditionKind>, servers: &[&str]) {
    for id in servers {
        let condition = |kind| Condition { kind, reason: "seen".into(), since: world.now };
        let conditions = kind.map(condition).into_iter().collect();
        world.put(ServerStatus { conditions, ..ServerStatus::new(server(id)) });
    }
}

fn asks(world: &mut World, n: u64, plan: &str) -> Result<Reply, Rejection> {
    world.submit(&place(n, plan, Target::New, 100 + n))
}

/// The page on which a plan is paid for, and the order's page and card where there is one.
fn pages(world: &World, plan: &str, order: Option<OrderId>) -> Vec<String> {
    let pages = Pages::new(&PROFILE, &world.snapshot, &world.catalog, world.now);
    let surface = |key| pages.surface(key).map(|message| message.plain());
    let of_order = order.into_iter().flat_map(SurfaceKey::of_order).filter_map(surface);
    let mut all = vec![pages.method_picker(&plan.parse().unwrap()).plain()];
    all.extend(of_order);
    all
}

const DOWN: [ConditionKind; 2] = [ConditionKind::Unreachable, ConditionKind::Stalled];

#[test]
fn a_new_order_that_no_server_can_serve_now_is_refused_and_changes_nothing() {
    for down in DOWN {
        let mut world = world(Unserved::Refuse);
        seen(&mut world, Some(down), &["fra-1"]);
        // Another server of the plan is enough.
        assert!(matches!(asks(&mut world, 1, "basic-30"), Ok(Reply::Placed(_))), "{down:?}");
        let before = world.snapshot.revision();
        assert_eq!(asks(&mut world, 2, "fra-30"), Err(Rejection::Unserved), "{down:?}");
        assert_eq!(world.snapshot.revision(), before);
        let [page] = &pages(&world, "fra-30", None)[..] else { panic!() };
        assert!(page.starts_with(WAITS) && page.contains("Nothing was changed"), "{page}");
        assert!(!page.contains("Pick a way to pay"), "{page}");
        seen(&mut world, None, &["fra-1"]);
        assert!(matches!(asks(&mut world, 2, "fra-30"), Ok(Reply::Placed(_))), "it is back");
    }
}

#[test]
fn a_server_without_a_place_or_that_is_only_observed_serves_nobody_new() {
    let mut world = world(Unserved::Refuse);
    seen(&mut world, Some(ConditionKind::Unreachable), &["fra-1"]);
    world.catalog.servers.get_mut(&server("ams-1")).unwrap().mode = Mode::Observe;
    assert_eq!(asks(&mut world, 1, "basic-30"), Err(Rejection::Unserved));
    let ams = world.catalog.servers.get_mut(&server("ams-1")).unwrap();
    (ams.mode, ams.capacity) = (Mode::Manage, 0);
    assert_eq!(asks(&mut world, 1, "basic-30"), Err(Rejection::Unserved));
    // Where every place is taken, that is what they read.
    world.catalog.servers.get_mut(&server("fra-1")).unwrap().capacity = 0;
    assert_eq!(asks(&mut world, 1, "basic-30"), Err(Rejection::NoCapacity));
}

#[test]
fn a_clock_that_is_wrong_turns_nobody_away() {
    let mut world = world(Unserved::Refuse);
    for id in ["fra-1", "ams-1"] {
        let down = ConditionKind::Unreachable;
        world.put(ServerStatus {
            failure: Some("clock".to_owned()),
            conditions: vec![Condition {
                kind: down,
                reason: "clock: ours".into(),
                since: world.now,
            }],
            ..ServerStatus::new(server(id))
        });
    }
    assert!(matches!(asks(&mut world, 1, "basic-30"), Ok(Reply::Placed(_))));
}

#[test]
fn a_renewal_is_refused_by_no_outage() {
    let mut world = world(Unserved::Refuse);
    let account = world.sell(1, "basic-30");
    world.settle();
    seen(&mut world, Some(ConditionKind::Unreachable), &["fra-1", "ams-1"]);
    let asked = world.submit(&place(1, "basic-30", Target::Renew(account), 7));
    let Ok(Reply::Placed(order)) = asked else { panic!("{asked:?}") };
    assert!(pages(&world, "basic-30", Some(order))[1..].iter().all(|page| !page.contains(WAITS)));
}

#[test]
fn an_order_that_is_taken_all_the_same_says_that_it_waits_until_a_server_is_back() {
    let mut world = world(Unserved::Mark);
    let both = ["fra-1", "ams-1"];
    seen(&mut world, Some(ConditionKind::Unreachable), &both);
    let asked = asks(&mut world, 1, "basic-30");
    let Ok(Reply::Placed(order)) = asked else { panic!("{asked:?}") };
    let [picker, thread] = &pages(&world, "basic-30", Some(order))[..] else { panic!() };
    assert!(picker.contains("This will wait.") && picker.contains("Pick a way to pay"), "{picker}");
    assert!(thread.contains("This will wait."), "{thread}");
    world.submit(&pay(1, order, 1)).unwrap();
    let marked = |world: &World| {
        let all = pages(world, "basic-30", Some(order));
        let [picker, thread, card] = &all[..] else { panic!("{all:?}") };
        assert!(!thread.contains("You can pay"), "it is paid for: {thread}");
        let said = [picker.contains(WAITS), thread.contains(WAITS)];
        (said, card.contains("**No server can serve it now.**"))
    };
    assert_eq!(marked(&world), ([true; 2], true));
    seen(&mut world, None, &both);
    assert_eq!(marked(&world), ([false; 2], false));
    // Approved, the account says itself what it waits for.
    seen(&mut world, Some(ConditionKind::Unreachable), &both);
    world.submit(&approve(order)).unwrap();
    assert_eq!(marked(&world), ([true, false], false));
}
