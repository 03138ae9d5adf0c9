//! Every record on disk, in sled 0.34.7, with what it takes to be safe on it.
//!
//! One thread of its own, the *writer*, is the only code that touches sled. It drains a channel of
//! requests: up to [`MAX_BATCH`] transactions are checked, appended to the journal and made durable
//! by one `fdatasync` there, then applied to sled, then published, then answered.
//!
//! # Why sled itself is not synced with each batch
//! What sled loses in a power cut the journal has, and the open replays it. Should sled lose more
//! than its end (its `flush` is not durable on Linux), it does not come to what each journal entry
//! says all records come to, and is built again from the journal.
//!
//! # Why reads never show what is not durable
//! Residents are read from the published [`Snapshot`], which is replaced only after the sync. All
//! else is read *by the writer itself between batches*: at that moment everything in sled is in the
//! durable journal too, since the batch before was synced before it was applied.
//!
//! # When something goes wrong
//! An error of the disk, a panic inside sled, an operation that takes over 10 s, or a file that is
//! not at its path any more ends the process (crash-only): what was acknowledged is on the disk,
//! and a restart finds it. What no restart can find becomes a record, [`crate::model::Damage`].

mod archived;
mod backup;
mod base;
mod build;
mod check;
mod checkpoints;
mod codec;
mod commit;
mod compact;
mod damage;
mod errors;
mod files;
mod findings;
mod fsck;
mod load;
mod losses;
mod mend;
mod migrations;
mod open;
mod open_error;
mod options;
mod paths;
mod published;
mod read;
mod recover;
mod references;
mod restore;
mod resume;
mod schema;
mod step;
mod transfer;
mod upgrade;
mod watchdog;
mod writer;

pub use archived::{Archived, Plan, archive};
pub use backup::{BackupError, Verified, back_up, prune, verify};
pub use compact::{Compacted, compact};
pub use fsck::{Checked, Fault, fsck};
pub use open_error::OpenError;
pub use options::{Fatal, FreeBytes, Hooks, LoadStats, OpenOptions, SyncData};
pub use restore::{RestoreError, Restored, Restoring, Standing, restore, standing};
pub use step::{Added, AddsNothing, Gather, Migration, Rewrite};
pub use transfer::{Export, ExportHead, ImportError, export, import, look_at_export};
pub use upgrade::UPGRADE_CRASH_POINTS;
pub use writer::MAX_BATCH;

use super::prepare::prepare;
use crate::model::{Edits, Key, Lineage, Record, Revision, Snapshot, Versioned};
use crate::ports::{Span, Store, StoreError};
use async_trait::async_trait;
use published::Published;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::{broadcast, mpsc, oneshot};
use writer::Request;

/// Requests that may wait for the writer before callers wait for room in the channel.
const WAITING: usize = 1024;
/// How often the writer looks after what has its time.
const TICK: Duration = Duration::from_secs(1);
/// How long a dropped store waits for its thread to end.
const GOODBYE: Duration = Duration::from_secs(1);

/// The store's size and how it was opened: for metrics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreStats {
    /// How the last open went.
    pub load: LoadStats,
    /// The durable revision.
    pub revision: Revision,
    /// Resident records now.
    pub resident: usize,
    /// Bytes that sled's files take now.
    pub bytes_on_disk: u64,
    /// There are records in sled that were not read since the open: they are read in the background.
    pub unread: bool,
}

/// A [`Store`] on disk.
///
/// # Guarantees
/// Those of the port. Only one thread touches sled: it applies up to [`MAX_BATCH`] transactions,
/// syncs once, publishes, answers. Residents are read from what was published; all else is read by
/// that same thread between two batches, when everything in sled is durable.
/// # Assumptions
/// A local file system whose `fdatasync` is honest.
/// # Caveats
/// A transaction whose future is dropped may still commit. An error of the disk, a panic in sled
/// or an operation of over 10 s ends the process; callers see [`StoreError::Closed`].
pub struct SledStore {
    requests: mpsc::Sender<Request>,
    published: Arc<Published>,
    load: LoadStats,
    db: PathBuf,
    thread: Mutex<Ending>,
}

/// The writer's thread, and the word it sends when sled is closed and the lock is free.
struct Ending {
    ended: std::sync::mpsc::Receiver<()>,
    thread: Option<JoinHandle<()>>,
}

impl SledStore {
    /// Makes a new, empty store in a state folder that has none, and nothing of one.
    ///
    /// # Errors
    /// [`OpenError::NotEmpty`] where a store is, or what is left of one.
    pub fn init(options: &OpenOptions) -> Result<(), OpenError> {
        recover::init(options)
    }

