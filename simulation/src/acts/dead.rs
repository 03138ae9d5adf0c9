//! Many panels that do not answer, and accounts that no panel takes: the others do not wait (P16).

use super::super::cluster::{Cluster, Setting};
use super::super::final_checks;
use super::super::monitors::P99;
use super::super::mutation::Mutation;
use super::super::storefront::Storefront;
use super::super::time::pass_seconds;
use nebulalinks::model::*;
use nebulalinks_model_panel::{Fault, Scope};
use nebulalinks_testkit::world::email;
use std::collections::BTreeSet;
use std::time::Duration;

/// How many servers there are, by the seed.
pub(super) const KINDS: u64 = 2;
/// So many of them answer.
const ALIVE: usize = 2;
/// Shorter waits than these are the same to everybody, ms.
const AT_LEAST: P99 = P99 { turn: 250, list: 66_000 };

/// The same seed twice: without trouble, and with all but two panels down or slow.
pub(super) async fn many(seed: u64, mutation: Mutation) -> Cluster {
    let (_, calm) = lived(seed, Mutation::None, false).await;
    let (mut shop, with) = lived(seed, mutation, true).await;
    shop.cluster
        .counts
        .note(|| format!("p99 of the waits: {calm:?} without, {with:?} with the dead"));
    let holds = with.turn <= 2 * calm.turn.max(AT_LEAST.turn)
        && with.list <= 2 * calm.list.max(AT_LEAST.list);
    shop.breach_unless(holds, "P16", &format!("others wait {with:?}, not {calm:?}"));
    final_checks::settle(&mut shop.cluster).await;
    shop.cluster
}

async fn lived(seed: u64, mutation: Mutation, dead: bool) -> (Storefront, P99) {
    let more = if seed.is_multiple_of(2) { 6 } else { 20 };
    let setting = Setting { more, term: DurationMs(120 * MINUTE_MS), ..Setting::default() };
    let mut shop = Storefront::open(seed, mutation, &setting).await;
    let accounts = shop.sell(2 * (more as u64 + 2)).await;
    let servers = shop.servers();
    let alive: BTreeSet<ServerId> = servers.iter().take(ALIVE).cloned().collect();
    let snapshot = shop.cluster.snapshot();
    let on = |id: &AccountId| {
        snapshot.bindings(*id).next().is_some_and(|binding| alive.contains(&binding.server))
    };
    let served: Vec<(u64, AccountId)> =
        (0..).zip(accounts).filter(|(_, account)| on(account)).collect();
    // Of these nothing is measured: nothing is written for them any more.
    let (poisoned, healthy) = served.split_at(1);
    if dead {
        take_away(&shop, &servers);
        for (_, account) in poisoned {
            for server in &alive {
                let of = Scope { body_contains: Some(email(*account)), ..Scope::writes() };
                let faults = shop.cluster.panels[server].faults();
                faults.set_for(Fault::Refused("no".to_owned()), of, None);
            }
        }
    }
    shop.cluster.monitors.measure_anew();
    for (n, account) in poisoned {
        shop.buy(*n, Target::Renew(*account)).await;
    }
    for turn in 0..20 {
        let (n, account) = healthy[turn % healthy.len()];
        shop.buy(n, Target::Renew(account)).await;
        pass_seconds(13).await;
    }
    let ours: BTreeSet<AccountId> = healthy.iter().map(|(_, account)| *account).collect();
    let waits = shop.cluster.monitors.waits_at(&alive, &ours);
    (shop, waits)
}

fn take_away(shop: &Storefront, servers: &[ServerId]) {
    for (n, server) in servers.iter().enumerate().skip(ALIVE) {
        let faults = shop.cluster.panels[server].faults();
        match n % 3 {
            0 => faults.set(Fault::Down),
            // Later than anybody waits for, and just in time.
            1 => faults.set(Fault::SlowAfterCommit(Duration::from_secs(40))),
            _ => faults.set(Fault::SlowAfterCommit(Duration::from_secs(30))),
        }
    }
    shop.cluster.counts.met("most panels were dead");
}
