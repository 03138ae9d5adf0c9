//! What a panel holds beyond what this store applied last is taken away as unexplained, whatever
//! the reason; ordinary ends, caps and repairs are not held up by that.

use nebulalinks::model::*;
use nebulalinks::planner::{Change, Verb, Waiting};
use nebulalinks_testkit::pure_loop::has;
use nebulalinks_testkit::shop::catalog;
use nebulalinks_testkit::world::{World, email};
use std::collections::BTreeSet;
use std::num::NonZeroU64;

const GIB: u64 = 1 << 30;

/// So many accounts on one server, settled.
fn one_server(accounts: u64) -> (World, ServerId) {
    let mut catalog = catalog();
    catalog.servers.remove(&"ams-1".parse().unwrap());
    (World::settled(catalog, accounts, "basic-30"), "fra-1".parse().unwrap())
}

fn every(world: &World) -> Vec<AccountId> {
    world.snapshot.accounts().map(|a| a.id).collect()
}

fn later(world: &World, account: AccountId) -> Option<End> {
    Some(End::at(world.entitlement(account).ends_at + DurationMs(30 * DAY_MS)))
}

fn gib(n: u64) -> Cap {
    Cap::Bytes(NonZeroU64::new(n * GIB).unwrap())
}

fn taken(changes: &[Change]) -> BTreeSet<AccountId> {
    changes.iter().filter(|c| c.is_destructive()).map(|c| c.account).collect()
}

/// Five of twenty pass within this hour, and the other fifteen are held by name.
fn within_the_budget(world: &mut World, server: &ServerId) {
    let pass = world.pass(server);
    assert_eq!(taken(pass.sent()).len(), 5, "{}", pass.guarded.pass.set());
    assert_eq!(pass.guarded.held.unwrap().items.len(), 15);
    assert_eq!(pass.guarded.unexplained.iter().map(|u| u.count).sum::<u32>(), 5);
    world.wait(DurationMs(MINUTE_MS));
    assert_eq!(taken(world.pass(server).sent()).len(), 0, "the same hour");
}

#[test]
fn a_later_end_on_the_panel_is_cut_within_the_budget_only() {
    let (mut world, server) = one_server(20);
    for account in every(&world) {
        world.client_mut(account).end = Some(End::Never);
    }
    within_the_budget(&mut world, &server);
}

#[test]
fn an_end_that_came_explains_no_cut_of_a_later_end_on_the_panel() {
    let (mut world, server) = one_server(20);
    for account in every(&world) {
        world.client_mut(account).end = later(&world, account);
    }
    world.now = world.entitlement(world.account(0)).ends_at;
    within_the_budget(&mut world, &server);
}

#[test]
fn the_tombstone_of_an_end_that_came_explains_no_cut_of_a_later_end_on_the_panel() {
    let (mut world, server) = one_server(20);
    for account in every(&world) {
        world.client_mut(account).end = later(&world, account);
    }
    world.now = world.entitlement(world.account(0)).ends_at;
    for account in every(&world) {
        world.bind(account);
    }
    within_the_budget(&mut world, &server);
}

#[test]
fn nothing_left_explains_no_cut_of_a_larger_cap_on_the_panel() {
    let (mut world, server) = one_server(20);
    for account in every(&world) {
        world.client_mut(account).cap = gib(100);
        world.client_mut(account).counter = Bytes(50 * GIB);
    }
    // The line takes more than two hours for that.
    world.wait(DurationMs(3 * HOUR_MS));
    within_the_budget(&mut world, &server);
}

#[test]
fn a_cap_that_follows_the_ledger_explains_no_cut_of_a_larger_cap_on_the_panel() {
    let (mut world, server) = one_server(20);
    for account in every(&world) {
        world.client_mut(account).cap = gib(51);
    }
    within_the_budget(&mut world, &server);
}

#[test]
fn a_client_that_is_on_where_we_applied_off_is_cut_within_the_budget_only() {
    let (mut world, server) = one_server(20);
    for id in every(&world) {
        let mut account = world.snapshot.account(id).unwrap().clone();
        account.suspension =
            Some(Box::new(Suspension { reason: "asked for".into(), since: world.now }));
        world.put(account);
    }
    assert_eq!(taken(world.pass(&server).sent()).len(), 20, "a suspension explains itself");
    for account in every(&world) {
        world.client_mut(account).enable = true;
    }
    world.wait(DurationMs(MINUTE_MS));
    within_the_budget(&mut world, &server);
}

#[test]
fn a_suspension_that_found_its_client_off_explains_nothing_later() {
    let (mut world, server) = one_server(20);
    for id in every(&world) {
        world.client_mut(id).enable = false;
        let mut account = world.snapshot.account(id).unwrap().clone();
        account.suspension =
            Some(Box::new(Suspension { reason: "asked for".into(), since: world.now }));
        world.put(account);
    }
    assert!(world.pass(&server).sent().is_empty(), "they are off");
    for account in every(&world) {
        world.client_mut(account).enable = true;
    }
    within_the_budget(&mut world, &server);
}

