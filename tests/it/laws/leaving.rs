//! What a server that is to be left, or is lost, must not cost anybody.

use super::two_servers::{A_DAY, is_on, on_fra, room_for, set};
use nebulalinks::catalog::ServerLifecycle;
use nebulalinks::discord::PROFILE;
use nebulalinks::intent::{Rejection, Reply};
use nebulalinks::model::*;
use nebulalinks::planner::{Scheduled, schedule};
use nebulalinks::view::Pages;
use nebulalinks_testkit::people::{self, approve, move_to, pay, place, rotate};
use nebulalinks_testkit::shop::{catalog_with_room, server};
use nebulalinks_testkit::world::{World, email};

fn asks(world: &mut World, n: u64, target: Target) -> Result<OrderId, Rejection> {
    let interaction = 10_000 + world.snapshot.revision();
    match world.submit(&place(n, "basic-30", target, interaction))? {
        Reply::Placed(order) => Ok(order),
        other => panic!("{other:?}"),
    }
}

fn pays(world: &mut World, n: u64, order: OrderId) -> AccountId {
    world.submit(&pay(n, order, 100 + n)).unwrap();
    match world.submit(&approve(order)) {
        Ok(Reply::Approved(_, account)) => account,
        other => panic!("{other:?}"),
    }
}

const AN_HOUR: DurationMs = DurationMs(HOUR_MS);

#[test]
fn in_amnesia_the_half_that_gives_brings_no_old_credentials_back() {
    let (mut world, fra, _) = on_fra(1, 10);
    let account = world.account(0);
    world.round();
    let (snapshot, outside) = (world.snapshot.clone(), world.outside.clone());
    world.submit(&rotate(account, 1)).unwrap();
    world.renew(0, "basic-30", account);
    world.round();
    world.round();
    let (new, seen) = (world.client(account).uuid, world.snapshot.revision());
    (world.snapshot, world.outside) = (snapshot, outside);
    let (ours, since) = (world.snapshot.revision(), world.now);
    let lacking = Vec::new();
    world.put(Amnesia { ours, seen, server: Some(fra.clone()), since, lacking, resolved_at: None });
    world.pass(&fra);
    assert_eq!(world.client(account).uuid, new);
}

#[test]
fn a_place_is_promised_once_though_many_have_ended_on_a_lost_server() {
    let (mut world, fra, ams) = on_fra(3, 0);
    world.wait(DurationMs(31 * DAY_MS));
    world.round();
    set(&mut world, &fra, ServerLifecycle::Lost);
    room_for(&mut world, &ams, 1);
    let ended: Vec<_> = (0..3).map(|n| (n, world.account(usize::try_from(n).unwrap()))).collect();
    let mut got: Vec<_> =
        ended.iter().map(|(n, id)| asks(&mut world, *n, Target::Renew(*id))).collect();
    got.push(asks(&mut world, 9, Target::New));
    assert_eq!(got.iter().filter(|got| got.is_ok()).count(), 1, "{got:?}");
}

#[test]
fn who_paid_and_whose_server_is_lost_is_in_line_before_who_orders_now() {
    let (mut world, fra, ams) = on_fra(1, 0);
    let account = world.account(0);
    world.wait(DurationMs(31 * DAY_MS));
    world.round();
    let renewal = asks(&mut world, 0, Target::Renew(account)).unwrap();
    set(&mut world, &fra, ServerLifecycle::Lost);
    pays(&mut world, 0, renewal);
    world.bind(account);
    room_for(&mut world, &ams, 1);
    assert_eq!(asks(&mut world, 9, Target::New), Err(Rejection::NoCapacity));
    assert!(world.bind(account));
    assert_eq!(world.server_of(account), ams);
}

#[test]
fn a_renewal_of_who_ended_on_a_draining_server_takes_no_promised_place() {
    let (mut world, fra, ams) = on_fra(1, 0);
    let account = world.account(0);
    world.wait(DurationMs(31 * DAY_MS));
    world.round();
    set(&mut world, &fra, ServerLifecycle::Draining);
    room_for(&mut world, &ams, 1);
    let promised = asks(&mut world, 9, Target::New).unwrap();
    let renewal = asks(&mut world, 0, Target::Renew(account)).unwrap();
    pays(&mut world, 0, renewal);
    world.bind(account);
    assert_eq!(world.server_of(account), fra, "its own place is still there");
    let other = pays(&mut world, 9, promised);
    assert!(world.bind(other));
}

#[test]
fn nothing_new_is_sold_while_somebody_is_stranded_on_a_lost_server() {
    let (mut world, fra, ams) = on_fra(2, 1);
    set(&mut world, &fra, ServerLifecycle::Lost);
    assert_eq!(world.drain(&fra), (1, 1));
    room_for(&mut world, &ams, 2);
    assert_eq!(asks(&mut world, 9, Target::New), Err(Rejection::NoCapacity));
    assert_eq!(world.drain(&fra), (1, 0));
    room_for(&mut world, &ams, 3);
    assert!(asks(&mut world, 9, Target::New).is_ok());
}

