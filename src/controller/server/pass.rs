//! One pass over a server: what it goes by, and its two pure steps.

use crate::catalog::{Catalog, Server};
use crate::controller::context::Context;
use crate::model::{Observation, ServerStatus, Snapshot, TimeReading};
use crate::planner::{GuardInput, GuardedProposal, PlanInput, Proposal, guard, plan_server};

/// What a pass goes by: one catalog, one revision, one observation, one moment.
pub(in crate::controller) struct Pass<'a> {
    pub(in crate::controller) catalog: &'a Catalog,
    pub(in crate::controller) server: &'a Server,
    pub(in crate::controller) snapshot: &'a Snapshot,
    pub(in crate::controller) observation: &'a Observation,
    pub(in crate::controller) time: TimeReading,
}

impl Pass<'_> {
    /// What must change on the panel, and what was learnt.
    pub(in crate::controller) fn plan(&self, ctx: &Context) -> Proposal {
        let mut proposal = plan_server(&PlanInput {
            snapshot: self.snapshot,
            catalog: self.catalog,
            observation: self.observation,
            before: &ctx.counters.of(&self.server.id),
            cooling_down: &ctx.cooldowns.of(&self.server.id, ctx.wall()),
            now: self.time.now,
        });
        // Nothing is forgotten or given back by a clock that nobody believes.
        if self.time.in_doubt() {
            proposal.forget.clear();
            proposal.compensate.clear();
            proposal.last_list = None;
            self.undate_first_looks(&mut proposal);
        }
        proposal
    }

    /// The time stands still in doubt. Whoever is missed by it for the first time would have been so
    /// for long when it goes on, and be made again after one list.
    fn undate_first_looks(&self, proposal: &mut Proposal) {
        proposal.seen.retain_mut(|status| {
            let stored = self.snapshot.binding_status(status.account, &status.server);
            if stored.is_none_or(|stored| stored.missing_since.is_none()) {
                status.missing_since = None;
            }
            stored != Some(&*status)
        });
    }

    /// What of it may be applied.
    pub(in crate::controller) fn guard(&self, proposal: Proposal) -> GuardedProposal {
        let (snapshot, catalog) = (self.snapshot, self.catalog);
        let (now, clock) = (self.time.now, self.time.verdict);
        guard(GuardInput { snapshot, catalog, now, clock }, proposal)
    }

    /// The server's status as it is stored.
    pub(in crate::controller) fn status_before(&self) -> Option<&ServerStatus> {
        self.snapshot.server_status(&self.server.id)
    }
}
