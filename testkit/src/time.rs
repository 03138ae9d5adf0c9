//! A timekeeper for tests that are not about the clock.

use nebulalinks::model::*;
use nebulalinks::ports::{Clock, Timekeeper};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use tokio::sync::watch;

/// Believes its clock whatever it says, as if a witness always vouched for it, and keeps the dates
/// that it heard.
pub struct Believing {
    clock: Arc<dyn Clock>,
    /// The dates that it heard, and of whom.
    pub heard: Mutex<Vec<(Witness, UnixMs)>>,
}

impl Believing {
    /// A timekeeper that believes this clock.
    pub fn of(clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self { clock, heard: Mutex::default() })
    }
}

impl Timekeeper for Believing {
    fn expect_discord(&self) {}
    fn heard(&self, witness: Witness, date: UnixMs, _: DurationMs) {
        self.heard.lock().unwrap().push((witness, date));
    }
    fn reading(&self) -> TimeReading {
        TimeReading::vouched(self.clock.now())
    }
    fn changes(&self) -> watch::Receiver<TimeReading> {
        watch::Sender::new(self.reading()).subscribe()
    }
    fn differences(&self) -> BTreeMap<Witness, i64> {
        BTreeMap::new()
    }
}
