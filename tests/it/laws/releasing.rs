//! A client is given back: it stays as it is under a name of its own, its account ends, and nobody takes it
//! for ours again.

use nebulalinks::intent::{Intent, Rejection, Reply};
use nebulalinks::model::*;
use nebulalinks::planner::{Verb, Waiting};
use nebulalinks_testkit::people;
use nebulalinks_testkit::shop::catalog;
use nebulalinks_testkit::world::{World, email};

const THEIRS: &str = "Bobs.Phone+1@home";
const GIB: u64 = 1 << 30;

/// Accounts that are served, and the first one's server.
fn served() -> (World, ServerId, AccountId) {
    let mut world = World::settled(catalog(), 3, "basic-30");
    let account = world.account(0);
    let server = world.server_of(account);
    world.put(ServerFacts {
        server: server.clone(),
        inbounds: vec![nebulalinks_testkit::panel::inbound()],
    });
    world.pass(&server);
    world.panels.get_mut(&server).unwrap().traffic(&email(account), 5 * GIB);
    (world, server, account)
}

fn adopted(world: &mut World, server: &ServerId) -> (AccountId, ObservedClient) {
    let now = world.now;
    let panel = world.panels.get_mut(server).unwrap();
    panel.add_foreign(THEIRS, now);
    let client = panel.clients.get_mut(THEIRS).unwrap();
    client.uuid = Some(uuid::Uuid::from_u128(0xb0b));
    client.sub_id = "bobs0subscription".into();
    client.end = Some(End::at(now + DurationMs(12 * DAY_MS)));
    client.cap = Cap::Bytes((50 * GIB).try_into().unwrap());
    client.comment = "bob, paid till summer".into();
    let client = client.clone();
    let reply = world.submit(&people::adopt(7, server, &client, "basic-30")).unwrap();
    let Reply::Adopted(account) = reply else { panic!("{reply:?}") };
    world.pass(server);
    (account, client)
}

fn release(world: &mut World, account: AccountId) {
    assert_eq!(world.submit(&people::release(account)), Ok(Reply::Released(account)));
}

#[test]
fn a_client_that_is_given_back_stays_as_it_is_under_a_plain_name() {
    let (mut world, server, account) = served();
    let before = world.panels[&server].clients[&email(account)].clone();
    release(&mut world, account);
    assert_eq!(world.panels[&server].clients[&email(account)], before, "the record comes first");
    world.bind(account);
    let disposition = &world.snapshot.binding(account, &server).unwrap().disposition;
    assert_eq!(*disposition, Disposition::Serving, "it is no client that is to go");
    let sent = world.pass(&server).sent().to_vec();
    let [change] = &sent[..] else { panic!("{sent:?}") };
    assert_eq!(change.main_verb(), Verb::Release);
    let panel = &world.panels[&server];
    assert!(!panel.clients.contains_key(&email(account)));
    let given = &panel.clients[&account.to_string()];
    let kept = ObservedClient {
        email: account.to_string(),
        comment: "customer discord:1000, basic".to_owned(),
        ..before
    };
    assert_eq!(given, &kept);
    assert_eq!(panel.created.get(&account.to_string()), None, "it was not made anew");
    assert!(world.snapshot.binding(account, &server).is_none());
}

#[test]
fn its_account_is_over_and_its_client_nobodys_of_ours_whatever_comes() {
    let (mut world, server, account) = served();
    release(&mut world, account);
    world.pass(&server);
    let given = world.panels[&server].clients[&account.to_string()].clone();
    for _ in 0..4 {
        world.wait(DurationMs(5 * DAY_MS));
        let sent = world.pass(&server).sent().to_vec();
        assert!(sent.iter().all(|change| change.account != account), "{sent:?}");
    }
    assert_eq!(world.panels[&server].clients[&account.to_string()], given);
    assert_eq!(world.entitlement(account).standing(world.now), Standing::Expired);
    assert!(world.snapshot.bindings(account).next().is_none(), "it gets no other server");
    let asks: [Intent; 3] =
        [people::grant(1, account, 1, None), people::suspend(account), people::resume(account)];
    for ask in asks {
        assert_eq!(world.submit(&ask), Err(Rejection::Released), "{ask:?}");
    }
    assert_eq!(world.submit(&people::release(account)), Ok(Reply::Unchanged(account)));
}

