//! One fault, at each kind of effect: create, extend, enable, shorten, disable, delete.

use super::super::cluster::{Cluster, Setting};
use super::super::effects::{EFFECT_FAULTS, EFFECTS, EffectFault};
use super::super::final_checks;
use super::super::mutation::Mutation;
use super::super::storefront::Storefront;
use super::super::time::pass_seconds;
use nebulalinks::model::*;
use nebulalinks_testkit::world::email;

/// One fault a seed.
pub(super) const KINDS: u64 = EFFECT_FAULTS.len() as u64;

/// Each kind of effect happens once, and meets the fault.
pub(super) async fn each(seed: u64, mutation: Mutation) -> Cluster {
    let setting = Setting {
        room: [0, 100],
        own_rule: [false; 2],
        term: DurationMs(30 * MINUTE_MS),
        tombstones: DurationMs(4 * MINUTE_MS),
        ..Setting::default()
    };
    let mut shop = Storefront::open(seed, mutation, &setting).await;
    let fault = EFFECT_FAULTS[usize::try_from(seed % KINDS).unwrap()];
    // Its end is met, and later its tombstone.
    let leaving = shop.buy(1, Target::New).await;
    pass_seconds(5).await;
    arm(&shop, fault, "create");
    let account = shop.buy(0, Target::New).await;
    met(&mut shop, fault, "create").await;
    arm(&shop, fault, "extend");
    shop.buy(0, Target::Renew(account)).await;
    met(&mut shop, fault, "extend").await;
    let panel = shop.cluster.panels.values().nth(1).unwrap().clone();
    arm(&shop, fault, "enable");
    panel.disable_by_hand(&email(account));
    met(&mut shop, fault, "enable").await;
    arm(&shop, fault, "shorten");
    let day = i64::try_from(DAY_MS).unwrap();
    let _ = panel.edit_by_hand(&email(account), |client| client.expiry_time += day);
    met(&mut shop, fault, "shorten").await;
    let end = Entitlement::of(&shop.cluster.snapshot(), leaving).unwrap().ends_at;
    shop.cluster.time.until(end - DurationMs(5 * SECOND_MS)).await;
    arm(&shop, fault, "disable");
    met(&mut shop, fault, "disable").await;
    arm(&shop, fault, "delete");
    met(&mut shop, fault, "delete").await;
    final_checks::settle(&mut shop.cluster).await;
    let gone = panel.client(&email(leaving)).is_none();
    shop.breach_unless(gone, "P1", "who left is still on the panel");
    for effect in EFFECTS {
        let met = shop.cluster.counts.effects.has_met(fault, effect);
        assert!(met, "{} never met {effect}", fault.name());
    }
    shop.cluster.counts.met("a fault met each kind of effect");
    shop.cluster
}

fn arm(shop: &Storefront, fault: EffectFault, effect: &'static str) {
    shop.cluster.counts.effects.arm(fault, effect);
}

/// The effect comes within five minutes, meets the fault, and then all goes on.
async fn met(shop: &mut Storefront, fault: EffectFault, effect: &'static str) {
    for _ in 0..60 {
        if !shop.cluster.counts.effects.is_armed() {
            break;
        }
        pass_seconds(5).await;
    }
    assert!(shop.cluster.counts.effects.has_met(fault, effect), "no {effect} for {}", fault.name());
    pass_seconds(1).await;
    shop.cluster.revive().await;
    pass_seconds(125).await;
}
