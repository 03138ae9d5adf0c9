//! What people do: customers who order, pay, renew early and late, click twice, leave and come back;
//! staff who approve, decline, reopen and reverse; operators who edit the catalog.

use super::cluster::Cluster;
use super::script::{CUSTOMERS, Script};
use nebulalinks::intent::Intent;
use nebulalinks::model::*;
use nebulalinks_testkit::people::{self, approve_with, cancel, decline, place, reopen, reverse};

/// So long before its end, and after it, somebody thinks of renewing.
const EARLY: DurationMs = DurationMs(3 * DAY_MS);
const LATE: DurationMs = DurationMs(5 * DAY_MS);

impl Script {
    /// Something that happens on any day, without trouble.
    pub(super) async fn live(&mut self, n: u32, cluster: &Cluster) {
        self.begin(n);
        let drawn = self.rng.below(16);
        cluster.trace.note(|| format!("ACT {n}: life"));
        match drawn {
            0..=5 => self.customer(cluster).await,
            6..=9 => self.decide(cluster).await,
            10..=12 => self.use_it(cluster),
            13 => self.give_up(cluster).await,
            14 => self.think_again(cluster).await,
            _ => self.edit(cluster),
        }
        self.decide_of_an_account(cluster).await;
        self.try_out(cluster).await;
        self.redeem(cluster).await;
        self.invite(cluster).await;
        self.write_news(cluster).await;
        self.forget_somebody(cluster).await;
        // A panel cuts off by itself whoever used up the allowance.
        for panel in cluster.panels.values() {
            panel.poll_if_due();
        }
    }

    /// A customer pays what is open, renews when it is about to end or has ended, or buys.
    async fn customer(&mut self, cluster: &Cluster) {
        let waits = self.an_order(cluster, &[OrderState::AwaitingPayment]).is_some();
        if waits && !self.rng.once_in(3) {
            return self.pay(cluster).await;
        }
        let who = self.rng.below(CUSTOMERS);
        let (snapshot, now) = (cluster.snapshot(), cluster.now());
        let own = people::accounts_of(&snapshot, who).next();
        let end = own.and_then(|a| Entitlement::of(&snapshot, a.id)).map(|e| e.ends_at);
        let wants = match end {
            Some(end) if now + EARLY < end => self.rng.once_in(30),
            Some(end) if end + LATE < now => self.rng.once_in(6),
            Some(_) => !self.rng.once_in(3),
            None => self.rng.once_in(2),
        };
        if wants {
            let late = end.is_some_and(|end| end < now);
            cluster.counts.met(match end {
                None => "somebody came",
                Some(_) if late => "somebody renewed late",
                Some(_) => "somebody renewed early",
            });
            self.buy_for(who, cluster).await;
        }
    }

    /// Staff take back what they decided.
    async fn think_again(&mut self, cluster: &Cluster) {
        if self.rng.once_in(3) {
            let Some(order) = self.an_order(cluster, &[OrderState::Approved]) else { return };
            cluster.counts.met("an approval was reversed");
            let _ = cluster.submit(reverse(order.id)).await;
        } else {
            let Some(order) = self.an_order(cluster, &[OrderState::Declined]) else { return };
            cluster.counts.met("a decline was taken back");
            let _ = cluster.submit(reopen(order.id)).await;
        }
    }

    /// An operator changes what is sold from now on.
    fn edit(&self, cluster: &Cluster) {
        cluster.counts.met("a plan was edited");
        let (devices, gib) = (1 + self.rng.below(5), 40 + self.rng.below(30));
        let revision = format!("{:012x}", self.rng.below(1 << 48));
        cluster.publish(|catalog| {
            catalog.revision = revision;
            for plan in &mut catalog.plans {
                plan.devices = u32::try_from(devices).unwrap();
                if let Quota::Bytes(bytes) = &mut plan.traffic {
                    *bytes = Bytes(gib << 30);
                }
            }
        });
    }

    pub(super) async fn buy(&mut self, cluster: &Cluster) {
        let who = self.rng.below(CUSTOMERS);
        self.buy_for(who, cluster).await;
    }

    async fn buy_for(&mut self, who: u64, cluster: &Cluster) {
        let snapshot = cluster.snapshot();
        let own = people::accounts_of(&snapshot, who).next().map(|a| {
            let pro = a.family.as_str() == "pro";
            (a.id, if pro { "pro-30" } else { "basic-30" })
        });
        let (target, plan) = match own {
            Some((id, plan)) if !self.rng.once_in(5) => (Target::Renew(id), plan),
            _ if self.rng.once_in(4) => (Target::New, "pro-30"),
            _ => (Target::New, "basic-30"),
        };
        // Now and then Discord delivers the same interaction again.
        let again = self.asked > 0 && self.rng.once_in(5);
        if !again {
            self.ask();
        }
        let method = if self.rng.once_in(5) { "bank" } else { "cash" };
        let intent = if method == "cash" {
            place(who, plan, target, self.asked)
        } else {
            people::place_by(who, plan, target, self.asked, method)
        };
        let _ = cluster.submit(intent.clone()).await;
        if self.rng.once_in(3) {
            cluster.counts.met("an interaction was redelivered");
            let _ = cluster.submit(intent).await;
        }
    }

    pub(super) fn an_order(&self, cluster: &Cluster, states: &[OrderState]) -> Option<Order> {
        let now = cluster.now();
        let snapshot = cluster.snapshot();
        let fitting: Vec<Order> =
            snapshot.orders().filter(|o| states.contains(&o.state(now))).cloned().collect();
        let n = usize::try_from(self.rng.below(fitting.len() as u64)).unwrap();
        fitting.get(n).cloned()
    }

    pub(super) async fn pay(&mut self, cluster: &Cluster) {
        use OrderState::{AwaitingPayment, Cancelled, Expired};
        let late = self.rng.once_in(8);
        let states: &[_] = if late { &[Cancelled, Expired] } else { &[AwaitingPayment] };
        let Some(order) = self.an_order(cluster, states) else { return };
        if late {
            cluster.counts.met("a proof came late");
        }
        self.send_proof(cluster, &order).await;
    }

    pub(super) async fn send_proof(&mut self, cluster: &Cluster, order: &Order) {
        self.ask();
        let snapshot = cluster.snapshot();
        // Nobody is known any more whose order it was.
        if snapshot.is_forgotten(order.customer) {
            return;
        }
        let by = people::customer(people::number(&snapshot, order.customer));
        let proof = people::proof(self.asked);
        let _ = cluster.submit(Intent::AddProof { order: Some(order.id), by, proof }).await;
    }

    pub(super) async fn decide(&mut self, cluster: &Cluster) {
        let Some(order) = self.an_order(cluster, &[OrderState::AwaitingReview]) else { return };
        if self.rng.once_in(12) {
            let _ = cluster.submit(decline(order.id)).await;
            return;
        }
        if !self.rng.once_in(8) {
            self.reference = self.act + 1;
        }
        let reference = format!("tx {}", self.reference);
        let intent = approve_with(order.id, 0, &reference);
        if self.rng.once_in(3) {
            cluster.counts.met("two approved at once");
            let other = approve_with(order.id, 1, &reference);
            tokio::join!(cluster.submit(intent), cluster.submit(other));
        } else {
            let _ = cluster.submit(intent).await;
        }
    }

    pub(super) async fn give_up(&mut self, cluster: &Cluster) {
        if let Some(order) = self.an_order(cluster, &[OrderState::AwaitingPayment]) {
            let who = people::number(&cluster.snapshot(), order.customer);
            let _ = cluster.submit(cancel(who, order.id)).await;
        }
    }
}
