//! Every byte of a small store flipped and cut in turn: all is given back, or what is missing is
//! said. A run takes a sample; `NEBULALINKS_FLIPS=all` takes every byte in use, on two threads.

use super::journal::{copy, fill, open, state};
use super::kill::variable;
use super::support::{DEADLINE, account, options};
use nebulalinks::model::{Edits, Key, Lineage};
use nebulalinks::ports::Store;
use nebulalinks::store::{OpenError, OpenOptions, SledStore};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::time::Instant;

/// Trials of a sampled run.
const SAMPLE: usize = 1200;
/// Of a tail of zeros, which nobody reads, one byte of so many.
const ZEROS: usize = 512;
const THREADS: usize = 2;

#[derive(Debug, Clone, Copy)]
enum Harm {
    Flip(usize),
    Cut(usize),
}

/// What a store shows: each key that was ever written with its version, where it has one.
type Shown = BTreeMap<Key, u64>;

async fn shown(store: &SledStore) -> Result<Shown, String> {
    let mut all = Shown::new();
    let served = (1..=8).map(|n| Key::Served(account(n), 0));
    let keys = (1..=10)
        .map(|n| Key::InteractionOrder(nebulalinks_testkit::people::asked(n)))
        .chain(served)
        .chain([Key::Reservations()]);
    for key in keys {
        let found = store.get(&key).await.map_err(|e| e.to_string())?;
        all.extend(found.map(|found| (key, found.version)));
    }
    Ok(all)
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_below(&path));
        } else if !path.ends_with("lock") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// What is done to one file: each byte in use is flipped, and the file is cut before it.
fn harms(path: &Path) -> Vec<Harm> {
    let bytes = fs::read(path).unwrap();
    let used = bytes.iter().rposition(|b| *b != 0).map_or(0, |last| last + 1);
    let places = (0..used).chain((used..bytes.len()).step_by(ZEROS));
    places.flat_map(|at| [Harm::Flip(at), Harm::Cut(at)]).collect()
}

/// What came of it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Came {
    AllThere,
    /// Said soon after the start, and there again after one more.
    Mended,
    Said,
    Refused,
}

/// Opens the harmed copy and reads every tree. An error is a loss that the store does not report.
fn trial(folder: &Path, before: &Shown, lineage: Lineage) -> Result<Came, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let store = match SledStore::open(options(folder)) {
        Ok(store) => store,
        Err(OpenError::Damaged { .. }) => return Ok(Came::Refused),
        Err(error) => return Err(format!("refused for another reason: {error}")),
    };
    runtime.block_on(async {
        let read = shown(&store).await;
        // What the open did not read is read now, and a record says what it is: wait for it.
        let begun = Instant::now();
        while store.stats().unread
            && begun.elapsed() < DEADLINE
            && store.txn(Edits::new()).await.is_ok()
        {
            tokio::task::yield_now().await;
        }
        let _ = store.txn(Edits::new()).await;
        let snapshot = store.snapshot();
        if let Some(damage) = snapshot.damaged() {
            if store.stats().load.checkpoint.is_none() || damage.lost.iter().any(|l| !l.passing) {
                return Ok(Came::Said);
            }
            store.close().await.map_err(|e| e.to_string())?;
            let store = SledStore::open(options(folder)).map_err(|e| e.to_string())?;
            let mended = shown(&store).await? == *before && store.snapshot().damaged().is_none();
            return if mended { Ok(Came::Mended) } else { Err("not mended".to_owned()) };
        }
        match read {
            Ok(after) if after == *before => {}
            Ok(after) => {
                let lost: Vec<_> = before.keys().filter(|key| !after.contains_key(*key)).collect();
                return Err(format!("{} records went in silence: {lost:?}", lost.len()));
            }
            Err(error) => return Err(format!("not said: {error}")),
        }
        if snapshot.lineage() != lineage {
            return Err("the lineage is another".to_owned());
        }
        Ok(Came::AllThere)
    })
}

/// sled and its panics are loud; thousands of traces say nothing.
fn quietly<T>(run: impl FnOnce() -> T) -> T {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let result = run();
    std::panic::set_hook(before);
    result
}

