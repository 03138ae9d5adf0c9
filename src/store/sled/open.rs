//! Opening: lock, make sled's files fit to be opened, migrate, read every resident record.

use super::{OpenError, OpenOptions, codec, files, schema};
use crate::model::{Edits, Key, Kind, Revision, Snapshot};
use ::sled::{Db, Tree};
use std::collections::BTreeMap;
use std::fs::File;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The tree of the store's own numbers.
pub(super) const META: &str = "store";
/// In [`META`]: the revision of the last transaction.
pub(super) const REVISION: &[u8] = b"revision";
/// The tree of the lineage at each revision.
pub(super) const LINEAGE: &str = "lineage";
/// In [`META`]: the schema version of the records.
pub(super) const SCHEMA: &[u8] = b"schema";

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
}

/// An open store, as its thread holds it. Fields are dropped in this order: sled closes before
/// the lock is free.
pub(super) struct Opened {
    pub(super) trees: BTreeMap<Kind, Tree>,
    pub(super) meta: Tree,
    pub(super) lineages: Tree,
    pub(super) db: Db,
    /// sled's one data file, to sync.
    pub(super) data: File,
    pub(super) snapshot: Arc<Snapshot>,
    pub(super) load: LoadStats,
    _lock: File,
}

/// Opens, on the thread that will use it.
pub(super) fn open(options: &OpenOptions) -> Result<Opened, OpenError> {
    let started = now();
    files::make_folder(&options.path)?;
    let lock = files::lock(&options.path)?;
    let path = options.path.join(files::DB);
    let free = (options.hooks.free_bytes)(&options.path).unwrap_or(u64::MAX);
    files::ballast(&options.path, options.ballast_mib, free)?;
    let half_written_removed = files::remove_half_written(&path)?;
    if half_written_removed > 0 {
        tracing::warn!(half_written_removed, "removed half-written snapshots of the store");
    }
    files::make_folder(&path)?;
    let (db, snapshots_set_aside) = open_or_retry(&path, options.cache_mib)?;
    let (db, backup) = schema::migrate(db, options)?;
    let data = File::open(path.join("db")).map_err(files::io("open the store's data file"))?;
    // The files themselves must outlive a power cut, not only what is in them.
    (options.hooks.sync_data)(&data).map_err(files::io("sync the store's data file"))?;
    for folder in [path.as_path(), options.path.as_path()] {
        files::sync_folder(folder).map_err(files::io("sync the state folder"))?;
    }
    let meta = db.open_tree(META).map_err(damaged)?;
    let lineages = db.open_tree(LINEAGE).map_err(damaged)?;
    let mut trees = BTreeMap::new();
    for kind in Kind::ALL {
        trees.insert(*kind, db.open_tree(kind.tree()).map_err(damaged)?);
    }
    let snapshot = unwinding(|| load(&trees, &meta))?;
    let lineage = super::read::lineage(&lineages, snapshot.revision());
    let lineage = lineage.map_err(|e| OpenError::Damaged { detail: e.to_string() })?;
    let snapshot = snapshot.with_lineage(lineage.unwrap_or_default());
    let load = LoadStats {
        took: now().duration_since(started),
        records: snapshot.len(),
        bytes_on_disk: files::size(&path),
        half_written_removed,
        snapshots_set_aside,
        backup,
    };
    Ok(Opened { trees, meta, lineages, db, data, snapshot: Arc::new(snapshot), load, _lock: lock })
}

#[allow(
    clippy::disallowed_methods,
    reason = "a length of time for a metric; nothing depends on it"
)]
fn now() -> Instant {
    Instant::now()
}

/// Tries once more without sled's snapshots when they are damaged: all is in its log as well.
fn open_or_retry(path: &Path, cache_mib: u64) -> Result<(Db, usize), OpenError> {
    let first = match open_sled(path, cache_mib) {
        Ok(db) => return Ok((db, 0)),
        Err(error @ OpenError::Damaged { .. }) => error,
        Err(error) => return Err(error),
    };
    let aside = files::move_snapshots_aside(path)?;
    if aside == 0 {
        return Err(first);
    }
    tracing::warn!(error = %first, aside, "moved the store's snapshots aside; opening once more");
    Ok((open_sled(path, cache_mib)?, aside))
}

/// sled itself. It panics on some damage.
pub(super) fn open_sled(path: &Path, cache_mib: u64) -> Result<Db, OpenError> {
    let config = ::sled::Config::new()
        .path(path)
        .cache_capacity(cache_mib.saturating_mul(super::super::room::MIB))
        .flush_every_ms(Some(500));
    unwinding(|| config.open().map_err(damaged))
}

/// Turns a panic of sled's into an error.
fn unwinding<T>(action: impl FnOnce() -> Result<T, OpenError>) -> Result<T, OpenError> {
    catch_unwind(std::panic::AssertUnwindSafe(action)).unwrap_or_else(|panic| {
        let said = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("it panicked");
        Err(OpenError::Damaged { detail: said.to_owned() })
    })
}

/// Every resident record.
fn load(trees: &BTreeMap<Kind, Tree>, meta: &Tree) -> Result<Snapshot, OpenError> {
    let mut snapshot = Snapshot::default();
    for (kind, tree) in trees.iter().filter(|(kind, _)| kind.resident()) {
        for entry in tree {
            let (bytes, stored) = entry.map_err(damaged)?;
            let record =
                codec::decode(*kind, &stored).map_err(|detail| OpenError::Damaged { detail })?;
            let key: Key = record.value.key();
            if key.to_bytes() != *bytes {
                let detail = format!("{key} is not where its record stands");
                return Err(OpenError::Damaged { detail });
            }
            snapshot.load(key, record);
        }
    }
    let revision = revision(meta)?;
    if snapshot.revision() > revision {
        let detail = format!("a record is newer than the store's revision {revision}");
        return Err(OpenError::Damaged { detail });
    }
    Ok(snapshot.after(&Edits::new(), revision))
}

fn revision(meta: &Tree) -> Result<Revision, OpenError> {
    let Some(bytes) = meta.get(REVISION).map_err(damaged)? else { return Ok(0) };
    codec::number(&bytes)
        .ok_or_else(|| OpenError::Damaged { detail: "the revision is not a number".to_owned() })
}

/// What sled's error means for an open.
pub(super) fn damaged(error: ::sled::Error) -> OpenError {
    match error {
        ::sled::Error::Io(source) => OpenError::Io { what: "read or write the store", source },
        other => OpenError::Damaged { detail: other.to_string() },
    }
}