#[test]
fn a_reversal_explains_itself_once_and_an_old_one_nothing() {
    let (mut world, server) = one_server(20);
    for account in every(&world) {
        let at = world.now;
        world.put(Reversal { account, term: 0, at, reason: "charged back".into() });
        world.client_mut(account).end = later(&world, account);
    }
    assert_eq!(taken(world.pass(&server).sent()).len(), 20, "committed since");
    for account in every(&world) {
        world.client_mut(account).enable = true;
        world.client_mut(account).end = later(&world, account);
    }
    world.wait(DurationMs(MINUTE_MS));
    within_the_budget(&mut world, &server);
}

#[test]
fn a_reversal_that_changed_nothing_on_the_panel_explains_nothing_later() {
    let (mut world, server) = one_server(20);
    for (n, account) in every(&world).into_iter().enumerate() {
        world.renew(n as u64, "basic-30", account);
    }
    let ends = |world: &World, a| Some(End::at(world.entitlement(a).ends_at));
    for account in every(&world) {
        let at = world.now;
        world.put(Reversal { account, term: 1, at, reason: "charged back".into() });
        assert_eq!(world.client(account).end, ends(&world, account), "never extended");
    }
    assert!(world.pass(&server).sent().is_empty());
    for account in every(&world) {
        world.client_mut(account).end = later(&world, account);
    }
    within_the_budget(&mut world, &server);
}

#[test]
fn a_record_of_before_revisions_were_kept_is_judged_by_its_time() {
    let (mut world, server) = one_server(20);
    for account in every(&world) {
        let mut status = world.snapshot.binding_status(account, &server).unwrap().clone();
        let applied = status.applied.as_mut().unwrap();
        applied.revision = 0;
        let before = applied.at - DurationMs(1);
        world.put(status);
        world.put(Reversal { account, term: 7, at: before, reason: "long ago".into() });
        world.client_mut(account).end = later(&world, account);
    }
    within_the_budget(&mut world, &server);
}

#[test]
fn a_rotation_and_a_disposition_committed_since_explain() {
    let (mut world, server) = one_server(20);
    for (n, id) in every(&world).into_iter().enumerate() {
        world.client_mut(id).end = later(&world, id);
        if n % 2 == 0 {
            let mut account = world.snapshot.account(id).unwrap().clone();
            account.credentials.version += 1;
            account.credentials.uuid = uuid::Uuid::from_u128(7_000 + n as u128);
            world.put(account);
        } else {
            let mut binding = world.snapshot.binding(id, &server).unwrap().clone();
            binding.disposition = Disposition::Tombstoned { since: world.now };
            world.put(binding);
        }
    }
    let pass = world.pass(&server);
    assert_eq!(taken(pass.sent()).len(), 20);
    assert!(pass.guarded.unexplained.is_empty() && pass.guarded.held.is_none());
}

#[test]
fn an_end_is_extended_while_the_cut_of_the_cap_is_held() {
    let (mut world, server) = one_server(20);
    for account in every(&world) {
        world.client_mut(account).cap = gib(200);
    }
    world.pass(&server);
    let held = world.snapshot.server_status(&server).unwrap().held.clone().unwrap();
    let account = held.items[0].account;
    let n = every(&world).iter().position(|a| *a == account).unwrap();
    world.renew(n as u64, "basic-30", account);
    let pass = world.pass(&server);
    let [half] = pass.sent() else { panic!("{}", pass.guarded.pass.set()) };
    assert_eq!(half.verbs, BTreeSet::from([Verb::Extend]));
    let ends = Some(End::at(world.entitlement(account).ends_at));
    assert_eq!((world.client(account).end, world.client(account).cap), (ends, gib(200)));
    assert!(pass.guarded.proposal.report.of(account).any(|w| w == Waiting::Held));
    for _ in 0..3 {
        world.wait(DurationMs(MINUTE_MS));
        assert!(world.pass(&server).sent().is_empty(), "what was left is not ours by that");
    }
    let list = world.snapshot.server_status(&server).unwrap().held.clone().unwrap();
    assert_eq!(list.items.len(), 15);
    world.catalog.servers.get_mut(&server).unwrap().confirm = Some(list.fingerprint);
    assert_eq!(taken(world.pass(&server).sent()).len(), 15);
    assert_eq!(world.client(account).cap, gib(100), "confirmed");
}

