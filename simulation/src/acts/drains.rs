//! A server is drained or lost while things fail: nobody is without service for it (P3, P7, P20).

use super::super::cluster::{Cluster, Setting};
use super::super::final_checks;
use super::super::mutation::Mutation;
use super::super::rng::Rng;
use super::super::storefront::Storefront;
use super::super::time::pass_seconds;
use nebulalinks::catalog::ServerLifecycle;
use nebulalinks::model::*;
use nebulalinks_model_panel::Fault;
use nebulalinks_testkit::people;
use nebulalinks_testkit::world::email;

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
