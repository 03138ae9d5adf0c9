//! Threads of settled orders are put away when their time is over, once, and come back when something is said.

use super::world::World;
use crate::catalog::{Catalog, OrderSpace};
use crate::model::{
    Actor, DAY_MS, Decision, DurationMs, HOUR_MS, Key, Order, Surface, SurfaceKey, Target, Verdict,
};
use crate::ports::{Hint, Store as _};
use crate::view::sample::{
    NOW, account_id, catalog, evidence, order, order_id, put, served_account,
};
use std::sync::Arc;

/// Staff declined it at once.
fn declined(n: u128) -> Order {
    let mut order = order(n, Target::New, "vodafone-cash");
    order.evidence.push(evidence(1));
    let verdict = Verdict::Declined { reason: "no payment".into() };
    order.decision = Some(Decision { by: Actor::Cli("root".into()), at: NOW, verdict });
    order
}

fn keeping_threads(days: u64) -> Arc<Catalog> {
    let mut catalog = catalog();
    catalog.shop.retention.threads = DurationMs(days * DAY_MS);
    Arc::new(catalog)
}

/// A shop that keeps threads for so many days, and the thread of its declined order.
async fn with_a_thread(days: u64) -> (World, u64) {
    let world = World::start(false, [put(declined(1))]).await;
    world.catalog.send_replace(keeping_threads(days));
    world.wait(60).await;
    let (thread, _) = world.thread(order_id(1)).unwrap();
    (world, thread)
}

#[tokio::test(start_paused = true)]
async fn a_settled_orders_thread_is_put_away_once_when_its_time_is_over_by_its_own_deadline() {
    let (world, thread) = with_a_thread(3).await;
    world.clock.skip(3 * DAY_MS - HOUR_MS);
    world.wait(60).await;
    assert_eq!(world.chat.lock().put_away, 0, "too early");
    world.clock.skip(HOUR_MS);
    world.wait(60).await;
    assert!(world.chat.lock().away.contains(&thread));
    for _ in 0..2 {
        world.hints.send(Hint::Missed).unwrap();
        world.clock.skip(DAY_MS);
        world.wait(60).await;
    }
    assert_eq!(world.chat.lock().put_away, 1, "it is known to be away");
}

/// Of a thread: the calls it took, and the commits of what is kept there from now on.
async fn costs_of_a_day(world: &World, thread: u64) -> (u32, usize) {
    let calls = || world.chat.lock().calls.get(&thread).copied().unwrap_or(0);
    let (before, mut changes) = (calls(), world.store.changes());
    for _ in 0..4 {
        world.hints.send(Hint::Missed).unwrap();
        world.clock.skip(6 * HOUR_MS);
        world.wait(60).await;
    }
    let mut commits = 0;
    while let Ok(keys) = changes.try_recv() {
        let is_kept = |key: &Key| matches!(key, Key::Order(_) | Key::Surface(_));
        commits += usize::from(keys.iter().any(is_kept));
    }
    (calls() - before, commits)
}

