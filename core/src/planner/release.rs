//! A client that is given back: it loses our mark, by one update, and is somebody's own from then on.

use super::changes::{Verb, Why};
use super::compile::{Limits, client};
use super::covered::is_released_on;
use super::fields::fields;
use super::proposal::{Forget, Proposal};
use super::report::Waiting;
use super::server::Pass;
use crate::model::{Coverage, End, Entitlement, ObservedClient};
use std::collections::BTreeSet;

impl Pass<'_> {
    /// Whether its client on this server is given back.
    pub(super) fn is_released(&self) -> bool {
        is_released_on(self.snapshot, self.account.id, &self.server.id)
    }

    /// It is there under our mark: nothing of it changes but its name and the note.
    pub(super) fn give_back(&self, seen: &ObservedClient, out: &mut Proposal) {
        let id = self.account.id;
        let Some(entitlement) = Entitlement::by_records(self.records) else { return };
        if self.observation.coverage != Coverage::Full {
            // Who else is there decides the name.
            out.report.wait(id, Waiting::NotObserved);
            return;
        }
        let Some(uuid) = seen.uuid else {
            out.report.wait(id, Waiting::Malformed);
            return;
        };
        if self.cools_down(out) {
            return;
        }
        let limits = Limits {
            enable: seen.enable && self.account.suspension.is_none(),
            end: seen.end.unwrap_or_else(|| End::at(entitlement.ends_at)),
            cap: seen.cap,
            ip_limit: seen.ip_limit,
        };
        let inbounds = seen.inbounds.iter().map(i64::to_string).collect();
        let mut want = client(self.catalog, self.account, &limits, inbounds);
        let adopted = self.account.adopted();
        want.comment = adopted.map_or_else(
            || {
                let customer = self.snapshot.known_as(self.account.customer);
                format!("customer {customer}, {}", self.account.family)
            },
            |adopted| adopted.comment.clone(),
        );
        want.to = Some(self.name_outside());
        let verbs = BTreeSet::from([Verb::Release]);
        let wanted = (&limits, want);
        let mut change = self.change(verbs, Why::Released, Some(uuid), wanted, &entitlement, true);
        change.fields = fields(&change, seen, None, &self.server.inbounds);
        out.changes.changes.push(change);
    }

    /// It is not there under our mark: it was given back, or somebody deleted it.
    pub(super) fn was_given_back(&self, out: &mut Proposal) {
        match self.observation.coverage {
            Coverage::Full => out.forget.push(Forget { account: self.account.id }),
            _ => out.report.wait(self.account.id, Waiting::NotObserved),
        }
    }

    /// The name that it had before it was adopted, unless somebody has that by now; else its account's
    /// id, which nobody has.
    fn name_outside(&self) -> String {
        let is_taken = |name: &str| {
            self.observation.foreign.iter().any(|other| other.email.eq_ignore_ascii_case(name))
        };
        let before = self.account.adopted().map(|adopted| adopted.email.clone());
        // It is not kept of one whose customer was forgotten.
        let before = before.filter(|name| !name.is_empty());
        before.filter(|name| !is_taken(name)).unwrap_or_else(|| self.account.id.to_string())
    }
}
