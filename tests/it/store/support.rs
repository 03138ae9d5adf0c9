//! Stores to test, records to put in, and a gate that holds a store at one of its crash points.

use nebulalinks::model::{
    AccountId, Actor, Audit, Edits, InteractionOrder, OrderId, Outcome, Record, Reservations,
    Retained, RetainedKind, Served, UnixMs,
};
use nebulalinks::ports::Store;
use nebulalinks::store::{CrashPoint, MemoryStore, OpenOptions, SledStore};
use nebulalinks_testkit::people::asked;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;
use ulid::Ulid;

/// The longest that a test waits for something that must happen.
pub(super) const DEADLINE: Duration = Duration::from_secs(20);

/// What an operator did to a store.
pub(super) fn audit_line(verb: &str, at: u64) -> Audit {
    Audit {
        id: format!("01jd00000000000000{at:08}"),
        actor: Actor::Cli("omar".into()),
        verb: verb.into(),
        subject: "store".into(),
        outcome: Outcome::Done,
        of: None,
        reason: None,
        catalog: String::new(),
        commit: None,
        at: UnixMs(at),
    }
}

/// A store and what a test may do to it.
pub(super) struct Harness {
    pub(super) store: Arc<dyn Store>,
    pub(super) gate: Arc<Gate>,
    pub(super) free: Arc<Mutex<Option<u64>>>,
    memory: Option<Arc<MemoryStore>>,
    _folder: Option<tempfile::TempDir>,
}

impl Harness {
    pub(super) fn memory() -> Self {
        let gate = Arc::new(Gate::default());
        let store = Arc::new(MemoryStore::new().with_crash_point(gate.hook()));
        Self {
            store: store.clone(),
            gate,
            free: Arc::default(),
            memory: Some(store),
            _folder: None,
        }
    }

    pub(super) fn sled() -> Self {
        let gate = Arc::new(Gate::default());
        let free: Arc<Mutex<Option<u64>>> = Arc::default();
        let folder = tempfile::tempdir().unwrap();
        let mut options = options(folder.path());
        options.hooks.crash_point = gate.hook();
        let asked = Arc::clone(&free);
        options.hooks.free_bytes = Arc::new(move |_| Ok(asked.lock().unwrap().unwrap_or(u64::MAX)));
        let store = Arc::new(SledStore::open(options).unwrap());
        Self { store, gate, free, memory: None, _folder: Some(folder) }
    }

    /// From now on the disk has this many bytes free.
    pub(super) fn set_free(&self, bytes: u64) {
        *self.free.lock().unwrap() = Some(bytes);
        if let Some(memory) = &self.memory {
            memory.set_free_bytes(Some(bytes));
        }
    }
}

/// Where there is no store yet one is made. Small and without a ballast; a fatal error ends the test's store instead of its process.
pub(super) fn options(folder: &Path) -> OpenOptions {
    let mut options = OpenOptions::at(folder.join("state"));
    options.cache_mib = 8;
    options.ballast_mib = 0;
    options.hooks.fatal = Arc::new(|_| {});
    if !options.path.exists() {
        SledStore::init(&options).unwrap();
    }
    options
}

#[derive(Default)]
struct Held {
    at: Option<&'static str>,
    reached: bool,
}

/// Holds the thread that passes a point, until it is opened.
#[derive(Default)]
pub(super) struct Gate {
    held: Mutex<Held>,
    changed: Condvar,
}

impl Gate {
    pub(super) fn hook(self: &Arc<Self>) -> CrashPoint {
        let gate = Arc::clone(self);
        Arc::new(move |point| gate.pass(point))
    }

    fn pass(&self, point: &'static str) {
        let mut held = self.held.lock().unwrap();
        if held.at != Some(point) {
            return;
        }
        held.reached = true;
        self.changed.notify_all();
        let (held, timeout) =
            self.changed.wait_timeout_while(held, DEADLINE, |h| h.at == Some(point)).unwrap();
        drop(held);
        assert!(!timeout.timed_out(), "nobody opened the gate");
    }

    /// Holds whoever passes this point next, and lets go of whoever is held elsewhere.
    pub(super) fn close_at(&self, point: &'static str) {
        *self.held.lock().unwrap() = Held { at: Some(point), reached: false };
        self.changed.notify_all();
    }

    pub(super) fn open(&self) {
        *self.held.lock().unwrap() = Held::default();
        self.changed.notify_all();
    }

    /// Returns when somebody is held.
    pub(super) async fn reached(self: &Arc<Self>) {
        let gate = Arc::clone(self);
        let wait = move || {
            let held = gate.held.lock().unwrap();
            let (held, _) =
                gate.changed.wait_timeout_while(held, DEADLINE, |h| !h.reached).unwrap();
            held.reached
        };
        assert!(tokio::task::spawn_blocking(wait).await.unwrap(), "nobody came to the gate");
    }
}

pub(super) fn account(n: u128) -> AccountId {
    AccountId::new(Ulid(n))
}

/// A small resident record.
pub(super) fn served(of: u128, run: u32, at: u64) -> Served {
    Served { account: account(of), run, at: UnixMs(at) }
}

/// A small record that is not resident.
pub(super) fn interaction(n: u64, order: u128) -> InteractionOrder {
    InteractionOrder { interaction: asked(n), order: OrderId::new(Ulid(order)) }
}

/// A resident record whose JSON is about this long.
pub(super) fn long(id: &str, bytes: usize) -> Retained {
    Retained {
        kind: RetainedKind::Plan,
        id: id.to_owned(),
        definition: serde_json::Value::String("x".repeat(bytes)),
        since: UnixMs(0),
    }
}

pub(super) fn taken(n: u64) -> Reservations {
    Reservations { taken: n }
}

pub(super) fn put(record: impl Into<Record>) -> Edits {
    let mut edits = Edits::new();
    edits.put(record);
    edits
}

pub(super) fn insert(record: impl Into<Record>) -> Edits {
    let mut edits = Edits::new();
    edits.insert(record);
    edits
}

/// sled without the store, as a hand would open it. A sled that was dropped just now may keep its lock for moments, and
/// so may a program that another test starts, between its fork and its exec: it is waited for.
pub(super) fn raw_sled(db: &Path) -> sled::Db {
    for _ in 0..3_000 {
        match sled::open(db) {
            // sled says it in words alone.
            Err(sled::Error::Io(error)) if error.to_string().contains("could not acquire lock") => {
                std::thread::sleep(Duration::from_millis(20));
            }
            opened => return opened.unwrap(),
        }
    }
    panic!("sled keeps its lock on {}", db.display());
}
