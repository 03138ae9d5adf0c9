//! What every store must do, run against both.

use super::support::{DEADLINE, Harness, account, insert, interaction, long, put, served, taken};
use futures::poll;
use nebulalinks::model::{
    Currency, CustomerId, DurationMs, Edits, Key, Kind, Lineage, MethodChoice, Money, Order,
    OrderId, OrderPlan, Quota, Record, RequestKey, RetainedKind, Selector, Surface, SurfaceKey,
    Target, UnixMs, UnpaidOrder, Versioned,
};
use nebulalinks::ports::{Span, StoreError};
use nebulalinks::store::{AFTER_APPLY, AFTER_FLUSH, AFTER_PUBLISH, BEFORE_APPLY, MAX_RECORD_BYTES};
use nebulalinks_testkit::people::asked;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::task::Poll;
use tokio::sync::broadcast::error::TryRecvError;

macro_rules! laws {
    ($($law:ident)*) => {
        mod sled {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $law() {
                    super::$law(super::Harness::sled()).await;
                }
            )*
        }
        mod memory {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $law() {
                    super::$law(super::Harness::memory()).await;
                }
            )*
        }
    };
}

laws! {
    a_transaction_is_all_or_nothing
    a_changed_an_absent_and_a_present_record_conflict
    revisions_rise_by_one_and_are_the_versions
    the_lineage_at_a_revision_stays_what_it_was_answered_with
    nothing_is_shown_before_it_is_durable
    a_conflict_is_not_told_before_its_cause_is_durable
    only_resident_kinds_are_in_the_snapshot
    a_record_that_is_too_large_is_refused_with_all_others
    inserting_twice_conflicts
    a_put_wins_over_a_delete_of_the_same_key
    nothing_to_write_makes_no_revision
    hints_name_what_was_touched_and_come_after_durability
    concurrent_increments_lose_nothing
    without_room_orders_are_refused_first
    a_record_in_a_wrong_place_is_refused
    an_archived_order_and_its_surfaces_are_asked_of_the_store
    a_scan_answers_with_the_part_of_a_kind_that_was_asked_for
}

async fn a_transaction_is_all_or_nothing(h: Harness) {
    h.store.txn(insert(served(1, 0, 5))).await.unwrap();
    let mut edits = Edits::new();
    edits.put(interaction(1, 1));
    edits.put(taken(7));
    edits.delete(Key::Served(account(1), 0));
    edits.insert(served(1, 0, 6));
    assert!(matches!(h.store.txn(edits).await, Err(StoreError::Conflict(_))));
    assert_eq!(h.store.get(&Key::InteractionOrder(asked(1))).await.unwrap(), None);
    assert_eq!(h.store.get(&Key::Reservations()).await.unwrap(), None);
    assert_eq!(h.store.snapshot().version(&Key::Served(account(1), 0)), Some(1));
    assert_eq!(h.store.snapshot().revision(), 1);
}

async fn a_changed_an_absent_and_a_present_record_conflict(h: Harness) {
    let key = Key::Reservations();
    let refused = |edits: Edits| async {
        match h.store.txn(edits).await {
            Err(StoreError::Conflict(at)) => assert_eq!(at, Key::Reservations()),
            other => panic!("{other:?}"),
        }
    };
    let mut absent = Edits::new();
    absent.expect(key.clone(), Some(1));
    absent.put(taken(1));
    refused(absent).await;
    let first = h.store.txn(insert(taken(1))).await.unwrap();
    refused(insert(taken(2))).await;
    let mut second = Edits::new();
    second.expect(key.clone(), Some(first));
    second.put(taken(2));
    assert_eq!(h.store.txn(second.clone()).await.unwrap(), 2);
    refused(second).await;
    let mut gone = Edits::new();
    gone.expect(key.clone(), Some(2));
    gone.delete(key.clone());
    h.store.txn(gone.clone()).await.unwrap();
    refused(gone).await;
    assert_eq!(h.store.get(&key).await.unwrap(), None);
}

