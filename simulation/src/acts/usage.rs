//! Traffic beyond an allowance, and enables that are refused (P4, P6, P14).

use super::super::cluster::{Cluster, Setting};
use super::super::final_checks;
use super::super::mutation::Mutation;
use super::super::rng::Rng;
use super::super::storefront::Storefront;
use super::super::time::pass_seconds;
use nebulalinks::model::*;
use nebulalinks_model_panel::{Fault, Scope};

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

/// On the second server, which has no rule of its own, so that it lets through what it is given.
fn without_a_rule() -> Setting {
    Setting { room: [0, 100], term: DurationMs(50 * MINUTE_MS), ..Setting::default() }
}

/// Xray lets more through than was bought; the renewal's enable is lost on the way, or its answer.
pub(super) async fn overrun(seed: u64, mutation: Mutation) -> Cluster {
    let rng = Rng::new(seed, 11);
    let mut shop = Storefront::open(seed, mutation, &without_a_rule()).await;
    let accounts = shop.sell(2).await;
    let panel = shop.cluster.panels.values().nth(1).unwrap().clone();
    for _ in 0..2 {
        for bytes in [30 * GIB, 19 * GIB] {
            shop.cluster.traffic(accounts[0], &panel, bytes + rng.below(GIB));
            pass_seconds(70).await;
        }
        shop.cluster.traffic(accounts[0], &panel, 2 * GIB + rng.below(8 * MIB));
        shop.cluster.counts.met("traffic flowed beyond a cap");
        pass_seconds(5 + rng.below(90)).await;
        let lost = if rng.once_in(2) { Fault::DropAfterCommit } else { Fault::DropBeforeCommit };
        panel.faults().set_for(lost, Scope::writes(), Some(1));
        shop.buy(0, Target::Renew(accounts[0])).await;
        for _ in 0..4 {
            pass_seconds(1 + rng.below(60)).await;
            shop.cluster.traffic(accounts[0], &panel, 300 * MIB);
        }
        shop.cluster.traffic(accounts[1], &panel, GIB);
        pass_seconds(100).await;
    }
    shop.cluster.monitors.check_forgiven(&shop.cluster.snapshot());
    final_checks::settle(&mut shop.cluster).await;
    shop.cluster
}

/// A panel says no to everything new, for less than a term in one cluster and for more in another.
pub(super) async fn refused(seed: u64, mutation: Mutation) -> Cluster {
    let setting = Setting { term: DurationMs(20 * MINUTE_MS), ..without_a_rule() };
    let mut shop = Storefront::open(seed, mutation, &setting).await;
    shop.sell(1).await;
    let panel = shop.cluster.panels.values().nth(1).unwrap().clone();
    panel.faults().set_for(Fault::Refused("no".to_owned()), Scope::writes(), None);
    let account = shop.buy(7, Target::New).await;
    let minutes = if seed.is_multiple_of(2) { 24 } else { 40 };
    pass_seconds(minutes * 60).await;
    panel.faults().clear();
    pass_seconds(130).await;
    let snapshot = shop.cluster.snapshot();
    let made_up = snapshot.terms(account).filter(|t| t.is_compensation()).count();
    if made_up > 0 {
        shop.cluster.counts.met("an outage was made up for");
    }
    // What was bought is had in full: the time began when the enable was read back.
    let left = Entitlement::of(&snapshot, account).unwrap().ends_at.since(shop.cluster.now());
    // Less than ten minutes are the ordinary way of things.
    let full = left + DurationMs(13 * MINUTE_MS) >= setting.term;
    shop.breach_unless(full, "P4", &format!("{} min are left of 20", left.0 / MINUTE_MS));
    final_checks::settle(&mut shop.cluster).await;
    shop.cluster
}
