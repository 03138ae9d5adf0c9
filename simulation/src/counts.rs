//! Proof that each fault met the system: a fault that never happens tests nothing.

use super::effects::Effects;
use super::trace::Trace;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

pub(super) struct Counts {
    met: Mutex<BTreeMap<&'static str, u64>>,
    trace: Arc<Trace>,
    /// Which fault met which kind of effect.
    pub(super) effects: Effects,
}

impl Counts {
    pub(super) fn new(trace: Arc<Trace>) -> Self {
        Self { met: Mutex::default(), trace, effects: Effects::default() }
    }

    pub(super) fn met(&self, what: &'static str) {
        self.trace.note(|| what.to_owned());
        *self.met.lock().unwrap().entry(what).or_default() += 1;
    }

    /// Notes something that is no fault.
    pub(super) fn note(&self, line: impl FnOnce() -> String) {
        self.trace.note(line);
    }

    pub(super) fn add_to(&self, sum: &mut BTreeMap<&'static str, u64>) {
        for (what, n) in self.met.lock().unwrap().iter() {
            *sum.entry(what).or_default() += n;
        }
    }
}
