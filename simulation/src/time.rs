//! One time for everybody, on tokio's paused clock.

use nebulalinks::model::{DurationMs, Moment, ServerId, UnixMs};
use std::collections::BTreeMap;
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

    pub(super) async fn until_by(&self, party: Option<&Party>, moment: UnixMs) {
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

/// Lets virtual time pass.
pub async fn pass_seconds(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}
