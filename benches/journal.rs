//! What the journal costs: commits a second and how long one takes, with it and without.
//!
//! *With*: the store as it ships (an append and an `fdatasync` of the journal for each batch, then
//! sled, which is not synced). *Without*: the same transactions on sled alone, as the store was
//! before it had a journal (`flush` and `fdatasync` of sled for each batch of at most 32).
//! Each transaction puts three records in three trees, the revision included four.
//!
//! `cargo bench --bench journal`; `-- <folder>` measures on another disk.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a benchmark fails by panicking")]
#![allow(clippy::disallowed_methods, reason = "it measures real time")]

use nebulalinks::model::{
    AccountId, Edits, InteractionOrder, OrderId, Record, Reservations, Served, UnixMs,
};
use nebulalinks::ports::Store;
use nebulalinks::store::{OpenOptions, SledStore};
use sled::transaction::{Transactional, TransactionalTree};
use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};
use ulid::Ulid;

const LONG: Duration = Duration::from_secs(4);
const CALLERS: [usize; 3] = [1, 16, 64];
const BATCH: usize = 32;

fn records(n: u64) -> [Record; 3] {
    [
        Served { account: AccountId::new(Ulid(u128::from(n))), run: 0, at: UnixMs(n) }.into(),
        InteractionOrder { interaction: n, order: OrderId::new(Ulid(u128::from(n))) }.into(),
        Reservations { taken: n }.into(),
    ]
}

/// How long each commit took, in order.
fn report(name: &str, callers: usize, mut took: Vec<Duration>, all: Duration) {
    took.sort();
    let at = |part: usize| took[(took.len() * part / 100).min(took.len() - 1)].as_secs_f64() * 1e3;
    let rate = took.len() as f64 / all.as_secs_f64();
    println!(
        "{name:<16} {callers:>3} at a time: {rate:>8.0} commits/s, median {:.2} ms, p99 {:.2} ms",
        at(50),
        at(99)
    );
}

async fn measure<F, R>(callers: usize, commit: F) -> (Vec<Duration>, Duration)
where
    F: Fn(u64) -> R + Clone + Send + 'static,
    R: Future<Output = ()> + Send,
{
    let started = Instant::now();
    let lanes = (0..callers).map(|lane| {
        let commit = commit.clone();
        tokio::spawn(async move {
            let mut took = Vec::new();
            let mut n = lane as u64 * 100_000_000;
            while started.elapsed() < LONG {
                n += 1;
                let begun = Instant::now();
                commit(n).await;
                took.push(begun.elapsed());
            }
            took
        })
    });
    let all = futures::future::join_all(lanes).await;
    (all.into_iter().flat_map(Result::unwrap).collect(), started.elapsed())
}

async fn with_journal(folder: &Path, callers: usize) {
    let mut options = OpenOptions::at(folder.join(format!("with-{callers}")));
    options.ballast_mib = 0;
    SledStore::init(&options).unwrap();
    let store = tokio::task::spawn_blocking(|| SledStore::open(options)).await.unwrap().unwrap();
    let store = Arc::new(store);
    let writer = Arc::clone(&store);
    let (took, all) = measure(callers, move |n| {
        let store = Arc::clone(&writer);
        async move {
            let mut edits = Edits::new();
            records(n).into_iter().for_each(|record| edits.put(record));
            store.txn(edits).await.unwrap();
        }
    })
    .await;
    report("with a journal", callers, took, all);
    store.close().await.unwrap();
}

type Asked = (u64, oneshot::Sender<()>);

/// The store's writer as it was without a journal.
fn plain_writer(folder: &Path, mut received: mpsc::Receiver<Asked>) {
    let db = sled::Config::new().path(folder).flush_every_ms(Some(500)).open().unwrap();
    let data = File::open(folder.join("db")).unwrap();
    let trees: Vec<sled::Tree> = ["store", "served", "interaction-order", "reservations"]
        .iter()
        .map(|name| db.open_tree(name).unwrap())
        .collect();
    let mut revision = 0_u64;
    while let Some(first) = received.blocking_recv() {
        let mut batch = vec![first];
        while batch.len() < BATCH
            && let Ok(more) = received.try_recv()
        {
            batch.push(more);
        }
        for (n, _) in &batch {
            revision += 1;
            let written: Vec<(Vec<u8>, Vec<u8>)> = records(*n)
                .iter()
                .map(|r| {
                    let stored = [&revision.to_be_bytes()[..], &r.to_json().unwrap()].concat();
                    (r.key().to_bytes(), stored)
                })
                .collect();
            trees
                .as_slice()
                .transaction(|views: &Vec<TransactionalTree>| {
                    views[0].insert(b"revision", &revision.to_be_bytes())?;
                    for (view, (key, stored)) in views[1..].iter().zip(&written) {
                        view.insert(key.as_slice(), stored.as_slice())?;
                    }
                    Ok::<(), sled::transaction::ConflictableTransactionError<()>>(())
                })
                .unwrap();
        }
        db.flush().unwrap();
        data.sync_data().unwrap();
        for (_, answer) in batch {
            let _ = answer.send(());
        }
    }
}

async fn without_journal(folder: &Path, callers: usize) {
    let folder = folder.join(format!("without-{callers}"));
    let (asked, received) = mpsc::channel::<Asked>(1024);
    let writer = std::thread::spawn(move || plain_writer(&folder, received));
    let (took, all) = measure(callers, {
        let asked = asked.clone();
        move |n| {
            let asked = asked.clone();
            async move {
                let (answer, answered) = oneshot::channel();
                asked.send((n, answer)).await.unwrap();
                answered.await.unwrap();
            }
        }
    })
    .await;
    drop(asked);
    writer.join().unwrap();
    report("without", callers, took, all);
}

fn main() {
    let named = std::env::args().skip(1).find(|a| !a.starts_with('-'));
    let folder = match named {
        Some(named) => tempfile::tempdir_in(named).unwrap(),
        None => tempfile::tempdir().unwrap(),
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        for callers in CALLERS {
            without_journal(folder.path(), callers).await;
            with_journal(folder.path(), callers).await;
        }
    });
}
