//! Promo codes: what is due with one is pinned, and none is used oftener than it may be.

use nebulalinks::catalog::{Catalog, Files, parse};
use nebulalinks::discord::PROFILE;
use nebulalinks::intent::{Rejection, Reply};
use nebulalinks::model::*;
use nebulalinks::view::Pages;
use nebulalinks_testkit::people::{
    self, approve, cancel, customer_in, decline, enter, pay, place, redeem, reopen, reverse,
};
use nebulalinks_testkit::shop;
use nebulalinks_testkit::world::World;
use proptest::prelude::*;

const CODES: &str = "codes:
  - {id: eid, code: EID-25, gives: {percent: 25}, plans: {families: [basic]}, limit: 2}
  - {id: off, code: OFF20, gives: {amount: 20.00 EGP}, plans: {any: true}, per_customer: 2}
  - {id: past, code: PAST, gives: {percent: 10}, plans: {any: true}, valid: 2001-01-01..2001-01-31}
  - {id: later, code: LATER, gives: {percent: 10}, plans: {any: true}, valid: 2090-01-01..2090-01-31}
  - {id: gift, code: GIFT, gives: {days: 7}, plans: {any: true}, limit: 3, per_customer: 2}
";

fn catalog() -> Catalog {
    let files = Files { promos: CODES.into(), ..shop::files() };
    parse(&files).unwrap_or_else(|problems| panic!("{problems}"))
}

fn world() -> World {
    World::empty(catalog())
}

fn promo(id: &str) -> PromoId {
    id.parse().unwrap()
}

/// The n-th customer orders this plan, to be paid in cash.
fn ordered(world: &mut World, n: u64, plan: &str) -> OrderId {
    let interaction = world.snapshot.revision() + 1_000;
    match world.submit(&place(n, plan, Target::New, interaction)) {
        Ok(Reply::Placed(order)) => order,
        other => panic!("{other:?}"),
    }
}

fn price(world: &World, order: OrderId) -> String {
    world.snapshot.order(order).unwrap().method.price.to_string()
}

const fn no(why: CodeProblem) -> Result<Reply, Rejection> {
    Err(Rejection::Code(why))
}

#[test]
fn a_code_is_taken_off_once_and_a_redelivered_dialog_finds_it_done() {
    let mut world = world();
    let order = ordered(&mut world, 1, "basic-30");
    assert_eq!(world.submit(&enter(1, order, " eid-25 ")), Ok(Reply::Reduced(order)));
    assert_eq!(price(&world, order), "75.00 EGP");
    let reduced = world.snapshot.order(order).unwrap().promo.clone().unwrap();
    assert_eq!((reduced.promo, reduced.full.to_string()), (promo("eid"), "100.00 EGP".into()));
    let revision = world.snapshot.revision();
    assert_eq!(world.submit(&enter(1, order, "EID-25")), Ok(Reply::Reduced(order)));
    assert_eq!(world.submit(&enter(1, order, "OFF20")), no(CodeProblem::Another));
    world.catalog.promos.clear();
    assert_eq!(world.submit(&enter(1, order, "EID-25")), no(CodeProblem::Another));
    assert_eq!((world.snapshot.revision(), &*price(&world, order)), (revision, "75.00 EGP"));
}

#[test]
fn what_is_due_with_a_code_is_what_is_asked_approved_and_booked() {
    let mut world = world();
    let order = ordered(&mut world, 1, "basic-30");
    world.submit(&enter(1, order, "OFF20")).unwrap();
    let said = |world: &World| {
        let pages = Pages::new(&PROFILE, &world.snapshot, &world.catalog, world.now);
        pages.order_card(order).unwrap().plain()
    };
    assert!(
        said(&world).contains("you pay **80.00 EGP** instead of 100.00 EGP"),
        "{}",
        said(&world)
    );
    assert!(said(&world).contains("Send **80.00 EGP** to"), "{}", said(&world));
    assert!(!said(&world).contains("I have a code"), "an order takes one");
    // The file is edited, and the code taken away: the price of the order stays.
    world.catalog.promos.clear();
    world.catalog.plans.iter_mut().for_each(|plan| plan.prices.clear());
    world.submit(&pay(1, order, 1)).unwrap();
    let card = Pages::new(&PROFILE, &world.snapshot, &world.catalog, world.now)
        .review_card(order)
        .unwrap();
    assert!(
        card.plain().contains("80.00 EGP") && card.plain().contains("`off`"),
        "{}",
        card.plain()
    );
    let Ok(Reply::Approved(_, account)) = world.submit(&approve(order)) else { panic!() };
    let term = world.snapshot.terms(account).next().unwrap();
    assert_eq!(term.price.as_ref().unwrap().to_string(), "80.00 EGP");
    let bookings: Vec<String> =
        world.snapshot.order(order).unwrap().bookings().map(|b| b.amount.to_string()).collect();
    assert_eq!(bookings, ["80.00 EGP"]);
}

