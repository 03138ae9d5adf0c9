//! Sessions that outlive a cut-off: they are said, with how much, and end by one restart of Xray where
//! servers.yaml says so.

use nebulalinks::catalog::{CutOpenSessions, Daily, Mode};
use nebulalinks::model::*;
use nebulalinks_testkit::shop::catalog;
use nebulalinks_testkit::world::World;

const A_LIST: DurationMs = DurationMs(MINUTE_MS);
const MIB: u64 = 1 << 20;

/// An account whose end has come, switched off.
fn cut_off() -> (World, AccountId, ServerId) {
    let mut world = World::settled(catalog(), 1, "basic-30");
    let account = world.account(0);
    let server = world.server_of(account);
    world.wait(DurationMs(30 * DAY_MS + MINUTE_MS));
    world.pass(&server);
    assert!(!world.client(account).enable);
    (world, account, server)
}

/// A list later, with so much used since the one before; says who is connected all the same.
fn listed(world: &mut World, server: &ServerId, bytes: u64) -> Vec<(AccountId, Bytes)> {
    world.wait(A_LIST);
    let account = world.account(0);
    let client = world.client_mut(account);
    client.counter = client.counter + Bytes(bytes);
    let pass = world.pass(server);
    assert!(pass.sent().is_empty(), "{:?}", pass.sent());
    let open = pass.guarded.proposal.still_connected;
    open.into_iter().map(|(account, open)| (account, open.by)).collect()
}

#[test]
fn who_is_cut_off_and_connected_all_the_same_is_said_with_how_much() {
    let (mut world, account, server) = cut_off();
    assert!(listed(&mut world, &server, 3 * MIB).is_empty(), "it may have flowed before");
    assert_eq!(listed(&mut world, &server, 5 * MIB), [(account, Bytes(5 * MIB))]);
    assert_eq!(listed(&mut world, &server, 0), [(account, Bytes(5 * MIB))], "it may pause");
    assert_eq!(listed(&mut world, &server, 2 * MIB), [(account, Bytes(7 * MIB))]);
    let stored = world.snapshot.binding_status(account, &server).unwrap();
    assert_eq!(stored.still_connected.as_ref().unwrap().by, Bytes(7 * MIB));
    for _ in 0..2 {
        assert_eq!(listed(&mut world, &server, 0).len(), 1);
    }
    assert!(listed(&mut world, &server, 0).is_empty());
    assert_eq!(world.snapshot.binding_status(account, &server).unwrap().still_connected, None);
}

#[test]
fn who_renews_is_not_connected_all_the_same() {
    let (mut world, account, server) = cut_off();
    listed(&mut world, &server, 0);
    listed(&mut world, &server, MIB);
    world.renew(0, "basic-30", account);
    world.pass(&server);
    world.wait(A_LIST);
    let client = world.client_mut(account);
    client.counter = client.counter + Bytes(MIB);
    assert!(world.pass(&server).guarded.proposal.still_connected.is_empty());
    assert_eq!(world.snapshot.binding_status(account, &server).unwrap().still_connected, None);
}

fn rule(world: &mut World, server: &ServerId, between: &str) {
    let between: Daily = between.parse().unwrap();
    let rule = CutOpenSessions { after: DurationMs(15 * MINUTE_MS), between };
    world.catalog.servers.get_mut(server).unwrap().cut_open_sessions = Some(rule);
}

/// For how many a restart is let through in the next minutes, and when the first was.
fn restarts(world: &mut World, server: &ServerId, minutes: usize) -> Vec<(usize, u32)> {
    let mut all = Vec::new();
    for minute in 0..minutes {
        world.wait(A_LIST);
        let account = world.account(0);
        let client = world.client_mut(account);
        client.counter = client.counter + Bytes(MIB);
        let pass = world.pass(server);
        if let Some(clients) = pass.guarded.pass.cut_sessions() {
            all.push((minute, clients));
            let status = world.snapshot.server_status(server).unwrap().clone();
            let cut = Box::new(SessionsCut { at: world.now, clients, intent: None });
            world.put(ServerStatus { sessions_cut: Some(cut), ..status });
        }
    }
    all
}

const WHOLE_DAY: &str = "00:00-23:59";

fn with_status(world: &mut World, server: &ServerId) {
    world.put(ServerStatus::new(server.clone()));
}

