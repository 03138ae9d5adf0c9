//! Questions of customers to the staff: one at a time, so many a day, and closed by who may.

use nebulalinks::intent::{Intent, Person, Rejection, Reply, Staff, TicketRequest, TicketWord};
use nebulalinks::model::*;
use nebulalinks_testkit::people;
use nebulalinks_testkit::shop::catalog;
use nebulalinks_testkit::world::World;

fn ask(n: u64, click: u64) -> Intent {
    let (customer, interaction) = (people::customer(n), people::asked(click));
    Intent::OpenTicket(TicketRequest { customer, language: "ru".parse().ok(), interaction })
}

fn close(ticket: TicketId, by: impl Into<Staff>) -> Intent {
    Intent::CloseTicket { ticket, by: by.into() }
}

fn opened(world: &mut World, n: u64, click: u64) -> TicketId {
    match world.submit(&ask(n, click)) {
        Ok(Reply::TicketOpened(ticket)) => ticket,
        other => panic!("{other:?}"),
    }
}

fn with_role(n: u64, role: u64) -> Person {
    Person { roles: [role].into(), ..people::customer(n) }
}

#[test]
fn a_customer_has_one_open_ticket_and_each_click_leads_to_it() {
    let mut world = World::settled(catalog(), 1, "basic-30");
    let first = opened(&mut world, 0, 1);
    let revision = world.snapshot.revision();
    assert_eq!(opened(&mut world, 0, 1), first, "delivered twice");
    assert_eq!(opened(&mut world, 0, 2), first, "pressed twice");
    assert_eq!(world.snapshot.revision(), revision);
    let owner = people::customer_in(&world.snapshot, 0).unwrap();
    assert_eq!(world.snapshot.open_ticket(owner).map(|ticket| ticket.id), Some(first));
    let other = opened(&mut world, 7, 3);
    assert_ne!(other, first);
    assert_eq!(world.snapshot.open_ticket_count(), 2);
}

#[test]
fn a_click_that_is_delivered_again_after_its_ticket_was_closed_opens_no_other() {
    let mut world = World::settled(catalog(), 1, "basic-30");
    let first = opened(&mut world, 0, 1);
    world.submit(&close(first, people::customer(0))).unwrap();
    let revision = world.snapshot.revision();
    assert_eq!(opened(&mut world, 0, 1), first);
    assert_eq!((world.snapshot.revision(), world.snapshot.open_ticket_count()), (revision, 0));
    assert_ne!(opened(&mut world, 0, 2), first, "a new question is a new ticket");
}

#[test]
fn of_two_clicks_at_once_the_second_conflicts_and_then_finds_the_first_ones_ticket() {
    for n in [0, 7] {
        let mut world = World::settled(catalog(), 1, "basic-30");
        // Whoever brings another language than is known is written for that alone.
        let silent = |click| match ask(n, click) {
            Intent::OpenTicket(asked) => {
                Intent::OpenTicket(TicketRequest { language: None, ..asked })
            }
            other => other,
        };
        let [first, second] = [1, 2].map(|click| world.decide(&silent(click)).unwrap());
        assert!(world.commit(&first.0));
        assert!(!world.commit(&second.0), "both are written, of customer {n}");
        let again = world.submit(&ask(n, 2));
        assert_eq!(again, Ok(first.1));
        assert_eq!(world.snapshot.open_ticket_count(), 1);
    }
}

#[test]
fn the_sixth_ticket_within_a_day_is_refused_until_the_first_is_a_day_old() {
    let mut world = World::settled(catalog(), 1, "basic-30");
    let first = world.now;
    for click in 1..=5 {
        let ticket = opened(&mut world, 0, click);
        world.submit(&close(ticket, people::customer(0))).unwrap();
        world.now = world.now + DurationMs(HOUR_MS);
    }
    let again = first + DurationMs(DAY_MS);
    let revision = world.snapshot.revision();
    assert_eq!(world.submit(&ask(0, 6)), Err(Rejection::TooManyTickets(again)));
    assert_eq!(world.snapshot.revision(), revision);
    world.now = UnixMs(again.0 - 1);
    assert_eq!(world.submit(&ask(0, 7)), Err(Rejection::TooManyTickets(again)));
    world.now = again;
    let ticket = opened(&mut world, 0, 8);
    world.submit(&close(ticket, people::customer(0))).unwrap();
    let next = first + DurationMs(DAY_MS + HOUR_MS);
    assert_eq!(world.submit(&ask(0, 9)), Err(Rejection::TooManyTickets(next)));
    // What was opened so long ago is not kept.
    let owner = people::customer_in(&world.snapshot, 0).unwrap();
    assert_eq!(world.snapshot.customer(owner).unwrap().opened_tickets().len(), 5);
}

