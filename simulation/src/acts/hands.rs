//! Hands on a panel, on many clients at once; and lists that prove nothing (P7, P11).

use super::super::cluster::{Cluster, Setting};
use super::super::final_checks;
use super::super::mutation::Mutation;
use super::super::rng::Rng;
use super::super::storefront::Storefront;
use super::super::time::pass_seconds;
use nebulalinks::model::*;
use nebulalinks_model_panel::{ClientSnapshot, ModelPanel};
use nebulalinks_testkit::world::email;

/// What is done, by the seed.
pub(super) const KINDS: u64 = 4;

const CUSTOMERS: u64 = 12;
/// P7 gives that long, and P11 no more to anything that is given.
const SOON: u64 = 130;

/// All clients at once: their ends put off, or they are deleted and disabled, or the panel comes back
/// without them.
pub(super) async fn en_masse(seed: u64, mutation: Mutation) -> Cluster {
    let setting = Setting {
        room: [0, 100],
        own_rule: [false; 2],
        term: DurationMs(120 * MINUTE_MS),
        ..Setting::default()
    };
    let mut shop = Storefront::open(seed, mutation, &setting).await;
    let empty = shop.cluster.panels.values().nth(1).unwrap().backup();
    let accounts = shop.sell(CUSTOMERS).await;
    let server = shop.servers().remove(1);
    let panel = shop.cluster.panels[&server].clone();
    let rng = Rng::new(seed, 12);
    match seed % KINDS {
        0 => put_off(&mut shop, &server, &panel, &accounts).await,
        1 => {
            let inbound = panel.inbound_named("vless-reality").unwrap();
            panel.break_inbound(inbound, true);
            shop.cluster.counts.met("a list was partial");
            pass_seconds(100 + rng.below(100)).await;
            panel.break_inbound(inbound, false);
            for account in &accounts {
                if rng.once_in(3) {
                    panel.disable_by_hand(&email(*account));
                } else {
                    shop.cluster.counter_falls(*account, &panel);
                    panel.delete_by_hand(&email(*account));
                }
            }
            pass_seconds(SOON).await;
            shop.cluster.counts.met("many were edited by hand at once");
        }
        2 => {
            // The first list after a sleep is of a moment that nobody knows.
            for account in &accounts {
                shop.cluster.counter_falls(*account, &panel);
                panel.delete_by_hand(&email(*account));
            }
            shop.cluster.sleeps(8 * MINUTE_MS);
            pass_seconds(SOON).await;
            shop.cluster.counts.met("many were edited by hand at once");
        }
        _ => {
            let full = panel.backup();
            shop.cluster.restore_panel(&server, &empty);
            // For one list, which proves nothing; and then for good.
            pass_seconds(40 + rng.below(25)).await;
            panel.restore(&full);
            pass_seconds(70).await;
            shop.cluster.restore_panel(&server, &empty);
            pass_seconds(SOON).await;
            shop.cluster.counts.met("many were edited by hand at once");
        }
    }
    for account in &accounts {
        let is_on = panel.client(&email(*account)).is_some_and(|c| c.is_on());
        shop.breach_unless(is_on, "P7", &format!("{account} is off after {SOON} s"));
    }
    final_checks::settle(&mut shop.cluster).await;
    shop.cluster
}

/// More than the budget is to be taken, and the rest is held. What is given meanwhile does not wait.
async fn put_off(
    shop: &mut Storefront,
    server: &ServerId,
    panel: &ModelPanel,
    accounts: &[AccountId],
) {
    let day = i64::try_from(DAY_MS).unwrap();
    for account in accounts {
        let _ = panel.edit_by_hand(&email(*account), |client| client.expiry_time += day);
    }
    pass_seconds(SOON).await;
    let Some(held) = held(shop, server) else {
        shop.breach_unless(false, "P11", "nothing is held");
        return;
    };
    shop.cluster.counts.met("many were edited by hand at once");
    let waiting: Vec<AccountId> = held.items.iter().map(|item| item.account).collect();
    let (disabled, capped, deleted) = (waiting[0], waiting[1], waiting[2]);
    panel.disable_by_hand(&email(disabled));
    let _ = panel.edit_by_hand(&email(capped), |client| client.total_gb = 1 << 20);
    shop.cluster.counter_falls(deleted, panel);
    panel.delete_by_hand(&email(deleted));
    let new = shop.buy(40, Target::New).await;
    let soon = |what: &str, account: AccountId, is: fn(&ClientSnapshot) -> bool| {
        let client = panel.client(&email(account));
        let given = client.as_ref().is_some_and(is);
        shop.breach_unless(given, "P11", &format!("{what} {account} waits for a hold: {client:?}"));
    };
    pass_seconds(10).await;
    soon("the create of", new, ClientSnapshot::is_on);
    pass_seconds(SOON).await;
    soon("the enable of", disabled, ClientSnapshot::is_on);
    soon("the refill of", deleted, ClientSnapshot::is_on);
    soon("the extension of", capped, |client| client.total > 1 << 20);
    confirm(shop, server).await;
    for account in accounts {
        let end = Entitlement::of(&shop.cluster.snapshot(), *account).unwrap().ends_at;
        let held = panel.client(&email(*account)).map(|client| client.expiry_ms);
        let agrees = held == i64::try_from(end.0).ok();
        shop.breach_unless(agrees, "P11", &format!("{account} was confirmed, and has {held:?}"));
    }
}

fn held(shop: &Storefront, server: &ServerId) -> Option<HeldChanges> {
    shop.cluster.snapshot().server_status(server)?.held.clone()
}

/// An operator looks at what is held, and confirms it in the file.
async fn confirm(shop: &Storefront, server: &ServerId) {
    let Some(held) = held(shop, server) else {
        return shop.breach_unless(false, "P11", "nothing is held any more");
    };
    shop.cluster.monitors.confirmed(server, &held);
    shop.cluster.publish(|catalog| {
        catalog.servers.get_mut(server).unwrap().confirm = Some(held.fingerprint.clone());
    });
    pass_seconds(SOON).await;
}
