//! How a store is opened.

use super::super::CrashPoint;
use super::step::Migration;
use crate::model::{Revision, SCHEMA_VERSION, UnixMs};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Tells how many bytes are free on the disk of a folder.
pub type FreeBytes = Arc<dyn Fn(&Path) -> io::Result<u64> + Send + Sync>;
/// Makes a file's content durable.
pub type SyncData = Arc<dyn Fn(&File) -> io::Result<()> + Send + Sync>;
/// Ends the process, for the reason given.
pub type Fatal = Arc<dyn Fn(&str) + Send + Sync>;

/// What the store calls outside of itself: replaced by tests only.
#[derive(Clone)]
pub struct Hooks {
    /// Called at each of [`crate::store::CRASH_POINTS`], on the writer's thread.
    pub crash_point: CrashPoint,
    /// Called with the reason when the process must end. By default it aborts. Where it returns,
    /// the store is closed.
    pub fatal: Fatal,
    /// Bytes free on the disk of a folder.
    pub free_bytes: FreeBytes,
    /// Makes a file's content durable: the journal, after each batch.
    pub sync_data: SyncData,
    /// Which start of the machine this is; 0 when it does not tell.
    pub boot: Arc<dyn Fn() -> u128 + Send + Sync>,
    /// The moment now, for what is found damaged.
    pub now: Arc<dyn Fn() -> UnixMs + Send + Sync>,
}

#[allow(clippy::disallowed_methods, reason = "a program that has a clock hands it in")]
fn now() -> UnixMs {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    UnixMs(since.map_or(0, |d| u64::try_from(d.as_millis()).unwrap_or(u64::MAX)))
}

impl Default for Hooks {
    fn default() -> Self {
        Self {
            crash_point: super::super::no_crash_point(),
            fatal: Arc::new(|reason| {
                tracing::error!(reason, "the store cannot go on; ending the process");
                std::process::abort();
            }),
            free_bytes: Arc::new(super::files::free_bytes),
            sync_data: Arc::new(File::sync_data),
            boot: Arc::new(super::files::boot),
            now: Arc::new(now),
        }
    }
}

/// How to open the store.
#[derive(Clone)]
pub struct OpenOptions {
    /// The state folder. sled's own files lie in `db/` below it.
    pub path: PathBuf,
    /// sled's page cache in MiB. The process takes about one and a half times that.
    pub cache_mib: u64,
    /// The size in MiB of the file that is given up when the disk is full; 0 is none.
    pub ballast_mib: u64,
    /// An operation on sled that takes longer ends the process.
    pub max_operation: Duration,
    /// A checkpoint is written when the next start would replay so many bytes of the journal, or
    /// more where the checkpoint is large.
    pub checkpoint_bytes: u64,
    /// The schema version that this program writes.
    pub schema: u32,
    /// The steps from older versions.
    pub migrations: Vec<Migration>,
    /// What tests replace.
    pub hooks: Hooks,
}

impl OpenOptions {
    /// The defaults, for this state folder.
    #[must_use]
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            cache_mib: 64,
            ballast_mib: 64,
            max_operation: Duration::from_secs(10),
            checkpoint_bytes: 1 << 20,
            schema: SCHEMA_VERSION,
            migrations: super::migrations::all(),
            hooks: Hooks::default(),
        }
    }
}

/// How an open went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadStats {
    /// How long it took.
    pub took: Duration,
    /// Resident records that were read.
    pub records: usize,
    /// Bytes that sled's files took.
    pub bytes_on_disk: u64,
    /// Half-written snapshots that were removed: the last process ended while sled wrote one.
    pub half_written_removed: usize,
    /// Snapshots that were moved aside because sled found them damaged.
    pub snapshots_set_aside: usize,
    /// The backup that was made before a migration.
    pub backup: Option<PathBuf>,
    /// Edits that sled lacked and the journal had.
    pub replayed: u64,
    /// sled was built anew from the journal.
    pub rebuilt: bool,
    /// The revision of the checkpoint that the resident records were taken from.
    pub checkpoint: Option<Revision>,
    /// Folders of the state folder where damaged files are kept.
    pub kept: Vec<String>,
}
