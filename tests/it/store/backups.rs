//! Backups: taken while the store is written to, opened, compared, and pruned against.

use super::journal::{fill, open, state, tail, whole};
use super::support::{interaction, options, put, taken};
use nebulalinks::model::{Key, Lineage};
use nebulalinks::ports::Store;
use nebulalinks::store::{BackupError, SledStore, back_up, verify};
use nebulalinks_testkit::people::asked;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn journal_files(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(state(folder).join("journal")).unwrap();
    let mut names: Vec<String> =
        entries.map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

async fn take(from: PathBuf, to: PathBuf) -> Result<(u64, usize), BackupError> {
    let run = move || {
        back_up(&from, &to)?;
        verify(&from, &to, true).map(|good| (good.revision, good.pruned))
    };
    tokio::task::spawn_blocking(run).await.unwrap()
}

fn at(folder: &Path) -> SledStore {
    let mut options = options(folder);
    options.path = folder.to_owned();
    SledStore::open(options).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_a_store_that_is_written_to_opens_with_one_revision_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("backup");
    let store = Arc::new(open(folder.path()));
    let lineages = fill(&store).await;
    let writer = Arc::clone(&store);
    let writing = tokio::spawn(async move {
        let mut seen: Vec<(u64, Lineage)> = Vec::new();
        for n in 11..2000 {
            let mut edits = put(interaction(n, 1));
            edits.put(nebulalinks::model::Served {
                account: super::support::account(u128::from(n)),
                run: 0,
                at: nebulalinks::model::UnixMs(n),
            });
            writer.txn(edits).await.unwrap();
            let snapshot = writer.snapshot();
            seen.push((snapshot.revision(), snapshot.lineage()));
        }
        seen
    });
    let (revision, pruned) = take(state(folder.path()), to.clone()).await.unwrap();
    assert!(revision >= 10 && pruned >= 1, "{revision} {pruned}");
    let seen = writing.await.unwrap();
    let copy = at(&to);
    let snapshot = copy.snapshot();
    assert_eq!(snapshot.revision(), revision);
    whole(&copy, &lineages).await;
    if let Some((_, lineage)) = seen.iter().find(|(of, _)| *of == revision) {
        assert_eq!(snapshot.lineage(), *lineage);
    }
    // The pruned store goes on, knows its whole lineage, and can still lose sled.
    let last = store.snapshot();
    store.close().await.unwrap();
    fs::remove_dir_all(state(folder.path()).join("db")).unwrap();
    let store = open(folder.path());
    assert!(store.stats().load.rebuilt);
    assert_eq!(store.snapshot().lineage(), last.lineage());
    assert_eq!(store.snapshot().len(), last.len());
    whole(&store, &lineages).await;
    for (revision, lineage) in seen.iter().step_by(97) {
        assert_eq!(store.lineage(*revision).await.unwrap(), Some(*lineage));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_removed_before_a_backup_is_in_no_file_of_the_store_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let name = super::support::long("forget-this-name", 10);
    let key = nebulalinks::model::Record::from(name.clone()).key();
    store.txn(put(name)).await.unwrap();
    let mut edits = put(taken(1));
    edits.delete(key);
    store.txn(edits).await.unwrap();
    store.close().await.unwrap();
    let has = |path: &Path| {
        let bytes = fs::read(path).unwrap();
        bytes.windows(16).any(|window| window == b"forget-this-name")
    };
    assert!(has(&tail(folder.path())));
    take(state(folder.path()), folder.path().join("backup")).await.unwrap();
    // Not running: the next start begins the new segment, so a second backup prunes all.
    let store = open(folder.path());
    store.txn(put(taken(2))).await.unwrap();
    take(state(folder.path()), folder.path().join("again")).await.unwrap();
    store.close().await.unwrap();
    for file in journal_files(folder.path()) {
        assert!(!has(&state(folder.path()).join("journal").join(&file)), "{file}");
    }
    let store = open(folder.path());
    assert_eq!(store.snapshot().reservations(), Some(&taken(2)));
    assert_eq!(store.snapshot().damaged(), None);
}

#[tokio::test]
async fn a_backup_is_not_made_where_it_would_be_lost_with_the_store() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    fill(&store).await;
    store.close().await.unwrap();
    let from = state(folder.path());
    std::os::unix::fs::symlink(&from, folder.path().join("link")).unwrap();
    for to in [from.join("sub"), from.join("db/a/b"), folder.path().join("link/sub")] {
        let refused = back_up(&from, &to).unwrap_err();
        assert!(matches!(refused, BackupError::Inside(_)), "{refused}");
        assert!(!to.exists());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_is_not_as_good_prunes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    fill(&store).await;
    store.close().await.unwrap();
    let (from, to) = (state(folder.path()), folder.path().join("backup"));
    back_up(&from, &to).unwrap();
    assert!(matches!(back_up(&from, &to), Err(BackupError::Taken(_))));
    let before = journal_files(folder.path());
    let journal = to.join("journal").join(&before[0]);
    let mut bytes = fs::read(&journal).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&journal, bytes).unwrap();
    let failed = tokio::task::spawn_blocking(move || verify(&from, &to, true)).await.unwrap();
    let failed = failed.unwrap_err();
    assert!(matches!(failed, BackupError::Differs { .. }), "{failed}");
    assert!(failed.to_string().contains("it is damaged"), "{failed}");
    assert_eq!(journal_files(folder.path()), before);
    let store = open(folder.path());
    assert!(store.get(&Key::InteractionOrder(asked(1))).await.unwrap().is_some());
}
