use super::world::World;
use crate::catalog::Requirement;
use crate::model::{SurfaceKey, Target};
use crate::ports::{Hint, Store as _};
use crate::view::Pages;
use crate::view::sample::{ALICE, catalog, egp, evidence, order, order_id, put};
use std::collections::BTreeSet;
use std::sync::Arc;

const STORE: u64 = 11;
const ORDERS: u64 = 12;
const REVIEW: u64 = 13;

#[tokio::test(start_paused = true)]
async fn staff_get_a_card_once_there_is_something_to_check() {
    let mut placed = order(1, Target::New, "vodafone-cash");
    let world = World::start(false, [put(placed.clone())]).await;
    world.wait(5).await;
    assert!(world.thread(order_id(1)).is_some());
    assert_eq!(world.messages(REVIEW).len(), 0, "no proof, and one is required");
    placed.evidence.push(evidence(1));
    world.put(placed).await;
    world.wait(5).await;
    assert_eq!(world.messages(REVIEW).len(), 1);

    let mut lenient = catalog();
    lenient.methods[0].proof = Requirement::Optional;
    world.catalog.send_replace(Arc::new(lenient));
    world.put(order(2, Target::New, "vodafone-cash")).await;
    world.wait(5).await;
    assert_eq!(world.messages(REVIEW).len(), 2, "the payment can be seen without a proof");
}

#[tokio::test(start_paused = true)]
async fn a_thread_that_was_opened_before_a_crash_lets_its_customer_in() {
    let name = Pages::thread_name(order_id(1));
    let world = World::prepared(false, [put(order(1, Target::New, "vodafone-cash"))], |discord| {
        discord.threads.insert(name, (77, BTreeSet::new()));
    })
    .await;
    world.wait(5).await;
    assert_eq!(world.thread(order_id(1)), Some((77, BTreeSet::from([ALICE.0]))));
    assert_eq!(world.messages(77).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_panel_moves_when_the_file_names_another_channel() {
    let world = World::start(false, []).await;
    world.wait(5).await;
    assert_eq!(world.messages(STORE).len(), 1);
    let mut moved = catalog();
    moved.shop.channels.store = 21;
    world.catalog.send_replace(Arc::new(moved));
    world.wait(5).await;
    assert_eq!(world.messages(21).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_heals_when_the_permissions_are_mended() {
    let world = World::prepared(false, [put(order(1, Target::New, "vodafone-cash"))], |d| {
        d.refused.extend([STORE, ORDERS]);
    })
    .await;
    world.wait(60).await;
    assert_eq!(world.chat.lock().posts, 0);
    world.chat.lock().refused.clear();
    world.wait(25 * 60).await;
    assert_eq!(world.messages(STORE).len(), 1);
    assert!(world.thread(order_id(1)).is_some());
}

#[tokio::test(start_paused = true)]
async fn a_store_channel_that_is_gone_is_said_and_heals() {
    let world = World::prepared(false, [], |d| {
        d.gone.insert(STORE);
    })
    .await;
    world.wait(60).await;
    let snapshot = world.store.snapshot();
    assert!(snapshot.surface(SurfaceKey::StorePanel).is_some_and(|s| s.refused.is_some()));
    world.chat.lock().gone.clear();
    world.wait(25 * 60).await;
    assert_eq!(world.messages(STORE).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_panel_that_was_deleted_unseen_is_posted_again() {
    let world = World::start(false, []).await;
    world.wait(5).await;
    world.chat.lock().channels.clear();
    world.hints.send(Hint::Missed).unwrap();
    world.wait(5).await;
    assert_eq!(world.messages(STORE).len(), 1, "after a new connection");
    world.chat.lock().channels.clear();
    world.wait(80 * 60).await;
    assert_eq!(world.messages(STORE).len(), 1, "and in time without one");
}

#[tokio::test(start_paused = true)]
async fn a_deletion_that_is_heard_of_during_an_edit_is_not_forgotten() {
    let world = World::start(false, []).await;
    world.wait(5).await;
    let id = world.messages(STORE)[0].id;
    world.chat.hold_edits.send_replace(true);
    let mut dearer = catalog();
    dearer.plans[0].prices = vec![egp(20_000)];
    world.catalog.send_replace(Arc::new(dearer));
    world.wait(2).await;
    world.chat.lock().channels.clear();
    world.hints.send(Hint::MessageGone { channel: STORE, message: id }).unwrap();
    world.wait(2).await;
    world.chat.hold_edits.send_replace(false);
    world.wait(30).await;
    let shown = world.messages(STORE);
    assert_eq!(shown.len(), 1);
    assert!(shown[0].text.contains("200.00"), "{}", shown[0].text);
}

#[tokio::test(start_paused = true)]
async fn a_refused_thread_is_tried_again_within_minutes() {
    let world = World::prepared(false, [put(order(1, Target::New, "vodafone-cash"))], |d| {
        d.refused.insert(ORDERS);
    })
    .await;
    world.wait(20).await;
    let key = SurfaceKey::OrderThread(order_id(1));
    assert!(world.store.snapshot().surface(key).is_some_and(|s| s.refused.is_some()));
    world.chat.lock().refused.clear();
    world.wait(5 * 60).await;
    assert!(world.thread(order_id(1)).is_some(), "before the next sweep");
    assert!(world.store.snapshot().surface(key).is_some_and(|s| s.refused.is_none()));
}

#[tokio::test(start_paused = true)]
async fn a_card_waits_for_no_threads() {
    let orders = (1..=300).map(|n| put(order(n, Target::New, "vodafone-cash")));
    let mut paid = order(301, Target::New, "vodafone-cash");
    paid.evidence.push(evidence(1));
    let slow = |d: &mut super::world::Discord| d.thread_takes = std::time::Duration::from_secs(2);
    let world = World::prepared(false, orders.chain([put(paid)]), slow).await;
    world.wait(5).await;
    assert_eq!(world.messages(REVIEW).len(), 1, "of an order behind 300 threads");
    assert!(world.chat.lock().threads.len() < 20);
}
