//! An upgrade of the schema loses nothing: ended at any of its steps, with records that are missing or cannot
//! be read, and on the way back.

use super::golden::{check, open, unpacked};
use super::kill::variable;
use super::support::{put, raw_sled, taken};
use nebulalinks::model::{Key, Kind, SCHEMA_VERSION};
use nebulalinks::ports::Store;
use nebulalinks::store::{OpenError, OpenOptions, SledStore, UPGRADE_CRASH_POINTS};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const DIR: &str = "NEBULALINKS_UPGRADE_DIR";
/// Where the child ends, and after how many times.
const POINT: &str = "NEBULALINKS_UPGRADE_POINT";
const TIMES: &str = "NEBULALINKS_UPGRADE_TIMES";

/// The process ends as by kill -9: nothing is dropped, and nothing flushed.
#[test]
#[ignore = "the child of the test of crashes in an upgrade"]
fn child_upgrader() {
    let (Some(dir), Some(point), Some(times)) = (variable(DIR), variable(POINT), variable(TIMES))
    else {
        return;
    };
    let mut options = OpenOptions::at(dir);
    (options.cache_mib, options.ballast_mib) = (8, 0);
    let left = AtomicUsize::new(times.parse().unwrap());
    options.hooks.crash_point = Arc::new(move |passed| {
        if passed == point && left.fetch_sub(1, Ordering::SeqCst) == 1 {
            rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL)
                .unwrap();
        }
    });
    SledStore::open(options).unwrap();
}

/// Opens a store in a process of its own, which is killed there.
pub(super) fn killed(state: &Path, point: &str, times: usize) {
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["store::upgrades::child_upgrader", "--exact", "--ignored"])
        .env(DIR, state)
        .env(POINT, point)
        .env(TIMES, times.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert_eq!(status.code(), None, "{point} was not passed {times} times");
}

/// Folders of the state folder that begin so.
fn folders(state: &Path, begin: &str) -> Vec<String> {
    let names = fs::read_dir(state).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name.starts_with(begin)).collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upgrade_that_is_killed_at_any_step_ends_the_same_at_the_next_start() {
    let cases = UPGRADE_CRASH_POINTS.iter().flat_map(|point| {
        let times: &[usize] =
            if point.ends_with(".rewritten") { &[1, 4, 17, 59, 105] } else { &[1] };
        times.iter().map(move |times| (*point, *times))
    });
    for (point, times) in cases {
        let folder = tempfile::tempdir().unwrap();
        let options = unpacked(folder.path());
        // Twice at the same step, where it is reached again.
        killed(&options.path, point, times);
        // Half an upgrade is nothing that a program of before takes for its own.
        let [said, newest] = schemas(&options.path.join("db"));
        assert!(
            newest <= said,
            "{point}: there are records of schema {newest}, and it says {said}"
        );
        if ["store.upgrade.copied", "store.upgrade.rewritten", "store.upgrade.schema_written"]
            .contains(&point)
        {
            killed(&options.path, point, times);
        }
        for _ in 0..2 {
            let store = open(&options);
            check(&store).await;
            store.close().await.unwrap();
        }
        assert_eq!(folders(&options.path, "backup-"), ["backup-schema-1"], "{point}");
        // Half an upgrade is nothing that anybody looks into; a whole new journal is no half.
        let half = folders(&options.path, "damaged").len();
        assert_eq!(
            half,
            usize::from(point.contains("journal_aside") || point.contains("in_place")),
            "{point}"
        );
        assert!(!options.path.join("upgrading").exists(), "{point}");
    }
}

