//! A server is drained or lost while things fail: nobody is without service for it (P3, P7, P20).

use super::super::cluster::{Cluster, Setting};
use super::super::final_checks;
use super::super::mutation::Mutation;
use super::super::rng::Rng;
use super::super::storefront::Storefront;
use super::super::time::pass_seconds;
use nebulalinks::catalog::ServerLifecycle;
use nebulalinks::intent::NewCredentials;
use nebulalinks::model::*;
use nebulalinks_model_panel::Fault;
use nebulalinks_testkit::people;
use nebulalinks_testkit::world::email;
use std::collections::BTreeMap;

/// It is drained in peace, while the process dies and requests get lost, while the other server is down,
/// and lost.
pub(super) const KINDS: u64 = 4;
const DYING: u64 = 1;
const OTHER_DOWN: u64 = 2;
const LOST: u64 = 3;

/// Whoever has a lost server is served elsewhere after so long at the latest.
const LOST_FOR: u64 = 180;

/// A server of two is to be left; people go on buying.
pub(super) async fn to_be_left(seed: u64, mutation: Mutation) -> Cluster {
    let rng = Rng::new(seed, 12);
    let kind = seed % KINDS;
    let setting = Setting { term: DurationMs(40 * DAY_MS), ..Setting::default() };
    let mut shop = Storefront::open(seed, mutation, &setting).await;
    let accounts = shop.sell(24).await;
    let mut servers = shop.servers();
    let left = servers.remove(usize::try_from(rng.below(2)).unwrap());
    let other = servers.remove(0);
    // One is off, and moves without being made anywhere.
    let suspended = accounts[usize::try_from(rng.below(24)).unwrap()];
    shop.cluster.submit(people::suspend(suspended)).await.unwrap().unwrap();
    let panel = |shop: &Storefront, id: &ServerId| shop.cluster.panels[id].clone();
    let lifecycle = match kind {
        LOST => {
            panel(&shop, &left).faults().set(Fault::Down);
            ServerLifecycle::Lost
        }
        OTHER_DOWN => {
            panel(&shop, &other).faults().set(Fault::Down);
            ServerLifecycle::Draining
        }
        _ => ServerLifecycle::Draining,
    };
    shop.cluster.trouble(kind == DYING, false);
    let id = left.clone();
    shop.cluster.publish(|catalog| {
        catalog.servers.get_mut(&id).unwrap().lifecycle = lifecycle;
    });
    let since = shop.cluster.now();
    for turn in 0..60 {
        pass_seconds(1 + rng.below(20)).await;
        if kind == DYING && rng.once_in(3) {
            if shop.cluster.process.is_alive() {
                shop.cluster.process.die_in(u32::try_from(rng.below(40)).unwrap());
            } else {
                shop.cluster.revive().await;
            }
        }
        if kind == OTHER_DOWN && turn == 30 {
            panel(&shop, &other).faults().clear();
        }
        if kind != DYING && rng.once_in(10) {
            shop.buy(100 + turn, Target::New).await;
        }
        if rng.once_in(8) {
            let id = accounts[usize::try_from(rng.below(24)).unwrap()];
            let version = shop.cluster.snapshot().account(id).map(|a| a.credentials.version);
            let _ = shop.cluster.submit(people::rotate(id, version.unwrap_or(1))).await;
        }
        if kind != DYING && rng.once_in(8) {
            let n = rng.below(24);
            shop.buy(n, Target::Renew(accounts[usize::try_from(n).unwrap()])).await;
        }
        if kind != LOST || shop.cluster.now() > since + DurationMs(LOST_FOR * SECOND_MS) {
            everybody_is_served(&shop, &accounts, (kind == LOST).then_some(&left));
        }
    }
    shop.cluster.counts.met("a server was to be left");
    final_checks::settle(&mut shop.cluster).await;
    nobody_is_on(&mut shop, &left, kind).await;
    final_checks::settle(&mut shop.cluster).await;
    final_checks::stays(&shop.cluster).await;
    shop.cluster
}

/// Each of these has a client that is on and that somebody answers for.
fn everybody_is_served(shop: &Storefront, accounts: &[AccountId], lost: Option<&ServerId>) {
    let (snapshot, now) = (shop.cluster.snapshot(), shop.cluster.now());
    for id in accounts {
        let active = Entitlement::of(&snapshot, *id)
            .is_some_and(|e| e.served && e.standing(now) == Standing::Active);
        let alive = shop.cluster.panels.iter().filter(|(server, _)| Some(*server) != lost);
        let clients = alive.filter_map(|(_, panel)| panel.client(&email(*id)));
        let on = clients.filter(nebulalinks_model_panel::ClientSnapshot::is_on).count();
        shop.breach_unless(!active || on > 0, "P7", &format!("{id} is served by nobody"));
    }
}