#[test]
fn one_that_was_adopted_gets_its_old_name_and_note_back() {
    let (mut world, server, _) = served();
    let (account, before) = adopted(&mut world, &server);
    release(&mut world, account);
    for _ in 0..3 {
        world.pass(&server);
        world.wait(DurationMs(40 * SECOND_MS));
    }
    assert_eq!(world.panels[&server].clients[THEIRS], before);
    assert!(world.snapshot.bindings(account).next().is_none());
}

#[test]
fn the_old_name_is_left_to_whoever_has_it_by_now() {
    let (mut world, server, _) = served();
    let (account, before) = adopted(&mut world, &server);
    let now = world.now;
    world.panels.get_mut(&server).unwrap().add_foreign(THEIRS, now);
    let other = world.panels[&server].clients[THEIRS].clone();
    release(&mut world, account);
    world.pass(&server);
    let panel = &world.panels[&server];
    assert_eq!(panel.clients[THEIRS], other);
    assert_eq!(panel.clients[&account.to_string()].uuid, before.uuid);
}

#[test]
fn a_crash_after_the_update_ends_in_the_same() {
    let (mut world, server, account) = served();
    release(&mut world, account);
    let planned = world.pass(&server).guarded;
    // The panel has done it, and no record says so.
    let mut edits = Edits::new();
    edits.put(Binding {
        account,
        server: server.clone(),
        disposition: Disposition::Serving,
        bound_at: world.now,
    });
    assert!(world.commit(&edits));
    let panel = world.panels[&server].clone();
    world.wait(DurationMs(40 * SECOND_MS));
    assert!(world.pass(&server).sent().is_empty(), "{planned:?}");
    assert_eq!(world.panels[&server].clients, panel.clients);
    assert!(world.snapshot.binding(account, &server).is_none());
}

#[test]
fn who_cannot_be_given_back_now_is_told_why_and_nothing_changes() {
    let (mut world, server, account) = served();
    let revision = world.snapshot.revision();
    let nobody = AccountId::new(ulid::Ulid(7));
    assert_eq!(world.submit(&people::release(nobody)), Err(Rejection::UnknownAccount));
    assert_eq!(world.snapshot.revision(), revision);
    let customer = world.snapshot.account(account).unwrap().customer;
    let customer = people::number(&world.snapshot, customer);
    let renewal = people::place(customer, "basic-30", Target::Renew(account), 9_000_000);
    world.submit(&renewal).unwrap();
    let revision = world.snapshot.revision();
    let refused = world.submit(&people::release(account)).unwrap_err();
    assert!(refused.to_string().contains("an order renews it"), "{refused}");
    assert_eq!(world.snapshot.revision(), revision);
    // One that was given up keeps nobody.
    let order = world.snapshot.open_renewals(account).next().unwrap().id;
    world.submit(&people::cancel_for(order)).unwrap();
    assert!(world.decide(&people::release(account)).is_ok());
    let observed = world.account(1);
    let there = world.server_of(observed);
    world.catalog.servers.get_mut(&there).unwrap().mode = nebulalinks::catalog::Mode::Observe;
    release(&mut world, observed);
    let pass = world.pass(&there);
    assert!(pass.sent().is_empty(), "an observed server is not written to");
    assert!(pass.guarded.proposal.report.of(observed).any(|w| w == Waiting::ObserveOnly));
    assert!(world.panels[&server].clients.contains_key(&email(account)));
}

