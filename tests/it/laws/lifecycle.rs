//! What staff decide of an account's life: suspended and resumed, and given new credentials.

use nebulalinks::intent::{Intent, OfAccount, Rejection, Reply};
use nebulalinks::model::*;
use nebulalinks::planner::{Verb, Waiting};
use nebulalinks::view::{delivery_fingerprint, links};
use nebulalinks_testkit::people::{self, resume, rotate, suspend};
use nebulalinks_testkit::pure_loop::has;
use nebulalinks_testkit::shop::catalog;
use nebulalinks_testkit::world::World;

fn sold() -> (World, AccountId, ServerId) {
    let world = World::settled(catalog(), 1, "basic-30");
    let account = world.account(0);
    let server = world.server_of(account);
    (world, account, server)
}

/// Everything is as the records want it, and a further round writes nothing.
fn is_settled(world: &mut World) {
    world.round();
    assert!(world.round().iter().all(|set| set.is_empty()), "it goes on writing");
}

#[test]
fn a_suspension_switches_off_at_once_and_leaves_the_end_where_it_is() {
    let (mut world, account, server) = sold();
    let before = world.entitlement(account);
    assert_eq!(world.submit(&suspend(account)), Ok(Reply::Suspended(account)));
    assert!(has(world.pass(&server).sent(), account, Verb::Disable));
    assert!(!world.client(account).enable);
    is_settled(&mut world);
    world.wait(DurationMs(DAY_MS));
    assert_eq!(world.submit(&resume(account)), Ok(Reply::Resumed(account)));
    assert!(has(world.pass(&server).sent(), account, Verb::Enable));
    let after = world.entitlement(account);
    assert_eq!((after.ends_at, after.left), (before.ends_at, before.left));
    assert!(world.client(account).enable);
    is_settled(&mut world);
}

#[test]
fn who_was_suspended_before_ever_being_served_gets_the_whole_time() {
    let mut world = World::empty(catalog());
    let account = world.sell(0, "basic-30");
    world.submit(&suspend(account)).unwrap();
    world.wait(DurationMs(40 * DAY_MS));
    assert!(world.round().iter().all(|set| set.is_empty()), "nobody is made to be off");
    world.submit(&resume(account)).unwrap();
    let since = world.now;
    world.round();
    world.round();
    assert!(world.client(account).enable);
    let ends_at = world.entitlement(account).ends_at;
    assert!(ends_at >= since + DurationMs(30 * DAY_MS), "{ends_at:?}");
}

#[test]
fn asked_again_a_suspension_a_resumption_and_a_rotation_change_nothing() {
    let (mut world, account, _) = sold();
    for asked in [suspend(account), resume(account), rotate(account, 1)] {
        world.submit(&asked).unwrap();
        let revision = world.snapshot.revision();
        assert_eq!(world.submit(&asked), Ok(Reply::Unchanged(account)));
        assert_eq!(world.snapshot.revision(), revision, "{}", asked.verb());
    }
    assert_eq!(world.snapshot.account(account).unwrap().credentials.version, 2);
}

#[test]
fn only_staff_decide_of_an_account_and_say_why() {
    let (mut world, account, _) = sold();
    let revision = world.snapshot.revision();
    let all = |of: OfAccount| {
        let rotate = Intent::Rotate { of: of.clone(), version: 1 };
        [Intent::Suspend(of.clone()), Intent::Resume(of), rotate]
    };
    let of = |reason: &str, staff| OfAccount { account, reason: reason.to_owned(), staff };
    for asked in all(of("because", people::outsider().into())) {
        assert_eq!(world.submit(&asked), Err(Rejection::NotStaff));
    }
    for asked in all(of(" \u{200b} ", people::operator())) {
        assert_eq!(world.submit(&asked), Err(Rejection::ReasonRequired));
    }
    for asked in all(of(&"x".repeat(501), people::operator())) {
        assert_eq!(world.submit(&asked), Err(Rejection::ReasonTooLong));
    }
    for asked in all(OfAccount { account: AccountId::MIN, ..of("why", people::operator()) }) {
        assert_eq!(world.submit(&asked), Err(Rejection::UnknownAccount));
    }
    assert_eq!(world.snapshot.revision(), revision);
}

