//! Server-sent events: each topic when a tab connects, and when it changed.

use super::person::Person;
use super::topics::{Kind, TOPICS, Topic};
use super::world::World;
use axum::response::sse::Event;
use serde_json::Value;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

/// How long a tab waits for news when nothing nudges.
const TICK: Duration = Duration::from_millis(250);

/// How soon a browser comes back after the line broke.
const AGAIN: Duration = Duration::from_millis(500);

/// What one tab was told of a topic.
struct Told<'t> {
    topic: &'t Topic,
    stamp: Option<u64>,
    text: String,
    /// The last id of what is appended.
    last: u64,
    due: Instant,
}

/// Tells a tab what there is until it goes; `after` is the last appended item that it had.
pub(super) async fn pump(
    mut worlds: watch::Receiver<Option<World>>,
    who: Person,
    after: u64,
    out: mpsc::Sender<Event>,
) {
    let _ = out.send(Event::default().event("hello").retry(AGAIN).data("{}")).await;
    let world = tokio::select! {
        found = worlds.wait_for(Option::is_some) => found.ok().and_then(|found| found.clone()),
        () = out.closed() => None,
    };
    let Some(world) = world else { return };
    world.telling().is_watched();
    let mut nudges = world.nudges();
    let now = Instant::now();
    let mut told: Vec<Told<'_>> = TOPICS
        .iter()
        .map(|topic| Told { topic, stamp: None, text: String::new(), last: after, due: now })
        .collect();
    loop {
        nudges.mark_unchanged();
        for told in &mut told {
            if told.due <= Instant::now() && !tell(&world, who, told, &out).await {
                return;
            }
        }
        tokio::select! {
            () = tokio::time::sleep(TICK) => {}
            nudged = nudges.changed() => {
                if nudged.is_err() { return; }
                told.iter_mut().for_each(|told| told.due = Instant::now());
            }
            // Another world: the browser comes back by itself, and is told all of it.
            _ = worlds.changed() => return,
            () = out.closed() => return,
        }
    }
}

/// Tells what is new of a topic; whether the tab is still there.
async fn tell(world: &World, who: Person, told: &mut Told<'_>, out: &mpsc::Sender<Event>) -> bool {
    told.due = Instant::now() + told.topic.every;
    let event = || Event::default().event(told.topic.name);
    match &told.topic.kind {
        Kind::Whole { stamp, state } => {
            let stamp = stamp(world, who);
            if stamp.is_some() && stamp == told.stamp {
                return true;
            }
            let text = state(world, who).await.to_string();
            told.stamp = stamp;
            if text == told.text {
                return true;
            }
            let there = out.send(event().data(&text)).await.is_ok();
            told.text = text;
            there
        }
        Kind::Append(items) => {
            let items = items(world, told.last).await;
            let Some((last, _)) = items.last() else { return true };
            let last = *last;
            let values: Vec<Value> = items.into_iter().map(|(_, value)| value).collect();
            let event = event().id(last.to_string()).data(Value::Array(values).to_string());
            told.last = last;
            out.send(event).await.is_ok()
        }
    }
}
