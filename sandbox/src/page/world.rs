//! What the page shows and moves: handles to everything that runs, and what all its tabs share.

use super::beside::Beside;
use super::looked::locked;
use super::person::Person;
use super::recorder::Recorder;
use super::telling::Telling;
use crate::system::System;
use bytes::Bytes;
use nebulalinks_model_discord::{Actor, MessageView};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::watch;

/// By how many screens somebody can scroll up: about a thousand messages.
const OLDER: usize = 16;

/// How many uploads wait for what they belong to; an older one goes.
const UPLOADS: usize = 8;

/// How many worlds there were.
static WORLDS: AtomicU64 = AtomicU64::new(1);

/// Everything behind the page; clones are the same world.
#[derive(Clone)]
pub(crate) struct World(Arc<Inner>);

struct Inner {
    /// Another one for each world of this process.
    number: u64,
    system: Arc<System>,
    beside: Beside,
    people: BTreeMap<Person, Actor>,
    /// The newest message that each person has read in each channel.
    read: Mutex<BTreeMap<(Person, u64), u64>>,
    /// By how many screens each person has scrolled up in each channel.
    older: Mutex<BTreeMap<(Person, u64), usize>>,
    uploads: Mutex<Uploads>,
    telling: Telling,
    recorder: Option<Recorder>,
    /// Changes with each act, so that whoever watches looks at once.
    nudges: watch::Sender<u64>,
}

#[derive(Default)]
struct Uploads {
    last: u64,
    waiting: BTreeMap<u64, (String, Bytes)>,
}

impl World {
    /// The world of a system that is up.
    pub(crate) fn of(system: Arc<System>) -> Self {
        Self::recorded(system, None)
    }

    /// The same, where somebody writes down what is done.
    pub(crate) fn recorded(system: Arc<System>, recorder: Option<Recorder>) -> Self {
        let people = Person::ALL.into_iter().map(|who| (who, who.actor(&system.emulator)));
        let people = people.collect();
        let beside = Beside::of(&system);
        Self(Arc::new(Inner {
            number: WORLDS.fetch_add(1, Ordering::Relaxed),
            system,
            beside,
            people,
            read: Mutex::default(),
            older: Mutex::default(),
            uploads: Mutex::default(),
            telling: Telling::default(),
            recorder,
            nudges: watch::channel(0).0,
        }))
    }

    /// Which world it is: what was numbered in another one means nothing here.
    pub(crate) fn number(&self) -> u64 {
        self.0.number
    }

    /// Everything that runs. It is shared: nothing in it needs `&mut`.
    pub(crate) fn system(&self) -> &System {
        &self.0.system
    }

    /// What the page keeps beside it.
    pub(super) fn beside(&self) -> &Beside {
        &self.0.beside
    }

    /// A person of the guild.
    pub(crate) fn actor(&self, who: Person) -> Option<&Actor> {
        self.0.people.get(&who)
    }

    /// The newest message that a person has read in a channel.
    pub(crate) fn read_up_to(&self, who: Person, channel: u64) -> u64 {
        locked(&self.0.read).get(&(who, channel)).copied().unwrap_or(0)
    }

    /// A person has read a channel up to a message.
    pub(crate) fn reads(&self, who: Person, channel: u64, message: u64) {
        let mut read = locked(&self.0.read);
        let up_to = read.entry((who, channel)).or_default();
        *up_to = message.max(*up_to);
    }

    /// By how many screens a person has scrolled up in a channel.
    pub(crate) fn scrolled_up(&self, who: Person, channel: u64) -> usize {
        locked(&self.0.older).get(&(who, channel)).copied().unwrap_or(0)
    }

    /// A person scrolls up by one more screen; false when that is as far as it goes.
    pub(crate) fn scrolls_up(&self, who: Person, channel: u64) -> bool {
        let mut older = locked(&self.0.older);
        let screens = older.entry((who, channel)).or_default();
        let goes = *screens < OLDER;
        *screens += usize::from(goes);
        goes
    }

    /// How many direct messages a person has not read: what their phone would show.
    pub(crate) fn waiting(&self, who: Person) -> usize {
        let Some(actor) = self.actor(who) else { return 0 };
        let new = |message: &MessageView| message.id > self.read_up_to(who, message.channel);
        actor.dms().iter().filter(|message| message.author != who.name() && new(message)).count()
    }

    /// Keeps an uploaded file until an act names it.
    pub(crate) fn keep_upload(&self, name: String, bytes: Bytes) -> u64 {
        let mut uploads = locked(&self.0.uploads);
        uploads.last += 1;
        let id = uploads.last;
        uploads.waiting.insert(id, (name, bytes));
        while uploads.waiting.len() > UPLOADS {
            uploads.waiting.pop_first();
        }
        id
    }

    /// An uploaded file that waits.
    pub(super) fn upload(&self, id: u64) -> Option<(String, Bytes)> {
        locked(&self.0.uploads).waiting.get(&id).cloned()
    }

    /// Who writes down what is done.
    pub(super) fn recorder(&self) -> Option<&Recorder> {
        self.0.recorder.as_ref()
    }

    /// Takes an uploaded file.
    pub(crate) fn take_upload(&self, id: u64) -> Option<(String, Bytes)> {
        locked(&self.0.uploads).waiting.remove(&id)
    }

    /// The story that is told, and how fast.
    pub(crate) fn telling(&self) -> &Telling {
        &self.0.telling
    }

    /// Something was done: whoever watches looks at once at what may show it.
    pub(crate) fn nudge(&self) {
        self.0.nudges.send_modify(|n| *n += 1);
    }

    /// What changes with each nudge.
    pub(crate) fn nudges(&self) -> watch::Receiver<u64> {
        self.0.nudges.subscribe()
    }
}
