//! A client that was somebody's own becomes an account's: on record first, then by one update, and the
//! same client is adopted once.

use nebulalinks::intent::{Adopt, Intent, Others, Rejection, Reply};
use nebulalinks::model::*;
use nebulalinks::planner::{Verb, Waiting};
use nebulalinks_testkit::people;
use nebulalinks_testkit::shop::catalog;
use nebulalinks_testkit::world::{World, email};

const THEIRS: &str = "Bobs.Phone+1@home";
const GIB: u64 = 1 << 30;

/// A listed server with somebody's own client: 50 GiB, 20 of them used, 12 days to go, 3 devices.
fn found() -> (World, ServerId, ObservedClient) {
    let mut world = World::settled(catalog(), 2, "basic-30");
    let server = world.server_of(world.account(0));
    let now = world.now;
    world.put(ServerFacts {
        server: server.clone(),
        inbounds: vec![nebulalinks_testkit::panel::inbound()],
    });
    world.pass(&server);
    let panel = world.panels.get_mut(&server).unwrap();
    panel.add_foreign(THEIRS, now);
    panel.add_foreign("friend", now);
    let client = panel.clients.get_mut(THEIRS).unwrap();
    client.uuid = Some(uuid::Uuid::from_u128(0xb0b));
    client.sub_id = "bobs0subscription".into();
    client.end = Some(End::at(now + DurationMs(12 * DAY_MS)));
    client.cap = Cap::Bytes((50 * GIB).try_into().unwrap());
    client.counter = Bytes(20 * GIB);
    client.ip_limit = 3;
    let client = client.clone();
    (world, server, client)
}