#[tokio::test(start_paused = true)]
async fn a_thread_that_is_away_costs_nothing_until_its_order_changes_also_after_a_restart() {
    // After 7 days the order leaves memory, too.
    for days in [2, 7] {
        let (mut world, thread) = with_a_thread(days).await;
        world.clock.skip(days * DAY_MS);
        world.wait(60).await;
        assert!(world.chat.lock().away.contains(&thread));
        for _ in 0..2 {
            assert_eq!(costs_of_a_day(&world, thread).await, (0, 0), "of {days} days");
            let runs = world.stats.runs();
            let failed = |(kind, result): &&(&str, &str)| *kind == "surface" && *result != "ok";
            assert_eq!(runs.keys().filter(failed).collect::<Vec<_>>(), [&("", ""); 0]);
            world = world.restarted();
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_said_in_a_thread_that_is_away_brings_it_back_and_it_is_put_away_anew() {
    let (world, thread) = with_a_thread(2).await;
    world.clock.skip(2 * DAY_MS);
    world.wait(60).await;
    assert!(world.chat.lock().away.contains(&thread));
    let mut again = declined(1);
    again.decision.as_mut().unwrap().at = world.clock.truth();
    world.put(again).await;
    world.wait(60).await;
    assert!(!world.chat.lock().away.contains(&thread), "its customer is told of it there");
    world.clock.skip(2 * DAY_MS);
    world.wait(60).await;
    let discord = world.chat.lock();
    assert!(discord.away.contains(&thread) && discord.put_away == 2, "{}", discord.put_away);
}

#[tokio::test(start_paused = true)]
async fn an_order_leaves_memory_no_sooner_than_its_thread_is_put_away() {
    let (world, _) = with_a_thread(30).await;
    world.clock.skip(20 * DAY_MS);
    world.wait(60).await;
    assert!(world.store.snapshot().order(order_id(1)).is_some());
    assert_eq!(world.chat.lock().put_away, 0);
    world.clock.skip(10 * DAY_MS);
    world.wait(60).await;
    assert_eq!(world.chat.lock().put_away, 1);
    assert!(world.store.snapshot().archived_order(order_id(1)).is_some());
}

#[tokio::test(start_paused = true)]
async fn a_thread_that_may_not_be_put_away_or_is_gone_holds_nothing_up() {
    for gone in [false, true] {
        let (world, thread) = with_a_thread(7).await;
        {
            let mut discord = world.chat.lock();
            if gone {
                discord.gone.insert(thread)
            } else {
                discord.refused.insert(thread)
            };
        }
        world.clock.skip(7 * DAY_MS);
        world.wait(120).await;
        assert_eq!(world.chat.lock().put_away, 1, "gone: {gone}");
        assert!(world.store.snapshot().archived_order(order_id(1)).is_some(), "gone: {gone}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_discord_did_not_answer_is_asked_again_until_it_does() {
    // After 7 days the order leaves memory, too.
    for days in [2, 7] {
        let (world, thread) = with_a_thread(days).await;
        world.chat.lock().keeps_threads = 3;
        world.clock.skip(days * DAY_MS);
        world.wait(10 * 60).await;
        let discord = world.chat.lock();
        assert!(discord.away.contains(&thread) && discord.put_away == 4, "{}", discord.put_away);
        drop(discord);
        let archived = world.store.snapshot().archived_order(order_id(1)).is_some();
        assert_eq!(archived, days == 7);
    }
}

#[tokio::test(start_paused = true)]
async fn the_thread_of_an_order_that_waits_or_whose_link_has_not_come_is_not_put_away() {
    let mut waits = order(1, Target::New, "vodafone-cash");
    waits.evidence.push(evidence(1));
    // Sold and bound, and no panel answers.
    let world = World::start(false, [put(waits), served_account(2, false)]).await;
    world.wait(60).await;
    world.clock.skip(60 * DAY_MS);
    world.hints.send(Hint::Missed).unwrap();
    world.wait(60).await;
    assert_eq!(world.chat.lock().put_away, 0);
    let snapshot = world.store.snapshot();
    assert!(snapshot.account(account_id(2)).is_some());
    assert!(snapshot.surface(SurfaceKey::OrderThread(order_id(1_002))).is_some());
}

fn kept(world: &World) -> Surface {
    world.store.snapshot().surface(SurfaceKey::OrderThread(order_id(1))).unwrap().clone()
}

/// A shop whose orders have channels that stay for so many days, and that of its declined order.
async fn with_a_channel(days: u64) -> (World, u64) {
    let mut catalog = catalog();
    catalog.shop.retention.threads = DurationMs(days * DAY_MS);
    (catalog.shop.orders.space, catalog.shop.orders.categories) = (OrderSpace::Channel, vec![77]);
    let world = World::start(false, []).await;
    world.catalog.send_replace(Arc::new(catalog));
    world.put(declined(1)).await;
    world.wait(60).await;
    let (channel, _) = world.thread(order_id(1)).unwrap();
    assert!(kept(&world).own_channel);
    (world, channel)
}

#[tokio::test(start_paused = true)]
async fn a_channel_is_deleted_once_and_its_end_is_not_taken_for_somebody_elses_deed() {
    // After 7 days the order leaves memory, too.
    for days in [2, 7] {
        let (mut world, channel) = with_a_channel(days).await;
        world.chat.lock().keeps_threads = 2;
        world.clock.skip(days * DAY_MS);
        // Discord tells of the deletion before the call is answered.
        world.wait(1).await;
        world.hints.send(Hint::ChannelGone { channel }).unwrap();
        world.wait(10 * 60).await;
        assert!(world.chat.lock().away.contains(&channel));
        for _ in 0..2 {
            world.hints.send(Hint::ChannelGone { channel }).unwrap();
            assert_eq!(costs_of_a_day(&world, channel).await, (0, 0), "of {days} days");
            assert_eq!(world.chat.lock().put_away, 3, "two were not answered");
            assert!(world.chat.lock().threads.is_empty(), "no other is opened");
            world = world.restarted();
        }
        let snapshot = world.store.snapshot();
        assert_eq!(snapshot.archived_order(order_id(1)).is_some(), days == 7);
        assert_eq!(snapshot.orders_in_channels(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_to_be_told_after_the_channel_is_deleted_is_told_in_a_new_one() {
    let (world, channel) = with_a_channel(2).await;
    assert_eq!(world.store.snapshot().orders_in_channels(), 1);
    world.clock.skip(2 * DAY_MS);
    world.wait(60).await;
    assert!(world.chat.lock().away.contains(&channel));
    let mut again = declined(1);
    again.decision.as_mut().unwrap().at = world.clock.truth();
    world.put(again).await;
    world.wait(60).await;
    let (anew, _) = world.thread(order_id(1)).unwrap();
    assert!(anew != channel && kept(&world).channel == Some(anew));
    world.clock.skip(2 * DAY_MS);
    world.wait(60).await;
    assert!(world.chat.lock().away.contains(&anew), "and that is deleted, too");
}

#[tokio::test(start_paused = true)]
async fn a_crash_between_the_record_and_the_deletion_deletes_it_all_the_same() {
    let (mut world, channel) = with_a_channel(2).await;
    world.chat.lock().keeps_threads = u32::MAX;
    world.clock.skip(2 * DAY_MS);
    world.wait(60).await;
    let marked = kept(&world);
    assert!(marked.is_deleted() && marked.channel == Some(channel));
    world = world.restarted();
    world.chat.lock().keeps_threads = 0;
    world.wait(60).await;
    assert!(world.chat.lock().away.contains(&channel));
    assert_eq!(kept(&world).channel, None);
}
