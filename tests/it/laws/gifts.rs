//! Days that a promo code gives: one term for each click, behind what goes on and was paid for.

use nebulalinks::catalog::{DesiredFile, Files, Source, parse};
use nebulalinks::discord::PROFILE;
use nebulalinks::front::reply;
use nebulalinks::intent::{Rejection, Reply};
use nebulalinks::model::*;
use nebulalinks::view::Pages;
use nebulalinks_testkit::people::{
    accounts_of, customer_in, grant, redeem, release, resume, reverse, suspend, try_out,
};
use nebulalinks_testkit::shop;
use nebulalinks_testkit::world::{World, email};

const CODES: &str = "codes:
  - {id: gift, code: GIFT, gives: {days: 7}, plans: {any: true}}
  - {id: basic, code: BASIC-3, gives: {days: 3}, plans: {families: [basic]}, limit: 1}
  - {id: longer, code: LONGER, gives: {days: 3}, plans: {ids: [basic-90]}}
  - {id: off, code: OFF20, gives: {percent: 20}, plans: {any: true}}
  - {id: past, code: PAST, gives: {days: 7}, plans: {any: true}, valid: 2001-01-01..2001-01-31}
";
const TRIAL: &str = "plans:
  - {id: try-3, family: basic, name: {en: Taste}, trial: true, duration: 3d, traffic: 5GiB, devices: 1,
     servers: {any: true}}
";

fn world() -> World {
    let mut files = Files { promos: CODES.into(), ..shop::files() };
    let Source::Text(plans) = files.get(DesiredFile::Plans).clone() else { panic!() };
    files.set(DesiredFile::Plans, Source::Text(plans.replace("plans:\n", TRIAL)));
    World::empty(parse(&files).unwrap_or_else(|problems| panic!("{problems}")))
}

const fn no(why: CodeProblem) -> Result<Reply, Rejection> {
    Err(Rejection::Code(why))
}

/// What would come of it, and nothing does.
fn tried(world: &World, n: u64, account: AccountId, code: &str) -> Result<Reply, Rejection> {
    world.clone().submit(&redeem(n, account, code, 900))
}

fn offers_to_enter_one(world: &World, account: AccountId) -> bool {
    let pages = Pages::new(&PROFILE, &world.snapshot, &world.catalog, world.now);
    let owner = world.snapshot.account(account).unwrap().customer;
    pages.my_account(owner, account).plain().contains("I have a code")
}

/// All of its traffic flows, and that is counted.
fn use_up(world: &mut World, account: AccountId) {
    let Quota::Bytes(left) = world.entitlement(account).left else { panic!() };
    let server = world.server_of(account);
    world.panels.get_mut(&server).unwrap().traffic(&email(account), left.0);
    world.pass(&server);
}

fn standing(world: &World, account: AccountId) -> Standing {
    world.entitlement(account).standing(world.now)
}

#[test]
fn days_follow_an_account_once_however_often_a_click_is_delivered() {
    for plan in ["basic-30", "pro-30"] {
        let mut world = world();
        let account = world.sell(1, plan);
        world.settle();
        let before = world.entitlement(account);
        assert_eq!(world.submit(&redeem(1, account, " gift", 900)), Ok(Reply::DaysGiven(account)));
        let after = world.entitlement(account);
        assert_eq!(after.ends_at, before.ends_at + DurationMs(7 * DAY_MS));
        let service = |e: &Entitlement| (e.granted, e.devices, e.run, e.selector.clone());
        assert_eq!(service(&after), service(&before));
        let term = world.snapshot.terms(account).next_back().unwrap();
        assert_eq!(term.price, None);
        let revision = world.snapshot.revision();
        assert_eq!(world.submit(&redeem(1, account, "GIFT", 901)), no(CodeProblem::UsedByThem));
        // Whatever has become of the code since.
        world.catalog.promos.clear();
        assert_eq!(world.submit(&redeem(1, account, "GIFT", 900)), Ok(Reply::DaysGiven(account)));
        assert_eq!((world.snapshot.revision(), world.snapshot.account_count()), (revision, 1));
        world.round();
        let client = world.client(account);
        assert_eq!((client.enable, client.end), (true, Some(End::at(after.ends_at))));
    }
}