async fn revisions_rise_by_one_and_are_the_versions(h: Harness) {
    for n in 1..=5_u64 {
        let mut edits = put(taken(n));
        edits.put(interaction(n, 1));
        assert_eq!(h.store.txn(edits).await.unwrap(), n);
        assert_eq!(h.store.snapshot().revision(), n);
        assert_eq!(h.store.snapshot().version(&Key::Reservations()), Some(n));
        let read = h.store.get(&Key::InteractionOrder(asked(n))).await.unwrap().unwrap();
        assert_eq!((read.version, read.value), (n, Record::from(interaction(n, 1))));
    }
    // A refused one takes no revision.
    assert!(h.store.txn(insert(taken(9))).await.is_err());
    assert_eq!(h.store.txn(put(taken(9))).await.unwrap(), 6);
}

async fn the_lineage_at_a_revision_stays_what_it_was_answered_with(h: Harness) {
    assert_eq!(h.store.snapshot().lineage(), Lineage::START);
    assert_eq!(h.store.lineage(0).await.unwrap(), Some(Lineage::START));
    let mut seen = Vec::new();
    for n in 1..=5_u64 {
        h.store.txn(put(taken(n))).await.unwrap();
        let snapshot = h.store.snapshot();
        assert!(!seen.contains(&snapshot.lineage()));
        seen.push(snapshot.lineage());
        for (lineage, revision) in seen.iter().zip(1..) {
            assert_eq!(h.store.lineage(revision).await.unwrap(), Some(*lineage));
        }
    }
    assert_eq!(h.store.lineage(6).await.unwrap(), None);
    // A refused one and an empty one are no history.
    assert!(h.store.txn(insert(taken(9))).await.is_err());
    h.store.txn(Edits::new()).await.unwrap();
    assert_eq!(Some(&h.store.snapshot().lineage()), seen.last());
}

/// Holds the store at each point in turn, and looks from the outside.
async fn nothing_is_shown_before_it_is_durable(h: Harness) {
    let mut hints = h.store.changes();
    h.gate.close_at(BEFORE_APPLY);
    let mut edits = put(taken(1));
    edits.put(interaction(1, 1));
    let store = Arc::clone(&h.store);
    let txn = tokio::spawn(async move { store.txn(edits).await });
    for (point, next) in
        [(BEFORE_APPLY, AFTER_APPLY), (AFTER_APPLY, AFTER_FLUSH), (AFTER_FLUSH, AFTER_PUBLISH)]
    {
        h.gate.reached().await;
        assert_eq!(h.store.snapshot().revision(), 0, "{point}");
        assert_eq!(h.store.snapshot().reservations(), None, "{point}");
        assert_eq!(h.store.get(&Key::Reservations()).await.unwrap(), None, "{point}");
        // A store may let these wait; what they must not do is answer with what is not durable.
        let get = poll!(h.store.get(&Key::InteractionOrder(asked(1))));
        assert!(matches!(get, Poll::Pending | Poll::Ready(Ok(None))), "{point}: {get:?}");
        assert_eq!(hints.try_recv().unwrap_err(), TryRecvError::Empty, "{point}");
        assert!(!txn.is_finished(), "{point}");
        h.gate.close_at(next);
    }
    h.gate.reached().await;
    assert_eq!(h.store.snapshot().revision(), 1);
    assert!(!txn.is_finished(), "answered before it was published");
    h.gate.open();
    assert_eq!(txn.await.unwrap().unwrap(), 1);
    assert!(h.store.get(&Key::InteractionOrder(asked(1))).await.unwrap().is_some());
}

async fn a_conflict_is_not_told_before_its_cause_is_durable(h: Harness) {
    h.gate.close_at(AFTER_FLUSH);
    let (one, two) = (Arc::clone(&h.store), Arc::clone(&h.store));
    let first = tokio::spawn(async move { one.txn(insert(taken(1))).await });
    h.gate.reached().await;
    let second = tokio::spawn(async move {
        let refused = two.txn(insert(taken(2))).await;
        (refused, two.snapshot().reservations().cloned())
    });
    tokio::task::yield_now().await;
    assert!(!second.is_finished());
    h.gate.open();
    let (refused, seen) = second.await.unwrap();
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    assert_eq!(seen, Some(taken(1)), "whoever gets a conflict can read its cause");
    assert_eq!(first.await.unwrap().unwrap(), 1);
}

