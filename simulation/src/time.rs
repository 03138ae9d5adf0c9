//! One time for everybody, on tokio's paused clock; and a process that can die at a crash point.

use super::counts::Counts;
use super::effects::EffectFault;
use async_trait::async_trait;
use nebulalinks::model::{DurationMs, Moment, ServerId, UnixMs};
use nebulalinks::ports::Clock;
use nebulalinks::store::{AFTER_APPLY, MemoryStore};
use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// Whose clock can be wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Party {
    /// The controller's host.
    Controller,
    /// A server's host: its gateway's clock and its panel's.
    Server(ServerId),
}

/// The true time: tokio's and every step forward, which no monotonic clock goes along with. And how
/// far each clock is off.
pub struct Time {
    origin: Instant,
    base_ms: u64,
    stepped_ms: AtomicU64,
    stepped: Notify,
    /// When every machine last slept, ms that it was awake since the start.
    slept_at_ms: AtomicU64,
    /// By how much, since when, and how many ms every machine had been awake then.
    off_ms: Mutex<BTreeMap<Party, (i64, UnixMs, u64)>>,
    /// Nobody outside of the servers tells the time.
    silent: AtomicBool,
}

impl Time {
    /// It is this late.
    pub fn new(base: UnixMs) -> Self {
        Self {
            origin: Instant::now(),
            base_ms: base.0,
            stepped_ms: AtomicU64::new(0),
            stepped: Notify::new(),
            slept_at_ms: AtomicU64::new(0),
            off_ms: Mutex::default(),
            silent: AtomicBool::new(false),
        }
    }

    /// The true time.
    pub fn now(&self) -> UnixMs {
        UnixMs(self.base_ms + self.awake_ms() + self.stepped_ms.load(Ordering::SeqCst))
    }

    fn awake_ms(&self) -> u64 {
        u64::try_from(self.origin.elapsed().as_millis()).unwrap()
    }

    /// How long it has been since the start, steps included.
    #[must_use]
    pub fn passed(&self) -> DurationMs {
        self.now().since(UnixMs(self.base_ms))
    }

    /// What somebody's clock says.
    pub fn of(&self, party: &Party) -> UnixMs {
        UnixMs(self.now().0.saturating_add_signed(self.off(party)))
    }

    /// How far a clock is ahead, ms.
    pub fn off(&self, party: &Party) -> i64 {
        self.off_ms.lock().unwrap().get(party).map_or(0, |(ms, ..)| *ms)
    }

    /// Sets a clock so far ahead, or right.
    pub fn set_off(&self, party: Party, ms: i64) {
        let set = (ms, self.now(), self.awake_ms());
        self.off_ms.lock().unwrap().insert(party, set);
        self.stepped.notify_waiters();
    }

    /// How long ago a clock was last set.
    pub fn since_set(&self, party: &Party) -> DurationMs {
        let set = self.off_ms.lock().unwrap().get(party).map(|(_, at, _)| *at);
        self.now().since(set.unwrap_or(UnixMs(0)))
    }

    /// How long every machine has been awake since a clock was last set, or since they last slept: who
    /// wakes up is in doubt until somebody has told the time.
    pub(super) fn awake_since_set(&self, party: &Party) -> DurationMs {
        let set = self.off_ms.lock().unwrap().get(party).map_or(0, |(.., awake)| *awake);
        DurationMs(self.awake_ms() - set.max(self.slept_at_ms.load(Ordering::SeqCst)))
    }

    /// Discord answers no more, or again.
    pub fn silence(&self, silent: bool) {
        self.silent.store(silent, Ordering::SeqCst);
    }

    pub(super) fn is_silent(&self) -> bool {
        self.silent.load(Ordering::SeqCst)
    }

    /// Both clocks of the controller: a step of the wall clock does not move the monotonic one.
    pub fn moment(&self) -> Moment {
        Moment { wall: self.of(&Party::Controller), monotonic: DurationMs(self.awake_ms()) }
    }

    /// The time passes and no monotonic clock sees it: every machine was suspended.
    pub fn step(&self, ms: u64) {
        self.slept_at_ms.store(self.awake_ms(), Ordering::SeqCst);
        self.stepped_ms.fetch_add(ms, Ordering::SeqCst);
        self.stepped.notify_waiters();
    }

