//! Customers try before they buy, and some would like to try once more.

use super::cluster::Cluster;
use super::plan::Duties;
use super::script::{CUSTOMERS, Script};
use super::setting::TRIAL;
use nebulalinks::intent::{Rejection, Reply};
use nebulalinks_testkit::people;

/// Clicks for trials have numbers of their own.
const CLICKS: u64 = 3_000_000_000;
/// No act has more of them.
const PER_ACT: u64 = 2;

impl Script {
    /// Now and then somebody takes their free trial, or asks for a second one. It is drawn last, so that it
    /// changes nothing of what else happens.
    pub(super) async fn try_out(&self, cluster: &Cluster) {
        if self.duties < Duties::Accounts || !self.rng.once_in(8) {
            return;
        }
        let who = self.rng.below(CUSTOMERS);
        let click = CLICKS + self.act * PER_ACT;
        let [first, other] = [0, 1].map(|n| people::try_out(who, TRIAL, click + n));
        // Two clicks that come at once, one that Discord delivers twice, or one.
        let (answer, again) = match self.rng.below(3) {
            0 => {
                cluster.counts.met("two trials were asked for at once");
                tokio::join!(cluster.submit(first), cluster.submit(other))
            }
            1 => {
                let answer = cluster.submit(first.clone()).await;
                cluster.counts.met("a click for a trial was redelivered");
                (answer, cluster.submit(first).await)
            }
            _ => (cluster.submit(first).await, None),
        };
        for answer in [answer, again].into_iter().flatten() {
            match answer {
                Ok(Reply::TrialGiven(_)) => cluster.counts.met("a trial was taken"),
                Err(Rejection::TrialTaken(_)) => cluster.counts.met("a second trial was refused"),
                _ => {}
            }
        }
    }
}
