//! The last look before anything is taken away from anybody. What gives always passes.

use super::changes::{Change, ChangeSet, Verb};
use super::report::{Note, Report, Waiting};
use crate::catalog::{Catalog, Mode};
use crate::model::{DurationMs, HOUR_MS, Held, HeldItem, Snapshot, UnexplainedChange, UnixMs};
use sha2::{Digest, Sha256};

/// A change set that went through the guard: the only thing the executor takes, and only this
/// module can make one.
#[derive(Debug, Clone, PartialEq)]
pub struct GuardedChangeSet {
    set: ChangeSet,
}

impl GuardedChangeSet {
    /// What may be applied, in order.
    #[must_use]
    pub const fn set(&self) -> &ChangeSet {
        &self.set
    }
}

/// What the guard said.
#[derive(Debug, Clone, PartialEq)]
pub struct Guarded {
    /// What may be applied.
    pub pass: GuardedChangeSet,
    /// What is held, to be shown until somebody confirms it; `None` when nothing is.
    pub held: Option<Held>,
    /// The hour's unexplained changes, those that pass now included: stored before they are sent.
    pub unexplained: Vec<UnexplainedChange>,
}

const BUDGET_WINDOW: DurationMs = DurationMs(HOUR_MS);

/// Sorts a change set into what may be applied and what is held.
#[must_use]
pub fn guard(
    snapshot: &Snapshot,
    catalog: &Catalog,
    set: ChangeSet,
    report: &mut Report,
    now: UnixMs,
) -> Guarded {
    let ChangeSet { server, planned_at, changes } = set;
    let status = snapshot.server_status(&server);
    let definition = catalog.servers.get(&server);
    let observe_only = definition.is_none_or(|s| s.mode == Mode::Observe);
    let amnesia = snapshot.amnesia().is_some_and(|a| a.resolved_at.is_none());
    let mut unexplained: Vec<UnexplainedChange> = status
        .map(|s| s.unexplained.clone())
        .unwrap_or_default()
        .into_iter()
        .filter(|u| now.since(u.at) < BUDGET_WINDOW)
        .collect();
    let bound = snapshot.bound_to(&server).count();
    let settings = &catalog.shop.guard;
    let share = bound.saturating_mul(settings.destructive_percent as usize) / 100;
    let budget = share.max(settings.destructive_floor as usize);
    let earlier = status.and_then(|s| s.held.clone());
    let confirm = definition.and_then(|s| s.confirm.as_deref());
    let confirmed = confirmed_now(earlier, confirm, now);

    let mut pass = Vec::new();
    let mut stopped = Vec::new();
    for change in changes {
        let why = if observe_only {
            Some(Waiting::ObserveOnly)
        } else if !change.is_destructive() {
            None
        } else if amnesia {
            Some(Waiting::Amnesia)
        } else if change.explained || confirmed.as_ref().is_some_and(|h| h.allows(&change)) {
            None
        } else if unexplained.len() < budget {
            unexplained.push(UnexplainedChange { at: now, account: change.account });
            None
        } else {
            Some(Waiting::Held)
        };
        match why {
            None => pass.push(change),
            Some(waiting) => {
                report.notes.push(Note { account: Some(change.account), waiting });
                if waiting == Waiting::Held {
                    stopped.push(item(&change));
                }
            }
        }
    }
    let held = hold(stopped, confirmed, now);
    let set = ChangeSet { server, planned_at, changes: pass };
    Guarded { pass: GuardedChangeSet { set }, held, unexplained }
}

impl Held {
    /// Whether a confirmed list has this change.
    fn allows(&self, change: &Change) -> bool {
        self.confirmed_at.is_some() && self.items.contains(&item(change))
    }
}

fn item(change: &Change) -> HeldItem {
    HeldItem { account: change.account, verb: change.main_verb().name().to_owned() }
}

/// The held list of before, marked as confirmed when the file names its fingerprint; forgotten an
/// hour after that.
fn confirmed_now(held: Option<Held>, confirm: Option<&str>, now: UnixMs) -> Option<Held> {
    let mut held = held?;
    if held.confirmed_at.is_none() && confirm == Some(held.fingerprint.as_str()) {
        held.confirmed_at = Some(now);
    }
    let fresh = held.confirmed_at.is_none_or(|at| now.since(at) < BUDGET_WINDOW);
    fresh.then_some(held)
}

fn hold(mut items: Vec<HeldItem>, before: Option<Held>, now: UnixMs) -> Option<Held> {
    if items.is_empty() {
        // A confirmation stays known for its hour: what it allows may come up again.
        return before.filter(|h| h.confirmed_at.is_some());
    }
    items.sort();
    items.truncate(Held::MOST);
    let fingerprint = fingerprint(&items);
    let since = before.filter(|h| h.fingerprint == fingerprint).map_or(now, |h| h.since);
    Some(Held { fingerprint, items, since, confirmed_at: None })
}

/// A hash of the sorted list: eight hex digits, short enough to type.
fn fingerprint(items: &[HeldItem]) -> String {
    let mut hash = Sha256::new();
    for HeldItem { account, verb } in items {
        hash.update(format!("{account} {verb}\n"));
    }
    hash.finalize().iter().take(4).map(|b| format!("{b:02x}")).collect()
}

/// Puts what gives before what takes.
pub(super) fn in_order(changes: &mut [Change]) {
    changes.sort_by_key(|c| (c.is_destructive(), c.verbs.first().copied().unwrap_or(Verb::Update)));
}