#[test]
fn who_is_used_up_while_moving_and_pays_for_more_is_served() {
    let (mut world, fra, ams) = on_fra(1, 10);
    let account = world.account(0);
    set(&mut world, &fra, ServerLifecycle::Draining);
    world.drain(&fra);
    // The new server does not answer.
    world.pass(&fra);
    world.panels.get_mut(&fra).unwrap().traffic(&email(account), 50 << 30);
    world.wait(AN_HOUR);
    world.pass(&fra);
    world.bind(account);
    world.pass(&fra);
    assert!(!is_on(&world, &fra, account));
    world.renew(0, "basic-30", account);
    for _ in 0..5 {
        world.wait(AN_HOUR);
        world.bind(account);
        world.pass(&fra);
    }
    assert!(is_on(&world, &fra, account), "paid for, and on nowhere");
    assert!(!is_on(&world, &ams, account));
}

#[test]
fn the_old_link_works_for_its_day_though_more_was_bought_meanwhile() {
    let (mut world, fra, ams) = on_fra(1, 10);
    let account = world.account(0);
    set(&mut world, &fra, ServerLifecycle::Draining);
    world.drain(&fra);
    world.round();
    world.panels.get_mut(&fra).unwrap().traffic(&email(account), 50 << 30);
    world.wait(AN_HOUR);
    world.round();
    world.round();
    world.renew(0, "basic-30", account);
    world.round();
    world.round();
    assert!(is_on(&world, &fra, account) && is_on(&world, &ams, account));
}

#[test]
fn who_leaves_is_made_again_until_the_new_server_serves_and_not_after() {
    let (mut world, fra, ams) = on_fra(1, 10);
    let account = world.account(0);
    set(&mut world, &fra, ServerLifecycle::Draining);
    world.drain(&fra);
    world.pass(&fra);
    world.panels.get_mut(&fra).unwrap().clients.remove(&email(account));
    for _ in 0..3 {
        world.wait(DurationMs(MINUTE_MS));
        world.pass(&fra);
    }
    assert!(is_on(&world, &fra, account), "the new server is down");
    world.round();
    assert!(is_on(&world, &ams, account));
    world.panels.get_mut(&fra).unwrap().clients.remove(&email(account));
    for _ in 0..3 {
        world.wait(DurationMs(MINUTE_MS));
        world.round();
    }
    assert!(!is_on(&world, &fra, account));
}

#[test]
fn nobody_is_moved_by_hand_to_where_nobody_is_served_though_a_tombstone_stands_there() {
    use ServerLifecycle::{Draining, Lost, Retired};
    for lifecycle in [Lost, Draining, Retired] {
        let (mut world, fra, _) = on_fra(1, 10);
        let account = world.account(0);
        set(&mut world, &fra, Draining);
        world.drain(&fra);
        world.round();
        world.tell();
        world.wait(A_DAY);
        world.round();
        world.round();
        set(&mut world, &fra, lifecycle);
        let said = world.submit(&move_to(account, "fra-1"));
        assert_eq!(said, Err(Rejection::CannotMove), "{lifecycle:?}");
    }
}

#[test]
fn who_was_moved_by_hand_and_comes_back_after_the_end_is_where_it_was_moved_to() {
    let mut world = World::settled(catalog_with_room(0, 1_000), 1, "basic-30");
    let (fra, ams) = (server("fra-1"), server("ams-1"));
    room_for(&mut world, &fra, 10);
    let account = world.account(0);
    world.wait(DurationMs(28 * DAY_MS));
    world.submit(&move_to(account, "fra-1")).unwrap();
    world.round();
    world.tell();
    world.wait(A_DAY);
    world.round();
    world.wait(DurationMs(2 * DAY_MS));
    world.round();
    world.round();
    world.renew(0, "basic-30", account);
    world.round();
    world.round();
    assert!(is_on(&world, &fra, account) && !is_on(&world, &ams, account));
}

#[test]
fn who_is_off_keeps_both_places_and_is_served_by_the_old_server_once_on_again() {
    let (mut world, fra, ams) = on_fra(1, 10);
    let account = world.account(0);
    world.submit(&people::suspend(account)).unwrap();
    world.round();
    set(&mut world, &fra, ServerLifecycle::Draining);
    world.drain(&fra);
    world.submit(&people::resume(account)).unwrap();
    world.pass(&fra);
    assert!(is_on(&world, &fra, account), "the new server may be down");
    world.submit(&people::suspend(account)).unwrap();
    world.round();
    world.wait(A_DAY);
    world.round();
    let left = world.snapshot.binding(account, &fra).unwrap().disposition.clone();
    assert!(matches!(left, Disposition::Tombstoned { .. }), "nothing is switched on anywhere");
    assert_eq!(schedule(&world.snapshot, &world.catalog, account, world.now), Scheduled::Settled);
    assert_eq!(world.server_of(account), ams);
}

