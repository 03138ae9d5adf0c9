//! The payment's own number, as customers type it: staff are told of one that stands under another order, and no two
//! orders are paid with one.

use nebulalinks::intent::{Rejection, Reply};
use nebulalinks::model::*;
use nebulalinks_testkit::people::{self, approve, approve_with, decline, pay_with, place_by};
use nebulalinks_testkit::shop::catalog;
use nebulalinks_testkit::world::World;

/// An order of the n-th customer by this method, and what they typed with its proof.
fn paid(world: &mut World, n: u64, method: &str, number: &str) -> OrderId {
    let asked = world.snapshot.revision() * 100 + n;
    let placed = world.submit(&place_by(n, "basic-30", Target::New, asked, method));
    let Ok(Reply::Placed(order)) = placed else { panic!("{placed:?}") };
    world.submit(&pay_with(n, order, asked, number)).unwrap();
    order
}

fn stated(world: &World, order: OrderId) -> StatedReference {
    let order = world.snapshot.order(order).unwrap();
    order.stated_references().next_back().unwrap().clone()
}

/// What an order was approved with.
fn approved_with(world: &World, order: OrderId) -> Option<String> {
    match &world.snapshot.order(order).unwrap().decision.as_ref().unwrap().verdict {
        Verdict::Approved { reference, .. } => reference.clone(),
        Verdict::Declined { .. } => panic!("declined"),
    }
}

#[test]
fn a_number_that_another_order_has_is_said_to_staff_however_it_is_typed() {
    for approved in [false, true] {
        let mut world = World::empty(catalog());
        let first = paid(&mut world, 1, "cash", "TX 1234");
        if approved {
            world.submit(&approve(first)).unwrap();
            assert_eq!(approved_with(&world, first).as_deref(), Some("tx 1234"));
        }
        for (n, same) in [(2, " tx 1234 "), (3, "TX ١٢٣٤"), (4, "\u{200f}Tx\n1234")] {
            let order = paid(&mut world, n, "cash", same);
            assert_eq!(stated(&world, order).seen, Some(first), "{same:?}");
            assert_eq!(world.snapshot.order(order).unwrap().own_reference(), None);
        }
        let long = format!("{}\n7", "9".repeat(70));
        let [one, same] = [5, 6].map(|n| paid(&mut world, n, "cash", &long));
        assert_eq!(stated(&world, same).seen, Some(one), "what is cut");
        // Of another wallet it is another payment.
        let other = paid(&mut world, 7, "bank", "TX 1234");
        assert_eq!(
            (stated(&world, other).seen, stated(&world, other).own.as_deref()),
            (None, Some("tx 1234"))
        );
        assert_eq!(stated(&world, first).seen, None);
    }
}

#[test]
fn no_two_orders_are_paid_with_one_number_whichever_staff_approve_first() {
    let mut world = World::empty(catalog());
    let first = paid(&mut world, 1, "cash", "TX 1234");
    let second = paid(&mut world, 2, "cash", "TX 1234");
    // Staff compared both, and it is the second one's.
    world.submit(&approve_with(second, 0, "TX 1234")).unwrap();
    let refused = Err(Rejection::DuplicateReference(second));
    assert_eq!(world.submit(&approve(first)), refused, "nobody told staff of it at the first");
    world.submit(&approve_with(first, 0, "TX 1235")).unwrap();
    // Where staff read of it and approve all the same it is without one.
    let third = paid(&mut world, 3, "cash", "tx 1234");
    world.submit(&approve(third)).unwrap();
    assert_eq!(approved_with(&world, third), None);
    assert_eq!(approved_with(&world, first).as_deref(), Some("tx 1235"));
}

#[test]
fn of_one_number_for_two_orders_at_the_same_moment_one_is_decided_on_anew() {
    let mut world = World::empty(catalog());
    let orders = [1, 2].map(|n| {
        let asked = place_by(n, "basic-30", Target::New, n, "cash");
        let Ok(Reply::Placed(order)) = world.submit(&asked) else { panic!("not placed") };
        order
    });
    let (first, _) = world.decide(&pay_with(1, orders[0], 1, "TX 1234")).unwrap();
    let late = pay_with(2, orders[1], 2, "tx 1234");
    let (second, _) = world.decide(&late).unwrap();
    assert!(world.commit(&first) && !world.commit(&second));
    world.submit(&late).unwrap();
    assert_eq!(stated(&world, orders[1]).seen, Some(orders[0]));
    // Staff approve both with it, each by a card of before the other's.
    let [a, b] = orders.map(|order| world.decide(&approve_with(order, 0, "TX 1234")).unwrap().0);
    assert!(world.commit(&a) && !world.commit(&b));
}

#[test]
fn words_are_no_number_and_whoever_typed_them_first_keeps_nobody_waiting() {
    let mut world = World::empty(catalog());
    for (n, text) in [(1, "paid"), (2, "Paid"), (3, "100"), (4, "100"), (5, " \u{200f} ")] {
        let order = paid(&mut world, n, "cash", text);
        let order = world.snapshot.order(order).unwrap();
        assert!(
            order.stated_references().all(|stated| stated.own.is_none() && stated.seen.is_none())
        );
        let id = order.id;
        world.submit(&approve(id)).unwrap();
        assert_eq!(approved_with(&world, id), None, "{text}");
    }
}

#[test]
fn where_a_number_is_wanted_the_customers_does_unless_it_stands_under_another_order() {
    let mut world = World::empty(catalog());
    let none = paid(&mut world, 1, "bank", "transferred");
    assert_eq!(world.submit(&approve(none)), Err(Rejection::ReferenceRequired));
    let first = paid(&mut world, 2, "bank", "TX 1234");
    let second = paid(&mut world, 3, "bank", "TX 1234");
    assert_eq!(world.submit(&approve(second)), Err(Rejection::ReferenceRequired));
    world.submit(&approve(first)).unwrap();
    let used = world.submit(&approve_with(second, 0, "tx 1234"));
    assert_eq!(used, Err(Rejection::DuplicateReference(first)));
    world.submit(&approve_with(second, 0, "TX 9999")).unwrap();
    // Of several that were typed the last one counts.
    let mut world = World::empty(catalog());
    let order = paid(&mut world, 1, "bank", "TX 1111");
    world.submit(&pay_with(1, order, 77, "TX 2222")).unwrap();
    world.submit(&approve(order)).unwrap();
    assert_eq!(approved_with(&world, order).as_deref(), Some("tx 2222"));
    // The other is free again.
    let other = paid(&mut world, 2, "bank", "TX 1111");
    assert_eq!(stated(&world, other).seen, None);
}

#[test]
fn a_number_of_a_declined_order_may_be_its_customers_again_and_nobody_elses_unseen() {
    let mut world = World::empty(catalog());
    let declined = paid(&mut world, 1, "cash", "TX 1234");
    world.submit(&decline(declined)).unwrap();
    let anothers = paid(&mut world, 2, "cash", "TX 1234");
    assert_eq!(stated(&world, anothers).seen, Some(declined));
    let again = paid(&mut world, 1, "cash", "TX 1234");
    assert_eq!(
        stated(&world, again),
        StatedReference { typed: "TX 1234".into(), own: Some("tx 1234".into()), seen: None }
    );
    world.submit(&approve(again)).unwrap();
    assert_eq!(approved_with(&world, again).as_deref(), Some("tx 1234"));
    // What was taken back was paid with it all the same.
    world.submit(&people::reverse(again)).unwrap();
    let later = paid(&mut world, 1, "cash", "TX 1234");
    assert_eq!(stated(&world, later).seen, Some(again));
}
