//! Checkpoints: a start from one shows what a start from the trees shows, and whatever is wrong with
//! one costs a start time and nothing else.

use super::journal::{copy, fill, open, reopen, state, tail, whole};
use super::support::{
    DEADLINE, account, insert, interaction, long, options, put, raw_sled, served, taken,
};
use crate::random::cases;
use nebulalinks::model::{
    Binding, Disposition, Edits, Indexes, Key, Order, Surface, SurfaceKey, Target, UnixMs,
};
use nebulalinks::ports::Store;
use nebulalinks::store::{LOW_WATER_MIB, OpenOptions, SledStore, back_up, verify};
use nebulalinks::view::sample;
use nebulalinks_testkit::people::asked;
use proptest::prelude::*;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::time::Instant;

/// A store that writes a checkpoint whenever it may.
fn always(folder: &Path) -> OpenOptions {
    OpenOptions { checkpoint_bytes: 0, ..options(folder) }
}

fn opened(folder: &Path) -> SledStore {
    reopen(&always(folder))
}

fn checkpoint(folder: &Path) -> PathBuf {
    state(folder).join("checkpoint")
}

/// Waits until a store has read all of sled: before that it makes no checkpoint of what it took from one.
async fn all_read(store: &SledStore) {
    let started = Instant::now();
    while store.stats().unread {
        assert!(started.elapsed() < DEADLINE, "it is not read to its end");
        tokio::task::yield_now().await;
    }
}

/// All that a store has in memory, and what follows from it.
fn content(store: &SledStore) -> (Vec<u8>, Indexes, usize, u64) {
    let snapshot = store.snapshot();
    let bytes = snapshot.blocks().flat_map(Result::unwrap).collect();
    (bytes, snapshot.indexes().clone(), snapshot.len(), snapshot.revision())
}

/// What a start from the trees shows: of a copy, without the checkpoint.
fn from_trees(folder: &Path) -> (Vec<u8>, Indexes, usize, u64) {
    let other = tempfile::tempdir().unwrap();
    copy(&state(folder), &state(other.path()));
    let _ = fs::remove_file(checkpoint(other.path()));
    let store = open(other.path());
    assert_eq!(store.stats().load.checkpoint, None);
    assert!(!store.stats().load.rebuilt);
    content(&store)
}

#[derive(Debug, Clone)]
enum Step {
    Txn(Vec<Change>),
    /// With the checkpoint of this close, or one that lay there earlier.
    Reopen {
        earlier: bool,
    },
}

#[derive(Debug, Clone)]
enum Change {
    Serve(u8, u64),
    Unserve(u8),
    Order(u8, bool),
    Account(u8),
    Bind(u8, bool),
    Retain(u8),
    Forget(u8),
    Other(u8),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let n = 0..4_u8;
    let change = prop_oneof![
        (n.clone(), 0..9_u64).prop_map(|(n, at)| Change::Serve(n, at)),
        n.clone().prop_map(Change::Unserve),
        (n.clone(), any::<bool>()).prop_map(|(n, archived)| Change::Order(n, archived)),
        n.clone().prop_map(Change::Account),
        (n.clone(), any::<bool>()).prop_map(|(n, there)| Change::Bind(n, there)),
        n.clone().prop_map(Change::Retain),
        n.clone().prop_map(Change::Forget),
        n.prop_map(Change::Other),
    ];
    let step = prop_oneof![
        4 => prop::collection::vec(change, 1..5).prop_map(Step::Txn),
        1 => any::<bool>().prop_map(|earlier| Step::Reopen { earlier }),
    ];
    prop::collection::vec(step, 1..16)
}

fn edits(changes: &[Change]) -> Edits {
    let mut edits = Edits::new();
    let binding = |n: u8| Binding {
        account: sample::account_id(n.into()),
        server: "fra-1".parse().unwrap(),
        disposition: Disposition::Serving,
        bound_at: UnixMs(1),
    };
    for change in changes {
        match *change {
            Change::Serve(n, at) => edits.put(served(n.into(), 0, at)),
            Change::Unserve(n) => edits.delete(Key::Served(account(n.into()), 0)),
            Change::Order(n, archived) => {
                let order = sample::order(n.into(), Target::New, "bank");
                // As it is brought back: with what was shown of it.
                let thread = SurfaceKey::OrderThread(order.id);
                edits.put(Surface { channel: Some(n.into()), ..Surface::new(thread) });
                edits.put(Order { archived, ..order });
            }
            Change::Account(n) => edits.put(sample::account(n.into())),
            Change::Bind(n, true) => edits.put(binding(n)),
            Change::Bind(n, false) => {
                edits.delete(Key::Binding(binding(n).account, binding(n).server));
            }
            Change::Retain(n) => edits.put(long(&n.to_string(), 10)),
            Change::Forget(n) => edits.delete(long(&n.to_string(), 0).into_key()),
            Change::Other(n) => edits.put(interaction(n.into(), 1)),
        }
    }
    edits.deletes.retain(|key| !edits.puts.contains_key(key));
    edits
}

