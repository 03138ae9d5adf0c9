//! A customer is somebody who ordered, or whose client was adopted: one record, however many clicks,
//! orders and accounts, and one person each.

use nebulalinks::discord::PROFILE;
use nebulalinks::front::{Click, Fetched, Input, Router, Step};
use nebulalinks::intent::{Adopt, Intent, Person, Rejection, Reply};
use nebulalinks::model::*;
use nebulalinks::view::{Action, Pages};
use nebulalinks_testkit::people::{self, approve, cancel, customer, pay, place};
use nebulalinks_testkit::shop::catalog;
use nebulalinks_testkit::world::World;
use ulid::Ulid;

fn placed(world: &mut World, intent: &Intent) -> OrderId {
    match world.submit(intent) {
        Ok(Reply::Placed(order)) => order,
        other => panic!("{other:?}"),
    }
}

/// Whose an order is, by the records.
fn owner(world: &World, order: OrderId) -> &Customer {
    let id = world.snapshot.order(order).unwrap().customer;
    world.snapshot.customer(id).unwrap()
}

#[test]
fn of_two_first_orders_at_once_one_makes_the_customer_and_the_other_finds_them() {
    let mut world = World::empty(catalog());
    let first = world.decide(&place(1, "basic-30", Target::New, 1)).unwrap();
    let second = world.decide(&place(1, "pro-30", Target::New, 2)).unwrap();
    assert!(world.commit(&first.0));
    assert!(!world.commit(&second.0), "they would be two customers");
    // Whatever else they meet over: this alone must be enough.
    let index = Key::CustomerIdentity(people::there(1));
    assert_eq!(first.0.expect.get(&index), Some(&Expected::Absent));
    let Reply::Placed(order) = first.1 else { panic!("{:?}", first.1) };
    let again = world.submit(&place(1, "pro-30", Target::New, 2));
    assert_eq!(again, Ok(Reply::AlreadyOpen(order)));
    assert_eq!(world.snapshot.customer_count(), 1);
    // Two who are not one person do not wait for each other's record.
    let ben = world.decide(&place(2, "basic-30", Target::New, 3)).unwrap();
    let cleo = world.decide(&place(3, "basic-30", Target::New, 4)).unwrap();
    let of = |edits: &Edits| {
        let is_new = |key: &&Key| matches!(key, Key::Customer(_) | Key::CustomerIdentity(_));
        edits.puts.keys().filter(is_new).cloned().collect::<Vec<_>>()
    };
    assert_eq!(of(&ben.0).len(), 2);
    assert!(of(&ben.0).iter().all(|key| !of(&cleo.0).contains(key)));
}

#[test]
fn a_customer_stays_one_through_orders_renewals_names_and_languages() {
    let mut world = World::empty(catalog());
    let first = placed(&mut world, &place(1, "basic-30", Target::New, 1));
    let (id, since) = (owner(&world, first).id, owner(&world, first).created_at);
    world.submit(&pay(1, first, 1)).unwrap();
    let Ok(Reply::Approved(_, account)) = world.submit(&approve(first)) else { panic!() };
    assert_eq!(world.snapshot.account(account).unwrap().customer, id);
    world.now = world.now + DurationMs(HOUR_MS);
    let Intent::Place(mut asked) = place(1, "basic-90", Target::Renew(account), 2) else {
        panic!()
    };
    asked.customer.name = "another name".into();
    asked.language = "ru".parse().ok();
    let renewal = placed(&mut world, &Intent::Place(asked.clone()));
    let now = owner(&world, renewal);
    assert_eq!((now.id, now.created_at, &*now.name), (id, since, "another name"));
    assert_eq!(now.language, asked.language);
    assert_eq!(*now.identities, [people::there(1)]);
    assert_eq!(owner(&world, first), now, "what was ordered before is the same person's");
    // Who is called as before, and whose front says no language, is not written again.
    world.submit(&cancel(1, renewal)).unwrap();
    (asked.language, asked.interaction) = (None, people::asked(3));
    let (edits, _) = world.decide(&Intent::Place(asked)).unwrap();
    assert!(!edits.puts.contains_key(&Key::Customer(id)));
    assert_eq!(world.snapshot.customer_count(), 1);
}

#[test]
fn nobody_becomes_a_customer_by_looking_and_whoever_is_none_owns_nothing() {
    let mut world = World::settled(catalog(), 1, "basic-30");
    let account = world.account(0);
    let order = world.snapshot.orders().next().unwrap().id;
    let revision = world.snapshot.revision();
    let who = customer(77);
    let step = |world: &World, input| {
        let pages = Pages::new(&PROFILE, &world.snapshot, &world.catalog, world.now);
        let fetched = Fetched::default();
        let router = Router {
            pages: &pages,
            catalog: &world.catalog,
            snapshot: &world.snapshot,
            fetched: &fetched,
        };
        let (id, person) = (people::asked(9), who.clone());
        router.step(&Click { id, person, language: None, channel: None, input })
    };
    let shown = |action: Action| {
        let input = Input::Component { id: action.to_string(), values: Vec::new() };
        match step(&world, input) {
            Step::Show(answer) => answer.plain(),
            other => panic!("{other:?}"),
        }
    };
    assert!(shown(Action::Buy).contains("Which plan?"));
    assert!(shown(Action::MyAccounts).contains("no account yet"));
    for action in [Action::MyAccount(account), Action::Renew(account), Action::ShowLink(account)] {
        assert!(shown(action).contains("not yours"));
    }
    let fingerprint = "f".to_owned();
    for (intent, why) in [
        (pay(77, order, 900), Rejection::UnknownOrder),
        (
            Intent::AddProof { order: None, by: who.clone(), proof: people::proof(901) },
            Rejection::NoOrderForProof,
        ),
        (cancel(77, order), Rejection::UnknownOrder),
        (place(77, "basic-30", Target::Renew(account), 9), Rejection::UnknownAccount),
        (Intent::LinkShown { account, by: who.clone(), fingerprint }, Rejection::UnknownAccount),
    ] {
        assert_eq!(world.submit(&intent), Err(why), "{intent:?}");
    }
    assert_eq!(world.snapshot.revision(), revision);
    assert_eq!(people::customer_in(&world.snapshot, 77), None);
}

