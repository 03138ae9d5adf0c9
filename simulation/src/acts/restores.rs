//! A store, a gateway or a panel from the past (P15).

use super::super::cluster::{Cluster, Setting};
use super::super::monitors::Knows;
use super::super::mutation::Mutation;
use super::super::rng::Rng;
use super::super::storefront::{A_WHILE, Storefront};
use super::super::time::pass_seconds;
use nebulalinks::model::*;
use nebulalinks::store::MemoryStore;

/// What comes back, by the seed.
pub(super) const KINDS: u64 = 6;

/// After any number of sales, with any number of orders after it.
pub(super) async fn something_old(seed: u64, mutation: Mutation) -> Cluster {
    let rng = Rng::new(seed, 9);
    let setting =
        Setting { room: [0, 100], term: DurationMs(12 * MINUTE_MS), ..Setting::default() };
    let mut shop = Storefront::open(seed, mutation, &setting).await;
    let accounts = shop.sell(7 + rng.below(2)).await;
    let (mut store, mut gateways) = (shop.cluster.backup(), shop.gateways());
    let panels = shop.cluster.panels.clone();
    let old_panels: Vec<_> =
        panels.iter().map(|(id, panel)| (id.clone(), panel.backup())).collect();
    let kind = seed % KINDS;
    // Any step: the backup is of one of these moments, and all of them are renewed since.
    for _ in 0..rng.below(3) {
        let some = usize::try_from(rng.below(accounts.len() as u64)).unwrap();
        shop.renew(&accounts[..some]).await;
        if rng.once_in(2) && kind != 5 {
            (store, gateways) = (shop.cluster.backup(), shop.gateways());
        }
    }
    if kind == 2 {
        // Just after the claims of this half minute: only writes tell the gateways of these sales.
        pass_seconds(30).await;
        (store, gateways) = (shop.cluster.backup(), shop.gateways());
    }
    shop.renew(&accounts).await;
    let sold = shop.held();
    let later = rng.below(30);
    match kind {
        // A store that goes on for longer than it had been.
        0 | 2 => back(&mut shop, store, Knows::OneSide, later).await,
        1 => {
            back(&mut shop, MemoryStore::new(), Knows::OneSide, 0).await;
            shop.cluster.counts.met("an empty store claimed in between");
            pass_seconds(A_WHILE).await;
            back(&mut shop, store, Knows::OneSide, later).await;
        }
        3 => {
            let now = shop.cluster.backup();
            shop.cluster.process.kill();
            put_back(&shop, &gateways);
            shop.cluster.restore(now, Knows::OneSide).await;
        }
        4 => {
            shop.cluster.process.kill();
            put_back(&shop, &gateways);
            back(&mut shop, store, Knows::Nobody, later).await;
        }
        _ => {
            for (server, old) in &old_panels {
                shop.cluster.restore_panel(server, old);
            }
        }
    }
    pass_seconds(A_WHILE).await;
    // Past the ends that the first store knows: what was sold since goes on for a term more.
    pass_seconds(560).await;
    let kept = |(email, was): &(&String, &(i64, i64, bool))| {
        shop.held().get(*email).is_some_and(|now| now.0 >= was.0 && now.2)
    };
    let lost = sold.len() - sold.iter().filter(kept).count();
    // The budget of the hour that this is.
    let most = if kind == 4 { 5 } else { 0 };
    shop.breach_unless(lost <= most, "P15", &format!("{lost} lost of what was sold"));
    shop.cluster
}

/// A store comes back while its gateways are away, or not, and so many orders follow.
async fn back(shop: &mut Storefront, store: MemoryStore, knows: Knows, later: u64) {
    let servers = shop.servers();
    servers.iter().for_each(|server| shop.cluster.net.stop_gateway(server));
    shop.cluster.restore(store, knows).await;
    shop.bustle(later).await;
    servers.iter().for_each(|server| shop.cluster.net.start_gateway(server));
    shop.cluster.counts.met("a store came back from the past");
}

fn put_back(
    shop: &Storefront,
    gateways: &std::collections::BTreeMap<ServerId, super::super::wire::GatewayBackup>,
) {
    for (server, backup) in gateways {
        shop.cluster.net.restore(server, backup);
    }
    shop.cluster.counts.met("a gateway came back from the past");
}