/// The key of a record that a test removes.
trait IntoKey {
    fn into_key(self) -> Key;
}

impl<T: Into<nebulalinks::model::Record>> IntoKey for T {
    fn into_key(self) -> Key {
        self.into().key()
    }
}

proptest! {
    #![proptest_config(cases(12))]

    #[test]
    fn a_start_from_a_checkpoint_shows_what_a_start_from_the_trees_shows(steps in steps()) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let mut store = opened(folder.path());
        let mut before: Option<Vec<u8>> = None;
        for step in steps.iter().chain([&Step::Reopen { earlier: true }, &Step::Reopen { earlier: false }]) {
            match step {
                Step::Txn(changes) => drop(runtime.block_on(store.txn(edits(changes))).unwrap()),
                Step::Reopen { earlier } => {
                    let revision = store.snapshot().revision();
                    runtime.block_on(store.close()).unwrap();
                    let path = checkpoint(folder.path());
                    prop_assert_eq!(path.exists(), revision > 0);
                    let written = fs::read(&path).ok();
                    if let (true, Some(before)) = (*earlier, &before) {
                        fs::write(&path, before).unwrap();
                    }
                    before = before.or(written);
                    let expected = from_trees(folder.path());
                    store = opened(folder.path());
                    prop_assert_eq!(store.stats().load.checkpoint.is_some(), revision > 0);
                    prop_assert_eq!(content(&store), expected);
                    let damaged = store.snapshot().damaged().cloned();
                    prop_assert_eq!(damaged, None);
                }
            }
        }
    }
}

/// A store with a checkpoint at revision 10, closed.
async fn filled(folder: &Path) -> Vec<nebulalinks::model::Lineage> {
    let store = opened(folder);
    let lineages = fill(&store).await;
    store.close().await.unwrap();
    lineages
}

#[tokio::test]
async fn whatever_is_wrong_with_a_checkpoint_the_start_shows_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let lineages = filled(folder.path()).await;
    let good = fs::read(checkpoint(folder.path())).unwrap();
    let mut wrong: Vec<(String, Vec<u8>)> = vec![("empty".into(), Vec::new())];
    for at in (0..good.len()).step_by(29) {
        let mut bytes = good.clone();
        bytes[at] ^= 1 << (at % 8);
        wrong.push((format!("flipped at {at}"), bytes));
        wrong.push((format!("cut at {at}"), good[..at].to_vec()));
    }
    wrong.push(("longer".into(), [&good[..], &[0]].concat()));
    wrong.push(("twice".into(), [&good[..], &good].concat()));
    // Of another shop that stands at the same revision.
    let shop = tempfile::tempdir().unwrap();
    let store = opened(shop.path());
    for n in 0..10 {
        store.txn(put(served(500 + n, 0, 1))).await.unwrap();
    }
    store.close().await.unwrap();
    wrong.push(("of another shop".into(), fs::read(checkpoint(shop.path())).unwrap()));
    // Of a history that went on otherwise, to a revision that this one has too.
    let other = tempfile::tempdir().unwrap();
    copy(&state(folder.path()), &state(other.path()));
    let store = opened(other.path());
    store.txn(put(served(1, 0, 99))).await.unwrap();
    all_read(&store).await;
    store.close().await.unwrap();
    let store = opened(folder.path());
    wrong.push(("of a later revision".into(), fs::read(checkpoint(other.path())).unwrap()));
    store.txn(put(served(77, 0, 1))).await.unwrap();
    all_read(&store).await;
    store.close().await.unwrap();
    wrong.push(("of another history".into(), fs::read(checkpoint(other.path())).unwrap()));
    let expected = from_trees(folder.path());
    let later = fs::read(checkpoint(folder.path())).unwrap();
    for (what, bytes) in wrong {
        fs::write(checkpoint(folder.path()), bytes).unwrap();
        let store = open(folder.path());
        assert_eq!(store.stats().load.checkpoint, None, "{what}");
        assert_eq!(content(&store), expected, "{what}");
        whole(&store, &lineages).await;
        assert!(!checkpoint(folder.path()).exists(), "{what}: it is looked at again and again");
    }
    // An older one of this history is as good, and takes the journal's end with it.
    for (bytes, at) in [(good, 10), (later, 11)] {
        fs::write(checkpoint(folder.path()), bytes).unwrap();
        let store = open(folder.path());
        assert_eq!(store.stats().load.checkpoint, Some(at));
        assert_eq!(content(&store), expected);
        whole(&store, &lineages).await;
    }
}

