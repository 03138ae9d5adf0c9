//! Commits a second and how long one takes, with the journal and without.
//!
//! *With*: the store as it ships (an append and an `fdatasync` of the journal for each batch, then
//! sled, which is not synced). *Without*: the same transactions on sled alone, as the store was
//! before it had a journal (`flush` and `fdatasync` of sled for each batch of at most 32).
//! Each transaction puts three records in three trees, the revision included four.

use crate::figures::{Row, Times};
use nebulalinks::model::{
    AccountId, Edits, Front, InteractionOrder, OrderId, Record, RequestKey, Reservations, Served,
    UnixMs,
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

const LONG: Duration = Duration::from_secs(2);
/// How often each is measured, by turns.
const TURNS: u32 = 3;
const CALLERS: [usize; 3] = [1, 16, 64];
const BATCH: usize = 32;

fn records(n: u64) -> [Record; 3] {
    [
        Served { account: AccountId::new(Ulid(u128::from(n))), run: 0, at: UnixMs(n) }.into(),
        InteractionOrder {
            interaction: RequestKey::of(Front::Discord, n),
            order: OrderId::new(Ulid(u128::from(n))),
        }
        .into(),
        Reservations { taken: n }.into(),
    ]
}

async fn measure<F, R>(callers: usize, commit: F) -> (Times, f64)
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
    let times: Times = all.into_iter().flat_map(Result::unwrap).collect();
    let rate = times.len() as f64 / started.elapsed().as_secs_f64();
    (times, rate)
}

async fn with_journal(folder: &Path, callers: usize) -> (Times, f64) {
    let mut options = OpenOptions::at(folder.join(format!("with-{callers}")));
    options.ballast_mib = 0;
    SledStore::init(&options).unwrap();
    let store = tokio::task::spawn_blocking(|| SledStore::open(options)).await.unwrap().unwrap();
    let store = Arc::new(store);
    let writer = Arc::clone(&store);
    let measured = measure(callers, move |n| {
        let store = Arc::clone(&writer);
        async move {
            let mut edits = Edits::new();
            records(n).into_iter().for_each(|record| edits.put(record));
            store.txn(edits).await.unwrap();
        }
    })
    .await;
    store.close().await.unwrap();
    measured
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

async fn without_journal(folder: &Path, callers: usize) -> (Times, f64) {
    let folder = folder.join(format!("without-{callers}"));
    let (asked, received) = mpsc::channel::<Asked>(1024);
    let writer = std::thread::spawn(move || plain_writer(&folder, received));
    let measured = measure(callers, {
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
    measured
}

/// Each number of writers with and without, by turns.
pub(crate) async fn rows() -> Vec<Row> {
    let folder = tempfile::tempdir().unwrap();
    let mut rows = Vec::new();
    for callers in CALLERS {
        let (mut without, mut with) = (Times::default(), Times::default());
        let (mut slow, mut fast) = (0.0, 0.0);
        for turn in 0..TURNS {
            let folder = folder.path().join(format!("{turn}"));
            let (times, rate) = without_journal(&folder, callers).await;
            (slow, without) = (slow + rate / f64::from(TURNS), without.and(times));
            let (times, rate) = with_journal(&folder, callers).await;
            (fast, with) = (fast + rate / f64::from(TURNS), with.and(times));
        }
        let row = |what: &str, unit| Row::new(format!("{what}, {callers} writers"), unit);
        let beside = "sled alone, flushed";
        rows.push(row("commits a second", "/s").ours(fast).beside(beside, slow));
        for part in [50, 99] {
            let what = format!("commit p{part}");
            rows.push(row(&what, "ms").ours(with.at(part)).beside(beside, without.at(part)));
        }
    }
    rows
}
