//! Damage that is found late, and processes that end in the middle of a commit.

use super::journal::{copy, fill, open, state, tail, whole};
use super::support::{DEADLINE, account, options, put, raw_sled, served, taken};
use super::upgrades::killed;
use nebulalinks::model::{
    Customer, CustomerIdentity, Edits, Key, Order, OrderByReference, OrderId, Target,
};
use nebulalinks::ports::{Store, StoreError};
use nebulalinks::store::{
    AFTER_APPLY, AFTER_FLUSH, AFTER_JOURNAL, AFTER_PUBLISH, BEFORE_APPLY, SledStore,
};
use nebulalinks::view::sample::{ALICE, ALICE_THERE, alice, order, order_id};
use nebulalinks_testkit::people::asked;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use tokio::time::Instant;

/// Takes a record out of sled behind the store's back.
fn steal(folder: &Path, tree: &str, key: &Key) {
    let sled = raw_sled(&state(folder).join("db"));
    assert!(sled.open_tree(tree).unwrap().remove(key.to_bytes()).unwrap().is_some());
    sled.flush().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_went_unseen_is_found_by_the_reading_and_a_restart_has_it_again() {
    let (live, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = open(live.path());
    let lineages = fill(&store).await;
    store.close().await.unwrap();
    // As kill -9 leaves it: open, and everything in sled.
    let store = open(live.path());
    copy(&state(live.path()), &state(folder.path()));
    drop(store);
    steal(folder.path(), "interaction-order", &Key::InteractionOrder(asked(3)));
    let store = open(folder.path());
    assert!(!store.stats().load.rebuilt, "the open does not read it");
    let started = Instant::now();
    let damage = loop {
        store.txn(Edits::new()).await.unwrap();
        if let Some(damage) = store.snapshot().damaged().cloned() {
            break damage;
        }
        assert!(started.elapsed() < DEADLINE, "nobody noticed");
        tokio::task::yield_now().await;
    };
    let said = damage.lost[0].to_string();
    assert!(damage.lost[0].passing && said.contains("a restart builds the store anew"), "{said}");
    assert!(store.snapshot().in_amnesia());
    // It goes on being used: nothing crashes.
    store.txn(put(served(77, 0, 1))).await.unwrap();
    store.close().await.unwrap();
    let store = open(folder.path());
    assert!(store.stats().load.rebuilt);
    whole(&store, &lineages).await;
    assert!(store.snapshot().was_served(account(77), 0));
    assert!(store.snapshot().damage().unwrap().resolved_at.is_some());
}

/// sled says where it stands and lacks a record; the journal, which would give it back, is damaged.
#[tokio::test]
async fn a_record_that_went_and_that_a_damaged_journal_cannot_give_back_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    fill(&store).await;
    store.close().await.unwrap();
    steal(folder.path(), "interaction-order", &Key::InteractionOrder(asked(3)));
    let segment = tail(folder.path());
    let mut bytes = std::fs::read(&segment).unwrap();
    let (third, half) = (bytes.len() / 3, bytes.len() / 2);
    bytes[third..half].fill(0xA5);
    std::fs::write(&segment, bytes).unwrap();
    let store = open(folder.path());
    let damage = store.snapshot().damaged().cloned().expect("nothing is said to be missing");
    let said: Vec<String> = damage.lost.iter().map(ToString::to_string).collect();
    assert!(said.iter().any(|s| s.contains("records are missing")), "{said:?}");
    assert!(store.snapshot().in_amnesia());
}

#[tokio::test]
async fn a_resident_record_that_went_is_put_back_at_the_open() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let lineages = fill(&store).await;
    store.close().await.unwrap();
    steal(folder.path(), "served", &Key::Served(account(5), 0));
    let store = open(folder.path());
    assert!(store.stats().load.rebuilt);
    whole(&store, &lineages).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_the_journal_is_there_after_a_crash_and_what_is_not_is_not() {
    let cases = [
        (BEFORE_APPLY, false),
        (AFTER_APPLY, false),
        (AFTER_JOURNAL, true),
        (AFTER_FLUSH, true),
        (AFTER_PUBLISH, true),
    ];
    for (point, stays) in cases {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path());
        let lineages = fill(&store).await;
        store.close().await.unwrap();
        let mut with = options(folder.path());
        with.hooks.crash_point = Arc::new(move |at| assert_ne!(at, point, "planted in a test"));
        let store = SledStore::open(with).unwrap();
        let unknown = store.txn(put(taken(10))).await;
        assert!(matches!(unknown, Err(StoreError::Closed)), "{point}: {unknown:?}");
        drop(store);
        let store = open(folder.path());
        whole(&store, &lineages).await;
        assert_eq!(store.snapshot().revision(), if stays { 11 } else { 10 }, "{point}");
        assert_eq!(store.stats().load.replayed, u64::from(point == AFTER_JOURNAL), "{point}");
    }
}

/// The entry of a revision is damaged, and sled is gone.
fn lose(folder: &Path, json: &str) {
    fs::remove_dir_all(state(folder).join("db")).unwrap();
    let segment = tail(folder);
    let mut bytes = fs::read(&segment).unwrap();
    let at = bytes.windows(json.len()).position(|w| w == json.as_bytes()).unwrap();
    bytes[at + 3] ^= 0x20;
    fs::write(&segment, &bytes).unwrap();
}