#[tokio::test]
async fn one_that_a_crash_left_half_written_is_removed_and_the_one_before_counts() {
    let folder = tempfile::tempdir().unwrap();
    let lineages = filled(folder.path()).await;
    let young = state(folder.path()).join("checkpoint.tmp");
    fs::write(&young, b"NLC1 and no more").unwrap();
    let store = open(folder.path());
    assert_eq!(store.stats().load.checkpoint, Some(10));
    assert!(!young.exists());
    whole(&store, &lineages).await;
}

#[tokio::test]
async fn where_something_is_lost_the_checkpoint_is_kept_aside() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path()).await;
    let good = fs::read(checkpoint(folder.path())).unwrap();
    fs::remove_dir_all(state(folder.path()).join("db")).unwrap();
    let segment = tail(folder.path());
    let bytes = fs::read(&segment).unwrap();
    fs::write(&segment, &bytes[..bytes.len() / 2]).unwrap();
    let store = open(folder.path());
    assert!(store.snapshot().damaged().is_some());
    let kept = state(folder.path()).join("damaged/checkpoint");
    assert_eq!(fs::read(kept).unwrap(), good, "it may be all that is left");
}

#[tokio::test]
async fn a_full_disk_leaves_the_one_before_and_nothing_half_written() {
    const MIB: u64 = 1024 * 1024;
    let folder = tempfile::tempdir().unwrap();
    let lineages = filled(folder.path()).await;
    let before = fs::read(checkpoint(folder.path())).unwrap();
    let mut with = always(folder.path());
    with.hooks.free_bytes = Arc::new(|_| Ok(LOW_WATER_MIB * MIB - 1));
    let store = SledStore::open(with).unwrap();
    store.txn(put(served(77, 0, 1))).await.unwrap();
    all_read(&store).await;
    store.close().await.unwrap();
    assert_eq!(fs::read(checkpoint(folder.path())).unwrap(), before);
    assert!(!state(folder.path()).join("checkpoint.tmp").exists());
    let store = open(folder.path());
    assert_eq!(store.stats().load.checkpoint, Some(10));
    assert!(store.snapshot().was_served(account(77), 0));
    whole(&store, &lineages).await;
}

/// Waits until a store has said that something is wrong.
async fn said(store: &SledStore) -> nebulalinks::model::Damage {
    let started = Instant::now();
    loop {
        store.txn(Edits::new()).await.unwrap();
        if let Some(damage) = store.snapshot().damaged() {
            return damage.clone();
        }
        assert!(started.elapsed() < DEADLINE, "nobody noticed");
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resident_record_that_sled_lost_is_found_soon_after_a_start_from_a_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let lineages = filled(folder.path()).await;
    let sled = raw_sled(&state(folder.path()).join("db"));
    let key = Key::Served(account(5), 0).to_bytes();
    assert!(sled.open_tree("served").unwrap().remove(key).unwrap().is_some());
    drop(sled);
    let store = opened(folder.path());
    assert_eq!(store.stats().load.checkpoint, Some(10));
    assert!(store.snapshot().was_served(account(5), 0), "what is served was never lost");
    let damage = said(&store).await;
    assert!(damage.lost[0].passing, "{damage:?}");
    store.close().await.unwrap();
    let store = opened(folder.path());
    let load = store.stats().load;
    assert!(load.rebuilt && load.checkpoint.is_none(), "{load:?}");
    whole(&store, &lineages).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_over_a_record_that_sled_lost_makes_nobody_call_a_whole_journal_lost() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path()).await;
    let key = Key::InteractionOrder(asked(3));
    let sled = raw_sled(&state(folder.path()).join("db"));
    let tree = sled.open_tree(key.kind().tree()).unwrap();
    assert!(tree.remove(key.to_bytes()).unwrap().is_some());
    drop((tree, sled));
    let store = opened(folder.path());
    let at = store.txn(put(interaction(3, 99))).await.unwrap();
    assert!(said(&store).await.lost[0].passing);
    store.close().await.unwrap();
    for rebuilt in [true, false] {
        let store = opened(folder.path());
        assert_eq!(store.stats().load.rebuilt, rebuilt);
        assert_eq!(store.snapshot().damaged(), None, "the journal has everything");
        assert_eq!(store.get(&key).await.unwrap().unwrap().version, at);
        store.close().await.unwrap();
    }
}

