//! An operator gives clients back (P9): each goes on as it is under a plain name, whatever comes between.

use super::super::cluster::{Cluster, Setting};
use super::super::effects::{GOES_ASTRAY, ROUND_A_CALL};
use super::super::final_checks;
use super::super::mutation::Mutation;
use super::super::storefront::Storefront;
use super::super::time::pass_seconds;
use nebulalinks::intent::{Rejection, Reply};
use nebulalinks::model::*;
use nebulalinks_model_panel::{InboundSeed, PanelVersion};
use nebulalinks_testkit::people;

/// The process dies between the record and the new name; the request or its answer goes astray; the inbounds
/// are called otherwise by the time of the update; and the panel comes back as it was before.
pub(super) const KINDS: u64 = 4;
const DYING: u64 = 0;
const ASTRAY: u64 = 1;
const RENAMED: u64 = 2;

pub(super) async fn of_clients(seed: u64, mutation: Mutation) -> Cluster {
    let (kind, way) = (seed % KINDS, usize::try_from(seed / KINDS).unwrap());
    let version = if way % 3 == 1 { PanelVersion::V2_9_4 } else { PanelVersion::Head };
    let setting = Setting {
        room: [100, 0],
        term: DurationMs(120 * MINUTE_MS),
        versions: [version, PanelVersion::V3_4_2],
        ..Setting::default()
    };
    let mut shop = Storefront::open(seed, mutation, &setting).await;
    let accounts = shop.sell(4).await;
    let server = shop.servers().remove(0);
    let panel = shop.cluster.panels[&server].clone();
    let old = panel.backup();
    pass_seconds(70).await;
    match kind {
        DYING => shop.cluster.process.die_at(ROUND_A_CALL[way % ROUND_A_CALL.len()]),
        ASTRAY => shop.cluster.counts.effects.arm(GOES_ASTRAY[way % GOES_ASTRAY.len()], "release"),
        _ => {}
    }
    let held = (kind == RENAMED).then(|| shop.cluster.counts.effects.hold("release"));
    let mut given = Vec::new();
    for account in accounts.iter().take(3) {
        given.push(released(&mut shop, *account).await);
    }
    shop.cluster.counts.met("clients were given back");
    if let Some(held) = held {
        held.came().await;
        // Somebody names another inbound by the number of theirs.
        let theirs = panel.inbound_named("vless-reality").unwrap();
        let seed = InboundSeed::vless_reality(&theirs.to_string(), 9_443);
        panel.add_inbound(&seed);
        held.go_on();
    }
    for _ in 0..40 {
        pass_seconds(1).await;
        shop.cluster.revive().await;
    }
    shop.breach_unless(given.iter().all(|given| *given), "P9", "nobody answered a release");
    if kind > RENAMED {
        shop.cluster.restore_panel(&server, &old);
    }
    final_checks::settle(&mut shop.cluster).await;
    final_checks::stays(&shop.cluster).await;
    shop.cluster
}

/// Asks until somebody answers.
async fn released(shop: &mut Storefront, account: AccountId) -> bool {
    for _ in 0..20 {
        match shop.cluster.submit(people::release(account)).await {
            Some(Ok(Reply::Released(_) | Reply::Unchanged(_))) => return true,
            // The process died meanwhile.
            Some(Err(Rejection::StoreUnavailable)) | None => shop.cluster.revive().await,
            Some(other) => panic!("{other:?}"),
        }
        pass_seconds(1).await;
    }
    false
}
