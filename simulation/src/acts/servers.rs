//! Servers that answer and serve nobody, and logins that are refused in passing (P1, P18).

use super::super::cluster::{Cluster, Setting};
use super::super::final_checks;
use super::super::mutation::Mutation;
use super::super::storefront::Storefront;
use super::super::time::pass_seconds;
use nebulalinks::model::*;
use nebulalinks_model_panel::{Fault, PanelVersion};

/// The inbound is switched off; or Xray comes up and goes down again.
pub(super) async fn useless(seed: u64, mutation: Mutation) -> Cluster {
    let mut shop =
        Storefront::open(seed, mutation, &Setting { room: [100, 0], ..Setting::default() }).await;
    shop.sell(2).await;
    let server = shop.servers().remove(0);
    if seed.is_multiple_of(2) {
        shop.cluster.set_useful(&server, true, false);
        pass_seconds(70).await;
        shop.buy(5, Target::New).await;
        pass_seconds(140).await;
        said(&shop, &server);
        shop.cluster.set_useful(&server, true, true);
    } else {
        for turn in 0..9 {
            shop.cluster.set_useful(&server, turn % 2 == 1, true);
            if turn == 3 {
                shop.buy(5, Target::New).await;
            }
            pass_seconds(if turn == 0 { 75 } else { 11 }).await;
        }
        said(&shop, &server);
        shop.cluster.set_useful(&server, true, true);
    }
    pass_seconds(200).await;
    final_checks::settle(&mut shop.cluster).await;
    shop.cluster
}

fn said(shop: &Storefront, server: &ServerId) {
    let snapshot = shop.cluster.snapshot();
    if snapshot.server_status(server).is_some_and(|s| s.outage.is_some()) {
        shop.cluster.counts.met("a server was useless");
    }
    for account in snapshot.accounts() {
        let status = snapshot.account_status(account.id);
        let stalled =
            status.is_some_and(|s| s.conditions.iter().any(|c| c.kind == ConditionKind::Stalled));
        let what = format!("{} is not said to be stalled", account.id);
        shop.breach_unless(stalled, "P18", &what);
    }
}

/// An old panel's database is locked for two minutes, and answers a login as for a wrong password.
pub(super) async fn locked(seed: u64, mutation: Mutation) -> Cluster {
    let versions = [PanelVersion::V2_9_4, PanelVersion::V3_4_2];
    let setting = Setting { room: [100, 0], versions, ..Setting::default() };
    let mut shop = Storefront::open(seed, mutation, &setting).await;
    shop.sell(2).await;
    let panel = shop.cluster.panels.values().next().unwrap().clone();
    let server = shop.servers().remove(0);
    panel.faults().set(Fault::DatabaseLocked);
    panel.replace_secret();
    pass_seconds(120).await;
    let status = shop.cluster.snapshot().server_status(&server).cloned();
    if status.is_some_and(|s| s.conditions.iter().any(|c| c.reason.contains("panel_auth"))) {
        shop.cluster.counts.met("a login was refused");
    }
    panel.faults().clear();
    shop.buy(5, Target::New).await;
    // It is tried again after 1, 5 and 15 min.
    pass_seconds(6 * 60).await;
    final_checks::converged(&shop.cluster, "P1");
    final_checks::settle(&mut shop.cluster).await;
    shop.cluster
}
