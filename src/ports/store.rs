//! All records, durable.

use crate::model::{Edits, Key, Kind, Lineage, Record, Revision, Snapshot, Versioned};
use async_trait::async_trait;
use std::ops::Bound;
use std::sync::Arc;
use tokio::sync::broadcast;

/// Why a transaction did not happen.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A record was not at the expected version: read again and decide again.
    #[error("{0} was changed meanwhile")]
    Conflict(Key),
    /// A record is over 16 KiB: a defect of the caller; nothing was written.
    #[error("{key} would take {bytes} bytes, and 16384 are allowed")]
    TooLarge {
        /// The record's key.
        key: Key,
        /// Its JSON's size in bytes.
        bytes: usize,
    },
    /// The disk is nearly full: new orders are refused until there is room.
    #[error("the disk of the store has less than {0} MiB free; make room, then try again")]
    NoRoom(u64),
    /// The store is closed or its thread ended: the process must end.
    #[error("the store is closed")]
    Closed,
    /// Anything else, from the disk or a record that cannot be read.
    #[error("the store failed: {0}")]
    Failed(String),
}

/// Records of one kind in a range of keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// Of which kind.
    pub kind: Kind,
    /// Where the range begins, in the bytes of keys.
    pub lower: Bound<Vec<u8>>,
    /// Where it ends.
    pub upper: Bound<Vec<u8>>,
    /// From its end towards its beginning.
    pub backwards: bool,
    /// So many at most.
    pub limit: usize,
}

impl Span {
    /// The most records that one scan answers with: while it reads them the store commits nothing.
    pub const MOST: usize = 500;

    /// The first records of a kind.
    #[must_use]
    pub const fn of(kind: Kind, limit: usize) -> Self {
        let limit = if limit < Self::MOST { limit } else { Self::MOST };
        Self { kind, lower: Bound::Unbounded, upper: Bound::Unbounded, backwards: false, limit }
    }

    /// Nothing before this key.
    #[must_use]
    pub fn from(self, key: &Key) -> Self {
        Self { lower: Bound::Included(key.to_bytes()), ..self }
    }

    /// Nothing up to this key.
    #[must_use]
    pub fn after(self, key: &Key) -> Self {
        Self { lower: Bound::Excluded(key.to_bytes()), ..self }
    }

    /// Nothing from this key on.
    #[must_use]
    pub fn before(self, key: &Key) -> Self {
        Self { upper: Bound::Excluded(key.to_bytes()), ..self }
    }

    /// The last records of the range, the very last first.
    #[must_use]
    pub fn backwards(self) -> Self {
        Self { backwards: true, ..self }
    }

    /// Whether no key can lie in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match (&self.lower, &self.upper) {
            (Bound::Included(lower), Bound::Included(upper)) => lower > upper,
            (
                Bound::Included(lower) | Bound::Excluded(lower),
                Bound::Included(upper) | Bound::Excluded(upper),
            ) => lower >= upper,
            _ => false,
        }
    }
}

/// All records, durable.
///
/// # Guarantees
/// What [`Store::snapshot`], [`Store::get`] and [`Store::scan`] show is durable. `txn` is all or nothing, and when
/// it answers, its effect is durable and in the snapshot. Revisions rise by one.
/// # Assumptions
/// One process. Transactions are small: a few records of at most 16 KiB.
/// # Caveats
/// A lagging receiver of `changes` misses keys: it must look at everything again.
/// # Errors
/// See [`StoreError`]; only `Conflict` invites a second try.
#[async_trait]
pub trait Store: Send + Sync {
    /// The newest durable state of the resident kinds.
    fn snapshot(&self) -> Arc<Snapshot>;
    /// The keys each transaction touched, after it became durable: hints, never the truth.
    fn changes(&self) -> broadcast::Receiver<Arc<Vec<Key>>>;
    /// One record of any kind.
    async fn get(&self, key: &Key) -> Result<Option<Versioned<Record>>, StoreError>;
    /// Records of any kind in a range of keys, [`Span::MOST`] at most, in the order of their keys or
    /// against it. Each call sees what is durable then: pages that follow each other may be of
    /// different revisions.
    async fn scan(&self, span: Span) -> Result<Vec<Versioned<Record>>, StoreError>;
    /// The hash of this store's history at a revision: `None` for a revision that it does not have
    /// or no longer knows the hash of. Two histories are the same up to a revision exactly when
    /// their hashes there are.
    async fn lineage(&self, revision: Revision) -> Result<Option<Lineage>, StoreError>;
    /// Commits, and answers with the new revision.
    async fn txn(&self, edits: Edits) -> Result<Revision, StoreError>;
}
