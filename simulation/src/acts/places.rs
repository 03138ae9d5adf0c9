//! Customers who come, stay, leave and come back, and a few who only send pictures (P20).

use super::super::cluster::{Cluster, Setting};
use super::super::mutation::Mutation;
use super::super::rng::Rng;
use super::super::storefront::Storefront;
use super::super::time::pass_seconds;
use nebulalinks::model::*;
use nebulalinks_testkit::people;

const CUSTOMERS: u64 = 7;

/// A month is a few minutes here: dozens of them, with three places in all.
pub(super) async fn years(seed: u64, mutation: Mutation) -> Cluster {
    let rng = Rng::new(seed, 10);
    let setting = Setting {
        term: DurationMs(4 * MINUTE_MS),
        pay_within: DurationMs(2 * MINUTE_MS),
        review_within: DurationMs(3 * MINUTE_MS),
        tombstones: DurationMs(3 * MINUTE_MS),
        room: [2, 1],
        ..Setting::default()
    };
    let mut shop = Storefront::open(seed, mutation, &setting).await;
    for _ in 0..45 {
        one(&mut shop, &rng).await;
        pass_seconds(5 + rng.below(50)).await;
    }
    everybody_leaves(&mut shop).await;
    shop.cluster
}

fn an_order(shop: &Storefront, rng: &Rng, states: &[OrderState]) -> Option<Order> {
    let (snapshot, now) = (shop.cluster.snapshot(), shop.cluster.now());
    let all: Vec<_> = snapshot.orders().filter(|o| states.contains(&o.state(now))).collect();
    let n = usize::try_from(rng.below(all.len() as u64)).unwrap();
    all.get(n).map(|order| (*order).clone())
}

fn who(shop: &Storefront, order: &Order) -> u64 {
    people::number(&shop.cluster.snapshot(), order.customer)
}

async fn one(shop: &mut Storefront, rng: &Rng) {
    use OrderState::{AwaitingPayment, AwaitingReview, Cancelled, Expired};
    match rng.below(10) {
        0..=2 => {
            let who = rng.below(CUSTOMERS);
            let snapshot = shop.cluster.snapshot();
            let own = people::accounts_of(&snapshot, who).next().map(|a| a.id);
            let target = own.filter(|_| !rng.once_in(4)).map_or(Target::New, Target::Renew);
            if shop.try_order(who, target).await.is_err() {
                shop.cluster.counts.met("there was no room");
            }
        }
        3..=5 => {
            let states: &[_] =
                if rng.once_in(4) { &[Cancelled, Expired] } else { &[AwaitingPayment] };
            if let Some(order) = an_order(shop, rng, states) {
                shop.pay(who(shop, &order), order.id).await;
            }
        }
        // Junk: one picture more, and one more.
        6 => {
            if let Some(order) = an_order(shop, rng, &[AwaitingReview]) {
                for _ in 0..2 {
                    shop.cluster.counts.met("one more picture");
                    shop.pay(who(shop, &order), order.id).await;
                    pass_seconds(20).await;
                }
            }
        }
        7..=8 => {
            if let Some(order) = an_order(shop, rng, &[AwaitingReview]) {
                if !order.keeps_place(shop.cluster.now()) && order.target == Target::New {
                    shop.cluster.counts.met("an approval came when its place had lapsed");
                }
                shop.approve(order.id).await;
            }
        }
        _ => pass_seconds(120).await,
    }
}

/// When all have ended, and their tombstones are old enough, every place is free and can be sold.
async fn everybody_leaves(shop: &mut Storefront) {
    let setting = shop.cluster.catalog.clone();
    let orders = setting.shop.orders.review_within.0 / 1_000;
    let (term, tombstones) = (240, setting.shop.retention.tombstones.0 / 1_000);
    // Whoever waits in line is served when somebody's place is free, and leaves in turn.
    for _ in 0..7 {
        pass_seconds(orders.max(term + tombstones) + 60).await;
        if shop.cluster.snapshot().accounts().all(|a| is_gone(shop, a.id)) {
            break;
        }
    }
    let snapshot = shop.cluster.snapshot();
    for account in snapshot.accounts() {
        if !is_gone(shop, account.id) {
            let status = snapshot.account_status(account.id);
            let bindings: Vec<_> = snapshot.bindings(account.id).collect();
            let what = format!("{} keeps its place: {status:?} {bindings:?}", account.id);
            shop.cluster.monitors.breach("P20", &what);
        }
    }
    let held = shop.held();
    shop.breach_unless(held.is_empty(), "P20", &format!("clients were left behind: {held:?}"));
    for n in 0..3 {
        match shop.try_order(200 + n, Target::New).await {
            Ok(_) => shop.cluster.counts.met("a place came back"),
            Err(why) => shop.cluster.monitors.breach("P20", &format!("not sold again: {why:?}")),
        }
    }
    let more = shop.try_order(210, Target::New).await;
    shop.breach_unless(more.is_err(), "P20", "a fourth place of three was sold");
}

fn is_gone(shop: &Storefront, account: AccountId) -> bool {
    shop.cluster.snapshot().bindings(account).next().is_none()
        && Entitlement::of(&shop.cluster.snapshot(), account)
            .is_none_or(|e| e.standing(shop.cluster.now()) == Standing::Expired)
}
