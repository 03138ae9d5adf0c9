//! P3: clients of ours where their account is not bound. Only a backup brings one, of the panel or of
//! the store; it is reported, and never removed by itself.

use super::Monitors;
use nebulalinks::model::*;
use nebulalinks_testkit::world::email;
use std::collections::BTreeSet;

/// Whose client a backup left where the account is not bound.
#[derive(Default)]
pub(super) struct Orphans(BTreeSet<(ServerId, AccountId)>);

impl Monitors {
    /// The clients of our shop that stand where their account is not bound.
    fn unbound(&self, snapshot: &Snapshot) -> BTreeSet<(ServerId, AccountId)> {
        let mut unbound = BTreeSet::new();
        for (server, panel) in &self.panels {
            let ours = panel.clients().into_iter().filter_map(|client| Mark::parse(&client.email));
            for mark in ours.filter(|mark| mark.shop.as_str() == "main") {
                if snapshot.binding(mark.account, server).is_none() {
                    unbound.insert((server.clone(), mark.account));
                }
            }
        }
        unbound
    }

    /// A panel or the store was just put back to what it was.
    pub(in super::super) fn came_back(&self, snapshot: &Snapshot) {
        let unbound = self.unbound(snapshot);
        self.seen.lock().unwrap().orphans.0.extend(unbound);
        self.released_came_back(snapshot);
    }

    /// Whether a backup left this client, and neither was it bound nor did it vanish since.
    pub(super) fn is_an_orphan(&self, server: &ServerId, account: AccountId) -> bool {
        self.seen.lock().unwrap().orphans.0.contains(&(server.clone(), account))
    }

    /// Who is bound again, or vanished, is an orphan no more.
    pub(super) fn forget_orphans(&self, snapshot: &Snapshot) {
        let there = |server: &ServerId, account: AccountId| {
            let panel = self.panels.get(server);
            panel.is_some_and(|panel| panel.client(&email(account)).is_some())
        };
        let orphans = &mut self.seen.lock().unwrap().orphans.0;
        orphans.retain(|(server, account)| {
            snapshot.binding(*account, server).is_none() && there(server, *account)
        });
    }

    /// When all is calm: operators see each of them.
    pub(in super::super) fn check_orphans(&self, snapshot: &Snapshot) {
        for (server, account) in self.unbound(snapshot) {
            let status = snapshot.server_status(&server);
            let named = status.is_some_and(|status| {
                let said = status.conditions.iter().any(|c| c.kind == ConditionKind::Orphans);
                let full = status.orphans.len() == ServerStatus::MOST_ORPHANS;
                said && (full || status.orphans.contains(&account))
            });
            if !named {
                let what = format!("{account} has a client on {server} and is not bound there");
                self.breach("P3", &format!("{what}, and nobody is told"));
            }
        }
    }
}