#[test]
fn a_cap_is_raised_while_the_cut_of_the_end_waits_for_a_store_that_forgot() {
    let (mut world, server) = one_server(2);
    let account = world.account(0);
    world.client_mut(account).end = later(&world, account);
    world.client_mut(account).cap = gib(1);
    world.client_mut(account).enable = false;
    let amnesia = Amnesia {
        ours: 5,
        seen: 9,
        server: Some(server.clone()),
        since: world.now,
        lacking: Vec::new(),
        resolved_at: None,
    };
    world.put(amnesia.clone());
    let held = world.client(account).end;
    world.pass(&server);
    assert_eq!((world.client(account).end, world.client(account).cap), (held, gib(50)));
    assert!(world.client(account).enable, "what was paid for is served");
    world.wait(DurationMs(MINUTE_MS));
    assert!(world.pass(&server).sent().is_empty());
    world.put(Amnesia { resolved_at: Some(world.now), ..amnesia });
    assert!(has(world.pass(&server).sent(), account, Verb::Shorten), "one is within the budget");
}

#[test]
fn counters_that_restart_move_every_cap_without_a_budget() {
    let (mut world, server) = one_server(20);
    for account in every(&world) {
        world.panels.get_mut(&server).unwrap().traffic(&email(account), 10 * GIB);
    }
    world.wait(DurationMs(HOUR_MS));
    world.pass(&server);
    for counted in [5, 0] {
        for account in every(&world) {
            world.client_mut(account).counter = Bytes(counted * GIB);
        }
        world.wait(DurationMs(MINUTE_MS));
        let pass = world.pass(&server);
        assert_eq!(taken(pass.sent()).len(), 20, "{}", pass.guarded.pass.set());
        assert!(pass.guarded.unexplained.is_empty() && pass.guarded.held.is_none());
    }
    assert_eq!(world.client(world.account(0)).cap, gib(40));
}

#[test]
fn a_cap_whose_answer_was_lost_is_ours_once_it_is_seen() {
    let (mut world, server) = one_server(20);
    // The renewals arrived on the panel; the records of that did not survive.
    for (n, account) in every(&world).into_iter().enumerate() {
        let before = world.snapshot.binding_status(account, &server).unwrap().clone();
        world.renew(n as u64, "basic-30", account);
        world.pass(&server);
        world.put(before);
    }
    assert!(world.pass(&server).sent().is_empty(), "as it is wanted");
    for account in every(&world) {
        world.panels.get_mut(&server).unwrap().traffic(&email(account), 10 * GIB);
    }
    world.wait(DurationMs(HOUR_MS));
    world.pass(&server);
    for account in every(&world) {
        world.client_mut(account).counter = Bytes(0);
    }
    world.wait(DurationMs(MINUTE_MS));
    assert_eq!(taken(world.pass(&server).sent()).len(), 20, "the cap follows what was agreed");
}

#[test]
fn a_panel_restored_from_an_old_backup_is_brought_back_and_nobody_is_cut() {
    let (mut world, server) = one_server(20);
    let backup = world.panels.clone();
    for (n, account) in every(&world).into_iter().enumerate() {
        world.renew(n as u64, "basic-30", account);
    }
    world.pass(&server);
    world.panels = backup;
    world.wait(DurationMs(MINUTE_MS));
    let pass = world.pass(&server);
    assert!(taken(pass.sent()).is_empty() && pass.guarded.held.is_none());
    for account in every(&world) {
        let ends = Some(End::at(world.entitlement(account).ends_at));
        assert_eq!((world.client(account).end, world.client(account).cap), (ends, gib(100)));
    }
}

/// A store and its gateway's memory went back together: nothing but the guard is left.
#[test]
fn store_and_gateway_old_together_take_at_most_the_budget_an_hour() {
    for orders_since in [0, 1, 29] {
        let (mut world, server) = one_server(20);
        let (snapshot, outside) = (world.snapshot.clone(), world.outside.clone());
        let old_end = world.entitlement(world.account(0)).ends_at;
        for (n, account) in every(&world).into_iter().enumerate() {
            world.renew(n as u64, "basic-30", account);
        }
        world.pass(&server);
        world.snapshot = snapshot;
        world.outside = outside;
        for n in 0..orders_since {
            world.sell(1_000 + n, "basic-30");
        }
        let paid: Vec<AccountId> = every(&world).into_iter().take(20).collect();
        let mut cut = BTreeSet::new();
        for hour in 1..=3 {
            let pass = world.pass(&server);
            cut.extend(taken(pass.sent()));
            assert!(pass.guarded.held.is_some() && !pass.guarded.unexplained.is_empty());
            assert!(cut.len() <= hour * 5, "{} in hour {hour}", cut.len());
            world.wait(DurationMs(HOUR_MS));
        }
        // Also when the old store thinks that everybody has ended.
        world.now = old_end.max(world.now);
        let before = paid.iter().filter(|a| world.client(**a).enable).count();
        let pass = world.pass(&server);
        let off = taken(pass.sent()).difference(&cut).count();
        assert!(off <= 5, "{off} of {before} by an end of the past");
    }
}
