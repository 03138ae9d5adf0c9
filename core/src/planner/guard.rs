//! The last look before anything is taken away from anybody. What gives always passes.

use super::changes::{Change, ChangeSet, Verb};
use super::proposal::Proposal;
use super::report::Waiting;
use crate::catalog::{Catalog, Mode};
use crate::model::{
    ClockVerdict, DurationMs, HOUR_MS, HeldChanges, HeldItem, MINUTE_MS, ServerStatus, Snapshot,
    UnexplainedChange, UnixMs,
};
use nebulalinks_protocol::hex;
use sha2::{Digest, Sha256};

/// A change set that went through the guard: the only thing the executor takes, and only this
/// module can make one.
#[derive(Debug, Clone, PartialEq)]
pub struct GuardedChangeSet {
    set: ChangeSet,
    cut_sessions: Option<u32>,
}

impl GuardedChangeSet {
    /// What may be applied, in order.
    #[must_use]
    pub const fn set(&self) -> &ChangeSet {
        &self.set
    }

    /// For how many clients Xray may be started anew; `None`: it may not.
    #[must_use]
    pub const fn cut_sessions(&self) -> Option<u32> {
        self.cut_sessions
    }
}

/// A proposal that went through the guard.
#[derive(Debug, Clone, PartialEq)]
pub struct GuardedProposal {
    /// What was proposed. Its report says of each change that was stopped what it waits for.
    pub proposal: Proposal,
    /// What may be applied.
    pub pass: GuardedChangeSet,
    /// What is held, to be shown until somebody confirms it; `None` when nothing is.
    pub held: Option<HeldChanges>,
    /// What was confirmed within the last hour: any of it passes.
    pub confirmed: Option<HeldChanges>,
    /// The hour's unexplained changes, those that pass now included: stored before they are sent.
    pub unexplained: Vec<UnexplainedChange>,
}

const BUDGET_WINDOW: DurationMs = DurationMs(HOUR_MS);

/// What the guard goes by.
#[derive(Debug, Clone, Copy)]
pub struct GuardInput<'a> {
    /// The records that the proposal was planned on.
    pub snapshot: &'a Snapshot,
    /// The files.
    pub catalog: &'a Catalog,
    /// The moment.
    pub now: UnixMs,
    /// Whether our clock is believed, and whether a witness outside of the servers confirms it.
    pub clock: ClockVerdict,
}

/// Sorts a proposal's changes into what may be applied and what is held. Of a change that gives and takes
/// the giving half never waits.
#[must_use]
pub fn guard(input: GuardInput<'_>, mut proposal: Proposal) -> GuardedProposal {
    let GuardInput { snapshot, catalog, now, clock } = input;
    let ChangeSet { server, planned_at, changes } = proposal.changes.clone();
    let status = snapshot.server_status(&server);
    let definition = catalog.servers.get(&server);
    let observe_only = definition.is_none_or(|s| s.mode == Mode::Observe);
    let amnesia = snapshot.in_amnesia();
    let mut budget = Budget::of(status, now);
    let bound = snapshot.bound_count(&server);
    let settings = &catalog.shop.guard;
    let share = bound.saturating_mul(settings.destructive_percent as usize) / 100;
    let allowed = share.max(settings.destructive_floor as usize);
    let confirm = definition.and_then(|s| s.confirm.as_deref());
    let confirmed = confirmed_now(status, confirm, now);

    let mut pass = Vec::new();
    let mut stopped = Vec::new();
    for change in changes {
        let why = if observe_only {
            Some(Waiting::ObserveOnly)
        } else if amnesia && (stays_off(&change) || is_renamed(&change) || is_given_back(&change)) {
            Some(Waiting::Amnesia)
        } else if !change.is_destructive() {
            None
        } else if amnesia {
            Some(Waiting::Amnesia)
        } else if clock.doubt().is_some() {
            Some(Waiting::ClockDoubt)
        } else if is_explained(&change, clock)
            || confirmed.as_ref().is_some_and(|h| h.allows(&change))
        {
            None
        } else if budget.spent() < allowed {
            budget.spend(now);
            None
        } else {
            Some(Waiting::Held)
        };
        match why {
            None => pass.push(change),
            Some(waiting) => {
                proposal.report.wait(change.account, waiting);
                if waiting == Waiting::Held {
                    stopped.push(item(&change));
                }
                if waiting != Waiting::ObserveOnly {
                    let half = change.gives.map(|half| *half);
                    pass.extend(half.filter(|half| !(amnesia && is_renamed(half))));
                }
            }
        }
    }
    in_order(&mut pass);
    proposal.report.sort();
    let held = hold_back(stopped, status.and_then(|s| s.held.as_ref()), now);
    let set = ChangeSet { server, planned_at, changes: pass };
    // Whoever is off by a history or a clock that is in doubt may be on again in a moment.
    let is_sure = !observe_only && !amnesia && clock.doubt().is_none();
    let pass = GuardedChangeSet { set, cut_sessions: proposal.cut_sessions.filter(|_| is_sure) };
    GuardedProposal { proposal, pass, held, confirmed, unexplained: budget.lines }
}

