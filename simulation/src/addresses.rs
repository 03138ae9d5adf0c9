//! Customers' apps ask the addresses of their accounts.

use super::cluster::Cluster;
use super::mutation::Mutation;
use super::web::Answered;
use nebulalinks::model::*;

/// The address that nobody has, of an account.
const NOBODYS: &str = "NOBODY-HAS-THIS-ONE";

impl Cluster {
    /// Every account's app asks, with each address that the account ever had and with one that nobody
    /// has. With `within` the address of whoever is active must lead somewhere again after so long.
    pub(super) async fn look_at_addresses(&self, within: Option<DurationMs>) {
        let accounts: Vec<AccountId> = self.snapshot().accounts().map(|a| a.id).collect();
        self.look_at_addresses_of(&accounts, within).await;
    }

    /// The same of these accounts alone.
    pub(super) async fn look_at_addresses_of(
        &self,
        accounts: &[AccountId],
        within: Option<DurationMs>,
    ) {
        for id in accounts {
            for (version, end) in self.monitors.addresses_of(*id) {
                let Some(answered) = self.asked_for(&end).await else { return };
                let known = self.snapshot();
                self.monitors.check_address(&known, (*id, version), &answered, within);
            }
            let nobodys = format!("{id}{NOBODYS}");
            let Some(answered) = self.asked_for(&nobodys).await else { return };
            if answered.status != 404 {
                let what = format!("{} at an address that nobody has", answered.status);
                self.monitors.breach("P21", &what);
            }
        }
    }

    /// Nobody answers while the process is dead.
    async fn asked_for(&self, end: &str) -> Option<Answered> {
        if !self.process.is_alive() {
            return None;
        }
        // Each is another customer's: nobody asks too often here.
        let mut answered = Answered::at(&self.web, end, self.counts.one_more_request()).await;
        // A planted mutation: the line that leads nowhere has no name.
        if self.mutation == Mutation::NeverSaysWhy && answered.body.contains("127.0.0.1:1?") {
            answered.body = answered.body.split('#').next().unwrap_or_default().to_owned();
        }
        Some(answered)
    }
}