/// After a day nobody is on there, and after the tombstones nobody is there; all are elsewhere.
async fn nobody_is_on(shop: &mut Storefront, left: &ServerId, kind: u64) {
    let panel = shop.cluster.panels[left].clone();
    let later = |shop: &Storefront, length: u64| shop.cluster.now() + DurationMs(length);
    let ours = |on: bool| {
        let clients = panel.clients().into_iter().filter(|c| c.email.starts_with("nl-"));
        clients.filter(|c| !on || c.is_on()).count()
    };
    shop.cluster.rest();
    shop.cluster.time.until(later(shop, 25 * HOUR_MS)).await;
    shop.cluster.wake();
    pass_seconds(200).await;
    let on = ours(true);
    shop.breach_unless(on == 0, "P20", &format!("{on} are still on at {left}, kind {kind}"));
    shop.cluster.rest();
    shop.cluster.time.until(later(shop, 8 * DAY_MS)).await;
    shop.cluster.wake();
    pass_seconds(200).await;
    let there = ours(false);
    shop.breach_unless(there == 0, "P20", &format!("{there} are still at {left}, kind {kind}"));
}

/// How a server with many accounts was left.
#[derive(Debug)]
pub struct DrainReport {
    /// Until the last account had its new client, in s of virtual time.
    pub moved_s: u64,
    /// What was written to the new panel meanwhile, in calls.
    pub calls: usize,
    /// The most clients of one account at any look, and the fewest that were on.
    pub most: usize,
    /// See `most`.
    pub fewest_on: usize,
    /// So many orders were placed and approved meanwhile.
    pub sold: u64,
    /// How often each account's address was asked, and answered a link that leads somewhere.
    pub asked: u32,
    /// Everything that did not hold.
    pub breaches: Vec<String>,
}

/// A server with so many accounts gets this lifecycle while people order. Looks once every second,
/// until everybody is on two servers: the day until the old links end is another act's. Every half minute
/// everybody's address is asked.
pub async fn of_many(count: u64, lifecycle: ServerLifecycle) -> DrainReport {
    let setting =
        Setting { term: DurationMs(40 * DAY_MS), room: [10_000; 2], ..Setting::default() };
    let mut shop = Storefront::open(7, Mutation::None, &setting).await;
    let first = shop.buy(0, Target::New).await;
    pass_seconds(5).await;
    let snapshot = shop.cluster.snapshot();
    let left = snapshot.bindings(first).next().unwrap().server.clone();
    let mut edits = Edits::new();
    let mut accounts = vec![first];
    for n in 1..count {
        let ids = people::fresh_ids(1_000_000 + n);
        let id = ids.account;
        let account = snapshot.account(first).unwrap().clone();
        let NewCredentials { uuid, sub_id, secret, subscription_token } = ids.credentials;
        let credentials =
            Credentials { uuid, sub_id, secret, version: account.credentials.version };
        edits.put(Account { id, credentials, subscription_token, ..account });
        edits.put(Run { account: id, ..snapshot.runs(first).next().unwrap().clone() });
        let source = TermSource::Order(ids.order);
        edits.put(Term { account: id, source, ..snapshot.terms(first).next().unwrap().clone() });
        edits.put(Binding { account: id, ..snapshot.bindings(first).next().unwrap().clone() });
        accounts.push(id);
    }
    shop.cluster.commit(edits).await;
    // A hundred a batch, and a minute to the next list at most.
    pass_seconds(120 + count / 10).await;
    let made = there(&shop).len() == accounts.len();
    shop.breach_unless(made, "P1", "not everybody was made");
    let (since, id) = (shop.cluster.now(), left.clone());
    let other = shop.servers().into_iter().find(|server| *server != left).unwrap();
    let before = shop.cluster.panels[&other].api_writes();
    shop.cluster.publish(|catalog| {
        catalog.servers.get_mut(&id).unwrap().lifecycle = lifecycle;
    });
    let (mut most, mut fewest_on, mut turn, mut sold, mut asked) = (0, usize::MAX, 0, 0, 0);
    loop {
        pass_seconds(1).await;
        turn += 1;
        if turn % 20 == 0 {
            shop.buy(500 + turn, Target::New).await;
            sold += 1;
        }
        if turn % 30 == 0 {
            // Nobody's address may be without a link that leads somewhere, for no time at all.
            shop.cluster.look_at_addresses_of(&accounts, Some(DurationMs(0))).await;
            asked += 1;
        }
        let (mut moved, there) = (0, there(&shop));
        for id in &accounts {
            let (clients, on) = there.get(&email(*id)).copied().unwrap_or_default();
            most = most.max(clients);
            fewest_on = fewest_on.min(on);
            moved += usize::from(clients == 2);
        }
        if moved == accounts.len() || shop.cluster.now() > since + DurationMs(HOUR_MS) {
            break;
        }
    }
    let moved_s = shop.cluster.now().since(since).0 / 1_000;
    let calls = shop.cluster.panels[&other].api_writes() - before;
    final_checks::settle(&mut shop.cluster).await;
    let breaches = shop.cluster.monitors.breaches();
    DrainReport { moved_s, calls, most, fewest_on, sold, asked, breaches }
}

/// How many clients of each name there are on all panels, and how many of them are on.
fn there(shop: &Storefront) -> BTreeMap<String, (usize, usize)> {
    let mut all: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let clients = shop.cluster.panels.values().flat_map(|panel| panel.clients());
    for client in clients.filter(|client| client.email.starts_with("nl-")) {
        let (clients, on) = all.entry(client.email.clone()).or_default();
        *clients += 1;
        *on += usize::from(client.is_on());
    }
    all
}
