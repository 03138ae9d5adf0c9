//! Friends who are invited: their first payment gives days to who invited them, once, up to a limit.

use nebulalinks::catalog::{Files, Plan, Referral, Requirement, parse};
use nebulalinks::discord::PROFILE;
use nebulalinks::intent::{Rejection, Reply};
use nebulalinks::model::*;
use nebulalinks::notices;
use nebulalinks::view::Pages;
use nebulalinks_testkit::people::{
    approve, customer_in, decline, enter, grant, pay, place, reverse, suspend, there, try_out,
};
use nebulalinks_testkit::shop;
use nebulalinks_testkit::world::World;

const CODES: &str = "codes:
  - {id: eid, code: EID-25, gives: {percent: 25}, plans: {any: true}}
";
const REWARD: DurationMs = DurationMs(3 * DAY_MS);

/// The first customer has an account that is served.
fn world(limit: u32) -> (World, AccountId) {
    let files = Files { promos: CODES.into(), ..shop::files() };
    let mut catalog = parse(&files).unwrap_or_else(|problems| panic!("{problems}"));
    catalog.shop.referral = Some(Referral { reward: REWARD, limit });
    let mut world = World::empty(catalog);
    let account = world.sell(1, "basic-30");
    world.settle();
    (world, account)
}

fn code_of(world: &World, n: u64) -> String {
    let customer = customer_in(&world.snapshot, n).unwrap();
    world.snapshot.invite_code(customer).unwrap().to_string()
}

fn ordered(world: &mut World, n: u64) -> OrderId {
    let interaction = world.snapshot.revision() + 1_000;
    match world.submit(&place(n, "basic-30", Target::New, interaction)) {
        Ok(Reply::Placed(order)) => order,
        other => panic!("{other:?}"),
    }
}

/// The n-th customer orders, says that the first one invited them, and hands a proof in.
fn invited(world: &mut World, n: u64) -> OrderId {
    let order = ordered(world, n);
    let code = code_of(world, 1);
    assert_eq!(world.submit(&enter(n, order, &code)), Ok(Reply::Invited(order)));
    world.submit(&pay(n, order, n)).unwrap();
    order
}

fn ends(world: &World, account: AccountId) -> UnixMs {
    world.entitlement(account).ends_at
}

const fn no(why: CodeProblem) -> Result<Reply, Rejection> {
    Err(Rejection::Code(why))
}

#[test]
fn a_friends_first_payment_gives_days_once_however_often_it_is_delivered() {
    let (mut world, account) = world(10);
    let before = world.entitlement(account);
    let order = invited(&mut world, 2);
    assert_eq!(ends(&world, account), before.ends_at, "nothing is paid yet");
    world.submit(&approve(order)).unwrap();
    let after = world.entitlement(account);
    assert_eq!(after.ends_at, before.ends_at + REWARD);
    let service = |e: &Entitlement| (e.granted, e.devices, e.run, e.selector.clone());
    assert_eq!(service(&after), service(&before));
    let revision = world.snapshot.revision();
    assert!(matches!(world.submit(&approve(order)), Ok(Reply::AlreadyDone(..))));
    let code = code_of(&world, 1).to_lowercase().replace('-', "");
    assert_eq!(world.submit(&enter(2, order, &code)), Ok(Reply::Invited(order)));
    assert_eq!(world.snapshot.revision(), revision);
    // Their next payment is no first one.
    let account_of_friend = world.snapshot.accounts_of(customer_in(&world.snapshot, 2).unwrap());
    let friends = account_of_friend.map(|account| account.id).next().unwrap();
    world.renew(2, "basic-30", friends);
    assert_eq!(ends(&world, account), after.ends_at);
}

#[test]
fn who_invited_is_told_of_their_days_once() {
    let (mut world, account) = world(10);
    let order = invited(&mut world, 2);
    let told = |world: &World| {
        let due = notices::due(&world.snapshot, &world.catalog, account, world.now);
        due.into_iter().filter(|(_, kind)| *kind == NoticeKind::Rewarded).collect::<Vec<_>>()
    };
    assert_eq!(told(&world), []);
    world.submit(&approve(order)).unwrap();
    let [(of, kind)] = told(&world)[..] else { panic!() };
    let pages = Pages::new(&PROFILE, &world.snapshot, &world.catalog, world.now);
    let text = pages.notice(account, kind).unwrap().plain();
    assert!(text.contains("A friend whom you invited has paid"), "{text}");
    assert!(text.contains("3 days longer"), "{text}");
    let state = NoticeState::Sent;
    world.put(Notice { account, run: of, kind, state, at: world.now });
    assert_eq!(told(&world), []);
}

