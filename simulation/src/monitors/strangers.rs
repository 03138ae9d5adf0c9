//! P11: on a panel of another identity than the one that its clients belong on nobody is made until an
//! operator says that it is the right one.

use super::Monitors;
use nebulalinks::intent::Intent;
use nebulalinks::model::*;
use nebulalinks::ports::Precondition;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Default)]
pub(super) struct Homes {
    /// The identities that a server's clients may belong on: of its first full list, and what operators
    /// said since.
    right: BTreeMap<ServerId, BTreeSet<String>>,
    /// The identity that the last list came from.
    last: BTreeMap<ServerId, String>,
}

impl Homes {
    /// A store of before knows what it knew then.
    pub(super) fn restored(&mut self, store: &Snapshot) {
        self.right.clear();
        for status in store.server_statuses() {
            if let Some(home) = store.server_home(&status.server) {
                self.right.entry(status.server.clone()).or_default().insert(home.panel.clone());
            }
        }
    }
}

impl Monitors {
    /// Somebody asks something: an answer may be lost on its way, and what was asked be done.
    pub(super) fn note_accepted(&self, intent: &Intent) {
        if let Intent::AcceptPanel { server, panel, .. } = intent {
            let mut seen = self.seen.lock().unwrap();
            seen.homes.right.entry(server.clone()).or_default().insert(panel.clone());
        }
    }

    /// A list was read.
    pub(super) fn note_identity(&self, list: &Observation) {
        let identity = &list.panel.identity;
        let homes = &mut self.seen.lock().unwrap().homes;
        homes.last.insert(list.server.clone(), identity.clone());
        if list.coverage == Coverage::Full {
            let first = || BTreeSet::from([identity.clone()]);
            homes.right.entry(list.server.clone()).or_insert_with(first);
        }
    }

    /// Just before a client is made.
    pub(super) fn check_stranger(&self, server: &ServerId, id: AccountId, before: Precondition) {
        let stranger = {
            let homes = &self.seen.lock().unwrap().homes;
            let right =
                |last: &&String| homes.right.get(server).is_some_and(|right| right.contains(*last));
            homes.last.get(server).filter(|last| !right(last)).cloned()
        };
        if let Some(stranger) = stranger.filter(|_| before == Precondition::Absent) {
            let what = format!("{id} is made on {server}, which answers as {stranger}");
            self.breach("P11", &what);
        }
    }
}
