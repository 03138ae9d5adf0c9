//! Operators who edit the files badly, and restart the process while they are bad (P10).

use super::super::cluster::{Cluster, Setting};
use super::super::final_checks;
use super::super::folder::Edit;
use super::super::mutation::Mutation;
use super::super::rng::Rng;
use super::super::storefront::Storefront;
use super::super::time::pass_seconds;
use nebulalinks::catalog::{DesiredFile, Files, Source};
use nebulalinks::model::*;
use nebulalinks_testkit::world::email;

/// What is wrong with the files, by the seed.
pub(super) const KINDS: u64 = 8;

/// Files of which the first two are cut, emptied and so on.
const LISTS: [DesiredFile; 2] = [DesiredFile::Servers, DesiredFile::Plans];

/// A bad edit, a restart meanwhile, and the edit is mended.
pub(super) async fn edited_badly(seed: u64, mutation: Mutation) -> Cluster {
    let rng = Rng::new(seed, 13);
    let setting = Setting {
        files: true,
        own_rule: [false; 2],
        term: DurationMs(60 * MINUTE_MS),
        ..Setting::default()
    };
    let mut shop = Storefront::open(seed, mutation, &setting).await;
    let accounts = shop.sell(6).await;
    let good = shop.cluster.folder().files();
    let (bad, edit) = bad_edit(&shop, seed % KINDS, &rng);
    shop.cluster.folder().edit(bad, edit);
    shop.cluster.counts.met("the files were bad");
    pass_seconds(20).await;
    for restart in [true, false] {
        hands(&shop, &accounts);
        if edit == Edit::Bad {
            sells(&mut shop, 20 + u64::from(restart), &accounts).await;
        }
        pass_seconds(130).await;
        let what = if restart { "before the restart" } else { "after it" };
        final_checks::converged(&shop.cluster, "P10");
        for account in &accounts {
            let client = shop.cluster.monitors.client(&shop.cluster.snapshot(), *account);
            let is_on = client.is_some_and(|client| client.is_on());
            shop.breach_unless(is_on, "P10", &format!("{account} is off {what}"));
        }
        if restart {
            shop.cluster.process.kill();
            pass_seconds(1).await;
            shop.cluster.revive().await;
        }
    }
    shop.cluster.folder().edit(good, Edit::Good);
    pass_seconds(10).await;
    shop.buy(30, Target::New).await;
    final_checks::settle(&mut shop.cluster).await;
    shop.cluster
}

/// The shop goes on by the last good files.
async fn sells(shop: &mut Storefront, customer: u64, accounts: &[AccountId]) {
    if let Err(why) = shop.try_order(customer, Target::New).await {
        return shop.breach_unless(false, "P10", &format!("nothing is sold: {why:?}"));
    }
    let new = shop.buy(customer, Target::New).await;
    shop.renew(&accounts[..2]).await;
    let client = shop.cluster.monitors.client(&shop.cluster.snapshot(), new);
    let is_on = client.is_some_and(|client| client.is_on());
    shop.breach_unless(is_on, "P10", "what is sold is not served");
}

/// One client on each panel is switched off by hand: it is put right by the files in force.
fn hands(shop: &Storefront, accounts: &[AccountId]) {
    for panel in shop.cluster.panels.values() {
        let one =
            accounts.iter().map(|account| email(*account)).find(|e| panel.client(e).is_some());
        if let Some(one) = one {
            panel.disable_by_hand(&one);
        }
    }
}

fn bad_edit(shop: &Storefront, kind: u64, rng: &Rng) -> (Files, Edit) {
    let folder = shop.cluster.folder();
    let mut files = folder.files();
    let file = LISTS[usize::try_from(rng.below(2)).unwrap()];
    let text = folder.text(file);
    let (servers, plans) = (folder.text(DesiredFile::Servers), folder.text(DesiredFile::Plans));
    match kind {
        0 => files.set(file, Source::from_bytes(Vec::new())),
        1 => files.set(file, Source::Missing),
        2 => {
            let at = usize::try_from(rng.below(text.len() as u64)).unwrap();
            files.set(file, Source::from_bytes(text.as_bytes()[..at].to_vec()));
            return (files, Edit::Either);
        }
        3 => {
            let list = text.split(':').next().unwrap_or_default();
            files.set(file, Source::Text(format!("{}:\n", list.trim())));
        }
        4 => {
            files.set(DesiredFile::Servers, Source::Text(servers.replace("id: ams-1", "id: fra-1")))
        }
        5 => files.set(file, Source::Text(text.replace("- {", "- {{"))),
        6 => DesiredFile::ALL.iter().for_each(|file| files.set(*file, Source::Missing)),
        // Half a checkout: a plan and a server that are in use are gone at once.
        _ => {
            let at = servers.find("  - {id: ams-1").unwrap();
            files.set(DesiredFile::Servers, Source::Text(servers[..at].to_owned()));
            let renamed = plans.replace("id: basic-30", "id: basic-31");
            files.set(DesiredFile::Plans, Source::Text(renamed));
            return (files, Edit::Either);
        }
    }
    (files, Edit::Bad)
}