#[test]
fn the_limit_holds_where_two_friends_pay_at_once() {
    let (mut world, account) = world(1);
    let before = ends(&world, account);
    let orders = [2, 3].map(|n| invited(&mut world, n));
    let [first, second] = orders.map(|order| world.decide(&approve(order)).unwrap());
    assert!(world.commit(&first.0));
    assert!(!world.commit(&second.0), "decided on what is not so any more");
    assert!(matches!(world.submit(&approve(orders[1])), Ok(Reply::Approved(..))));
    assert_eq!(ends(&world, account), before + REWARD);
    // Of what is taken back another friend may bring days.
    world.submit(&reverse(orders[0])).unwrap();
    assert_eq!(ends(&world, account), before);
    let third = invited(&mut world, 4);
    world.submit(&approve(third)).unwrap();
    assert_eq!(ends(&world, account), before + REWARD);
}

#[test]
fn whoever_has_days_for_as_many_friends_as_count_invites_nobody_until_one_is_taken_back() {
    let (mut world, _) = world(1);
    let first = invited(&mut world, 2);
    world.submit(&approve(first)).unwrap();
    let third = ordered(&mut world, 3);
    let code = code_of(&world, 1);
    assert_eq!(world.submit(&enter(3, third, &code)), no(CodeProblem::UsedUp));
    assert_eq!(world.submit(&enter(2, first, &code)), Ok(Reply::Invited(first)), "once more");
    let page = |world: &World| {
        let pages = Pages::new(&PROFILE, &world.snapshot, &world.catalog, world.now);
        pages.invite(customer_in(&world.snapshot, 1)).plain()
    };
    let said = page(&world);
    assert!(said.contains("days so far: 1. ") && !said.contains(&code), "{said}");
    world.submit(&reverse(first)).unwrap();
    assert!(page(&world).contains(&code));
    assert_eq!(world.submit(&enter(3, third, &code)), Ok(Reply::Invited(third)));
    world.catalog.shop.limits.block = [there(1)].into();
    let said = page(&world);
    assert!(!said.contains(&code), "{said}");
}

#[test]
fn nobody_is_invited_twice_or_by_themselves_or_in_a_ring_or_late() {
    let (mut world, _) = world(10);
    let (second, third) = (ordered(&mut world, 2), ordered(&mut world, 3));
    let own = code_of(&world, 2);
    assert_eq!(world.submit(&enter(2, second, &own)), no(CodeProblem::OwnInvitation));
    let code = code_of(&world, 3);
    assert_eq!(world.submit(&enter(2, second, &code)), Ok(Reply::Invited(second)));
    let ring = code_of(&world, 2);
    assert_eq!(world.submit(&enter(3, third, &ring)), no(CodeProblem::TheyInvited));
    let first = code_of(&world, 1);
    assert_eq!(world.submit(&enter(2, second, &first)), no(CodeProblem::InvitedBefore));
    let again = ordered(&mut world, 1);
    assert_eq!(world.submit(&enter(1, again, &code)), no(CodeProblem::NoNewcomer));
    assert_eq!(world.submit(&enter(3, second, &first)), Err(Rejection::UnknownOrder));
    assert_eq!(world.submit(&enter(3, third, "0000-0000")), no(CodeProblem::Unknown));
    world.catalog.shop.referral = None;
    assert_eq!(world.submit(&enter(3, third, &first)), no(CodeProblem::Unknown));
}

#[test]
fn a_payment_that_was_approved_meanwhile_makes_nobody_a_friend_late() {
    let (mut world, account) = world(10);
    let before = ends(&world, account);
    let paid = ordered(&mut world, 2);
    world.submit(&pay(2, paid, 2)).unwrap();
    let second = ordered(&mut world, 2);
    let code = code_of(&world, 1);
    let late = world.decide(&enter(2, second, &code)).unwrap();
    world.submit(&approve(paid)).unwrap();
    assert!(!world.commit(&late.0), "decided on what is not so any more");
    assert_eq!(world.submit(&enter(2, second, &code)), no(CodeProblem::NoNewcomer));
    assert_eq!(ends(&world, account), before);
}

