//! Records as lines out of a store and into a new one, and a store made small.

use super::journal::{fill, open, state};
use super::support::{audit_line, options, put, taken};
use crate::sealed::sealed;
use nebulalinks::model::{
    Account, Customer, Edits, Identity, Key, Kind, Record, SCHEMA_VERSION, UnixMs,
};
use nebulalinks::ports::{Span, Store};
use nebulalinks::store::{
    Export, ImportError, SledStore, compact, export, import, look_at_export, standing,
};
use nebulalinks::view::sample;
use nebulalinks_testkit::people;
use std::fs;
use std::path::{Path, PathBuf};

pub(super) async fn off<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}

async fn lines(from: PathBuf, with_secrets: bool) -> String {
    off(move || {
        let mut out = Vec::new();
        let wanted =
            Export { state: &from, shop: Some("main".into()), with_secrets, now: UnixMs(5) };
        let count = export(&wanted, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text.lines().count() as u64, count + 2);
        text
    })
    .await
}

async fn take_in(text: impl Into<Vec<u8>>, to: PathBuf) -> Result<u64, ImportError> {
    let text = text.into();
    off(move || import(&mut &*text, &to, audit_line("import", 7)).map(|head| head.revision)).await
}

/// A running store with a record of every kind, and with others that were overwritten.
async fn every_kind(folder: &Path) -> SledStore {
    let store = open(folder);
    fill(&store).await;
    let edits = sample::every_kind();
    for kind in Kind::ALL {
        assert!(edits.puts.keys().any(|key| key.kind() == *kind), "{kind:?} is not tried");
    }
    store.txn(edits).await.unwrap();
    store
}

async fn everything(store: &SledStore) -> Vec<Record> {
    let mut all = Vec::new();
    for kind in Kind::ALL {
        let found = store.scan(Span::of(*kind, Span::MOST)).await.unwrap();
        all.extend(found.into_iter().map(|found| found.value));
    }
    all
}