async fn only_resident_kinds_are_in_the_snapshot(h: Harness) {
    let mut edits = put(interaction(1, 1));
    edits.put(served(1, 0, 0));
    h.store.txn(edits).await.unwrap();
    let snapshot = h.store.snapshot();
    assert_eq!(snapshot.len(), 1);
    assert!(snapshot.was_served(account(1), 0));
    assert!(snapshot.get(&Key::InteractionOrder(asked(1))).is_none());
    assert!(h.store.get(&Key::InteractionOrder(asked(1))).await.unwrap().is_some());
    assert!(h.store.get(&Key::Served(account(1), 0)).await.unwrap().is_some());
}

async fn a_record_that_is_too_large_is_refused_with_all_others(h: Harness) {
    let frame = Record::from(long("a", 0)).to_json().unwrap().len();
    let largest = MAX_RECORD_BYTES - frame;
    h.store.txn(put(long("fits", largest - 3))).await.unwrap();
    let mut edits = put(taken(1));
    edits.put(long("b", largest + 1));
    match h.store.txn(edits).await {
        Err(StoreError::TooLarge { key, bytes }) => {
            assert_eq!(key, Key::Retained(RetainedKind::Plan, "b".to_owned()));
            assert_eq!(bytes, MAX_RECORD_BYTES + 1);
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(h.store.get(&Key::Reservations()).await.unwrap(), None);
    assert_eq!(h.store.snapshot().revision(), 1);
}

async fn inserting_twice_conflicts(h: Harness) {
    for (record, again) in [
        (Record::from(served(1, 0, 1)), Record::from(served(1, 0, 2))),
        (Record::from(interaction(1, 1)), Record::from(interaction(1, 2))),
    ] {
        h.store.txn(insert(record.clone())).await.unwrap();
        let refused = h.store.txn(insert(again)).await;
        assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
        assert_eq!(h.store.get(&record.key()).await.unwrap().unwrap().value, record);
    }
}

async fn a_put_wins_over_a_delete_of_the_same_key(h: Harness) {
    h.store.txn(put(taken(1))).await.unwrap();
    let mut hints = h.store.changes();
    let mut edits = put(taken(2));
    edits.delete(Key::Reservations());
    h.store.txn(edits).await.unwrap();
    assert_eq!(*hints.try_recv().unwrap(), [Key::Reservations()]);
    assert_eq!(h.store.snapshot().reservations(), Some(&taken(2)));
    assert_eq!(h.store.snapshot().len(), 1);
}

async fn nothing_to_write_makes_no_revision(h: Harness) {
    h.store.txn(put(taken(1))).await.unwrap();
    let mut hints = h.store.changes();
    let mut edits = Edits::new();
    edits.expect(Key::Reservations(), Some(1));
    assert_eq!(h.store.txn(edits).await.unwrap(), 1);
    assert_eq!(h.store.txn(Edits::new()).await.unwrap(), 1);
    let mut edits = Edits::new();
    edits.expect(Key::Reservations(), None);
    assert!(matches!(h.store.txn(edits).await, Err(StoreError::Conflict(_))));
    assert_eq!(hints.try_recv().unwrap_err(), TryRecvError::Empty);
}

async fn hints_name_what_was_touched_and_come_after_durability(h: Harness) {
    let mut hints = h.store.changes();
    h.store.txn(put(served(1, 0, 1))).await.unwrap();
    let mut edits = put(interaction(4, 4));
    edits.delete(Key::Served(account(1), 0));
    edits.expect(Key::Reservations(), None);
    let store = Arc::clone(&h.store);
    let writing = tokio::spawn(async move { store.txn(edits).await });
    let first = tokio::time::timeout(DEADLINE, hints.recv()).await.unwrap().unwrap();
    assert_eq!(*first, [Key::Served(account(1), 0)]);
    let second = tokio::time::timeout(DEADLINE, hints.recv()).await.unwrap().unwrap();
    // The moment the hint is there, so is what it hints at.
    assert_eq!(h.store.snapshot().revision(), 2);
    assert!(!h.store.snapshot().was_served(account(1), 0));
    assert_eq!(*second, [Key::Served(account(1), 0), Key::InteractionOrder(asked(4))]);
    writing.await.unwrap().unwrap();
}

async fn concurrent_increments_lose_nothing(h: Harness) {
    const TASKS: u64 = 100;
    let tasks = (0..TASKS).map(|_| {
        let store = Arc::clone(&h.store);
        tokio::spawn(async move {
            loop {
                let read = store.get(&Key::Reservations()).await.unwrap();
                let (version, n) = match read.map(|r| (r.version, r.value)) {
                    Some((version, Record::Reservations(r))) => (Some(version), r.taken),
                    _ => (None, 0),
                };
                let mut edits = put(taken(n + 1));
                edits.expect(Key::Reservations(), version);
                match store.txn(edits).await {
                    Ok(revision) => return (n + 1, revision),
                    Err(StoreError::Conflict(_)) => {}
                    Err(other) => panic!("{other}"),
                }
            }
        })
    });
    let mut done = BTreeMap::new();
    for task in tasks.collect::<Vec<_>>() {
        let (n, revision) = task.await.unwrap();
        assert_eq!(n, revision, "a revision per increment");
        assert!(done.insert(n, revision).is_none(), "{n} was given twice");
    }
    assert_eq!(h.store.snapshot().reservations(), Some(&taken(TASKS)));
}

fn order(id: u128) -> Order {
    let currency = Currency { code: "EUR".into(), decimals: 2 };
    Order {
        id: OrderId::new(ulid::Ulid(id)),
        customer: CustomerId::new(ulid::Ulid(1)),
        target: Target::New,
        plan: Arc::new(OrderPlan {
            id: "monthly".parse().unwrap(),
            family: "standard".parse().unwrap(),
            revision: "r1".into(),
            commit: None,
            name: Arc::default(),
            length: DurationMs(1),
            quota: Quota::Unlimited,
            devices: 0,
            selector: Arc::new(Selector::Any),
        }),
        method: MethodChoice {
            method: "bank".parse().unwrap(),
            price: Money { minor: 500, currency },
            at: UnixMs(1),
        },
        placed_at: UnixMs(1),
        pay_by: UnixMs(2),
        place_until: None,
        evidence: Vec::new(),
        decision: None,
        cancelled: None,
        reversed: None,
        reopened: None,
        promo: None,
        archived: false,
        deleting: None,
    }
}

async fn without_room_orders_are_refused_first(h: Harness) {
    const MIB: u64 = 1024 * 1024;
    h.set_free(512 * MIB);
    h.store.txn(insert(order(1))).await.unwrap();
    h.set_free(512 * MIB - 1);
    let refused = h.store.txn(insert(order(2))).await;
    assert!(matches!(refused, Err(StoreError::NoRoom(512))), "{refused:?}");
    // What was sold is still served, and an order that stands can go on.
    h.store.txn(put(order(1))).await.unwrap();
    h.set_free(32 * MIB - 1);
    let refused = h.store.txn(put(taken(1))).await;
    assert!(matches!(refused, Err(StoreError::NoRoom(32))), "{refused:?}");
    assert_eq!(h.store.snapshot().orders().count(), 1);
    h.set_free(u64::MAX);
    h.store.txn(insert(order(2))).await.unwrap();
}

async fn a_record_in_a_wrong_place_is_refused(h: Harness) {
    let mut edits = put(taken(1));
    edits.puts.insert(Key::Served(account(1), 0), served(2, 0, 0).into());
    assert!(matches!(h.store.txn(edits).await, Err(StoreError::Failed(_))));
    assert_eq!(h.store.snapshot().revision(), 0);
}

async fn an_archived_order_and_its_surfaces_are_asked_of_the_store(h: Harness) {
    let (id, archived) = (order(1).id, Order { archived: true, ..order(1) });
    let surfaces = SurfaceKey::of_order(id).map(Surface::new);
    let mut edits = put(order(1));
    surfaces.clone().into_iter().for_each(|surface| edits.put(surface));
    h.store.txn(edits).await.unwrap();
    assert_eq!(h.store.snapshot().len(), 3);
    let revision = h.store.txn(put(archived.clone())).await.unwrap();
    let snapshot = h.store.snapshot();
    assert_eq!((snapshot.len(), snapshot.orders().count(), snapshot.surfaces().count()), (0, 0, 0));
    assert_eq!(snapshot.version(&Key::Order(id)), Some(revision));
    let read = h.store.get(&Key::Order(id)).await.unwrap().unwrap();
    assert_eq!((read.version, read.value), (revision, Record::from(archived)));
    for surface in surfaces {
        let read = h.store.get(&Key::Surface(surface.key)).await.unwrap();
        assert_eq!(read.map(|read| read.value), Some(Record::from(surface)));
    }
    // Whoever knew it before cannot overwrite it.
    let mut late = Edits::new();
    late.expect(Key::Order(id), Some(1));
    late.put(order(1));
    assert!(matches!(h.store.txn(late).await, Err(StoreError::Conflict(_))));
    let mut back = Edits::new();
    back.expect(Key::Order(id), Some(revision));
    back.put(order(1));
    h.store.txn(back).await.unwrap();
    assert!(h.store.snapshot().order(id).is_some());
}

async fn a_scan_answers_with_the_part_of_a_kind_that_was_asked_for(h: Harness) {
    let many = Span::MOST as u64 + 9;
    for first in (1..=many).step_by(100) {
        let mut edits = Edits::new();
        for n in first..(first + 100).min(many + 1) {
            edits.put(interaction(n, 1));
        }
        // Their neighbours in the order of kinds are never answered with.
        edits.put(served(first.into(), 0, 5));
        edits.put(UnpaidOrder {
            customer: CustomerId::new(ulid::Ulid(first.into())),
            order: OrderId::MAX,
        });
        h.store.txn(edits).await.unwrap();
    }
    let key = |n: u64| Key::InteractionOrder(asked(n));
    let all = |limit| Span::of(Kind::InteractionOrder, limit);
    let scan = async |span: Span| -> Vec<RequestKey> {
        let found = h.store.scan(span).await.unwrap().into_iter();
        let number = |record: Versioned<Record>| match record.value {
            Record::InteractionOrder(one) => one.interaction,
            other => panic!("{other:?}"),
        };
        found.map(number).collect()
    };
    assert_eq!(scan(all(3)).await, [1, 2, 3].map(asked));
    assert_eq!(scan(all(3).backwards()).await, [many, many - 1, many - 2].map(asked));
    assert_eq!(scan(all(2).from(&key(7))).await, [7, 8].map(asked));
    assert_eq!(scan(all(2).after(&key(7))).await, [8, 9].map(asked));
    assert_eq!(scan(all(2).before(&key(7)).backwards()).await, [6, 5].map(asked));
    assert_eq!(scan(all(9).from(&key(5)).before(&key(8))).await, [5, 6, 7].map(asked));
    assert_eq!(scan(all(9).after(&key(many))).await, []);
    assert_eq!(scan(all(9).after(&key(5)).before(&key(5))).await, []);
    assert_eq!(scan(all(9).from(&key(8)).before(&key(5))).await, []);
    assert_eq!(scan(all(9).from(&key(8)).before(&key(5)).backwards()).await, []);
    // However much is asked for, the store is not held up for longer than by one page.
    assert_eq!(scan(all(usize::MAX)).await.len(), Span::MOST);
    let lifted = Span { limit: usize::MAX, ..all(1) };
    assert_eq!(scan(lifted).await.len(), Span::MOST);
    assert_eq!(scan(Span::of(Kind::PaymentReference, 9)).await, []);
}
