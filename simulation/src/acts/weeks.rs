//! A panel that does not answer for weeks, while its customers' terms end and are renewed (P1, P7, P8).

use super::super::cluster::{Cluster, Setting};
use super::super::days::until;
use super::super::final_checks;
use super::super::mutation::Mutation;
use super::super::rng::Rng;
use super::super::storefront::Storefront;
use super::super::time::pass_seconds;
use nebulalinks::model::*;
use nebulalinks_model_panel::Fault;
use nebulalinks_testkit::world::email;

/// Of the panel's customers one is renewed before the end, one after it, and the others leave.
pub(super) async fn without_a_panel(seed: u64, mutation: Mutation) -> Cluster {
    let rng = Rng::new(seed, 10);
    let setting = Setting { term: DurationMs(8 * DAY_MS), ..Setting::default() };
    let mut shop = Storefront::open(seed, mutation, &setting).await;
    let accounts = shop.sell(8).await;
    let server = shop.servers().remove(usize::try_from(seed % 2).unwrap());
    let on = |shop: &Storefront, id: AccountId| {
        shop.cluster.snapshot().bindings(id).any(|binding| binding.server == server)
    };
    let there: Vec<(u64, AccountId)> =
        (0..).zip(accounts).filter(|(_, id)| on(&shop, *id)).collect();
    let [early, late, leaving @ ..] = &there[..] else { panic!("{server} has nobody") };
    let panel = shop.cluster.panels[&server].clone();
    panel.faults().set(Fault::Down);
    let down = shop.cluster.now();
    let after = |days: u64| down + DurationMs(days * DAY_MS + rng.below(DAY_MS / 2));
    until(&shop.cluster, after(4), Some(&server)).await;
    shop.buy(early.0, Target::Renew(early.1)).await;
    // Whoever comes now is served by the other panel, or is told to wait.
    shop.buy(100, Target::New).await;
    pass_seconds(200).await;
    is_said(&shop, &server);
    until(&shop.cluster, after(10), Some(&server)).await;
    shop.buy(late.0, Target::Renew(late.1)).await;
    until(&shop.cluster, after(14), Some(&server)).await;
    shop.cluster.counts.met("a panel was down for weeks");
    shop.cluster.wake();
    panel.faults().clear();
    pass_seconds(61).await;
    final_checks::converged(&shop.cluster, "P8");
    for (_, id) in leaving {
        let on = panel.client(&email(*id)).is_some_and(|client| client.is_on());
        shop.breach_unless(!on, "P8", &format!("{id} is on long after its end"));
    }
    final_checks::settle(&mut shop.cluster).await;
    final_checks::stays(&shop.cluster).await;
    shop.cluster
}

/// The server is said to be unreachable, and of the others nobody suffers for it.
fn is_said(shop: &Storefront, server: &ServerId) {
    let snapshot = shop.cluster.snapshot();
    let status = snapshot.server_status(server);
    let reachable = status.is_some_and(|status| {
        status.conditions.iter().any(|condition| condition.kind == ConditionKind::Ready)
    });
    shop.breach_unless(!reachable, "P1", &format!("{server} is said to be ready"));
    for account in snapshot.accounts() {
        let elsewhere = snapshot.bindings(account.id).any(|binding| binding.server != *server);
        let status = snapshot.account_status(account.id);
        let ready =
            status.is_some_and(|s| s.conditions.iter().any(|c| c.kind == ConditionKind::Ready));
        let what = format!("{} is on another server and not ready", account.id);
        shop.breach_unless(ready || !elsewhere, "P1", &what);
    }
}
