//! The one thread that touches sled: it takes requests, and serves a batch of them at a time.

use super::super::journal::{Head, Mark, Tallies};
use super::super::prepare::Prepared;
use super::check::Check;
use super::checkpoints::Checkpoints;
use super::open_error::OpenError;
use super::options::{LoadStats, OpenOptions};
use super::paths::Paths;
use super::published::Published;
use super::read;
use super::recover::{Opened, open};
use super::watchdog::{Watchdog, Work};
use crate::model::{Key, Kind, Lineage, Record, Revision, Snapshot, Versioned};
use crate::ports::{Span, StoreError};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::sync::{mpsc, oneshot};

/// The most transactions that share one sync.
pub const MAX_BATCH: usize = 32;
/// The most requests that are looked at between two syncs.
const MAX_DRAIN: usize = 256;

pub(super) type Answer<T> = oneshot::Sender<Result<T, StoreError>>;

/// What the writer is asked.
pub(super) enum Request {
    Txn {
        prepared: Box<Prepared>,
        answer: Answer<Revision>,
    },
    Get {
        key: Key,
        answer: Answer<Option<Versioned<Record>>>,
    },
    Scan {
        span: Span,
        answer: Answer<Vec<Versioned<Record>>>,
    },
    Lineage {
        revision: Revision,
        answer: Answer<Option<Lineage>>,
    },
    /// A second went by.
    Tick,
    Close {
        answer: Option<oneshot::Sender<()>>,
    },
}

/// Whether a transaction waits for room on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Room {
    /// It is refused where too little is free.
    Needed,
    /// It is written in any case: what the store notes of itself must not be lost for want of room.
    Whatever,
}

/// The requests between two syncs, sorted by what they need.
#[derive(Default)]
struct Batch {
    txns: Vec<(Box<Prepared>, Answer<Revision>)>,
    reads: Vec<Request>,
    ticked: bool,
    close: Option<Option<oneshot::Sender<()>>>,
    taken: usize,
}

impl Batch {
    fn take(&mut self, request: Request) {
        self.taken = self.taken.saturating_add(1);
        match request {
            Request::Txn { prepared, answer } => self.txns.push((prepared, answer)),
            read @ (Request::Get { .. } | Request::Scan { .. } | Request::Lineage { .. }) => {
                self.reads.push(read);
            }
            Request::Tick => self.ticked = true,
            Request::Close { answer } => self.close = Some(answer),
        }
    }

    fn is_full(&self) -> bool {
        self.close.is_some() || self.txns.len() >= MAX_BATCH || self.taken >= MAX_DRAIN
    }
}

/// Why the writer stops.
pub(super) enum Stop {
    /// Asked to, or nobody is left.
    Closed(Option<oneshot::Sender<()>>),
    /// The process must end.
    Fatal(String),
}

/// The thread's life: open, serve, close.
pub(super) fn writer_thread(
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
        let load = store.load.clone();
        let writer = Writer::of(store, options, published, work)
            .map_err(|source| OpenError::Io { what: "look at the store's files", source })?;
        Ok((writer, load, watchdog))
    });
    let (mut writer, load, watchdog) = match started {
        Ok(started) => started,
        Err(error) => {
            let _ = opened.send(Err(error));
            return;
        }
    };
    let stop = catch_unwind(AssertUnwindSafe(|| {
        if let Err(stop) = writer.begin() {
            return stop;
        }
        let _ = opened.send(Ok(load));
        let stop = loop {
            if let Err(stop) = writer.process_batch(&mut received) {
                break stop;
            }
        };
        received.close();
        // sled is closed and the lock is free when the writer is dropped here.
        match stop {
            Stop::Closed(answer) => match writer.close() {
                Ok(()) => {
                    // Nobody waits for a store that was merely dropped.
                    if answer.is_some() {
                        writer.last_checkpoint();
                    }
                    Stop::Closed(answer)
                }
                Err(stop) => stop,
            },
            stop @ Stop::Fatal(_) => stop,
        }
    }));
    drop(writer);
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

