//! Forgetting a customer: at once nobody finds them by who they were, and what they bought stays; not while something of
//! theirs goes on, and nothing is sold to them after it.

use nebulalinks::intent::{
    ForgetRequest, Intent, NoteRequest, OfAccount, Rejection, Reply, Staff, TicketRequest,
};
use nebulalinks::model::*;
use nebulalinks_testkit::people::{self, approve, pay, place, reverse, there};
use nebulalinks_testkit::shop::catalog;
use nebulalinks_testkit::world::World;

fn operator() -> Staff {
    Staff::Operator("root".into())
}

fn forget(customer: CustomerId) -> Intent {
    Intent::Forget(ForgetRequest { customer, staff: operator() })
}

fn of(account: AccountId) -> OfAccount {
    OfAccount { account, reason: "they want to go".to_owned(), staff: operator() }
}

/// The first customer, whose account they gave up.
fn gone() -> (World, CustomerId, AccountId) {
    let mut world = World::settled(catalog(), 2, "basic-30");
    let account = people::accounts_of(&world.snapshot, 0).next().unwrap().id;
    let customer = people::customer_in(&world.snapshot, 0).unwrap();
    world.submit(&Intent::Suspend(of(account))).unwrap();
    (world, customer, account)
}

#[test]
fn nobody_finds_a_forgotten_customer_by_who_they_were_and_orders_and_accounts_stay_theirs() {
    let (mut world, customer, account) = gone();
    let orders = world.snapshot.orders_of(customer);
    let code = world.snapshot.invite_code(customer).unwrap();
    assert_eq!((orders.len(), world.snapshot.inviter(code)), (1, Some(customer)));
    assert_eq!(world.submit(&forget(customer)), Ok(Reply::Forgot(customer)));
    let left = world.snapshot.customer(customer).unwrap();
    assert!(left.identities.is_empty() && left.name.is_empty() && left.note.is_none());
    assert_eq!(left.language, None);
    assert_eq!(world.snapshot.customer_of(there(0)), None);
    assert_eq!(world.snapshot.customers_named("customer-0").next(), None);
    assert!(world.snapshot.customer_of(there(1)).is_some());
    assert_eq!(world.snapshot.orders_of(customer), orders);
    assert_eq!(world.snapshot.account(account).map(|a| a.customer), Some(customer));
    assert_eq!(world.snapshot.inviter(code), None);
    // Asked again, by a second press or after a lost answer.
    let revision = world.snapshot.revision();
    assert_eq!(world.submit(&forget(customer)), Ok(Reply::Forgot(customer)));
    assert_eq!(world.snapshot.revision(), revision);
    let nobody = CustomerId::MAX;
    assert_eq!(world.submit(&forget(nobody)), Err(Rejection::UnknownCustomer));
}

#[test]
fn the_same_person_who_comes_again_is_a_new_customer() {
    let (mut world, customer, account) = gone();
    world.submit(&forget(customer)).unwrap();
    // What was theirs is not.
    let renews = place(0, "basic-30", Target::Renew(account), 4_712);
    assert_eq!(world.submit(&renews), Err(Rejection::UnknownAccount));
    world.submit(&place(0, "basic-30", Target::New, 4_711)).unwrap();
    let new = people::customer_in(&world.snapshot, 0).unwrap();
    assert_ne!(new, customer);
    assert!(world.snapshot.is_forgotten(customer));
}

#[test]
fn nobody_is_forgotten_while_an_account_an_order_or_a_question_of_theirs_goes_on() {
    let still = |what| Err(Rejection::StillCustomer(what));
    let mut world = World::settled(catalog(), 1, "basic-30");
    let customer = people::customer_in(&world.snapshot, 0).unwrap();
    let account = world.account(0);
    let refused = still(StillCustomer::Account(account));
    assert_eq!(world.submit(&forget(customer)), refused);
    world.submit(&Intent::Suspend(of(account))).unwrap();
    let mut resumed = world.clone();
    resumed.submit(&Intent::Resume(of(account))).unwrap();
    assert_eq!(resumed.submit(&forget(customer)), refused);
    // One that has ended goes on no more.
    resumed.now = resumed.now + DurationMs(31 * DAY_MS);
    assert_eq!(resumed.submit(&forget(customer)), Ok(Reply::Forgot(customer)));

    let Ok(Reply::Placed(order)) = world.submit(&place(0, "basic-30", Target::New, 5)) else {
        panic!("not placed")
    };
    let refused = still(StillCustomer::OpenOrder(order));
    assert_eq!(world.submit(&forget(customer)), refused);
    world.submit(&pay(0, order, 77)).unwrap();
    assert_eq!(world.submit(&forget(customer)), refused);
    world.submit(&people::decline(order)).unwrap();
    let ticket = Ticket {
        id: TicketId::MIN,
        customer,
        opened_at: world.now,
        waits_since: None,
        answered_at: None,
        closed: None,
    };
    world.put(ticket.clone());
    assert_eq!(world.submit(&forget(customer)), still(StillCustomer::OpenTicket(ticket.id)));
    let closed = Some(Box::new(TicketClosing { by: Actor::Controller, at: world.now }));
    world.put(Ticket { closed, ..ticket });
    assert_eq!(world.submit(&forget(customer)), Ok(Reply::Forgot(customer)));
    assert_eq!(world.snapshot.orders_of(customer).len(), 2, "the declined one, too");
}

