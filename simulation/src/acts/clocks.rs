//! Clocks that are wrong (P17).

use super::super::cluster::{Cluster, Setting};
use super::super::final_checks;
use super::super::mutation::Mutation;
use super::super::storefront::Storefront;
use super::super::time::{Party, pass_seconds};
use nebulalinks::intent::Reply;
use nebulalinks::model::*;
use nebulalinks_testkit::people;

const FAR: i64 = 400 * 86_400_000;

/// Ours alone, ahead or behind, while people order, pay, and are approved.
pub(super) async fn the_controllers(seed: u64, mutation: Mutation) -> Cluster {
    let mut shop = Storefront::open(seed, mutation, &Setting::default()).await;
    let accounts = shop.sell(5).await;
    let waiting = shop.order(20, Target::New).await;
    assert!(shop.pay(20, waiting).await);
    let unpaid = shop.order(21, Target::New).await;
    let off = if seed.is_multiple_of(2) { FAR } else { -7_200_000 };
    shop.cluster.set_off(Party::Controller, off);
    shop.approve(waiting).await;
    // What is refused now is asked again later; a proof is kept.
    let _ = shop.try_order(22, Target::Renew(accounts[0])).await;
    let taken = shop.pay(21, unpaid).await;
    shop.breach_unless(taken, "P17", "a proof was not kept");
    pass_seconds(150).await;
    shop.approve(unpaid).await;
    pass_seconds(30).await;
    shop.cluster.time.set_off(Party::Controller, 0);
    pass_seconds(45).await;
    for order in [waiting, unpaid] {
        let approved = shop.cluster.submit(people::approve(order)).await;
        let fine = matches!(approved, Some(Ok(Reply::Approved(..) | Reply::AlreadyDone(..))));
        shop.breach_unless(fine, "P17", "a doubt did not end when the clock was right");
    }
    final_checks::settle(&mut shop.cluster).await;
    shop.cluster
}

/// Every host is ahead. While Discord speaks nothing is taken from anybody; when it is silent
/// nobody can know.
pub(super) async fn every_servers(seed: u64, mutation: Mutation) -> Cluster {
    let setting = Setting { room: [0, 100], own_rule: [false; 2], ..Setting::default() };
    let mut shop = Storefront::open(seed, mutation, &setting).await;
    shop.sell(9).await;
    let time = std::sync::Arc::clone(&shop.cluster.time);
    time.silence(seed.is_multiple_of(2));
    let servers = shop.servers().into_iter().map(Party::Server);
    let all: Vec<Party> = servers.chain([Party::Controller]).collect();
    for party in &all {
        time.set_off(party.clone(), FAR);
    }
    shop.cluster.counts.met("every host was ahead");
    pass_seconds(300).await;
    for party in all {
        time.set_off(party, 0);
    }
    time.silence(false);
    final_checks::settle(&mut shop.cluster).await;
    shop.cluster
}

/// Every machine sleeps while all terms end.
pub(super) async fn asleep(seed: u64, mutation: Mutation) -> Cluster {
    let setting = Setting { own_rule: [false; 2], ..Setting::default() };
    let mut shop = Storefront::open(seed, mutation, &setting).await;
    shop.sell(8).await;
    pass_seconds(30).await;
    shop.cluster.sleeps(40 * MINUTE_MS);
    // Discord tells the time each 20 s here, and P8 gives a minute from there.
    pass_seconds(81).await;
    let on = shop.held().values().filter(|(_, _, on)| *on).count();
    shop.breach_unless(on == 0, "P8", &format!("{on} are on a minute after the sleep"));
    final_checks::settle(&mut shop.cluster).await;
    shop.cluster
}

/// One server's: two minutes behind, which its gateway takes, or an hour ahead.
pub(super) async fn one_servers(seed: u64, mutation: Mutation) -> Cluster {
    let setting = Setting { own_rule: [false; 2], ..Setting::default() };
    let mut shop = Storefront::open(seed, mutation, &setting).await;
    let accounts = shop.sell(6).await;
    let server = shop.servers().remove(0);
    let off = if seed.is_multiple_of(2) { -120_000 } else { 3_600_000 };
    shop.cluster.time.set_off(Party::Server(server.clone()), off);
    pass_seconds(150).await;
    let panel = shop.cluster.panels[&server].clone();
    for account in &accounts {
        panel.disable_by_hand(&nebulalinks_testkit::world::email(*account));
    }
    pass_seconds(150).await;
    let said = shop
        .cluster
        .snapshot()
        .server_status(&server)
        .is_some_and(|s| s.conditions.iter().any(|c| c.kind == ConditionKind::Unreachable));
    if said {
        shop.cluster.counts.met("a server's clock was off");
    }
    // The other one goes on.
    let new = shop.buy(30, Target::New).await;
    pass_seconds(20).await;
    let other =
        shop.cluster.monitors.client(&shop.cluster.snapshot(), new).is_some_and(|c| c.is_on());
    shop.breach_unless(other, "P17", "one odd clock stopped another server");
    final_checks::settle(&mut shop.cluster).await;
    shop.cluster
}
