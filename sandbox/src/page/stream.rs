//! Server-sent events: each topic when a tab connects, and when it changed.

use super::person::Person;
use super::topics::{Kind, TOPICS, Topic};
use super::world::World;
use axum::response::sse::Event;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

/// How long a tab waits for news when nothing nudges.
const TICK: Duration = Duration::from_millis(250);

/// How soon a browser comes back after the line broke.
const AGAIN: Duration = Duration::from_millis(500);

/// What one tab was sent of a topic.
struct Sent<'t> {
    topic: &'t Topic,
    stamp: Option<u64>,
    text: String,
    /// The last id of what is appended.
    last: u64,
    due: Instant,
}

/// The last appended item that a tab had: in which world, and its number there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Had {
    world: u64,
    number: u64,
}

impl Had {
    /// From the id that a browser sends back.
    pub(super) fn read(id: &str) -> Option<Self> {
        let (world, number) = id.split_once(':')?;
        Some(Self { world: world.parse().ok()?, number: number.parse().ok()? })
    }

    fn id(self) -> String {
        format!("{}:{}", self.world, self.number)
    }

    /// The number in this world.
    const fn within(self, world: u64) -> u64 {
        if self.world == world { self.number } else { 0 }
    }
}

/// Tells a tab what there is until it goes.
pub(super) async fn pump(
    mut worlds: watch::Receiver<Option<World>>,
    who: Person,
    had: Had,
    out: mpsc::Sender<Event>,
) {
    let _ = out.send(Event::default().event("hello").retry(AGAIN).data("{}")).await;
    let world = tokio::select! {
        found = worlds.wait_for(Option::is_some) => found.ok().and_then(|found| found.clone()),
        () = out.closed() => None,
    };
    let Some(world) = world else { return };
    let number = json!({ "world": world.number() }).to_string();
    let _ = out.send(Event::default().event("world").data(number)).await;
    world.telling().is_watched();
    let mut nudges = world.nudges();
    let now = Instant::now();
    let last = had.within(world.number());
    let mut sent: Vec<Sent<'_>> = TOPICS
        .iter()
        .map(|topic| Sent { topic, stamp: None, text: String::new(), last, due: now })
        .collect();
    loop {
        nudges.mark_unchanged();
        for sent in &mut sent {
            if sent.due <= Instant::now() && !tell(&world, who, sent, &out).await {
                return;
            }
        }
        tokio::select! {
            () = tokio::time::sleep(TICK) => {}
            nudged = nudges.changed() => {
                if nudged.is_err() { return; }
                let hastened = sent.iter_mut().filter(|sent| sent.topic.at_once);
                hastened.for_each(|sent| sent.due = Instant::now());
            }
            // Another world: the browser comes back by itself, and is told all of it, as what it had was
            // of this one.
            _ = worlds.changed() => return,
            () = out.closed() => return,
        }
    }
}

/// Tells what is new of a topic; whether the tab is still there.
async fn tell(world: &World, who: Person, sent: &mut Sent<'_>, out: &mpsc::Sender<Event>) -> bool {
    sent.due = Instant::now() + sent.topic.every;
    let event = || Event::default().event(sent.topic.name);
    match &sent.topic.kind {
        Kind::Whole { stamp, state } => {
            let stamp = stamp(world, who);
            if stamp.is_some() && stamp == sent.stamp {
                return true;
            }
            let text = state(world, who).await.to_string();
            sent.stamp = stamp;
            if text == sent.text {
                return true;
            }
            let there = out.send(event().data(&text)).await.is_ok();
            sent.text = text;
            there
        }
        Kind::Append(items) => {
            let items = items(world, sent.last).await;
            let Some((last, _)) = items.last() else { return true };
            let last = *last;
            let values: Vec<Value> = items.into_iter().map(|(_, value)| value).collect();
            let id = Had { world: world.number(), number: last }.id();
            let event = event().id(id).data(Value::Array(values).to_string());
            sent.last = last;
            out.send(event).await.is_ok()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_had_of_another_world_is_nothing_here() {
        let had = Had::read(&Had { world: 2, number: 5_000 }.id()).unwrap();
        assert_eq!((had.within(2), had.within(3)), (5_000, 0));
        assert_eq!(["", "7", "a:1", "1:"].map(Had::read), [None; 4]);
    }
}