/// A server's panel with two clients that are somebody's own.
fn with_strangers() -> (World, ServerId, [ObservedClient; 2]) {
    let mut world = World::settled(catalog(), 1, "basic-30");
    let server = world.server_of(world.account(0));
    let inbounds = vec![nebulalinks_testkit::panel::inbound()];
    world.put(ServerFacts { server: server.clone(), inbounds });
    let now = world.now;
    let strangers = [(0xb0b, "phone"), (0xb0c, "tablet")].map(|(uuid, name)| {
        let panel = world.panels.get_mut(&server).unwrap();
        panel.add_foreign(name, now);
        let client = panel.clients.get_mut(name).unwrap();
        client.uuid = Some(uuid::Uuid::from_u128(uuid));
        client.sub_id = format!("{name}0subscription");
        client.end = Some(End::at(now + DurationMs(12 * DAY_MS)));
        client.cap = Cap::Bytes((50_u64 << 30).try_into().unwrap());
        client.clone()
    });
    (world, server, strangers)
}

#[test]
fn an_adopted_client_is_a_customers_who_is_made_once_and_renews_it_by_ordering() {
    let (mut world, server, [phone, tablet]) = with_strangers();
    let of = |client: &ObservedClient, customer| {
        let Intent::Adopt(asked) = people::adopt(7, &server, client, "basic-30") else { panic!() };
        Intent::Adopt(Box::new(Adopt { customer, ..*asked }))
    };
    let known = CustomerRef::Known(people::there(7));
    let nobody = CustomerRef::Id(CustomerId::new(Ulid(7)));
    let refused = world.submit(&of(&phone, nobody)).unwrap_err().to_string();
    assert!(refused.contains("no customer has this id"), "{refused}");
    let first = world.decide(&of(&phone, known)).unwrap();
    let second = world.decide(&of(&tablet, known)).unwrap();
    assert!(world.commit(&first.0));
    assert!(!world.commit(&second.0), "they would be two customers");
    let Reply::Adopted(account) = first.1 else { panic!("{:?}", first.1) };
    let id = people::customer_in(&world.snapshot, 7).unwrap();
    assert_eq!(world.snapshot.name_of(id), "phone", "until they say another");
    assert_eq!(world.snapshot.reached_at(id), Some(people::there(7)));
    world.submit(&of(&tablet, CustomerRef::Id(id))).unwrap();
    assert_eq!(people::accounts_of(&world.snapshot, 7).count(), 2);
    let order = placed(&mut world, &place(7, "basic-30", Target::Renew(account), 1));
    assert_eq!((owner(&world, order).id, &*owner(&world, order).name), (id, "customer-7"));
    assert_eq!(world.snapshot.customer_count(), 2, "and the one who was there");
}

#[test]
fn nobody_adopts_for_a_customer_whose_record_is_lost_and_their_next_order_brings_it_back() {
    let (mut world, server, [phone, _]) = with_strangers();
    let order = placed(&mut world, &place(7, "basic-30", Target::New, 1));
    let id = owner(&world, order).id;
    let since = owner(&world, order).created_at;
    world.submit(&cancel(7, order)).unwrap();
    let mut lost = Edits::new();
    lost.delete(Key::Customer(id));
    assert!(world.commit(&lost));
    let Intent::Adopt(asked) = people::adopt(7, &server, &phone, "basic-30") else { panic!() };
    let known = CustomerRef::Known(people::there(7));
    for customer in [known, CustomerRef::Id(id)] {
        let asked = Intent::Adopt(Box::new(Adopt { customer, ..(*asked).clone() }));
        let refused = world.submit(&asked).unwrap_err();
        assert!(matches!(refused, Rejection::CannotAdopt(_)), "{refused}");
    }
    let order = placed(&mut world, &place(7, "basic-30", Target::New, 2));
    let back = owner(&world, order);
    assert_eq!((back.id, &*back.name), (id, "customer-7"), "the same one, and no second");
    assert!(back.created_at <= since);
    assert_eq!(world.snapshot.reached_at(id), Some(people::there(7)));
    world.submit(&people::adopt(7, &server, &phone, "basic-30")).unwrap();
}

#[test]
fn staff_of_one_name_are_told_apart_by_their_front_and_number() {
    let by = |person: Person| Intent::Cancel { order: OrderId::MIN, by: person.into() }.actor();
    let (one, other) = (by(customer(1)), by(Person { name: "customer-1".into(), ..customer(2) }));
    assert_ne!(one, other);
    assert_eq!(one.to_string(), "discord:1001");
}