/// The schema version that a sled says, and the newest of its records.
fn schemas(db: &Path) -> [u64; 2] {
    let sled = raw_sled(db);
    let said = sled.open_tree("store").unwrap().get("schema").unwrap().unwrap();
    let said = u64::from_be_bytes((*said).try_into().unwrap());
    let of = |tree: &str| {
        let tree = sled.open_tree(tree).unwrap();
        let records = tree.iter().map(|entry| entry.unwrap().1);
        records.map(|stored| serde_json::from_slice::<Value>(&stored[8..]).unwrap()).collect()
    };
    let records = Kind::ALL.iter().flat_map(|kind| -> Vec<Value> { of(kind.tree()) });
    let newest = records.filter_map(|record| record["schema"].as_u64()).max();
    [said, newest.unwrap_or(0)]
}

/// As a program of before the journal left it.
fn without_a_journal(options: &OpenOptions) {
    for gone in ["journal", "lineage", "mark", "checkpoint"] {
        let path = options.path.join(gone);
        if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }.unwrap();
    }
    let sled = raw_sled(&options.path.join("db"));
    sled.open_tree("store").unwrap().remove("state").unwrap();
    sled.flush().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_without_a_journal_begins_its_upgrade_again_from_the_one_copy() {
    for (point, times) in [("store.upgrade.rewritten", 59), ("store.upgrade.schema_written", 1)] {
        let folder = tempfile::tempdir().unwrap();
        let options = unpacked(folder.path());
        without_a_journal(&options);
        killed(&options.path, point, times);
        killed(&options.path, "store.upgrade.removed", 1);
        assert!(!options.path.join("db").exists());
        killed(&options.path, point, times);
        let store = open(&options);
        check(&store).await;
        store.close().await.unwrap();
        assert_eq!(folders(&options.path, "backup-"), ["backup-schema-1"], "{point}");
        assert_eq!(schemas(&options.path.join("backup-schema-1/db")), [1, 1]);
        assert_eq!(schemas(&options.path.join("db")), [2, 2]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upgrade_that_is_killed_while_its_copy_is_put_back_begins_again_from_it() {
    let folder = tempfile::tempdir().unwrap();
    let options = unpacked(folder.path());
    killed(&options.path, "store.upgrade.rewritten", 59);
    killed(&options.path, "store.upgrade.removed", 1);
    let store = open(&options);
    check(&store).await;
    store.close().await.unwrap();
    assert_eq!(folders(&options.path, "backup-"), ["backup-schema-1"]);
    assert_eq!(folders(&options.path, "damaged"), [""; 0]);
}

/// The copy is gone, by somebody's hand: the records say which of them are rewritten.
#[tokio::test(flavor = "multi_thread")]
async fn half_an_upgrade_whose_copy_is_gone_goes_on() {
    for journal in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        let options = unpacked(folder.path());
        if !journal {
            without_a_journal(&options);
        }
        killed(&options.path, "store.upgrade.rewritten", 59);
        fs::remove_dir_all(options.path.join("backup-schema-1")).unwrap();
        let store = open(&options);
        check(&store).await;
        store.close().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upgrade_that_has_no_room_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = unpacked(folder.path());
    options.ballast_mib = 0;
    let before = contents(&options.path);
    let mib = |path: &str| contents(&options.path.join(path)).values().map(Vec::len).sum::<usize>();
    let needed = 3 * mib("db") + mib("journal") + (32 << 20);
    let mut with = options.clone();
    with.hooks.free_bytes = Arc::new(move |_| Ok(needed as u64));
    let refused = SledStore::open(with.clone()).map(drop).unwrap_err();
    assert!(matches!(refused, OpenError::NoRoom { from: 1, .. }), "{refused}");
    // But for what sled writes when it is opened.
    let beside = |mut all: BTreeMap<PathBuf, Vec<u8>>| {
        all.retain(|path, _| !path.ends_with("lock") && !path.starts_with(options.path.join("db")));
        all
    };
    assert!(beside(contents(&options.path)) == beside(before));
    let [said, newest] = schemas(&options.path.join("db"));
    assert_eq!([said, newest], [1, 1]);
    with.hooks.free_bytes = Arc::new(move |_| Ok(2 * needed as u64));
    let store = open(&with);
    check(&store).await;
    store.close().await.unwrap();
}

/// A row of an index is lost in sled, which the journal of before has.
#[tokio::test(flavor = "multi_thread")]
async fn what_sled_lost_before_an_upgrade_comes_back_from_the_journal() {
    for tree in ["interaction-order", "proof-order", "source-term", "order"] {
        let folder = tempfile::tempdir().unwrap();
        let options = unpacked(folder.path());
        let sled = raw_sled(&options.path.join("db"));
        let records = sled.open_tree(tree).unwrap();
        let (key, _) = records.first().unwrap().unwrap();
        records.remove(key).unwrap();
        sled.flush().unwrap();
        drop((records, sled));
        let store = open(&options);
        check(&store).await;
        assert!(store.stats().load.rebuilt, "{tree}");
        store.close().await.unwrap();
    }
}

/// Nobody can read it, and it is no resident one.
#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_sled_has_damaged_comes_back_and_one_that_nobody_can_read_stops_nothing_twice()
 {
    let folder = tempfile::tempdir().unwrap();
    let options = unpacked(folder.path());
    spoil(&options);
    let store = open(&options);
    check(&store).await;
    store.close().await.unwrap();
    // Without the journal there is nothing that has it.
    let folder = tempfile::tempdir().unwrap();
    let options = unpacked(folder.path());
    without_a_journal(&options);
    spoil(&options);
    for _ in 0..2 {
        let refused = SledStore::open(options.clone()).map(drop).unwrap_err();
        assert!(matches!(refused, OpenError::CannotMigrate { from: 1, .. }), "{refused}");
        let said = refused.to_string();
        assert!(said.contains("interaction-order: it is no JSON of a record"), "{said}");
        assert_eq!(folders(&options.path, "backup-"), [""; 0]);
    }
}

fn spoil(options: &OpenOptions) {
    let sled = raw_sled(&options.path.join("db"));
    let records = sled.open_tree("interaction-order").unwrap();
    let (key, stored) = records.first().unwrap().unwrap();
    let mut stored = stored.to_vec();
    stored[9] ^= 0x55;
    records.insert(key, stored).unwrap();
    sled.flush().unwrap();
}

/// Every file below a folder.
fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(contents(&path));
        } else {
            all.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
    all
}

/// The commands that docs/OPERATIONS.md gives for it.
fn way_back() -> String {
    let text = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/OPERATIONS.md");
    let text = fs::read_to_string(text).unwrap();
    let (_, rest) = text.split_once("4. To go back to the old program").unwrap();
    let (_, rest) = rest.split_once("```sh\n").unwrap();
    rest.split_once("```").unwrap().0.to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_way_back_to_the_older_program_is_its_store_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let options = unpacked(folder.path());
    let state = options.path.clone();
    let of_before = ["journal", "lineage", "mark"].map(|name| state.join(name));
    let read = || -> Vec<_> {
        let read = |path: &PathBuf| match path.is_dir() {
            true => contents(path),
            false => BTreeMap::from([(path.clone(), fs::read(path).unwrap())]),
        };
        of_before.iter().map(read).collect()
    };
    let before = read();
    let store = open(&options);
    store.txn(put(taken(9))).await.unwrap();
    store.close().await.unwrap();
    assert!(read() != before);
    let status =
        Command::new("sh").args(["-ec", &way_back()]).current_dir(&state).status().unwrap();
    assert!(status.success());
    assert_eq!(read(), before, "what the older program's journal was");
    let sled = raw_sled(&state.join("db"));
    let schema = sled.open_tree("store").unwrap().get("schema").unwrap().unwrap();
    assert_eq!(&*schema, 1_u64.to_be_bytes());
    drop(sled);
    // And from there it is upgraded again.
    let store = open(&options);
    check(&store).await;
    assert!(store.get(&Key::Reservations()).await.unwrap().is_some());
    assert_eq!(SCHEMA_VERSION, 2, "the fixture is of the schema before");
    store.close().await.unwrap();
}
