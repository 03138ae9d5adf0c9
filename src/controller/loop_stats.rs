//! What the loop counts, for whoever shows it. Bounded labels only: verbs, codes, server ids.

use super::histogram::Histogram;
use super::keys::Lane;
use super::lock::Locked;
use super::waits::Wait;
use super::wanted::WantedChange;
use crate::model::{DurationMs, ObservedClient, ServerId, UnixMs};
use crate::planner::{Report, Verb};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What the loop counts of one server.
#[derive(Debug, Clone, Default)]
pub struct ServerStats {
    /// When its last full list was taken.
    pub listed_at: UnixMs,
    /// How many clients are ours on the panel.
    pub ours: usize,
    /// How many are not.
    pub foreign: usize,
    /// Those: who may be adopted.
    pub strangers: Arc<Vec<ObservedClient>>,
    /// How many inbounds of the panel cannot be read.
    pub unreadable: usize,
    /// How many changes the last pass wanted: how far the world is from what was asked.
    pub wanted: usize,
    /// The first of them, field by field.
    pub changes: Arc<Vec<WantedChange>>,
    /// How many there are by what they do.
    pub by_verb: BTreeMap<&'static str, usize>,
    /// How many of them the guard held.
    pub held: usize,
    /// How many of this hour's changes took something away that no record explains.
    pub unexplained: u32,
    /// How many are read alone between two lists, close to their caps.
    pub near: usize,
    /// Who is off there and connected all the same.
    pub still_connected: usize,
    /// Whether the last call was answered.
    pub reachable: bool,
    /// Why the rest was left alone, at the last pass.
    pub report: Arc<Report>,
}

/// How far the move away from a server is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Moves {
    /// Accounts that are still served there alone.
    pub waiting: usize,
    /// Those of them for whom no other server that their plan allows has room.
    pub no_room: usize,
    /// Accounts that have their new server, and whose old client still works for a while.
    pub under_way: usize,
}

#[derive(Debug, Default)]
struct Counts {
    servers: BTreeMap<ServerId, ServerStats>,
    moves: BTreeMap<ServerId, Moves>,
    applied: BTreeMap<(ServerId, &'static str), u64>,
    runs: BTreeMap<(&'static str, &'static str), u64>,
    cut_off_lag_ms: BTreeMap<ServerId, u64>,
    approve_to_served: BTreeMap<ServerId, Histogram>,
    approve_to_delivered: BTreeMap<&'static str, Histogram>,
    queue_waits: BTreeMap<Lane, Histogram>,
    proofs_deleted: u64,
    broadcasts: BTreeMap<&'static str, u64>,
    queue_depth: usize,
    longest_wait_ms: u64,
}

/// The loop's counters.
#[derive(Debug, Default)]
pub struct LoopStats(Locked<Counts>);

impl LoopStats {
    /// A pass over a server: what it saw and wanted.
    pub(crate) fn server(&self, id: &ServerId, change: impl FnOnce(&mut ServerStats)) {
        change(self.0.lock().servers.entry(id.clone()).or_default());
    }
    /// Servers that are asked nothing any more are shown no more.
    pub(super) fn keep_only(&self, is_served: impl Fn(&ServerId) -> bool) {
        let mut counts = self.0.lock();
        counts.servers.retain(|id, _| is_served(id));
        counts.moves.retain(|id, _| is_served(id));
    }
    /// How far the move away from a server is, while it is to be left.
    pub(super) fn moves(&self, id: &ServerId, moves: Option<Moves>) {
        let mut counts = self.0.lock();
        match moves {
            Some(moves) => counts.moves.insert(id.clone(), moves),
            None => counts.moves.remove(id),
        };
    }
    /// A change was applied and read back.
    pub(super) fn applied(&self, id: &ServerId, verb: Verb) {
        *self.0.lock().applied.entry((id.clone(), verb.name())).or_default() += 1;
    }
    /// A run of a kind of key ended so: `ok` or a failure's code.
    pub(super) fn ran(&self, kind: &'static str, result: &'static str) {
        *self.0.lock().runs.entry((kind, result)).or_default() += 1;
    }
    /// A client was switched off this long after its end.
    pub(super) fn cut_off(&self, id: &ServerId, lag_ms: u64) {
        let mut counts = self.0.lock();
        let worst = counts.cut_off_lag_ms.entry(id.clone()).or_default();
        *worst = (*worst).max(lag_ms);
    }
    /// A customer's wait is over.
    pub(super) fn waited(&self, wait: &Wait) {
        let mut counts = self.0.lock();
        let approved = || Histogram::new(Histogram::SINCE_APPROVAL);
        match wait {
            Wait::Served(server, took) => {
                let times = counts.approve_to_served.entry(server.clone());
                times.or_insert_with(approved).observe(*took);
            }
            Wait::Link(how, took) => {
                let times = counts.approve_to_delivered.entry(how);
                times.or_insert_with(approved).observe(*took);
            }
        }
    }
    /// So many files of proofs were deleted.
    pub(super) fn proofs_deleted(&self, files: u64) {
        self.0.lock().proofs_deleted += files;
    }
    /// A customer's turn to get a broadcast came to this.
    pub(super) fn broadcast(&self, came: &'static str) {
        *self.0.lock().broadcasts.entry(came).or_default() += 1;
    }
    /// A key was taken so long past its time, and how many wait still.
    pub(super) fn queue(&self, lane: Lane, depth: usize, waited: DurationMs) {
        let mut counts = self.0.lock();
        counts.queue_depth = depth;
        counts.longest_wait_ms = counts.longest_wait_ms.max(waited.0);
        let waits = counts.queue_waits.entry(lane);
        waits.or_insert_with(|| Histogram::new(Histogram::PAST_DUE)).observe(waited);
    }

