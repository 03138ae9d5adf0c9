//! A cluster without other trouble than what a test brings on purpose: people buy there, and the
//! panels show what they hold.

use super::cluster::{Cluster, Setting};
use super::monitors::Knows;
use super::mutation::Mutation;
use super::time::pass_seconds;
use super::wire::GatewayBackup;
use nebulalinks::intent::{Rejection, Reply};
use nebulalinks::model::*;
use nebulalinks::store::MemoryStore;
use nebulalinks_testkit::people;
use std::collections::BTreeMap;

/// Longer than a claim stays with who fell silent, and two claims more.
pub const A_WHILE: u64 = 190;

/// A cluster that people buy in, and how often they asked for something.
pub struct Storefront {
    /// Where people buy.
    pub cluster: Cluster,
    asked: u64,
}

impl Storefront {
    /// A shop of this kind without trouble.
    pub async fn open(seed: u64, mutation: Mutation, setting: &Setting) -> Self {
        Self { cluster: Cluster::with(seed, mutation, setting).await, asked: 0 }
    }

    /// The n-th customer places an order; why it was refused, where somebody said so.
    pub async fn try_order(
        &mut self,
        n: u64,
        target: Target,
    ) -> Result<OrderId, Option<Rejection>> {
        self.asked += 1;
        match self.cluster.submit(people::place(n, "basic-30", target, self.asked)).await {
            Some(Ok(Reply::Placed(order) | Reply::AlreadyOpen(order))) => Ok(order),
            Some(Err(rejection)) => Err(Some(rejection)),
            _ => Err(None),
        }
    }

    /// The n-th customer places an order, which must be taken.
    pub async fn order(&mut self, n: u64, target: Target) -> OrderId {
        self.try_order(n, target).await.unwrap_or_else(|why| panic!("not placed: {why:?}"))
    }

    /// A picture that nobody has seen before. Says whether it was taken.
    pub async fn pay(&mut self, n: u64, order: OrderId) -> bool {
        self.asked += 1;
        let paid = self.cluster.submit(people::pay(n, order, self.asked + 10_000)).await;
        matches!(paid, Some(Ok(Reply::ProofTaken(_))))
    }

    /// Staff approve an order: the account that it made or renewed.
    pub async fn approve(&mut self, order: OrderId) -> Option<AccountId> {
        match self.cluster.submit(people::approve(order)).await {
            Some(Ok(Reply::Approved(_, account))) => Some(account),
            _ => None,
        }
    }

    /// The n-th customer orders, pays and is approved.
    pub async fn buy(&mut self, n: u64, target: Target) -> AccountId {
        let order = self.order(n, target).await;
        assert!(self.pay(n, order).await, "the proof was not taken");
        self.approve(order).await.expect("not approved")
    }

    /// So many customers buy an account each, and the panels have the time to get them.
    pub async fn sell(&mut self, count: u64) -> Vec<AccountId> {
        let mut accounts = Vec::new();
        for n in 0..count {
            accounts.push(self.buy(n, Target::New).await);
        }
        pass_seconds(5).await;
        accounts
    }

    /// Each of these, of the n-th customer each, is renewed once.
    pub async fn renew(&mut self, accounts: &[AccountId]) {
        for (n, account) in accounts.iter().enumerate() {
            self.buy(n as u64, Target::Renew(*account)).await;
        }
        pass_seconds(5).await;
    }

    /// Orders that are placed and cancelled: the revision rises, and nobody is served by them.
    pub async fn bustle(&mut self, orders: u64) {
        for n in 0..orders {
            let order = self.order(500 + n, Target::New).await;
            self.cluster.submit(people::cancel(500 + n, order)).await.unwrap().unwrap();
        }
    }

    /// All servers, in their order.
    pub fn servers(&self) -> Vec<ServerId> {
        self.cluster.panels.keys().cloned().collect()
    }

    /// What every gateway has on its disk.
    pub fn gateways(&self) -> BTreeMap<ServerId, GatewayBackup> {
        self.servers().into_iter().map(|id| (id.clone(), self.cluster.net.backup(&id))).collect()
    }

    /// The store comes back from the past, and the gateways remember.
    pub async fn restore(&mut self, store: MemoryStore) {
        self.cluster.restore(store, Knows::OneSide).await;
    }

    /// Of each client of ours its end, cap and whether it is on, straight from the panels.
    pub fn held(&self) -> BTreeMap<String, (i64, i64, bool)> {
        let clients = self.cluster.panels.values().flat_map(|panel| panel.clients());
        clients
            .filter(|client| client.email.starts_with("nl-"))
            .map(|c| (c.email.clone(), (c.expiry_ms, c.total, c.is_on())))
            .collect()
    }

    /// What the store lacks, unless that was resolved.
    pub fn open_amnesia(&self) -> Option<Amnesia> {
        self.cluster.snapshot().amnesia().filter(|a| a.resolved_at.is_none()).cloned()
    }

    /// An operator says that the store is right without what it lacks.
    pub async fn resolve(&self) {
        assert!(self.open_amnesia().is_some(), "there is nothing to resolve");
        self.cluster.resolve_amnesia().await;
    }

    pub(super) fn breach_unless(&self, holds: bool, law: &str, what: &str) {
        if !holds {
            self.cluster.monitors.breach(law, what);
        }
    }
}