    async fn until_by(&self, party: Option<&Party>, moment: UnixMs) {
        loop {
            // Registered before the clock is read, so that no step is missed.
            let stepped = self.stepped.notified();
            let now = party.map_or_else(|| self.now(), |party| self.of(party));
            let left = moment.since(now);
            if left.0 == 0 {
                return;
            }
            tokio::select! {
                biased;
                () = tokio::time::sleep(left.to_std()) => {}
                () = stepped => {}
            }
        }
    }

    /// Waits for a moment of the true time.
    pub async fn until(&self, moment: UnixMs) {
        self.until_by(None, moment).await;
    }
}

/// A gateway's clock.
pub(super) struct GatewayClock(pub(super) Arc<Time>, pub(super) ServerId);

impl nebulalinks_gateway::Clock for GatewayClock {
    fn now_ms(&self) -> u64 {
        self.0.of(&Party::Server(self.1.clone())).0
    }
}

/// One life of the controller's process.
pub struct Process {
    time: Arc<Time>,
    counts: Arc<Counts>,
    alive: AtomicBool,
    dies_in: Mutex<Option<u32>>,
    dies_at: Mutex<Option<&'static str>>,
    store: Mutex<Option<Arc<MemoryStore>>>,
    heir: Mutex<Option<MemoryStore>>,
}

impl Process {
    pub(super) fn new(time: Arc<Time>, counts: Arc<Counts>) -> Self {
        Self {
            time,
            counts,
            alive: AtomicBool::new(true),
            dies_in: Mutex::new(None),
            dies_at: Mutex::new(None),
            store: Mutex::new(None),
            heir: Mutex::new(None),
        }
    }

    pub(super) fn owns(&self, store: Arc<MemoryStore>) {
        *self.store.lock().unwrap() = Some(store);
    }

    /// Whether it lives.
    pub fn is_alive(&self) -> bool {
        self.alive.load(Ordering::SeqCst)
    }

    /// The process ends at the n-th crash point from now.
    pub fn die_in(&self, points: u32) {
        *self.dies_in.lock().unwrap() = Some(points);
    }

    /// The process ends when it next comes to this point.
    pub fn die_at(&self, point: &'static str) {
        *self.dies_at.lock().unwrap() = Some(point);
    }

    fn is_due(&self, point: &'static str) -> bool {
        let at_effect = |fault: EffectFault| fault == EffectFault::Crash(point);
        if self.counts.effects.is_due(at_effect).is_some() {
            return true;
        }
        if *self.dies_at.lock().unwrap() == Some(point) {
            return true;
        }
        match self.dies_in.lock().unwrap().as_mut() {
            None => false,
            Some(0) => true,
            Some(left) => {
                *left -= 1;
                false
            }
        }
    }

    /// The intents of effects are about to be committed, and something may have to come first.
    pub(super) async fn held_up(&self, verbs: &[String]) {
        self.counts.effects.held_up(verbs).await;
    }

    /// The intents of effects are about to be committed.
    pub(super) fn note_intents(&self, verbs: Vec<String>) {
        let effects = &self.counts.effects;
        effects.intents(verbs);
        if effects.is_due(|fault| fault == EffectFault::CrashUndurable).is_some() {
            self.die_at(AFTER_APPLY);
        }
    }

    /// The process ends here: what was not durable is lost.
    pub fn kill(&self) {
        self.alive.store(false, Ordering::SeqCst);
        if let Some(store) = self.store.lock().unwrap().take() {
            *self.heir.lock().unwrap() = Some(store.crash());
        }
    }

    /// What the next process finds on the disk.
    pub fn left_behind(&self) -> MemoryStore {
        self.heir.lock().unwrap().take().expect("it is dead")
    }

    /// Passes a crash point; whoever belongs to a dead process goes no further.
    pub fn pass(&self, point: &'static str) {
        if self.is_alive() {
            if !self.is_due(point) {
                return;
            }
            self.counts.met("crash");
            self.counts.met(point);
            self.kill();
        }
        resume_unwind(Box::new("the process died"));
    }

    /// Nothing of a dead process reaches the world.
    pub async fn gate(&self) {
        if !self.is_alive() {
            std::future::pending::<()>().await;
        }
    }
}

#[async_trait]
impl Clock for Process {
    fn now(&self) -> UnixMs {
        self.time.of(&Party::Controller)
    }

    fn moment(&self) -> Moment {
        self.time.moment()
    }

    async fn sleep_until(&self, moment: UnixMs) {
        self.time.until_by(Some(&Party::Controller), moment).await;
    }

    fn crash_point(&self, point: &'static str) {
        self.pass(point);
    }
}

/// Lets virtual time pass.
pub async fn pass_seconds(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}
