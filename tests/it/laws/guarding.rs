//! What takes something away and is not explained by the records shares a budget.

use nebulalinks::model::*;
use nebulalinks::planner::{Change, Verb, Waiting};
use nebulalinks_testkit::shop::catalog;
use nebulalinks_testkit::world::{NOON as NOW, World};
use std::collections::BTreeSet;

/// All on one server, each with more than was sold and no record that explains it.
fn unexplained(accounts: u64) -> (World, ServerId) {
    let mut catalog = catalog();
    catalog.servers.remove(&"ams-1".parse().unwrap());
    let mut world = World::settled(catalog, accounts, "basic-30");
    let server: ServerId = "fra-1".parse().unwrap();
    for n in 0..usize::try_from(accounts).unwrap() {
        shrink(&mut world, n);
    }
    (world, server)
}

/// As if a record had shrunk: more was applied once than the records grant now.
fn shrink(world: &mut World, n: usize) {
    let account = world.account(n);
    let later = End::at(world.entitlement(account).ends_at + DurationMs(DAY_MS));
    let server = world.server_of(account);
    let mut status = world.snapshot.binding_status(account, &server).unwrap().clone();
    status.applied.as_mut().unwrap().end = later;
    world.put(status);
    world.client_mut(account).end = Some(later);
}

fn held(world: &World, server: &ServerId) -> HeldChanges {
    world.snapshot.server_status(server).unwrap().held.clone().unwrap()
}

fn accounts(changes: &[Change]) -> BTreeSet<AccountId> {
    changes.iter().map(|c| c.account).collect()
}

#[test]
fn unexplained_cuts_beyond_five_an_hour_are_held() {
    let (mut world, server) = unexplained(20);
    let pass = world.pass(&server);
    assert_eq!(pass.sent().len(), 5);
    let waiting = pass.guarded.proposal.report.notes.iter().filter(|n| n.waiting == Waiting::Held);
    assert_eq!(waiting.count(), 15);
    world.wait(DurationMs(59 * MINUTE_MS));
    assert!(world.pass(&server).sent().is_empty(), "the hour rolls");
    world.wait(DurationMs(MINUTE_MS));
    assert_eq!(world.pass(&server).sent().len(), 5);
}

#[test]
fn the_budget_is_a_tenth_of_a_large_server() {
    let (mut world, server) = unexplained(120);
    assert_eq!(world.pass(&server).sent().len(), 12);
}

#[test]
fn a_confirmation_releases_exactly_the_held_list() {
    let (mut world, server) = unexplained(20);
    world.pass(&server);
    let list = held(&world, &server);
    assert_eq!(list.items.len(), 15);
    // One more comes up meanwhile; it is not part of what was confirmed.
    let sent: BTreeSet<_> = list.items.iter().map(|i| i.account).collect();
    let other = (0..20).find(|n| !sent.contains(&world.account(*n))).unwrap();
    shrink(&mut world, other);
    world.catalog.servers.get_mut(&server).unwrap().confirm = Some(list.fingerprint.clone());
    let pass = world.pass(&server);
    assert_eq!(accounts(pass.sent()), sent);
    assert_eq!(held(&world, &server).items.len(), 1);
}

#[test]
fn a_wrong_confirmation_releases_nothing() {
    let (mut world, server) = unexplained(20);
    world.pass(&server);
    world.catalog.servers.get_mut(&server).unwrap().confirm = Some("00000000".into());
    assert!(world.pass(&server).sent().is_empty());
}

#[test]
fn a_confirmed_list_stays_confirmed_for_its_hour_whatever_else_is_held() {
    let (mut world, server) = unexplained(20);
    world.pass(&server);
    let list = held(&world, &server);
    let sent: BTreeSet<_> = list.items.iter().map(|i| i.account).collect();
    let other = (0..20).find(|n| !sent.contains(&world.account(*n))).unwrap();
    shrink(&mut world, other);
    world.catalog.servers.get_mut(&server).unwrap().confirm = Some(list.fingerprint);
    // The panel loses every write of the first pass: the same cuts are wanted once more.
    let before = world.panels.clone();
    let statuses: Vec<BindingStatus> = (0..20)
        .map(|n| world.snapshot.binding_status(world.account(n), &server).unwrap().clone())
        .collect();
    world.pass(&server);
    world.panels = before;
    for status in statuses {
        world.put(status);
    }
    world.wait(DurationMs(5 * MINUTE_MS));
    assert_eq!(accounts(world.pass(&server).sent()), sent, "still within its hour");
}

