//! All records, durable.

use crate::model::{Edits, Key, Lineage, Record, Revision, Snapshot, Versioned};
use async_trait::async_trait;
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

/// All records, durable.
///
/// # Guarantees
/// What [`Store::snapshot`] and [`Store::get`] show is durable. `txn` is all or nothing, and when
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
    /// The hash of this store's history at a revision: `None` for a revision that it does not have
    /// or no longer knows the hash of. Two histories are the same up to a revision exactly when
    /// their hashes there are.
    async fn lineage(&self, revision: Revision) -> Result<Option<Lineage>, StoreError>;
    /// Commits, and answers with the new revision.
    async fn txn(&self, edits: Edits) -> Result<Revision, StoreError>;
}
