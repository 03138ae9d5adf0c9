//! A panel's backup brings a client back whose account left long ago (P3).

use super::super::cluster::{Cluster, Setting};
use super::super::final_checks;
use super::super::mutation::Mutation;
use super::super::storefront::Storefront;
use super::super::time::pass_seconds;
use nebulalinks::catalog::ServerLifecycle;
use nebulalinks::model::*;
use nebulalinks_testkit::world::email;

/// It comes back before the account is renewed, or after it was renewed on another server.
pub(super) const KINDS: u64 = 2;

pub(super) async fn comes_back(seed: u64, mutation: Mutation) -> Cluster {
    let setting = Setting {
        term: DurationMs(10 * MINUTE_MS),
        tombstones: DurationMs(4 * MINUTE_MS),
        ..Setting::default()
    };
    let mut shop = Storefront::open(seed, mutation, &setting).await;
    let account = shop.sell(1).await.remove(0);
    let server = bound(&shop, account).remove(0);
    let panel = shop.cluster.panels[&server].clone();
    let backup = panel.backup();
    pass_seconds(16 * 60).await;
    let is_gone = bound(&shop, account).is_empty() && panel.client(&email(account)).is_none();
    shop.breach_unless(is_gone, "P20", "a tombstone was not deleted in time");
    let before = seed.is_multiple_of(KINDS);
    if before {
        shop.cluster.restore_panel(&server, &backup);
        shop.cluster.counts.met("a deleted client came back");
        final_checks::settle(&mut shop.cluster).await;
        // There is more room elsewhere.
        shop.cluster.publish(|catalog| {
            for other in catalog.servers.values_mut().filter(|other| other.id != server) {
                other.weight = 100;
            }
        });
        shop.renew(&[account]).await;
    } else {
        shop.cluster.publish(|catalog| {
            catalog.servers.get_mut(&server).unwrap().lifecycle = ServerLifecycle::Cordoned;
        });
        shop.renew(&[account]).await;
        shop.cluster.restore_panel(&server, &backup);
        shop.cluster.counts.met("a deleted client came back");
    }
    let at_home = bound(&shop, account) == [server];
    shop.breach_unless(at_home == before, "P3", "its own client is there, and it got another");
    final_checks::settle(&mut shop.cluster).await;
    shop.cluster
}

fn bound(shop: &Storefront, account: AccountId) -> Vec<ServerId> {
    shop.cluster.snapshot().bindings(account).map(|binding| binding.server.clone()).collect()
}