#[tokio::test]
async fn after_a_kill_a_checkpoint_is_taken_and_after_a_power_cut_it_is_not() {
    let live = tempfile::tempdir().unwrap();
    let lineages = filled(live.path()).await;
    let mut with = always(live.path());
    with.hooks.boot = Arc::new(|| 7);
    let store = SledStore::open(with).unwrap();
    store.txn(put(taken(10))).await.unwrap();
    for (boot, taken) in [(7, Some(10)), (8, None), (0, None)] {
        // As kill -9 leaves it.
        let folder = tempfile::tempdir().unwrap();
        copy(&state(live.path()), &state(folder.path()));
        let mut with = always(folder.path());
        with.hooks.boot = Arc::new(move || boot);
        let again = SledStore::open(with).unwrap();
        assert_eq!(again.stats().load.checkpoint, taken, "boot {boot}");
        assert_eq!(content(&again), content(&store));
        whole(&again, &lineages).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_is_written_while_the_store_is_used_and_no_backup_has_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = opened(folder.path());
    let lineages = fill(&store).await;
    let started = Instant::now();
    while !checkpoint(folder.path()).exists() {
        assert!(started.elapsed() < DEADLINE, "none is written");
        tokio::task::yield_now().await;
    }
    store.txn(insert(served(77, 0, 1))).await.unwrap();
    let killed = tempfile::tempdir().unwrap();
    copy(&state(folder.path()), &state(killed.path()));
    let again = open(killed.path());
    assert!(again.stats().load.checkpoint.is_some());
    assert!(again.snapshot().was_served(account(77), 0));
    whole(&again, &lineages).await;
    store.close().await.unwrap();
    let (from, to) = (state(folder.path()), folder.path().join("backup"));
    back_up(&from, &to).unwrap();
    assert!(checkpoint(folder.path()).exists() && !to.join("checkpoint").exists());
}

#[tokio::test]
async fn a_small_store_and_one_that_is_merely_dropped_write_none() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    fill(&store).await;
    store.close().await.unwrap();
    assert!(!checkpoint(folder.path()).exists(), "reading it all takes no time");
    drop(opened(folder.path()));
    assert!(!checkpoint(folder.path()).exists(), "who drops it does not wait");
    assert!(tail(folder.path()).exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn once_a_backup_took_out_of_the_journal_what_leads_on_from_it_a_new_one_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let lineages = filled(folder.path()).await;
    let before = fs::read(checkpoint(folder.path())).unwrap();
    let store = open(folder.path());
    assert_eq!(store.stats().load.checkpoint, Some(10));
    store.txn(insert(served(77, 0, 1))).await.unwrap();
    let (from, to) = (state(folder.path()), folder.path().join("backup"));
    let work = move || back_up(&from, &to).and_then(|()| verify(&from, &to, true));
    let verified = tokio::task::spawn_blocking(work).await.unwrap().unwrap();
    assert!(verified.pruned > 0, "{verified:?}");
    let started = Instant::now();
    while fs::read(checkpoint(folder.path())).unwrap() == before {
        assert!(started.elapsed() < DEADLINE, "none is written");
        tokio::task::yield_now().await;
    }
    let killed = tempfile::tempdir().unwrap();
    copy(&state(folder.path()), &state(killed.path()));
    let again = open(killed.path());
    assert_eq!(again.stats().load.checkpoint, Some(11));
    assert_eq!(content(&again), content(&store));
    whole(&again, &lineages).await;
}