#[test]
fn one_that_was_given_back_is_adopted_again_by_another_account_once() {
    let (mut world, server, _) = served();
    let (first, before) = adopted(&mut world, &server);
    for _ in 0..2 {
        let account = world.snapshot.accounts().last().unwrap().id;
        release(&mut world, account);
        world.pass(&server);
        let client = world.panels[&server].clients[THEIRS].clone();
        assert_eq!(client, before);
        let again = people::adopt(7, &server, &client, "basic-30");
        let Reply::Adopted(second) = world.submit(&again).unwrap() else { panic!("adopted once") };
        assert_ne!(second, first);
        assert_eq!(world.submit(&again), Ok(Reply::AlreadyAdopted(second)));
        world.pass(&server);
        assert_eq!(world.panels[&server].clients[&email(second)].uuid, before.uuid);
    }
}

#[test]
fn a_panel_from_before_the_release_has_it_given_back_anew() {
    let (mut world, server, account) = served();
    let old = world.panels[&server].clone();
    release(&mut world, account);
    world.pass(&server);
    let given = world.panels[&server].clients[&account.to_string()].clone();
    world.panels.insert(server.clone(), old);
    world.wait(DurationMs(MINUTE_MS));
    let pass = world.pass(&server);
    assert!(pass.guarded.proposal.orphans.is_empty());
    assert_eq!(pass.sent().len(), 1, "it is told once");
    let panel = &world.panels[&server];
    assert!(!panel.clients.contains_key(&email(account)));
    assert_eq!(panel.clients[&account.to_string()], given);
    assert!(world.pass(&server).sent().is_empty());
    assert!(world.snapshot.bindings(account).next().is_none(), "and it is no account's again");
}

#[test]
fn a_panel_from_before_the_release_of_one_that_was_adopted_again_ends_with_one_client() {
    let (mut world, server, _) = served();
    let (first, before) = adopted(&mut world, &server);
    let old = world.panels[&server].clone();
    release(&mut world, first);
    world.pass(&server);
    let again = people::adopt(7, &server, &before, "basic-30");
    let Reply::Adopted(second) = world.submit(&again).unwrap() else { panic!("adopted again") };
    world.pass(&server);
    world.panels.insert(server.clone(), old);
    for _ in 0..3 {
        world.wait(DurationMs(40 * SECOND_MS));
        world.pass(&server);
    }
    let with_uuid = world.panels[&server].clients.values().filter(|c| c.uuid == before.uuid);
    assert_eq!(with_uuid.map(|c| &*c.email).collect::<Vec<_>>(), [email(second)]);
}

#[test]
fn one_that_is_suspended_stays_off_and_one_that_was_rotated_has_its_new_credentials() {
    let (mut world, server, account) = served();
    let before = world.panels[&server].clients[&email(account)].clone();
    world.submit(&people::rotate(account, 1)).unwrap();
    world.submit(&people::suspend(account)).unwrap();
    release(&mut world, account);
    world.pass(&server);
    let given = &world.panels[&server].clients[&account.to_string()];
    let credentials = &world.snapshot.account(account).unwrap().credentials;
    assert!(!given.enable, "whoever was switched off is not switched on by leaving");
    assert_eq!(given.uuid, Some(credentials.uuid));
    assert_ne!(given.uuid, before.uuid, "a link that leaked opens nothing");
}

#[test]
fn one_that_moves_is_given_back_when_it_has_left() {
    let (mut world, server, account) = served();
    let other = world.catalog.servers.keys().find(|id| **id != server).unwrap().clone();
    world.submit(&people::move_to(account, other.as_str())).unwrap();
    let refused = world.submit(&people::release(account)).unwrap_err();
    assert!(refused.to_string().contains("it moves between two servers"), "{refused}");
    world.round();
    world.tell();
    world.wait(DurationMs(DAY_MS + MINUTE_MS));
    world.round();
    release(&mut world, account);
    world.round();
    assert!(world.panels[&other].clients.contains_key(&account.to_string()));
    assert!(!world.panels[&other].clients.contains_key(&email(account)));
    // The old server's is off, and goes in its time.
    assert!(!world.panels[&server].clients[&email(account)].enable);
    world.wait(DurationMs(8 * DAY_MS));
    world.round();
    assert!(!world.panels[&server].clients.contains_key(&email(account)));
}