#[test]
fn of_two_clicks_at_once_one_gives_days() {
    let mut world = world();
    let (first, second) = (world.sell(1, "basic-30"), world.sell(2, "basic-30"));
    // The same customer, and two of them for the last use that there is.
    for (n, account, code) in [(1, first, "GIFT"), (2, second, "BASIC-3")] {
        let one = world.decide(&redeem(1, first, code, 900 + n)).unwrap();
        let other = world.decide(&redeem(n, account, code, 910 + n)).unwrap();
        assert!(world.commit(&one.0));
        assert!(!world.commit(&other.0), "decided on what is not so any more");
    }
    assert_eq!(tried(&world, 1, first, "GIFT"), no(CodeProblem::UsedByThem));
    assert_eq!(tried(&world, 2, second, "BASIC-3"), no(CodeProblem::UsedUp));
}

#[test]
fn days_go_to_ones_own_account_of_a_plan_that_the_code_is_for() {
    let mut world = world();
    let (own, others) = (world.sell(1, "pro-30"), world.sell(2, "basic-30"));
    world.settle();
    for (n, account, code, expected) in [
        (1, own, "GIFT", Ok(Reply::DaysGiven(own))),
        (2, others, "basic-3", Ok(Reply::DaysGiven(others))),
        (1, others, "GIFT", Err(Rejection::UnknownAccount)),
        (9, own, "GIFT", Err(Rejection::UnknownAccount)),
        (1, own, "GIFTS", no(CodeProblem::Unknown)),
        (1, own, "PAST", no(CodeProblem::Over)),
        (1, own, "OFF20", no(CodeProblem::OfOrders)),
        (1, own, "BASIC-3", no(CodeProblem::OtherAccountPlan)),
    ] {
        assert_eq!(tried(&world, n, account, code), expected, "{n} {code}");
    }
    assert!(offers_to_enter_one(&world, own));
    world.catalog.promos.retain(|promo| promo.id.as_str() != "gift");
    assert!(offers_to_enter_one(&world, others));
    assert!(!offers_to_enter_one(&world, own), "none is for its plan");
}

#[test]
fn what_does_not_go_on_gets_no_days_and_why_is_said() {
    let mut world = world();
    let account = world.sell(1, "basic-30");
    world.settle();
    let said = |world: &World, account: AccountId, why: CodeProblem| {
        assert_eq!(tried(world, 1, account, "GIFT"), no(why));
        assert!(!offers_to_enter_one(world, account), "{why:?}");
        let pages = Pages::new(&PROFILE, &world.snapshot, &world.catalog, world.now);
        reply(&pages, Err(Rejection::Code(why)), false).plain()
    };
    let mut suspended = world.clone();
    suspended.submit(&suspend(account)).unwrap();
    let text = said(&suspended, account, CodeProblem::Suspended);
    assert!(text.contains("switched this account off"), "{text}");
    suspended.submit(&resume(account)).unwrap();
    assert_eq!(tried(&suspended, 1, account, "GIFT"), Ok(Reply::DaysGiven(account)));
    let mut ended = world.clone();
    ended.wait(DurationMs(40 * DAY_MS));
    let text = said(&ended, account, CodeProblem::Ended);
    assert!(text.contains("has ended"), "{text}");
    let order = world.snapshot.orders().next().unwrap().id;
    let mut reversed = world.clone();
    reversed.submit(&reverse(order)).unwrap();
    let text = said(&reversed, account, CodeProblem::TakenBack);
    assert!(text.contains("took back the payment"), "{text}");
    let mut released = world.clone();
    released.submit(&release(account)).unwrap();
    assert_eq!(tried(&released, 1, account, "GIFT"), Err(Rejection::UnknownAccount));
}

#[test]
fn a_trial_gets_no_days_until_it_is_paid_for() {
    let mut world = world();
    let Ok(Reply::TrialGiven(account)) = world.submit(&try_out(1, "try-3", 1)) else { panic!() };
    world.bind(account);
    world.settle();
    assert_eq!(tried(&world, 1, account, "GIFT"), no(CodeProblem::Trial));
    assert!(!offers_to_enter_one(&world, account));
    world.renew(1, "basic-30", account);
    assert_eq!(tried(&world, 1, account, "GIFT"), Ok(Reply::DaysGiven(account)));
}

