//! A disk that fails, a thread that hangs or panics: the process ends, and nothing is made up.

use super::support::{DEADLINE, Gate, options, put, served, taken};
use nebulalinks::ports::{Store, StoreError};
use nebulalinks::store::{
    AFTER_APPLY, AFTER_FLUSH, CRASH_POINTS, MAX_BATCH, OpenOptions, SledStore,
};
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Options whose fatal errors arrive here.
fn watched(folder: &Path) -> (OpenOptions, Receiver<String>) {
    let (said, fatal) = channel();
    let mut options = options(folder);
    options.hooks.fatal = Arc::new(move |reason| {
        let _ = said.send(reason.to_owned());
    });
    (options, fatal)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_sync_ends_the_process_and_answers_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let (mut options, fatal) = watched(folder.path());
    let syncs = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&syncs);
    options.hooks.sync_data = Arc::new(move |file| match counted.fetch_add(1, Ordering::SeqCst) {
        0 => file.sync_data(),
        _ => Err(io::Error::other("the disk is gone")),
    });
    let store = SledStore::open(options).unwrap();
    store.txn(put(taken(1))).await.unwrap();
    let lost = store.txn(put(taken(2))).await;
    assert!(matches!(lost, Err(StoreError::Closed)), "{lost:?}");
    let reason = fatal.recv_timeout(DEADLINE).unwrap();
    assert!(reason.contains("the disk is gone"), "{reason}");
    assert_eq!(store.snapshot().reservations(), Some(&taken(1)));
    assert!(matches!(store.txn(put(taken(3))).await, Err(StoreError::Closed)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hanging_operation_ends_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let (mut options, fatal) = watched(folder.path());
    let gate = Arc::new(Gate::default());
    options.hooks.crash_point = gate.hook();
    options.max_operation = Duration::from_millis(100);
    let store = Arc::new(SledStore::open(options).unwrap());
    gate.close_at(AFTER_APPLY);
    let writer = Arc::clone(&store);
    let txn = tokio::spawn(async move { writer.txn(put(taken(1))).await });
    let reason = tokio::task::spawn_blocking(move || fatal.recv_timeout(DEADLINE)).await.unwrap();
    assert!(reason.unwrap().contains("takes over 0.1 s"));
    assert!(!txn.is_finished());
    gate.open();
    txn.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_on_the_stores_thread_ends_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let (mut options, fatal) = watched(folder.path());
    options.hooks.crash_point =
        Arc::new(|point| assert_ne!(point, AFTER_FLUSH, "planted in a test"));
    let store = SledStore::open(options).unwrap();
    let unknown = store.txn(put(taken(1))).await;
    assert!(matches!(unknown, Err(StoreError::Closed)), "{unknown:?}");
    assert!(fatal.recv_timeout(DEADLINE).unwrap().contains("panicked"));
    assert_eq!(store.snapshot().revision(), 0);
    drop(store);
    // It was durable: a restart shows it.
    let store = SledStore::open(super::support::options(folder.path())).unwrap();
    assert_eq!(store.snapshot().reservations(), Some(&taken(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn transactions_that_wait_share_a_sync() {
    let folder = tempfile::tempdir().unwrap();
    let gate = Arc::new(Gate::default());
    let syncs = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&syncs);
    let mut options = options(folder.path());
    options.hooks.crash_point = gate.hook();
    options.hooks.sync_data = Arc::new(move |file| {
        counted.fetch_add(1, Ordering::SeqCst);
        file.sync_data()
    });
    let store = SledStore::open(options).unwrap();
    let opened = syncs.load(Ordering::SeqCst);
    gate.close_at(AFTER_APPLY);
    let first = store.txn(put(taken(1)));
    tokio::pin!(first);
    assert!(futures::poll!(&mut first).is_pending());
    gate.reached().await;
    let mut waiting: Vec<_> =
        (0..2 * MAX_BATCH as u128).map(|n| store.txn(put(served(n, 0, 0)))).collect();
    for txn in &mut waiting {
        assert!(futures::poll!(txn).is_pending());
    }
    gate.open();
    first.await.unwrap();
    for (n, txn) in (2..).zip(waiting) {
        assert_eq!(txn.await.unwrap(), n);
    }
    assert_eq!(syncs.load(Ordering::SeqCst) - opened, 3, "one, and two full batches");
}

#[tokio::test]
async fn every_crash_point_is_passed_in_its_order() {
    let folder = tempfile::tempdir().unwrap();
    let passed: Arc<Mutex<Vec<&'static str>>> = Arc::default();
    let log = Arc::clone(&passed);
    let mut options = options(folder.path());
    options.hooks.crash_point = Arc::new(move |point| log.lock().unwrap().push(point));
    let store = SledStore::open(options).unwrap();
    store.txn(put(taken(1))).await.unwrap();
    assert_eq!(*passed.lock().unwrap(), CRASH_POINTS);
}

/// sled's thread pool keeps the data file of an open that failed for moments.
#[tokio::test(flavor = "multi_thread")]
async fn an_open_waits_for_sleds_lock_that_an_open_before_has_left_behind() {
    let folder = tempfile::tempdir().unwrap();
    let store = SledStore::open(options(folder.path())).unwrap();
    store.txn(put(taken(1))).await.unwrap();
    store.close().await.unwrap();
    let data = std::fs::File::open(folder.path().join("state/db/db")).unwrap();
    data.lock().unwrap();
    let left_behind = std::thread::spawn(move || {
        // Longer than the first try takes, and far shorter than all of them.
        std::thread::sleep(Duration::from_millis(200));
        drop(data);
    });
    let store = SledStore::open(options(folder.path())).unwrap();
    assert_eq!(store.snapshot().reservations(), Some(&taken(1)));
    left_behind.join().unwrap();
}
