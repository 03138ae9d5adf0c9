//! What the page shows: each topic is one file with `state`, and one row here.
//!
//! A topic is sent when a tab connects and when it changed. It is looked at no more often than
//! `every`, and only while somebody watches; one that costs little is looked at once after an act, too
//! (`at_once`). `stamp` spares the looking: the same stamp twice is the same state. An `Append` topic sends only what came after an id, oldest first, each item with
//! its id; a browser that comes back says which it had last.

mod accounts;
mod clock;
mod files;
pub(super) mod guild;
mod log;
mod panels;
mod passes;
mod processes;
pub(super) mod story;

use super::person::Person;
use super::world::World;
use futures::future::BoxFuture;
use serde_json::Value;
use std::time::Duration;

/// Something that the page shows.
pub(super) struct Topic {
    /// The name of its events.
    pub(super) name: &'static str,
    /// How often it is looked at, at most.
    pub(super) every: Duration,
    /// Whether it is looked at as soon as somebody did something: not what the controller is asked for.
    pub(super) at_once: bool,
    /// How it is looked at.
    pub(super) kind: Kind,
}

/// How a topic is looked at.
pub(super) enum Kind {
    /// All of it, as one value.
    Whole {
        /// The same stamp twice is the same state; `None` is always another.
        stamp: fn(&World, Person) -> Option<u64>,
        /// What there is for a person.
        state: for<'w> fn(&'w World, Person) -> BoxFuture<'w, Value>,
    },
    /// What came after an id.
    Append(Items),
}

/// What came after an id, oldest first.
type Items = for<'w> fn(&'w World, u64) -> BoxFuture<'w, Vec<(u64, Value)>>;

const OFTEN: Duration = Duration::from_millis(250);

/// Always another state: look each time.
fn no_stamp(_: &World, _: Person) -> Option<u64> {
    None
}

/// What is asked of the controller is asked no more often than this.
const ASKED: Duration = Duration::from_millis(700);

/// A topic that is looked at each time.
macro_rules! looked_at {
    ($topic:ident, $every:expr) => {
        Topic {
            name: stringify!($topic),
            every: $every,
            at_once: $every.as_millis() <= OFTEN.as_millis(),
            kind: Kind::Whole { stamp: no_stamp, state: |w, who| Box::pin($topic::state(w, who)) },
        }
    };
}

/// All topics, in the order in which they are sent.
pub(super) const TOPICS: &[Topic] = &[
    Topic {
        name: "story",
        every: OFTEN,
        at_once: true,
        kind: Kind::Whole { stamp: no_stamp, state: |w, _| Box::pin(story::state(w)) },
    },
    Topic {
        name: "guild",
        every: OFTEN,
        at_once: true,
        kind: Kind::Whole { stamp: guild::stamp, state: |w, who| Box::pin(guild::state(w, who)) },
    },
    looked_at!(clock, ASKED),
    looked_at!(panels, OFTEN),
    looked_at!(accounts, ASKED),
    looked_at!(passes, ASKED),
    looked_at!(processes, OFTEN),
    looked_at!(files, ASKED),
    Topic {
        name: "log",
        every: OFTEN,
        at_once: true,
        kind: Kind::Append(|w, n| Box::pin(log::after(w, n))),
    },
];