#[test]
fn a_trial_whose_payment_was_taken_back_has_no_days_of_a_code_until_it_is_paid_for_again() {
    let mut world = world();
    let Ok(Reply::TrialGiven(account)) = world.submit(&try_out(1, "try-3", 1)) else { panic!() };
    world.bind(account);
    world.settle();
    let ends_at = |world: &World| world.entitlement(account).ends_at;
    let (trial_ends, days) = (ends_at(&world), |n| DurationMs(n * DAY_MS));
    world.renew(1, "basic-30", account);
    world.submit(&redeem(1, account, "GIFT", 800)).unwrap();
    assert_eq!(ends_at(&world), trial_ends + days(30 + 7));
    let order = world.snapshot.orders().next().unwrap().id;
    world.submit(&reverse(order)).unwrap();
    assert_eq!((standing(&world, account), ends_at(&world)), (Standing::Active, trial_ends));
    assert_eq!(tried(&world, 1, account, "BASIC-3"), no(CodeProblem::Trial));
    assert!(!offers_to_enter_one(&world, account));
    world.renew(1, "basic-30", account);
    assert_eq!(ends_at(&world), trial_ends + days(30 + 7));
    // What staff gave it stands for itself, as a payment does.
    let newest = world.snapshot.orders().last().unwrap().id;
    world.submit(&reverse(newest)).unwrap();
    world.submit(&grant(1, account, 5, None)).unwrap();
    assert_eq!(ends_at(&world), trial_ends + days(5 + 7));
    assert_eq!(tried(&world, 1, account, "BASIC-3"), Ok(Reply::DaysGiven(account)));
}

#[test]
fn the_plan_of_a_payment_that_was_taken_back_lets_no_code_count() {
    let mut world = world();
    let account = world.sell(1, "basic-30");
    world.settle();
    assert_eq!(tried(&world, 1, account, "LONGER"), no(CodeProblem::OtherAccountPlan));
    world.renew(1, "basic-90", account);
    assert_eq!(tried(&world, 1, account, "LONGER"), Ok(Reply::DaysGiven(account)));
    let renewal = world.snapshot.orders().last().unwrap().id;
    world.submit(&reverse(renewal)).unwrap();
    assert_eq!(standing(&world, account), Standing::Active);
    assert_eq!(tried(&world, 1, account, "LONGER"), no(CodeProblem::OtherAccountPlan));
}

#[test]
fn who_has_no_traffic_left_reads_that_days_do_not_bring_any() {
    let mut world = world();
    let account = world.sell(1, "basic-30");
    world.settle();
    let said = |world: &World| {
        let pages = Pages::new(&PROFILE, &world.snapshot, &world.catalog, world.now);
        reply(&pages, Ok(Reply::DaysGiven(account)), false).plain()
    };
    let off = "stays off";
    world.submit(&redeem(1, account, "GIFT", 900)).unwrap();
    assert!(!said(&world).contains(off), "{}", said(&world));
    use_up(&mut world, account);
    assert_eq!(standing(&world, account), Standing::Depleted);
    world.submit(&redeem(1, account, "BASIC-3", 901)).unwrap();
    assert_eq!(standing(&world, account), Standing::Depleted);
    assert!(said(&world).contains(off), "{}", said(&world));
}

#[test]
fn no_account_stands_by_days_of_a_code_alone() {
    for plan in ["basic-30", "pro-30"] {
        let mut world = world();
        let account = world.sell(1, plan);
        world.settle();
        world.submit(&redeem(1, account, "GIFT", 900)).unwrap();
        let first = world.snapshot.orders().next().unwrap().id;
        world.submit(&reverse(first)).unwrap();
        assert_eq!(standing(&world, account), Standing::Expired, "{plan}");
        world.round();
        assert!(!world.client(account).enable);
        // What is bought then begins anew, and the use has not come back.
        world.renew(1, plan, account);
        let now = world.now;
        assert_eq!(world.entitlement(account).ends_at, now + DurationMs(30 * DAY_MS));
        let again = world.submit(&redeem(1, account, "GIFT", 901));
        assert_eq!(again, no(CodeProblem::UsedByThem));
        assert_eq!(accounts_of(&world.snapshot, 1).count(), 1);
        assert!(customer_in(&world.snapshot, 1).is_some());
    }
}
