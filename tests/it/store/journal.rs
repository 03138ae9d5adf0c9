//! The journal beside sled: what one file lost another gives, and the store names what nobody has.

use super::support::{
    DEADLINE, account, insert, interaction, options, put, raw_sled, served, taken,
};
use nebulalinks::model::{Key, Lineage};
use nebulalinks::ports::{Store, StoreError};
use nebulalinks::store::{OpenError, OpenOptions, SledStore};
use nebulalinks_testkit::people::asked;
use std::fs;
use std::path::{Path, PathBuf};
use tokio::time::Instant;

pub(super) fn open(folder: &Path) -> SledStore {
    reopen(&options(folder))
}

/// Opens a store whose last user was dropped and may still be ending: on a busy machine that takes a
/// while.
pub(super) fn reopen(options: &OpenOptions) -> SledStore {
    let begun = Instant::now();
    loop {
        match SledStore::open(options.clone()) {
            Err(OpenError::Locked { .. }) if begun.elapsed() < DEADLINE => {
                std::thread::yield_now();
            }
            opened => return opened.unwrap(),
        }
    }
}

pub(super) fn state(folder: &Path) -> PathBuf {
    folder.join("state")
}

/// The last segment of the journal.
pub(super) fn tail(folder: &Path) -> PathBuf {
    let entries = fs::read_dir(state(folder).join("journal")).unwrap();
    let mut segments: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "log"))
        .collect();
    segments.sort();
    segments.pop().unwrap()
}

/// Ten transactions: eight puts of three kinds, one delete, and one that leaves nothing behind.
pub(super) async fn fill(store: &SledStore) -> Vec<Lineage> {
    let mut lineages = vec![store.snapshot().lineage()];
    for n in 1..=10_u64 {
        let mut edits = put(taken(n));
        edits.put(interaction(n, u128::from(n)));
        if n <= 8 {
            edits.put(served(u128::from(n), 0, n));
        } else {
            edits.delete(Key::Served(account(u128::from(n) - 8), 0));
        }
        store.txn(edits).await.unwrap();
        lineages.push(store.snapshot().lineage());
    }
    lineages
}

/// That all of [`fill`] is there, under the lineages that were answered then.
pub(super) async fn whole(store: &SledStore, lineages: &[Lineage]) {
    let snapshot = store.snapshot();
    assert_eq!(snapshot.damaged(), None);
    assert!(snapshot.revision() >= 10);
    assert_eq!(snapshot.reservations(), Some(&taken(10)));
    for n in 1..=8 {
        assert_eq!(snapshot.was_served(account(n), 0), n > 2, "{n}");
    }
    for n in 1..=10 {
        let found = store.get(&Key::InteractionOrder(asked(n))).await.unwrap();
        assert_eq!(found.unwrap().version, n);
    }
    for (revision, lineage) in (0..).zip(lineages) {
        assert_eq!(store.lineage(revision).await.unwrap(), Some(*lineage), "at {revision}");
    }
}

async fn filled(folder: &Path) -> Vec<Lineage> {
    let store = open(folder);
    let lineages = fill(&store).await;
    store.close().await.unwrap();
    lineages
}

async fn lost(folder: &Path) -> (SledStore, String) {
    let store = open(folder);
    let damage = store.snapshot().damaged().cloned().expect("nothing is said to be missing");
    let said: Vec<String> = damage.lost.iter().map(ToString::to_string).collect();
    (store, said.join("\n"))
}

