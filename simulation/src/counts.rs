//! Proof that each fault met the system: a fault that never happens tests nothing.

use std::collections::BTreeMap;
use std::sync::Mutex;

#[derive(Default)]
pub(super) struct Counts(Mutex<BTreeMap<&'static str, u64>>);

impl Counts {
    pub(super) fn met(&self, what: &'static str) {
        *self.0.lock().unwrap().entry(what).or_default() += 1;
    }

    pub(super) fn add_to(&self, sum: &mut BTreeMap<&'static str, u64>) {
        for (what, n) in self.0.lock().unwrap().iter() {
            *sum.entry(what).or_default() += n;
        }
    }
}
