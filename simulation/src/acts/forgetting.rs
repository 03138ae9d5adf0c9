//! A customer is forgotten (P24), whenever the process ends meanwhile, and comes again as somebody new.

use super::super::cluster::{Cluster, Setting};
use super::super::final_checks;
use super::super::forgetting::forget;
use super::super::mutation::Mutation;
use super::super::storefront::Storefront;
use super::super::time::pass_seconds;
use nebulalinks::model::*;
use nebulalinks_testkit::people;

/// Nothing is in the way; or the process dies, sooner or later.
pub(super) const KINDS: u64 = 8;

pub(super) async fn somebody(seed: u64, mutation: Mutation) -> Cluster {
    let mut shop = Storefront::open(seed, mutation, &Setting::default()).await;
    let accounts = shop.sell(2).await;
    // One order more that comes to nothing.
    let order = shop.order(0, Target::Renew(accounts[0])).await;
    shop.cluster.submit(people::cancel(0, order)).await.unwrap().unwrap();
    pass_seconds(30 * 60).await;
    let customer = people::customer_in(&shop.cluster.snapshot(), 0).expect("they have bought");
    shop.cluster.submit(forget(customer)).await.unwrap().unwrap();
    shop.cluster.counts.met("a customer was forgotten");
    if let Some(points) = u32::try_from(seed % KINDS).unwrap().checked_sub(1) {
        shop.cluster.process.die_in(points);
    }
    if (seed / KINDS).is_multiple_of(2) {
        while !shop.cluster.process.is_alive()
            || people::customer_in(&shop.cluster.snapshot(), 0).is_none()
        {
            shop.cluster.revive().await;
            let _ = shop.try_order(0, Target::New).await;
            pass_seconds(1).await;
        }
    }
    for _ in 0..60 {
        pass_seconds(1).await;
        shop.cluster.revive().await;
    }
    final_checks::settle(&mut shop.cluster).await;
    shop.cluster
}
