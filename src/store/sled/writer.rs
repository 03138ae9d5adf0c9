//! The one thread that touches sled: apply, make durable, publish, answer.

use super::super::journal::{chain, encode};
use super::super::prepare::{Prepared, holds};
use super::super::{AFTER_APPLY, AFTER_FLUSH, AFTER_PUBLISH, BEFORE_APPLY, room};
use super::open::{LoadStats, Opened, open};
use super::watchdog::{Watchdog, Work};
use super::{OpenError, OpenOptions, Published, Rows, codec, read};
use crate::model::{Key, Kind, Lineage, Record, Revision, Snapshot, Versioned};
use crate::ports::StoreError;
use ::sled::transaction::{
    ConflictableTransactionError, TransactionError, Transactional, TransactionalTree,
};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// The most transactions that share one sync.
pub const MAX_BATCH: usize = 32;
/// The most requests that are looked at between two syncs.
const MAX_DRAIN: usize = 256;

type Answer<T> = oneshot::Sender<Result<T, StoreError>>;

/// What the writer is asked.
pub(super) enum Request {
    Txn { prepared: Box<Prepared>, answer: Answer<Revision> },
    Get { key: Key, answer: Answer<Option<Versioned<Record>>> },
    Scan { range: read::Range, answer: Answer<Rows> },
    Lineage { revision: Revision, answer: Answer<Option<Lineage>> },
    Sync { answer: oneshot::Sender<()> },
    Close { answer: Option<oneshot::Sender<()>> },
}

/// The requests between two syncs, sorted by what they need.
#[derive(Default)]
struct Batch {
    txns: Vec<(Box<Prepared>, Answer<Revision>)>,
    reads: Vec<Request>,
    syncs: Vec<oneshot::Sender<()>>,
    close: Option<Option<oneshot::Sender<()>>>,
    taken: usize,
}

impl Batch {
    fn take(&mut self, request: Request) {
        self.taken = self.taken.saturating_add(1);
        match request {
            Request::Txn { prepared, answer } => self.txns.push((prepared, answer)),
            read @ (Request::Get { .. } | Request::Scan { .. } | Request::Lineage { .. }) => {
                self.reads.push(read)
            }
            Request::Sync { answer } => self.syncs.push(answer),
            Request::Close { answer } => self.close = Some(answer),
        }
    }

    fn is_full(&self) -> bool {
        self.close.is_some() || self.txns.len() >= MAX_BATCH || self.taken >= MAX_DRAIN
    }
}

/// Why the writer stops.
enum Stop {
    /// Asked to, or nobody is left.
    Closed(Option<oneshot::Sender<()>>),
    /// The process must end.
    Fatal(String),
}

/// The thread's life: open, serve, close.
pub(super) fn live(
    options: OpenOptions,
    published: Arc<Published>,
    mut received: mpsc::Receiver<Request>,
    opened: &std::sync::mpsc::Sender<Result<LoadStats, OpenError>>,
) {
    let fatal = Arc::clone(&options.hooks.fatal);
    let work = Work::default();
    let started = open(&options).and_then(|store| {
        let watchdog = Watchdog::start(work.clone(), options.max_operation, Arc::clone(&fatal))
            .map_err(|source| OpenError::Io { what: "start the store's watchdog", source })?;
        Ok((store, watchdog))
    });
    let (store, watchdog) = match started {
        Ok(started) => started,
        Err(error) => {
            let _ = opened.send(Err(error));
            return;
        }
    };
    let snapshot = Arc::clone(&store.snapshot);
    published.publish(Arc::clone(&snapshot));
    let _ = opened.send(Ok(store.load.clone()));
    let stop = catch_unwind(AssertUnwindSafe(|| {
        let revision = snapshot.revision();
        let mut writer = Writer { store, options, published, work, revision, snapshot };
        let stop = loop {
            if let Err(stop) = writer.turn(&mut received) {
                break stop;
            }
        };
        received.close();
        // sled is closed and the lock is free when the writer is dropped here.
        stop
    }));
    drop(watchdog);
    match stop {
        Ok(Stop::Closed(answer)) => {
            if let Some(answer) = answer {
                let _ = answer.send(());
            }
        }
        Ok(Stop::Fatal(reason)) => fatal(&reason),
        Err(_) => fatal("the store's thread panicked"),
    }
}

struct Writer {
    store: Opened,
    options: OpenOptions,
    published: Arc<Published>,
    work: Work,
    /// Of the last transaction that was applied.
    revision: Revision,
    /// With every transaction that was applied.
    snapshot: Arc<Snapshot>,
}

impl Writer {
    /// Serves what is waiting, or waits for it.
    fn turn(&mut self, received: &mut mpsc::Receiver<Request>) -> Result<(), Stop> {
        let Some(first) = received.blocking_recv() else { return Err(Stop::Closed(None)) };
        let mut batch = Batch::default();
        batch.take(first);
        while !batch.is_full()
            && let Ok(request) = received.try_recv()
        {
            batch.take(request);
        }
        // Reads first, while everything in sled is durable. None can be later than an answer.
        for read in batch.reads {
            self.read(read)?;
        }
        self.commit(batch.txns)?;
        for answer in batch.syncs {
            let _ = answer.send(());
        }
        batch.close.map_or(Ok(()), |answer| Err(Stop::Closed(answer)))
    }

    fn read(&self, request: Request) -> Result<(), Stop> {
        let _working = self.work.begin();
        match request {
            Request::Get { key, answer } => {
                let _ = answer.send(read::get(self.tree(key.kind())?, &key));
            }
            Request::Scan { range, answer } => {
                let _ = answer.send(read::scan(self.tree(range.kind)?, range));
            }
            Request::Lineage { revision, answer } => {
                let _ = answer.send(read::lineage(&self.store.lineages, revision));
            }
            _ => {}
        }
        Ok(())
    }

