//! What staff may take back, and what they may give without a payment.

use nebulalinks::intent::{Intent, Rejection, Reply};
use nebulalinks::model::*;
use nebulalinks::planner::Verb;
use nebulalinks_testkit::people::{self, approve, decline, grant, pay, place};
use nebulalinks_testkit::people::{reopen, reverse};
use nebulalinks_testkit::shop::catalog;
use nebulalinks_testkit::world::World;

fn world() -> World {
    World::empty(catalog())
}

fn placed(world: &mut World, n: u64) -> OrderId {
    let interaction = 900 + world.snapshot.orders().count() as u64;
    match world.submit(&place(n, "basic-30", Target::New, interaction)) {
        Ok(Reply::Placed(order)) => order,
        other => panic!("{other:?}"),
    }
}

fn state(world: &World, order: OrderId) -> OrderState {
    world.snapshot.order(order).unwrap().state(world.now)
}

fn audited(world: &World, verb: &str) -> Audit {
    let mut lines = world.outside.values().filter_map(|r| match &r.value {
        Record::Audit(line) if line.verb == verb => Some(line.clone()),
        _ => None,
    });
    lines.next_back().unwrap()
}

#[test]
fn a_mistaken_decline_is_reopened_and_can_be_approved() {
    let mut world = world();
    let order = placed(&mut world, 1);
    world.submit(&pay(1, order, 1)).unwrap();
    world.submit(&decline(order)).unwrap();
    let reopened = world.submit(&reopen(order));
    assert_eq!(reopened, Ok(Reply::Reopened(order, OrderState::AwaitingReview)));
    let line = audited(&world, "reopen");
    assert_eq!(
        (line.actor.to_string().as_str(), line.reason.as_deref()),
        ("cli:root", Some("paid after all"))
    );
    // Once more changes nothing.
    let again = world.submit(&reopen(order));
    assert_eq!(again, Ok(Reply::AlreadyDone(order, OrderState::AwaitingReview)));
    let Ok(Reply::Approved(_, account)) = world.submit(&approve(order)) else { panic!() };
    assert_eq!(world.snapshot.terms(account).count(), 1);
    let late = world.submit(&reopen(order));
    assert_eq!(late, Err(Rejection::WrongState(order, OrderState::Approved)));
}

#[test]
fn a_receipt_of_a_declined_or_cancelled_order_may_be_used_again_by_its_customer() {
    let mut world = world();
    let first = placed(&mut world, 1);
    world.submit(&pay(1, first, 1)).unwrap();
    let other = placed(&mut world, 2);
    world.submit(&decline(first)).unwrap();
    // Not by somebody else, and not for the declined order itself.
    assert_eq!(world.submit(&pay(2, other, 1)), Err(Rejection::DuplicateProof(first)));
    let second = placed(&mut world, 1);
    assert_eq!(world.submit(&pay(1, second, 1)), Ok(Reply::ProofTaken(second)));
    // And staff are told so, whatever it looks like.
    let used = &world.snapshot.order(second).unwrap().evidence[0];
    assert_eq!(used.resembles, Some(first));
    // It backs the second order now.
    let third = world.submit(&place(1, "basic-30", Target::New, 77));
    let Ok(Reply::Placed(third)) = third else { panic!("{third:?}") };
    assert_eq!(world.submit(&pay(1, third, 1)), Err(Rejection::DuplicateProof(second)));
    // Given up after it was declined once and reopened: free again.
    world.submit(&decline(second)).unwrap();
    assert_eq!(world.submit(&pay(1, third, 1)), Ok(Reply::ProofTaken(third)));
    world.submit(&approve(third)).unwrap();
    let fourth = placed(&mut world, 1);
    assert_eq!(world.submit(&pay(1, fourth, 1)), Err(Rejection::DuplicateProof(third)));
}

#[test]
fn a_decline_is_not_reopened_when_its_receipt_stands_under_another_order() {
    let mut world = world();
    let first = placed(&mut world, 1);
    world.submit(&pay(1, first, 1)).unwrap();
    world.submit(&decline(first)).unwrap();
    let second = placed(&mut world, 1);
    world.submit(&pay(1, second, 1)).unwrap();
    assert_eq!(world.submit(&reopen(first)), Err(Rejection::DuplicateProof(second)));
    assert_eq!(state(&world, first), OrderState::Declined);
}

