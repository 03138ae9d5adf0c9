//! A panel that was set up anew answers as another one: nobody is made there until an operator says that
//! it is the right one (P11).

use super::super::cluster::{Cluster, Setting};
use super::super::final_checks;
use super::super::life::key_ring;
use super::super::mutation::Mutation;
use super::super::process::Process;
use super::super::rng::Rng;
use super::super::storefront::Storefront;
use super::super::time::pass_seconds;
use super::super::wire::Wire;
use nebulalinks::model::*;
use nebulalinks::panel::HttpPanels;
use nebulalinks::ports::{Endpoint, PanelApi as _};
use nebulalinks_testkit::people;
use nebulalinks_testkit::world::email;
use std::sync::Arc;

/// An operator accepts it, it is put back, it is accepted while the process dies, and it comes while a batch
/// for the one before is under way.
pub(super) const KINDS: u64 = 4;
const PUT_BACK: u64 = 1;
const DYING: u64 = 2;
const UNDER_WAY: u64 = 3;

/// What the new panel answers as.
const ANEW: &str = "set-up-anew";
/// P7 gives that long.
const SOON: u64 = 130;

pub(super) async fn set_up_anew(seed: u64, mutation: Mutation) -> Cluster {
    let kind = seed % KINDS;
    let rng = Rng::new(seed, 12);
    let setting =
        Setting { room: [100, 0], term: DurationMs(120 * MINUTE_MS), ..Setting::default() };
    let mut shop = Storefront::open(seed, mutation, &setting).await;
    let mut accounts = shop.sell(8).await;
    let server = shop.servers().remove(0);
    let panel = shop.cluster.panels[&server].clone();
    pass_seconds(70).await;
    let (backup, uuids) = (panel.backup(), uuids(&shop, &accounts));
    if kind == UNDER_WAY {
        while_a_batch_is_under_way(&shop, &server).await;
    } else {
        shop.cluster.set_up_anew(&server, ANEW);
    }
    pass_seconds(rng.below(90)).await;
    for n in 20..22 {
        accounts.push(shop.buy(n, Target::New).await);
    }
    pass_seconds(SOON + rng.below(120)).await;
    let made = panel.clients().iter().filter(|client| client.email.starts_with("nl-")).count();
    shop.breach_unless(made == 0, "P11", &format!("{made} were made on a stranger's panel"));
    is_said(&shop, &server, &accounts);
    let wrong = shop.cluster.submit(people::accept_panel(&server, "somebody-elses")).await;
    shop.breach_unless(
        wrong.is_some_and(|answer| answer.is_err()),
        "P11",
        "a wrong panel is taken",
    );
    match kind {
        PUT_BACK => shop.cluster.restore_panel(&server, &backup),
        DYING => {
            shop.cluster.process.kill();
            shop.cluster.revive().await;
            pass_seconds(5).await;
            shop.cluster.accepts(&server, ANEW).await;
            shop.cluster.process.die_in(u32::try_from(rng.below(40)).unwrap());
            pass_seconds(20).await;
            shop.cluster.revive().await;
        }
        _ => shop.cluster.accepts(&server, ANEW).await,
    }
    pass_seconds(SOON).await;
    for account in &accounts {
        let is_on = panel.client(&email(*account)).is_some_and(|client| client.is_on());
        shop.breach_unless(
            is_on,
            "P7",
            &format!("{account} is off {SOON} s after the panel is right"),
        );
    }
    let same = self::uuids(&shop, &accounts[..8]) == uuids;
    shop.breach_unless(same, "P3", "other credentials came with another panel");
    final_checks::settle(&mut shop.cluster).await;
    final_checks::stays(&shop.cluster).await;
    shop.cluster
}

/// Its own panel was emptied, and what was decided for that waits to be sent when the other one comes.
/// Somebody else lists that one before it is sent.
async fn while_a_batch_is_under_way(shop: &Storefront, server: &ServerId) {
    shop.cluster.is_emptied(server);
    let held = shop.cluster.counts.effects.hold("create");
    held.came().await;
    shop.cluster.set_up_anew(server, ANEW);
    let listed = shop.cluster.somebody_lists(server).await;
    assert_eq!(listed.panel.identity, ANEW);
    held.go_on();
}

fn uuids(shop: &Storefront, accounts: &[AccountId]) -> Vec<Option<(String, String)>> {
    let clients = |id: &AccountId| {
        let mut all = shop.cluster.panels.values().filter_map(|panel| panel.client(&email(*id)));
        all.next().map(|client| (client.uuid, client.sub_id))
    };
    accounts.iter().map(clients).collect()
}

/// Of the server and of each account it is said what is to be done.
fn is_said(shop: &Storefront, server: &ServerId, accounts: &[AccountId]) {
    let snapshot = shop.cluster.snapshot();
    let says = |conditions: Option<&Vec<Condition>>| {
        let mut all = conditions.into_iter().flatten();
        all.any(|c| c.reason.contains(&format!("accept-panel {server} --panel {ANEW}")))
    };
    let of_server = snapshot.server_status(server).map(|status| &status.conditions);
    shop.breach_unless(says(of_server), "P11", &format!("nothing is said of it: {of_server:?}"));
    for id in accounts {
        let status = snapshot.account_status(*id).map(|status| &status.conditions);
        shop.breach_unless(says(status), "P11", &format!("nothing is said to {id}: {status:?}"));
    }
}

impl Cluster {
    /// Somebody installs a server's panel anew, with its old inbounds, and it is another one.
    pub(in super::super) fn set_up_anew(&self, server: &ServerId, identity: &str) {
        self.is_emptied(server);
        self.panels[server].replace_guid(identity);
        self.monitors.swapped(server);
        self.counts.met("a panel was set up anew");
    }

    /// Somebody empties a server's panel.
    fn is_emptied(&self, server: &ServerId) {
        let panel = &self.panels[server];
        for account in self.snapshot().accounts() {
            if panel.client(&email(account.id)).is_some() {
                self.falls(account.id, panel);
            }
        }
        panel.wipe();
    }

    /// Somebody else lists everything on a server's panel, with the controller's keys.
    pub(in super::super) async fn somebody_lists(&self, server: &ServerId) -> Observation {
        let process = Arc::new(Process::new(Arc::clone(&self.time), Arc::clone(&self.counts)));
        let wire = Wire { net: Arc::clone(&self.net), process: Arc::clone(&process) };
        let panels = HttpPanels::over(key_ring(), process, Arc::new(wire));
        let named = &self.catalog.servers[server];
        let to = Endpoint {
            server: server.clone(),
            gateway: named.gateway.clone(),
            keys: named.keys.clone(),
            shop: self.catalog.shop.id.clone(),
        };
        panels.list(&to).await.unwrap()
    }

    /// An operator says that it is the right one, again until that is taken.
    pub(in super::super) async fn accepts(&self, server: &ServerId, identity: &str) {
        for _ in 0..20 {
            match self.submit(people::accept_panel(server, identity)).await {
                Some(Ok(_)) => return,
                _ => pass_seconds(5).await,
            }
        }
    }
}
