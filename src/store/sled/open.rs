//! sled's own side of an open: fit its files to be opened, open them, and look what they hold.

use super::super::journal::{Head, Tallies};
use super::errors::{catch_sled_panic, damaged};
use super::load::{Loaded, load};
use super::{OpenError, codec, files};
use crate::model::{Edits, Kind, Lineage, Revision, Snapshot};
use ::sled::{Db, Tree};
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

/// The tree of the store's own numbers.
pub(super) const META: &str = "store";
/// In [`META`]: the revision of the last transaction.
pub(super) const REVISION: &[u8] = b"revision";
/// In [`META`]: revision, lineage and tallies of the last transaction.
pub(super) const STATE: &[u8] = b"state";
/// In [`META`]: the schema version of the records.
pub(super) const SCHEMA: &[u8] = b"schema";

/// In [`META`]: the schema version that records may still have, while an upgrade is under way. [`SCHEMA`] is
/// that of its end from the first moment: a program of before must not take them for its own.
pub(super) const UPGRADED_FROM: &[u8] = b"upgraded-from";

/// Where sled stands, by its own word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stand {
    pub(super) revision: Revision,
    pub(super) lineage: Lineage,
    pub(super) tallies: Tallies,
}

impl Stand {
    /// What a base or a segment that begins here says first.
    pub(super) fn head(self, schema: u32) -> Head {
        let Self { revision, lineage, tallies } = self;
        Head { revision, schema, lineage, tallies, kinds: String::new() }
    }

    pub(super) fn to_bytes(self) -> Vec<u8> {
        let revision = self.revision.to_be_bytes();
        [&revision[..], &self.lineage.0, &self.tallies.to_bytes()].concat()
    }

    fn of_bytes(bytes: &[u8]) -> Option<Self> {
        let (revision, rest) = bytes.split_first_chunk::<8>()?;
        let (lineage, rest) = rest.split_first_chunk::<{ Lineage::BYTES }>()?;
        Some(Self {
            revision: u64::from_be_bytes(*revision),
            lineage: Lineage(*lineage),
            tallies: Tallies::of_bytes(rest.try_into().ok()?),
        })
    }
}

/// A checkpoint that was taken.
#[derive(Debug, Clone, Copy)]
pub(super) struct Taken {
    /// Where it stands.
    pub(super) revision: Revision,
    /// Its length in bytes.
    pub(super) bytes: u64,
    /// Bytes of the journal after it.
    pub(super) since: u64,
}

/// An open sled.
pub(super) struct Raw {
    pub(super) db: Db,
    pub(super) meta: Tree,
    pub(super) trees: BTreeMap<Kind, Tree>,
    /// `None` in a store that never had a journal, and in an empty one.
    pub(super) stand: Option<Stand>,
    /// Of a store that never had a journal, too.
    pub(super) revision: Revision,
    /// Of the oldest record that there may be.
    pub(super) schema: Option<u32>,
    /// Of the newest: another one while an upgrade is under way.
    pub(super) newest_schema: Option<u32>,
    /// Snapshots of sled's that were moved aside because it found them damaged.
    pub(super) snapshots_set_aside: usize,
    /// The resident records as they were read; `None` when they changed since, or were not read.
    pub(super) loaded: Option<Result<Snapshot, OpenError>>,
    /// Where the resident records are from, if not from the trees.
    pub(super) checkpoint: Option<Taken>,
}

impl Raw {
    /// Opens sled's folder, which it makes when it is not there.
    pub(super) fn open(path: &Path, cache_mib: u64) -> Result<Self, OpenError> {
        let (db, snapshots_set_aside) = open_or_retry(path, cache_mib)?;
        catch_sled_panic(|| Self::of(db, snapshots_set_aside))
    }

    pub(super) fn of(db: Db, snapshots_set_aside: usize) -> Result<Self, OpenError> {
        let meta = db.open_tree(META).map_err(damaged)?;
        let mut trees = BTreeMap::new();
        for kind in Kind::ALL {
            trees.insert(*kind, db.open_tree(kind.tree()).map_err(damaged)?);
        }
        let read = |key| meta.get(key).map_err(damaged);
        let number = |key, what: &str| {
            let bad = || OpenError::Damaged { detail: format!("the {what} is not a number") };
            read(key)?.map(|bytes| codec::number(&bytes).ok_or_else(bad)).transpose()
        };
        let revision = number(REVISION, "revision")?.unwrap_or(0);
        let version = |key| {
            let bad =
                |_| OpenError::Damaged { detail: "the schema version is too large".to_owned() };
            number(key, "schema version")?.map(|n| u32::try_from(n).map_err(bad)).transpose()
        };
        let newest_schema = version(SCHEMA)?;
        let schema = version(UPGRADED_FROM)?.or(newest_schema);
        let stand = read(STATE)?.and_then(|bytes| Stand::of_bytes(&bytes));
        Ok(Self {
            db,
            meta,
            trees,
            stand,
            revision,
            schema,
            newest_schema,
            snapshots_set_aside,
            loaded: None,
            checkpoint: None,
        })
    }

