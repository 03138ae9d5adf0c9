//! Customers' apps ask the addresses of their accounts all the time, while accounts move, change their
//! credentials, and come back from the past (P21).

use super::super::cluster::{Cluster, Setting};
use super::super::final_checks;
use super::super::mutation::Mutation;
use super::super::rng::Rng;
use super::super::storefront::Storefront;
use super::super::time::pass_seconds;
use nebulalinks::catalog::ServerLifecycle;
use nebulalinks::model::*;
use nebulalinks_testkit::people;

/// A server is drained, the process dies again and again, credentials change while accounts are moved, and
/// a store and a panel of before come back.
pub(super) const KINDS: u64 = 4;
const DRAINED: u64 = 0;
const DYING: u64 = 1;
const ROTATED: u64 = 2;

const CUSTOMERS: u64 = 10;
/// What is approved is served by then, new credentials, too.
const AT_ONCE: DurationMs = DurationMs(15 * SECOND_MS);
/// What a panel of before lacks is made again after two lists.
const RESTORED: DurationMs = DurationMs(130 * SECOND_MS);

pub(super) async fn asked(seed: u64, mutation: Mutation) -> Cluster {
    let kind = seed % KINDS;
    let rng = Rng::new(seed, 12);
    let setting = Setting { term: DurationMs(40 * DAY_MS), ..Setting::default() };
    let mut shop = Storefront::open(seed, mutation, &setting).await;
    let accounts = shop.sell(CUSTOMERS).await;
    let servers = shop.servers();
    shop.cluster.look_at_addresses(Some(AT_ONCE)).await;
    let store = shop.cluster.backup();
    let panels: Vec<_> =
        servers.iter().map(|id| (id.clone(), shop.cluster.panels[id].backup())).collect();
    let mut within = AT_ONCE;
    if kind == DRAINED {
        let left = servers[usize::try_from(rng.below(2)).unwrap()].clone();
        shop.cluster.publish(|catalog| {
            catalog.servers.get_mut(&left).unwrap().lifecycle = ServerLifecycle::Draining;
        });
    }
    for turn in 0..120 {
        let some = accounts[usize::try_from(rng.below(CUSTOMERS)).unwrap()];
        match kind {
            DYING if rng.once_in(4) => {
                shop.cluster.process.die_in(u32::try_from(rng.below(40)).unwrap());
            }
            ROTATED if rng.once_in(8) => {
                let version = shop.cluster.snapshot().account(some).map(|a| a.credentials.version);
                let _ = shop.cluster.submit(people::rotate(some, version.unwrap_or(1))).await;
            }
            ROTATED if rng.once_in(8) => {
                let to = &servers[usize::try_from(rng.below(2)).unwrap()];
                let _ = shop.cluster.submit(people::move_to(some, to.as_str())).await;
            }
            _ => {}
        }
        if kind != DYING && rng.once_in(10) {
            shop.buy(100 + turn, Target::New).await;
        }
        if kind > ROTATED && turn == 40 {
            comes_back(&mut shop, &rng, &store, &panels).await;
            within = RESTORED;
        }
        pass_seconds(1 + rng.below(10)).await;
        shop.cluster.look_at_addresses(Some(within)).await;
        if rng.once_in(2) {
            shop.cluster.revive().await;
        }
    }
    shop.cluster.counts.met("addresses were asked");
    if kind > ROTATED {
        shop.cluster.resolve_amnesia().await;
        pass_seconds(70).await;
        shop.cluster.monitors.restore_is_over();
    }
    final_checks::settle(&mut shop.cluster).await;
    // A day after a move the old link ends, and the address has only the new one.
    shop.cluster.rest();
    shop.cluster.time.until(shop.cluster.now() + DurationMs(25 * HOUR_MS)).await;
    shop.cluster.wake();
    pass_seconds(200).await;
    shop.cluster.look_at_addresses(Some(DurationMs(0))).await;
    shop.cluster
}

/// The store or the panels are of before what was sold since.
async fn comes_back(
    shop: &mut Storefront,
    rng: &Rng,
    store: &nebulalinks::store::MemoryStore,
    panels: &[(ServerId, nebulalinks_model_panel::Backup)],
) {
    if rng.once_in(2) {
        shop.restore(store.backup()).await;
        shop.cluster.counts.met("a store came back from the past");
    } else {
        for (server, backup) in panels {
            shop.cluster.restore_panel(server, backup);
        }
    }
}