    fn tree(&self, kind: Kind) -> Result<&::sled::Tree, Stop> {
        let missing = || Stop::Fatal(format!("the tree of {} is missing", kind.tree()));
        self.store.trees.get(&kind).ok_or_else(missing)
    }

    fn commit(&mut self, txns: Vec<(Box<Prepared>, Answer<Revision>)>) -> Result<(), Stop> {
        if txns.is_empty() {
            return Ok(());
        }
        let _working = self.work.begin();
        let before = self.revision;
        let mut answers = Vec::with_capacity(txns.len());
        let mut hints = Vec::with_capacity(txns.len());
        for (prepared, answer) in txns {
            self.point(BEFORE_APPLY);
            let result = self.admit_and_apply(&prepared)?;
            if result.is_ok() && !prepared.edits.is_empty() {
                hints.push(Arc::new(prepared.touched()));
            }
            answers.push((answer, result));
            self.point(AFTER_APPLY);
        }
        if self.revision != before {
            self.make_durable().map_err(|e| Stop::Fatal(format!("a write was lost: {e}")))?;
            self.point(AFTER_FLUSH);
            self.published.publish(Arc::clone(&self.snapshot));
            for hint in hints {
                // Nobody listening is fine.
                let _ = self.published.changes.send(hint);
            }
            self.point(AFTER_PUBLISH);
        }
        // Conflicts wait for the sync too: they may be with what was not durable before it.
        for (answer, result) in answers {
            let _ = answer.send(result);
        }
        Ok(())
    }

    fn point(&self, name: &'static str) {
        (self.options.hooks.crash_point)(name);
    }

    fn admit_and_apply(
        &mut self,
        prepared: &Prepared,
    ) -> Result<Result<Revision, StoreError>, Stop> {
        let free = (self.options.hooks.free_bytes)(&self.options.path);
        // A disk that does not say how full it is must not stop the shop.
        if let Err(refused) = room::admit(free.unwrap_or(u64::MAX), prepared.places_order) {
            return Ok(Err(refused));
        }
        let revision = self.revision.saturating_add(1);
        let lineage = chain(self.snapshot.lineage(), revision, &encode(prepared));
        match self.apply(prepared, revision, lineage)? {
            Some(conflict) => Ok(Err(StoreError::Conflict(conflict))),
            None if prepared.edits.is_empty() => Ok(Ok(self.revision)),
            None => {
                self.revision = revision;
                let next = self.snapshot.after(&prepared.edits, revision).with_lineage(lineage);
                self.snapshot = Arc::new(next);
                Ok(Ok(revision))
            }
        }
    }

    /// One transaction over every tree that it touches and the one with the revision.
    fn apply(
        &self,
        prepared: &Prepared,
        revision: Revision,
        lineage: Lineage,
    ) -> Result<Option<Key>, Stop> {
        let edits = &prepared.edits;
        let kinds: std::collections::BTreeSet<Kind> = edits
            .expect
            .keys()
            .chain(edits.puts.keys())
            .chain(&edits.deletes)
            .map(Key::kind)
            .collect();
        if kinds.is_empty() {
            return Ok(None);
        }
        let mut trees = vec![&self.store.meta, &self.store.lineages];
        let mut places = std::collections::BTreeMap::new();
        for kind in kinds {
            places.insert(kind, trees.len());
            trees.push(self.tree(kind)?);
        }
        // sled may run the closure again: it only reads what was prepared.
        let outcome = trees.as_slice().transaction(|views: &Vec<TransactionalTree>| {
            let view = |key: &Key| {
                places
                    .get(&key.kind())
                    .and_then(|place| views.get(*place))
                    .ok_or(ConflictableTransactionError::Abort(Abort::Lost))
            };
            for (key, expected) in &edits.expect {
                let found = view(key)?.get(key.to_bytes())?;
                let version = match &found {
                    None => None,
                    Some(bytes) => match codec::split(bytes) {
                        Some((version, _)) => Some(version),
                        None => return Err(ConflictableTransactionError::Abort(Abort::Lost)),
                    },
                };
                if !holds(*expected, version) {
                    return Err(ConflictableTransactionError::Abort(Abort::Conflict(key.clone())));
                }
            }
            for key in &edits.deletes {
                view(key)?.remove(key.to_bytes())?;
            }
            for (key, json) in &prepared.json {
                view(key)?.insert(key.to_bytes(), codec::encode(revision, json))?;
            }
            if !edits.is_empty()
                && let Some(meta) = views.first()
            {
                meta.insert(super::open::REVISION, &revision.to_be_bytes())?;
            }
            if !edits.is_empty()
                && let Some(lineages) = views.get(1)
            {
                lineages.insert(&revision.to_be_bytes(), &lineage.0)?;
            }
            Ok(())
        });
        match outcome {
            Ok(()) => Ok(None),
            Err(TransactionError::Abort(Abort::Conflict(key))) => Ok(Some(key)),
            Err(TransactionError::Abort(Abort::Lost)) => {
                Err(Stop::Fatal("a stored record has no version".to_owned()))
            }
            Err(TransactionError::Storage(error)) => Err(Stop::Fatal(format!("sled: {error}"))),
        }
    }

    fn make_durable(&self) -> std::io::Result<()> {
        self.store.db.flush().map_err(std::io::Error::other)?;
        // sled's flush is `sync_file_range` on Linux, which a power cut undoes.
        (self.options.hooks.sync_data)(&self.store.data)
    }
}

/// Why the closure gave up.
enum Abort {
    Conflict(Key),
    Lost,
}
