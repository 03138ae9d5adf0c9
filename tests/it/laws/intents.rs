//! What a person may ask, and what comes of it.

use nebulalinks::intent::{Forgive, Grant, Intent, LeapOf, Proof, Rejection, Reply, Staff};
use nebulalinks::model::*;
use nebulalinks_testkit::people::{
    self, approve, approve_with, cancel, customer, decline, pay, place, place_by, proof, reopen,
    reverse,
};
use nebulalinks_testkit::shop::catalog;
use nebulalinks_testkit::world::World;

fn world() -> World {
    World::empty(catalog())
}

fn placed(world: &mut World, n: u64, plan: &str) -> OrderId {
    match world.submit(&place(n, plan, Target::New, 500 + n)) {
        Ok(Reply::Placed(order)) => order,
        other => panic!("{other:?}"),
    }
}

fn paid(world: &mut World, n: u64, plan: &str) -> OrderId {
    let order = placed(world, n, plan);
    world.submit(&pay(n, order, n)).unwrap();
    order
}

fn state(world: &World, order: OrderId) -> OrderState {
    world.snapshot.order(order).unwrap().state(world.now)
}

#[test]
fn one_approval_adds_one_term_however_often_it_is_clicked() {
    let mut world = world();
    let order = paid(&mut world, 1, "basic-30");
    let Ok(Reply::Approved(_, account)) = world.submit(&approve(order)) else { panic!() };
    for _ in 0..3 {
        let again = world.submit(&approve(order));
        assert_eq!(again, Ok(Reply::AlreadyDone(order, OrderState::Approved)));
    }
    assert_eq!(world.snapshot.terms(account).count(), 1);
    assert_eq!(world.snapshot.accounts().count(), 1);
}

#[test]
fn an_account_reads_the_language_of_its_newest_order() {
    let mut world = world();
    let order_in = |world: &mut World, target, language: Option<&str>, ask: u64| {
        let Intent::Place(mut asked) = place(1, "basic-30", target, ask) else { panic!() };
        asked.language = language.map(|l| l.parse().unwrap());
        let Ok(Reply::Placed(order)) = world.submit(&Intent::Place(asked)) else { panic!() };
        world.submit(&pay(1, order, ask)).unwrap();
        order
    };
    let of = |world: &World, account| {
        world.catalog.language_read(world.snapshot.owner_reads(account)).map(|l| l.to_string())
    };
    let first = order_in(&mut world, Target::New, Some("ar"), 1);
    let Ok(Reply::Approved(_, account)) = world.submit(&approve(first)) else { panic!() };
    assert_eq!(of(&world, account).as_deref(), Some("ar"));
    // As soon as a renewal is placed; a front that does not tell changes nothing.
    let second = order_in(&mut world, Target::Renew(account), Some("ru"), 2);
    assert_eq!(of(&world, account).as_deref(), Some("ru"));
    world.submit(&approve(second)).unwrap();
    let third = order_in(&mut world, Target::Renew(account), None, 3);
    assert_eq!(of(&world, account).as_deref(), Some("ru"));
    assert_eq!(
        world.snapshot.order(third).unwrap().customer,
        world.snapshot.order(first).unwrap().customer
    );
}

#[test]
fn of_two_approvals_on_one_snapshot_one_conflicts_and_then_changes_nothing() {
    let mut world = world();
    let order = paid(&mut world, 1, "basic-30");
    let first = world.decide(&approve_with(order, 0, "A-1")).unwrap();
    let second = world.decide(&approve_with(order, 1, "A-2")).unwrap();
    assert!(world.commit(&first.0));
    assert!(!world.commit(&second.0), "decided on what is not so any more");
    let again = world.submit(&approve_with(order, 1, "A-2"));
    assert_eq!(again, Ok(Reply::AlreadyDone(order, OrderState::Approved)));
    assert_eq!(world.snapshot.accounts().count(), 1);
}

#[test]
fn an_approval_and_a_decline_on_one_snapshot_do_not_both_hold() {
    let mut world = world();
    let order = paid(&mut world, 1, "basic-30");
    let yes = world.decide(&approve(order)).unwrap();
    let no = world.decide(&decline(order)).unwrap();
    assert!(world.commit(&no.0));
    assert!(!world.commit(&yes.0));
    assert_eq!(state(&world, order), OrderState::Declined);
    assert_eq!(world.snapshot.accounts().count(), 0);
}

