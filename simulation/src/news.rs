//! Staff write news to all customers, and some of these switch news off.

use super::cluster::Cluster;
use super::plan::Duties;
use super::script::{CUSTOMERS, Script};
use nebulalinks::intent::{BroadcastRequest, Choice, Intent, Reply};
use nebulalinks::model::*;
use nebulalinks_testkit::people;

/// The n-th news, to everybody.
pub(super) fn news(n: u64) -> BroadcastRequest {
    BroadcastRequest {
        id: id_of(n),
        text: text_of(id_of(n)),
        to: Audience::All,
        reach: Reach::default(),
        staff: people::staff(0),
    }
}

fn id_of(n: u64) -> BroadcastId {
    BroadcastId::new(ulid::Ulid((1 << 90) + u128::from(n)))
}

/// What the news say: nothing else says it.
pub(super) fn text_of(id: BroadcastId) -> String {
    format!("news{id}")
}

impl Script {
    /// Now and then staff write news and send them, and somebody does not want any more. It is drawn last, so
    /// that it changes nothing of what else happens.
    pub(super) async fn write_news(&self, cluster: &Cluster) {
        if self.duties < Duties::Customers || !self.rng.once_in(12) {
            return;
        }
        if self.rng.once_in(4) {
            let by = people::customer(self.rng.below(CUSTOMERS));
            let choice = Choice::Notices(NoticeTopic::News, self.rng.once_in(2));
            let _ = cluster.submit(Intent::Choose { by, choice }).await;
        }
        let asked = news(self.act);
        let (id, staff) = (asked.id, people::staff(0));
        if self.rng.once_in(3) {
            let _ = cluster.submit(Intent::DraftBroadcast(Box::new(asked.clone()))).await;
        }
        let _ = cluster.submit(Intent::DraftBroadcast(Box::new(asked))).await;
        let send = Intent::SendBroadcast(id, staff);
        // Two clicks that come at once, or one.
        let sent = if self.rng.once_in(3) {
            tokio::join!(cluster.submit(send.clone()), cluster.submit(send)).0
        } else {
            cluster.submit(send).await
        };
        if matches!(sent, Some(Ok(Reply::BroadcastSending(_)))) {
            cluster.counts.met("news were written");
        }
        if self.rng.once_in(6) {
            cluster.counts.met("news were stopped");
            let _ = cluster.submit(Intent::StopBroadcast(id, people::operator())).await;
        }
    }
}