    /// What the records come to, read one by one: those that are resident, or all.
    pub(super) fn tallies(&self, all: bool) -> Result<Tallies, OpenError> {
        let mut tallies = Tallies::default();
        catch_sled_panic(|| {
            for (kind, tree) in self.trees.iter().filter(|(kind, _)| all || kind.resident()) {
                for entry in tree {
                    let (key, stored) = entry.map_err(damaged)?;
                    tallies.add(*kind, &key, &stored);
                }
            }
            Ok(())
        })?;
        Ok(tallies)
    }

    /// Notes where sled stands.
    pub(super) fn stand_at(&mut self, stand: Stand) -> Result<(), OpenError> {
        self.meta.insert(STATE, stand.to_bytes()).map_err(damaged)?;
        self.meta.insert(REVISION, &stand.revision.to_be_bytes()).map_err(damaged)?;
        self.stand = Some(stand);
        self.revision = stand.revision;
        Ok(())
    }

    /// What the records come to, those that are resident or all; and keeps what it read of them for
    /// [`Self::take_snapshot`].
    pub(super) fn tallies_and_snapshot(&mut self, all: bool) -> Result<Tallies, OpenError> {
        let Loaded { tallies, snapshot } = load(&self.trees, all)?;
        self.loaded = Some(snapshot);
        self.checkpoint = None;
        Ok(tallies)
    }

    /// Forgets what was read of the resident records: the trees are what counts.
    pub(super) fn distrust_loaded(&mut self) {
        self.loaded = None;
        self.checkpoint = None;
    }

    /// Every resident record: those of the last reading, if nothing has changed since.
    pub(super) fn take_snapshot(&mut self) -> Result<Snapshot, OpenError> {
        let snapshot = match self.loaded.take() {
            Some(loaded) => loaded?,
            None => load(&self.trees, false)?.snapshot?,
        };
        if snapshot.revision() > self.revision {
            let detail = format!("a record is newer than the store's revision {}", self.revision);
            return Err(OpenError::Damaged { detail });
        }
        let lineage = self.stand.map_or(Lineage::START, |stand| stand.lineage);
        Ok(snapshot.after(&Edits::new(), self.revision).with_lineage(lineage))
    }
}

/// Tries once more without sled's snapshots when they are damaged: all is in its log as well.
fn open_or_retry(path: &Path, cache_mib: u64) -> Result<(Db, usize), OpenError> {
    let first = match open_sled(path, cache_mib) {
        Ok(db) => return Ok((db, 0)),
        Err(OpenError::Damaged { detail }) => detail,
        Err(error) => return Err(error),
    };
    let aside = files::move_snapshots_aside(path)?;
    if aside == 0 {
        return Err(OpenError::Damaged { detail: first });
    }
    tracing::warn!(
        detail = first,
        aside,
        "moved damaged snapshots of the store aside: what they hold is in its log as well"
    );
    Ok((open_sled(path, cache_mib)?, aside))
}

/// How often a lock of sled's is asked for, and how long after each time, in ms.
const LOCK_TRIES: u32 = 100;
const LOCK_WAIT_MS: u64 = 20;

/// sled itself. It panics on some damage. An open that failed leaves jobs in sled's thread pool (it
/// reads ahead) that keep the data file locked for moments; the folder's own lock is held, so the
/// lock can be nobody else's.
pub(super) fn open_sled(path: &Path, cache_mib: u64) -> Result<Db, OpenError> {
    let config = ::sled::Config::new()
        .path(path)
        .cache_capacity(cache_mib.saturating_mul(super::super::disk_space::MIB))
        .flush_every_ms(Some(500));
    let open = || catch_sled_panic(|| config.open().map_err(damaged));
    for _ in 1..LOCK_TRIES {
        match open() {
            Err(OpenError::Io { source, .. }) if source.kind() == ErrorKind::WouldBlock => {
                std::thread::sleep(Duration::from_millis(LOCK_WAIT_MS));
            }
            done => return done,
        }
    }
    open()
}