/// Whether it puts something right of a client that is off and stays off. With it goes an end, and a
/// store that lacks a history may know an older one than the panel.
const fn stays_off(change: &Change) -> bool {
    !change.want.enable
}

/// Whether it replaces the credentials that a panel has. A store that lacks a history may lack the very
/// rotation that they came from.
fn is_renamed(change: &Change) -> bool {
    change.before.is_some_and(|uuid| uuid != change.want.uuid)
}

/// Whether it gives a client back. A store that lacks a history may lack that it was taken in again.
fn is_given_back(change: &Change) -> bool {
    change.verbs.contains(&Verb::Release)
}

/// What is due by the clock alone is explained by a clock that somebody else confirms: host, gateways
/// and panels may all be wrong together.
const fn is_explained(change: &Change, clock: ClockVerdict) -> bool {
    change.explained && (clock.is_vouched() || !change.timed)
}

/// What the hour's unexplained changes came to.
struct Budget {
    lines: Vec<UnexplainedChange>,
}

impl Budget {
    fn of(status: Option<&ServerStatus>, now: UnixMs) -> Self {
        let lines = status.map(|s| s.unexplained.clone()).unwrap_or_default();
        Self { lines: lines.into_iter().filter(|u| now.since(u.at) < BUDGET_WINDOW).collect() }
    }

    fn spent(&self) -> usize {
        self.lines.iter().map(|u| u.count as usize).sum()
    }

    fn spend(&mut self, now: UnixMs) {
        // Rounded up, so that nothing is forgotten before its hour is over.
        let at = UnixMs(now.0.div_ceil(MINUTE_MS).saturating_mul(MINUTE_MS));
        match self.lines.iter_mut().find(|u| u.at == at) {
            Some(line) => line.count = line.count.saturating_add(1),
            None => self.lines.push(UnexplainedChange { at, count: 1 }),
        }
    }
}

impl HeldChanges {
    /// Whether a confirmed list has this change.
    fn allows(&self, change: &Change) -> bool {
        self.confirmed_at.is_some() && self.items.contains(&item(change))
    }
}

fn item(change: &Change) -> HeldItem {
    HeldItem { account: change.account, verb: change.main_verb().name().to_owned() }
}

/// The list that the file confirms just now, else the one of the last hour.
fn confirmed_now(
    status: Option<&ServerStatus>,
    confirm: Option<&str>,
    now: UnixMs,
) -> Option<HeldChanges> {
    let status = status?;
    let fresh = status
        .confirmed
        .clone()
        .filter(|h| h.confirmed_at.is_some_and(|at| now.since(at) < BUDGET_WINDOW));
    let named = status.held.clone().filter(|h| confirm == Some(h.fingerprint.as_str()));
    match named {
        Some(mut held) => {
            held.confirmed_at = Some(now);
            Some(held)
        }
        None => fresh,
    }
}

fn hold_back(
    mut items: Vec<HeldItem>,
    before: Option<&HeldChanges>,
    now: UnixMs,
) -> Option<HeldChanges> {
    if items.is_empty() {
        return None;
    }
    items.sort();
    items.truncate(HeldChanges::MOST);
    let fingerprint = fingerprint(&items);
    let since = before.filter(|h| h.fingerprint == fingerprint).map_or(now, |h| h.since);
    Some(HeldChanges { fingerprint, items, since, confirmed_at: None })
}

/// A hash of the sorted list: eight hex digits, short enough to type.
fn fingerprint(items: &[HeldItem]) -> String {
    let mut hash = Sha256::new();
    for HeldItem { account, verb } in items {
        hash.update(format!("{account} {verb}\n"));
    }
    let digest: [u8; 32] = hash.finalize().into();
    hex(&digest[..4])
}

/// Puts what gives before what takes.
pub(super) fn in_order(changes: &mut [Change]) {
    changes.sort_by_key(|c| (c.is_destructive(), c.verbs.first().copied().unwrap_or(Verb::Update)));
}
