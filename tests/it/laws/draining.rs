//! A server is drained or lost: its accounts are served elsewhere before they leave it.

use super::two_servers::{A_DAY, client, on_fra, set};
use nebulalinks::catalog::ServerLifecycle;
use nebulalinks::intent::{Rejection, Reply};
use nebulalinks::model::*;
use nebulalinks::planner::{Scheduled, Verb, schedule};
use nebulalinks_testkit::people::{self, move_to};
use nebulalinks_testkit::pure_loop::has;
use nebulalinks_testkit::world::{World, email};

fn disposition(world: &World, server: &ServerId, account: AccountId) -> Option<Disposition> {
    world.snapshot.binding(account, server).map(|b| b.disposition.clone())
}

fn is_tombstoned(world: &World, server: &ServerId, account: AccountId) -> bool {
    matches!(disposition(world, server, account), Some(Disposition::Tombstoned { .. }))
}

#[test]
fn an_account_keeps_its_server_until_the_new_one_serves_and_its_old_link_for_a_day() {
    let (mut world, fra, ams) = on_fra(1, 10);
    let account = world.account(0);
    set(&mut world, &fra, ServerLifecycle::Draining);
    assert_eq!(world.drain(&fra), (1, 0));
    assert_eq!(disposition(&world, &fra, account), Some(Disposition::Leaving));
    assert_eq!(world.drain(&fra), (0, 0), "it moves already");
    // The new server does not answer: nothing is left.
    world.wait(A_DAY);
    world.bind(account);
    world.pass(&fra);
    assert_eq!(client(&world, &fra, account), Some(true));
    let sent = world.pass(&ams).sent().to_vec();
    assert!(has(&sent, account, Verb::Create));
    world.tell();
    world.round();
    assert_eq!(client(&world, &fra, account), Some(true), "the day begins with the new link");
    world.wait(A_DAY);
    world.round();
    assert!(is_tombstoned(&world, &fra, account));
    assert_eq!(client(&world, &fra, account), Some(false));
    let (old, new) = (&world.panels[&fra].clients, &world.panels[&ams].clients);
    let (old, new) = (&old[&email(account)], &new[&email(account)]);
    assert_eq!((old.uuid, &old.sub_id), (new.uuid, &new.sub_id));
    world.wait(DurationMs(7 * DAY_MS + MINUTE_MS));
    world.round();
    assert_eq!(client(&world, &fra, account), None, "the tombstone was old enough");
    assert_eq!(world.snapshot.bindings(account).count(), 1);
    assert_eq!(client(&world, &ams, account), Some(true));
}

#[test]
fn while_it_moves_both_links_work_and_the_old_one_for_a_day_after() {
    let (mut world, fra, ams) = on_fra(1, 10);
    let account = world.account(0);
    set(&mut world, &fra, ServerLifecycle::Draining);
    world.drain(&fra);
    world.round();
    world.tell();
    for _ in 0..23 {
        world.round();
        assert_eq!(client(&world, &fra, account), Some(true));
        assert_eq!(client(&world, &ams, account), Some(true));
        world.wait(DurationMs(HOUR_MS));
    }
    world.wait(DurationMs(2 * HOUR_MS));
    world.round();
    assert_eq!(client(&world, &fra, account), Some(false));
    assert!(world.round().iter().all(|set| set.is_empty()), "it goes on writing");
}

#[test]
fn leaving_explains_the_cut_of_many_at_once() {
    let (mut world, fra, ams) = on_fra(60, 100);
    set(&mut world, &fra, ServerLifecycle::Draining);
    assert_eq!(world.drain(&fra), (60, 0));
    world.round();
    world.tell();
    world.wait(A_DAY);
    world.round();
    let on = |server| {
        let all = world.snapshot.accounts().filter(|a| client(&world, server, a.id) == Some(true));
        all.count()
    };
    assert_eq!((on(&fra), on(&ams)), (0, 60));
    assert!(world.snapshot.server_status(&fra).unwrap().held.is_none());
}

#[test]
fn without_room_elsewhere_nothing_moves_and_no_promised_place_is_taken() {
    let (mut world, fra, ams) = on_fra(5, 3);
    // Somebody orders, and is promised one of the three.
    set(&mut world, &fra, ServerLifecycle::Cordoned);
    world.submit(&people::place(9, "basic-30", Target::New, 77)).unwrap();
    set(&mut world, &fra, ServerLifecycle::Draining);
    assert_eq!(world.drain(&fra), (2, 3));
    assert_eq!(world.drain(&fra), (0, 3));
    world.round();
    assert_eq!(world.snapshot.bound_count(&ams), 2);
    let on = world.snapshot.accounts().filter(|a| client(&world, &fra, a.id) == Some(true));
    assert_eq!(on.count(), 5, "nobody is cut off for it");
}

