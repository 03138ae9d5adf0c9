//! The pictures of payments are deleted when their time is over, whatever comes between.

use super::world::World;
use crate::catalog::Catalog;
use crate::model::{
    Actor, Amnesia, Audit, DAY_MS, Decision, Deleting, DurationMs, Evidence, HOUR_MS, Key, Kind,
    Order, Outcome, Record, Target, UnixMs, Verdict,
};
use crate::ports::{Hint, Store as _};
use crate::view::sample::{NOW, catalog, evidence, order, order_id, put};
use std::sync::Arc;

const REVIEW: u64 = 13;

/// Staff declined it at once.
fn declined(n: u8) -> Order {
    let mut order = order(u128::from(n), Target::New, "vodafone-cash");
    order.evidence.push(evidence(n));
    let verdict = Verdict::Declined { reason: "no payment".into() };
    order.decision = Some(Decision { by: Actor::Cli("root".into()), at: NOW, verdict });
    order
}

/// It was begun to delete its pictures.
fn begin(order: &mut Order) {
    order.deleting = Some(Box::new(Deleting { intent: "begun".into() }));
    order.evidence[0].deleted_at = Some(NOW);
}

fn keeping_proofs(days: Option<u64>) -> Arc<Catalog> {
    let mut catalog = catalog();
    catalog.shop.retention.proofs = days.map(|days| DurationMs(days * DAY_MS));
    Arc::new(catalog)
}

/// A shop that keeps pictures for so many days, or for good, with these orders, a minute after its start.
async fn with(days: Option<u64>, orders: impl IntoIterator<Item = Order>) -> World {
    let world = World::start(true, orders.into_iter().map(put)).await;
    world.catalog.send_replace(keeping_proofs(days));
    world.wait(60).await;
    world
}

async fn stored(world: &World, n: u8) -> Order {
    let key = Key::Order(order_id(u128::from(n)));
    let Record::Order(order) = world.store.get(&key).await.unwrap().unwrap().value else {
        panic!("no order")
    };
    order
}

/// The lines of the audit that say so.
fn audited(world: &World) -> Vec<Audit> {
    let lines = world.store.records(Kind::Audit).into_iter();
    lines
        .filter_map(|found| match found.value {
            Record::Audit(line) if line.verb == "delete-proofs" => Some(line),
            _ => None,
        })
        .collect()
}

fn deleted(world: &World) -> usize {
    world.chat.lock().deleted.len()
}

