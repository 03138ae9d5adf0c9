//! An order that was settled long ago leaves memory; whatever is asked of it is answered as before.

use nebulalinks::discord::PROFILE;
use nebulalinks::intent::{Intent, Rejection, Reply, proof_target};
use nebulalinks::model::*;
use nebulalinks::view::Pages;
use nebulalinks_testkit::people::{
    self, approve, approve_with, cancel, decline, pay, place, reopen, reverse,
};
use nebulalinks_testkit::shop::catalog;
use nebulalinks_testkit::world::World;

const THREAD: u64 = 4_001;

/// What the order came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Approved,
    Declined,
    Cancelled,
    Expired,
}

const ENDS: [End; 4] = [End::Approved, End::Declined, End::Cancelled, End::Expired];

impl End {
    /// Whether a late proof reopens it.
    fn lapsed(self) -> bool {
        matches!(self, Self::Cancelled | Self::Expired)
    }
}

/// One order that came to this, with its thread and card in Discord.
fn settled(end: End) -> (World, OrderId) {
    let mut world = World::empty(catalog());
    let Ok(Reply::Placed(order)) = world.submit(&place(1, "basic-30", Target::New, 1)) else {
        panic!("not placed")
    };
    if !end.lapsed() {
        world.submit(&pay(1, order, 1)).unwrap();
    }
    let asked = match end {
        End::Approved => Some(approve(order)),
        End::Declined => Some(decline(order)),
        End::Cancelled => Some(cancel(1, order)),
        End::Expired => None,
    };
    if let Some(intent) = asked {
        world.submit(&intent).unwrap();
    }
    world.now = world.now + DurationMs(8 * DAY_MS);
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
fn both(end: End) -> (World, World, OrderId) {
    let (resident, order) = settled(end);
    let mut archived = resident.clone();
    archive(&mut archived, order);
    assert!(archived.snapshot.order(order).is_none());
    for key in SurfaceKey::of_order(order) {
        assert!(archived.snapshot.surface(key).is_none());
    }
    assert_eq!(archived.snapshot.len() + 3, resident.snapshot.len());
    (resident, archived, order)
}

fn check_same(archived: &World, resident: &World, order: OrderId, after: &str) {
    let click = |world: &World| {
        let pages = Pages::new(&PROFILE, &world.snapshot, &world.catalog, world.now);
        pages.confirm_approve(order, people::there(1))
    };
    assert_eq!(click(archived), click(resident), "{after}");
    for state in OrderState::ALL {
        let count = |world: &World| world.snapshot.orders_in(state, world.now);
        assert_eq!(count(archived), count(resident), "{state:?} {after}");
    }
    let kept = |world: &World| world.snapshot.pictures_kept().collect::<Vec<_>>();
    assert_eq!(kept(archived), kept(resident), "{after}");
    for (named, who) in [(Some(order), 1), (Some(order), 2), (None, 1), (None, 2)] {
        let target =
            |world: &World| proof_target(&world.snapshot, named, people::there(who), world.now);
        assert_eq!(target(archived), target(resident), "{named:?} of {who} {after}");
    }
    assert_eq!(archived.snapshot.rebuilt().indexes(), archived.snapshot.indexes(), "{after}");
}

#[test]
fn an_archived_order_answers_as_one_in_memory() {
    for end in ENDS {
        let (_, _, order) = both(end);
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
            proof(None),
            reverse(order),
            reverse(order),
            reopen(order),
            reopen(order),
        ];
        // Each is once the first that is asked.
        for first in 0..asked.len() {
            let (mut resident, mut archived, _) = both(end);
            check_same(&archived, &resident, order, "before anything is asked");
            for intent in asked.iter().cycle().skip(first).take(asked.len()) {
                let (left, right) = (archived.submit(intent), resident.submit(intent));
                assert_eq!(left, right, "{end:?}: {intent:?}");
                check_same(&archived, &resident, order, &format!("{end:?}: {intent:?}"));
            }
        }
    }
}

#[test]
fn the_receipt_of_an_archived_order_is_known() {
    for end in [End::Approved, End::Declined] {
        let (mut resident, mut archived, order) = both(end);
        for world in [&mut resident, &mut archived] {
            let placed = world.submit(&place(1, "basic-30", Target::New, 2));
            let Ok(Reply::Placed(next)) = placed else { panic!("{placed:?}") };
            let again = world.submit(&pay(1, next, 1));
            if end == End::Approved {
                assert_eq!(again, Err(Rejection::DuplicateProof(order)));
            } else {
                assert_eq!(again, Ok(Reply::ProofTaken(next)), "it came to nothing");
            }
        }
    }
}

#[test]
fn what_goes_on_is_in_memory_again_with_its_surfaces() {
    for end in ENDS {
        let (resident, mut archived, order) = both(end);
        let asked = match end {
            End::Approved => reverse(order),
            End::Declined => reopen(order),
            End::Cancelled => pay(1, order, 5),
            // In its thread, or by /pay without a number.
            End::Expired => {
                Intent::AddProof { order: None, by: people::customer(1), proof: people::proof(5) }
            }
        };
        archived.submit(&asked).unwrap();
        let back = archived.snapshot.order(order).unwrap();
        assert!(!back.archived);
        for key in SurfaceKey::of_order(order) {
            assert_eq!(archived.snapshot.surface(key), resident.snapshot.surface(key));
        }
        assert_eq!(archived.snapshot.order_of_thread(THREAD), Some(order));
        assert!(archived.snapshot.archived_order(order).is_none());
        assert_eq!(archived.snapshot.rebuilt().indexes(), archived.snapshot.indexes());
        if end.lapsed() {
            assert_eq!(back.state(archived.now), OrderState::AwaitingReview);
        }
    }
}

#[test]
fn an_account_goes_on_as_it_was_when_its_order_is_archived() {
    let (resident, archived, order) = both(End::Approved);
    let account = resident.snapshot.accounts().next().unwrap().id;
    let plan = "basic-30".parse().unwrap();
    for world in [&resident, &archived] {
        assert!(world.snapshot.has_bought(account, &plan));
        assert_eq!(world.snapshot.plans_in_use().collect::<Vec<_>>(), [&plan]);
        assert_eq!(world.snapshot.order_of_thread(THREAD), Some(order), "a picture finds it");
    }
    let page = |world: &World| {
        let pages = Pages::new(&PROFILE, &world.snapshot, &world.catalog, world.now);
        pages.my_accounts(people::customer_in(&world.snapshot, 1))
    };
    assert_eq!(page(&archived), page(&resident));
    let entitlement = |world: &World| Entitlement::of(&world.snapshot, account);
    assert_eq!(entitlement(&archived), entitlement(&resident));
}
