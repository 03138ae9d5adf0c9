//! How a store is opened, and why it may refuse.

use super::super::CrashPoint;
use crate::model::{SCHEMA_VERSION, UnixMs};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Rewrites the values of one schema version for the next. It is given a record's tree and its
/// JSON without the schema, and must be a pure function.
pub type Rewrite = fn(&str, serde_json::Value) -> Result<serde_json::Value, String>;

/// One step between two schema versions.
#[derive(Clone, Copy)]
pub struct Migration {
    /// The version that it reads; it writes the next.
    pub from: u32,
    /// What it does to each record.
    pub rewrite: Rewrite,
}

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
            schema: SCHEMA_VERSION,
            migrations: Vec::new(),
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
    /// Folders of the state folder where damaged files are kept.
    pub kept: Vec<String>,
}

/// Why a store was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it.
    #[error("the store in {path} is in use by {}: stop that one first, or talk to it", holder(.pid))]
    Locked {
        /// The state folder.
        path: PathBuf,
        /// The other process, where it left its number.
        pid: Option<u32>,
    },
    /// There is none: only `nebulalinks init` makes one.
    #[error(
        "there is no store in {path}{}: run `nebulalinks init` for a new shop, or put a backup of the old one there",
        was(*.revision)
    )]
    NoStore {
        /// The state folder.
        path: PathBuf,
        /// How far a store had come that was there; 0 when none was.
        revision: u64,
    },
    /// A new store is wanted where one is.
    #[error(
        "there is a store in {path}, or what is left of one: nothing was changed. A new shop needs a folder of its own"
    )]
    NotEmpty {
        /// The state folder.
        path: PathBuf,
    },
    /// A newer program wrote it.
    #[error(
        "the store has schema version {found}, and this program knows up to {known}: start the newer program again, or restore the backup that it made beside `db/`"
    )]
    NewerSchema {
        /// The store's version.
        found: u32,
        /// The program's version.
        known: u32,
    },
    /// An older program wrote it, and the way from there is not known.
    #[error(
        "the store has schema version {found}, which this program cannot migrate: open it with a version in between first"
    )]
    NoMigration {
        /// The store's version.
        found: u32,
    },
    /// A migration refused a record; the backup is named.
    #[error("migrating from schema version {from} failed: {detail}; the backup is in {backup}")]
    Migration {
        /// The version that it started from.
        from: u32,
        /// What failed.
        detail: String,
        /// Where the store as it was lies.
        backup: PathBuf,
    },
    /// Its bytes are damaged.
    #[error(
        "the store is damaged: {detail}. Nothing was moved; restore the newest backup (docs/OPERATIONS.md, StoreDamaged). The panels' clients stay as they are meanwhile"
    )]
    Damaged {
        /// What was found.
        detail: String,
    },
    /// The operating system refused something.
    #[error("could not {what}: {source}")]
    Io {
        /// What was tried.
        what: &'static str,
        /// What it said.
        source: io::Error,
    },
}

impl From<io::Error> for OpenError {
    fn from(source: io::Error) -> Self {
        Self::Io { what: "read the store's journal", source }
    }
}

fn was(revision: u64) -> String {
    if revision == 0 {
        return String::new();
    }
    format!(", though one was there that had come to revision {revision}")
}

fn holder(pid: &Option<u32>) -> String {
    pid.map_or_else(|| "another process".to_owned(), |pid| format!("process {pid}"))
}