#[test]
fn the_audit_says_who_decided_what_and_why() {
    let (mut world, account, _) = sold();
    for asked in [suspend(account), resume(account), rotate(account, 1)] {
        world.submit(&asked).unwrap();
    }
    let lines = world.outside.values().filter_map(|r| match &r.value {
        Record::Audit(line) => Some(line),
        _ => None,
    });
    let of = |line: &&Audit| line.subject == format!("account:{account}");
    let said: Vec<_> = lines
        .filter(of)
        .map(|line| (&*line.verb, line.actor.to_string(), line.reason.as_deref().unwrap()))
        .collect();
    let root = || "cli:root".to_owned();
    assert_eq!(
        said,
        [
            ("suspend", root(), "abuse"),
            ("resume", root(), "cleared"),
            ("rotate", root(), "the link leaked"),
        ]
    );
}

#[test]
fn after_a_rotation_the_panel_has_the_new_credentials_and_not_the_old_ones() {
    let (mut world, account, server) = sold();
    let old = world.snapshot.account(account).unwrap().clone();
    world.submit(&rotate(account, 1)).unwrap();
    let sent = world.pass(&server).sent().to_vec();
    assert!(has(&sent, account, Verb::Update));
    assert_eq!(sent[0].before, Some(old.credentials.uuid));
    let new = world.snapshot.account(account).unwrap().clone();
    assert_ne!(new.credentials.secret, old.credentials.secret);
    assert_ne!(new.subscription_token, old.subscription_token);
    let client = world.client(account).clone();
    assert_eq!(client.uuid, Some(new.credentials.uuid));
    assert_eq!(client.sub_id, new.credentials.sub_id);
    assert!(client.enable);
    is_settled(&mut world);
    // A backup of the panel brings the old ones back, for a moment.
    let back = world.client_mut(account);
    (back.uuid, back.sub_id) = (Some(old.credentials.uuid), old.credentials.sub_id.clone());
    is_settled(&mut world);
    assert_eq!(world.client(account).uuid, Some(new.credentials.uuid));
}

#[test]
fn a_rotation_reaches_a_client_that_is_off() {
    let (mut world, account, _) = sold();
    world.submit(&suspend(account)).unwrap();
    is_settled(&mut world);
    world.submit(&rotate(account, 1)).unwrap();
    is_settled(&mut world);
    let new = world.snapshot.account(account).unwrap().credentials.uuid;
    assert_eq!((world.client(account).uuid, world.client(account).enable), (Some(new), false));
}

#[test]
fn a_new_link_is_there_once_its_server_has_it_and_another_one_than_before() {
    let (mut world, account, server) = sold();
    let known = nebulalinks::view::sample::facts();
    world.put(ServerFacts { server: server.clone(), ..known });
    let old = delivery_fingerprint(&world.snapshot, &world.catalog, account).unwrap();
    world.submit(&rotate(account, 1)).unwrap();
    assert_eq!(delivery_fingerprint(&world.snapshot, &world.catalog, account), None);
    assert!(links(&world.snapshot, &world.catalog, account).is_empty());
    world.pass(&server);
    let new = delivery_fingerprint(&world.snapshot, &world.catalog, account).unwrap();
    assert_ne!(new, old);
}

#[test]
fn a_store_that_lacks_a_rotation_does_not_bring_the_old_credentials_back() {
    let (mut world, account, server) = sold();
    let (snapshot, outside) = (world.snapshot.clone(), world.outside.clone());
    world.submit(&rotate(account, 1)).unwrap();
    is_settled(&mut world);
    let (new, seen) = (world.client(account).uuid, world.snapshot.revision());
    (world.snapshot, world.outside) = (snapshot, outside);
    let ours = world.snapshot.revision();
    let (lacking, since) = (Vec::new(), world.now);
    let forgot =
        Amnesia { ours, seen, server: Some(server.clone()), since, lacking, resolved_at: None };
    world.put(forgot.clone());
    let pass = world.pass(&server);
    let waits = |n: &nebulalinks::planner::Note| n.waiting == Waiting::Amnesia;
    assert!(pass.guarded.proposal.report.notes.iter().any(waits));
    assert_eq!(world.client(account).uuid, new);
    // Somebody says that this store is the right one.
    world.put(Amnesia { resolved_at: Some(world.now), ..forgot });
    is_settled(&mut world);
    assert_ne!(world.client(account).uuid, new);
}