#[test]
fn a_promo_code_takes_something_off_beside_an_invitation() {
    let (mut world, account) = world(10);
    let before = ends(&world, account);
    let order = ordered(&mut world, 2);
    world.submit(&enter(2, order, "EID-25")).unwrap();
    let code = code_of(&world, 1);
    assert_eq!(world.submit(&enter(2, order, &code)), Ok(Reply::Invited(order)));
    assert_eq!(world.snapshot.order(order).unwrap().method.price.to_string(), "75.00 EGP");
    world.submit(&pay(2, order, 2)).unwrap();
    world.submit(&approve(order)).unwrap();
    assert_eq!(ends(&world, account), before + REWARD);
}

#[test]
fn days_go_to_what_goes_on_and_ends_last_and_are_not_kept_where_nothing_does() {
    let (mut world, account) = world(10);
    let longer = world.sell(1, "pro-30");
    world.submit(&grant(1, longer, 5, None)).unwrap();
    world.settle();
    let mut suspended = world.clone();
    suspended.submit(&suspend(longer)).unwrap();
    for (world, gets, other) in [(&mut world, longer, account), (&mut suspended, account, longer)] {
        let before = (ends(world, gets), ends(world, other));
        let order = invited(world, 2);
        world.submit(&approve(order)).unwrap();
        assert_eq!((ends(world, gets), ends(world, other)), (before.0 + REWARD, before.1));
    }
    let order = invited(&mut world, 3);
    world.wait(DurationMs(60 * DAY_MS));
    let terms = world.snapshot.terms(longer).count();
    assert!(matches!(world.submit(&approve(order)), Ok(Reply::Approved(..))));
    assert_eq!(world.snapshot.terms(longer).count(), terms);
}

#[test]
fn what_is_declined_gives_nothing_and_a_reversal_takes_the_days_back() {
    let (mut world, account) = world(10);
    let before = ends(&world, account);
    let declined = invited(&mut world, 2);
    world.submit(&decline(declined)).unwrap();
    assert_eq!(ends(&world, account), before);
    let order = ordered(&mut world, 2);
    world.submit(&pay(2, order, 22)).unwrap();
    world.submit(&approve(order)).unwrap();
    assert_eq!(ends(&world, account), before + REWARD, "invited at an earlier order");
    world.submit(&reverse(order)).unwrap();
    assert_eq!(ends(&world, account), before);
    world.settle();
    assert!(world.client(account).enable);
    // What they pay then is the first payment that stands.
    for proof in [23, 24] {
        let again = ordered(&mut world, 2);
        world.submit(&pay(2, again, proof)).unwrap();
        world.submit(&approve(again)).unwrap();
        assert_eq!(ends(&world, account), before + REWARD);
    }
}

#[test]
fn a_payment_after_the_first_was_taken_back_gives_days_though_another_stood_meanwhile() {
    let (mut world, account) = world(10);
    let before = ends(&world, account);
    let first = invited(&mut world, 2);
    world.submit(&approve(first)).unwrap();
    let paid = |world: &mut World, proof| {
        let order = ordered(world, 2);
        world.submit(&pay(2, order, proof)).unwrap();
        world.submit(&approve(order)).unwrap();
    };
    paid(&mut world, 22);
    assert_eq!(ends(&world, account), before + REWARD, "once for a friend");
    world.submit(&reverse(first)).unwrap();
    assert_eq!(ends(&world, account), before);
    paid(&mut world, 23);
    assert_eq!(ends(&world, account), before + REWARD);
    paid(&mut world, 24);
    assert_eq!(ends(&world, account), before + REWARD);
}

#[test]
fn an_order_that_has_left_memory_rewards_like_one_that_is_approved_in_time() {
    let (mut world, account) = world(10);
    let before = ends(&world, account);
    // What wants no proof can be approved as it is, also late.
    world.catalog.methods.iter_mut().for_each(|method| method.proof = Requirement::Optional);
    let order = ordered(&mut world, 2);
    let code = code_of(&world, 1);
    world.submit(&enter(2, order, &code)).unwrap();
    world.wait(DurationMs(8 * DAY_MS));
    let expired = world.snapshot.order(order).unwrap().clone();
    assert_eq!(expired.state(world.now), OrderState::Expired);
    world.put(Order { archived: true, ..expired });
    assert!(world.snapshot.order(order).is_none());
    assert!(matches!(world.submit(&approve(order)), Ok(Reply::Approved(..))));
    assert_eq!(ends(&world, account), before + REWARD);
}

