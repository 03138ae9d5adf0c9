//! Pictures of payments that were deleted since their time was over: they may come again, and are known again.

use nebulalinks::catalog::{DesiredFile, Source};
use nebulalinks::diff::judge;
use nebulalinks::intent::{Intent, Rejection, Reply};
use nebulalinks::model::*;
use nebulalinks_testkit::people::{approve, customer, decline, pay, place, proof, reopen};
use nebulalinks_testkit::shop::{self, catalog};
use nebulalinks_testkit::world::World;

fn placed(world: &mut World, n: u64, interaction: u64) -> OrderId {
    match world.submit(&place(n, "basic-30", Target::New, interaction)) {
        Ok(Reply::Placed(order)) => order,
        other => panic!("{other:?}"),
    }
}

fn paid(world: &mut World, n: u64, picture: u64) -> OrderId {
    let order = placed(world, n, 500 + n);
    world.submit(&pay(n, order, picture)).unwrap();
    order
}

/// What the loop writes down when it has deleted all pictures of an order.
fn delete(world: &mut World, id: OrderId) {
    world.now = world.now + DurationMs(90 * DAY_MS);
    let mut order = world.snapshot.order(id).unwrap().clone();
    order.evidence.iter_mut().for_each(|proof| proof.deleted_at = Some(world.now));
    world.put(order);
}

fn order(world: &World, id: OrderId) -> &Order {
    world.snapshot.order(id).unwrap()
}

#[test]
fn a_deleted_picture_may_come_again_for_its_own_order_which_keeps_it_then() {
    for declined in [true, false] {
        let mut world = World::empty(catalog());
        let id = paid(&mut world, 1, 1);
        world.now = world.now + DurationMs(1);
        if declined {
            world.submit(&decline(id)).unwrap();
        } else {
            let mut order = order(&world, id).clone();
            let by = Actor::Cli("op".into());
            order.cancelled = Some(Cancellation { by, at: world.now });
            world.put(order);
        }
        delete(&mut world, id);
        assert!(order(&world, id).deleted_picture(&proof(1).sha256));
        if declined {
            let state = Reply::Reopened(id, OrderState::AwaitingReview);
            assert_eq!(world.submit(&reopen(id)), Ok(state));
        }
        let other = placed(&mut world, 2, 777);
        assert_eq!(world.submit(&pay(2, other, 1)), Err(Rejection::DuplicateProof(id)));
        assert_eq!(world.submit(&pay(1, id, 1)), Ok(Reply::ProofTaken(id)));
        let kept = order(&world, id);
        assert_eq!(kept.state(world.now), OrderState::AwaitingReview);
        assert!(kept.keeps_picture(&proof(1).sha256) && kept.deleted_proofs().count() == 0);
        assert_eq!(kept.evidence.len(), 2, "when it came first, and again");
        assert_eq!(world.submit(&pay(1, id, 1)), Err(Rejection::DuplicateProof(id)));
    }
}

#[test]
fn a_deleted_picture_is_known_again_whoever_sends_it() {
    let mut world = World::empty(catalog());
    let first = paid(&mut world, 1, 1);
    world.submit(&approve(first)).unwrap();
    delete(&mut world, first);
    let (own, theirs) = (placed(&mut world, 1, 601), placed(&mut world, 2, 602));
    for (n, order) in [(1, own), (2, theirs)] {
        assert_eq!(world.submit(&pay(n, order, 1)), Err(Rejection::DuplicateProof(first)));
    }
    let decided = Rejection::WrongState(first, OrderState::Approved);
    assert_eq!(world.submit(&pay(1, first, 1)), Err(decided), "nor for the order that had it");
}

#[test]
fn an_order_has_room_for_as_many_pictures_again_as_were_deleted_and_for_no_more() {
    let mut world = World::empty(catalog());
    let id = placed(&mut world, 1, 501);
    let pay_with = |world: &mut World, n: u64| {
        let by = customer(1);
        world.submit(&Intent::AddProof { order: Some(id), by, proof: proof(n) })
    };
    let most = u64::try_from(Order::MOST_PROOFS).unwrap();
    let full = Err(Rejection::TooManyProofs(id));
    for n in 0..most {
        assert!(pay_with(&mut world, n).is_ok());
    }
    assert_eq!(pay_with(&mut world, most), full);
    for round in 1..=2 {
        world.submit(&decline(id)).unwrap();
        delete(&mut world, id);
        world.submit(&reopen(id)).unwrap();
        if round == 2 {
            assert_eq!(pay_with(&mut world, 100), full, "a record is small");
            break;
        }
        for n in 0..most {
            assert!(pay_with(&mut world, round * most + n).is_ok(), "{n}");
        }
        assert_eq!(pay_with(&mut world, 100), full);
    }
    let look = PictureLook::of(&shades(3), &shades(5)).map(Box::new);
    let mut largest = order(&world, id).clone();
    for proof in &mut largest.evidence {
        (proof.look, proof.resembles) = (look.clone(), Some(id));
        (proof.size_bytes, proof.undated) = (u64::MAX, true);
    }
    let bytes = serde_json::to_vec(&largest).unwrap().len();
    let room = nebulalinks::store::MAX_RECORD_BYTES - 3_000;
    assert!(bytes < room, "{bytes}: a decision and its words must fit, too");
}

fn shades(step: u8) -> Vec<u8> {
    (0..250).cycle().step_by(step.into()).take(LOOK_SIDE * LOOK_SIDE).collect()
}

#[test]
fn an_edit_of_the_time_that_pictures_are_kept_says_how_many_would_be_deleted() {
    let mut world = World::empty(catalog());
    let old: Vec<_> = (1..=3).map(|n| paid(&mut world, n, n)).collect();
    world.submit(&pay(1, old[0], 11)).unwrap();
    for id in &old[..2] {
        world.submit(&decline(*id)).unwrap();
    }
    // One of them has left memory; the third waits for staff.
    let archived = Order { archived: true, ..order(&world, old[1]).clone() };
    world.put(archived);
    world.now = world.now + DurationMs(100 * DAY_MS);
    let said = |world: &World, retention: &str| {
        let mut files = shop::files();
        let Source::Text(text) = files.get(DesiredFile::Shop) else { panic!() };
        assert!(text.contains("proofs: 90d, "));
        let text = text.replace("proofs: 90d, ", retention);
        files.set(DesiredFile::Shop, Source::Text(text));
        let diff = judge(&world.snapshot, &world.catalog, None, &files, world.now).unwrap().0;
        let pictures = diff.effects.into_iter().filter(|effect| effect.code == "pictures");
        pictures.map(|effect| (effect.count, effect.text)).collect::<Vec<_>>()
    };
    let text = "3 pictures of 2 orders would be deleted, since they were kept longer than \
                `retention.proofs`: nobody gets them back";
    world.catalog.shop.retention.proofs = None;
    assert_eq!(said(&world, "proofs: 90d, "), [(3, text.to_owned())]);
    assert_eq!(said(&world, "proofs: 120d, "), []);
    assert_eq!(said(&world, ""), [], "for good");
    // What is deleted anyway is no effect of an edit.
    world.catalog.shop.retention.proofs = Some(DurationMs(95 * DAY_MS));
    assert_eq!(said(&world, "proofs: 90d, "), []);
}
