//! What one pass over one server goes by, and what follows from it.

use super::changes::ChangeSet;
use super::report::Report;
use super::weigh::Counters;
use crate::catalog::Catalog;
use crate::model::{
    AccountId, BindingStatus, Leap, Observation, Overrun, ServerId, Snapshot, StillConnected,
    UnixMs, UsageLedger,
};
use std::collections::BTreeMap;

/// What a server is planned by.
#[derive(Debug, Clone, Copy)]
pub struct PlanInput<'a> {
    /// The records, at one revision.
    pub snapshot: &'a Snapshot,
    /// The files.
    pub catalog: &'a Catalog,
    /// What the panel holds.
    pub observation: &'a Observation,
    /// What was read of its counters last.
    pub before: &'a Counters,
    /// Clients that nothing may be written to before a moment by the wall clock: the outcome of
    /// their last write is unknown, or the panel refused it.
    pub cooling_down: &'a BTreeMap<AccountId, UnixMs>,
    /// The moment.
    pub now: UnixMs,
}

/// A binding that has done its work: its client is gone from the panel for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forget {
    /// The account whose binding and binding status are deleted.
    pub account: AccountId,
}

/// What follows from one observation.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    /// What must change on the panel, before the guard.
    pub changes: ChangeSet,
    /// Why the rest must not.
    pub report: Report,
    /// Ledgers to write before anything is applied.
    pub ledgers: Vec<UsageLedger>,
    /// What was seen of bindings, where that differs from what is stored.
    pub seen: Vec<BindingStatus>,
    /// What of runs was used beyond their allowance, where an enable was just seen that had been on
    /// its way.
    pub overruns: Vec<Overrun>,
    /// Runs whose enable was just seen for the first time.
    pub served: Vec<(AccountId, u32)>,
    /// Accounts whose compensation must be committed before they can be served.
    pub compensate: Vec<AccountId>,
    /// Bindings whose client is gone for good.
    pub forget: Vec<Forget>,
    /// Clients of ours on the panel without a record: reported, never touched.
    pub orphans: Vec<AccountId>,
    /// What of the counters' growth the server's line does not explain.
    pub leap: Option<Leap>,
    /// The moment of this list, where it is to be written down as the last one.
    pub last_list: Option<UnixMs>,
    /// The panel's identity, where it is to be written down as the one that the server's clients belong
    /// on.
    pub home: Option<String>,
    /// Who has less than two lists' worth left at the rate that was seen, the most urgent first.
    pub near: Vec<AccountId>,
    /// Who is off there and connected all the same.
    pub still_connected: Vec<(AccountId, StillConnected)>,
    /// Xray is to be started anew for so many of them, now.
    pub cut_sessions: Option<u32>,
    /// The next moment at which something is due here: by the records, or because a client has
    /// cooled down.
    pub next_due: Option<UnixMs>,
}

impl Proposal {
    /// Nothing to change on a server.
    pub(super) fn empty(server: ServerId, now: UnixMs) -> Self {
        Self {
            changes: ChangeSet { server, planned_at: now, changes: Vec::new() },
            report: Report::default(),
            ledgers: Vec::new(),
            seen: Vec::new(),
            overruns: Vec::new(),
            served: Vec::new(),
            compensate: Vec::new(),
            forget: Vec::new(),
            orphans: Vec::new(),
            leap: None,
            last_list: None,
            home: None,
            near: Vec::new(),
            still_connected: Vec::new(),
            cut_sessions: None,
            next_due: None,
        }
    }
}
