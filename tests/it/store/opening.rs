//! Opening, closing and opening again: locks, damage, migrations, room.

use super::support::{DEADLINE, account, interaction, options, put, raw_sled, served, taken};
use nebulalinks::model::{Edits, Key, SCHEMA_VERSION};
use nebulalinks::ports::{Store, StoreError};
use nebulalinks::store::{AddsNothing, Migration, OpenError, OpenOptions, Rewrite, SledStore};
use nebulalinks_testkit::people::asked;
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn open(folder: &Path) -> SledStore {
    SledStore::open(options(folder)).unwrap()
}

fn refused(options: OpenOptions) -> OpenError {
    match SledStore::open(options) {
        Ok(_) => panic!("it was opened"),
        Err(error) => error,
    }
}

fn db(folder: &Path) -> PathBuf {
    folder.join("state/db")
}

#[tokio::test]
async fn what_was_answered_is_there_after_reopening_and_revisions_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let mut edits = put(taken(1));
    edits.put(interaction(1, 1));
    store.txn(edits).await.unwrap();
    // The last transaction leaves no record that carries its revision.
    let mut edits = Edits::new();
    edits.delete(Key::Reservations());
    assert_eq!(store.txn(edits).await.unwrap(), 2);
    store.close().await.unwrap();

    let store = open(folder.path());
    assert_eq!(store.snapshot().revision(), 2);
    assert_eq!(store.get(&Key::Reservations()).await.unwrap(), None);
    assert_eq!(store.get(&Key::InteractionOrder(asked(1))).await.unwrap().unwrap().version, 1);
    assert_eq!(store.txn(put(taken(2))).await.unwrap(), 3);
    let stats = store.stats();
    assert_eq!((stats.revision, stats.resident, stats.load.records), (3, 1, 0));
    assert!(stats.bytes_on_disk > 0 && stats.load.bytes_on_disk > 0 && !stats.load.took.is_zero());
}

#[tokio::test]
async fn a_second_opener_is_told_who_holds_the_store() {
    let folder = tempfile::tempdir().unwrap();
    let first = open(folder.path());
    let error = refused(options(folder.path()));
    let pid = std::process::id();
    assert!(matches!(error, OpenError::Locked { pid: Some(p), .. } if p == pid), "{error}");
    assert!(error.to_string().contains(&format!("process {pid}")), "{error}");
    first.txn(put(taken(1))).await.unwrap();
    drop(first);
    open(folder.path());
}

#[tokio::test]
async fn closing_answers_what_waits_and_frees_the_lock() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(open(folder.path()));
    let writing = (0..50).map(|n| {
        let store = Arc::clone(&store);
        tokio::spawn(async move { store.txn(put(served(n, 0, 0))).await })
    });
    for task in writing.collect::<Vec<_>>() {
        task.await.unwrap().unwrap();
    }
    tokio::time::timeout(DEADLINE, store.close()).await.unwrap().unwrap();
    assert!(matches!(store.txn(put(taken(1))).await, Err(StoreError::Closed)));
    assert!(matches!(store.get(&Key::Reservations()).await, Err(StoreError::Closed)));
    assert!(matches!(store.get(&Key::InteractionOrder(asked(1))).await, Err(StoreError::Closed)));
    assert!(matches!(store.close().await, Err(StoreError::Closed)));
    assert_eq!(open(folder.path()).snapshot().len(), 50);
}

#[tokio::test]
async fn the_folder_is_its_owners_alone() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path());
    for path in ["state", "state/db"] {
        let mode = fs::metadata(folder.path().join(path)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700, "{path}");
    }
}

#[tokio::test]
async fn a_half_written_snapshot_is_removed_and_nothing_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    store.txn(put(taken(4))).await.unwrap();
    store.close().await.unwrap();
    let torn = db(folder.path()).join("snap.00000000000000FF.generating");
    fs::write(&torn, b"half").unwrap();
    let store = open(folder.path());
    assert_eq!(store.stats().load.half_written_removed, 1);
    assert!(!torn.exists());
    assert_eq!(store.snapshot().reservations(), Some(&taken(4)));
}