#[test]
fn what_gives_passes_beside_a_hold() {
    let (mut world, server) = unexplained(20);
    world.pass(&server);
    let disabled = world.account(19);
    world.client_mut(disabled).end = Some(End::at(world.entitlement(disabled).ends_at));
    world.client_mut(disabled).enable = false;
    let pass = world.pass(&server);
    assert_eq!(pass.sent().len(), 1);
    assert!(pass.sent()[0].verbs.contains(&Verb::Enable));
}

#[test]
fn ends_that_come_are_explained_and_share_no_budget() {
    let mut world = World::settled(catalog(), 40, "basic-30");
    world.now = world.entitlement(world.account(0)).ends_at;
    let sent: usize = world.round().iter().map(|s| s.changes.len()).sum();
    assert_eq!(sent, 40, "the end has come");
}

#[test]
fn a_damaged_store_sells_nothing_takes_nothing_away_and_still_gives() {
    use nebulalinks::intent::{Rejection, Reply};
    use nebulalinks_testkit::people::{adopt, approve, decline, pay, place, reopen, reverse};
    let mut world = World::settled(catalog(), 12, "basic-30");
    let Ok(Reply::Placed(order)) = world.submit(&place(900, "basic-30", Target::New, 900)) else {
        panic!("not placed")
    };
    world.submit(&pay(900, order, 900)).unwrap();
    let lost = Lost {
        what: "the journal is damaged there".to_owned(),
        first: Some(3),
        last: Some(5),
        kinds: vec!["term".to_owned()],
        passing: false,
    };
    let mut damage =
        Damage { since: world.now, lost: vec![lost], kept: Vec::new(), resolved_at: None };
    world.put(damage.clone());
    let another = place(901, "basic-30", Target::New, 901);
    assert_eq!(world.submit(&another), Err(Rejection::StoreDamaged));
    assert_eq!(world.submit(&approve(order)), Err(Rejection::StoreDamaged));
    assert_eq!(world.submit(&decline(order)), Err(Rejection::StoreDamaged));
    assert_eq!(world.submit(&reopen(order)), Err(Rejection::StoreDamaged));
    assert_eq!(world.submit(&reverse(order)), Err(Rejection::StoreDamaged));
    let first = world.account(0);
    // Whose it would be, and whether it is somebody's already, may be what is lost.
    let now = world.now;
    let server = world.server_of(first);
    let panel = world.panels.get_mut(&server).unwrap();
    panel.add_foreign("phone", now);
    let stranger = panel.clients["phone"].clone();
    let adopted = world.submit(&adopt(902, &server, &stranger, "basic-30"));
    assert_eq!(adopted, Err(Rejection::StoreDamaged));
    world.client_mut(first).enable = false;
    world.round();
    assert!(world.client(first).enable, "what gives passes");
    world.now = world.entitlement(first).ends_at;
    for set in world.round() {
        assert!(set.is_empty(), "{set}");
    }
    damage.resolved_at = Some(world.now);
    world.put(damage);
    assert!(world.submit(&approve(order)).is_ok(), "resolved: it sells again");
    let sent: usize = world.round().iter().map(|s| s.changes.len()).sum();
    assert!(sent >= 11, "resolved: ends count again");
}

#[test]
fn a_store_that_forgot_takes_nothing_away_and_still_gives() {
    let mut world = World::settled(catalog(), 12, "basic-30");
    let server = world.server_of(world.account(0));
    world.put(Amnesia {
        ours: 5,
        seen: 9,
        server: Some(server.clone()),
        since: world.now,
        lacking: Vec::new(),
        resolved_at: None,
    });
    let (first, last) = (world.account(0), world.account(11));
    world.client_mut(first).enable = false;
    world.renew(11, "basic-30", last);
    world.round();
    assert!(world.client(first).enable, "what gives passes");
    assert_eq!(world.client(last).end, Some(End::at(world.entitlement(last).ends_at)));
    world.now = world.entitlement(first).ends_at;
    for set in world.round() {
        assert!(set.is_empty(), "{set}");
    }
    let mut amnesia = world.snapshot.amnesia().unwrap().clone();
    amnesia.resolved_at = Some(world.now);
    world.put(amnesia);
    let sent: usize = world.round().iter().map(|s| s.changes.len()).sum();
    assert_eq!(sent, 11, "resolved: everybody but who renewed");
}