#[test]
fn what_is_used_on_both_servers_comes_out_of_one_allowance() {
    let (mut world, fra, ams) = on_fra(1, 10);
    let account = world.account(0);
    set(&mut world, &fra, ServerLifecycle::Draining);
    world.drain(&fra);
    world.round();
    for (n, server) in [&fra, &ams, &fra, &ams].into_iter().enumerate() {
        assert!(!world.entitlement(account).left.is_empty(), "{n}");
        world.panels.get_mut(server).unwrap().traffic(&email(account), 12 << 30);
        world.wait(DurationMs(HOUR_MS));
        world.round();
        world.round();
    }
    assert_eq!(world.entitlement(account).left, Quota::Bytes(Bytes(2 << 30)));
    world.panels.get_mut(&ams).unwrap().traffic(&email(account), 2 << 30);
    world.round();
    assert_eq!(disposition(&world, &fra, account), Some(Disposition::Leaving));
    let on = (client(&world, &fra, account), client(&world, &ams, account));
    assert_eq!(on, (Some(false), Some(false)), "the sum cuts both");
}

#[test]
fn a_little_traffic_on_one_server_writes_nothing_to_the_other() {
    let (mut world, fra, ams) = on_fra(1, 10);
    let account = world.account(0);
    set(&mut world, &fra, ServerLifecycle::Draining);
    world.drain(&fra);
    world.round();
    for _ in 0..2 {
        world.panels.get_mut(&ams).unwrap().traffic(&email(account), 1 << 30);
        world.wait(DurationMs(MINUTE_MS));
        assert!(world.round().iter().all(|set| set.is_empty()));
    }
}

#[test]
fn a_renewal_while_it_moves_extends_both() {
    let (mut world, fra, ams) = on_fra(1, 10);
    let account = world.account(0);
    set(&mut world, &fra, ServerLifecycle::Draining);
    world.drain(&fra);
    world.round();
    world.renew(0, "basic-30", account);
    world.round();
    let end = End::at(world.entitlement(account).ends_at);
    for server in [&fra, &ams] {
        assert_eq!(world.panels[server].clients[&email(account)].end, Some(end), "{server}");
    }
}

#[test]
fn from_a_lost_server_accounts_go_at_once_and_are_switched_off_there_when_it_answers() {
    let (mut world, fra, ams) = on_fra(1, 10);
    let account = world.account(0);
    set(&mut world, &fra, ServerLifecycle::Lost);
    assert_eq!(world.drain(&fra), (1, 0));
    assert!(is_tombstoned(&world, &fra, account));
    assert!(has(world.pass(&ams).sent(), account, Verb::Create));
    assert!(has(world.pass(&fra).sent(), account, Verb::Disable));
}

#[test]
fn a_server_that_is_lost_in_the_middle_of_its_draining_is_left_at_once() {
    let (mut world, fra, ams) = on_fra(1, 10);
    let account = world.account(0);
    set(&mut world, &fra, ServerLifecycle::Draining);
    world.drain(&fra);
    set(&mut world, &fra, ServerLifecycle::Lost);
    world.bind(account);
    assert!(is_tombstoned(&world, &fra, account));
    assert_eq!(disposition(&world, &ams, account), Some(Disposition::Serving));
}

#[test]
fn a_new_server_that_is_lost_before_it_served_is_given_up_again() {
    let (mut world, fra, ams) = on_fra(1, 10);
    let account = world.account(0);
    set(&mut world, &fra, ServerLifecycle::Draining);
    world.drain(&fra);
    set(&mut world, &ams, ServerLifecycle::Lost);
    world.bind(account);
    assert_eq!(disposition(&world, &fra, account), Some(Disposition::Serving));
    assert!(is_tombstoned(&world, &ams, account));
    world.round();
    assert_eq!(client(&world, &fra, account), Some(true));
}

#[test]
fn who_ends_while_moving_leaves_both() {
    let (mut world, fra, ams) = on_fra(1, 10);
    let account = world.account(0);
    world.wait(DurationMs(29 * DAY_MS + 20 * HOUR_MS));
    set(&mut world, &fra, ServerLifecycle::Draining);
    world.drain(&fra);
    world.round();
    world.wait(DurationMs(12 * HOUR_MS));
    world.round();
    world.round();
    for server in [&fra, &ams] {
        assert!(is_tombstoned(&world, server, account), "{server}");
        assert_eq!(client(&world, server, account), Some(false), "{server}");
    }
    // A new run goes where accounts are served, not where they leave.
    world.renew(0, "basic-30", account);
    world.round();
    world.round();
    assert_eq!(
        (client(&world, &fra, account), client(&world, &ams, account)),
        (Some(false), Some(true))
    );
}