/// A customer and two orders, one of them archived, whose index entries are lost.
async fn without_index(folder: &Path) -> [OrderId; 2] {
    let store = open(folder);
    let (old, order) = (order_id(7), order(1, Target::New, "bank"));
    let archived = Order { id: old, archived: true, ..order.clone() };
    let orders = [order.id, old];
    let mut edits = alice();
    edits.puts.remove(&Key::CustomerIdentity(ALICE_THERE));
    edits.put(order);
    edits.put(archived);
    store.txn(edits).await.unwrap();
    let mut index = put(CustomerIdentity { identity: ALICE_THERE, customer: ALICE });
    for order in orders {
        index.put(OrderByReference { reference: order.reference(), order });
    }
    store.txn(index).await.unwrap();
    store.close().await.unwrap();
    lose(folder, &format!("\"{ALICE_THERE}\",\"customer\""));
    orders
}

/// That the loss is said, and the index is there again.
async fn is_mended(store: &SledStore, orders: [OrderId; 2]) {
    let snapshot = store.snapshot();
    assert!(snapshot.damaged().is_some(), "what else was lost nobody knows");
    assert_eq!(snapshot.customer_of(ALICE_THERE), Some(ALICE), "no second person of her");
    for order in orders {
        let key = Key::OrderByReference(order.reference());
        let found = store.get(&key).await.unwrap().map(|found| found.value);
        let index = OrderByReference { reference: order.reference(), order };
        assert_eq!(found, Some(index.into()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_that_is_lost_is_written_anew_from_the_customers_and_orders_that_are_there() {
    let folder = tempfile::tempdir().unwrap();
    let orders = without_index(folder.path()).await;
    for _ in 0..2 {
        let store = open(folder.path());
        is_mended(&store, orders).await;
        store.close().await.unwrap();
    }
}

/// The first transaction of such a start is the record of the damage.
#[tokio::test(flavor = "multi_thread")]
async fn an_index_that_was_not_written_anew_before_a_kill_is_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let orders = without_index(folder.path()).await;
    killed(&state(folder.path()), BEFORE_APPLY, 2);
    let store = open(folder.path());
    is_mended(&store, orders).await;
    store.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn damage_is_noted_and_mended_on_a_disk_that_is_full() {
    let folder = tempfile::tempdir().unwrap();
    let orders = without_index(folder.path()).await;
    let mut with = options(folder.path());
    with.hooks.free_bytes = Arc::new(|_| Ok(1 << 20));
    let store = SledStore::open(with).unwrap();
    let refused = store.txn(put(taken(1))).await;
    assert!(matches!(refused, Err(StoreError::NoRoom(_))), "{refused:?}");
    is_mended(&store, orders).await;
    store.close().await.unwrap();
}

/// The journal begins anew before a record says what is lost: from then on nothing shows it.
#[tokio::test(flavor = "multi_thread")]
async fn what_an_open_found_lost_is_said_though_it_is_killed_before_the_record_of_it() {
    let live = tempfile::tempdir().unwrap();
    let store = open(live.path());
    fill(&store).await;
    store.close().await.unwrap();
    lose(live.path(), "\"taken\":5");
    let folder = tempfile::tempdir().unwrap();
    copy(&state(live.path()), &state(folder.path()));
    let store = open(folder.path());
    let expected = store.snapshot().damaged().cloned().expect("nothing is said to be missing");
    store.close().await.unwrap();
    for point in [
        "store.upgrade.journal_aside",
        "store.upgrade.journal_in_place",
        "store.upgrade.stands",
        BEFORE_APPLY,
        AFTER_JOURNAL,
        AFTER_PUBLISH,
        "store.upgrade.journal_written",
    ] {
        let folder = tempfile::tempdir().unwrap();
        copy(&state(live.path()), &state(folder.path()));
        // And once more, where it had found the loss again.
        for _ in 0..2 {
            killed(&state(folder.path()), point, 1);
        }
        for _ in 0..2 {
            let store = open(folder.path());
            let snapshot = store.snapshot();
            let damage = snapshot.damaged().expect("nothing is said to be missing any more");
            assert_eq!(damage.lost, expected.lost, "{point}");
            assert_eq!(damage.kept, expected.kept, "{point}");
            store.close().await.unwrap();
        }
        assert!(state(folder.path()).join("damaged/journal").is_dir(), "{point}");
        assert!(!state(folder.path()).join("losses").exists(), "{point}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_whose_record_is_lost_can_be_written_to_as_far_as_the_index_tells() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    store.txn(put(CustomerIdentity { identity: ALICE_THERE, customer: ALICE })).await.unwrap();
    let mut edits = alice();
    edits.puts.remove(&Key::CustomerIdentity(ALICE_THERE));
    store.txn(edits).await.unwrap();
    store.close().await.unwrap();
    lose(folder.path(), "alice **x**");
    let store = open(folder.path());
    let snapshot = store.snapshot();
    assert!(snapshot.damaged().is_some());
    assert_eq!(snapshot.reached_at(ALICE), Some(ALICE_THERE));
    assert_eq!(snapshot.customer(ALICE), Some(&Customer::bare(ALICE, [ALICE_THERE])));
}