    /// Opens the store in a state folder. Blocks while sled recovers: some
    /// seconds after many writes. Call it before the runtime starts, or through `spawn_blocking`.
    ///
    /// # Errors
    /// See [`OpenError`]; each says what to do.
    pub fn open(options: OpenOptions) -> Result<Self, OpenError> {
        let db = options.path.join(files::DB);
        let (changes, _) = broadcast::channel(super::HINTS);
        let (snapshot, unread) = (RwLock::default(), AtomicBool::default());
        let published = Arc::new(Published { snapshot, changes, unread });
        let (requests, received) = mpsc::channel(WAITING);
        let (opened, outcome) = std::sync::mpsc::channel();
        let (ending, ended) = std::sync::mpsc::channel();
        tick(requests.downgrade())?;
        let shared = Arc::clone(&published);
        let thread = std::thread::Builder::new()
            .name("store".to_owned())
            .spawn(move || {
                writer::writer_thread(options, shared, received, &opened);
                let _ = ending.send(());
            })
            .map_err(|source| OpenError::Io { what: "start the store's thread", source })?;
        let load = outcome.recv().map_err(|_| OpenError::Damaged {
            detail: "its thread ended while opening".to_owned(),
        })??;
        let thread = Mutex::new(Ending { ended, thread: Some(thread) });
        Ok(Self { requests, published, load, db, thread })
    }

    /// Answers what is waiting, closes sled and frees the lock: within a second, and one more for
    /// each 100,000 accounts when a checkpoint is due.
    ///
    /// # Errors
    /// [`StoreError::Closed`] when it was closed before.
    pub async fn close(&self) -> Result<(), StoreError> {
        self.ask(|answer| Request::Close { answer: Some(answer) }).await
    }

    /// As [`Self::close`], for callers without a runtime; returns when sled is closed.
    pub fn close_now(self) {
        let (answer, answered) = oneshot::channel();
        if self.requests.blocking_send(Request::Close { answer: Some(answer) }).is_ok() {
            let _ = answered.blocking_recv();
        }
        let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(thread) = thread.thread.take() {
            let _ = thread.join();
        }
    }

    /// The store's size and how it was opened. Looks at a few files' sizes.
    #[must_use]
    pub fn stats(&self) -> StoreStats {
        let snapshot = self.published.snapshot();
        StoreStats {
            load: self.load.clone(),
            revision: snapshot.revision(),
            resident: snapshot.len(),
            bytes_on_disk: files::size(&self.db),
            unread: self.published.unread.load(Ordering::Relaxed),
        }
    }

    async fn ask<T>(
        &self,
        request: impl FnOnce(oneshot::Sender<T>) -> Request,
    ) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        self.requests.send(request(answer)).await.map_err(|_| StoreError::Closed)?;
        answered.await.map_err(|_| StoreError::Closed)
    }
}

/// Sends a tick each second for as long as anybody holds the store.
fn tick(requests: mpsc::WeakSender<Request>) -> Result<(), OpenError> {
    let beat = move || {
        loop {
            std::thread::sleep(TICK);
            match requests.upgrade() {
                // A store with so much to do that there is no room looks after each batch anyway.
                Some(requests) => drop(requests.try_send(Request::Tick)),
                None => return,
            }
        }
    };
    let thread = std::thread::Builder::new().name("store-tick".to_owned()).spawn(beat);
    thread.map(drop).map_err(|source| OpenError::Io { what: "start the store's ticks", source })
}

impl Drop for SledStore {
    fn drop(&mut self) {
        let _ = self.requests.try_send(Request::Close { answer: None });
        let Ending { ended, thread } =
            self.thread.get_mut().unwrap_or_else(PoisonError::into_inner);
        // A thread that is stuck is left behind: the watchdog ends the process for it.
        if ended.recv_timeout(GOODBYE).is_ok()
            && let Some(thread) = thread.take()
        {
            let _ = thread.join();
        }
    }
}

#[async_trait]
impl Store for SledStore {
    fn snapshot(&self) -> Arc<Snapshot> {
        self.published.snapshot()
    }

    fn changes(&self) -> broadcast::Receiver<Arc<Vec<Key>>> {
        self.published.changes.subscribe()
    }

    async fn get(&self, key: &Key) -> Result<Option<Versioned<Record>>, StoreError> {
        if key.kind().resident() {
            if self.requests.is_closed() {
                return Err(StoreError::Closed);
            }
            let snapshot = self.published.snapshot();
            if snapshot.covers(key) {
                return Ok(snapshot.get(key));
            }
        }
        self.ask(|answer| Request::Get { key: key.clone(), answer }).await?
    }

    async fn scan(&self, span: Span) -> Result<Vec<Versioned<Record>>, StoreError> {
        self.ask(|answer| Request::Scan { span, answer }).await?
    }

    async fn lineage(&self, revision: Revision) -> Result<Option<Lineage>, StoreError> {
        self.ask(|answer| Request::Lineage { revision, answer }).await?
    }

    async fn txn(&self, edits: Edits) -> Result<Revision, StoreError> {
        let prepared = prepare(edits)?;
        self.ask(|answer| Request::Txn { prepared: Box::new(prepared), answer }).await?
    }
}
