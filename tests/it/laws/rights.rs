//! The table of staff's rights and the decisions agree: what a role may not enter, it is refused as an
//! intent, too, however it comes.

use nebulalinks::front::{RIGHTS, Right};
use nebulalinks::intent::{
    ForgetRequest, Grant, Intent, NoteRequest, OfAccount, Person, Rejection, Staff,
};
use nebulalinks::model::*;
use nebulalinks::view::sample;
use nebulalinks_testkit::people;
use nebulalinks_testkit::shop::catalog;
use nebulalinks_testkit::world::World;
use std::collections::BTreeSet;

/// What a command of the table comes to in the end; nothing for one that only shows.
fn intent_of(
    command: &str,
    staff: Staff,
    (account, customer, done): (AccountId, CustomerId, CustomerId),
    order: OrderId,
    broadcast: BroadcastId,
) -> Option<Intent> {
    let reason = || "because".to_owned();
    let of = OfAccount { account, reason: reason(), staff: staff.clone() };
    Some(match command {
        "order approve" => Intent::Approve { order, staff, reference: None },
        "order decline" => Intent::Decline { order, staff, reason: reason() },
        "order cancel" => Intent::Cancel { order, by: staff },
        "order reverse" => Intent::Reverse { order, staff, reason: reason() },
        "account suspend" => Intent::Suspend(of),
        "account resume" => Intent::Resume(of),
        "account rotate" => Intent::Rotate { of, version: 1 },
        "account move" => Intent::Move { of, to: "ams-1".parse().unwrap() },
        "account grant" => Intent::Grant(Grant {
            id: people::fresh_ids(4_000).order,
            account,
            length: DurationMs(DAY_MS),
            traffic: None,
            reason: reason(),
            staff,
        }),
        // Somebody of whom nothing goes on.
        "user forget" => Intent::Forget(ForgetRequest { customer: done, staff }),
        "user note" => Intent::Note(NoteRequest { customer, text: "late".to_owned(), staff }),
        "broadcast" => Intent::StopBroadcast(broadcast, staff),
        _ => return None,
    })
}

/// What decides nothing, and support may not enter all the same.
const SHOWS_NOT_TO_SUPPORT: [&str; 2] = ["setup", "export"];

#[test]
fn whoever_may_not_enter_a_command_is_refused_what_it_does_by_the_decision_too() {
    let mut world = World::settled(catalog(), 1, "basic-30");
    let account = world.account(0);
    let sold = world.snapshot.orders().next().unwrap().id;
    world.submit(&people::place(77, "basic-30", Target::New, 77)).unwrap();
    let customer = people::customer_in(&world.snapshot, 77).unwrap();
    let done = people::customer_id(people::there(55));
    world.put(Customer::bare(done, [people::there(55)]));
    let open = world.snapshot.unpaid_order(customer).unwrap().order;
    let roles = world.catalog.shop.roles.clone();
    let news = Broadcast { state: BroadcastState::Sending(world.now), ..sample::broadcast(1) };
    world.put(news.clone());
    let mut decided = 0;
    for right in RIGHTS {
        let order = if right.command == "order reverse" { sold } else { open };
        for theirs in [&roles.owner, &roles.admin, &roles.support, &BTreeSet::from([7])] {
            let identity = Identity::Discord(99_999);
            let person = Person { identity, name: "x".into(), roles: theirs.clone() };
            let of = (account, customer, done);
            let Some(intent) = intent_of(right.command, person.into(), of, order, news.id) else {
                let shows = right.support || SHOWS_NOT_TO_SUPPORT.contains(&right.command);
                assert!(shows, "{} decides nothing", right.command);
                continue;
            };
            decided += 1;
            let came = world.decide(&intent);
            let refused = matches!(came, Err(Rejection::NotStaff))
                || (matches!(intent, Intent::Cancel { .. })
                    && came == Err(Rejection::UnknownOrder));
            let may = Right::allows(&right, &roles, theirs);
            assert_eq!(refused, !may, "{} {theirs:?} {came:?}", right.command);
        }
    }
    assert_eq!(decided, 12 * 4);
}