fn knows_inbounds(world: &mut World) {
    for server in world.panels.keys().cloned().collect::<Vec<_>>() {
        let known = nebulalinks::view::sample::facts();
        world.put(ServerFacts { server, ..known });
    }
}

fn set_outage(world: &mut World, server: &ServerId, outage: Option<Outage>) {
    let status = world.snapshot.server_status(server).cloned();
    let mut status = status.unwrap_or_else(|| ServerStatus::new(server.clone()));
    status.outage = outage;
    world.put(status);
}

#[test]
fn an_outage_of_the_new_server_that_comes_and_goes_sends_no_link() {
    let (mut world, fra, ams) = on_fra(1, 10);
    let account = world.account(0);
    set(&mut world, &fra, ServerLifecycle::Draining);
    world.drain(&fra);
    world.round();
    knows_inbounds(&mut world);
    let waits = |world: &World| {
        Pages::new(&PROFILE, &world.snapshot, &world.catalog, world.now).link_can_wait(account)
    };
    assert!(!waits(&world), "the new link goes out");
    for outage in [Some(Outage::XrayDown), None, Some(Outage::XrayDown)] {
        set_outage(&mut world, &ams, outage);
        assert_eq!(waits(&world), outage.is_some());
    }
    // New credentials that only the old server has, while the new one is down: they are sent.
    world.submit(&rotate(account, 1)).unwrap();
    world.pass(&fra);
    assert!(!waits(&world), "the link of before is dead");
    set_outage(&mut world, &ams, None);
    assert!(waits(&world), "the new server has them in a moment");
    world.pass(&ams);
    assert!(!waits(&world));
}

#[test]
fn a_stranded_account_may_be_moved_by_hand_onto_the_last_place() {
    let (mut world, fra, ams) = on_fra(1, 1);
    let account = world.account(0);
    set(&mut world, &fra, ServerLifecycle::Lost);
    let moving = Ok(Reply::Moving(account, ams));
    assert_eq!(world.submit(&move_to(account, "ams-1")), moving);
}

#[test]
fn a_link_to_the_old_server_begins_no_day() {
    let (mut world, fra, ams) = on_fra(1, 10);
    let account = world.account(0);
    set(&mut world, &fra, ServerLifecycle::Draining);
    world.drain(&fra);
    // The new server is down, and somebody shows the link, which leads to the old one.
    world.pass(&fra);
    assert!(world.snapshot.link_leads_to_old(account));
    let (state, at) = (DeliveryState::Shown, world.now);
    let shown = Delivery::after(None, account, "m1-old".to_owned(), state, at);
    world.put(Delivery { to_old: true, ..shown });
    world.wait(A_DAY);
    world.pass(&ams);
    world.round();
    assert!(is_on(&world, &fra, account) && is_on(&world, &ams, account));
    world.tell();
    world.wait(A_DAY);
    world.round();
    assert!(!is_on(&world, &fra, account));
}

#[test]
fn a_link_leads_back_to_a_tombstone_only_once_the_client_there_is_on() {
    let (mut world, fra, ams) = on_fra(1, 10);
    let account = world.account(0);
    world.submit(&move_to(account, "ams-1")).unwrap();
    world.round();
    world.tell();
    world.wait(A_DAY);
    world.round();
    world.submit(&move_to(account, "fra-1")).unwrap();
    world.pass(&ams);
    assert!(world.snapshot.link_leads_to_old(account), "it is off there");
    world.pass(&fra);
    assert!(!world.snapshot.link_leads_to_old(account));
}

#[test]
fn who_comes_back_is_served_where_somebody_answers() {
    let (mut world, fra, ams) = on_fra(1, 10);
    let account = world.account(0);
    set(&mut world, &fra, ServerLifecycle::Draining);
    world.drain(&fra);
    world.round();
    world.wait(DurationMs(31 * DAY_MS));
    world.round();
    world.round();
    set_outage(&mut world, &ams, Some(Outage::XrayDown));
    let mut status = world.snapshot.server_status(&ams).unwrap().clone();
    let (reason, since) = ("xray is stopped".to_owned(), world.now);
    status.conditions = vec![Condition { kind: ConditionKind::Stalled, reason, since }];
    world.put(status);
    world.renew(0, "basic-30", account);
    world.bind(account);
    assert_eq!(world.server_of(account), fra, "draining, and alive");
}

#[test]
fn a_lost_server_that_answers_serves_on_until_the_new_one_does() {
    let (mut world, fra, ams) = on_fra(1, 10);
    let account = world.account(0);
    world.round();
    set(&mut world, &fra, ServerLifecycle::Lost);
    assert_eq!(world.drain(&fra), (1, 0));
    assert_eq!(world.server_of(account), ams);
    world.pass(&fra);
    assert!(is_on(&world, &fra, account), "nobody else serves it");
    world.pass(&ams);
    assert!(is_on(&world, &ams, account));
    world.pass(&fra);
    assert!(!is_on(&world, &fra, account), "served by both");
}
