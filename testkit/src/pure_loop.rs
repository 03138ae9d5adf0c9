//! One round of the loop without a runtime: what the controller does around `plan_server`.

use super::world::World;
use nebulalinks::model::*;
use nebulalinks::planner::{
    Change, ChangeSet, Counters, GuardInput, GuardedProposal, PlanInput, Proposal, Verb,
    compensate, guard, plan_server,
};

/// What one pass over one server came to.
pub struct Pass {
    /// What the planner proposed, and what the guard made of it.
    pub guarded: GuardedProposal,
}

impl Pass {
    /// What was sent to the panel.
    pub fn sent(&self) -> &[Change] {
        &self.guarded.pass.set().changes
    }
}

impl World {
    /// Plans a server and changes nothing.
    pub fn plan(&self, server: &ServerId) -> Proposal {
        let observation = self.panels[server].observe(self.now);
        let before = self.counters.get(server).cloned().unwrap_or_default();
        self.plan_seen(&observation, &before)
    }

    /// Plans what follows from an observation, and changes nothing.
    pub fn plan_seen(&self, observation: &Observation, before: &Counters) -> Proposal {
        plan_server(&PlanInput {
            snapshot: &self.snapshot,
            catalog: &self.catalog,
            observation,
            before,
            cooling_down: &self.cooling_down,
            now: self.now,
        })
    }

    /// Plans and guards a server and changes nothing.
    pub fn plan_guarded(&self, server: &ServerId) -> Pass {
        let proposal = self.plan(server);
        let (snapshot, catalog) = (&self.snapshot, &self.catalog);
        let input = GuardInput { snapshot, catalog, now: self.now, clock: self.clock };
        Pass { guarded: guard(input, proposal) }
    }

    /// One pass: plan, guard, store what was learnt, change the panel, store what was done.
    pub fn pass(&mut self, server: &ServerId) -> Pass {
        let pass = self.prepare(server);
        for change in pass.sent().to_vec() {
            self.carry_out(server, &change);
        }
        pass
    }

    /// One pass up to the first write: plan, guard, store what was learnt.
    pub fn prepare(&mut self, server: &ServerId) -> Pass {
        let pass = self.plan_guarded(server);
        self.learn(server, &pass);
        let observation = self.panels[server].observe(self.now);
        self.counters.entry(server.clone()).or_default().note(&observation, self.now);
        for account in pass.guarded.proposal.compensate.clone() {
            self.compensate(account);
        }
        pass
    }

    /// One pass over every server, and a server for who has none.
    pub fn round(&mut self) -> Vec<ChangeSet> {
        let accounts: Vec<AccountId> = self.snapshot.accounts().map(|a| a.id).collect();
        for account in accounts {
            self.bind(account);
        }
        let servers: Vec<ServerId> = self.panels.keys().cloned().collect();
        servers.iter().map(|s| self.pass(s).guarded.pass.set().clone()).collect()
    }

    /// Lets time pass, with the panels' own rule at the end of it.
    pub fn wait(&mut self, length: DurationMs) {
        self.now = self.now + length;
        for panel in self.panels.values_mut() {
            panel.poll(self.now);
        }
    }

    /// Makes up for an outage, if there was one, and says whether there was.
    pub fn compensate(&mut self, account: AccountId) -> bool {
        match compensate(&self.snapshot, account, &self.catalog.revision, self.now) {
            Some(edits) => self.commit(&edits),
            None => false,
        }
    }

    fn learn(&mut self, server: &ServerId, pass: &Pass) {
        let mut edits = Edits::new();
        let Proposal { ledgers, seen, overruns, served, forget, .. } = &pass.guarded.proposal;
        for ledger in ledgers {
            edits.put(ledger.clone());
        }
        for status in seen {
            edits.put(status.clone());
        }
        for overrun in overruns {
            edits.put(overrun.clone());
        }
        for (account, run) in served {
            edits.put(Served { account: *account, run: *run, at: self.now });
        }
        for gone in forget {
            edits.delete(Key::Binding(gone.account, server.clone()));
            edits.delete(Key::BindingStatus(gone.account, server.clone()));
        }
        if let Some(panel) = pass.guarded.proposal.home.clone() {
            edits.put(ServerHome { server: server.clone(), panel, since: self.now });
        }
        if let Some(at) = pass.guarded.proposal.last_list {
            edits.put(LastList { server: server.clone(), at });
        }
        let before = self.snapshot.server_status(server).cloned();
        let leap = Leap::said(pass.guarded.proposal.leap, before.as_ref(), self.now);
        let mut status = before.unwrap_or_else(|| ServerStatus::new(server.clone()));
        status.panel = Some(self.panels[server].observe(self.now).panel);
        status.leap = leap.map(Box::new);
        status.unexplained.clone_from(&pass.guarded.unexplained);
        status.held.clone_from(&pass.guarded.held);
        status.confirmed.clone_from(&pass.guarded.confirmed);
        edits.put(status);
        assert!(self.commit(&edits));
    }

    /// Sends a change, and stores that it was done.
    pub fn carry_out(&mut self, server: &ServerId, change: &Change) {
        let now = self.now;
        let client = self.panels.get_mut(server).unwrap().apply(change, now);
        let mut edits = Edits::new();
        let is_ours = |_: &ObservedClient| !change.verbs.contains(&Verb::Release);
        match client.filter(is_ours) {
            None => {
                edits.delete(Key::Binding(change.account, server.clone()));
                edits.delete(Key::BindingStatus(change.account, server.clone()));
            }
            Some(client) => {
                if client.enable && !self.snapshot.was_served(change.account, change.run) {
                    edits.put(Served { account: change.account, run: change.run, at: now });
                }
                if change.opens_anew(&self.snapshot) {
                    let (account, run, over) = (change.account, change.run, change.over);
                    edits.put(Overrun { account, run, over });
                }
                let stored = self.snapshot.binding_status(change.account, server);
                edits.put(BindingStatus {
                    applied: Some(change.applied_at(now)),
                    leapt: stored.and_then(|status| status.leapt.clone()),
                    incarnation: Some(client.incarnation),
                    ..BindingStatus::new(change.account, server.clone())
                });
            }
        }
        assert!(self.commit(&edits));
    }
}

/// Whether a change set has this verb for this account.
pub fn has(changes: &[Change], account: AccountId, verb: Verb) -> bool {
    changes.iter().any(|c| c.account == account && c.verbs.contains(&verb))
}
