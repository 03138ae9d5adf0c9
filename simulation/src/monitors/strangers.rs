//! P11: on a panel of another identity than the one that its clients belong on nobody is made until an
//! operator says that it is the right one. Looked at where a call of a gateway has its effect, by what the
//! panel itself is at that moment.

use super::Monitors;
use nebulalinks::intent::{Intent, Rejection, Reply};
use nebulalinks::model::*;
use nebulalinks_model_panel::{Actor, Generation, PanelEvent};
use std::collections::{BTreeMap, BTreeSet};

/// A panel that was swapped less ago may get what was on its way from its gateway to the one before.
const ON_ITS_WAY: DurationMs = DurationMs(100);

#[derive(Default)]
pub(super) struct Homes {
    /// The identities that a server's clients may belong on: of its first full list, and what operators
    /// said since.
    right: BTreeMap<ServerId, BTreeSet<String>>,
    /// What operators say and nobody has answered yet, or where the answer was lost: it may be done.
    asked: BTreeMap<(ServerId, String), u32>,
    /// When a server's panel was swapped last.
    swapped: BTreeMap<ServerId, UnixMs>,
}

impl Homes {
    /// A store of before knows what it knew then.
    pub(super) fn restored(&mut self, store: &Snapshot) {
        self.right.clear();
        self.asked.clear();
        for status in store.server_statuses() {
            if let Some(home) = store.server_home(&status.server) {
                self.right.entry(status.server.clone()).or_default().insert(home.panel.clone());
            }
        }
    }

    fn is_right(&self, server: &ServerId, identity: &str) -> bool {
        let asked = (server.clone(), identity.to_owned());
        // Before the first list nothing is known, and nothing made.
        self.right.get(server).is_none_or(|right| right.contains(identity))
            || self.asked.get(&asked).is_some_and(|times| *times > 0)
    }
}

impl Monitors {
    /// Somebody asks something: an answer may be lost on its way, and what was asked be done.
    pub(super) fn note_accepted(&self, intent: &Intent) {
        if let Intent::AcceptPanel { server, panel, .. } = intent {
            let mut seen = self.seen.lock().unwrap();
            *seen.homes.asked.entry((server.clone(), panel.clone())).or_default() += 1;
        }
    }

    /// It was answered: what was refused is not right by having been asked.
    pub(in super::super) fn answered(&self, intent: &Intent, answer: &Result<Reply, Rejection>) {
        let Intent::AcceptPanel { server, panel, .. } = intent else { return };
        let mut seen = self.seen.lock().unwrap();
        if let Some(times) = seen.homes.asked.get_mut(&(server.clone(), panel.clone())) {
            *times = times.saturating_sub(1);
        }
        if answer.is_ok() {
            seen.homes.right.entry(server.clone()).or_default().insert(panel.clone());
        }
    }

    /// A server's panel is another one from now on.
    pub(in super::super) fn swapped(&self, server: &ServerId) {
        let now = self.time.now();
        self.seen.lock().unwrap().homes.swapped.insert(server.clone(), now);
    }

    /// A list was read.
    pub(super) fn note_identity(&self, list: &Observation) {
        let homes = &mut self.seen.lock().unwrap().homes;
        if list.coverage == Coverage::Full {
            let first = || BTreeSet::from([list.panel.identity.clone()]);
            homes.right.entry(list.server.clone()).or_insert_with(first);
        }
    }

    /// A server's panel has answered a call of its gateway that it got as the panel of this identity; so
    /// many of its changes came before.
    pub(in super::super) fn took(&self, server: &ServerId, identity: &str, changes: usize) {
        let Some(panel) = self.panels.get(server) else { return };
        // A panel of generation 2 tells no identity: nobody can tell it from another.
        if panel.version().generation() == Generation::Two {
            return;
        }
        let stranger = {
            let homes = &self.seen.lock().unwrap().homes;
            let swapped = homes.swapped.get(server).copied();
            let fresh = swapped.is_some_and(|at| self.time.now().since(at) < ON_ITS_WAY);
            !fresh && !homes.is_right(server, identity)
        };
        if !stranger {
            return;
        }
        for entry in panel.journal_since(changes).iter().filter(|e| e.actor == Actor::Api) {
            if let PanelEvent::Created { email } = &entry.event {
                self.breach("P11", &format!("{email} is made on {server}, which is {identity}"));
            }
        }
    }
}
