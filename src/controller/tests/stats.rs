//! The panel of the shop in numbers.

use super::world::World;
use crate::catalog::Catalog;
use crate::model::{Booking, Currency, Money, Takings};
use crate::ports::Hint;
use crate::view::sample::{NOW, catalog};
use std::sync::Arc;

const STATS: u64 = 14;

fn with_the_channel() -> Arc<Catalog> {
    let mut catalog = catalog();
    catalog.shop.channels.stats = Some(STATS);
    Arc::new(catalog)
}

fn taken(minor: u64) -> Takings {
    let currency = Currency { code: "EGP".into(), decimals: 2 };
    let amount = Money { minor, currency: currency.clone() };
    let mut takings = Takings::none_at(NOW, currency);
    takings.add(&Booking { at: NOW, amount: &amount, returned: false });
    takings
}

fn texts(world: &World) -> Vec<String> {
    world.messages(STATS).into_iter().map(|shown| shown.text).collect()
}

#[tokio::test(start_paused = true)]
async fn the_panel_is_edited_at_most_once_a_minute_and_only_when_a_number_changes() {
    let world = World::start(true, []).await;
    world.catalog.send_replace(with_the_channel());
    world.wait(70).await;
    assert_eq!(texts(&world).len(), 1, "{:?}", texts(&world));
    let edits = |world: &World| world.chat.lock().edits_in(STATS);
    let before = edits(&world);
    for n in 1..=55 {
        world.put(taken(n * 100)).await;
        world.wait(1).await;
    }
    let during = edits(&world) - before;
    assert!(during <= 1, "{during} edits in a minute");
    world.wait(70).await;
    assert!(texts(&world)[0].contains("today 55.00"), "{:?}", texts(&world));
    let settled = edits(&world);
    world.wait(3_600).await;
    assert_eq!(edits(&world), settled, "nothing changed");
    assert_eq!(texts(&world).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_panel_that_somebody_deleted_is_posted_anew_at_once() {
    let world = World::start(true, []).await;
    world.catalog.send_replace(with_the_channel());
    world.wait(5).await;
    let message = world.messages(STATS)[0].id;
    world.chat.lock().channels.remove(&STATS);
    world.hints.send(Hint::MessageGone { channel: STATS, message }).unwrap();
    world.wait(5).await;
    assert_eq!(texts(&world).len(), 1, "{:?}", texts(&world));
    assert!(world.messages(STATS)[0].id != message);
}

#[tokio::test(start_paused = true)]
async fn without_a_channel_no_numbers_are_said_anywhere() {
    let world = World::start(true, []).await;
    world.put(taken(100)).await;
    world.wait(600).await;
    assert!(world.chat.lock().channels.values().flatten().all(|m| !m.text.contains("Revenue")));
}
