//! What customers decide for themselves: that their link dies, what they hear of, and their language.

use nebulalinks::intent::{Choice, Intent, Person, Rejection, Reply, Staff};
use nebulalinks::model::*;
use nebulalinks_testkit::people;
use nebulalinks_testkit::shop::catalog;
use nebulalinks_testkit::world::World;

/// A world with an account of the customer whom [`people`] numbers 0.
fn sold() -> (World, AccountId, CustomerId) {
    let world = World::settled(catalog(), 1, "basic-30");
    let account = world.account(0);
    let owner = world.snapshot.account(account).unwrap().customer;
    (world, account, owner)
}

fn person(world: &World, customer: CustomerId) -> Person {
    let identity = world.snapshot.reached_at(customer).unwrap();
    Person { identity, name: "alice".to_owned(), roles: [].into() }
}

fn replace(world: &World, owner: CustomerId, account: AccountId) -> Intent {
    let version = world.snapshot.account(account).unwrap().credentials.version;
    Intent::ReplaceLink { account, by: person(world, owner), version }
}

#[test]
fn who_replaces_their_link_gets_another_and_the_old_credentials_are_nowhere() {
    let (mut world, account, owner) = sold();
    let before = world.snapshot.account(account).unwrap().clone();
    let asked = replace(&world, owner, account);
    assert_eq!(world.submit(&asked), Ok(Reply::LinkReplaced(owner, account)));
    let revision = world.snapshot.revision();
    // Pressed twice, it is replaced once, and the answer is the same.
    assert_eq!(world.submit(&asked), Ok(Reply::LinkReplaced(owner, account)));
    assert_eq!(world.snapshot.revision(), revision);
    world.round();
    world.round();
    let after = world.snapshot.account(account).unwrap();
    assert_eq!(after.credentials.version, 2);
    assert_ne!(after.subscription_token, before.subscription_token);
    assert_eq!(world.client(account).uuid, Some(after.credentials.uuid));
    assert_ne!(after.credentials.uuid, before.credentials.uuid);
}

#[test]
fn one_person_replaces_a_link_once_in_the_time_that_the_shop_says() {
    let (mut world, account, owner) = sold();
    let every = world.catalog.shop.limits.replace_link_every;
    let first = replace(&world, owner, account);
    world.submit(&first).unwrap();
    let again = world.now + every;
    let next = replace(&world, owner, account);
    let revision = world.snapshot.revision();
    assert_eq!(world.submit(&next), Err(Rejection::TooSoon(again)));
    assert_eq!(world.snapshot.revision(), revision);
    world.wait(every);
    assert_eq!(world.submit(&next), Ok(Reply::LinkReplaced(owner, account)));
}

#[test]
fn no_link_is_replaced_while_nothing_is_taken_away_and_the_old_one_would_go_on() {
    let (mut world, account, owner) = sold();
    let amnesia = Amnesia {
        ours: 1,
        seen: 2,
        server: None,
        since: world.now,
        lacking: Vec::new(),
        resolved_at: None,
    };
    world.put(amnesia);
    let asked = replace(&world, owner, account);
    let revision = world.snapshot.revision();
    assert_eq!(world.submit(&asked), Err(Rejection::StoreDamaged));
    assert_eq!(world.snapshot.revision(), revision);
}

#[test]
fn nobody_replaces_the_link_of_somebody_else_nor_staff_this_way() {
    let (mut world, account, _) = sold();
    let revision = world.snapshot.revision();
    let Staff::Member(admin) = people::staff(1) else { panic!() };
    for by in [people::outsider(), people::customer(77), admin] {
        let asked = Intent::ReplaceLink { account, by, version: 1 };
        assert_eq!(world.submit(&asked), Err(Rejection::UnknownAccount));
    }
    assert_eq!(world.snapshot.revision(), revision);
}

#[test]
fn what_a_customer_chose_is_kept_through_orders_until_they_choose_anew() {
    let (mut world, _, owner) = sold();
    let by = person(&world, owner);
    let choose = |choice| Intent::Choose { by: by.clone(), choice };
    let russian = "ru".parse().ok();
    for choice in [Choice::Language(russian), Choice::Notices(NoticeTopic::Traffic, false)] {
        assert_eq!(world.submit(&choose(choice)), Ok(Reply::Chosen(owner, choice)));
        let revision = world.snapshot.revision();
        assert_eq!(world.submit(&choose(choice)), Ok(Reply::Chosen(owner, choice)));
        assert_eq!(world.snapshot.revision(), revision, "chosen twice, it is written once");
    }
    // Their front tells another language with an order, and another name.
    let mut order = people::place(0, "basic-30", Target::New, 4_711);
    if let Intent::Place(placement) = &mut order {
        placement.language = "ar".parse().ok();
        placement.customer = Person { name: "al".to_owned(), ..by.clone() };
    }
    world.submit(&order).unwrap();
    let customer = world.snapshot.customer(owner).unwrap();
    assert_eq!((&*customer.name, customer.language), ("al", "ar".parse().ok()));
    assert_eq!(customer.reads(), Reads { chosen: russian, told: "ar".parse().ok() });
    let hears = |customer: &Customer| NoticeTopic::ALL.map(|topic| customer.hears(topic));
    assert_eq!(hears(customer), [true, false, true, true]);
    for choice in [Choice::Language(None), Choice::Notices(NoticeTopic::Traffic, true)] {
        world.submit(&choose(choice)).unwrap();
    }
    let customer = world.snapshot.customer(owner).unwrap();
    assert_eq!((customer.reads().chosen, &customer.own), (None, &None));
}

#[test]
fn who_never_ordered_chooses_nothing() {
    let (mut world, _, _) = sold();
    let revision = world.snapshot.revision();
    let choice = Choice::Notices(NoticeTopic::Reminders, false);
    let asked = Intent::Choose { by: people::customer(77), choice };
    assert_eq!(world.submit(&asked), Err(Rejection::UnknownAccount));
    assert_eq!(world.snapshot.revision(), revision);
}
