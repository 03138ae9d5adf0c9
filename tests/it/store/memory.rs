//! What only the memory store can do: lose what was not durable, and run under paused time.

use super::support::{DEADLINE, insert, interaction, put, served, taken};
use futures::poll;
use nebulalinks::model::{Edits, Key};
use nebulalinks::ports::{Store, StoreError};
use nebulalinks::store::{CRASH_POINTS, MemoryStore};
use nebulalinks_testkit::people::asked;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

#[tokio::test(start_paused = true)]
async fn a_crash_loses_exactly_what_was_not_flushed() {
    let store = MemoryStore::with_delayed_durability();
    let mut edits = put(taken(1));
    edits.put(interaction(1, 1));
    let mut first = store.txn(edits);
    assert!(poll!(&mut first).is_pending());
    store.flush();
    assert_eq!(first.await.unwrap(), 1);

    let mut edits = put(taken(2));
    edits.delete(Key::InteractionOrder(asked(1)));
    let mut second = store.txn(edits);
    assert!(poll!(&mut second).is_pending());
    assert_eq!(store.unflushed(), 1);
    assert_eq!(store.snapshot().reservations(), Some(&taken(1)));

    let reopened = store.crash();
    assert!(matches!(second.await, Err(StoreError::Closed)));
    assert!(matches!(store.txn(put(taken(9))).await, Err(StoreError::Closed)));
    assert_eq!(reopened.snapshot().reservations(), Some(&taken(1)));
    assert!(reopened.get(&Key::InteractionOrder(asked(1))).await.unwrap().is_some());
    // Revisions go on from what is durable.
    let mut third = reopened.txn(put(taken(3)));
    assert!(poll!(&mut third).is_pending());
    reopened.flush();
    assert_eq!(third.await.unwrap(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_crash_between_durable_and_published_keeps_the_commit() {
    let survivor: Arc<Mutex<Option<MemoryStore>>> = Arc::default();
    let store = Arc::new_cyclic(|this: &std::sync::Weak<MemoryStore>| {
        let (this, survivor) = (this.clone(), Arc::clone(&survivor));
        MemoryStore::new().with_crash_point(Arc::new(move |point| {
            if point == "store.after_flush"
                && let Some(store) = this.upgrade()
            {
                *survivor.lock().unwrap() = Some(store.crash());
            }
        }))
    });
    let unknown = store.txn(put(taken(1))).await;
    assert!(matches!(unknown, Err(StoreError::Closed)), "{unknown:?}");
    assert_eq!(store.snapshot().revision(), 0, "nothing is published after the end");
    let survivor = survivor.lock().unwrap().take().unwrap();
    assert_eq!(survivor.snapshot().reservations(), Some(&taken(1)));
}

#[tokio::test(start_paused = true)]
async fn commits_within_the_delay_become_durable_together_in_virtual_time() {
    let delay = Duration::from_secs(3600);
    let store = MemoryStore::with_commit_delay(delay);
    let start = tokio::time::Instant::now();
    let (a, b, c) = tokio::join!(
        store.txn(put(served(1, 0, 0))),
        store.txn(insert(taken(1))),
        store.txn(insert(taken(2)))
    );
    assert_eq!((a.unwrap(), b.unwrap()), (1, 2));
    // A conflict waits as well: a caller that tries again at once would spin otherwise.
    assert!(matches!(c, Err(StoreError::Conflict(_))));
    assert_eq!(start.elapsed(), delay);
}

#[tokio::test(start_paused = true)]
async fn a_dropped_caller_delays_nobody_else() {
    let store = MemoryStore::with_commit_delay(Duration::from_millis(10));
    {
        let mut dropped = store.txn(put(served(1, 0, 0)));
        assert!(poll!(&mut dropped).is_pending());
    }
    let second = tokio::time::timeout(DEADLINE, store.txn(put(taken(1)))).await.unwrap();
    assert_eq!(second.unwrap(), 2);
}

#[tokio::test(start_paused = true)]
async fn every_crash_point_is_passed_in_its_order() {
    let passed: Arc<Mutex<Vec<&'static str>>> = Arc::default();
    let log = Arc::clone(&passed);
    let store =
        MemoryStore::new().with_crash_point(Arc::new(move |point| log.lock().unwrap().push(point)));
    assert!(matches!(poll!(store.txn(put(taken(1)))), Poll::Ready(Ok(1))));
    assert_eq!(*passed.lock().unwrap(), CRASH_POINTS);
    passed.lock().unwrap().clear();
    store.txn(Edits::new()).await.unwrap();
}
