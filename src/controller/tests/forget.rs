//! A customer who is forgotten: after a while nothing of the shop's says who they were, whatever comes between, and
//! what they bought and paid is as it was.

use super::world::World;
use crate::intent::{ForgetRequest, Found, FreshIds, Intent, Records, Staff, decide};
use crate::model::*;
use crate::ports::{Entropy as _, Store as _, Timekeeper as _};
use crate::view::sample::{
    ALICE_THERE, NOW, account_id, audit_line, catalog, evidence, order, order_id, put,
    served_account, ticket, ticket_id,
};
use std::collections::BTreeSet;

const REVIEW: u64 = 13;
const SNOWFLAKE: u64 = 777_888_999_000_111_222;
const BOB_THERE: Identity = Identity::Discord(SNOWFLAKE);
const BOB: CustomerId = CustomerId::new(ulid::Ulid((1 << 99) + 303));
const NAME: &str = "zebedee";
/// So many lines of the audit are his: more than are looked at in one step.
const LINES: u64 = 230;

/// He gave the order up, or staff declined it.
fn settled(n: u8, declined: bool, archived: bool) -> Order {
    let mut order = order(u128::from(n), Target::New, "vodafone-cash");
    order.customer = BOB;
    if declined {
        let verdict = Verdict::Declined { reason: "no payment".into() };
        let typed: Box<str> = format!("{NAME} {n}00").into();
        let own = Some(typed.clone());
        let stated = Some(Box::new(StatedReference { typed, own, seen: None }));
        order.evidence.push(Evidence { stated, ..evidence(n) });
        order.decision = Some(Decision { by: Actor::Cli("root".into()), at: NOW, verdict });
    } else {
        order.cancelled = Some(Cancellation { by: Actor::Person(BOB_THERE), at: NOW });
    }
    order.archived = archived;
    order
}

/// What people see of an archived order.
fn surfaces(n: u8) -> Edits {
    let mut edits = Edits::new();
    for (key, channel) in SurfaceKey::of_order(order_id(n.into())).into_iter().zip([500, REVIEW]) {
        let channel = if channel == REVIEW { REVIEW } else { channel + u64::from(n) };
        let (message, shown) = (Some(9_000 + u64::from(n)), Some("old".to_owned()));
        let told = Surface { channel: Some(channel), message, shown, ..Surface::new(key) };
        edits.put(Surface { posts: 1, put_away: true, ..told });
    }
    edits
}

/// An account that was a client of his before, paid for, and suspended.
fn bought() -> Edits {
    let mut edits = served_account(1, true);
    for record in edits.puts.values_mut() {
        match record {
            Record::Account(account) => {
                account.customer = BOB;
                account.suspension = Some(Box::new(Suspension {
                    reason: "asked to be forgotten".into(),
                    since: NOW,
                }));
                let adopted = Adopted {
                    server: "ams-1".parse().unwrap(),
                    email: format!("{NAME}-phone"),
                    comment: format!("{NAME}'s phone"),
                    at: NOW,
                    source: TermSource::of_client(uuid::Uuid::from_u128(1)),
                };
                account.custody =
                    Some(Box::new(Custody { adopted: Some(adopted), ..Custody::default() }));
            }
            Record::Order(order) => order.customer = BOB,
            _ => {}
        }
    }
    edits
}

