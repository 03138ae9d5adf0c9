//! A shop whose orders have channels takes no more orders than its categories hold.

use nebulalinks::catalog::OrderSpace;
use nebulalinks::intent::{Rejection, Reply};
use nebulalinks::model::*;
use nebulalinks_testkit::people::place;
use nebulalinks_testkit::shop::catalog;
use nebulalinks_testkit::world::World;

fn world(space: OrderSpace) -> World {
    let mut catalog = catalog();
    (catalog.shop.orders.space, catalog.shop.orders.categories) = (space, vec![6]);
    World::empty(catalog)
}

fn asks(world: &mut World, n: u64) -> Result<Reply, Rejection> {
    world.submit(&place(n, "basic-30", Target::New, 100 + n))
}

/// Another for each order.
fn number(order: OrderId) -> u64 {
    order.to_bytes().iter().fold(0, |all, byte| all.wrapping_mul(257) ^ u64::from(*byte))
}

fn stands(world: &mut World, order: OrderId, own_channel: bool, put_away: bool) {
    let key = SurfaceKey::OrderThread(order);
    // Of a channel that was deleted the message is still known.
    let channel = (!put_away || !own_channel).then_some(number(order));
    let (message, shown) = (Some(1), Some("shown".to_owned()));
    world.put(Surface { channel, message, shown, own_channel, put_away, ..Surface::new(key) });
}

#[test]
fn the_order_after_the_last_channel_is_refused_and_the_first_deleted_one_makes_room() {
    let mut world = world(OrderSpace::Channel);
    for n in 0..45 {
        let Ok(Reply::Placed(order)) = asks(&mut world, n) else { panic!("{n}") };
        // One that has no place yet takes the room that it will have.
        if n % 2 == 0 {
            stands(&mut world, order, true, false);
        }
    }
    let before = world.snapshot.revision();
    assert_eq!(asks(&mut world, 45), Err(Rejection::NoRoom));
    assert_eq!(world.snapshot.revision(), before);
    assert!(matches!(asks(&mut world, 44), Ok(Reply::Placed(_))), "a click that came twice");
    let first = world.snapshot.orders().next().unwrap().id;
    stands(&mut world, first, true, true);
    assert!(matches!(asks(&mut world, 45), Ok(Reply::Placed(_))));
    assert_eq!(asks(&mut world, 46), Err(Rejection::NoRoom));
}

#[test]
fn threads_take_no_room_and_are_not_counted() {
    let mut world = world(OrderSpace::PrivateThread);
    for n in 0..50 {
        let Ok(Reply::Placed(order)) = asks(&mut world, n) else { panic!("{n}") };
        stands(&mut world, order, false, n % 2 == 0);
    }
    world.catalog.shop.orders.space = OrderSpace::Channel;
    assert!(matches!(asks(&mut world, 50), Ok(Reply::Placed(_))), "the threads of before");
}
