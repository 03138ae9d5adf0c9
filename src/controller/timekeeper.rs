//! The timekeeper: keeps what everybody tells of the time, and says whether our clock is believed.

use super::lock::Locked;
use crate::catalog::Catalog;
use crate::model::{DurationMs, Moment, TimeReading, UnixMs, Witness};
use crate::planner::clocks::{Clocks, Hosts};
use crate::ports::{Clock, Store, Timekeeper};
use std::collections::BTreeMap;
use std::sync::{Arc, MutexGuard};
use tokio::sync::watch;

/// Our clock, believed as far as its witnesses go.
pub struct WitnessedClock {
    clock: Arc<dyn Clock>,
    store: Arc<dyn Store>,
    catalog: watch::Receiver<Arc<Catalog>>,
    known: Locked<Known>,
    changes: watch::Sender<TimeReading>,
}

struct Known {
    clocks: Clocks,
    /// The hosts, and the catalog they were read from.
    hosts: Hosts,
    of: Arc<Catalog>,
}

impl WitnessedClock {
    /// A clock that nobody has confirmed yet.
    #[must_use]
    pub fn new(
        clock: Arc<dyn Clock>,
        store: Arc<dyn Store>,
        catalog: watch::Receiver<Arc<Catalog>>,
    ) -> Self {
        let of = Arc::clone(&catalog.borrow());
        let hosts = Hosts::of(&of);
        let mut known = Known { clocks: Clocks::default(), hosts, of };
        let seen = store.snapshot().clock_seen().map(|seen| seen.at);
        let first = known.clocks.judge(clock.moment(), &known.hosts, seen);
        Self {
            clock,
            store,
            catalog,
            known: Locked::new(known),
            changes: watch::Sender::new(first),
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock()
    }

    fn judge(&self, known: &mut Known, at: Moment) -> TimeReading {
        let catalog = Arc::clone(&self.catalog.borrow());
        if !Arc::ptr_eq(&catalog, &known.of) {
            (known.hosts, known.of) = (Hosts::of(&catalog), catalog);
        }
        let seen = self.store.snapshot().clock_seen().map(|seen| seen.at);
        let reading = known.clocks.judge(at, &known.hosts, seen);
        self.changes.send_if_modified(|last| {
            let news = last.verdict != reading.verdict;
            *last = reading;
            news
        });
        reading
    }
}

impl Timekeeper for WitnessedClock {
    fn expect_discord(&self) {
        self.known().clocks.expect_discord();
    }

    fn heard(&self, witness: Witness, date: UnixMs, asked: DurationMs) {
        let mut known = self.known();
        let at = self.clock.moment();
        known.clocks.hear(witness, date, asked, at);
        self.judge(&mut known, at);
    }

    fn reading(&self) -> TimeReading {
        let mut known = self.known();
        let at = self.clock.moment();
        self.judge(&mut known, at)
    }

    fn changes(&self) -> watch::Receiver<TimeReading> {
        self.changes.subscribe()
    }

    fn differences(&self) -> BTreeMap<Witness, i64> {
        self.known().clocks.differences(self.clock.moment())
    }
}
