//! Customers enter codes that give days: once, twice at once, and for what does not go on. Some say who
//! invited them.

use super::cluster::Cluster;
use super::plan::Duties;
use super::script::{CUSTOMERS, Script};
use super::setting::GIFT;
use nebulalinks::intent::{Rejection, Reply};
use nebulalinks::model::OrderState;
use nebulalinks_testkit::people;

/// Clicks for days have numbers of their own.
const CLICKS: u64 = 4_000_000_000;
/// No act has more of them.
const PER_ACT: u64 = 2;

impl Script {
    /// Now and then somebody enters a code for an account of theirs. It is drawn last, so that it changes
    /// nothing of what else happens.
    pub(super) async fn redeem(&self, cluster: &Cluster) {
        if self.duties < Duties::Accounts || !self.rng.once_in(8) {
            return;
        }
        let who = self.rng.below(CUSTOMERS);
        let snapshot = cluster.snapshot();
        let theirs: Vec<_> = people::accounts_of(&snapshot, who).map(|a| a.id).collect();
        let drawn = usize::try_from(self.rng.below(theirs.len() as u64)).unwrap();
        let Some(account) = theirs.get(drawn) else { return };
        let click = CLICKS + self.act * PER_ACT;
        let [first, other] = [0, 1].map(|n| people::redeem(who, *account, GIFT, click + n));
        // Two clicks that come at once, one that Discord delivers twice, or one.
        let (answer, again) = match self.rng.below(3) {
            0 => {
                cluster.counts.met("a code was entered twice at once");
                tokio::join!(cluster.submit(first), cluster.submit(other))
            }
            1 => {
                let answer = cluster.submit(first.clone()).await;
                cluster.counts.met("a click for days was redelivered");
                (answer, cluster.submit(first).await)
            }
            _ => (cluster.submit(first).await, None),
        };
        for answer in [answer, again].into_iter().flatten() {
            match answer {
                Ok(Reply::DaysGiven(_)) => cluster.counts.met("a code gave days"),
                Err(Rejection::Code(_)) => cluster.counts.met("a code was refused"),
                _ => {}
            }
        }
    }

    /// Now and then somebody says by whom they were invited: new customers, and others who are refused.
    pub(super) async fn invite(&self, cluster: &Cluster) {
        if self.duties < Duties::Accounts || !self.rng.once_in(3) {
            return;
        }
        let Some(order) = self.an_order(cluster, &[OrderState::AwaitingPayment]) else { return };
        let snapshot = cluster.snapshot();
        let (friend, inviter) =
            (people::number(&snapshot, order.customer), self.rng.below(CUSTOMERS));
        let code = people::customer_in(&snapshot, inviter).and_then(|id| snapshot.invite_code(id));
        let Some(code) = code else { return };
        match cluster.submit(people::enter(friend, order.id, &code.to_string())).await {
            Some(Ok(Reply::Invited(_))) => cluster.counts.met("a friend was invited"),
            Some(Err(Rejection::Code(_))) => cluster.counts.met("an invitation was refused"),
            _ => {}
        }
    }
}
