//! Traffic beyond an allowance, and enables that are refused (P4, P6, P14).

use super::super::bug::Bug;
use super::super::chance::Chance;
use super::super::ends;
use super::super::selling::Shop;
use super::super::time::pass_seconds;
use super::super::town::{Setting, Town};
use nebulalinks::model::*;
use nebulalinks_model_panel::{Fault, Scope};

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

/// On the second server, which has no rule of its own, so that it lets through what it is given.
fn without_a_rule() -> Setting {
    Setting { room: [0, 100], term: DurationMs(50 * MINUTE_MS), ..Setting::default() }
}

/// Xray lets more through than was bought; the renewal's enable is lost on the way, or its answer.
pub(super) async fn overrun(seed: u64, bug: Bug) -> Town {
    let chance = Chance::new(seed, 11);
    let mut shop = Shop::open(seed, bug, &without_a_rule()).await;
    let accounts = shop.sell(2).await;
    let panel = shop.town.panels.values().nth(1).unwrap().clone();
    for _ in 0..2 {
        for bytes in [30 * GIB, 19 * GIB] {
            shop.town.traffic(accounts[0], &panel, bytes + chance.below(GIB));
            pass_seconds(70).await;
        }
        shop.town.traffic(accounts[0], &panel, 2 * GIB + chance.below(8 * MIB));
        shop.town.counts.met("traffic flowed beyond a cap");
        pass_seconds(5 + chance.below(90)).await;
        let lost = if chance.once_in(2) { Fault::DropAfterCommit } else { Fault::DropBeforeCommit };
        panel.faults().set_for(lost, Scope::writes(), Some(1));
        shop.buy(0, Target::Renew(accounts[0])).await;
        for _ in 0..4 {
            pass_seconds(1 + chance.below(60)).await;
            shop.town.traffic(accounts[0], &panel, 300 * MIB);
        }
        shop.town.traffic(accounts[1], &panel, GIB);
        pass_seconds(100).await;
    }
    shop.town.eyes.check_forgiven(&shop.town.snapshot());
    ends::settle(&mut shop.town).await;
    shop.town
}

/// A panel says no to everything new, for less than a term in one town and for more in another.
pub(super) async fn refused(seed: u64, bug: Bug) -> Town {
    let setting = Setting { term: DurationMs(20 * MINUTE_MS), ..without_a_rule() };
    let mut shop = Shop::open(seed, bug, &setting).await;
    shop.sell(1).await;
    let panel = shop.town.panels.values().nth(1).unwrap().clone();
    panel.faults().set_for(Fault::Refused("no".to_owned()), Scope::writes(), None);
    let account = shop.buy(7, Target::New).await;
    let minutes = if seed.is_multiple_of(2) { 24 } else { 40 };
    pass_seconds(minutes * 60).await;
    panel.faults().clear();
    pass_seconds(130).await;
    let snapshot = shop.town.snapshot();
    let made_up = snapshot.terms(account).filter(|t| !t.sets_service()).count();
    if made_up > 0 {
        shop.town.counts.met("an outage was made up for");
    }
    // What was bought is had in full: the time began when the enable was read back.
    let left = Entitlement::of(&snapshot, account).unwrap().ends_at.since(shop.town.now());
    // Less than ten minutes are the ordinary way of things.
    let full = left + DurationMs(13 * MINUTE_MS) >= setting.term;
    shop.breach_unless(full, "P4", &format!("{} min are left of 20", left.0 / MINUTE_MS));
    ends::settle(&mut shop.town).await;
    shop.town
}