#[test]
fn a_server_that_is_active_again_keeps_those_who_did_not_move_and_the_others_go_on() {
    let (mut world, fra, ams) = on_fra(2, 1);
    set(&mut world, &fra, ServerLifecycle::Draining);
    assert_eq!(world.drain(&fra), (1, 1));
    set(&mut world, &fra, ServerLifecycle::Active);
    assert_eq!(world.drain(&fra).0, 0);
    world.round();
    world.tell();
    world.wait(A_DAY);
    world.round();
    world.round();
    let moved = world.snapshot.accounts().filter(|a| is_tombstoned(&world, &fra, a.id)).count();
    assert_eq!((moved, world.snapshot.bound_count(&ams)), (1, 1));
    for id in [world.account(0), world.account(1)] {
        assert_eq!(schedule(&world.snapshot, &world.catalog, id, world.now), Scheduled::Settled);
    }
}

#[test]
fn staff_move_one_account_as_a_drained_server_moves_all() {
    let (mut world, fra, ams) = on_fra(2, 1);
    let (account, other) = (world.account(0), world.account(1));
    let moving = Ok(Reply::Moving(account, ams.clone()));
    assert_eq!(world.submit(&move_to(account, "ams-1")), moving);
    let revision = world.snapshot.revision();
    assert_eq!(world.submit(&move_to(account, "ams-1")), Ok(Reply::Unchanged(account)));
    assert_eq!(world.submit(&move_to(account, "fra-1")), Err(Rejection::CannotMove));
    assert_eq!(world.submit(&move_to(other, "ams-1")), Err(Rejection::NoCapacity));
    assert_eq!(world.submit(&move_to(other, "nowhere")), Err(Rejection::UnknownServer));
    assert_eq!(world.snapshot.revision(), revision, "refused, and changed something");
    world.round();
    assert_eq!(
        (client(&world, &fra, account), client(&world, &ams, account)),
        (Some(true), Some(true))
    );
    world.tell();
    world.wait(A_DAY);
    world.round();
    world.round();
    assert_eq!(
        (client(&world, &fra, account), client(&world, &ams, account)),
        (Some(false), Some(true))
    );
    // And back, to where its tombstone keeps its place.
    world.submit(&move_to(account, "fra-1")).unwrap();
    world.round();
    assert_eq!(
        (client(&world, &fra, account), client(&world, &ams, account)),
        (Some(true), Some(true))
    );
}

#[test]
fn nobody_is_moved_by_hand_onto_a_promised_place_or_a_server_that_takes_nobody() {
    let (mut world, fra, ams) = on_fra(1, 1);
    let account = world.account(0);
    set(&mut world, &fra, ServerLifecycle::Cordoned);
    world.submit(&people::place(9, "basic-30", Target::New, 77)).unwrap();
    assert_eq!(world.submit(&move_to(account, "ams-1")), Err(Rejection::NoCapacity));
    let (mut world, _, _) = on_fra(1, 1);
    set(&mut world, &ams, ServerLifecycle::Cordoned);
    let account = world.account(0);
    assert_eq!(world.submit(&move_to(account, "ams-1")), Err(Rejection::NoCapacity));
    world.wait(DurationMs(31 * DAY_MS));
    set(&mut world, &ams, ServerLifecycle::Active);
    assert_eq!(world.submit(&move_to(account, "ams-1")), Err(Rejection::CannotMove));
}

#[test]
fn who_was_not_told_keeps_the_old_link_for_a_week() {
    let (mut world, fra, _) = on_fra(1, 10);
    let account = world.account(0);
    set(&mut world, &fra, ServerLifecycle::Draining);
    world.drain(&fra);
    for _ in 0..6 {
        world.round();
        assert_eq!(client(&world, &fra, account), Some(true));
        world.wait(A_DAY);
    }
    world.wait(A_DAY);
    world.round();
    assert_eq!(client(&world, &fra, account), Some(false));
}

#[test]
fn nobody_moves_from_a_draining_server_to_one_that_serves_nobody() {
    let (mut world, fra, ams) = on_fra(1, 10);
    let mut status = ServerStatus::new(ams.clone());
    let (reason, since) = ("it does not answer".to_owned(), world.now);
    status.conditions = vec![Condition { kind: ConditionKind::Unreachable, reason, since }];
    world.put(status);
    set(&mut world, &fra, ServerLifecycle::Draining);
    assert_eq!(world.drain(&fra), (0, 1));
    set(&mut world, &fra, ServerLifecycle::Lost);
    assert_eq!(world.drain(&fra), (1, 0), "there is nothing to lose");
}