fn at(folder: &Path, path: PathBuf) -> SledStore {
    let mut options = options(folder);
    options.path = path;
    SledStore::open(options).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_exported_is_the_same_shop_where_it_is_imported_and_takes_nothing_away() {
    let folder = tempfile::tempdir().unwrap();
    let store = every_kind(folder.path()).await;
    let (before, given_up) = (everything(&store).await, store.snapshot());
    let text = lines(state(folder.path()), true).await;
    let head = look_at_export(&mut text.as_bytes()).unwrap();
    assert_eq!(head.shop.as_deref(), Some("main"));
    assert_eq!(head.store_id.as_deref(), Some("01jd0000000000000000000000"));
    assert_eq!(head.revision, given_up.revision());
    let to = folder.path().join("new");
    take_in(text, to.clone()).await.unwrap();
    let new = at(folder.path(), to);
    assert!(new.snapshot().in_amnesia());
    let amnesia = new.snapshot().amnesia().cloned().unwrap();
    assert_eq!(amnesia.lacking, given_up.amnesia().unwrap().lacking, "what was given up stays so");
    // Nothing else is another one; and the import is in the audit.
    let other = |record: &&Record| match record {
        Record::Audit(line) => *line != audit_line("import", 7),
        record => record.kind() != Kind::Amnesia,
    };
    let after = everything(&new).await;
    assert_eq!(after.len(), before.len() + 1);
    assert_eq!(
        after.iter().filter(other).collect::<Vec<_>>(),
        before.iter().filter(other).collect::<Vec<_>>()
    );
    new.txn(put(taken(99))).await.unwrap();
    new.close().await.unwrap();
    // The same while nobody runs.
    let running = lines(state(folder.path()), true).await;
    store.close().await.unwrap();
    assert_eq!(lines(state(folder.path()), true).await, running);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_word_an_export_opens_the_service_for_nobody_and_is_no_shop() {
    let folder = tempfile::tempdir().unwrap();
    let store = every_kind(folder.path()).await;
    let Account { credentials, subscription_token, .. } = sample::account(1);
    let uuid = credentials.uuid.to_string();
    let secrets = [uuid, credentials.sub_id, credentials.secret, subscription_token];
    let (text, whole) =
        (lines(state(folder.path()), false).await, lines(state(folder.path()), true).await);
    for secret in &secrets {
        assert!(whole.contains(secret) && !text.contains(secret), "{secret}");
    }
    assert_eq!(text.lines().count(), whole.lines().count());
    let to = folder.path().join("new");
    let refused = take_in(text, to.clone()).await.unwrap_err().to_string();
    assert!(refused.starts_with("line 1: it has no credentials"), "{refused}");
    assert!(!to.exists());
    store.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_is_wrong_is_named_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = every_kind(folder.path()).await;
    store.close().await.unwrap();
    let text = lines(state(folder.path()), true).await;
    let all: Vec<&str> = text.lines().collect();
    let last = all.len();
    let with = |n: usize, line: &str| {
        let mut all: Vec<&str> = all.clone();
        all[n] = line;
        (all.join("\n") + "\n").into_bytes()
    };
    let cut = |lines: usize| all[..lines].join("\n") + "\n";
    let schema = |n: u32| {
        let now = format!("\"schema\":{SCHEMA_VERSION}");
        all[0].replace(&now, &format!("\"schema\":{n}"))
    };
    let ours = format!("\"schema\":{SCHEMA_VERSION}");
    let account = all.iter().position(|line| line.contains("\"kind\":\"account\"")).unwrap();
    let said = |line: &str| format!("line {}: {line}", account + 1);
    let large = all[account].replace("TOPSECRET", &"a".repeat(20_000));
    let bad: Vec<(Vec<u8>, String)> = vec![
        (Vec::new(), "line 1: the file is empty".into()),
        (b"hello\n".to_vec(), "line 1: it is no line of JSON".into()),
        (b"{}\n".to_vec(), "line 1: it is not the first line".into()),
        (with(0, r#"{"nebulalinks_export":99}"#), "line 1: a newer program".into()),
        (with(0, &schema(99)), "line 1: its records have schema version 99".into()),
        (with(0, &schema(0)), "line 1: its records have schema version 0".into()),
        (with(account, "{"), said("it is no line of an export")),
        (with(account, &all[account][..100]), said("it is no line of an export")),
        (with(account, r#"{"kind":"cat","record":{}}"#), said("there is no such kind")),
        (
            with(account, r#"{"kind":"account","record":{"schema":1,"value":{}}}"#),
            said("a record of account"),
        ),
        (
            with(account, &all[account].replace(&ours, "\"schema\":99")),
            said("a record of account has schema version 99"),
        ),
        (with(account, all[account - 1]), said("this record of")),
        (with(account, &"x".repeat(200_000)), said("it is longer than any record")),
        (
            sealed(&String::from_utf8(with(account, &large)).unwrap()).into_bytes(),
            "16384 are allowed".into(),
        ),
        ([cut(3).as_bytes(), &[0xff, b'\n']].concat(), "line 4: ".into()),
        (cut(last - 1).into_bytes(), "the file ends early".into()),
        (cut(3).into_bytes(), "line 4: the file ends early".into()),
        ([&cut(3), all[last - 1]].concat().into_bytes(), "line 4: 2 records came before it".into()),
        (
            with(account, &all[account].replace("TOPSECRET", "NOSECRET")),
            format!("line {last}: the lines before it are others"),
        ),
        ((text.clone() + all[2]).into_bytes(), "there is something behind the last line".into()),
    ];
    let to = folder.path().join("new");
    for (text, why) in bad {
        let refused = take_in(text, to.clone()).await.unwrap_err().to_string();
        assert!(refused.contains(&why), "{why}: {refused}");
        assert!(refused.contains("Nothing was changed"), "{refused}");
        assert!(!to.exists(), "{why}");
    }
    // A folder that was there stays, and stays empty.
    fs::create_dir(&to).unwrap();
    take_in(cut(9), to.clone()).await.unwrap_err();
    assert!(standing(&to).unwrap().is_none() && !to.join("restoring").exists());
    take_in(text.clone(), to.clone()).await.unwrap();
    // Never into a store, whether it runs or not.
    for running in [false, true] {
        let store = running.then(|| at(folder.path(), to.clone()));
        let refused = take_in(text.clone(), to.clone()).await.unwrap_err().to_string();
        let why = if running { "in use by process" } else { "there is a store" };
        assert!(refused.contains(why), "{why}: {refused}");
        drop(store);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_overwritten_is_in_no_file_of_a_store_that_was_made_small() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let (who, name) = (Identity::Discord(812), "Zanzibar-of-before");
    let mut edits = Edits::new();
    let id = people::put_customer(&mut edits, who, name, UnixMs(7));
    store.txn(edits).await.unwrap();
    store.txn(put(Customer::bare(id, []))).await.unwrap();
    store.close().await.unwrap();
    let path = state(folder.path());
    let holds = |file: PathBuf| {
        let found = fs::read(file)
            .is_ok_and(|content| content.windows(name.len()).any(|part| part == name.as_bytes()));
        u32::from(found)
    };
    let files = || fs::read_dir(path.join("db")).unwrap().map(|file| holds(file.unwrap().path()));
    assert_ne!(files().sum::<u32>(), 0, "sled keeps what was overwritten");
    let small = path.clone();
    off(move || compact(&small)).await.unwrap();
    assert_eq!(files().sum::<u32>(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_made_small_is_the_same_store() {
    let folder = tempfile::tempdir().unwrap();
    let store = every_kind(folder.path()).await;
    for n in 0..300 {
        store.txn(put(taken(n))).await.unwrap();
    }
    let (before, snapshot) = (everything(&store).await, store.snapshot());
    let path = state(folder.path());
    let small = |path: &Path| {
        let path = path.to_owned();
        off(move || compact(&path))
    };
    let refused = small(&path).await.unwrap_err().to_string();
    assert!(refused.contains("in use by process"), "{refused}");
    store.close().await.unwrap();
    // As one that was killed after it had moved sled's files leaves it.
    let staging = path.join("backup-under-way");
    fs::create_dir_all(staging.join("old-journal/more")).unwrap();
    fs::rename(path.join("db"), staging.join("old-db")).unwrap();
    let done = small(&path).await.unwrap();
    assert!(done.journal.1 * 2 < done.journal.0, "{done:?}");
    assert!(!path.join("backup-under-way").exists());
    // Opened once more sled has begun its next segment; from then on nothing grows.
    small(&path).await.unwrap();
    let again = small(&path).await.unwrap();
    assert!((1..=again.sled.0).contains(&again.sled.1), "{again:?}");
    let store = open(folder.path());
    assert!(!store.stats().load.rebuilt, "what was built is taken as it is");
    assert_eq!(everything(&store).await, before);
    assert_eq!(store.snapshot().history(), snapshot.history());
    assert_eq!(store.snapshot().damaged(), None);
    store.txn(put(taken(1_000))).await.unwrap();
    let found = store.get(&Key::Reservations()).await.unwrap().unwrap();
    assert_eq!(found.version, snapshot.revision() + 1);
    store.close().await.unwrap();
}
