use super::world::World;
use crate::catalog::Requirement;
use crate::model::{
    Actor, Cancellation, Decision, Delivery, DeliveryState, DurationMs, Edits, Key, Order,
    OrderState, Record, Reversed, SurfaceKey, Target, Verdict,
};
use crate::ports::{Hint, Store as _};
use crate::view::Pages;
use crate::view::sample::{
    ALICE, ALICE_THERE, NOW, account_id, catalog, egp, evidence, order, order_id, put,
    served_account,
};
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
    assert_eq!(world.thread(order_id(1)), Some((77, BTreeSet::from([101]))));
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
async fn the_panel_follows_the_places_that_are_left() {
    let world = World::start(false, []).await;
    let mut small = catalog();
    small.servers.values_mut().for_each(|server| server.capacity = 6);
    world.catalog.send_replace(Arc::new(small));
    world.wait(5).await;
    let panel = || world.messages(STORE).last().unwrap().text.clone();
    assert!(!panel().contains("left"), "{}", panel());
    let mut placed = order(1, Target::New, "vodafone-cash");
    world.put(placed.clone()).await;
    world.wait(5).await;
    assert!(panel().contains("Only 5 places are left."), "{}", panel());
    placed.cancelled = Some(Cancellation { by: Actor::Controller, at: NOW });
    world.put(placed).await;
    world.wait(5).await;
    assert!(!panel().contains("left"), "{}", panel());
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
async fn a_panel_that_staff_ask_for_is_posted_at_once_where_it_is_gone_or_was_refused() {
    let world = World::prepared(false, [], |d| d.refused.extend([STORE])).await;
    world.wait(60).await;
    world.chat.lock().refused.clear();
    world.hints.send(Hint::Panels).unwrap();
    world.wait(5).await;
    assert_eq!(world.messages(STORE).len(), 1, "it was refused");
    world.chat.lock().channels.clear();
    world.hints.send(Hint::Panels).unwrap();
    world.wait(5).await;
    assert_eq!(world.messages(STORE).len(), 1, "it is gone");
    let edits = world.chat.lock().edits_in(STORE);
    world.hints.send(Hint::Panels).unwrap();
    world.wait(5).await;
    assert_eq!((world.messages(STORE).len(), world.chat.lock().edits_in(STORE)), (1, edits));
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

const DAY: u64 = 24 * 60 * 60_000;

/// The loop a few days later, after a minute in which it looked at everything again.
async fn days_later(world: &World, days: u64) {
    world.clock.skip(days * DAY);
    world.hints.send(Hint::Missed).unwrap();
    world.wait(60).await;
}

fn declined(n: u128) -> Order {
    let mut order = order(n, Target::New, "vodafone-cash");
    order.evidence.push(evidence(1));
    let (by, reason) = (Actor::Cli("root".into()), "no payment".to_owned());
    order.decision = Some(Decision { by, at: NOW, verdict: Verdict::Declined { reason } });
    order
}

#[tokio::test(start_paused = true)]
async fn an_order_leaves_memory_a_week_after_its_decision() {
    let mut open = order(2, Target::New, "vodafone-cash");
    open.evidence.push(evidence(2));
    let world = World::start(false, [put(declined(1)), put(open)]).await;
    world.wait(60).await;
    days_later(&world, 6).await;
    assert!(world.store.snapshot().order(order_id(1)).is_some());
    days_later(&world, 1).await;
    let snapshot = world.store.snapshot();
    let archived = snapshot.archived_order(order_id(1)).unwrap();
    assert_eq!((archived.customer, archived.state), (ALICE, OrderState::Declined));
    assert!(snapshot.order(order_id(1)).is_none());
    let shown = SurfaceKey::of_order(order_id(1)).map(|key| snapshot.surface(key).is_some());
    assert_eq!(shown, [false, false]);
    assert!(snapshot.order(order_id(2)).is_some(), "nobody has decided it");
    let stored = world.store.get(&Key::Order(order_id(1))).await.unwrap().unwrap();
    assert!(matches!(stored.value, Record::Order(order) if order.archived));
}

#[tokio::test(start_paused = true)]
async fn an_unpaid_order_leaves_memory_a_week_after_it_was_given_up_or_expired() {
    let cancelled = Cancellation { by: Actor::Person(ALICE_THERE), at: NOW };
    let given_up = Order {
        cancelled: Some(cancelled),
        pay_by: NOW + DurationMs(30 * DAY),
        ..order(1, Target::New, "vodafone-cash")
    };
    let expires = Order { pay_by: NOW + DurationMs(DAY), ..order(2, Target::New, "vodafone-cash") };
    let world = World::start(false, [put(given_up), put(expires)]).await;
    world.wait(60).await;
    let archived = |world: &World| {
        let snapshot = world.store.snapshot();
        [1, 2].map(|n| snapshot.archived_order(order_id(n)).map(|order| order.state))
    };
    days_later(&world, 6).await;
    assert_eq!(archived(&world), [None, None]);
    days_later(&world, 1).await;
    assert_eq!(archived(&world), [Some(OrderState::Cancelled), None]);
    // By its own deadline, without a hint.
    world.clock.skip(DAY);
    world.wait(60).await;
    assert_eq!(archived(&world), [Some(OrderState::Cancelled), Some(OrderState::Expired)]);
    let thread = world.thread(order_id(2)).unwrap().0;
    assert_eq!(world.store.snapshot().order_of_thread(thread), Some(order_id(2)));
}

#[tokio::test(start_paused = true)]
async fn many_old_orders_leave_memory_in_few_commits() {
    let world = World::start(false, (1..=200).map(|n| put(declined(n)))).await;
    world.wait(120).await;
    let archived = |world: &World| {
        let snapshot = world.store.snapshot();
        (1..=200).filter(|n| snapshot.archived_order(order_id(*n)).is_some()).count()
    };
    let shown = |world: &World| {
        let snapshot = world.store.snapshot();
        let keys = (1..=200).flat_map(|n| SurfaceKey::of_order(order_id(n)));
        keys.filter(|key| snapshot.surface(*key).is_some_and(|s| s.shown.is_some())).count()
    };
    assert_eq!((shown(&world), archived(&world)), (400, 0));
    let mut changes = world.store.changes();
    days_later(&world, 7).await;
    assert_eq!(archived(&world), 200);
    let mut commits = Vec::new();
    while let Ok(keys) = changes.try_recv() {
        commits.push(keys.iter().filter(|key| matches!(key, Key::Order(_))).count());
    }
    commits.retain(|orders| *orders > 0);
    assert_eq!(commits, [64, 64, 64, 8]);
}

#[tokio::test(start_paused = true)]
async fn a_customers_commit_comes_between_two_of_the_archive() {
    let world = World::start(false, (1..=200).map(|n| put(declined(n)))).await;
    world.wait(120).await;
    let before = world.store.snapshot().revision();
    world.clock.skip(7 * DAY);
    world.hints.send(Hint::Missed).unwrap();
    // The pause before a commit is a second.
    world.wait(2).await;
    let placed = order(301, Target::New, "vodafone-cash");
    world.put(placed).await;
    let snapshot = world.store.snapshot();
    assert!(snapshot.order(order_id(301)).is_some());
    let left = (1..=200).filter(|n| snapshot.order(order_id(*n)).is_some()).count();
    assert!(left >= 200 - 2 * 64, "{left} wait, at revision {} of {before}", snapshot.revision());
}

#[tokio::test(start_paused = true)]
async fn an_order_stays_in_memory_while_staff_or_customer_have_not_seen_what_it_came_to() {
    let refuse = |d: &mut super::world::Discord| d.put_off = u32::MAX;
    // Its account is sold and bound, and no panel answers.
    let approved = served_account(2, false);
    let records = [put(declined(1)), approved];
    let world = World::prepared(false, records, refuse).await;
    days_later(&world, 8).await;
    let resident =
        |world: &World| [1, 1_002].map(|n| world.store.snapshot().order(order_id(n)).is_some());
    assert_eq!(resident(&world), [true, true], "the cards are not there yet");
    world.chat.lock().put_off = 0;
    days_later(&world, 1).await;
    assert_eq!(resident(&world), [false, true], "the link has not arrived");
    world
        .put(Delivery {
            account: account_id(2),
            fingerprint: "f".into(),
            state: DeliveryState::Delivered,
            at: NOW,
            earlier: false,
            to_old: false,
        })
        .await;
    world.wait(60).await;
    assert_eq!(resident(&world), [false, false]);
}

#[tokio::test(start_paused = true)]
async fn an_archived_approval_that_is_reversed_is_told_and_archived_again() {
    let world = World::start(false, [put(declined(1))]).await;
    world.wait(60).await;
    let thread = world.thread(order_id(1)).unwrap().0;
    days_later(&world, 7).await;
    assert!(world.store.snapshot().archived_order(order_id(1)).is_some());
    let posts = world.chat.lock().posts;
    // As a decision brings it back: with its surfaces.
    let mut edits = Edits::new();
    for key in SurfaceKey::of_order(order_id(1)).map(Key::Surface) {
        edits.put(world.store.get(&key).await.unwrap().unwrap().value);
    }
    let by = Actor::Cli("root".into());
    let reversed = Reversed { by, at: world.clock.truth(), reason: "fraud".to_owned() };
    edits.put(Order { reversed: Some(reversed), ..declined(1) });
    world.store.txn(edits).await.unwrap();
    world.wait(60).await;
    assert!(world.messages(thread)[0].text.contains("fraud"), "the same message says so");
    assert_eq!(
        world.chat.lock().posts,
        posts + 1,
        "its customer is called, and nothing else is posted"
    );
    let called = world.messages(thread).pop().unwrap().text;
    assert!(called.contains("fraud") && called.starts_with("<@"), "{called}");
    assert!(world.store.snapshot().order(order_id(1)).is_some());
    days_later(&world, 7).await;
    let state = world.store.snapshot().archived_order(order_id(1)).map(|order| order.state);
    assert_eq!(state, Some(OrderState::Reversed));
}

#[tokio::test(start_paused = true)]
async fn an_order_stays_in_memory_while_its_thread_does_not_say_what_it_came_to() {
    let mut paid = order(1, Target::New, "vodafone-cash");
    paid.evidence.push(evidence(1));
    let world = World::start(false, [put(paid)]).await;
    world.wait(60).await;
    let thread = world.thread(order_id(1)).unwrap().0;
    // The card can be edited, the thread cannot.
    world.chat.lock().refused.insert(thread);
    world.put(declined(1)).await;
    world.wait(60).await;
    days_later(&world, 8).await;
    let said = |world: &World| world.messages(thread)[0].text.contains("no payment");
    assert!(!said(&world));
    assert!(world.store.snapshot().order(order_id(1)).is_some());
    world.chat.lock().refused.clear();
    world.wait(10 * 60).await;
    assert!(said(&world), "it is still tried");
    assert!(world.store.snapshot().archived_order(order_id(1)).is_some());
}

#[tokio::test(start_paused = true)]
async fn what_becomes_of_an_order_is_told_each_time_by_a_message_that_calls_its_customer() {
    let mut paid = order(1, Target::New, "vodafone-cash");
    paid.evidence.push(evidence(1));
    let world = World::start(false, [put(paid)]).await;
    world.wait(120).await;
    let thread = world.thread(order_id(1)).unwrap().0;
    let last = |world: &World| world.messages(thread).pop().unwrap().text;
    assert!(last(&world).starts_with("<@") && last(&world).contains("In review"));
    world.put(declined(1)).await;
    world.wait(60).await;
    assert!(last(&world).starts_with("<@") && last(&world).contains("no payment"));
    // Declined once more for another reason, and all the while Discord takes nothing there.
    world.chat.lock().refused.insert(thread);
    let at = world.clock.truth();
    let verdict = Verdict::Declined { reason: "still nothing".to_owned() };
    let decision = Some(Decision { by: Actor::Cli("root".into()), at, verdict });
    world.put(Order { decision, ..declined(1) }).await;
    world.wait(60).await;
    world.chat.lock().refused.clear();
    world.wait(10 * 60).await;
    assert!(last(&world).starts_with("<@") && last(&world).contains("still nothing"));
    let told = world.messages(thread).len();
    world.wait(24 * 3_600).await;
    assert_eq!(world.messages(thread).len(), told, "and once");
}
