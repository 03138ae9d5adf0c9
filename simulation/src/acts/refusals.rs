//! Discord refuses one place for good: it is said, all else goes on, and nobody hammers at it (P18).

use super::super::cluster::{Cluster, Setting};
use super::super::days::until;
use super::super::final_checks;
use super::super::mutation::Mutation;
use super::super::storefront::Storefront;
use super::super::time::pass_seconds;
use nebulalinks::model::*;
use nebulalinks_testkit::people;

/// The shop's door, the review cards or the orders' threads, by the seed.
pub(super) const KINDS: u64 = 3;
/// A refused surface is tried again every 4 min, and at once when what it shows changes.
const TRIES_AN_HOUR: u64 = 20;

/// The bot loses its permissions in one channel, and has them again ten days later.
pub(super) async fn for_good(seed: u64, mutation: Mutation) -> Cluster {
    let setting = Setting { term: DurationMs(30 * DAY_MS), ..Setting::default() };
    let mut shop = Storefront::open(seed, mutation, &setting).await;
    let accounts = shop.sell(2).await;
    let channels = shop.cluster.catalog.shop.channels.clone();
    let places = [channels.store, channels.review, channels.orders];
    let channel = places[usize::try_from(seed % KINDS).unwrap()];
    shop.cluster.discord.forbid(channel);
    // The door has something new to show.
    shop.cluster.publish(|catalog| {
        let names = catalog.plans.iter_mut().flat_map(|plan| plan.name.0.values_mut());
        names.for_each(|name| name.push_str(" plus"));
    });
    lives_on(&mut shop, 10, accounts[0]).await;
    let waiting = shop.order(20, Target::New).await;
    assert!(shop.pay(20, waiting).await, "the proof was not taken");
    pass_seconds(300).await;
    let refused = match seed % KINDS {
        0 => SurfaceKey::StorePanel,
        1 => SurfaceKey::ReviewCard(waiting),
        _ => SurfaceKey::OrderThread(waiting),
    };
    is_said(&shop, refused);
    is_not_hammered_at(&shop, channel).await;
    let later = shop.cluster.now() + DurationMs(2 * DAY_MS);
    until(&shop.cluster, later, None).await;
    shop.cluster.wake();
    lives_on(&mut shop, 11, accounts[1]).await;
    is_said(&shop, refused);
    shop.cluster.counts.met("a surface was refused for good");
    shop.cluster.discord.permit();
    pass_seconds(300).await;
    let state = shop.cluster.snapshot().surface(refused).map(Surface::state);
    let what = format!("{refused} is {state:?} five minutes after it is permitted");
    shop.breach_unless(state == Some(SurfaceState::Shown), "P18", &what);
    final_checks::delivered(&shop.cluster);
    final_checks::settle(&mut shop.cluster).await;
    shop.cluster
}

/// A customer comes and one renews; both are served as if nothing were.
async fn lives_on(shop: &mut Storefront, n: u64, account: AccountId) {
    let new = shop.buy(n, Target::New).await;
    let snapshot = shop.cluster.snapshot();
    let owner = people::number(&snapshot, snapshot.account(account).unwrap().customer);
    shop.buy(owner, Target::Renew(account)).await;
    pass_seconds(121).await;
    final_checks::converged(&shop.cluster, "P1");
    let told = shop.cluster.snapshot().delivery(new).is_some();
    shop.breach_unless(told, "P18", &format!("{new} was approved and not told"));
}

/// P18: what staff or customers cannot see is said, for whoever watches the metrics.
fn is_said(shop: &Storefront, key: SurfaceKey) {
    let state = shop.cluster.snapshot().surface(key).map(Surface::state);
    let what = format!("{key} is {state:?}, and Discord refuses it");
    shop.breach_unless(state == Some(SurfaceState::Refused), "P18", &what);
}

async fn is_not_hammered_at(shop: &Storefront, channel: u64) {
    let before = shop.cluster.discord.refusals(channel);
    pass_seconds(3_600).await;
    let tries = shop.cluster.discord.refusals(channel) - before;
    let snapshot = shop.cluster.snapshot();
    let refused = snapshot.surfaces().filter(|s| s.state() == SurfaceState::Refused);
    let refused = refused.count() as u64;
    let what = format!("Discord refused {refused} surfaces {tries} times in an hour");
    shop.breach_unless(tries <= TRIES_AN_HOUR * refused.max(1), "P18", &what);
}