#[test]
fn a_code_is_asked_for_where_one_counts_now() {
    let said = |catalog: &Catalog| {
        let mut world = World::empty(catalog.clone());
        let order = ordered(&mut world, 1, "basic-30");
        let pages = Pages::new(&PROFILE, &world.snapshot, &world.catalog, world.now);
        pages.order_card(order).unwrap().plain().contains("I have a code")
    };
    let mut catalog = catalog();
    assert!(said(&catalog));
    catalog.promos.retain(|promo| !["eid", "off"].contains(&promo.id.as_str()));
    assert!(!said(&catalog), "what is over, to come, or gives days");
    catalog.promos.clear();
    assert!(!said(&catalog));
}

#[test]
fn why_a_code_does_not_count_is_said_and_nothing_is_changed() {
    let mut world = world();
    let known = ordered(&mut world, 7, "pro-30");
    world.submit(&pay(7, known, 7)).unwrap();
    world.submit(&approve(known)).unwrap();
    let (stranger, known) = (ordered(&mut world, 1, "pro-30"), ordered(&mut world, 7, "pro-30"));
    let revision = world.snapshot.revision();
    for (n, order, code, why) in [
        (1, stranger, "EID26", CodeProblem::Unknown),
        (1, stranger, "", CodeProblem::Unknown),
        (1, stranger, "EID\u{2010}25", CodeProblem::Unknown),
        // Who has bought nothing is not told which codes there were, or are to come.
        (1, stranger, "\u{200f}past", CodeProblem::Unknown),
        (1, stranger, "LATER", CodeProblem::Unknown),
        (7, known, "PAST", CodeProblem::Over),
        (7, known, "LATER", CodeProblem::NotYet),
        (7, known, "EID-25", CodeProblem::OtherPlan),
        (7, known, "GIFT", CodeProblem::OfAccounts),
    ] {
        assert_eq!(world.submit(&enter(n, order, code)), no(why), "{code}");
    }
    assert_eq!(world.submit(&enter(2, stranger, "OFF20")), Err(Rejection::UnknownOrder));
    assert_eq!(world.submit(&enter(1, known, "OFF20")), Err(Rejection::UnknownOrder));
    assert_eq!(world.snapshot.revision(), revision);
}

#[test]
fn a_code_comes_before_the_first_proof_or_not_at_all() {
    let mut world = world();
    let order = ordered(&mut world, 1, "basic-30");
    world.submit(&pay(1, order, 1)).unwrap();
    let late = world.submit(&enter(1, order, "OFF20"));
    assert_eq!(late, Err(Rejection::WrongState(order, OrderState::AwaitingReview)));
    assert_eq!(price(&world, order), "100.00 EGP");
}

#[test]
fn a_limit_holds_and_what_comes_to_nothing_gives_its_use_back() {
    let mut world = world();
    let orders = [1, 2, 3].map(|n| ordered(&mut world, n, "basic-30"));
    let [first, second, third] = orders;
    for (n, order) in [(1, first), (2, second)] {
        world.submit(&enter(n, order, "EID-25")).unwrap();
    }
    let third_tries = |world: &mut World| world.clone().submit(&enter(3, third, "EID-25"));
    assert_eq!(third_tries(&mut world), no(CodeProblem::UsedUp));
    // Given up, declined, and not paid in time.
    let mut cancelled = world.clone();
    cancelled.submit(&cancel(1, first)).unwrap();
    assert_eq!(third_tries(&mut cancelled), Ok(Reply::Reduced(third)));
    world.submit(&pay(1, first, 1)).unwrap();
    let mut declined = world.clone();
    declined.submit(&decline(first)).unwrap();
    assert_eq!(third_tries(&mut declined), Ok(Reply::Reduced(third)));
    declined.submit(&reopen(first)).unwrap();
    assert_eq!(third_tries(&mut declined), no(CodeProblem::UsedUp), "it may be approved yet");
    world.submit(&approve(first)).unwrap();
    world.wait(DurationMs(2 * DAY_MS));
    let fourth = ordered(&mut world, 4, "basic-30");
    assert_eq!(world.snapshot.code_uses(&promo("eid"), world.now), 1, "the second has expired");
    assert_eq!(world.submit(&enter(4, fourth, "EID-25")), Ok(Reply::Reduced(fourth)));
    assert_eq!(
        world.snapshot.code_uses(&promo("eid"), world.now),
        2,
        "an approval counts for good"
    );
}

