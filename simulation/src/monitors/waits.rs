//! P16: how long what is due waits for its turn, server by server.

use super::Monitors;
use nebulalinks::model::*;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Default)]
pub(super) struct Waits {
    /// The newest term of each account that was acted on.
    acted_on: BTreeMap<AccountId, UnixMs>,
    /// From a term to the first write that follows from it, ms.
    turns: Vec<(AccountId, u64)>,
    /// When each server was listed last.
    listed: BTreeMap<ServerId, UnixMs>,
    /// From one list to the next, ms.
    lists: Vec<(ServerId, u64)>,
}

/// What of a hundred waits all but the longest stay within, ms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct P99 {
    /// From what was approved to its write.
    pub(in super::super) turn: u64,
    /// From one list to the next.
    pub(in super::super) list: u64,
}

impl Monitors {
    /// What was noted so far counts no more.
    pub(in super::super) fn measure_anew(&self) {
        let waits = &mut self.seen.lock().unwrap().waits;
        (waits.turns, waits.lists) = (Vec::new(), Vec::new());
    }

    /// The waits of these servers, and of these accounts.
    pub(in super::super) fn waits_at(
        &self,
        servers: &BTreeSet<ServerId>,
        accounts: &BTreeSet<AccountId>,
    ) -> P99 {
        let waits = &self.seen.lock().unwrap().waits;
        let turns = waits.turns.iter().filter(|(account, _)| accounts.contains(account));
        let lists = waits.lists.iter().filter(|(server, _)| servers.contains(server));
        P99 { turn: p99(turns.map(|(_, ms)| *ms)), list: p99(lists.map(|(_, ms)| *ms)) }
    }

    pub(super) fn note_turn(&self, snapshot: &Snapshot, account: AccountId) {
        let Some(newest) = snapshot.terms(account).map(|term| term.at).max() else { return };
        let now = self.time.now();
        let waits = &mut self.seen.lock().unwrap().waits;
        if waits.acted_on.insert(account, newest) != Some(newest) {
            waits.turns.push((account, now.since(newest).0));
        }
    }

    pub(super) fn note_list(&self, server: &ServerId) {
        let now = self.time.now();
        let waits = &mut self.seen.lock().unwrap().waits;
        if let Some(last) = waits.listed.insert(server.clone(), now) {
            waits.lists.push((server.clone(), now.since(last).0));
        }
    }
}

fn p99(waits: impl Iterator<Item = u64>) -> u64 {
    let mut waits: Vec<u64> = waits.collect();
    waits.sort_unstable();
    waits.get((waits.len() * 99).div_ceil(100).saturating_sub(1)).copied().unwrap_or(0)
}
