//! A decision takes back what a write is about to give (P6).

use super::super::cluster::{Cluster, Setting};
use super::super::final_checks;
use super::super::mutation::Mutation;
use super::super::storefront::Storefront;
use super::super::time::pass_seconds;
use nebulalinks::intent::Reply;
use nebulalinks::model::*;
use nebulalinks_testkit::people;

/// A client is to be made, or to get a later end.
pub(super) const KINDS: u64 = 2;

/// An approval is reversed just before the note of the write that it led to becomes durable.
pub(super) async fn before_it_is_sent(seed: u64, mutation: Mutation) -> Cluster {
    let setting = Setting { term: DurationMs(30 * MINUTE_MS), ..Setting::default() };
    let mut shop = Storefront::open(seed, mutation, &setting).await;
    let is_new = seed.is_multiple_of(KINDS);
    let (target, verb) = if is_new {
        (Target::New, "create")
    } else {
        (Target::Renew(shop.buy(0, Target::New).await), "extend")
    };
    pass_seconds(5).await;
    let held = shop.cluster.counts.effects.hold(verb);
    let order = shop.order(0, target).await;
    assert!(shop.pay(0, order).await, "the proof was not taken");
    shop.approve(order).await.expect("not approved");
    held.came().await;
    let reversed = shop.cluster.submit(people::reverse(order)).await;
    held.go_on();
    pass_seconds(5).await;
    assert!(matches!(reversed, Some(Ok(Reply::Reversed(..)))), "{reversed:?}");
    shop.cluster.counts.met("a gift was taken back");
    final_checks::settle(&mut shop.cluster).await;
    shop.cluster
}