#[test]
fn no_flipped_or_cut_byte_loses_anything_in_silence() {
    let memory = Path::new("/dev/shm");
    let new = || if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    let folder = new().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (killed, checkpointed) = (new().unwrap(), new().unwrap());
    let (before, lineage) = runtime.block_on(async {
        let store = open(folder.path());
        fill(&store).await;
        let before = shown(&store).await.unwrap();
        let lineage = store.snapshot().lineage();
        // As kill -9 leaves it.
        copy(&state(folder.path()), &state(killed.path()));
        store.close().await.unwrap();
        // Once more, so that sled has a snapshot file too.
        let store = open(folder.path());
        store.close().await.unwrap();
        copy(&state(folder.path()), &state(checkpointed.path()));
        let with = OpenOptions { checkpoint_bytes: 0, ..options(checkpointed.path()) };
        SledStore::open(with).unwrap().close().await.unwrap();
        assert!(state(checkpointed.path()).join("checkpoint").exists());
        (before, lineage)
    });
    let before = Arc::new(before);
    let counts = try_all(&state(folder.path()), &before, lineage, &new);
    println!("closed: {counts:#?}");
    // One damaged file loses nothing: where everything else is whole, all is there.
    let others: Vec<_> = counts.iter().filter(|((_, came), _)| *came != Came::AllThere).collect();
    assert!(others.is_empty(), "{others:?}");
    // A start from a checkpoint does not read sled first: what is damaged there is found after it.
    let counts = try_all(&state(checkpointed.path()), &before, lineage, &new);
    println!("checkpointed: {counts:#?}");
    let mended = |(name, came): &(String, Came)| *came == Came::Mended && name.starts_with("db");
    let others = counts.keys().filter(|key| key.1 != Came::AllThere && !mended(key));
    assert_eq!(others.count(), 0);
    // sled lagged a little, so what is damaged at the journal's end is only named.
    let counts = try_all(&state(killed.path()), &before, lineage, &new);
    println!("killed: {counts:#?}");
    let refused: Vec<_> = counts.keys().filter(|(_, came)| *came == Came::Refused).collect();
    assert!(refused.is_empty(), "{refused:?}");
    let lost =
        counts.keys().filter(|(name, came)| *came == Came::Said && !name.starts_with("journal"));
    assert_eq!(lost.count(), 0);
}

/// Harms a copy of a store in every way in turn. How it came out, by file.
fn try_all(
    base: &Path,
    before: &Arc<Shown>,
    lineage: Lineage,
    new: &dyn Fn() -> std::io::Result<tempfile::TempDir>,
) -> BTreeMap<(String, Came), usize> {
    let base = base.to_owned();
    let mut trials: Vec<(PathBuf, Harm)> = files_below(&base)
        .into_iter()
        .flat_map(|path| {
            let name = path.strip_prefix(&base).unwrap().to_owned();
            harms(&path).into_iter().map(move |harm| (name.clone(), harm))
        })
        .collect();
    if variable("NEBULALINKS_FLIPS").as_deref() != Some("all") {
        let step = (trials.len() / SAMPLE).max(1);
        // A step that shares no factor with the pairs of harms takes both kinds.
        let step = if step.is_multiple_of(2) { step + 1 } else { step };
        trials = trials.into_iter().step_by(step).collect();
    }
    let next = Arc::new(AtomicUsize::new(0));
    let trials = Arc::new(trials);
    let results = quietly(|| {
        let threads = (0..THREADS).map(|_| {
            let (next, trials, before) =
                (Arc::clone(&next), Arc::clone(&trials), Arc::clone(before));
            let (base, place) = (base.clone(), new().unwrap());
            std::thread::spawn(move || {
                let mut came = Vec::new();
                while let Some((name, harm)) = trials.get(next.fetch_add(1, Ordering::SeqCst)) {
                    let target = place.path().join(format!("{}", came.len()));
                    copy(&base, &target.join("state"));
                    let path = target.join("state").join(name);
                    let mut bytes = fs::read(&path).unwrap();
                    match *harm {
                        Harm::Flip(at) => bytes[at] ^= 1 << (at % 8),
                        Harm::Cut(at) => bytes.truncate(at),
                    }
                    fs::write(&path, bytes).unwrap();
                    let result = trial(&target, &before, lineage);
                    came.push((name.clone(), *harm, result));
                    let _ = fs::remove_dir_all(&target);
                }
                came
            })
        });
        let threads: Vec<_> = threads.collect();
        threads.into_iter().flat_map(|t| t.join().unwrap()).collect::<Vec<_>>()
    });
    let mut counts: BTreeMap<(String, Came), usize> = BTreeMap::new();
    let mut silent = Vec::new();
    for (name, harm, result) in results {
        match result {
            Ok(came) => *counts.entry((name.display().to_string(), came)).or_default() += 1,
            Err(why) => silent.push(format!("{} {harm:?}: {why}", name.display())),
        }
    }
    assert!(silent.is_empty(), "{} of them:\n{}", silent.len(), silent.join("\n"));
    counts
}