#[test]
fn two_cannot_take_the_last_place() {
    let mut world = World::empty(nebulalinks_testkit::shop::catalog_with_room(1, 0));
    let first = world.decide(&place(1, "basic-30", Target::New, 1)).unwrap();
    let second = world.decide(&place(2, "basic-30", Target::New, 2)).unwrap();
    assert!(world.commit(&first.0));
    assert!(!world.commit(&second.0));
    let again = world.submit(&place(2, "basic-30", Target::New, 2));
    assert_eq!(again, Err(Rejection::NoCapacity));
}

#[test]
fn a_place_is_free_again_after_a_cancel_a_decline_and_an_expiry() {
    let mut world = World::empty(nebulalinks_testkit::shop::catalog_with_room(1, 0));
    let order = placed(&mut world, 1, "basic-30");
    world.submit(&cancel(1, order)).unwrap();
    let order = paid(&mut world, 2, "basic-30");
    world.submit(&decline(order)).unwrap();
    placed(&mut world, 3, "basic-30");
    world.now = world.now + DurationMs(25 * HOUR_MS);
    placed(&mut world, 4, "basic-30");
}

#[test]
fn one_payment_reference_backs_one_order() {
    let mut world = world();
    let (first, second) = (paid(&mut world, 1, "basic-30"), paid(&mut world, 2, "basic-30"));
    world.submit(&approve_with(first, 0, "TX 77")).unwrap();
    for same in ["TX 77", " tx 77 ", "Tx 77\n"] {
        let reused = world.submit(&approve_with(second, 1, same));
        assert_eq!(reused, Err(Rejection::DuplicateReference(first)));
    }
    assert_eq!(world.snapshot.accounts().count(), 1);
    world.submit(&approve_with(second, 1, "TX 78")).unwrap();
}

#[test]
fn one_reference_on_two_orders_of_one_snapshot_conflicts() {
    let mut world = world();
    let (first, second) = (paid(&mut world, 1, "basic-30"), paid(&mut world, 2, "basic-30"));
    let a = world.decide(&approve_with(first, 0, "TX")).unwrap();
    let b = world.decide(&approve_with(second, 1, "tx")).unwrap();
    assert!(world.commit(&a.0));
    assert!(!world.commit(&b.0));
}

#[test]
fn a_redelivered_interaction_finds_its_order_whatever_has_changed_since() {
    let mut world = world();
    let order = placed(&mut world, 1, "basic-30");
    let asked = place(1, "basic-30", Target::New, 501);
    assert_eq!(world.submit(&asked), Ok(Reply::Placed(order)));
    world.submit(&pay(1, order, 1)).unwrap();
    world.submit(&approve(order)).unwrap();
    world.catalog.plans.clear();
    assert_eq!(world.submit(&asked), Ok(Reply::Placed(order)));
    assert_eq!(world.snapshot.orders().count(), 1);
}

#[test]
fn a_second_buy_leads_back_to_the_unpaid_order() {
    let mut world = world();
    let order = placed(&mut world, 1, "basic-30");
    let second = world.submit(&place(1, "pro-30", Target::New, 9));
    assert_eq!(second, Ok(Reply::AlreadyOpen(order)));
}

#[test]
fn outsiders_change_nothing() {
    let mut world = world();
    let order = paid(&mut world, 1, "basic-30");
    let other = placed(&mut world, 2, "basic-30");
    let revision = world.snapshot.revision();
    let outsider = people::outsider();
    let asks = [
        Intent::Approve { order, staff: outsider.clone().into(), reference: None },
        Intent::Decline { order, staff: outsider.clone().into(), reason: "no".into() },
        Intent::Cancel { order: other, by: outsider.clone().into() },
        Intent::AddProof { order: Some(order), by: outsider.clone(), proof: people::proof(8) },
        Intent::AddProof { order: None, by: outsider, proof: people::proof(8) },
        Intent::Approve { order, staff: people::customer(1).into(), reference: None },
    ];
    for ask in asks {
        assert!(world.submit(&ask).is_err(), "{ask:?}");
    }
    let stranger = place(7, "basic-30", Target::Renew(people::fresh_ids(99).account), 3);
    assert_eq!(world.submit(&stranger), Err(Rejection::UnknownAccount));
    assert_eq!(world.snapshot.revision(), revision);
}