#[test]
fn who_never_ordered_and_who_may_not_order_ask_like_everybody() {
    let mut world = World::settled(catalog(), 1, "basic-30");
    world.catalog.shop.limits.block = [people::there(0)].into();
    let order = people::place(0, "basic-30", Target::New, 9);
    assert_eq!(world.submit(&order), Err(Rejection::NotAdmitted));
    opened(&mut world, 0, 1);
    assert_eq!(people::customer_in(&world.snapshot, 7), None);
    let ticket = opened(&mut world, 7, 2);
    let stranger = people::customer_in(&world.snapshot, 7).unwrap();
    assert_eq!(world.snapshot.ticket(ticket).unwrap().customer, stranger);
    assert_eq!(world.snapshot.customer(stranger).unwrap().language, "ru".parse().ok());
}

#[test]
fn its_customer_and_all_staff_close_a_ticket_and_to_others_there_is_none() {
    let world = World::settled(catalog(), 2, "basic-30");
    let (support, admin) = (100_000_000_000_000_023, 100_000_000_000_000_022);
    for (by, may) in [
        (people::customer(0), true),
        (with_role(79, support), true),
        (with_role(80, admin), true),
        (people::customer(1), false),
        (people::customer(77), false),
        (with_role(78, 7), false),
    ] {
        let mut world = world.clone();
        let ticket = opened(&mut world, 0, 1);
        let actor = Actor::Person(by.identity);
        let closed = world.submit(&close(ticket, by));
        if !may {
            assert_eq!(closed, Err(Rejection::UnknownTicket), "{actor}");
            assert!(world.snapshot.ticket(ticket).unwrap().is_open());
            continue;
        }
        assert_eq!(closed, Ok(Reply::TicketClosed(ticket)));
        let closing = world.snapshot.ticket(ticket).unwrap().closed.clone().unwrap();
        assert_eq!((&closing.by, closing.at), (&actor, world.now));
        let revision = world.snapshot.revision();
        assert_eq!(world.submit(&close(ticket, people::staff(1))), Ok(Reply::TicketClosed(ticket)));
        assert_eq!(world.snapshot.revision(), revision, "closed by the first alone");
    }
}

/// Support, whom the catalog of these tests knows.
fn support() -> Person {
    with_role(79, 100_000_000_000_000_023)
}

fn writes(world: &mut World, ticket: TicketId, by: &Person, seconds: u64) {
    let at = UnixMs(world.now.0 - HOUR_MS + seconds * 1_000);
    let word = Intent::HeardInTicket(TicketWord { ticket, by: by.clone(), at });
    assert_eq!(world.submit(&word), Ok(Reply::TicketHeard(ticket)));
}

/// Since which second of the test the customer of a ticket waits.
fn waits(world: &World, ticket: TicketId) -> Option<u64> {
    let since = world.snapshot.ticket(ticket).unwrap().waits_since?;
    Some((since.0 + HOUR_MS - world.now.0) / 1_000)
}

#[test]
fn a_customer_waits_from_their_first_word_after_staff_s_last_one_whichever_arrives_first() {
    let asking = people::customer(0);
    let (first, second) = ((&asking, 10), (&asking, 20));
    let (answer, again) = ((&support(), 30), (&asking, 40));
    for (words, expected) in [
        (vec![first], Some(10)),
        (vec![second, first], Some(10)),
        (vec![first, second, answer], None),
        (vec![first, answer, second], None),
        (vec![answer, first, second], None),
        (vec![first, answer, again], Some(40)),
        (vec![again, answer], Some(40)),
        // Each of them twice.
        (vec![first, answer, first, again, again, answer, first], Some(40)),
    ] {
        let mut world = World::settled(catalog(), 1, "basic-30");
        let ticket = opened(&mut world, 0, 1);
        assert_eq!(waits(&world, ticket), None, "nothing was asked yet");
        for (by, seconds) in &words {
            writes(&mut world, ticket, by, *seconds);
        }
        let seconds: Vec<u64> = words.iter().map(|(_, seconds)| *seconds).collect();
        assert_eq!(waits(&world, ticket), expected, "{seconds:?}");
    }
}

#[test]
fn nobody_waits_since_a_moment_that_is_still_to_come() {
    let mut world = World::settled(catalog(), 1, "basic-30");
    let ticket = opened(&mut world, 0, 1);
    writes(&mut world, ticket, &people::customer(0), 7 * 24 * 3_600);
    assert_eq!(world.snapshot.ticket_waits_since(), Some(world.now));
}