pub(super) struct Writer {
    /// Dropped before the store: whoever writes one in its folder has ended when the lock is free.
    pub(super) checkpoints: Checkpoints,
    pub(super) store: Opened,
    pub(super) options: OpenOptions,
    pub(super) published: Arc<Published>,
    pub(super) work: Work,
    /// Of the last transaction that was accepted.
    pub(super) revision: Revision,
    /// With every transaction that was accepted.
    pub(super) snapshot: Arc<Snapshot>,
    /// What all records come to.
    pub(super) tallies: Tallies,
    /// The reading of what the open did not read.
    pub(super) check: Option<Check>,
    /// Something in sled could not be read: the next open reads everything.
    pub(super) suspect: bool,
    /// Which start of the machine this is.
    boot: u128,
    pub(super) paths: Paths,
    /// The mark was written and not synced.
    marked: bool,
    ticks: u64,
}

/// Ticks from one look at the paths to the next.
const LOOK: u64 = 2;

impl Writer {
    fn of(
        store: Opened,
        options: OpenOptions,
        published: Arc<Published>,
        work: Work,
    ) -> std::io::Result<Self> {
        let at = |name: &str| options.path.join(name);
        let folder = std::fs::File::open(&options.path)?;
        let paths = Paths::of([
            (&folder, options.path.clone()),
            (&store.lock, at(super::files::LOCK)),
            (&store.data, at(super::files::DB).join("db")),
            (store.mark.file(), store.mark.path().to_owned()),
            (store.lineages.file(), store.lineages.path().to_owned()),
        ])?;
        let (snapshot, tallies) = (Arc::clone(&store.snapshot), store.tallies);
        let revision = snapshot.revision();
        let unread = store.checkpoint.is_some();
        published.unread.store(!store.complete, Ordering::Relaxed);
        let check = (!store.complete).then(|| Check::begin(unread));
        let checkpoints = Checkpoints::after(store.checkpoint, store.snapshot.len());
        let (suspect, marked, ticks) = (false, false, 0);
        let boot = (options.hooks.boot)();
        Ok(Self {
            checkpoints,
            store,
            options,
            published,
            work,
            revision,
            snapshot,
            tallies,
            check,
            suspect,
            boot,
            paths,
            marked,
            ticks,
        })
    }

    /// Marks the store as open, publishes it, and notes what is damaged.
    fn begin(&mut self) -> Result<(), Stop> {
        self.mark(false)?;
        self.sync_mark()?;
        self.published.publish(Arc::clone(&self.snapshot));
        self.note_damage()
    }

    /// Serves what is waiting, or waits for it.
    fn process_batch(&mut self, received: &mut mpsc::Receiver<Request>) -> Result<(), Stop> {
        let first = if self.check.is_some() {
            match received.try_recv() {
                Ok(first) => Some(first),
                Err(mpsc::error::TryRecvError::Empty) => return self.check_some(),
                Err(mpsc::error::TryRecvError::Disconnected) => None,
            }
        } else {
            received.blocking_recv()
        };
        let Some(first) = first else { return Err(Stop::Closed(None)) };
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
        self.commit(batch.txns, Room::Needed)?;
        if batch.ticked {
            self.tick()?;
        }
        batch.close.map_or(Ok(()), |answer| Err(Stop::Closed(answer)))
    }