#[test]
fn somebody_elses_account_cannot_be_renewed() {
    let mut world = world();
    let account = world.sell(1, "basic-30");
    let theirs = world.submit(&place(2, "basic-30", Target::Renew(account), 3));
    assert_eq!(theirs, Err(Rejection::UnknownAccount));
}

#[test]
fn the_same_picture_is_refused_for_every_order() {
    let mut world = world();
    let (first, second) = (paid(&mut world, 1, "basic-30"), placed(&mut world, 2, "basic-30"));
    for (n, order) in [(1, first), (2, second)] {
        assert_eq!(world.submit(&pay(n, order, 1)), Err(Rejection::DuplicateProof(first)));
    }
}

#[test]
fn a_late_proof_reopens_an_order_that_expired_or_was_cancelled() {
    let mut world = world();
    let order = placed(&mut world, 1, "basic-30");
    world.now = world.now + DurationMs(25 * HOUR_MS);
    assert_eq!(state(&world, order), OrderState::Expired);
    world.submit(&pay(1, order, 1)).unwrap();
    assert_eq!(state(&world, order), OrderState::AwaitingReview);

    let order = placed(&mut world, 2, "basic-30");
    world.submit(&cancel(2, order)).unwrap();
    assert_eq!(state(&world, order), OrderState::Cancelled);
    world.now = world.now + DurationMs(1);
    world.submit(&pay(2, order, 2)).unwrap();
    assert_eq!(state(&world, order), OrderState::AwaitingReview);
    assert!(world.submit(&approve(order)).is_ok());
}

#[test]
fn a_picture_that_stands_elsewhere_names_the_oldest_order_and_never_its_own() {
    let mut world = world();
    let (first, second) = (paid(&mut world, 1, "basic-30"), placed(&mut world, 2, "basic-30"));
    let mut pay_alike = |n, alike: &[OrderId]| {
        let mut seen = proof(n);
        seen.alike = alike.to_vec();
        let by = customer(2);
        world.submit(&Intent::AddProof { order: Some(second), by, proof: seen }).unwrap();
        world.snapshot.order(second).unwrap().evidence.last().unwrap().resembles
    };
    let third = OrderId::new(ulid::Ulid::from_parts(1, 1));
    assert_eq!(pay_alike(11, &[]), None);
    assert_eq!(pay_alike(12, &[first, third]), Some(first));
    assert_eq!(pay_alike(13, &[second, first]), Some(first));
    assert_eq!(pay_alike(14, &[second]), None);
}

#[test]
fn of_the_orders_that_have_a_picture_another_customers_is_named_before_ones_own() {
    let mut world = world();
    let own = paid(&mut world, 2, "basic-30");
    world.submit(&decline(own)).unwrap();
    let theirs = paid(&mut world, 1, "basic-30");
    let placed = world.submit(&place(2, "basic-30", Target::New, 777));
    let Ok(Reply::Placed(order)) = placed else { panic!("{placed:?}") };
    let used = world.snapshot.order(own).unwrap().evidence[0].sha256.clone();
    let mut pay_with = |sha256: String, alike: &[OrderId]| {
        let seen = Proof { sha256, alike: alike.to_vec(), ..proof(60) };
        let by = customer(2);
        world.submit(&Intent::AddProof { order: Some(order), by, proof: seen }).unwrap();
        world.snapshot.order(order).unwrap().evidence.last().unwrap().resembles
    };
    assert_eq!(pay_with(proof(61).sha256, &[own, theirs]), Some(theirs));
    assert_eq!(pay_with(proof(62).sha256, &[own]), Some(own));
    // Their own file once more, and somebody else's picture all the same.
    assert_eq!(pay_with(used, &[theirs]), Some(theirs));
}

#[test]
fn a_decided_order_takes_no_proof_and_no_cancel() {
    let mut world = world();
    let order = paid(&mut world, 1, "basic-30");
    world.submit(&approve(order)).unwrap();
    let wrong = Rejection::WrongState(order, OrderState::Approved);
    assert_eq!(world.submit(&pay(1, order, 50)), Err(wrong.clone()));
    assert_eq!(world.submit(&cancel(1, order)), Err(wrong));
    let declined = world.submit(&decline(order));
    assert_eq!(declined, Err(Rejection::WrongState(order, OrderState::Approved)));
}

type Ask = fn(OrderId) -> Intent;

