//! An order that was decided long ago leaves memory; whatever is asked of it is answered as before.

use nebulalinks::intent::{Intent, Rejection, Reply};
use nebulalinks::model::*;
use nebulalinks::view::Pages;
use nebulalinks_testkit::people::{
    self, approve, approve_with, cancel, decline, pay, place, reopen, reverse,
};
use nebulalinks_testkit::shop::catalog;
use nebulalinks_testkit::world::World;

const THREAD: u64 = 4_001;

/// One order, approved or declined, with its thread and card in Discord.
fn decided(approved: bool) -> (World, OrderId) {
    let mut world = World::empty(catalog());
    let Ok(Reply::Placed(order)) = world.submit(&place(1, "basic-30", Target::New, 1)) else {
        panic!("not placed")
    };
    world.submit(&pay(1, order, 1)).unwrap();
    world.submit(&if approved { approve(order) } else { decline(order) }).unwrap();
    for (key, channel) in SurfaceKey::of_order(order).into_iter().zip([THREAD, 13]) {
        let shown = Some("hash".into());
        world.put(Surface {
            channel: Some(channel),
            message: Some(channel + 1),
            shown,
            posts: 1,
            ..Surface::new(key)
        });
    }
    (world, order)
}

fn archive(world: &mut World, id: OrderId) {
    let order = world.snapshot.order(id).unwrap().clone();
    world.put(Order { archived: true, ..order });
}

/// The same shop with the order in memory and without.
fn both(approved: bool) -> (World, World, OrderId) {
    let (resident, order) = decided(approved);
    let mut archived = resident.clone();
    archive(&mut archived, order);
    assert!(archived.snapshot.order(order).is_none());
    for key in SurfaceKey::of_order(order) {
        assert!(archived.snapshot.surface(key).is_none());
    }
    assert_eq!(archived.snapshot.len() + 3, resident.snapshot.len());
    (resident, archived, order)
}

#[test]
fn an_archived_order_answers_as_one_in_memory() {
    for approved in [true, false] {
        let (mut resident, mut archived, order) = both(approved);
        let proof = |named| Intent::AddProof {
            order: named,
            by: people::customer(1),
            proof: people::proof(77),
        };
        let stranger = Intent::AddProof {
            order: Some(order),
            by: people::customer(2),
            proof: people::proof(78),
        };
        let asked = [
            approve(order),
            approve_with(order, 1, "TX-1"),
            decline(order),
            cancel(1, order),
            cancel(2, order),
            proof(Some(order)),
            proof(None),
            stranger,
            // The receipt stands under it.
            place(1, "basic-30", Target::New, 2),
            reverse(order),
            reverse(order),
            reopen(order),
            reopen(order),
        ];
        for intent in asked {
            assert_eq!(archived.submit(&intent), resident.submit(&intent), "{intent:?}");
        }
        let click = |world: &World| {
            Pages::new(&world.snapshot, &world.catalog, world.now).confirm_approve(order)
        };
        assert_eq!(click(&archived), click(&resident));
        for state in OrderState::ALL {
            let count = |world: &World| world.snapshot.orders_in(state, world.now);
            assert_eq!(count(&archived), count(&resident), "{state:?}");
        }
    }
}

#[test]
fn the_receipt_of_an_archived_order_is_known() {
    for approved in [true, false] {
        let (mut resident, mut archived, order) = both(approved);
        for world in [&mut resident, &mut archived] {
            let placed = world.submit(&place(1, "basic-30", Target::New, 2));
            let Ok(Reply::Placed(next)) = placed else { panic!("{placed:?}") };
            let again = world.submit(&pay(1, next, 1));
            if approved {
                assert_eq!(again, Err(Rejection::DuplicateProof(order)));
            } else {
                assert_eq!(again, Ok(Reply::ProofTaken(next)), "it came to nothing");
            }
        }
    }
}

#[test]
fn what_is_taken_back_is_in_memory_again_with_its_surfaces() {
    for approved in [true, false] {
        let (resident, mut archived, order) = both(approved);
        archived.submit(&if approved { reverse(order) } else { reopen(order) }).unwrap();
        let back = archived.snapshot.order(order).unwrap();
        assert!(!back.archived);
        for key in SurfaceKey::of_order(order) {
            assert_eq!(archived.snapshot.surface(key), resident.snapshot.surface(key));
        }
        assert_eq!(archived.snapshot.order_of_thread(THREAD), Some(order));
        assert!(archived.snapshot.archived_order(order).is_none());
        assert_eq!(archived.snapshot.rebuilt().indexes(), archived.snapshot.indexes());
    }
}

#[test]
fn an_account_goes_on_as_it_was_when_its_order_is_archived() {
    let (resident, archived, order) = both(true);
    let account = resident.snapshot.accounts().next().unwrap().id;
    let plan = "basic-30".parse().unwrap();
    for world in [&resident, &archived] {
        assert!(world.snapshot.has_bought(account, &plan));
        assert_eq!(world.snapshot.plans_in_use().collect::<Vec<_>>(), [&plan]);
        assert_eq!(world.snapshot.order_of_thread(THREAD), Some(order), "a picture finds it");
    }
    let page = |world: &World| {
        let pages = Pages::new(&world.snapshot, &world.catalog, world.now);
        pages.my_accounts(people::customer(1).id)
    };
    assert_eq!(page(&archived), page(&resident));
    let entitlement = |world: &World| Entitlement::of(&world.snapshot, account);
    assert_eq!(entitlement(&archived), entitlement(&resident));
}
