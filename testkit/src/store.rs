//! A store in memory with somebody beside each commit.

use async_trait::async_trait;
use futures::FutureExt as _;
use nebulalinks::model::{Edits, Key, Lineage, Record, Revision, Snapshot, Versioned};
use nebulalinks::ports::{Span, Store, StoreError};
use nebulalinks::store::MemoryStore;
use std::sync::Arc;
use tokio::sync::broadcast;

/// Commits these now. The store makes commits durable at once.
///
/// # Panics
/// The store refuses them, or waits before it answers.
pub fn commit_now(store: &MemoryStore, edits: Edits) -> Revision {
    store.txn(edits).now_or_never().expect("durable at once").unwrap()
}

/// Puts one record, whatever stands there. The store makes commits durable at once.
///
/// # Panics
/// As [`commit_now`].
pub fn put_now(store: &MemoryStore, record: impl Into<Record>) {
    let mut edits = Edits::new();
    edits.put(record);
    commit_now(store, edits);
}

/// What happens instead of a commit, and of a look at the records.
#[async_trait]
pub trait CommitHook: Send + Sync {
    /// Commits to the store in its own way, or not at all.
    async fn commit(&self, store: &Arc<MemoryStore>, edits: Edits) -> Result<Revision, StoreError>;

    /// The records as whoever looks sees them.
    fn snapshot(&self, store: &Arc<MemoryStore>) -> Arc<Snapshot> {
        store.snapshot()
    }
}

/// A [`MemoryStore`] whose commits and snapshots go through a hook; other reads go to the store itself.
pub struct HookedStore<H> {
    /// The store behind it.
    pub inner: Arc<MemoryStore>,
    /// What commits meet.
    pub hook: H,
}

#[async_trait]
impl<H: CommitHook> Store for HookedStore<H> {
    fn snapshot(&self) -> Arc<Snapshot> {
        self.hook.snapshot(&self.inner)
    }
    fn changes(&self) -> broadcast::Receiver<Arc<Vec<Key>>> {
        self.inner.changes()
    }
    async fn get(&self, key: &Key) -> Result<Option<Versioned<Record>>, StoreError> {
        self.inner.get(key).await
    }
    async fn scan(&self, span: Span) -> Result<Vec<Versioned<Record>>, StoreError> {
        self.inner.scan(span).await
    }
    async fn lineage(&self, revision: Revision) -> Result<Option<Lineage>, StoreError> {
        self.inner.lineage(revision).await
    }
    async fn txn(&self, edits: Edits) -> Result<Revision, StoreError> {
        self.hook.commit(&self.inner, edits).await
    }
}
