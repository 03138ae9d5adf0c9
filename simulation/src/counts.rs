//! Proof that each fault met the system: a fault that never happens tests nothing.

use super::effects::Effects;
use super::trace::Trace;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

pub(super) struct Counts {
    met: Mutex<BTreeMap<&'static str, u64>>,
    trace: Arc<Trace>,
    /// How many requests came to accounts' addresses.
    requests: AtomicU32,
    /// Which fault met which kind of effect.
    pub(super) effects: Effects,
}

impl Counts {
    pub(super) fn new(trace: Arc<Trace>) -> Self {
        Self {
            met: Mutex::default(),
            trace,
            requests: AtomicU32::new(0),
            effects: Effects::default(),
        }
    }

    pub(super) fn met(&self, what: &'static str) {
        self.trace.note(|| what.to_owned());
        *self.met.lock().unwrap().entry(what).or_default() += 1;
    }

    /// How often this happened so far.
    pub(super) fn times(&self, what: &'static str) -> u64 {
        self.met.lock().unwrap().get(what).copied().unwrap_or(0)
    }

    /// The number of a request to an account's address.
    pub(super) fn one_more_request(&self) -> u32 {
        self.requests.fetch_add(1, Ordering::SeqCst)
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