#[test]
fn a_receipt_cannot_be_used_again_while_its_order_is_reopened() {
    let mut world = world();
    let first = placed(&mut world, 1);
    world.submit(&pay(1, first, 1)).unwrap();
    world.submit(&decline(first)).unwrap();
    let second = placed(&mut world, 1);
    let reopened = world.decide(&reopen(first)).unwrap();
    let used = world.decide(&pay(1, second, 1)).unwrap();
    assert!(world.commit(&used.0));
    assert!(!world.commit(&reopened.0), "one payment would back two orders");
}

#[test]
fn a_reversal_takes_its_term_back_and_nothing_else() {
    let mut world = World::settled(catalog(), 1, "basic-30");
    let account = world.account(0);
    let first = world.snapshot.orders().next().unwrap().id;
    world.renew(0, "basic-30", account);
    let both = world.entitlement(account);
    assert_eq!(world.submit(&reverse(first)), Ok(Reply::Reversed(first, account)));
    let one = world.entitlement(account);
    assert_eq!(one.ends_at + DurationMs(30 * DAY_MS), both.ends_at);
    assert_eq!(one.granted, Quota::Bytes(Bytes(50 << 30)));
    assert_eq!(one.standing(world.now), Standing::Active);
    let again = world.submit(&reverse(first));
    assert_eq!(again, Ok(Reply::AlreadyDone(first, OrderState::Reversed)));
    let order = world.snapshot.order(first).unwrap();
    let by = order.reversed.as_ref().unwrap().by.to_string();
    assert_eq!((by.as_str(), state(&world, first)), ("cli:root", OrderState::Reversed));
    // What is declined or waits cannot be reversed.
    let order = placed(&mut world, 5);
    assert!(matches!(world.submit(&reverse(order)), Err(Rejection::WrongState(..))));
}

#[test]
fn when_every_term_is_reversed_the_account_has_ended_and_is_cut_off() {
    let mut world = World::settled(catalog(), 1, "basic-30");
    let account = world.account(0);
    let order = world.snapshot.orders().next().unwrap().id;
    world.submit(&reverse(order)).unwrap();
    assert_eq!(world.entitlement(account).standing(world.now), Standing::Expired);
    world.round();
    assert!(!world.client(account).enable, "explained: nothing is held");
}

#[test]
fn a_reversal_and_a_renewal_on_one_snapshot_do_not_both_hold() {
    let mut world = World::settled(catalog(), 1, "basic-30");
    let account = world.account(0);
    let first = world.snapshot.orders().next().unwrap().id;
    let order = match world.submit(&place(0, "basic-30", Target::Renew(account), 60)) {
        Ok(Reply::Placed(order)) => order,
        other => panic!("{other:?}"),
    };
    world.submit(&pay(0, order, 60)).unwrap();
    let renewal = world.decide(&approve(order)).unwrap();
    let reversal = world.decide(&reverse(first)).unwrap();
    assert!(world.commit(&reversal.0));
    assert!(!world.commit(&renewal.0), "whether the run goes on has changed");
}

#[test]
fn a_grant_adds_one_term_however_often_it_is_asked() {
    let mut world = World::settled(catalog(), 1, "basic-30");
    let account = world.account(0);
    let before = world.entitlement(account);
    let ask = grant(1, account, 3, Some(Quota::Bytes(Bytes(5 << 30))));
    assert_eq!(world.submit(&ask), Ok(Reply::Granted(account)));
    assert_eq!(world.submit(&ask), Ok(Reply::AlreadyGranted(account)));
    let after = world.entitlement(account);
    assert_eq!(after.ends_at, before.ends_at + DurationMs(3 * DAY_MS));
    assert_eq!(after.granted, Quota::Bytes(Bytes(55 << 30)));
    assert_eq!((after.devices, &after.selector), (before.devices, &before.selector));
    let line = audited(&world, "grant");
    assert_eq!(
        (line.actor.to_string().as_str(), line.reason.as_deref()),
        ("cli:root", Some("sorry"))
    );
    // Only time, only traffic.
    world.submit(&grant(2, account, 1, None)).unwrap();
    world.submit(&grant(3, account, 0, Some(Quota::Bytes(Bytes(1 << 30))))).unwrap();
    assert_eq!(world.submit(&grant(4, account, 0, None)), Err(Rejection::NothingGranted));
    let unlimited = world.submit(&grant(5, account, 1, Some(Quota::Unlimited)));
    assert_eq!(unlimited, Err(Rejection::OtherFamily));
}

