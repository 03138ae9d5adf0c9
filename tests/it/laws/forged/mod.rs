//! What comes back from a front is typed by whoever wants to: it changes nothing that is not theirs to
//! change, is answered in words that tell nobody what there is, and shows nothing of what was typed as it
//! was typed.

use nebulalinks::discord::PROFILE;
use nebulalinks::front::{Click, Fetched, Input, Router, Step, decided, reply};
use nebulalinks::intent::{Intent, Person, TicketRequest};
use nebulalinks::model::*;
use nebulalinks::view::{Answer, Pages};
use nebulalinks_testkit::people::{self, approve, decline, pay, place};
use nebulalinks_testkit::shop::catalog;
use nebulalinks_testkit::world::World;
use std::collections::{BTreeMap, BTreeSet};

mod table;

/// Who sends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    /// Has an account, an order under review, one to pay and one that was declined.
    Owner,
    /// Has an account of their own.
    Other,
    /// Never ordered.
    Stranger,
    /// Has a role that means nothing here.
    Outsider,
    Support,
    Admin,
}

impl Who {
    fn person(self) -> Person {
        let (n, role) = match self {
            Self::Owner => (0, None),
            Self::Other => (1, None),
            Self::Stranger => (77, None),
            Self::Outsider => (78, Some(7)),
            Self::Support => (79, Some(100_000_000_000_000_023)),
            Self::Admin => (80, Some(100_000_000_000_000_022)),
        };
        Person { roles: role.into_iter().collect(), ..people::customer(n) }
    }

    const fn is_staff(self) -> bool {
        matches!(self, Self::Support | Self::Admin)
    }
}

/// What rows are about, as ids: the owner's, or such as nobody has.
#[derive(Debug, Clone)]
struct Ids {
    account: String,
    sold: String,
    review: String,
    unpaid: String,
    declined: String,
    reference: String,
    line: String,
    /// What is due for the order under review, in the currency's smallest unit.
    due: String,
    ticket: String,
    /// A second of Unix time: now.
    now: u64,
}

impl Ids {
    fn of(world: &World) -> Self {
        let account = world.account(0);
        let owner = people::customer_in(&world.snapshot, 0).unwrap();
        let state = |wanted| {
            let found = world
                .snapshot
                .orders()
                .find(|order| order.customer == owner && order.state(world.now) == wanted);
            found.unwrap_or_else(|| panic!("no order is {wanted:?}")).id
        };
        let unpaid = state(OrderState::AwaitingPayment);
        let review = state(OrderState::AwaitingReview);
        Self {
            account: account.to_string(),
            sold: state(OrderState::Approved).to_string(),
            review: review.to_string(),
            unpaid: unpaid.to_string(),
            declined: state(OrderState::Declined).to_string(),
            reference: unpaid.reference().to_string(),
            line: unpaid.to_string(),
            due: world.snapshot.order(review).unwrap().method.price.minor.to_string(),
            ticket: world.snapshot.open_ticket(owner).unwrap().id.to_string(),
            now: world.now.0 / SECOND_MS,
        }
    }

    /// As long as those of before, and nobody's.
    fn of_nobody(&self) -> Self {
        let nobody = |n: u128| OrderId::new(ulid::Ulid((1 << 123) + n)).to_string();
        let order: OrderId = nobody(4).parse().unwrap();
        Self {
            account: nobody(1),
            sold: nobody(2),
            review: nobody(3),
            unpaid: nobody(4),
            declined: nobody(5),
            reference: order.reference().to_string(),
            line: nobody(6),
            due: self.due.clone(),
            ticket: nobody(7),
            now: self.now,
        }
    }

    /// A page without them.
    fn without(&self, page: &str) -> String {
        let mut page = page.to_owned();
        for id in [&self.account, &self.sold, &self.review, &self.unpaid, &self.declined] {
            let id: OrderId = id.parse().unwrap();
            page = page.replace(&id.to_string(), "ID").replace(&id.reference().to_string(), "REF");
        }
        page
    }
}

