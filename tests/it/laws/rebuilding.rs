//! A panel that was emptied is filled again by itself; another panel only once somebody says that it is
//! the right one.

use nebulalinks::model::*;
use nebulalinks::planner::{Verb, Waiting, another_panel};
use nebulalinks_testkit::people;
use nebulalinks_testkit::pure_loop::has;
use nebulalinks_testkit::shop::catalog;
use nebulalinks_testkit::world::World;
use std::collections::BTreeMap;

const LOOK: DurationMs = DurationMs(40 * SECOND_MS);

/// A settled server whose panel is emptied, and who was on it.
fn wiped() -> (World, ServerId, BTreeMap<String, ObservedClient>) {
    let mut world = World::settled(catalog(), 6, "basic-30");
    let server = world.server_of(world.account(0));
    world.pass(&server);
    let panel = world.panels.get_mut(&server).unwrap();
    let before = std::mem::take(&mut panel.clients);
    assert!(before.len() > 1, "{before:?}");
    (world, server, before)
}

fn pass_later(world: &mut World, server: &ServerId) -> usize {
    world.wait(LOOK);
    world.pass(server).sent().len()
}

fn credentials(
    clients: &BTreeMap<String, ObservedClient>,
) -> Vec<(&str, Option<uuid::Uuid>, &str)> {
    clients.values().map(|c| (&*c.email, c.uuid, &*c.sub_id)).collect()
}

#[test]
fn an_emptied_panel_is_filled_after_two_full_lists_with_the_same_credentials() {
    let (mut world, server, before) = wiped();
    assert_eq!(pass_later(&mut world, &server), 0, "one list proves nothing");
    world.now = world.now + DurationMs(29 * SECOND_MS);
    assert_eq!(world.pass(&server).sent().len(), 0, "30 s must lie between them");
    assert_eq!(pass_later(&mut world, &server), before.len());
    assert_eq!(credentials(&world.panels[&server].clients), credentials(&before));
}

#[test]
fn another_panel_gets_nobody_however_often_it_is_listed_until_it_is_accepted() {
    let (mut world, server, before) = wiped();
    world.panels.get_mut(&server).unwrap().reidentify("a-stranger");
    let mut newcomers = Vec::new();
    for n in 10..16 {
        newcomers.push(world.sell(n, "basic-30"));
        world.bind(newcomers[newcomers.len() - 1]);
    }
    let newcomer = newcomers.into_iter().find(|id| world.server_of(*id) == server).unwrap();
    for _ in 0..5 {
        assert_eq!(pass_later(&mut world, &server), 0);
    }
    let report = world.plan(&server).report;
    assert!(report.of(newcomer).any(|w| w == Waiting::AnotherPanel), "nobody new either");
    assert!(report.count(Waiting::AnotherPanel) > before.len());
    for wrong in ["guid", "", "A-STRANGER", &format!("guid-{server}")] {
        let refused = world.submit(&people::accept_panel(&server, wrong));
        assert!(refused.is_err(), "{wrong:?} does not answer");
    }
    assert_eq!(pass_later(&mut world, &server), 0);
    world.submit(&people::accept_panel(&server, "a-stranger")).unwrap();
    assert!(pass_later(&mut world, &server) > before.len());
    let panel = &world.panels[&server].clients;
    for (email, client) in &before {
        assert_eq!((panel[email].uuid, &panel[email].sub_id), (client.uuid, &client.sub_id));
    }
    world.submit(&people::accept_panel(&server, "a-stranger")).unwrap();
    assert_eq!(pass_later(&mut world, &server), 0);
}

#[test]
fn on_another_panel_what_is_there_is_still_switched_extended_and_cut_off() {
    let mut world = World::settled(catalog(), 2, "basic-30");
    let account = world.account(0);
    let server = world.server_of(account);
    world.pass(&server);
    world.panels.get_mut(&server).unwrap().reidentify("restored");
    world.client_mut(account).enable = false;
    assert!(has(world.pass(&server).sent(), account, Verb::Enable));
    world.renew(0, "basic-30", account);
    assert!(has(world.pass(&server).sent(), account, Verb::Extend));
    world.now = world.entitlement(account).ends_at;
    assert!(has(world.pass(&server).sent(), account, Verb::Disable));
}

#[test]
fn what_another_panel_lacks_is_not_forgotten_on_the_one_it_was_made_on() {
    let mut world = World::settled(catalog(), 1, "basic-30");
    let account = world.account(0);
    let server = world.server_of(account);
    world.pass(&server);
    let mut binding = world.snapshot.binding(account, &server).unwrap().clone();
    binding.disposition = Disposition::Tombstoned { since: world.now };
    world.put(binding);
    let kept = world.catalog.shop.retention.tombstones;
    world.wait(DurationMs(30 * DAY_MS + kept.0 + DAY_MS));
    let panel = world.panels.get_mut(&server).unwrap();
    let guid = format!("guid-{server}");
    let client = std::mem::take(&mut panel.clients);
    panel.reidentify("a-stranger");
    let stranger = world.plan(&server);
    assert!(stranger.forget.is_empty(), "the client is still on the panel that is away");
    assert!(stranger.report.of(account).any(|w| w == Waiting::AnotherPanel));
    let panel = world.panels.get_mut(&server).unwrap();
    panel.reidentify(&guid);
    assert_eq!(world.plan(&server).forget.len(), 1);
    world.panels.get_mut(&server).unwrap().clients = client;
}

#[test]
fn the_first_full_list_says_which_panel_is_the_right_one() {
    let mut world = World::settled(catalog(), 1, "basic-30");
    let server = world.server_of(world.account(0));
    assert_eq!(world.snapshot.server_home(&server), None);
    world.pass(&server);
    let home = world.snapshot.server_home(&server).unwrap().clone();
    assert_eq!(home.panel, format!("guid-{server}"));
    world.panels.get_mut(&server).unwrap().reidentify("another");
    world.pass(&server);
    assert_eq!(world.snapshot.server_home(&server), Some(&home), "no list changes it");
}

#[test]
fn the_sentence_is_a_command_that_can_be_copied() {
    insta::assert_snapshot!(another_panel(&"fra-1".parse().unwrap(), "3f2a"), @"fra-1 answers as another panel than the one its accounts were made on, and nobody is made there; if it is the right one: nebulalinks accept-panel fra-1 --panel 3f2a --reason WHY");
    // A panel says of itself what it likes, and people copy the line into a shell.
    let odd = another_panel(&"fra-1".parse().unwrap(), "$(reboot)'; x");
    assert!(odd.contains(r"--panel '$(reboot)'\''; x' --reason"), "{odd}");
}

#[test]
fn a_client_is_told_field_by_field_and_no_credential_is_in_it() {
    let mut world = World::settled(catalog(), 1, "basic-30");
    let account = world.account(0);
    let server = world.server_of(account);
    let before = world.client(account).clone();
    let client = world.client_mut(account);
    client.enable = false;
    client.uuid = Some(uuid::Uuid::from_u128(5));
    client.sub_id = "somebodys".into();
    client.cap = Cap::Unlimited;
    client.ip_limit = 0;
    client.comment = "mine".into();
    let changes = world.plan(&server).changes;
    let said: Vec<String> = changes.changes[0].fields.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(said.join("\n"), @r#"
    switch off → on
    uuid another → the account's
    subscription key another → the account's
    cap none → 50GiB
    devices any → 2
    comment "mine" → "nl:basic"
    "#);
    let all = changes.to_string();
    for secret in [before.uuid.unwrap().to_string(), before.sub_id, "somebodys".to_owned()] {
        assert!(!all.contains(&secret), "{all}");
    }
}
