//! Inbounds that somebody renames, doubles or breaks: nobody loses anything by it (P7, P11).

use super::super::cluster::{Cluster, Setting};
use super::super::final_checks;
use super::super::mutation::Mutation;
use super::super::storefront::Storefront;
use super::super::time::pass_seconds;
use nebulalinks::model::*;
use nebulalinks_model_panel::InboundSeed;
use nebulalinks_testkit::world::email;

/// What happens to them, by the seed.
pub(super) const KINDS: u64 = 3;

const NAME: &str = "vless-reality";

/// Ours is renamed, or a second one gets its name, or somebody else's cannot be read.
pub(super) async fn changed(seed: u64, mutation: Mutation) -> Cluster {
    let setting =
        Setting { room: [0, 100], term: DurationMs(60 * MINUTE_MS), ..Setting::default() };
    let mut shop = Storefront::open(seed, mutation, &setting).await;
    let accounts = shop.sell(4).await;
    let panel = shop.cluster.panels.values().nth(1).unwrap().clone();
    let ours = panel.inbound_named(NAME).unwrap();
    let other = match seed % KINDS {
        0 => {
            panel.rename_inbound(ours, "renamed");
            None
        }
        1 => Some(panel.add_inbound(&InboundSeed::vless_reality(NAME, 9_443))),
        _ => {
            let other = panel.add_inbound(&InboundSeed::vless_ws("somebody-elses", 9_443));
            panel.break_inbound(other, true);
            Some(other)
        }
    };
    shop.cluster.counts.met("inbounds were changed by hand");
    pass_seconds(100).await;
    panel.disable_by_hand(&email(accounts[0]));
    shop.buy(9, Target::New).await;
    pass_seconds(150).await;
    for account in &accounts[1..] {
        let is_on = panel.client(&email(*account)).is_some_and(|client| client.is_on());
        shop.breach_unless(is_on, "P7", &format!("{account} is off for an inbound's sake"));
    }
    panel.rename_inbound(ours, NAME);
    if let Some(other) = other {
        panel.rename_inbound(other, "somebody-elses");
        panel.break_inbound(other, false);
    }
    pass_seconds(70).await;
    final_checks::settle(&mut shop.cluster).await;
    shop.cluster
}
