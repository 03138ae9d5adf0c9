//! What staff forgive of usage that was billed: it counts no more, and the ledgers stay.

use nebulalinks::intent::{Forgive, Intent, LeapOf, Rejection, Reply, Staff};
use nebulalinks::model::*;
use nebulalinks::planner::Verb;
use nebulalinks_testkit::people::{forgive, outsider};
use nebulalinks_testkit::pure_loop::has;
use nebulalinks_testkit::shop::{catalog, catalog_with_room};
use nebulalinks_testkit::world::World;

const GIB: u64 = 1 << 30;

/// Nine accounts of 8 GiB on one server, all used up in one list: five are cut, four are held.
fn leapt() -> (World, ServerId, Vec<AccountId>) {
    let mut catalog = catalog_with_room(100, 0);
    for plan in &mut catalog.plans {
        plan.traffic = Quota::Bytes(Bytes(8 * GIB));
    }
    let mut world = World::settled(catalog, 9, "basic-30");
    let server = world.server_of(world.account(0));
    world.pass(&server);
    world.wait(DurationMs(MINUTE_MS));
    let accounts: Vec<AccountId> = (0..9).map(|n| world.account(n)).collect();
    for account in &accounts {
        world.client_mut(*account).counter = Bytes(8 * GIB);
    }
    world.pass(&server);
    (world, server, accounts)
}

fn used(world: &World, account: AccountId, bytes: u64) -> (World, AccountId) {
    let mut world = world.clone();
    let server = world.server_of(account);
    world.client_mut(account).counter = Bytes(bytes);
    world.wait(DurationMs(HOUR_MS));
    world.pass(&server);
    (world, account)
}

fn one_of_fifty(bytes: u64) -> (World, AccountId) {
    let world = World::settled(catalog(), 1, "basic-30");
    let account = world.account(0);
    used(&world, account, bytes)
}

fn left(world: &World, account: AccountId) -> Quota {
    world.entitlement(account).left
}

#[test]
fn forgiving_a_servers_leap_gives_everybody_back_what_they_had_and_lifts_the_hold() {
    let (mut world, server, accounts) = leapt();
    let held = world.snapshot.server_status(&server).unwrap().held.clone().unwrap();
    assert_eq!(held.items.len(), 4);
    let of = LeapOf::Server(server.clone());
    let done = world.submit(&forgive(1, of.clone(), None));
    assert_eq!(done, Ok(Reply::Forgiven { of, accounts: 9, by: Bytes(72 * GIB) }));
    // The panel's own rule has not looked at those who are held.
    world.now = world.now + DurationMs(MINUTE_MS);
    let pass = world.pass(&server);
    assert_eq!(pass.guarded.held, None);
    assert_eq!(pass.sent().iter().filter(|c| c.verbs.contains(&Verb::Enable)).count(), 5);
    for account in accounts {
        assert!(world.client(account).enable);
        assert_eq!(left(&world, account), Quota::Bytes(Bytes(8 * GIB)));
        assert_eq!(world.snapshot.used(account), Bytes(8 * GIB), "totals never fall");
    }
}

#[test]
fn a_leap_is_forgiven_once_whoever_asks_and_however_often() {
    let (mut world, server, accounts) = leapt();
    let of = || LeapOf::Server(server.clone());
    world.submit(&forgive(1, LeapOf::Account(accounts[0]), None)).unwrap();
    let rest = world.submit(&forgive(2, of(), None));
    assert!(matches!(rest, Ok(Reply::Forgiven { accounts: 8, .. })), "{rest:?}");
    assert_eq!(world.submit(&forgive(2, of(), None)), Ok(Reply::AlreadyForgiven(of())));
    assert_eq!(world.submit(&forgive(3, of(), None)), Err(Rejection::NothingToForgive));
    let typo = LeapOf::Server("nope".parse().unwrap());
    assert_eq!(world.submit(&forgive(5, typo, None)), Err(Rejection::UnknownServer));
    let again = world.submit(&forgive(4, LeapOf::Account(accounts[0]), None));
    assert_eq!(again, Err(Rejection::NothingToForgive));
    assert_eq!(world.snapshot.forgivenesses(accounts[0]).count(), 1);
}

#[test]
fn an_amount_is_forgiven_up_to_what_was_billed() {
    let (mut world, account) = one_of_fifty(20 * GIB);
    let of = || LeapOf::Account(account);
    world.submit(&forgive(1, of(), Some(Bytes(5 * GIB)))).unwrap();
    assert_eq!(left(&world, account), Quota::Bytes(Bytes(35 * GIB)));
    let most = world.submit(&forgive(2, of(), Some(Bytes(500 * GIB))));
    assert_eq!(most, Ok(Reply::Forgiven { of: of(), accounts: 1, by: Bytes(15 * GIB) }));
    assert_eq!(left(&world, account), Quota::Bytes(Bytes(50 * GIB)), "never more than was sold");
    let nothing = world.submit(&forgive(3, of(), Some(Bytes(GIB))));
    assert_eq!(nothing, Err(Rejection::NothingToForgive));
    assert_eq!(world.snapshot.used(account), Bytes(20 * GIB));
}

#[test]
fn who_is_off_because_nothing_is_left_is_on_again_with_what_is_forgiven() {
    let (mut world, account) = one_of_fifty(50 * GIB);
    let server = world.server_of(account);
    assert!(!world.client(account).enable);
    world.submit(&forgive(1, LeapOf::Account(account), Some(Bytes(10 * GIB)))).unwrap();
    world.wait(DurationMs(MINUTE_MS));
    assert!(has(world.pass(&server).sent(), account, Verb::Enable));
    let Cap::Bytes(cap) = world.client(account).cap else { panic!("capped") };
    assert_eq!(cap.get(), 60 * GIB, "the counter and what is left");
    // The next run does not have it a second time.
    world.wait(DurationMs(31 * DAY_MS));
    world.pass(&server);
    world.renew(0, "basic-30", account);
    assert_eq!(left(&world, account), Quota::Bytes(Bytes(50 * GIB)));
}

#[test]
fn only_staff_forgive_and_the_audit_says_who_and_why() {
    let (mut world, account) = one_of_fifty(20 * GIB);
    let Intent::Forgive(asked) = forgive(1, LeapOf::Account(account), Some(Bytes(GIB))) else {
        panic!()
    };
    let by = |staff: Staff| Intent::Forgive(Forgive { staff, ..asked.clone() });
    assert_eq!(world.submit(&by(outsider().into())), Err(Rejection::NotStaff));
    world.submit(&by(asked.staff.clone())).unwrap();
    let audited = world.outside.values().find_map(|r| match &r.value {
        Record::Audit(line) if line.verb == "forgive" => Some(line.clone()),
        _ => None,
    });
    let line = audited.unwrap();
    assert_eq!(
        (line.actor.to_string().as_str(), line.reason.as_deref()),
        ("cli:root", Some("a leap"))
    );
    assert_eq!(line.subject, format!("account:{account}"));
}
