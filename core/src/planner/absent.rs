//! A client of ours that is not in the list: whether that proves anything, and when it is made again.

use super::changes::{Verb, Why};
use super::compensate::owed;
use super::compile::compile;
use super::moves::is_ready;
use super::opening::opening;
use super::proposal::{Forget, Proposal};
use super::report::Waiting;
use super::server::{Pass, SECOND_LOOK};
use crate::catalog::Drift;
use crate::model::{BindingStatus, Bytes, Coverage, Disposition, Entitlement, Standing};
use std::collections::BTreeSet;

impl Pass<'_> {
    /// The client is not in a list that lacks an inbound: nothing follows, and the report says so.
    pub(super) fn unseen(&self, status: &mut BindingStatus) {
        // A look that counts is one at a full list.
        status.missing_since = None;
        if self.tombstone().is_none() {
            status.unseen_since.get_or_insert(self.now);
        }
    }

    /// The client is not there, and the observation proves it.
    pub(super) fn absent(&self, status: &mut BindingStatus, out: &mut Proposal) {
        (status.unseen_since, status.still_connected) = (None, None);
        if self.is_released() {
            self.was_given_back(out);
            return;
        }
        let id = self.account.id;
        let Some(entitlement) = Entitlement::by_records(self.records) else { return };
        self.due(entitlement.ends_at, out);
        let is_another =
            self.snapshot.is_another_panel(&self.server.id, &self.observation.panel.identity);
        if self.tombstone().is_some() {
            // A stranger's list says nothing of the client on the panel where it was made.
            if is_another {
                out.report.wait(id, Waiting::AnotherPanel);
            } else if self.may_go(&entitlement, out) {
                out.forget.push(Forget { account: id });
            }
            return;
        }
        // One that leaves is not made again once it is served elsewhere.
        let leaves = self.binding.disposition == Disposition::Leaving
            && self.records.serving().is_some_and(|b| is_ready(self.snapshot, b, &entitlement));
        if leaves || entitlement.standing(self.now) != Standing::Active {
            return;
        }
        let is_adopted = self.account.adopted_on(&self.server.id).is_some();
        if status.applied.is_some() || is_adopted {
            if self.observation.coverage != Coverage::Full {
                out.report.wait(id, Waiting::NotObserved);
                return;
            }
            // It was there. One list, however complete it says it is, does not prove that it went.
            // What lies in the future was before the clock was set back.
            let known = status.missing_since.filter(|since| *since <= self.now);
            let since = *status.missing_since.insert(known.unwrap_or(self.now));
            if self.now < since + SECOND_LOOK {
                self.due(since + SECOND_LOOK, out);
                out.report.wait(id, Waiting::SecondLook);
                return;
            }
        }
        if is_another {
            out.report.wait(id, Waiting::AnotherPanel);
            return;
        }
        if owed(&entitlement, self.now).is_some() {
            out.compensate.push(id);
            out.report.wait(id, Waiting::Compensation);
            return;
        }
        let want = compile(&entitlement, Bytes(0), self.now);
        if self.named.is_none() {
            out.report.wait(id, Waiting::NoInbound);
            return;
        }
        let again = status.applied.is_some() && self.server.drift == Drift::Report;
        if again {
            out.report.wait(id, Waiting::DriftReported);
            return;
        }
        if self.cools_down(out) {
            return;
        }
        status.opening = opening(&entitlement, &want);
        let verbs = BTreeSet::from([Verb::Create]);
        let why = if status.applied.is_some() { Why::Missing } else { Why::New };
        let wanted = (&want, self.client(&want));
        out.changes.changes.push(self.change(verbs, why, None, wanted, &entitlement, true));
    }
}