#[test]
fn a_grant_to_an_account_that_has_ended_begins_a_run_and_needs_time_and_traffic() {
    let mut world = World::settled(catalog(), 1, "basic-30");
    let account = world.account(0);
    world.now = world.entitlement(account).ends_at;
    let traffic = Some(Quota::Bytes(Bytes(1 << 30)));
    assert_eq!(world.submit(&grant(1, account, 3, None)), Err(Rejection::NothingGranted));
    assert_eq!(world.submit(&grant(2, account, 0, traffic)), Err(Rejection::NothingGranted));
    world.submit(&grant(3, account, 3, traffic)).unwrap();
    let after = world.entitlement(account);
    assert_eq!((after.run, after.ends_at), (1, world.now + DurationMs(3 * DAY_MS)));
    assert_eq!(after.devices, 2, "as it was sold");
}

#[test]
fn only_staff_reopen_reverse_and_grant() {
    let mut world = World::settled(catalog(), 1, "basic-30");
    let account = world.account(0);
    let order = world.snapshot.orders().next().unwrap().id;
    for staff in [people::outsider(), people::customer(0)] {
        let mut asked = [reopen(order), reverse(order), grant(1, account, 3, None)];
        for ask in &mut asked {
            match ask {
                Intent::Reopen { staff: by, .. } | Intent::Reverse { staff: by, .. } => {
                    *by = staff.clone().into();
                }
                Intent::Grant(grant) => grant.staff = staff.clone().into(),
                _ => {}
            }
            assert_eq!(world.submit(ask), Err(Rejection::NotStaff), "{ask:?}");
        }
    }
}

#[test]
fn a_reversal_long_after_the_approval_is_no_late_cut_off() {
    let mut world = World::settled(catalog(), 2, "basic-30");
    let (ended, reversed) = (world.account(0), world.account(1));
    let lag = |world: &World, account| {
        let server = world.server_of(account);
        let applied = world.snapshot.binding_status(account, &server).unwrap().applied.as_ref();
        let pass = world.plan_guarded(&server);
        let change = pass.sent().iter().find(|change| change.account == account).unwrap();
        assert_eq!(change.main_verb(), Verb::Disable);
        change.cut_off_lag(applied, world.now)
    };
    let bought = |world: &World, account| match world.snapshot.terms(account).next().unwrap().source
    {
        TermSource::Order(order) => order,
        _ => panic!("not bought"),
    };
    world.wait(DurationMs(8 * DAY_MS));
    let order = bought(&world, reversed);
    world.submit(&reverse(order)).unwrap();
    assert_eq!(lag(&world, reversed), None);
    // A renewal of which the panel never heard, because it did not answer until after the new end.
    world.renew(0, "basic-30", ended);
    world.now = world.entitlement(ended).ends_at + DurationMs(5_000);
    assert_eq!(lag(&world, ended), Some(DurationMs(5_000)));
}

#[test]
fn an_operator_cancels_what_nobody_has_paid_for_and_nothing_else() {
    let mut world = world();
    let order = placed(&mut world, 1);
    assert_eq!(world.submit(&people::cancel_for(order)), Ok(Reply::Cancelled(order)));
    assert_eq!(audited(&world, "cancel").actor.to_string(), "cli:root");
    let again = world.submit(&people::cancel_for(order));
    assert_eq!(again, Ok(Reply::AlreadyDone(order, OrderState::Cancelled)));
    let paid = placed(&mut world, 1);
    world.submit(&pay(1, paid, 1)).unwrap();
    let late = world.submit(&people::cancel_for(paid));
    assert_eq!(late, Err(Rejection::WrongState(paid, OrderState::AwaitingReview)));
}