#[tokio::test]
async fn a_damaged_snapshot_is_set_aside_and_nothing_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    store.txn(put(taken(4))).await.unwrap();
    store.close().await.unwrap();
    drop(open(folder.path()));
    for entry in fs::read_dir(db(folder.path())).unwrap().flatten() {
        if entry.file_name().to_string_lossy().starts_with("snap.") {
            fs::remove_file(entry.path()).unwrap();
        }
    }
    fs::write(db(folder.path()).join("snap.00000000000000FF"), vec![7; 64]).unwrap();
    let store = open(folder.path());
    assert_eq!(store.stats().load.snapshots_set_aside, 1);
    assert_eq!(store.snapshot().reservations(), Some(&taken(4)));
    let aside = folder.path().join("state/snapshots-set-aside");
    assert_eq!(fs::read_dir(aside).unwrap().count(), 1);
}

/// A store as a program with schema version 0 would have left it.
fn old_store(folder: &Path, schema: u64) {
    fs::create_dir_all(db(folder)).unwrap();
    let sled = raw_sled(&db(folder));
    let meta = sled.open_tree("store").unwrap();
    meta.insert("schema", &schema.to_be_bytes()).unwrap();
    meta.insert("revision", &5_u64.to_be_bytes()).unwrap();
    let old = json!({"schema": 0, "value": {"seats": 3}});
    let bytes = [5_u64.to_be_bytes().as_slice(), old.to_string().as_bytes()].concat();
    sled.open_tree("reservations").unwrap().insert([0], bytes).unwrap();
    sled.flush().unwrap();
}

/// The step from schema version 0.
fn step(rewrite: Rewrite) -> Migration {
    Migration { from: 0, name: "a test's", rewrite, gather: || Box::new(AddsNothing) }
}

fn rename_seats(tree: &str, _: &mut Vec<u8>, value: Value) -> Result<Value, String> {
    if tree != "reservations" {
        return Ok(value);
    }
    let seats = value.get("seats").cloned().ok_or("no seats")?;
    Ok(json!({ "taken": seats }))
}

#[tokio::test]
async fn an_old_schema_is_migrated_after_a_backup() {
    let folder = tempfile::tempdir().unwrap();
    old_store(folder.path(), 0);
    let mut with = options(folder.path());
    with.migrations.push(step(rename_seats));
    let store = SledStore::open(with).unwrap();
    assert_eq!(store.snapshot().reservations(), Some(&taken(3)));
    assert_eq!(store.snapshot().version(&Key::Reservations()), Some(5));
    assert_eq!(store.snapshot().revision(), 5);
    let backup = store.stats().load.backup.clone().unwrap();
    store.close().await.unwrap();
    // The backup opens, and holds what was.
    let sled = raw_sled(&backup.join("db"));
    let old = sled.open_tree("reservations").unwrap().get([0]).unwrap().unwrap();
    assert!(String::from_utf8_lossy(&old).contains("seats"));
    // Once is enough.
    let again = open(folder.path());
    assert_eq!(again.stats().load.backup, None);
    assert_eq!(again.snapshot().reservations(), Some(&taken(3)));
}

/// How many copies of the store lie beside it.
fn copies(folder: &Path) -> usize {
    let names = fs::read_dir(folder.join("state")).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with("backup-")).count()
}

#[test]
fn a_record_that_an_upgrade_cannot_read_is_named_before_anything_is_changed_or_copied() {
    let folder = tempfile::tempdir().unwrap();
    old_store(folder.path(), 0);
    let mut with = options(folder.path());
    let before = with.migrations.clone();
    with.migrations.push(step(|_, _, _| Err("cannot".to_owned())));
    for _ in 0..2 {
        let refused = refused(with.clone());
        assert!(matches!(refused, OpenError::CannotMigrate { from: 0, .. }), "{refused}");
        assert!(refused.to_string().contains("reservations: cannot"), "{refused}");
        assert!(refused.to_string().contains("start the older program again"), "{refused}");
        assert_eq!(copies(folder.path()), 0);
    }
    with.migrations = before;
    with.migrations.push(step(rename_seats));
    assert_eq!(SledStore::open(with).unwrap().snapshot().reservations(), Some(&taken(3)));
}

