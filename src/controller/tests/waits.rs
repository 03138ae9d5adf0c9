//! How long customers waited: each wait counts once.

use super::world::World;
use crate::controller::Histogram;
use crate::model::{
    AccountStatus, Condition, ConditionKind, Delivery, DeliveryState, DurationMs, Edits, MINUTE_MS,
};
use crate::ports::Store as _;
use crate::view::sample::{NOW, account_id, facts, put, served_account};
use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

fn ready() -> Edits {
    let ready = Condition { kind: ConditionKind::Ready, reason: String::new(), since: NOW };
    put(AccountStatus { account: account_id(1), conditions: vec![ready] })
}

/// How many, and how long together.
fn of<K: ToString>(times: BTreeMap<K, Histogram>) -> Vec<(String, u64, DurationMs)> {
    times.into_iter().map(|(k, t)| (k.to_string(), t.count(), t.sum())).collect()
}

#[tokio::test(start_paused = true)]
async fn a_run_counts_as_served_once_from_its_approval_on_where_it_is_served() {
    let world = World::start(true, [served_account(1, false)]).await;
    // Refused for ten minutes, and then taken, over and over.
    world.wait(600).await;
    assert_eq!(of(world.stats.approve_to_served()), []);
    world.panels.takes.store(true, Ordering::SeqCst);
    world.wait(600).await;
    let puts = world.panels.puts.load(Ordering::SeqCst);
    world.wait(600).await;
    assert!(world.panels.puts.load(Ordering::SeqCst) > puts, "it is served again and again");
    let at = world.store.snapshot().served_at(account_id(1), 0).unwrap();
    let took = at.since(NOW);
    assert!(took > DurationMs(10 * MINUTE_MS), "{took:?}");
    assert_eq!(of(world.stats.approve_to_served()), [("fra-1".to_owned(), 1, took)]);
}

#[tokio::test(start_paused = true)]
async fn a_link_counts_as_delivered_once_from_the_approval_on_and_no_later_link_does() {
    let world = World::start(false, [served_account(1, true), ready()]).await;
    world.wait(60).await;
    let at = world.store.snapshot().delivery(account_id(1)).unwrap().at;
    let counted = [("delivered".to_owned(), 1, at.since(NOW))];
    assert_eq!(of(world.stats.approve_to_delivered()), counted);
    let mut moved = facts();
    moved.inbounds[0].port = 8443;
    world.put(moved).await;
    world.put(ready().puts.into_values().next().unwrap()).await;
    world.wait(3600).await;
    assert_eq!(world.alices_messages().len(), 2, "the link changed and went out again");
    assert_eq!(of(world.stats.approve_to_delivered()), counted);
}

#[tokio::test(start_paused = true)]
async fn a_link_that_was_shown_because_no_message_could_be_sent_counts_once() {
    let records = [served_account(1, true), ready()];
    let world = World::prepared(false, records, |d| d.dms_closed = true).await;
    world.wait(60).await;
    let before = world.store.snapshot().delivery(account_id(1)).cloned().unwrap();
    assert_eq!(of(world.stats.approve_to_delivered()), []);
    let press = |before: Delivery| {
        let (state, at) = (DeliveryState::Shown, world.clock.truth());
        Delivery::after(Some(&before), before.account, before.fingerprint.to_string(), state, at)
    };
    let shown = press(before);
    world.put(shown.clone()).await;
    world.wait(60).await;
    let counted = [("shown".to_owned(), 1, shown.at.since(NOW))];
    assert_eq!(of(world.stats.approve_to_delivered()), counted);
    world.put(press(shown)).await;
    world.wait(60).await;
    assert_eq!(of(world.stats.approve_to_delivered()), counted);
}

#[tokio::test(start_paused = true)]
async fn each_key_that_is_taken_up_counts_in_its_lane_by_how_late_it_was() {
    let world = World::start(true, [served_account(1, true)]).await;
    world.wait(600).await;
    let waits = world.stats.queue_waits();
    let lanes: Vec<&str> = waits.keys().map(|lane| lane.name()).collect();
    for lane in ["records", "panels", "cards", "notices", "threads"] {
        assert!(lanes.contains(&lane), "{lanes:?}");
    }
    let (_, longest) = world.stats.queue_state();
    let within = |times: &Histogram| times.sum().0 <= longest * times.count();
    assert!(waits.values().all(within), "{waits:?}");
}
