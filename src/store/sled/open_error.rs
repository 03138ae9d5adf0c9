//! Why a store was not opened.

use super::super::disk_space::MIB;
use std::io;
use std::path::PathBuf;

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
    /// An upgrade of the schema would refuse a record: nothing was changed.
    #[error(
        "the store cannot be upgraded from schema version {from}: {detail}. Nothing was changed and nothing copied: start the older program again, which goes on with this store, and see docs/OPERATIONS.md, Upgrade"
    )]
    CannotMigrate {
        /// The version that it would start from.
        from: u32,
        /// Which record, and why.
        detail: String,
    },
    /// An upgrade of the schema may take more room than the disk has: nothing was changed.
    #[error(
        "the store cannot be upgraded from schema version {from}: that may take {} MiB on its disk, and {} are free. Nothing was changed: make room, or start the older program again",
        mib(*.needed), mib(*.free)
    )]
    NoRoom {
        /// The version that it would start from.
        from: u32,
        /// Bytes that it may take.
        needed: u64,
        /// Bytes that are free.
        free: u64,
    },
    /// An upgrade of the schema failed on its way; the next start begins it again.
    #[error(
        "upgrading the store from schema version {from} failed: {detail}; the store as it was is in {backup}, and the next start begins again from there"
    )]
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
    /// root would leave files there that the service cannot read.
    #[error(
        "{path} is of the user with number {owner}, and this would leave files of root there, which the service could not read: run it as that user (sudo -u '#{owner}' …)"
    )]
    NotAsRoot {
        /// The state folder.
        path: PathBuf,
        /// Whose it is.
        owner: u32,
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

fn mib(bytes: u64) -> u64 {
    bytes.div_ceil(MIB)
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