#[test]
fn a_full_status_of_a_large_server_fits_into_a_record() {
    let mut catalog = catalog();
    catalog.servers.remove(&"ams-1".parse().unwrap());
    catalog.servers.get_mut(&"fra-1".parse().unwrap()).unwrap().capacity = 100_000;
    let server: ServerId = "fra-1".parse().unwrap();
    let mut status = ServerStatus::new(server.clone());
    let ids = |n: u64| nebulalinks_testkit::people::fresh_ids(n).account;
    // The most that a pass may note: each list at its bound.
    let budget_spent = (0..60).map(|minute| (UnixMs(minute * MINUTE_MS), 1_000));
    status.unexplained = budget_spent.map(|(at, count)| UnexplainedChange { at, count }).collect();
    let items = |most: usize| {
        (0..most as u64)
            .map(|n| HeldItem { account: ids(n), verb: "disable".into() })
            .collect::<Vec<_>>()
    };
    let list = HeldChanges {
        fingerprint: "0123abcd".into(),
        items: items(HeldChanges::MOST),
        since: UnixMs(1),
        confirmed_at: Some(UnixMs(1)),
    };
    status.held = Some(list.clone());
    status.confirmed = Some(list);
    status.orphans = (0..ServerStatus::MOST_ORPHANS as u64).map(ids).collect();
    let bytes = Record::from(status).to_json().unwrap().len();
    let room_for_conditions = 2_048;
    assert!(bytes + room_for_conditions <= nebulalinks::store::MAX_RECORD_BYTES, "{bytes}");
}

#[test]
fn a_spent_budget_of_a_large_server_takes_few_lines() {
    let mut world = World::settled(catalog(), 1, "basic-30");
    let server = world.server_of(world.account(0));
    let mut status = ServerStatus::new(server.clone());
    status.unexplained = vec![UnexplainedChange { at: world.now, count: 2 }];
    world.put(status);
    for _ in 0..5 {
        world.wait(DurationMs(SECOND_MS));
        shrink(&mut world, 0);
        world.pass(&server);
    }
    let spent = &world.snapshot.server_status(&server).unwrap().unexplained;
    assert_eq!(spent.iter().map(|u| u.count).sum::<u32>(), 5, "{spent:?}");
    assert_eq!(spent.len(), 2, "what falls in one minute is one line: {spent:?}");
}

#[test]
fn an_amnesia_of_many_gateways_fits_into_a_record_and_gives_up_only_what_was_seen() {
    let server = |n: usize| format!("a-server-with-a-long-name-{n}").parse::<ServerId>().unwrap();
    let point = |n: usize| HistoryPoint {
        revision: 9_000_000_000 + n as u64,
        lineage: Some(Lineage([u8::try_from(n % 251).unwrap(); 32])),
    };
    let mut amnesia = None;
    for n in 0..2 * Amnesia::MOST {
        let now = UnixMs(n as u64);
        let next = Amnesia::with(amnesia.as_ref(), &server(n), &[point(n)], 7, now);
        amnesia = Some(next.expect("it is news"));
    }
    let mut amnesia = amnesia.unwrap();
    let last = 2 * Amnesia::MOST - 1;
    assert_eq!(amnesia.since, UnixMs(0), "one amnesia");
    assert_eq!(Amnesia::with(Some(&amnesia), &server(last), &[point(last)], 8, NOW), None);
    let bytes = Record::from(amnesia.clone()).to_json().unwrap().len();
    assert!(bytes <= nebulalinks::store::MAX_RECORD_BYTES, "{bytes}");
    assert!(!amnesia.gave_up(&server(last), &point(last)), "not resolved yet");
    amnesia.resolved_at = Some(NOW);
    assert!(amnesia.gave_up(&server(last), &point(last)));
    assert!(!amnesia.gave_up(&server(last), &point(last - 1)), "of that gateway, that point");
    let again = Amnesia::with(Some(&amnesia), &server(last), &[point(3)], 9, NOW).unwrap();
    assert_eq!((again.since, again.resolved_at), (NOW, None), "another amnesia");
    assert!(again.gave_up(&server(last), &point(last)), "what was given up stays so");
    assert!(!again.gave_up(&server(last), &point(3)));
}
