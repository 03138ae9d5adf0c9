//! The channel for alerts.

use super::world::World;
use crate::catalog::Catalog;
use crate::model::{Reason, ReasonCode, UnixMs};
use crate::view::sample::catalog;
use std::sync::Arc;
use std::time::Duration;

const ALERTS: u64 = 15;

fn with_the_channel() -> Arc<Catalog> {
    let mut catalog = catalog();
    catalog.shop.channels.alerts = Some(ALERTS);
    Arc::new(catalog)
}

fn invalid() -> Reason {
    Reason {
        code: ReasonCode::CatalogInvalid,
        since: Some(UnixMs(1)),
        detail: "plans.yaml:3:5: no such key".to_owned(),
        remedy: "mend or revert the edit".to_owned(),
    }
}

fn texts(world: &World) -> Vec<String> {
    world.messages(ALERTS).into_iter().map(|shown| shown.text).collect()
}

#[tokio::test(start_paused = true)]
async fn staff_are_told_once_of_what_needs_a_person_and_once_that_it_is_over() {
    let world = World::start(true, []).await;
    world.catalog.send_replace(with_the_channel());
    world.wait(20).await;
    assert_eq!(texts(&world).len(), 1, "the card: {:?}", texts(&world));
    assert!(texts(&world)[0].contains("Nothing at the moment"), "{:?}", texts(&world));
    world.troubles.lock().unwrap().push(invalid());
    world.wait(20).await;
    let told = texts(&world);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told.iter().all(|text| text.contains("plans.yaml:3:5")), "{told:?}");
    world.wait(3600).await;
    assert_eq!(texts(&world).len(), 2, "once: {:?}", texts(&world));
    world.troubles.lock().unwrap().clear();
    world.wait(20).await;
    assert_eq!(texts(&world).len(), 2, "it may come back: {:?}", texts(&world));
    world.wait(150).await;
    let told = texts(&world);
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(told[0].contains("Nothing at the moment"), "the card: {told:?}");
    assert!(told[2].contains("Over") && told[2].contains("CatalogInvalid"), "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn what_comes_at_once_is_told_in_one_message_and_what_follows_not_within_a_minute() {
    let world = World::start(true, []).await;
    world.catalog.send_replace(with_the_channel());
    let disk = Reason { code: ReasonCode::DiskNearlyFull, ..invalid() };
    world.troubles.lock().unwrap().extend([invalid(), disk.clone()]);
    world.wait(20).await;
    assert_eq!(texts(&world).len(), 2, "{:?}", texts(&world));
    // It comes and goes.
    for _ in 0..4 {
        world.troubles.lock().unwrap().pop();
        world.wait(5).await;
        world.troubles.lock().unwrap().push(disk.clone());
        world.wait(5).await;
    }
    assert_eq!(texts(&world).len(), 2, "{:?}", texts(&world));
}

#[tokio::test(start_paused = true)]
async fn an_alert_whose_answer_is_lost_is_told_once() {
    let world = World::start(true, []).await;
    world.catalog.send_replace(with_the_channel());
    world.wait(20).await;
    world.chat.lock().lose_answers = 1;
    world.troubles.lock().unwrap().push(invalid());
    world.wait(300).await;
    assert_eq!(texts(&world).len(), 2, "{:?}", texts(&world));
}

#[tokio::test(start_paused = true)]
async fn an_alert_whose_answer_is_lost_is_told_once_though_more_comes_meanwhile() {
    let world = World::start(true, []).await;
    world.catalog.send_replace(with_the_channel());
    world.wait(20).await;
    world.chat.lock().lose_answers = 1;
    world.troubles.lock().unwrap().push(invalid());
    while texts(&world).len() < 2 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    world.chat.lock().put_off = 5;
    let disk = Reason { code: ReasonCode::DiskNearlyFull, ..invalid() };
    world.troubles.lock().unwrap().push(disk);
    world.wait(1800).await;
    let told = texts(&world);
    let of = |name| told[1..].iter().filter(|text| text.contains(name)).count();
    assert_eq!((of("CatalogInvalid"), of("DiskNearlyFull")), (1, 1), "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn alerts_go_on_after_the_clock_was_a_year_ahead() {
    const YEAR_MS: i64 = 365 * 24 * 3_600_000;
    let world = World::start(true, []).await;
    world.catalog.send_replace(with_the_channel());
    world.wait(20).await;
    world.clock.step(YEAR_MS);
    world.wait(200).await;
    let doubts =
        |world: &World| texts(world)[1..].iter().filter(|t| t.contains("ClockDoubt")).count();
    assert_eq!(doubts(&world), 1, "{:?}", texts(&world));
    world.clock.step(-YEAR_MS);
    world.wait(300).await;
    assert_eq!(doubts(&world), 2, "that it is over: {:?}", texts(&world));
    world.troubles.lock().unwrap().push(invalid());
    world.wait(20).await;
    assert!(texts(&world).last().unwrap().contains("plans.yaml"), "{:?}", texts(&world));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_does_not_answer_is_an_alert_after_three_minutes() {
    let world = World::start(false, []).await;
    world.catalog.send_replace(with_the_channel());
    world.wait(160).await;
    assert_eq!(texts(&world).len(), 1, "{:?}", texts(&world));
    world.wait(40).await;
    let told = texts(&world);
    assert!(told.len() == 2 && told[1].contains("ServerUnreachable"), "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn without_a_channel_nothing_is_said_anywhere() {
    let world = World::start(false, []).await;
    world.troubles.lock().unwrap().push(invalid());
    world.wait(600).await;
    assert_eq!(world.chat.lock().channels.keys().filter(|id| **id != 11).count(), 0);
}