/// What is sent.
#[derive(Debug, Clone)]
enum Sent {
    Press(String, Vec<String>),
    Dialog(String, &'static str, String),
    Command(&'static str, &'static str, Vec<(&'static str, String)>),
}

impl Sent {
    fn input(self) -> Input {
        match self {
            Self::Press(id, values) => Input::Component { id, values },
            Self::Dialog(id, field, text) => {
                Input::Modal { id, fields: BTreeMap::from([(field.to_owned(), text)]) }
            }
            Self::Command(name, sub, options) => Input::Command {
                name: name.to_owned(),
                sub: sub.to_owned(),
                options: options.into_iter().map(|(k, v)| (k.to_owned(), v)).collect(),
            },
        }
    }
}

/// The shop that it comes to: the owner has one of everything.
fn shop() -> World {
    let mut world = World::settled(catalog(), 2, "basic-30");
    let account = world.account(0);
    for (n, state) in [(901, 'd'), (902, 'r'), (903, 'u')] {
        let order = match world.submit(&place(0, "basic-30", Target::Renew(account), n)).unwrap() {
            nebulalinks::intent::Reply::Placed(order) => order,
            other => panic!("{other:?}"),
        };
        if state != 'u' {
            world.submit(&pay(0, order, n)).unwrap();
        }
        if state == 'd' {
            world.submit(&decline(order)).unwrap();
        }
    }
    let (customer, interaction) = (people::customer(0), people::asked(904));
    let asked = TicketRequest { customer, language: None, interaction };
    world.submit(&Intent::OpenTicket(asked)).unwrap();
    world
}

/// What somebody is answered, as the front does it; and what would have been written.
fn answered(world: &mut World, who: Who, sent: Sent) -> (Answer, bool) {
    let person = who.person();
    let by = person.identity;
    let (id, input) = (people::asked(5_000), sent.input());
    let click = Click { id, person, language: None, channel: None, input };
    let mut step = with_router(world, |router| router.step(&click));
    if let Step::FindOrder(reference) = step {
        let found = world.outside.get(&Key::OrderByReference(reference));
        let found = found.and_then(|found| match &found.value {
            Record::OrderByReference(index) => Some(index.order),
            _ => None,
        });
        step = with_router(world, |router| router.pay_for_found(by, found));
    }
    let intent = match step {
        Step::Show(answer) => return (answer, false),
        // Whatever comes with it would be fetched and kept.
        Step::TakeProof(order) => {
            let order = order.expect("only a named one");
            return (with_router(world, |r| Answer::Private(r.pages.proof_taken(order))), true);
        }
        Step::FindOrder(_) => unreachable!(),
        Step::Submit(intent) | Step::Decide(intent) => intent,
    };
    let staff = matches!(intent, Intent::Approve { .. } | Intent::Decline { .. });
    let outcome = world.decide(&intent);
    let writes = outcome.as_ref().is_ok_and(|(edits, _)| !edits.is_empty());
    let outcome = outcome.map(|(_, reply)| reply);
    let is_decided = matches!(
        intent,
        Intent::Reverse { .. } | Intent::Suspend(_) | Intent::Rotate { .. } | Intent::Move { .. }
    );
    let answer = with_router(world, |router| match is_decided {
        true => decided(router.pages, outcome),
        false => reply(router.pages, outcome, staff),
    });
    (answer, writes)
}

fn with_router<T>(world: &World, choose: impl FnOnce(&Router<'_>) -> T) -> T {
    let pages = Pages::new(&PROFILE, &world.snapshot, &world.catalog, world.now);
    let (catalog, snapshot) = (&world.catalog, &world.snapshot);
    choose(&Router { pages: &pages, catalog, snapshot, fetched: &Fetched::default() })
}

/// What the rows send that would format, mention or link, or is not seen.
const RAW: [&str; 8] = [
    "<@1>",
    "@everyone",
    "**x**",
    "**now**",
    "https://evil.example",
    "[free]",
    "\u{202e}",
    "\u{0}",
];

/// A page without what it shows as code: there nothing formats, mentions or links.
fn outside_of_code(page: &str) -> String {
    page.split("```").step_by(2).flat_map(|text| text.split('`').step_by(2)).collect()
}

#[test]
fn what_is_forged_or_stale_changes_nothing_and_is_answered_without_a_word_of_it() {
    let mut world = shop();
    let ids = Ids::of(&world);
    let rows = table::rows(&ids);
    assert!(rows.len() >= 60, "{} rows", rows.len());
    let names: BTreeSet<&str> = rows.iter().map(|(name, ..)| *name).collect();
    assert_eq!(names.len(), rows.len(), "each row has a name of its own");
    let revision = world.snapshot.revision();
    for (name, who, sent) in rows {
        let (answer, writes) = answered(&mut world, who, sent.clone());
        let page = answer.plain();
        assert!(!writes, "{name}: {who:?} changed something: {page}");
        assert!(page.trim().chars().count() > 10, "{name}: no answer: {page:?}");
        assert_eq!(PROFILE.answer_problems(&answer), [""; 0], "{name}");
        let (shown, sent) = (outside_of_code(&page), format!("{sent:?}"));
        for raw in RAW {
            assert!(!shown.contains(raw), "{name}: as it was typed: {sent}: {page:?}");
        }
        assert!(!page.contains(['\u{202e}', '\u{0}']), "{name}: {page:?}");
    }
    assert_eq!(world.snapshot.revision(), revision);
}

#[test]
fn whoever_is_not_staff_cannot_tell_anothers_thing_from_what_is_not_there() {
    let mut world = shop();
    let (ids, nobodys) = (Ids::of(&world), Ids::of(&world).of_nobody());
    let mut compared = 0;
    for ((name, who, real), (_, _, forged)) in
        table::rows(&ids).into_iter().zip(table::rows(&nobodys))
    {
        if who.is_staff() || who == Who::Owner {
            continue;
        }
        let said =
            |world: &mut World, sent, ids: &Ids| ids.without(&answered(world, who, sent).0.plain());
        let (there, nowhere) = (said(&mut world, real, &ids), said(&mut world, forged, &nobodys));
        assert_eq!(there, nowhere, "{name}: {who:?} learns that it exists");
        compared += 1;
    }
    assert!(compared >= 40, "{compared}");
}

#[test]
fn each_row_that_is_refused_for_who_sends_it_does_something_for_who_may() {
    let world = shop();
    let ids = Ids::of(&world);
    let mut did = 0;
    for (name, who, sent) in table::rows(&ids) {
        let Some(may) = table::who_may(name) else { continue };
        let (was, _) = answered(&mut world.clone(), who, sent.clone());
        let (is, _) = answered(&mut world.clone(), may, sent);
        assert_ne!(was.plain(), is.plain(), "{name}: {may:?} is answered as {who:?}");
        did += 1;
    }
    assert!(did >= 20, "{did}");
    let mut world = world;
    let review: OrderId = ids.review.parse().unwrap();
    assert!(world.submit(&approve(review)).is_ok(), "it is there to be decided");
}
