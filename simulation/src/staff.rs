//! What staff decide of accounts: they suspend and resume them, and replace their credentials.

use super::cluster::Cluster;
use super::plan::Duties;
use super::script::Script;
use nebulalinks::model::*;
use nebulalinks_testkit::people;

impl Script {
    /// Now and then, whatever else happens: it is drawn last, so that it changes nothing of that.
    pub(super) async fn decide_of_an_account(&mut self, cluster: &Cluster) {
        if self.duties < Duties::Accounts || !self.rng.once_in(6) {
            return;
        }
        let snapshot = cluster.snapshot();
        let suspended: Vec<&Account> =
            snapshot.accounts().filter(|a| a.suspension.is_some()).collect();
        // Most suspensions end: else everybody would be switched off in time.
        if !suspended.is_empty() && !self.rng.once_in(3) {
            let n = usize::try_from(self.rng.below(suspended.len() as u64)).unwrap();
            cluster.counts.met("an account was resumed");
            let _ = cluster.submit(people::resume(suspended[n].id)).await;
            return;
        }
        let accounts: Vec<&Account> = snapshot.accounts().collect();
        let n = usize::try_from(self.rng.below(accounts.len() as u64)).unwrap();
        let Some(account) = accounts.get(n) else { return };
        if self.rng.once_in(3) {
            cluster.counts.met("an account was suspended");
            let _ = cluster.submit(people::suspend(account.id)).await;
            return;
        }
        cluster.counts.met("an account got new credentials");
        let asked = people::rotate(account.id, account.credentials.version);
        if self.rng.once_in(3) {
            tokio::join!(cluster.submit(asked.clone()), cluster.submit(asked));
        } else {
            let _ = cluster.submit(asked).await;
        }
    }
}