#[test]
fn a_decision_is_done_already_only_where_the_order_is_what_was_asked_for() {
    let asked: [Ask; 4] = [approve, decline, reopen, reverse];
    let names = ["approve", "decline", "reopen", "reverse"];
    // What makes the state, and which of the four is done already in it.
    let states: [(&[Ask], OrderState, Option<&str>); 5] = [
        (&[], OrderState::AwaitingReview, Some("reopen")),
        (&[approve], OrderState::Approved, Some("approve")),
        (&[decline], OrderState::Declined, Some("decline")),
        (&[approve, reverse], OrderState::Reversed, Some("reverse")),
        (&[cancelled], OrderState::Cancelled, None),
    ];
    for (before, stands, done) in states {
        let mut world = world();
        let order = if stands == OrderState::Cancelled {
            placed(&mut world, 1, "basic-30")
        } else {
            paid(&mut world, 1, "basic-30")
        };
        for step in before {
            world.submit(&step(order)).unwrap();
        }
        assert_eq!(state(&world, order), stands);
        for (ask, name) in asked.iter().zip(names) {
            let mut world = world.clone();
            let revision = world.snapshot.revision();
            let answer = world.submit(&ask(order));
            let changed = world.snapshot.revision() != revision;
            let already = answer == Ok(Reply::AlreadyDone(order, stands));
            let refused = answer == Err(Rejection::WrongState(order, stands));
            assert_eq!(already, done == Some(name), "{name} of {stands:?}: {answer:?}");
            assert!(changed != (already || refused), "{name} of {stands:?}: {answer:?}");
        }
    }
}

fn cancelled(order: OrderId) -> Intent {
    cancel(1, order)
}

#[test]
fn a_reason_is_never_empty_and_never_cut() {
    let mut world = World::settled(catalog(), 1, "basic-30");
    let account = world.account(0);
    let order = world.snapshot.orders().next().unwrap().id;
    let staff = || Staff::Operator("root".into());
    let long = "و".repeat(501);
    let refused = ["", " ", "\n\t \u{a0}", "\u{200b}\u{200f}\u{2800}"]
        .map(|blank| (blank, Rejection::ReasonRequired));
    for (reason, why) in refused.into_iter().chain([(&*long, Rejection::ReasonTooLong)]) {
        let reason = || reason.to_owned();
        let asked = [
            Intent::Decline { order, staff: staff(), reason: reason() },
            Intent::Reopen { order, staff: staff(), reason: reason() },
            Intent::Reverse { order, staff: staff(), reason: reason() },
            Intent::Grant(Grant {
                id: people::fresh_ids(900).order,
                account,
                length: DurationMs(DAY_MS),
                traffic: None,
                reason: reason(),
                staff: staff(),
            }),
            Intent::Forgive(Forgive {
                id: people::fresh_ids(901).order,
                of: LeapOf::Account(account),
                traffic: None,
                reason: reason(),
                staff: staff(),
            }),
        ];
        for intent in asked {
            let revision = world.snapshot.revision();
            assert_eq!(world.submit(&intent), Err(why.clone()), "{intent:?}");
            assert_eq!(world.snapshot.revision(), revision);
        }
    }
    assert_eq!(state(&world, order), OrderState::Approved);
}

#[test]
fn without_a_proof_nothing_is_approved_where_one_is_required() {
    let mut world = world();
    let order = placed(&mut world, 1, "basic-30");
    assert_eq!(world.submit(&approve(order)), Err(Rejection::ProofRequired));
    let bank = place_by(2, "basic-30", Target::New, 4, "bank");
    let Ok(Reply::Placed(order)) = world.submit(&bank) else { panic!() };
    assert_eq!(world.submit(&approve(order)), Err(Rejection::ReferenceRequired));
    assert!(world.submit(&approve_with(order, 0, "X")).is_ok());
}

#[test]
fn families_and_kinds_never_mix() {
    let mut world = world();
    let account = world.sell(1, "basic-30");
    let other = world.submit(&place(1, "pro-30", Target::Renew(account), 3));
    assert_eq!(other, Err(Rejection::OtherFamily));
    // The plan became unlimited while somebody's renewal waited.
    let Ok(Reply::Placed(order)) = world.submit(&place(1, "basic-30", Target::Renew(account), 4))
    else {
        panic!()
    };
    world.submit(&pay(1, order, 400)).unwrap();
    let mut tampered = world.snapshot.order(order).unwrap().clone();
    std::sync::Arc::make_mut(&mut tampered.plan).quota = Quota::Unlimited;
    world.put(tampered);
    assert_eq!(world.submit(&approve(order)), Err(Rejection::OtherFamily));
    assert_eq!(world.snapshot.terms(account).count(), 1);
}