    /// What is counted of every server.
    #[must_use]
    pub fn servers(&self) -> BTreeMap<ServerId, ServerStats> {
        self.0.lock().servers.clone()
    }
    /// How far the moves away from servers that are to be left are.
    #[must_use]
    pub fn moves_away(&self) -> BTreeMap<ServerId, Moves> {
        self.0.lock().moves.clone()
    }
    /// Changes applied, by server and verb.
    #[must_use]
    pub fn changes(&self) -> BTreeMap<(ServerId, &'static str), u64> {
        self.0.lock().applied.clone()
    }
    /// Runs, by kind of key and result.
    #[must_use]
    pub fn runs(&self) -> BTreeMap<(&'static str, &'static str), u64> {
        self.0.lock().runs.clone()
    }
    /// The worst cut-off lag since the start, by server, in ms.
    #[must_use]
    pub fn cut_off_lags_ms(&self) -> BTreeMap<ServerId, u64> {
        self.0.lock().cut_off_lag_ms.clone()
    }
    /// From an approval or a grant until its run was first served, by server, since the start.
    #[must_use]
    pub fn approve_to_served(&self) -> BTreeMap<ServerId, Histogram> {
        self.0.lock().approve_to_served.clone()
    }
    /// From an approval or a grant until the account's first link arrived, by how it did, since the
    /// start.
    #[must_use]
    pub fn approve_to_delivered(&self) -> BTreeMap<&'static str, Histogram> {
        self.0.lock().approve_to_delivered.clone()
    }
    /// How long keys waited past their time, by lane, since the start.
    #[must_use]
    pub fn queue_waits(&self) -> BTreeMap<Lane, Histogram> {
        self.0.lock().queue_waits.clone()
    }
    /// Files of proofs that were deleted since the start.
    #[must_use]
    pub fn deleted_proofs(&self) -> u64 {
        self.0.lock().proofs_deleted
    }
    /// What customers' turns to get a broadcast came to since the start.
    #[must_use]
    pub fn broadcasts(&self) -> BTreeMap<&'static str, u64> {
        self.0.lock().broadcasts.clone()
    }
    /// How many keys wait, and the longest any waited past its time, in ms.
    #[must_use]
    pub fn queue_state(&self) -> (usize, u64) {
        let counts = self.0.lock();
        (counts.queue_depth, counts.longest_wait_ms)
    }
}
