//! From whatever somebody did to the panels, a few rounds lead back to what the records say.

use super::hands::{do_it, hand};
use crate::random::cases;
use nebulalinks::model::*;
use nebulalinks::planner::Verb;
use nebulalinks_testkit::shop::catalog;
use nebulalinks_testkit::world::{World, email};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::num::NonZeroU64;

/// What each client must be, straight from the records.
fn assert_as_sold(world: &World) -> Result<(), TestCaseError> {
    for account in world.snapshot.accounts() {
        let entitlement = world.entitlement(account.id);
        let Some(client) =
            world.panels[&world.server_of(account.id)].clients.get(&email(account.id))
        else {
            prop_assert_ne!(entitlement.standing(world.now), Standing::Active, "missing");
            continue;
        };
        let Quota::Bytes(left) = left_with(world, account.id, client) else { unreachable!() };
        let active = world.now < entitlement.ends_at && left.0 > 0;
        prop_assert_eq!(client.enable, active, "{}", &client.email);
        if !active {
            continue;
        }
        prop_assert_eq!(client.uuid, Some(account.credentials.uuid));
        prop_assert_eq!(&client.sub_id, &account.credentials.sub_id);
        prop_assert_eq!(client.end, Some(End::at(entitlement.ends_at)));
        prop_assert_eq!(
            client.cap,
            Cap::Bytes(NonZeroU64::new((client.counter + left).0).unwrap())
        );
        prop_assert_eq!(client.ip_limit, entitlement.devices);
        prop_assert_eq!(&client.inbounds, &vec![1]);
    }
    Ok(())
}

/// What is left, counted here and not by the planner: all ledgers, and what the counter shows
/// beyond its own.
fn left_with(world: &World, account: AccountId, client: &ObservedClient) -> Quota {
    let mut used = 0;
    for ledger in world.snapshot.ledgers(account) {
        used += ledger.total.0;
        if ledger.incarnation == client.incarnation {
            used += client.counter.0.saturating_sub(ledger.baseline.0);
        }
    }
    let entitlement = world.entitlement(account);
    let Quota::Bytes(granted) = entitlement.granted else { unreachable!() };
    let opened = granted.min(world.snapshot.opened(account, entitlement.run));
    let over = world.snapshot.overrun(account, entitlement.run).max(Bytes(used) - opened);
    Quota::Bytes(granted - (Bytes(used) - over))
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn three_rounds_bring_every_panel_to_what_was_sold_and_then_nothing_is_written(
        hands in proptest::collection::vec((0..8_usize, hand()), 0..12),
    ) {
        let mut world = World::settled(catalog(), 8, "basic-30");
        let now = world.now;
        for panel in world.panels.values_mut() {
            panel.add_foreign("friend", now);
        }
        let foreign: BTreeMap<_, _> = world.panels.iter()
            .map(|(id, p)| (id.clone(), p.clients["friend"].clone())).collect();
        for (n, hand) in &hands {
            do_it(&mut world, *n, hand);
        }
        // The guard's budget is not the point here, so nothing unexplained may come of this.
        for _ in 0..3 {
            world.wait(DurationMs(40 * SECOND_MS));
            check_pass_rules(&mut world)?;
        }
        assert_as_sold(&world)?;
        for _ in 0..5 {
            world.wait(DurationMs(MINUTE_MS));
            for set in world.round() {
                prop_assert!(set.is_empty(), "still writing: {}", set);
            }
        }
        for (id, client) in foreign {
            prop_assert_eq!(&world.panels[&id].clients["friend"], &client);
        }
    }
}

/// One round, with the rules that hold for every single write.
fn check_pass_rules(world: &mut World) -> Result<(), TestCaseError> {
    let before: BTreeMap<AccountId, (UnixMs, Standing)> = world
        .snapshot
        .accounts()
        .map(|a| {
            let entitlement = world.entitlement(a.id);
            let client = world.panels[&world.server_of(a.id)].clients.get(&email(a.id));
            let left = client.map_or(entitlement.left, |c| left_with(world, a.id, c));
            let active = !left.is_empty() && world.now < entitlement.ends_at;
            let standing = if active { Standing::Active } else { Standing::Depleted };
            (a.id, (entitlement.ends_at, standing))
        })
        .collect();
    for set in world.round() {
        for change in &set.changes {
            let (ends_at, standing) = before[&change.account];
            prop_assert!(!End::at(ends_at).is_before(change.want.end), "an end beyond E(a)");
            let takes = [Verb::Disable, Verb::Delete].iter().any(|v| change.verbs.contains(v));
            if standing == Standing::Active {
                prop_assert!(!takes, "an active account is not switched off: {}", set);
            } else {
                prop_assert!(!change.want.enable, "switched on with nothing left: {}", set);
            }
        }
    }
    Ok(())
}