#[test]
fn what_others_write_and_what_is_written_after_the_end_is_talk() {
    let mut world = World::settled(catalog(), 2, "basic-30");
    let ticket = opened(&mut world, 0, 1);
    let revision = world.snapshot.revision();
    for other in [people::customer(1), people::customer(77), with_role(78, 7)] {
        writes(&mut world, ticket, &other, 10);
    }
    assert_eq!(world.snapshot.revision(), revision);
    writes(&mut world, ticket, &people::customer(0), 20);
    assert_eq!(waits(&world, ticket), Some(20));
    writes(&mut world, ticket, &people::customer(1), 30);
    assert_eq!(waits(&world, ticket), Some(20), "only staff answer");
    writes(&mut world, ticket, &support(), 31);
    let revision = world.snapshot.revision();
    writes(&mut world, ticket, &support(), 32);
    assert_eq!(
        world.snapshot.revision(),
        revision,
        "one line of the audit an answer, not one a message"
    );
    world.submit(&close(ticket, people::customer(0))).unwrap();
    let revision = world.snapshot.revision();
    writes(&mut world, ticket, &support(), 40);
    writes(&mut world, ticket, &people::customer(0), 50);
    assert_eq!((world.snapshot.revision(), world.snapshot.ticket_waits_since()), (revision, None));
}

#[test]
fn the_open_tickets_begin_with_who_waits_the_longest_and_go_on_behind_any_of_them() {
    let mut world = World::settled(catalog(), 5, "basic-30");
    let tickets: Vec<TicketId> = (0..5)
        .map(|n| {
            world.now = world.now + DurationMs(1_000);
            opened(&mut world, n, n + 1)
        })
        .collect();
    writes(&mut world, tickets[3], &people::customer(3), 10);
    writes(&mut world, tickets[1], &people::customer(1), 20);
    world.submit(&close(tickets[2], people::staff(1))).unwrap();
    let all: Vec<&Ticket> = world.snapshot.tickets_after(None).collect();
    let expected = [3, 1, 0, 4].map(|n| tickets[n]);
    assert_eq!(all.iter().map(|t| t.id).collect::<Vec<_>>(), expected);
    for (n, ticket) in all.iter().enumerate() {
        let rest = world.snapshot.tickets_after(Some(ticket.urgency()));
        assert!(rest.map(|t| t.id).eq(expected[n + 1..].iter().copied()));
    }
    assert_eq!(waits(&world, tickets[3]), Some(10));
    assert_eq!(world.snapshot.ticket_waits_since(), all[0].waits_since);
}

#[test]
fn a_damaged_store_opens_no_ticket_and_one_of_nobody_cannot_be_closed() {
    let mut world = World::settled(catalog(), 1, "basic-30");
    let nobodys = TicketId::MAX;
    let closed = world.submit(&close(nobodys, people::staff(1)));
    assert_eq!(closed, Err(Rejection::UnknownTicket));
    let (lost, kept, resolved_at) = (Vec::new(), Vec::new(), None);
    world.put(Damage { since: world.now, lost, kept, resolved_at });
    assert_eq!(world.submit(&ask(7, 1)), Err(Rejection::StoreDamaged));
}

#[test]
fn open_tickets_and_threads_are_found_by_indexes_that_equal_their_rebuild() {
    let mut world = World::settled(catalog(), 2, "basic-30");
    let check = |world: &World| {
        assert_eq!(world.snapshot.indexes(), world.snapshot.rebuilt().indexes());
        let open = world.snapshot.tickets().filter(|ticket| ticket.is_open()).count();
        assert_eq!(world.snapshot.open_ticket_count(), open);
    };
    let ticket = opened(&mut world, 0, 1);
    opened(&mut world, 1, 2);
    check(&world);
    let [thread, card] = SurfaceKey::of_ticket(ticket);
    let at = |key, channel| Surface {
        channel: Some(channel),
        message: Some(channel + 1),
        shown: Some("s".into()),
        posts: 1,
        ..Surface::new(key)
    };
    world.put(at(thread, 70));
    world.put(at(card, 13));
    check(&world);
    let found = |world: &World| world.snapshot.ticket_of_thread(70).map(|ticket| ticket.id);
    assert_eq!(found(&world), Some(ticket));
    let keys = |all: Vec<&Surface>| all.iter().map(|s| s.key).collect::<Vec<_>>();
    assert_eq!(keys(world.snapshot.surfaces_in_channel(70)), [thread]);
    assert_eq!(keys(world.snapshot.surfaces_in_channel(13)), [card]);
    assert_eq!(keys(world.snapshot.surfaces_of_message(70, 71)), [thread]);
    assert_eq!(keys(world.snapshot.surfaces_of_message(13, 14)), [card]);
    let counted = |world: &World, state| world.snapshot.order_surfaces("ticket-card", state);
    assert_eq!(counted(&world, SurfaceState::Shown), 1);
    assert_eq!(counted(&world, SurfaceState::Pending), 1);
    world.submit(&close(ticket, people::staff(1))).unwrap();
    check(&world);
    let mut forgotten = Edits::new();
    for key in [Key::Ticket(ticket), Key::Surface(thread), Key::Surface(card)] {
        forgotten.delete(key);
    }
    assert!(world.commit(&forgotten));
    check(&world);
    assert_eq!((found(&world), world.snapshot.tickets().count()), (None, 1));
    assert_eq!(counted(&world, SurfaceState::Shown), 0);
}