#[test]
fn a_retired_plan_renews_and_is_not_sold() {
    let mut world = world();
    let account = world.sell(1, "basic-30");
    let new = world.submit(&place(2, "old-30", Target::New, 1));
    assert_eq!(new, Err(Rejection::PlanNotSold));
    assert!(world.submit(&place(1, "old-30", Target::Renew(account), 2)).is_ok());
}

#[test]
fn what_was_sold_follows_no_later_file() {
    let mut world = world();
    let order = paid(&mut world, 1, "basic-30");
    for plan in &mut world.catalog.plans {
        plan.duration = DurationMs(DAY_MS);
        plan.traffic = Quota::Bytes(Bytes(1));
        plan.prices.clear();
    }
    let Ok(Reply::Approved(_, account)) = world.submit(&approve(order)) else { panic!() };
    let entitlement = world.entitlement(account);
    assert_eq!(entitlement.ends_at, world.now + DurationMs(30 * DAY_MS));
    assert_eq!(entitlement.granted, Quota::Bytes(Bytes(50 << 30)));
}

#[test]
fn a_renewal_early_joins_the_run_and_one_after_the_end_begins_another() {
    let mut world = World::settled(catalog(), 1, "basic-30");
    let account = world.account(0);
    let end = world.entitlement(account).ends_at;
    world.renew(0, "basic-30", account);
    assert_eq!(world.entitlement(account).ends_at, end + DurationMs(30 * DAY_MS));
    assert_eq!(world.entitlement(account).granted, Quota::Bytes(Bytes(100 << 30)));
    world.now = world.entitlement(account).ends_at;
    world.renew(0, "basic-30", account);
    let later = world.entitlement(account);
    assert_eq!((later.run, later.ends_at), (1, world.now + DurationMs(30 * DAY_MS)));
    assert_eq!(later.left, Quota::Bytes(Bytes(50 << 30)), "what was left has lapsed");
}

#[test]
fn a_renewal_shows_beforehand_what_it_will_come_to() {
    let mut world = World::settled(catalog(), 1, "basic-30");
    let account = world.account(0);
    let shown = world.entitlement(account).after_term(
        DurationMs(30 * DAY_MS),
        Quota::Bytes(Bytes(50 << 30)),
        world.now,
    );
    world.renew(0, "basic-30", account);
    let got = world.entitlement(account);
    assert_eq!(shown, (got.ends_at, got.left));
}

#[test]
fn a_link_that_was_shown_counts_as_delivered_and_only_to_its_owner() {
    let mut world = world();
    let order = paid(&mut world, 1, "basic-30");
    let Ok(Reply::Approved(_, account)) = world.submit(&approve(order)) else { panic!() };
    let shown =
        |n| Intent::LinkShown { account, by: people::customer(n), fingerprint: "f".to_owned() };
    assert_eq!(world.submit(&shown(2)), Err(Rejection::UnknownAccount));
    assert!(world.snapshot.delivery(account).is_none());
    world.submit(&shown(1)).unwrap();
    let delivery = world.snapshot.delivery(account).unwrap();
    assert_eq!((&*delivery.fingerprint, &delivery.state), ("f", &DeliveryState::Shown));
    assert!(delivery.is_first());
}

#[test]
fn a_proof_for_an_order_that_is_full_reopens_no_other_order() {
    let mut world = world();
    let cancelled = placed(&mut world, 1, "basic-30");
    world.submit(&cancel(1, cancelled)).unwrap();
    let full = match world.submit(&place(1, "basic-30", Target::New, 900)) {
        Ok(Reply::Placed(order)) => order,
        other => panic!("{other:?}"),
    };
    let unnamed =
        |n| Intent::AddProof { order: None, by: people::customer(1), proof: people::proof(n) };
    for n in 0..8 {
        assert_eq!(world.submit(&unnamed(n)), Ok(Reply::ProofTaken(full)));
    }
    assert_eq!(world.submit(&unnamed(8)), Err(Rejection::TooManyProofs(full)));
    assert_eq!(state(&world, cancelled), OrderState::Cancelled);
}