#[tokio::test(start_paused = true)]
async fn the_pictures_of_an_order_are_deleted_once_when_their_time_is_over_and_all_else_stays() {
    for days in [30, 90] {
        let world = with(Some(days), [declined(1)]).await;
        world.clock.skip(days * DAY_MS - HOUR_MS);
        world.wait(60).await;
        assert_eq!(deleted(&world), 0, "too early");
        world.clock.skip(HOUR_MS);
        world.wait(60).await;
        assert_eq!(world.chat.lock().deleted, [order_id(1)], "after {days} days");
        let order = stored(&world, 1).await;
        let [proof] = order.evidence.as_slice() else { panic!("{order:?}") };
        let at = proof.deleted_at.expect("it says when");
        assert!(at >= NOW + DurationMs(days * DAY_MS) && order.deleting.is_none(), "{at:?}");
        assert_eq!(*proof, Evidence { deleted_at: Some(at), ..evidence(1) }, "hashes, when, what");
        assert_eq!(order.decision, declined(1).decision);
        let lines = audited(&world);
        let [intent, done] = lines.as_slice() else { panic!("{lines:?}") };
        assert_eq!((&intent.outcome, &done.outcome), (&Outcome::Started, &Outcome::Done));
        assert_eq!(done.of.as_ref(), Some(&intent.id));
        let about = format!("order:{}", order_id(1));
        assert!(lines.iter().all(|line| line.actor == Actor::Controller && line.subject == about));
        world.hints.send(Hint::Missed).unwrap();
        world.clock.skip(days * DAY_MS);
        world.wait(60).await;
        assert_eq!((deleted(&world), audited(&world).len()), (1, 2), "and that is all");
        assert_eq!(world.stats.deleted_proofs(), 1);
        assert_eq!(world.store.snapshot().pictures_kept().count(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_shop_that_does_not_say_how_long_keeps_them_for_good_and_ends_what_was_begun() {
    let mut begun = declined(2);
    begin(&mut begun);
    let world = with(None, [declined(1), begun]).await;
    world.clock.skip(3_650 * DAY_MS);
    world.wait(60).await;
    assert_eq!(world.chat.lock().deleted, [order_id(2)]);
    assert!(stored(&world, 2).await.deleting.is_none());
    assert_eq!(stored(&world, 1).await.evidence, declined(1).evidence);
}

#[tokio::test(start_paused = true)]
async fn the_card_says_when_instead_of_showing_pictures_and_one_that_is_gone_stays_gone() {
    let world = with(Some(90), [declined(1), declined(2)]).await;
    let cards = || world.messages(REVIEW).into_iter().map(|card| card.text).collect::<Vec<_>>();
    assert_eq!(cards().len(), 2);
    assert!(cards().iter().all(|card| card.contains("(picture proof-1.png)")), "{:?}", cards());
    world.clock.skip(8 * DAY_MS);
    world.wait(120).await;
    assert!(world.store.snapshot().archived_order(order_id(1)).is_some());
    // Staff tidy up: the archive keeps no card.
    world.chat.lock().channels.get_mut(&REVIEW).unwrap().remove(0);
    world.clock.skip(82 * DAY_MS);
    world.wait(120).await;
    assert_eq!(deleted(&world), 2);
    let left = cards();
    let [card] = left.as_slice() else { panic!("{left:?}") };
    assert!(card.contains("The picture was deleted on") && !card.contains("proof-1"), "{card}");
    let snapshot = world.store.snapshot();
    assert!([1, 2].iter().all(|n| snapshot.archived_order(order_id(*n)).is_some()), "as they were");
    assert!(stored(&world, 1).await.deleting.is_none(), "there is nothing to edit");
}

#[tokio::test(start_paused = true)]
async fn a_card_that_may_not_be_edited_is_tried_until_it_may() {
    let world = with(Some(90), [declined(1)]).await;
    world.clock.skip(8 * DAY_MS);
    world.wait(120).await;
    world.chat.lock().refused.insert(REVIEW);
    world.clock.skip(82 * DAY_MS);
    world.wait(30 * 60).await;
    assert!(
        stored(&world, 1).await.deleting.is_some() && deleted(&world) > 0,
        "the file goes all the same"
    );
    world.chat.lock().refused.clear();
    world.wait(11 * 60).await;
    assert!(stored(&world, 1).await.deleting.is_none());
    assert!(world.messages(REVIEW)[0].text.contains("The picture was deleted on"));
    assert_eq!(audited(&world).len(), 2);
}

#[tokio::test(start_paused = true)]
async fn one_that_cannot_be_deleted_holds_up_no_other_and_is_tried_until_it_can() {
    let world = with(Some(90), [declined(1), declined(2)]).await;
    world.chat.lock().keeps_files.insert(order_id(1));
    world.clock.skip(90 * DAY_MS);
    world.wait(60).await;
    assert_eq!(world.chat.lock().deleted, [order_id(2)]);
    assert!(stored(&world, 1).await.deleting.is_some(), "it is said before it is done");
    world.chat.lock().keeps_files.clear();
    world.wait(11 * 60).await;
    assert_eq!((deleted(&world), audited(&world).len()), (2, 4));
    assert!(stored(&world, 1).await.deleting.is_none());
}

#[tokio::test(start_paused = true)]
async fn while_many_cannot_be_deleted_no_other_is_begun() {
    let world = with(Some(90), (1..=40).map(declined)).await;
    world.chat.lock().keeps_files.extend((1..=40).map(order_id));
    world.clock.skip(90 * DAY_MS);
    world.wait(30 * 60).await;
    assert_eq!((deleted(&world), audited(&world).len()), (0, 8));
    world.chat.lock().keeps_files.clear();
    world.wait(30 * 60).await;
    assert_eq!((deleted(&world), audited(&world).len()), (40, 80));
}

#[tokio::test(start_paused = true)]
async fn what_a_crash_left_half_done_is_finished_whenever_that_was() {
    let mut begun = declined(1);
    begin(&mut begun);
    let archived = Order { archived: true, ..begun.clone() };
    for order in [begun, archived] {
        let world = with(Some(90), [order]).await;
        world.clock.skip(HOUR_MS);
        world.wait(60).await;
        assert_eq!(deleted(&world), 1);
        let order = stored(&world, 1).await;
        assert!(order.deleting.is_none() && order.evidence[0].deleted_at == Some(NOW));
        let lines = audited(&world);
        let [done] = lines.as_slice() else { panic!("{lines:?}") };
        assert_eq!(done.of.as_deref(), Some("begun"), "the intent came with the record");
    }
}

#[tokio::test(start_paused = true)]
async fn what_waits_for_staff_keeps_its_pictures_and_what_was_taken_up_again_too() {
    let mut waits = order(1, Target::New, "vodafone-cash");
    waits.evidence.push(evidence(1));
    let mut late = declined(2);
    late.decision.as_mut().unwrap().at = NOW + DurationMs(80 * DAY_MS);
    let world = with(Some(90), [waits, late]).await;
    world.clock.skip(100 * DAY_MS);
    world.wait(60).await;
    assert_eq!(deleted(&world), 0);
    world.clock.skip(70 * DAY_MS);
    world.wait(60).await;
    assert_eq!(world.chat.lock().deleted, [order_id(2)]);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_lacks_what_gateways_have_seen_or_may_lack_it_deletes_no_picture() {
    // No gateway has told what it has seen.
    let silent = World::start(false, [put(declined(1))]).await;
    silent.catalog.send_replace(keeping_proofs(Some(90)));
    silent.clock.skip(100 * DAY_MS);
    silent.wait(2 * 3600).await;
    assert_eq!(deleted(&silent), 0);

    let world = with(Some(90), [declined(1)]).await;
    let amnesia = Amnesia {
        ours: 1,
        seen: 2,
        server: None,
        since: NOW,
        lacking: Vec::new(),
        resolved_at: None,
    };
    world.put(amnesia.clone()).await;
    world.clock.skip(100 * DAY_MS);
    world.wait(60).await;
    assert_eq!(deleted(&world), 0);
    world.put(Amnesia { resolved_at: Some(UnixMs(NOW.0 + 1)), ..amnesia }).await;
    world.clock.skip(2 * HOUR_MS);
    world.wait(60).await;
    assert_eq!(deleted(&world), 1);
}

#[tokio::test(start_paused = true)]
async fn many_pictures_are_deleted_one_order_each_few_seconds_so_that_cards_are_edited_slowly() {
    let world = with(Some(90), (1..=30).map(declined)).await;
    // Archived, so that nothing else is written of them.
    world.clock.skip(8 * DAY_MS);
    world.hints.send(Hint::Missed).unwrap();
    world.wait(120).await;
    assert_eq!(world.store.snapshot().orders().count(), 0);
    let edits = || world.chat.lock().edits_in(REVIEW);
    let before = edits();
    world.clock.skip(82 * DAY_MS);
    world.wait(60).await;
    let begun = deleted(&world);
    assert!((2..=13).contains(&begun), "{begun} in a minute");
    world.wait(5 * 60).await;
    assert_eq!((deleted(&world), edits() - before), (30, 30), "each card once");
    assert_eq!(world.store.snapshot().pictures_kept().count(), 0);
}