#[test]
fn a_restart_ends_them_after_their_time_and_once_in_its_hours() {
    let (mut world, _, server) = cut_off();
    with_status(&mut world, &server);
    assert!(restarts(&mut world, &server, 30).is_empty(), "nothing is written in the file");
    rule(&mut world, &server, WHOLE_DAY);
    assert_eq!(restarts(&mut world, &server, 30), [(0, 1)], "once, however long it goes on");
    // The next day.
    world.wait(DurationMs(DAY_MS));
    assert_eq!(restarts(&mut world, &server, 40).len(), 1);
}

#[test]
fn outside_of_its_hours_and_before_its_time_nobody_is_made_to_reconnect() {
    let (mut world, _, server) = cut_off();
    with_status(&mut world, &server);
    let hour = |world: &World, ahead: u64| {
        let at = jiff::Timestamp::from_millisecond(
            i64::try_from(world.now.0 + ahead * HOUR_MS).unwrap(),
        );
        let zone = jiff::tz::TimeZone::get(&world.catalog.shop.time_zone).unwrap();
        at.unwrap().to_zoned(zone).strftime("%H:%M").to_string()
    };
    let between = format!("{}-{}", hour(&world, 2), hour(&world, 3));
    rule(&mut world, &server, &between);
    assert!(restarts(&mut world, &server, 118).is_empty());
    assert_eq!(restarts(&mut world, &server, 60).len(), 1);
    let (mut world, _, server) = cut_off();
    with_status(&mut world, &server);
    rule(&mut world, &server, WHOLE_DAY);
    assert!(restarts(&mut world, &server, 15).is_empty(), "15 minutes are not over");
    assert_eq!(restarts(&mut world, &server, 3).len(), 1);
}

#[test]
fn for_one_who_pauses_nobody_is_made_to_reconnect() {
    let (mut world, _, server) = cut_off();
    with_status(&mut world, &server);
    listed(&mut world, &server, 0);
    for _ in 0..16 {
        assert_eq!(listed(&mut world, &server, MIB).len(), 1);
    }
    rule(&mut world, &server, WHOLE_DAY);
    world.wait(A_LIST);
    let paused = world.pass(&server).guarded;
    assert_eq!(paused.proposal.still_connected.len(), 1, "it is said still");
    assert_eq!(paused.pass.cut_sessions(), None, "and perhaps gone");
    assert_eq!(restarts(&mut world, &server, 1), [(0, 1)], "it was not");
}

/// The controller's machine was suspended, or the panel did not answer: of the time in between a single list
/// says nothing.
#[test]
fn the_time_between_two_lists_is_nobodys_session() {
    for was_open in [false, true] {
        let (mut world, _, server) = cut_off();
        with_status(&mut world, &server);
        rule(&mut world, &server, WHOLE_DAY);
        listed(&mut world, &server, 0);
        if was_open {
            assert_eq!(listed(&mut world, &server, MIB).len(), 1);
        }
        world.wait(DurationMs(HOUR_MS));
        let at_once = restarts(&mut world, &server, 15);
        assert_eq!(at_once, [], "open before it: {was_open}");
        assert_eq!(restarts(&mut world, &server, 2).len(), 1);
    }
}

#[test]
fn whose_client_is_gone_is_connected_no_more() {
    let (mut world, account, server) = cut_off();
    listed(&mut world, &server, 0);
    listed(&mut world, &server, MIB);
    let stored = |world: &World| {
        world.snapshot.binding_status(account, &server).and_then(|s| s.still_connected.clone())
    };
    assert!(stored(&world).is_some());
    world.panels.get_mut(&server).unwrap().clients.clear();
    for _ in 0..3 {
        world.wait(A_LIST);
        world.pass(&server);
    }
    assert_eq!(stored(&world), None);
}

#[test]
fn in_amnesia_and_where_nothing_is_changed_xray_is_left_alone() {
    let (mut world, _, server) = cut_off();
    with_status(&mut world, &server);
    rule(&mut world, &server, WHOLE_DAY);
    let (ours, since) = (world.snapshot.revision(), world.now);
    let amnesia = Amnesia {
        ours,
        seen: ours + 1,
        server: Some(server.clone()),
        since,
        lacking: Vec::new(),
        resolved_at: None,
    };
    world.put(amnesia.clone());
    assert!(restarts(&mut world, &server, 30).is_empty());
    world.put(Amnesia { resolved_at: Some(since), ..amnesia });
    world.catalog.servers.get_mut(&server).unwrap().mode = Mode::Observe;
    assert!(restarts(&mut world, &server, 30).is_empty());
    world.catalog.servers.get_mut(&server).unwrap().mode = Mode::Manage;
    assert_eq!(restarts(&mut world, &server, 30).len(), 1);
}
