//! What the page shows: each topic is one file with `state`, and one row here.
//!
//! A topic is sent when a tab connects and when it changed. It is looked at no more often than
//! `every`, and only while somebody watches. `stamp` spares the looking: the same stamp twice is
//! the same state. An `Append` topic sends only what came after an id, oldest first, each item with
//! its id; a browser that comes back says which it had last.

pub(super) mod guild;

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
    #[allow(dead_code, reason = "the log")]
    Append(Items),
}

/// What came after an id, oldest first.
type Items = for<'w> fn(&'w World, u64) -> BoxFuture<'w, Vec<(u64, Value)>>;

const OFTEN: Duration = Duration::from_millis(250);

/// Always another state: look each time.
#[allow(dead_code, reason = "for topics that come")]
fn no_stamp(_: &World, _: Person) -> Option<u64> {
    None
}

/// All topics, in the order in which they are sent.
pub(super) const TOPICS: &[Topic] = &[Topic {
    name: "guild",
    every: OFTEN,
    kind: Kind::Whole { stamp: guild::stamp, state: |w, who| Box::pin(guild::state(w, who)) },
}];
