//! All records in memory: for simulations under tokio's paused time. No threads, no I/O, no clock.

use super::journal::{chain, encode};
use super::prepare::{Prepared, prepare};
use super::{
    AFTER_APPLY, AFTER_FLUSH, AFTER_JOURNAL, AFTER_PUBLISH, BEFORE_APPLY, CrashPoint, HINTS,
    disk_space,
};
use crate::model::{Edits, Key, Kind, Lineage, Record, Revision, Snapshot, Versioned};
use crate::ports::{Span, Store, StoreError};
use async_trait::async_trait;
use imbl::OrdMap;
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{broadcast, oneshot};

/// After every key of a kind: ids are 16 bytes, and no byte of a text is 255.
const BEYOND_KEYS: [u8; 17] = [u8::MAX; 17];

/// Everything at one revision. Cloning costs nothing.
#[derive(Debug, Clone, Default)]
struct World {
    records: OrdMap<(Kind, Vec<u8>), Arc<Versioned<Record>>>,
    snapshot: Arc<Snapshot>,
    /// The lineage at every revision from 1 on.
    lineages: OrdMap<Revision, Lineage>,
}

impl World {
    fn get(&self, key: &Key) -> Option<&Arc<Versioned<Record>>> {
        self.records.get(&(key.kind(), key.to_bytes()))
    }

    fn apply(&mut self, prepared: &Prepared, revision: Revision) {
        for key in &prepared.edits.deletes {
            self.records.remove(&(key.kind(), key.to_bytes()));
        }
        for (key, record) in &prepared.edits.puts {
            let stored = Arc::new(Versioned { version: revision, value: record.clone() });
            self.records.insert((key.kind(), key.to_bytes()), stored);
        }
        let lineage = chain(self.snapshot.lineage(), revision, &encode(prepared));
        self.lineages.insert(revision, lineage);
        let next = self.snapshot.after(&prepared.edits, revision).with_lineage(lineage);
        self.snapshot = Arc::new(next);
    }
}

/// When a commit becomes durable.
#[derive(Debug, Clone, Copy)]
enum Durability {
    AtOnce,
    After(Duration),
    OnFlush,
}

type Answer = Result<Revision, StoreError>;

/// What nobody knows of yet. A conflict waits too: it may be with a commit that is not durable.
struct Pending {
    result: Answer,
    touched: Vec<Key>,
    answer: oneshot::Sender<Answer>,
}

#[derive(Default)]
struct State {
    /// With every commit.
    visible: World,
    /// What a crash leaves.
    durable: World,
    /// What may be read.
    published: World,
    pending: Vec<Pending>,
    free_bytes: Option<u64>,
    crashed: bool,
}