#[test]
fn a_code_is_read_as_people_paste_it() {
    for text in
        ["\u{200f}EID-25", "EID-\u{662}\u{665}", "\u{2068}eid-25\u{2069} ", "\u{feff}Eid-25"]
    {
        let mut world = world();
        let order = ordered(&mut world, 1, "basic-30");
        assert_eq!(world.submit(&enter(1, order, text)), Ok(Reply::Reduced(order)), "{text:?}");
    }
}

#[test]
fn whoever_gives_orders_up_to_pay_them_later_pays_in_full() {
    let mut world = world();
    let reduced: Vec<OrderId> = (0..4)
        .map(|_| {
            let order = ordered(&mut world, 1, "basic-30");
            world.submit(&enter(1, order, "EID-25")).unwrap();
            world.submit(&cancel(1, order)).unwrap();
            order
        })
        .collect();
    for (n, order) in (1..).zip(&reduced) {
        world.submit(&pay(1, *order, n)).unwrap();
        world.submit(&approve(*order)).unwrap();
    }
    let due: Vec<String> = reduced.iter().map(|order| price(&world, *order)).collect();
    assert_eq!(due, ["75.00 EGP", "100.00 EGP", "100.00 EGP", "100.00 EGP"]);
    assert_eq!(world.snapshot.code_uses(&promo("eid"), world.now), 1);
    // Not paid in time, and paid when the code is gone from the file.
    let late = ordered(&mut world, 2, "basic-30");
    world.submit(&enter(2, late, "EID-25")).unwrap();
    world.wait(DurationMs(2 * DAY_MS));
    world.catalog.promos.clear();
    let said = |world: &World| {
        let pages = Pages::new(&PROFILE, &world.snapshot, &world.catalog, world.now);
        let (customer, staff) = (pages.order_card(late), pages.review_card(late));
        (customer.unwrap().plain(), staff.map(|card| card.plain()).unwrap_or_default())
    };
    let (customer, _) = said(&world);
    assert!(customer.contains("does not count any more by then, 100.00 EGP is due"), "{customer}");
    world.submit(&pay(2, late, 9)).unwrap();
    assert_eq!(price(&world, late), "100.00 EGP");
    let (customer, staff) = said(&world);
    assert!(customer.contains("does not count any more: **100.00 EGP** is due"), "{customer}");
    assert!(staff.contains("`eid` did not count any more when the proof came"), "{staff}");
}

#[test]
fn a_customer_uses_a_code_as_often_as_one_may() {
    let mut world = world();
    for (n, expected) in [(1, true), (2, true), (3, false)] {
        let order = ordered(&mut world, 1, "pro-30");
        let entered = world.submit(&enter(1, order, "OFF20"));
        match expected {
            true => assert_eq!(entered, Ok(Reply::Reduced(order))),
            false => assert_eq!(entered, no(CodeProblem::UsedByThem)),
        }
        world.submit(&pay(1, order, n)).unwrap();
        world.submit(&approve(order)).unwrap();
    }
    let order = ordered(&mut world, 2, "pro-30");
    assert_eq!(world.submit(&enter(2, order, "OFF20")), Ok(Reply::Reduced(order)));
}

#[test]
fn of_two_who_use_a_code_for_the_last_time_at_once_one_does() {
    let mut world = world();
    let orders = [1, 2, 3].map(|n| ordered(&mut world, n, "basic-30"));
    world.submit(&enter(1, orders[0], "EID-25")).unwrap();
    let second = world.decide(&enter(2, orders[1], "EID-25")).unwrap();
    let third = world.decide(&enter(3, orders[2], "EID-25")).unwrap();
    assert!(world.commit(&second.0));
    assert!(!world.commit(&third.0), "decided on what is not so any more");
    assert_eq!(world.submit(&enter(3, orders[2], "EID-25")), no(CodeProblem::UsedUp));
}

#[test]
fn what_was_used_is_counted_however_long_ago_it_was_settled() {
    let mut world = world();
    let order = ordered(&mut world, 1, "basic-30");
    world.submit(&enter(1, order, "EID-25")).unwrap();
    world.submit(&pay(1, order, 1)).unwrap();
    for approved in [false, true] {
        let mut settled = world.clone();
        let decision = if approved { approve(order) } else { decline(order) };
        settled.submit(&decision).unwrap();
        let record = settled.snapshot.order(order).unwrap().clone();
        settled.put(Order { archived: true, ..record });
        assert!(settled.snapshot.order(order).is_none());
        let customer = customer_in(&settled.snapshot, 1).unwrap();
        let uses = usize::from(approved);
        assert_eq!(settled.snapshot.code_uses(&promo("eid"), settled.now), uses);
        assert_eq!(settled.snapshot.code_uses_of(&promo("eid"), customer, settled.now), uses);
    }
}