#[tokio::test]
async fn without_a_store_nothing_is_opened_and_only_init_makes_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut with = options(folder.path());
    with.path = folder.path().join("other");
    let refused = |with: &_| SledStore::open(Clone::clone(with)).map(drop).unwrap_err();
    assert!(matches!(refused(&with), OpenError::NoStore { revision: 0, .. }));
    assert!(!with.path.exists(), "a start made the folder");
    fs::create_dir(&with.path).unwrap();
    assert!(matches!(refused(&with), OpenError::NoStore { .. }));
    assert!(refused(&with).to_string().contains("nebulalinks init"));
    SledStore::init(&with).unwrap();
    let store = SledStore::open(with.clone()).unwrap();
    store.txn(put(taken(1))).await.unwrap();
    store.close().await.unwrap();
    // What is left of a store is no place for a new one, whatever was removed.
    for gone in [&["db"][..], &["journal"], &["db", "journal"], &["db", "journal", "lineage"]] {
        for name in gone {
            let _ = fs::remove_dir_all(with.path.join(name));
            let _ = fs::remove_file(with.path.join(name));
        }
        assert!(matches!(SledStore::init(&with), Err(OpenError::NotEmpty { .. })), "{gone:?}");
        if gone.len() > 1 {
            assert!(matches!(refused(&with), OpenError::NoStore { revision: 1, .. }), "{gone:?}");
        }
    }
}

#[tokio::test]
async fn the_store_is_built_again_from_its_journal() {
    let folder = tempfile::tempdir().unwrap();
    let lineages = filled(folder.path()).await;
    let db = state(folder.path()).join("db");
    let harm: [(&str, &dyn Fn()); 4] = [
        ("the folder removed", &|| fs::remove_dir_all(&db).unwrap()),
        ("the file emptied", &|| fs::write(db.join("db"), []).unwrap()),
        ("the file removed", &|| fs::remove_file(db.join("db")).unwrap()),
        ("the file full of something else", &|| fs::write(db.join("db"), [7; 5000]).unwrap()),
    ];
    for (what, harm) in harm {
        harm();
        let store = open(folder.path());
        println!("{what}: {:?}", store.stats().load);
        assert!(store.stats().load.rebuilt, "{what}");
        whole(&store, &lineages).await;
        store.close().await.unwrap();
    }
    for kept in ["damaged/db/db", "damaged-2/db", "damaged-3/db/db"] {
        assert!(state(folder.path()).join(kept).exists(), "the damaged files are kept: {kept}");
    }
    assert!(!open(folder.path()).stats().load.rebuilt);
}

#[tokio::test]
async fn sled_that_lags_is_brought_to_the_end_of_its_journal() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    store.txn(put(taken(1))).await.unwrap();
    store.close().await.unwrap();
    let db = state(folder.path()).join("db");
    let early = folder.path().join("early");
    copy(&db, &early);
    let store = open(folder.path());
    store.txn(put(interaction(1, 1))).await.unwrap();
    let mut edits = insert(served(1, 0, 1));
    edits.delete(Key::Reservations());
    store.txn(edits).await.unwrap();
    let lineage = store.snapshot().lineage();
    store.close().await.unwrap();
    fs::remove_dir_all(&db).unwrap();
    copy(&early, &db);
    let store = open(folder.path());
    let load = store.stats().load;
    assert_eq!((load.replayed, load.rebuilt), (2, false));
    let snapshot = store.snapshot();
    assert_eq!((snapshot.revision(), snapshot.lineage()), (3, lineage));
    assert_eq!(snapshot.reservations(), None);
    assert!(snapshot.was_served(account(1), 0));
    assert!(store.get(&Key::InteractionOrder(asked(1))).await.unwrap().is_some());
}