fn bob() -> Vec<Edits> {
    let mut edits = Edits::new();
    edits.put(CustomerIdentity { identity: BOB_THERE, customer: BOB });
    let own =
        OwnSettings { invited_by: Some(crate::view::sample::ALICE), ..OwnSettings::default() };
    let text = format!("{NAME} is loud").into();
    edits.put(Customer {
        name: format!("{NAME} quux").into(),
        language: "ar".parse().ok(),
        created_at: NOW,
        own: Some(Box::new(own)),
        note: Some(Box::new(StaffNote { text, by: Actor::Cli("root".into()), at: NOW })),
        ..Customer::bare(BOB, [BOB_THERE])
    });
    for n in 0..LINES {
        let id = ulid::Ulid::from_parts(NOW.0 + n, 7).to_string().to_ascii_lowercase();
        let at = UnixMs(NOW.0 + n);
        edits.put(Audit { id, at, actor: Actor::Person(BOB_THERE), ..audit_line(n) });
    }
    let closed = Some(Box::new(TicketClosing { by: Actor::Person(BOB_THERE), at: NOW }));
    edits.put(Ticket { customer: BOB, closed, ..ticket(1) });
    edits.put(Takings { day: 1, ..books() });
    for n in [1_u8, 4] {
        let method = "vodafone-cash".parse().unwrap();
        let reference = format!("{NAME} {n}00");
        edits.put(PaymentReference { method, reference, order: order_id(n.into()) });
    }
    let orders = [
        settled(1, true, false),
        settled(2, false, false),
        settled(3, false, false),
        settled(4, true, false),
    ];
    let orders = orders.into_iter().map(put);
    let away = [settled(1, true, true), settled(2, false, true)].into_iter().map(put);
    let seen = [surfaces(1), surfaces(2)].into_iter();
    [edits, bought()].into_iter().chain(orders).chain(seen).chain(away).collect()
}

fn books() -> Takings {
    Takings::none_at(UnixMs(0), crate::view::sample::egp(1).currency)
}

/// Decides it as an operator, on what is durable.
async fn forget(world: &World) {
    let (snapshot, found) = (world.store.snapshot(), Found::new());
    let records = Records { snapshot: &snapshot, found: &found, in_doubt: false };
    let staff = Staff::Operator("root".into());
    let intent = Intent::Forget(ForgetRequest { customer: BOB, staff });
    let now = world.time.reading().now;
    let ids: FreshIds = super::world::Counted::default().fresh_ids(now + DurationMs(7));
    let (edits, _) = decide(&records, &catalog(), &intent, now, &ids).unwrap();
    world.store.txn(edits).await.unwrap();
}

/// Every durable record that has one of these words, by its key.
fn that_say(world: &World, words: &[&str]) -> Vec<String> {
    let all = Kind::ALL.iter().flat_map(|kind| world.store.records(*kind));
    let text = |record: &Record| String::from_utf8(record.to_json().unwrap()).unwrap();
    let says = all.filter(|found| words.iter().any(|word| text(&found.value).contains(word)));
    says.map(|found| found.value.key().to_string()).collect()
}

fn is_done(world: &World) -> bool {
    world.store.snapshot().being_forgotten().next().is_none()
}

/// Nothing says who he was: in no record, and nowhere in Discord but in his own messages.
fn assert_forgotten(world: &World) {
    assert!(is_done(world), "{:?}", world.store.snapshot().customer(BOB));
    let snowflake = SNOWFLAKE.to_string();
    assert_eq!(that_say(world, &[&snowflake, NAME]), Vec::<String>::new());
    let discord = world.chat.lock();
    for (channel, shown) in discord.channels.iter().filter(|(channel, _)| **channel != SNOWFLAKE) {
        for message in shown {
            assert!(!message.text.contains(&snowflake), "{channel}: {}", message.text);
            assert!(!message.text.contains(NAME), "{channel}: {}", message.text);
        }
    }
    let files: BTreeSet<OrderId> = discord.deleted.iter().copied().collect();
    assert_eq!(files, [1, 4, 1_001].map(order_id).into(), "the pictures of payments");
}