/// Something that happens to a customer's newest order, or the account that it gave.
#[derive(Debug, Clone, Copy)]
enum Act {
    Order,
    Enter(usize),
    Redeem,
    Pay,
    Cancel,
    Approve,
    Decline,
    Reopen,
    Reverse,
    Wait,
}

fn acts() -> impl Strategy<Value = Vec<(u64, Act)>> {
    let act = prop_oneof![
        4 => Just(Act::Order),
        4 => (0..2usize).prop_map(Act::Enter),
        2 => Just(Act::Redeem),
        3 => Just(Act::Pay),
        1 => Just(Act::Cancel),
        2 => Just(Act::Approve),
        1 => Just(Act::Decline),
        1 => Just(Act::Reopen),
        1 => Just(Act::Reverse),
        1 => Just(Act::Wait),
    ];
    prop::collection::vec((1..4u64, act), 1..60)
}

fn act(world: &mut World, n: u64, step: u64, act: Act) {
    let customer = customer_in(&world.snapshot, n);
    let theirs = world.snapshot.orders().filter(|o| Some(o.customer) == customer);
    let newest = theirs.map(|order| order.id).max().unwrap_or(OrderId::MIN);
    let intent = match act {
        Act::Order => place(n, "basic-30", Target::New, 5_000 + step),
        Act::Enter(which) => enter(n, newest, ["eid-25", "off20"][which]),
        Act::Redeem => {
            let theirs = people::accounts_of(&world.snapshot, n).map(|account| account.id).max();
            let Some(account) = theirs else { return };
            redeem(n, account, "gift", 9_000 + step)
        }
        Act::Pay => pay(n, newest, step),
        Act::Cancel => cancel(n, newest),
        Act::Approve => approve(newest),
        Act::Decline => decline(newest),
        Act::Reopen => reopen(newest),
        Act::Reverse => reverse(newest),
        Act::Wait => {
            world.now = world.now + DurationMs(7 * HOUR_MS);
            return;
        }
    };
    // Whether it may be is not what is looked at here.
    let _ = world.submit(&intent);
}

/// How many terms the n-th customer's accounts have by a code.
fn gifts(world: &World, n: u64) -> usize {
    let accounts = people::accounts_of(&world.snapshot, n);
    let terms = accounts.flat_map(|account| world.snapshot.terms(account.id));
    terms.filter(|term| matches!(term.source, TermSource::Promo(_))).count()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_counters_are_what_a_walk_over_orders_and_terms_comes_to(acts in acts()) {
        let mut world = world();
        for (step, (n, what)) in (0..).zip(acts) {
            act(&mut world, n, step, what);
            let all: usize = (1..4).map(|n| gifts(&world, n)).sum();
            prop_assert_eq!(world.snapshot.code_uses(&promo("gift"), world.now), all);
            prop_assert!(all <= 3 && (1..4).all(|n| gifts(&world, n) <= 2));
            for n in 1..4 {
                let Some(customer) = people::customer_in(&world.snapshot, n) else { continue };
                let counted = world.snapshot.code_uses_of(&promo("gift"), customer, world.now);
                prop_assert_eq!(counted, gifts(&world, n));
            }
            for (id, limit) in [("eid", Some(2)), ("off", None)] {
                let counts = |order: &&Order| {
                    let over = [OrderState::Declined, OrderState::Expired, OrderState::Cancelled, OrderState::Reversed];
                    order.promo.as_ref().is_some_and(|p| p.promo == promo(id)) && !over.contains(&order.state(world.now))
                };
                let walked: Vec<&Order> = world.snapshot.orders().filter(counts).collect();
                prop_assert_eq!(world.snapshot.code_uses(&promo(id), world.now), walked.len());
                for n in 1..4 {
                    let Some(customer) = people::customer_in(&world.snapshot, n) else { continue };
                    let theirs = walked.iter().filter(|order| order.customer == customer).count();
                    prop_assert_eq!(world.snapshot.code_uses_of(&promo(id), customer, world.now), theirs);
                }
                // Beyond its limit a code comes only where staff take a decline back.
                let came_back = |o: &&&Order| o.reopened.is_some();
                let straight = walked.iter().filter(|o| !came_back(o)).count();
                prop_assert!(limit.is_none_or(|limit| straight <= limit), "{straight}");
            }
        }
    }
}