pub(super) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[tokio::test]
async fn a_damaged_journal_begins_anew_with_all_that_sled_has() {
    let folder = tempfile::tempdir().unwrap();
    let lineages = filled(folder.path()).await;
    let journal = state(folder.path()).join("journal");
    let segment = tail(folder.path());
    let bytes = fs::read(&segment).unwrap();
    let middle = bytes.len() / 2;
    let harm: [(&str, &dyn Fn()); 4] = [
        ("a flipped byte", &|| {
            let mut bytes = bytes.clone();
            bytes[middle] ^= 1;
            fs::write(&segment, bytes).unwrap();
        }),
        ("cut", &|| fs::write(tail(folder.path()), &bytes[..middle]).unwrap()),
        ("emptied", &|| fs::write(tail(folder.path()), []).unwrap()),
        ("the folder removed", &|| fs::remove_dir_all(&journal).unwrap()),
    ];
    for (what, harm) in harm {
        harm();
        let store = open(folder.path());
        whole(&store, &lineages).await;
        store.close().await.unwrap();
        // And from now on it can stand in for sled again.
        fs::remove_dir_all(state(folder.path()).join("db")).unwrap();
        let store = open(folder.path());
        assert!(store.stats().load.rebuilt, "{what}");
        whole(&store, &lineages).await;
        store.close().await.unwrap();
    }
}

#[tokio::test]
async fn what_neither_has_is_named_and_a_second_start_still_says_it() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path()).await;
    fs::remove_dir_all(state(folder.path()).join("db")).unwrap();
    let segment = tail(folder.path());
    let mut bytes = fs::read(&segment).unwrap();
    // The JSON of the fifth interaction: its entry's head stays readable.
    let at = bytes.windows(11).position(|w| w == b"\"discord:5\"").unwrap();
    bytes[at + 3] ^= 0x20;
    fs::write(&segment, &bytes).unwrap();
    let (store, said) = lost(folder.path()).await;
    let expected = "the journal is damaged there \
                    (revision 5: interaction-order, reservations, served)";
    assert_eq!(said, expected);
    assert!(store.snapshot().in_amnesia());
    // The others are there, and the damaged file is kept.
    assert_eq!(store.snapshot().reservations(), Some(&taken(10)));
    assert!(store.get(&Key::InteractionOrder(asked(6))).await.unwrap().is_some());
    assert!(store.get(&Key::InteractionOrder(asked(5))).await.unwrap().is_none());
    let name = segment.file_name().unwrap();
    let kept = state(folder.path()).join("damaged/journal").join(name);
    assert_eq!(fs::read(kept).unwrap(), bytes);
    let damage = store.snapshot().damaged().cloned();
    store.close().await.unwrap();
    let (store, said) = lost(folder.path()).await;
    assert_eq!(said, expected);
    assert_eq!(store.snapshot().damaged().cloned(), damage);
}

#[tokio::test]
async fn acknowledged_entries_that_are_cut_off_everywhere_are_named() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path()).await;
    fs::remove_dir_all(state(folder.path()).join("db")).unwrap();
    let segment = tail(folder.path());
    let bytes = fs::read(&segment).unwrap();
    let at = bytes.windows(11).position(|w| w == b"\"discord:9\"").unwrap();
    fs::write(&segment, &bytes[..at]).unwrap();
    let (_, said) = lost(folder.path()).await;
    assert_eq!(
        said,
        "the store had acknowledged more than is there \
         (revisions 9 to 10: interaction-order, reservations, served)"
    );
}

#[tokio::test]
async fn a_store_of_before_gets_a_journal_after_a_backup() {
    let folder = tempfile::tempdir().unwrap();
    let lineages = filled(folder.path()).await;
    // As a program without a journal would have left it.
    let state = state(folder.path());
    for path in ["journal", "mark", "lineage"].map(|name| state.join(name)) {
        match fs::metadata(&path) {
            Ok(there) if there.is_dir() => fs::remove_dir_all(&path).unwrap(),
            Ok(_) => fs::remove_file(&path).unwrap(),
            Err(_) => {}
        }
    }
    raw_sled(&state.join("db")).open_tree("store").unwrap().remove("state").unwrap();
    let store = open(folder.path());
    let load = store.stats().load;
    assert_eq!(load.backup, Some(state.join("backup-before-journal")));
    let first = store.snapshot();
    assert_eq!((first.revision(), first.damaged()), (10, None));
    assert_ne!(first.lineage(), Lineage::START);
    assert_ne!(Some(&first.lineage()), lineages.last(), "what came before is not known");
    assert_eq!(store.lineage(10).await.unwrap(), Some(first.lineage()));
    assert_eq!(store.lineage(9).await.unwrap(), None);
    store.txn(put(taken(11))).await.unwrap();
    store.close().await.unwrap();
    // The journal holds everything from now on, the records of before included.
    fs::remove_dir_all(state.join("db")).unwrap();
    let store = open(folder.path());
    assert!(store.stats().load.rebuilt);
    assert_eq!(store.snapshot().reservations(), Some(&taken(11)));
    assert!(store.get(&Key::InteractionOrder(asked(1))).await.unwrap().is_some());
    assert_eq!(store.lineage(10).await.unwrap(), Some(first.lineage()));
}