#[tokio::test(start_paused = true)]
async fn in_the_end_nothing_says_who_a_forgotten_customer_was_and_what_they_paid_stands() {
    let world = World::start(true, bob()).await;
    world.wait(60).await;
    let threads: Vec<u64> = world.chat.lock().threads.values().map(|(id, _)| *id).collect();
    assert!(threads.len() >= 3 && !that_say(&world, &[NAME]).is_empty());
    let books = world.store.records(Kind::Takings);
    let sold = world.store.snapshot().order(order_id(1_001)).cloned().unwrap();
    forget(&world).await;
    world.wait(180).await;
    assert_forgotten(&world);
    assert_eq!(world.store.records(Kind::Takings), books);
    let snapshot = world.store.snapshot();
    let kept = snapshot.order(order_id(1_001)).unwrap();
    assert_eq!((&kept.decision, &kept.method), (&sold.decision, &sold.method));
    assert_eq!(kept.evidence[0].sha256, sold.evidence[0].sha256, "no other order takes it");
    assert_eq!(snapshot.account(account_id(1)).map(|account| account.customer), Some(BOB));
    // Of a thread nothing is left, and none is opened again.
    let gone = world.chat.lock().gone.clone();
    assert!(threads.iter().chain(&[501, 502]).all(|thread| gone.contains(thread)), "{gone:?}");
    assert!(world.messages(REVIEW).iter().any(|card| card.text.contains("forgotten customer")));
    let lines = world.store.records(Kind::Audit);
    let theirs = lines.iter().filter(
        |line| matches!(&line.value, Record::Audit(line) if line.actor == Actor::Customer(BOB)),
    );
    assert_eq!(theirs.count() as u64, LINES);
    // The ticket and the orders leave memory in their time, as all do.
    world.clock.skip(9 * DAY_MS);
    world.wait(180).await;
    let snapshot = world.store.snapshot();
    assert!(snapshot.ticket(ticket_id(1)).is_none());
    assert!((1..=4).all(|n| snapshot.archived_order(order_id(n)).is_some()));
    assert_eq!(snapshot.orders_of(BOB).len(), 5);
    assert_eq!(snapshot.known_as(crate::view::sample::ALICE), ALICE_THERE.to_string());
}

#[tokio::test(start_paused = true)]
async fn whoever_ends_in_between_goes_on_with_forgetting_where_it_stood() {
    let mut world = World::start(true, bob()).await;
    world.wait(60).await;
    forget(&world).await;
    let mut lives = 0;
    while !is_done(&world) {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        world = world.restarted();
        lives += 1;
        assert!(lives < 600, "{:?}", world.store.snapshot().customer(BOB));
    }
    assert!(lives > 5, "{lives}");
    world.wait(60).await;
    assert_forgotten(&world);
}

#[tokio::test(start_paused = true)]
async fn a_thread_that_discord_does_not_delete_is_tried_until_it_does_and_nobody_counts_as_forgotten()
 {
    let world = World::start(true, bob()).await;
    world.wait(60).await;
    world.chat.lock().refused.insert(502);
    forget(&world).await;
    world.wait(600).await;
    assert!(!is_done(&world));
    world.chat.lock().refused.clear();
    world.wait(300).await;
    assert_forgotten(&world);
}

#[tokio::test(start_paused = true)]
async fn what_discord_does_not_delete_of_one_holds_up_nobody_else_who_is_forgotten() {
    let world = World::start(true, bob()).await;
    world.wait(60).await;
    world.chat.lock().refused.insert(502);
    let other = CustomerId::new(ulid::Ulid((1 << 99) + 304));
    let left = ToForget { identities: [].into(), order: None, ticket: None, audit: None };
    let forgotten = Forgotten { at: NOW, left: Some(left) };
    world.put(Customer::bare(other, []).with_forgotten(forgotten)).await;
    forget(&world).await;
    world.wait(60).await;
    let left: Vec<CustomerId> =
        world.store.snapshot().being_forgotten().map(|customer| customer.id).collect();
    assert_eq!(left, [BOB], "the thread of one is refused");
}

#[tokio::test(start_paused = true)]
async fn the_channel_of_a_forgotten_customers_order_takes_no_room_once_it_is_deleted() {
    let mut edits = Edits::new();
    let told = Surface::new(SurfaceKey::OrderThread(order_id(3)));
    let (channel, message) = (Some(503), Some(9_003));
    edits.put(Surface { channel, message, own_channel: true, put_away: true, ..told });
    let world = World::start(true, bob().into_iter().chain([edits])).await;
    world.wait(60).await;
    assert_eq!(world.store.snapshot().orders_in_channels(), 1);
    forget(&world).await;
    world.wait(180).await;
    assert_forgotten(&world);
    assert!(world.chat.lock().gone.contains(&503));
    assert_eq!(world.store.snapshot().orders_in_channels(), 0, "it was given up, and not declined");
}