fn adopted(world: &mut World, server: &ServerId, client: &ObservedClient) -> AccountId {
    match world.submit(&people::adopt(7, server, client, "basic-30")).unwrap() {
        Reply::Adopted(account) => account,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_adopted_client_keeps_its_credentials_usage_end_and_devices_by_one_update() {
    let (mut world, server, client) = found();
    let account = adopted(&mut world, &server, &client);
    let entitlement = world.entitlement(account);
    assert_eq!(End::at(entitlement.ends_at), client.end.unwrap());
    assert_eq!(entitlement.left, Quota::Bytes(Bytes(30 * GIB)));
    assert_eq!((entitlement.used, entitlement.devices), (Bytes(20 * GIB), 3));
    assert!(entitlement.served, "it is served all along: no outage is made good for");
    assert_eq!(world.panels[&server].clients[THEIRS], client, "the record comes first");
    world.panels.get_mut(&server).unwrap().traffic(THEIRS, GIB);
    world.wait(DurationMs(MINUTE_MS));
    let sent = world.pass(&server).sent().to_vec();
    let [change] = &sent[..] else { panic!("{sent:?}") };
    assert_eq!((change.main_verb(), change.want.from.as_deref()), (Verb::Update, Some(THEIRS)));
    let panel = &world.panels[&server];
    assert!(!panel.clients.contains_key(THEIRS));
    let ours = &panel.clients[&email(account)];
    assert_eq!(panel.created.get(&email(account)), None, "it was not made anew");
    let kept = ObservedClient {
        email: email(account),
        comment: "nl:basic".into(),
        counter: Bytes(21 * GIB),
        ..client
    };
    assert_eq!(ours, &kept);
    assert_eq!(world.entitlement(account).used, Bytes(21 * GIB), "what flows meanwhile counts");
    for _ in 0..3 {
        world.wait(DurationMs(20 * MINUTE_MS));
        assert!(world.pass(&server).sent().is_empty());
    }
    assert_eq!(world.entitlement(account).left, Quota::Bytes(Bytes(29 * GIB)));
    assert!(world.panels[&server].clients["friend"].comment.contains("friend"));
}

#[test]
fn the_same_client_is_adopted_once_under_whatever_name_and_for_whomever() {
    let (mut world, server, client) = found();
    let account = adopted(&mut world, &server, &client);
    let revision = world.snapshot.revision();
    let again = [
        people::adopt(7, &server, &client, "basic-30"),
        people::adopt(8, &server, &client, "basic-30"),
        people::adopt(7, &server, &ObservedClient { email: "x".into(), ..client }, "basic-30"),
    ];
    for intent in again {
        assert_eq!(world.submit(&intent), Ok(Reply::AlreadyAdopted(account)));
    }
    assert_eq!(world.snapshot.revision(), revision);
}

#[test]
fn what_cannot_be_adopted_is_refused_with_the_reason_and_changes_nothing() {
    let (mut world, server, client) = found();
    let revision = world.snapshot.revision();
    let good = people::adopt(7, &server, &client, "basic-30");
    let with = |change: &dyn Fn(&mut Adopt)| {
        let Intent::Adopt(mut adopt) = good.clone() else { unreachable!() };
        change(&mut adopt);
        Intent::Adopt(adopt)
    };
    let now = world.now;
    let wrong = [
        (with(&|a| a.client.uuid = None), "no uuid"),
        (with(&|a| a.client.sub_id = "Ab".into()), "subscription key"),
        (with(&|a| a.client.sub_id = "ok0key0ok\u{202e}".into()), "subscription key"),
        (with(&|a| a.client.end = None), "first use"),
        (with(&|a| a.client.email = "x".repeat(257)), "longer than 256 bytes"),
        (with(&|a| a.client.ip_limit = 1_000_001), "over 1,000,000"),
        (with(&|a| a.client.consistent = false), "disagree"),
        (with(&|a| (a.client.renews, a.client.consistent) = (true, false)), "it renews itself"),
        (with(&|a| a.client.inbounds = vec![9]), "inbounds"),
        (with(&|a| a.client.email = "nl-other-1".into()), "mark of another shop"),
        (with(&|a| a.plan = "nothing".parse().unwrap()), "no such plan"),
        (with(&|a| a.granted = Quota::Unlimited), "counts traffic"),
        (with(&|a| a.ends_at = now), "has ended"),
        (with(&|a| a.ends_at = UnixMs(u64::MAX)), "9999"),
        (with(&|a| a.server = "mars-1".parse().unwrap()), "no server has this id"),
    ];
    for (intent, why) in wrong {
        let refused = world.submit(&intent).unwrap_err();
        assert!(refused.to_string().contains(why), "{why}: {refused}");
    }
    world.catalog.servers.get_mut(&server).unwrap().mode = nebulalinks::catalog::Mode::Observe;
    assert!(world.submit(&good).unwrap_err().to_string().contains("only observed"));
    world.catalog.servers.get_mut(&server).unwrap().mode = nebulalinks::catalog::Mode::Manage;
    let bound = u32::try_from(world.snapshot.bound_count(&server)).unwrap();
    world.catalog.servers.get_mut(&server).unwrap().capacity = bound;
    assert_eq!(world.submit(&good), Err(Rejection::NoCapacity));
    assert_eq!(world.snapshot.revision(), revision);
    assert_eq!(world.panels[&server].clients[THEIRS], client);
}

#[test]
fn one_whose_credentials_another_has_is_told_from_it_by_nobody() {
    let (world, _, client) = found();
    let ours = world.snapshot.account(world.account(0)).unwrap().credentials.clone();
    let with = |uuid, sub_id: &str| ObservedClient {
        uuid: Some(uuid),
        sub_id: sub_id.into(),
        ..client.clone()
    };
    let another = uuid::Uuid::from_u128(0xa);
    let why = |one: &ObservedClient, strangers: &[ObservedClient]| {
        Others::of(&world.snapshot, strangers).shares(one).unwrap_or("nobody has")
    };
    for (one, says) in [
        (with(ours.uuid, &client.sub_id), "the same uuid"),
        (with(another, &ours.sub_id), "the same subscription key"),
        (client.clone(), "nobody has"),
    ] {
        assert!(why(&one, std::slice::from_ref(&one)).contains(says), "{says}");
    }
    for twin in [with(client.uuid.unwrap(), "anothers0key"), with(another, &client.sub_id)] {
        assert!(why(&client, &[client.clone(), twin]).contains("the same"));
    }
}

#[test]
fn one_that_went_before_it_was_renamed_is_made_only_after_two_full_lists() {
    let (mut world, server, client) = found();
    let account = adopted(&mut world, &server, &client);
    world.panels.get_mut(&server).unwrap().clients.remove(THEIRS);
    let pass = world.pass(&server);
    assert!(pass.sent().is_empty());
    assert!(pass.guarded.proposal.report.of(account).any(|w| w == Waiting::SecondLook));
    world.wait(DurationMs(40 * SECOND_MS));
    assert_eq!(world.pass(&server).sent().len(), 1);
    let ours = &world.panels[&server].clients[&email(account)];
    assert_eq!((ours.uuid, &ours.sub_id), (client.uuid, &client.sub_id));
}

#[test]
fn a_panel_from_before_the_adoption_has_it_adopted_once_more_and_no_second_client() {
    let (mut world, server, client) = found();
    let old = world.panels[&server].clone();
    let account = adopted(&mut world, &server, &client);
    world.pass(&server);
    world.panels.insert(server.clone(), old);
    world.wait(DurationMs(40 * SECOND_MS));
    world.pass(&server);
    let with_uuid = world.panels[&server].clients.values().filter(|c| c.uuid == client.uuid);
    let names: Vec<&str> = with_uuid.map(|c| &*c.email).collect();
    assert_eq!(names, [email(account)]);
    assert_eq!(world.snapshot.used(account), Bytes(20 * GIB));
}

/// One client has the account's credentials, and nobody those of before.
fn is_alone(world: &World, server: &ServerId, account: AccountId, before: &ObservedClient) {
    let (clients, record) =
        (&world.panels[server].clients, world.snapshot.account(account).unwrap());
    let ours = &clients[&email(account)];
    assert_eq!(ours.uuid, Some(record.credentials.uuid));
    assert_ne!(ours.uuid, before.uuid);
    let alive = clients.values().filter(|c| c.uuid == before.uuid || c.sub_id == before.sub_id);
    assert_eq!(alive.map(|c| &*c.email).collect::<Vec<_>>(), [""; 0], "leaked, and served on");
    assert_eq!(ours.incarnation, before.incarnation, "on its own row: what it used counts");
}

#[test]
fn no_client_lives_on_with_the_credentials_from_before_a_rotation_that_comes_before_the_new_name() {
    let (mut world, server, client) = found();
    let account = adopted(&mut world, &server, &client);
    world.submit(&people::rotate(account, 1)).unwrap();
    world.pass(&server);
    is_alone(&world, &server, account, &client);
    assert_eq!(world.entitlement(account).left, Quota::Bytes(Bytes(30 * GIB)));
}

#[test]
fn a_panel_from_before_the_adoption_brings_no_rotated_credentials_back() {
    let (mut world, server, client) = found();
    let old = world.panels[&server].clone();
    let account = adopted(&mut world, &server, &client);
    world.pass(&server);
    world.submit(&people::rotate(account, 1)).unwrap();
    world.pass(&server);
    world.panels.insert(server.clone(), old);
    for _ in 0..3 {
        world.wait(DurationMs(40 * SECOND_MS));
        world.pass(&server);
    }
    is_alone(&world, &server, account, &client);
}

#[test]
fn one_that_is_renamed_by_hand_before_the_update_is_found_by_its_uuid() {
    let (mut world, server, client) = found();
    let account = adopted(&mut world, &server, &client);
    let panel = world.panels.get_mut(&server).unwrap();
    let mut renamed = panel.clients.remove(THEIRS).unwrap();
    renamed.email = "bob-2".into();
    panel.clients.insert("bob-2".into(), renamed);
    let sent = world.pass(&server).sent().to_vec();
    let [change] = &sent[..] else { panic!("{sent:?}") };
    assert_eq!((change.main_verb(), change.want.from.as_deref()), (Verb::Update, Some("bob-2")));
    let panel = &world.panels[&server];
    assert!(!panel.clients.contains_key("bob-2"));
    assert_eq!(panel.clients[&email(account)].uuid, client.uuid);
}

#[test]
fn the_same_uuid_on_another_server_is_refused_and_not_said_to_be_adopted() {
    let (mut world, server, client) = found();
    adopted(&mut world, &server, &client);
    let other = world.catalog.servers.keys().find(|id| **id != server).unwrap().clone();
    let refused = world.submit(&people::adopt(7, &other, &client, "basic-30")).unwrap_err();
    assert!(refused.to_string().contains("was adopted elsewhere as account"), "{refused}");
}

/// The account is served on another server, and nothing of it is bound to this one any more.
fn leave(world: &mut World, server: &ServerId, account: AccountId) -> ServerId {
    let other = world.catalog.servers.keys().find(|id| *id != server).unwrap().clone();
    let mut edits = Edits::new();
    edits.delete(Key::Binding(account, server.clone()));
    edits.delete(Key::BindingStatus(account, server.clone()));
    let disposition = Disposition::Serving;
    edits.put(Binding { account, server: other.clone(), disposition, bound_at: world.now });
    assert!(world.commit(&edits));
    world.panels.get_mut(server).unwrap().clients.remove(&email(account));
    other
}

#[test]
fn one_that_a_backup_brings_back_where_its_account_left_is_an_orphan_that_is_said() {
    let (mut world, server, client) = found();
    let old = world.panels[&server].clone();
    let account = adopted(&mut world, &server, &client);
    world.pass(&server);
    let other = leave(&mut world, &server, account);
    world.panels.insert(server.clone(), old.clone());
    world.wait(DurationMs(MINUTE_MS));
    let pass = world.pass(&server);
    assert_eq!(pass.guarded.proposal.orphans, [account], "nobody counts it, and it is on");
    assert!(pass.sent().is_empty(), "it is removed by nobody of ours");
    assert_eq!(world.panels[&server].clients[THEIRS], client);
    let refused = world.submit(&people::adopt(7, &server, &client, "basic-30")).unwrap_err();
    let says = format!("adopted here as account {account}, which is served on {other}");
    assert!(refused.to_string().contains(&says), "{refused}");
    // It comes home: the client is its own again.
    let mut edits = Edits::new();
    let bound_at = world.now;
    let disposition = Disposition::Serving;
    edits.put(Binding { account, server: server.clone(), disposition, bound_at });
    edits.delete(Key::Binding(account, other));
    assert!(world.commit(&edits));
    world.pass(&server);
    assert!(world.pass(&server).guarded.proposal.orphans.is_empty());
    assert_eq!(world.panels[&server].clients[&email(account)].uuid, client.uuid);
    assert!(!world.panels[&server].clients.contains_key(THEIRS));
}

#[test]
fn of_two_with_one_subscription_key_that_are_asked_for_at_once_on_two_servers_one_is_adopted() {
    let (mut world, server, client) = found();
    let other = world.catalog.servers.keys().find(|id| **id != server).unwrap().clone();
    world.put(ServerFacts {
        server: other.clone(),
        inbounds: vec![nebulalinks_testkit::panel::inbound()],
    });
    let twin = ObservedClient {
        email: "alices-tv".into(),
        uuid: Some(uuid::Uuid::from_u128(0xa11ce)),
        ..client.clone()
    };
    let (one, two) = (
        people::adopt(7, &server, &client, "basic-30"),
        people::adopt(8, &other, &twin, "basic-30"),
    );
    // Both are decided on one snapshot.
    let (first, second) = (world.decide(&one).unwrap().0, world.decide(&two).unwrap().0);
    assert!(world.commit(&first));
    assert!(!world.commit(&second), "it is to be decided anew");
    let refused = world.submit(&two).unwrap_err();
    assert!(refused.to_string().contains("the same subscription key"), "{refused}");
}

#[test]
fn one_with_our_mark_of_which_an_old_store_knows_nothing_is_taken_in_again_under_its_own_id() {
    let (mut world, server, client) = found();
    let before = world.clone();
    let account = adopted(&mut world, &server, &client);
    world.pass(&server);
    world.panels.get_mut(&server).unwrap().traffic(&email(account), GIB);
    world.wait(DurationMs(MINUTE_MS));
    (world.snapshot, world.outside) = (before.snapshot, before.outside);
    let pass = world.pass(&server);
    assert_eq!(pass.guarded.proposal.orphans, [account]);
    let there = world.panels[&server].clients[&email(account)].clone();
    let again = people::adopt(7, &server, &there, "basic-30");
    assert_eq!(world.submit(&again), Ok(Reply::Adopted(account)), "under the id in its mark");
    assert_eq!(world.submit(&again), Ok(Reply::AlreadyAdopted(account)));
    let pass = world.pass(&server);
    assert!(pass.sent().is_empty() && pass.guarded.proposal.orphans.is_empty());
    assert_eq!(world.panels[&server].clients[&email(account)], there, "nothing is interrupted");
    assert_eq!(world.entitlement(account).used, Bytes(21 * GIB));
    // Of an account that there is, none is made again.
    let other = leave(&mut world, &server, account);
    let refused = world.submit(&again).unwrap_err();
    let says = format!("it is the client of account {account}, which is served on {other}");
    assert!(refused.to_string().contains(&says), "{refused}");
}

#[test]
fn a_long_note_beside_a_client_is_cut_and_keeps_nobody_from_being_adopted() {
    let (mut world, server, mut client) = found();
    client.comment = "\u{1f4f1}".repeat(200_000);
    let account = adopted(&mut world, &server, &client);
    let kept = &world.snapshot.account(account).unwrap().adopted().unwrap().comment;
    assert_eq!(kept.chars().count(), 128);
}

#[test]
fn another_client_that_takes_the_old_name_is_nobody_of_ours() {
    let (mut world, server, client) = found();
    adopted(&mut world, &server, &client);
    world.pass(&server);
    let now = world.now;
    world.panels.get_mut(&server).unwrap().add_foreign(THEIRS, now);
    let other = world.panels[&server].clients[THEIRS].clone();
    for _ in 0..3 {
        world.wait(DurationMs(40 * SECOND_MS));
        assert!(world.pass(&server).sent().is_empty());
    }
    assert_eq!(world.panels[&server].clients[THEIRS], other);
}
