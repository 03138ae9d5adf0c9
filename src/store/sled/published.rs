//! What the writer publishes and everybody reads.

use crate::model::{Key, Snapshot};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::broadcast;

/// What the writer publishes and everybody reads.
pub(super) struct Published {
    pub(super) snapshot: RwLock<Arc<Snapshot>>,
    pub(super) changes: broadcast::Sender<Arc<Vec<Key>>>,
    /// There are records in sled that nobody read since the open.
    pub(super) unread: AtomicBool,
}

impl Published {
    pub(super) fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.snapshot.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn publish(&self, next: Arc<Snapshot>) {
        *self.snapshot.write().unwrap_or_else(PoisonError::into_inner) = next;
    }
}
