//! Whether the records explain what a change takes away, and what of it gives.
//!
//! The yardstick is [`LastApplied`]: what this store itself wrote last and saw. What a panel holds
//! *beyond* it came from a history that this store does not know, or from somebody's hand; only a
//! decision that was committed since explains taking that away.

use super::changes::{Change, Verb};
use super::compile::Limits;
use crate::model::{
    Account, AccountRecords, Binding, Cap, Disposition, End, Entitlement, Key, LastApplied,
    ObservedClient, Snapshot, Standing, UnixMs,
};
use std::collections::BTreeSet;

/// Everything that a change of one client is judged by.
pub(super) struct Evidence<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) records: &'a AccountRecords,
    pub(super) account: &'a Account,
    pub(super) binding: &'a Binding,
    pub(super) entitlement: &'a Entitlement,
    pub(super) standing: Standing,
    pub(super) want: &'a Limits,
    pub(super) seen: &'a ObservedClient,
    pub(super) applied: Option<&'a LastApplied>,
    pub(super) now: UnixMs,
}

/// What is recorded of a client once it is as it is wanted by the records of this snapshot.
pub(super) fn record_of(
    snapshot: &Snapshot,
    account: &Account,
    entitlement: &Entitlement,
    want: &Limits,
    now: UnixMs,
) -> LastApplied {
    LastApplied {
        enable: want.enable,
        end: want.end,
        cap: want.cap,
        granted: entitlement.granted,
        ip_limit: want.ip_limit,
        credentials: account.credentials.version,
        run: entitlement.run,
        revision: snapshot.revision(),
        suspended_since: account.suspension.as_ref().map(|suspension| suspension.since),
        at: now,
    }
}

impl Evidence<'_> {
    /// Whether the records explain what is destructive about these verbs.
    pub(super) fn explain(&self, verbs: &BTreeSet<Verb>) -> bool {
        if self.decided_since() {
            return true;
        }
        if self.takes_beyond(verbs) {
            return false;
        }
        if self.tombstoned().is_some() || self.standing == Standing::Suspended {
            return true;
        }
        let Some(applied) = self.applied else {
            // Made by a write whose answer was lost: switching it off when its time came is
            // explained, cutting it short is not.
            return !verbs.contains(&Verb::Shorten) && self.standing != Standing::Active;
        };
        // A later run starts anew; within one run neither the end nor the grant may have fallen:
        // a record that shrank without a reason explains nothing.
        let later_run = self.entitlement.run > applied.run;
        let end_kept = later_run || !self.want.end.is_before(applied.end);
        let grant_kept = later_run || self.entitlement.granted >= applied.granted;
        end_kept && grant_kept
    }

    /// A suspension, reversal, rotation or disposition that the last applied did not know yet.
    fn decided_since(&self) -> bool {
        let suspended = self.account.suspension.as_ref().map(|suspension| suspension.since);
        let known_suspension = self.applied.and_then(|a| a.suspended_since);
        let id = self.account.id;
        (suspended.is_some() && suspended != known_suspension)
            || self.applied.is_some_and(|a| self.account.credentials.version > a.credentials)
            || self.moved_away().is_some_and(|since| {
                self.is_news(&Key::Binding(id, self.binding.server.clone()), since)
            })
            || self.records.reversals().any(|r| self.is_news(&Key::Reversal(id, r.term), r.at))
    }

    /// Whether a record was committed after the last applied was decided on.
    fn is_news(&self, key: &Key, at: UnixMs) -> bool {
        match self.applied {
            None => true,
            // Kept by a program that did not note the revision yet.
            Some(applied) if applied.revision == 0 => at > applied.at,
            Some(applied) => self.snapshot.version(key).is_some_and(|v| v > applied.revision),
        }
    }

    fn tombstoned(&self) -> Option<UnixMs> {
        match self.binding.disposition {
            Disposition::Tombstoned { since } => Some(since),
            Disposition::Serving | Disposition::Leaving => None,
        }
    }

    /// A tombstone that somebody's decision set. One that an end set is no more of an explanation
    /// than the end is: this store may know an older end than the panel.
    fn moved_away(&self) -> Option<UnixMs> {
        let elsewhere = self.records.serving().is_some();
        self.tombstoned().filter(|_| self.standing != Standing::Expired || elsewhere)
    }

    /// The end and the cap that this store answers for: what it applied last, else what its records
    /// say, as if the answer to its first write was lost.
    fn answers_for(&self) -> (End, Cap) {
        self.applied.map_or((self.want.end, self.want.cap), |a| (a.end, a.cap))
    }

    /// Whether the change takes away something that the panel holds beyond the last applied.
    fn takes_beyond(&self, verbs: &BTreeSet<Verb>) -> bool {
        let (end, cap) = self.answers_for();
        let off = verbs.contains(&Verb::Disable) || verbs.contains(&Verb::Delete);
        let seen = self.seen;
        let beyond_end = seen
            .end
            .is_some_and(|held| end.is_before(held) && (off || self.want.end.is_before(held)));
        let beyond_cap = cap.is_below(seen.cap) && (off || self.want.cap.is_below(seen.cap));
        let beyond_off = off && seen.enable && self.applied.is_some_and(|a| !a.enable);
        beyond_end || beyond_cap || beyond_off
    }

    /// The part of a change that only gives, with what the whole takes left as the panel holds it;
    /// `None` when the change does not do both.
    pub(super) fn giving_half(&self, change: &Change) -> Option<Change> {
        if !change.want.enable || !change.is_destructive() {
            return None;
        }
        let verbs: BTreeSet<Verb> =
            change.verbs.iter().copied().filter(|v| !v.is_destructive()).collect();
        if verbs.is_empty() {
            return None;
        }
        let mut half = Change { verbs, gives: None, explained: true, ..change.clone() };
        let (end, cap) = self.answers_for();
        let before = self.applied;
        // What was applied stays what this store answers for: else what is held now would be
        // explained by the very write that left it.
        if let Some(held) = self.seen.end.filter(|held| self.want.end.is_before(*held)) {
            half.want.end = held;
            half.record.end = end;
            half.fields.retain(|field| field.field != "end");
        }
        if self.want.cap.is_below(self.seen.cap) {
            half.want.cap = self.seen.cap;
            half.record.cap = cap;
            half.fields.retain(|field| field.field != "cap");
            half.record.granted = before.map_or(half.record.granted, |a| a.granted);
        }
        if let Some(before) = before {
            half.record.revision = before.revision;
            half.record.suspended_since = before.suspended_since;
        }
        Some(half)
    }

    /// What to record of a client that is as it is wanted, where that is news: neither the time nor
    /// a revision that explains nothing new is.
    pub(super) fn agreement(&self) -> Option<LastApplied> {
        let agreed = record_of(self.snapshot, self.account, self.entitlement, self.want, self.now);
        match self.applied {
            None if self.want.enable => Some(agreed),
            Some(applied) if self.want.enable => {
                let timeless =
                    LastApplied { at: applied.at, revision: applied.revision, ..agreed.clone() };
                let known = *applied == timeless && applied.revision != 0 && !self.decided_since();
                (!known).then_some(agreed)
            }
            // Found switched off, as the suspension wants it: that is ours from now on.
            Some(applied)
                if self.standing == Standing::Suspended
                    && applied.suspended_since != agreed.suspended_since =>
            {
                Some(LastApplied { end: applied.end, cap: applied.cap, ..agreed })
            }
            _ => None,
        }
    }
}