#[test]
fn nothing_is_sold_given_or_noted_to_who_was_forgotten_and_what_they_paid_may_be_taken_back() {
    let (mut world, customer, account) = gone();
    let sold = *world.snapshot.orders_of(customer).first().unwrap();
    let Ok(Reply::Placed(lapsed)) = world.submit(&place(0, "basic-30", Target::New, 5)) else {
        panic!("not placed")
    };
    world.submit(&Intent::Cancel { order: lapsed, by: operator() }).unwrap();
    world.submit(&forget(customer)).unwrap();
    let note = NoteRequest { customer, text: "was loud".to_owned(), staff: operator() };
    for refused in [
        Intent::Resume(of(account)),
        Intent::Rotate { of: of(account), version: 1 },
        Intent::Move { of: of(account), to: "ams-1".parse().unwrap() },
        people::grant(9, account, 30, None),
        Intent::Note(note),
        approve(lapsed),
        people::decline(lapsed),
    ] {
        assert_eq!(world.submit(&refused), Err(Rejection::Forgotten), "{refused:?}");
    }
    assert!(world.submit(&reverse(sold)).is_ok(), "a payment that was taken back");
}

#[test]
fn what_was_decided_on_records_of_before_does_not_come_after_the_forgetting() {
    let (gone, customer, _) = gone();
    // In each language that a device of theirs may be set to: in one of them their own record stays as it is.
    for interaction in 4..8 {
        let mut world = gone.clone();
        let placed = place(0, "basic-30", Target::New, interaction);
        let (late, _) = world.decide(&placed).unwrap();
        world.submit(&forget(customer)).unwrap();
        assert!(!world.commit(&late), "{interaction}");
        assert!(world.submit(&placed).is_ok());
    }
}

/// Whatever makes something of theirs go on again, asked at the same moment as the forgetting.
fn at_the_same_moment(world: &mut World, account: AccountId) -> Vec<Intent> {
    let ordered = |world: &mut World, interaction| {
        let placed = world.submit(&place(0, "basic-30", Target::Renew(account), interaction));
        let Ok(Reply::Placed(order)) = placed else { panic!("{placed:?}") };
        order
    };
    let declined = ordered(world, 40);
    world.submit(&pay(0, declined, 900)).unwrap();
    world.submit(&people::decline(declined)).unwrap();
    let cancelled = ordered(world, 41);
    world.submit(&people::cancel(0, cancelled)).unwrap();
    let ticket = TicketRequest {
        customer: people::customer(0),
        language: None,
        interaction: people::asked(42),
    };
    vec![
        Intent::Resume(of(account)),
        people::grant(1, account, 7, None),
        people::reopen(declined),
        pay(0, cancelled, 901),
        Intent::OpenTicket(ticket),
    ]
}

#[test]
fn of_a_forgetting_and_what_makes_something_go_on_at_the_same_moment_one_is_refused() {
    let (mut gone, customer, account) = gone();
    for other in at_the_same_moment(&mut gone, account) {
        let mut world = gone.clone();
        let (late, _) = world.decide(&other).unwrap();
        world.submit(&forget(customer)).unwrap();
        assert!(!world.commit(&late), "{other:?} came after the forgetting");
        let mut world = gone.clone();
        let (late, _) = world.decide(&forget(customer)).unwrap();
        world.submit(&other).unwrap();
        assert!(!world.commit(&late), "it was forgotten after {other:?}");
    }
}