    fn read(&mut self, request: Request) -> Result<(), Stop> {
        let _working = self.work.begin();
        match request {
            Request::Get { key, answer } => {
                let kind = key.kind();
                let found = read::catching(|| read::get(self.tree(kind)?, &key));
                self.answer(kind, found, answer)
            }
            Request::Scan { span, answer } => {
                let found = read::catching(|| read::scan(self.tree(span.kind)?, &span));
                self.answer(span.kind, found, answer)
            }
            Request::Lineage { revision, answer } => {
                let known = revision <= self.revision;
                let found = if known { self.store.lineages.get(revision) } else { Ok(None) };
                let _ = answer.send(found.map_err(|e| StoreError::Failed(e.to_string())));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Answers, and notes a record that cannot be read.
    fn answer<T>(
        &mut self,
        kind: Kind,
        found: Result<T, StoreError>,
        answer: Answer<T>,
    ) -> Result<(), Stop> {
        let failed = match &found {
            Err(error @ StoreError::Failed(_)) => Some(error.to_string()),
            _ => None,
        };
        let _ = answer.send(found);
        failed.map_or(Ok(()), |what| self.found_unreadable(Some(kind), &what))
    }

    pub(super) fn tree(&self, kind: Kind) -> Result<&::sled::Tree, StoreError> {
        let missing = || StoreError::Failed(format!("the tree of {} is missing", kind.tree()));
        self.store.trees.get(&kind).ok_or_else(missing)
    }

    pub(super) fn crash_point(&self, name: &'static str) {
        (self.options.hooks.crash_point)(name);
    }

    /// Once a second: the mark becomes durable, files are looked for at their paths, and somebody
    /// who backs the store up may want a new segment.
    fn tick(&mut self) -> Result<(), Stop> {
        self.ticks = self.ticks.wrapping_add(1);
        self.sync_mark()?;
        if self.ticks.is_multiple_of(LOOK) {
            self.look_at_paths()?;
        }
        let asked = self.asked_to_roll();
        if asked.exists() {
            self.roll()?;
            std::fs::remove_file(&asked).map_err(|e| lost(&e))?;
        }
        if self.may_be_copied() {
            let head = self.head();
            self.checkpoints.tick(&self.options, head, &self.snapshot);
        }
        Ok(())
    }

    /// Whether a checkpoint may be made of the snapshot: not while it was taken from one and was not
    /// compared with the trees.
    fn may_be_copied(&self) -> bool {
        !self.suspect && !self.check.as_ref().is_some_and(Check::reads_residents)
    }

    /// Where the store stands.
    fn head(&self) -> Head {
        Head {
            revision: self.revision,
            schema: self.options.schema,
            lineage: self.snapshot.lineage(),
            tallies: self.tallies,
            kinds: String::new(),
        }
    }

    fn asked_to_roll(&self) -> PathBuf {
        use super::super::journal::{FOLDER, ROLL};
        self.options.path.join(FOLDER).join(ROLL)
    }

    pub(super) fn look_at_paths(&self) -> Result<(), Stop> {
        let journal = &self.store.journal;
        self.paths.check(journal.file(), journal.path()).map_err(Stop::Fatal)
    }

    pub(super) fn roll(&mut self) -> Result<(), Stop> {
        let head = self.head();
        self.store.lineages.file().sync_data().map_err(|e| lost(&e))?;
        self.store.journal.roll(&head).map_err(|e| lost(&e))
    }

    /// Writes how far the store is.
    pub(super) fn mark(&mut self, clean: bool) -> Result<(), Stop> {
        let identity = self.snapshot.identity();
        let mark = Mark {
            store_id: identity.map(|id| id.store_id.clone()).unwrap_or_default(),
            revision: self.revision,
            lineage: self.snapshot.lineage(),
            clean,
            suspect: self.suspect,
            boot: self.boot,
        };
        self.marked = true;
        self.store.mark.write(&mark).map_err(|e| lost(&e))
    }

    pub(super) fn sync_mark(&mut self) -> Result<(), Stop> {
        if std::mem::take(&mut self.marked) {
            self.store.mark.file().sync_data().map_err(|e| lost(&e))?;
        }
        Ok(())
    }

    /// Everything durable, and said so.
    fn close(&mut self) -> Result<(), Stop> {
        let _working = self.work.begin();
        self.look_at_paths()?;
        self.store.db.flush().map_err(|e| lost(&e))?;
        // sled's flush is `sync_file_range` on Linux, which a power cut undoes.
        self.store.data.sync_data().map_err(|e| lost(&e))?;
        self.store.lineages.file().sync_data().map_err(|e| lost(&e))?;
        self.mark(true)?;
        self.sync_mark()
    }

    /// All is durable and said: however this ends, nothing is lost.
    fn last_checkpoint(&mut self) {
        if self.may_be_copied() {
            let head = self.head();
            self.checkpoints.close(&self.options, &head, &self.snapshot);
        }
    }
}

/// A write failed: what is on the disk is known again only after a restart.
pub(super) fn lost(error: &impl std::fmt::Display) -> Stop {
    Stop::Fatal(format!("a write was lost: {error}"))
}