/// A [`Store`] in memory that can lose what was not made durable.
///
/// # Guarantees
/// The same laws as the store on disk. [`MemoryStore::crash`] keeps exactly what was durable.
/// # Caveats
/// Nothing survives the process.
pub struct MemoryStore {
    state: Mutex<State>,
    changes: broadcast::Sender<Arc<Vec<Key>>>,
    durability: Durability,
    crash_point: CrashPoint,
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl MemoryStore {
    /// An empty store whose commits are durable at once.
    #[must_use]
    pub fn new() -> Self {
        Self::of(World::default(), Durability::AtOnce, super::no_crash_point())
    }

    /// An empty store whose commits wait, visible to nobody, until [`MemoryStore::flush`]
    /// makes them durable.
    #[must_use]
    pub fn with_delayed_durability() -> Self {
        Self::of(World::default(), Durability::OnFlush, super::no_crash_point())
    }

    /// An empty store whose commits become durable together, `delay` of tokio's time later.
    #[must_use]
    pub fn with_commit_delay(delay: Duration) -> Self {
        Self::of(World::default(), Durability::After(delay), super::no_crash_point())
    }

    /// Calls this at each of [`super::CRASH_POINTS`].
    #[must_use]
    pub fn with_crash_point(mut self, crash_point: CrashPoint) -> Self {
        self.crash_point = crash_point;
        self
    }

    /// The store as it would be opened after the process ended now: only what is durable is
    /// left. This one is closed, and whoever waits for it gets [`StoreError::Closed`].
    #[must_use]
    pub fn crash(&self) -> Self {
        let mut state = self.state();
        state.crashed = true;
        state.pending.clear();
        let next = Self::of(state.durable.clone(), self.durability, Arc::clone(&self.crash_point));
        next.state().free_bytes = state.free_bytes;
        next
    }

    /// What a backup holds that is taken now; this store goes on.
    #[must_use]
    pub fn backup(&self) -> Self {
        let durable = self.state().durable.clone();
        Self::of(durable, self.durability, Arc::clone(&self.crash_point))
    }

    /// Makes everything that was committed durable, publishes it, and answers.
    pub fn flush(&self) {
        let pending = {
            let mut state = self.state();
            if state.crashed {
                return;
            }
            state.durable = state.visible.clone();
            std::mem::take(&mut state.pending)
        };
        if pending.is_empty() {
            return;
        }
        (self.crash_point)(AFTER_JOURNAL);
        (self.crash_point)(AFTER_FLUSH);
        {
            let mut state = self.state();
            if state.crashed {
                return;
            }
            state.published = state.durable.clone();
        }
        let mut answers = Vec::with_capacity(pending.len());
        for Pending { result, touched, answer } in pending {
            if !touched.is_empty() {
                // Nobody listening is fine.
                let _ = self.changes.send(Arc::new(touched));
            }
            answers.push((answer, result));
        }
        (self.crash_point)(AFTER_PUBLISH);
        for (answer, result) in answers {
            let _ = answer.send(result);
        }
    }

    /// How many commits are visible to nobody yet.
    #[must_use]
    pub fn unflushed(&self) -> usize {
        self.state().pending.len()
    }

    /// From now on the disk seems to have this many bytes free; `None` is any number.
    pub fn set_free_bytes(&self, free: Option<u64>) {
        self.state().free_bytes = free;
    }

    fn of(world: World, durability: Durability, crash_point: CrashPoint) -> Self {
        let state = State {
            visible: world.clone(),
            durable: world.clone(),
            published: world,
            ..State::default()
        };
        let (changes, _) = broadcast::channel(HINTS);
        Self { state: Mutex::new(state), changes, durability, crash_point }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Every change of the state is a whole one, so a panic elsewhere leaves it sound.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open_state(&self) -> Result<MutexGuard<'_, State>, StoreError> {
        let state = self.state();
        if state.crashed { Err(StoreError::Closed) } else { Ok(state) }
    }

    /// Applies, and gives what to wait for.
    fn apply(&self, prepared: &Prepared) -> Result<oneshot::Receiver<Answer>, StoreError> {
        (self.crash_point)(BEFORE_APPLY);
        let (answer, answered) = oneshot::channel();
        {
            let mut state = self.open_state()?;
            disk_space::admit(state.free_bytes.unwrap_or(u64::MAX), prepared.places_order)?;
            let current = state.visible.snapshot.revision();
            let conflict = prepared.conflict(|key| state.visible.get(key).map(|r| r.version));
            let pending = if let Some(key) = conflict {
                Pending { result: Err(StoreError::Conflict(key)), touched: Vec::new(), answer }
            } else if prepared.edits.is_empty() {
                Pending { result: Ok(current), touched: Vec::new(), answer }
            } else {
                let revision = current.saturating_add(1);
                state.visible.apply(prepared, revision);
                Pending { result: Ok(revision), touched: prepared.touched(), answer }
            };
            state.pending.push(pending);
        }
        (self.crash_point)(AFTER_APPLY);
        Ok(answered)
    }
}

impl MemoryStore {
    /// Every durable record of a kind, in the order of their keys: for those who look over all of them.
    #[must_use]
    pub fn records(&self, kind: Kind) -> Vec<Versioned<Record>> {
        let records = self.state().published.records.clone();
        let of_kind = records.range((kind, Vec::new())..).take_while(|((of, _), _)| *of == kind);
        of_kind.map(|(_, record)| record.as_ref().clone()).collect()
    }
}

#[async_trait]
impl Store for MemoryStore {
    fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.state().published.snapshot)
    }

    fn changes(&self) -> broadcast::Receiver<Arc<Vec<Key>>> {
        self.changes.subscribe()
    }

    async fn get(&self, key: &Key) -> Result<Option<Versioned<Record>>, StoreError> {
        Ok(self.open_state()?.published.get(key).map(|r| r.as_ref().clone()))
    }

    async fn scan(&self, span: Span) -> Result<Vec<Versioned<Record>>, StoreError> {
        let records = self.open_state()?.published.records.clone();
        if span.is_empty() {
            return Ok(Vec::new());
        }
        let of_kind = |bound, open: &[u8]| match bound {
            Bound::Included(key) => Bound::Included((span.kind, key)),
            Bound::Excluded(key) => Bound::Excluded((span.kind, key)),
            Bound::Unbounded => Bound::Included((span.kind, open.to_vec())),
        };
        let range = (of_kind(span.lower, &[]), of_kind(span.upper, &BEYOND_KEYS));
        let mut range = records.range(range);
        let next = || if span.backwards { range.next_back() } else { range.next() };
        let rows = std::iter::from_fn(next).take(span.limit.min(Span::MOST));
        Ok(rows.map(|(_, record)| record.as_ref().clone()).collect())
    }

    async fn lineage(&self, revision: Revision) -> Result<Option<Lineage>, StoreError> {
        if revision == 0 {
            return Ok(Some(Lineage::START));
        }
        Ok(self.open_state()?.published.lineages.get(&revision).copied())
    }

    async fn txn(&self, edits: Edits) -> Result<Revision, StoreError> {
        let prepared = prepare(edits)?;
        let mut answered = self.apply(&prepared)?;
        match self.durability {
            Durability::AtOnce => self.flush(),
            Durability::OnFlush => {}
            Durability::After(delay) => {
                // Whoever wakes first flushes for all, so a dropped future delays nobody.
                if let Ok(answer) = tokio::time::timeout(delay, &mut answered).await {
                    return answer.unwrap_or(Err(StoreError::Closed));
                }
                self.flush();
            }
        }
        answered.await.unwrap_or(Err(StoreError::Closed))
    }
}