#[test]
fn an_unknown_schema_is_refused_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    old_store(folder.path(), 0);
    let error = refused(options(folder.path()));
    assert!(matches!(error, OpenError::NoMigration { found: 0 }), "{error}");
    assert_eq!(copies(folder.path()), 0);
    let folder = tempfile::tempdir().unwrap();
    old_store(folder.path(), u64::from(SCHEMA_VERSION) + 1);
    let error = refused(options(folder.path()));
    assert!(matches!(error, OpenError::NewerSchema { .. }), "{error}");
    assert!(error.to_string().contains("start the newer program again"), "{error}");
}

#[test]
fn a_record_that_cannot_be_read_refuses_the_open() {
    let folder = tempfile::tempdir().unwrap();
    old_store(folder.path(), u64::from(SCHEMA_VERSION));
    let error = refused(options(folder.path()));
    assert!(matches!(error, OpenError::Damaged { .. }), "{error}");
    assert_eq!(copies(folder.path()), 0);
}

#[test]
fn an_error_never_shows_what_a_record_holds() {
    let folder = tempfile::tempdir().unwrap();
    old_store(folder.path(), u64::from(SCHEMA_VERSION));
    let sled = raw_sled(&db(folder.path()));
    let odd = format!(r#"{{"schema":{SCHEMA_VERSION},"value":{{"taken":"hunter2"}}}}"#);
    let bytes = [5_u64.to_be_bytes().as_slice(), odd.as_bytes()].concat();
    sled.open_tree("reservations").unwrap().insert([0], bytes).unwrap();
    drop(sled);
    let error = refused(options(folder.path())).to_string();
    assert!(error.contains("a record of reservations"), "{error}");
    assert!(!error.contains("hunter2"), "{error}");
}

#[test]
fn a_damaged_log_refuses_the_open_or_shows_only_what_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let store = open(folder.path());
    for n in 0..40 {
        runtime.block_on(store.txn(put(served(n, 0, 7)))).unwrap();
    }
    runtime.block_on(store.close()).unwrap();
    let file = db(folder.path()).join("db");
    let whole = fs::read(&file).unwrap();
    let written = whole.iter().rposition(|b| *b != 0).unwrap();
    for part in 1..8 {
        let mut bytes = whole.clone();
        bytes[written * part / 8] ^= 0xff;
        fs::write(&file, &bytes).unwrap();
        // Either is fine, a process that goes down or a made-up record is not.
        match SledStore::open(options(folder.path())) {
            Err(OpenError::Damaged { .. } | OpenError::Io { .. }) => {}
            Err(other) => panic!("{other}"),
            Ok(store) => {
                let snapshot = store.snapshot();
                for n in 0..40 {
                    if let Some(record) = snapshot.get(&Key::Served(account(n), 0)) {
                        assert_eq!(record.value, served(n, 0, 7).into());
                    }
                }
            }
        }
    }
}

#[test]
fn the_ballast_is_laid_down_with_room_and_given_up_without() {
    const MIB: u64 = 1024 * 1024;
    let folder = tempfile::tempdir().unwrap();
    let ballast = folder.path().join("state/ballast");
    let with = |free: u64| {
        let mut options = options(folder.path());
        options.ballast_mib = 2;
        options.hooks.free_bytes = Arc::new(move |_| Ok(free));
        SledStore::open(options).unwrap()
    };
    with(512 * MIB);
    assert!(!ballast.exists(), "it would take the room that orders need");
    with(1024 * MIB);
    assert_eq!(fs::metadata(&ballast).unwrap().len(), 2 * MIB);
    with(100 * MIB);
    assert!(ballast.exists());
    with(MIB);
    assert!(!ballast.exists());
}
