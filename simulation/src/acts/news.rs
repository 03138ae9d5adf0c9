//! News go out to many (P22): to each once, whenever the process ends, and to nobody more from a store of before.

use super::super::cluster::{Cluster, Setting};
use super::super::final_checks;
use super::super::mutation::Mutation;
use super::super::news::{news, text_of};
use super::super::storefront::Storefront;
use super::super::time::pass_seconds;
use nebulalinks::intent::{Choice, Intent};
use nebulalinks::model::*;
use nebulalinks_testkit::people;

/// Nothing is in the way; the process dies before a message goes out, or after it; one customer takes no direct
/// messages and another no news; and a backup of the midst of it is put in place.
pub(super) const KINDS: u64 = 5;
const POINTS: [&str; 2] = ["notify.before_notice", "notify.after_notice"];

pub(super) async fn to_many(seed: u64, mutation: Mutation) -> Cluster {
    let kind = seed % KINDS;
    let setting = Setting { term: DurationMs(180 * MINUTE_MS), ..Setting::default() };
    let mut shop = Storefront::open(seed, mutation, &setting).await;
    let customers = 3 + seed / KINDS % 4;
    shop.sell(customers).await;
    if kind == 3 {
        shop.cluster.discord.close_direct(people::there(0));
        let choice = Choice::Notices(NoticeTopic::News, false);
        let by = people::customer(1);
        shop.cluster.submit(Intent::Choose { by, choice }).await.unwrap().unwrap();
    }
    let asked = news(0);
    let (id, staff) = (asked.id, people::staff(0));
    for intent in [Intent::DraftBroadcast(Box::new(asked)), Intent::SendBroadcast(id, staff)] {
        shop.cluster.submit(intent).await.unwrap().unwrap();
    }
    match kind {
        1 | 2 => shop.cluster.process.die_at(POINTS[usize::try_from(kind - 1).unwrap()]),
        4 => comes_back(&mut shop, customers).await,
        _ => {}
    }
    for _ in 0..60 {
        pass_seconds(1).await;
        shop.cluster.revive().await;
    }
    let told = |n| shop.cluster.discord.times_told(people::there(n), &text_of(id));
    if (0..customers).any(|n| told(n).is_some_and(|times| times > 0)) {
        shop.cluster.counts.met("news went out");
    }
    final_checks::settle(&mut shop.cluster).await;
    shop.cluster
}

/// A store of the midst of it, which lacks a sale that gateways know of.
async fn comes_back(shop: &mut Storefront, customers: u64) {
    pass_seconds(3).await;
    let backup = shop.cluster.backup();
    pass_seconds(2).await;
    shop.buy(customers, Target::New).await;
    pass_seconds(60).await;
    shop.restore(backup).await;
    pass_seconds(30).await;
    shop.resolve().await;
}
