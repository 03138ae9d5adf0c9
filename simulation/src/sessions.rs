//! Sessions that customers keep open: Xray lets them run on when it takes a client off.

use super::cluster::Cluster;
use super::plan::Duties;
use super::script::Script;
use nebulalinks::model::*;
use nebulalinks_model_panel::ModelPanel;
use nebulalinks_testkit::world::email;

const MIB: u64 = 1 << 20;

impl Cluster {
    /// A customer who is on opens a connection and keeps it.
    pub(super) fn keeps_open(&self, id: AccountId, panel: &ModelPanel) {
        if panel.client(&email(id)).is_some_and(|client| client.is_on()) {
            panel.keep_open(&email(id));
        }
    }

    /// What flows through a connection that was opened before its client was switched off.
    pub(super) fn session_flows(&self, id: AccountId, panel: &ModelPanel, bytes: u64) -> bool {
        let name = email(id);
        let Some(before) = panel.client(&name).filter(|client| !client.is_on()) else {
            return false;
        };
        let flowed = panel.add_traffic(&name, 0, i64::try_from(bytes).unwrap());
        if flowed {
            self.counts.met("a session outlived its cut-off");
            let place = (self.server_of(panel), id);
            self.monitors.flowed(&self.snapshot(), place, &before, bytes);
            self.monitors.flowed_while_off(id, bytes);
        }
        flowed
    }
}

impl Script {
    /// Customers keep connections open, and go on using them after their cut-off; their apps ask their
    /// addresses. It is drawn last, so that it changes nothing of what else happens.
    pub(super) async fn connections(&self, cluster: &Cluster) {
        if self.duties < Duties::Accounts {
            return;
        }
        let snapshot = cluster.snapshot();
        let (opens, uses, asks) = (self.rng.once_in(4), self.rng.once_in(2), self.rng.once_in(4));
        for account in snapshot.accounts() {
            for binding in snapshot.bindings(account.id) {
                let panel = &cluster.panels[&binding.server];
                if opens && self.rng.once_in(3) {
                    cluster.keeps_open(account.id, panel);
                }
                if uses {
                    cluster.session_flows(account.id, panel, (1 + self.rng.below(30)) * MIB);
                }
            }
        }
        if asks {
            cluster.look_at_addresses(None).await;
        }
    }
}
