//! Threads of settled orders are put away when their time is over, once, and come back when something is said.

use super::world::World;
use crate::catalog::Catalog;
use crate::model::{
    Actor, DAY_MS, Decision, DurationMs, HOUR_MS, Key, Order, SurfaceKey, Target, Verdict,
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
