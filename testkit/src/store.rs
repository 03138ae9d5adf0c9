//! A store in memory with somebody beside each commit.

use super::people;
use super::world::NOON;
use async_trait::async_trait;
use futures::FutureExt as _;
use nebulalinks::model::{
    Actor, Audit, Edits, Key, Lineage, Outcome, Record, Revision, Snapshot, Versioned,
};
use nebulalinks::ports::{Span, Store, StoreError};
use nebulalinks::store::MemoryStore;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
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

/// The line of the audit for so many days of what was taken that are counted anew.
#[must_use]
pub fn recounted(days: usize) -> Audit {
    static COUNTED: AtomicU64 = AtomicU64::new(0);
    Audit {
        id: people::fresh_ids(9_000_000 + COUNTED.fetch_add(1, Ordering::Relaxed))
            .order
            .to_string(),
        actor: Actor::Controller,
        verb: "recount-revenue".into(),
        subject: "store".into(),
        outcome: Outcome::Done,
        of: None,
        reason: Some(format!("{days} days")),
        catalog: "abc".into(),
        commit: None,
        at: NOON,
    }
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