#[test]
fn a_friends_payment_that_is_taken_back_takes_nothing_that_was_paid_for_after_its_days() {
    // Renewed on the first of the days that were given, and while the own ones still ran.
    for (renewed_after, keeps) in
        [(DurationMs(30 * DAY_MS + HOUR_MS), true), (DurationMs(DAY_MS), false)]
    {
        let (mut world, account) = world(10);
        let friend = invited(&mut world, 2);
        world.submit(&approve(friend)).unwrap();
        world.settle();
        world.wait(renewed_after);
        let interaction = world.snapshot.revision() + 1_000;
        let renewal = place(1, "basic-30", Target::Renew(account), interaction);
        let Ok(Reply::Placed(renewal)) = world.submit(&renewal) else { panic!("no order") };
        world.submit(&pay(1, renewal, 31)).unwrap();
        world.submit(&approve(renewal)).unwrap();
        let before = ends(&world, account);
        world.submit(&reverse(friend)).unwrap();
        let expected = if keeps { before } else { UnixMs(before.0 - REWARD.0) };
        assert_eq!(ends(&world, account), expected, "renewed after {renewed_after:?}");
    }
}

#[test]
fn whoever_is_not_let_in_invites_nobody_and_gets_nothing_for_friends_of_before() {
    let (mut world, account) = world(10);
    let before = ends(&world, account);
    let friend = invited(&mut world, 2);
    world.catalog.shop.limits.block = [there(1)].into();
    let (late, code) = (ordered(&mut world, 3), code_of(&world, 1));
    assert_eq!(world.submit(&enter(3, late, &code)), no(CodeProblem::Unknown));
    assert!(matches!(world.submit(&approve(friend)), Ok(Reply::Approved(..))));
    assert_eq!(ends(&world, account), before);
    world.catalog.shop.limits.block.clear();
    assert_eq!(world.submit(&enter(3, late, &code)), Ok(Reply::Invited(late)));
}

#[test]
fn nobody_is_invited_by_themselves_wherever_they_are_known() {
    let (mut world, _) = world(10);
    let order = ordered(&mut world, 2);
    let code = code_of(&world, 2);
    let customer = customer_in(&world.snapshot, 2).unwrap();
    let bare = world.snapshot.customer(customer).unwrap().clone();
    world.put(CustomerIdentity { identity: there(10), customer });
    world.put(Customer { identities: [there(2), there(10)].into(), ..bare });
    for n in [2, 10] {
        assert_eq!(world.submit(&enter(n, order, &code)), no(CodeProblem::OwnInvitation));
    }
}

#[test]
fn who_has_but_a_trial_is_given_no_days_for_a_friend() {
    let (mut world, _) = world(10);
    let plan = world.catalog.plans[0].clone();
    let id: PlanId = "try".parse().unwrap();
    world.catalog.plans.push(Plan { id, prices: Vec::new(), trial: true, ..plan });
    let Ok(Reply::TrialGiven(trial)) = world.submit(&try_out(5, "try", 1)) else { panic!() };
    let before = ends(&world, trial);
    let (order, code) = (ordered(&mut world, 2), code_of(&world, 5));
    assert_eq!(world.submit(&enter(2, order, &code)), Ok(Reply::Invited(order)));
    world.submit(&pay(2, order, 2)).unwrap();
    world.submit(&approve(order)).unwrap();
    assert_eq!((ends(&world, trial), world.snapshot.terms(trial).count()), (before, 1));
}

#[test]
fn inviting_is_shown_where_the_shop_rewards_it_alone() {
    let (mut world, account) = world(10);
    let order = ordered(&mut world, 2);
    let said = |world: &World| {
        let pages = Pages::new(&PROFILE, &world.snapshot, &world.catalog, world.now);
        let owner = customer_in(&world.snapshot, 1);
        [
            pages.my_account(owner, account).plain().contains("Invite a friend"),
            pages.invite(owner).plain().contains(&code_of(world, 1)),
            pages.order_placed(order).plain().contains("I have a code"),
        ]
    };
    world.catalog.promos.clear();
    assert_eq!(said(&world), [true; 3]);
    let code = code_of(&world, 1);
    let mut invited = world.clone();
    invited.submit(&enter(2, order, &code)).unwrap();
    assert_eq!(said(&invited), [true, true, false], "nobody is invited twice");
    world.catalog.shop.referral = None;
    assert_eq!(said(&world), [false; 3]);
}