#[tokio::test]
async fn an_emptied_store_of_before_is_no_new_shop() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(state(folder.path()).join("db")).unwrap();
    fs::write(state(folder.path()).join("db/db"), []).unwrap();
    let error = SledStore::open(options(folder.path())).map(drop).unwrap_err();
    assert!(matches!(error, OpenError::Damaged { .. }), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_is_removed_under_a_running_store_ends_it_and_nothing_is_acknowledged() {
    for replaced in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let (said, fatal) = std::sync::mpsc::channel();
        let mut with = options(folder.path());
        with.hooks.fatal = std::sync::Arc::new(move |reason| {
            let _ = said.send(reason.to_owned());
        });
        let store = SledStore::open(with).unwrap();
        store.txn(put(taken(1))).await.unwrap();
        let state = state(folder.path());
        fs::rename(&state, folder.path().join("elsewhere")).unwrap();
        if replaced {
            copy(&folder.path().join("elsewhere"), &state);
        }
        let lost = store.txn(put(taken(2))).await;
        assert!(matches!(lost, Err(StoreError::Closed)), "{lost:?}");
        let reason = fatal.recv_timeout(super::support::DEADLINE).unwrap();
        assert!(reason.contains(if replaced { "replaced" } else { "removed" }), "{reason}");
        assert_eq!(store.snapshot().reservations(), Some(&taken(1)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_file_is_noticed_without_anybody_writing() {
    let folder = tempfile::tempdir().unwrap();
    let (said, fatal) = std::sync::mpsc::channel();
    let mut with = options(folder.path());
    with.hooks.fatal = std::sync::Arc::new(move |reason| {
        let _ = said.send(reason.to_owned());
    });
    let _store = SledStore::open(with).unwrap();
    fs::remove_file(tail(folder.path())).unwrap();
    let reason = fatal.recv_timeout(super::support::DEADLINE).unwrap();
    assert!(reason.contains("was removed"), "{reason}");
}

#[tokio::test]
async fn a_torn_end_that_nobody_was_answered_for_is_cut_off_and_nothing_is_said_to_be_lost() {
    let folder = tempfile::tempdir().unwrap();
    let lineages = filled(folder.path()).await;
    let segment = tail(folder.path());
    let whole_bytes = fs::read(&segment).unwrap();
    // As kill -9 leaves it: the mark is of the last answer and not clean.
    let torn = |bytes: &[u8]| {
        let mut more = whole_bytes.clone();
        more.extend_from_slice(bytes);
        fs::write(&segment, more).unwrap();
    };
    let store = open(folder.path());
    let mark = fs::read(state(folder.path()).join("mark")).unwrap();
    store.close().await.unwrap();
    for cut in [1, 40, 200] {
        torn(&whole_bytes[whole_bytes.len() - 200..][..cut]);
        fs::write(state(folder.path()).join("mark"), &mark).unwrap();
        let store = open(folder.path());
        whole(&store, &lineages).await;
        store.close().await.unwrap();
        assert_eq!(fs::read(&segment).unwrap(), whole_bytes);
    }
}
