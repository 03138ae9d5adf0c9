//! The timekeeper as the controller holds it, with a planted mutation.

use super::mutation::Mutation;
use super::process::Process;
use nebulalinks::controller::WitnessedClock;
use nebulalinks::model::*;
use nebulalinks::ports::{Clock as _, Timekeeper};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use tokio::sync::watch;

/// The shipped judgement of the clocks.
pub(super) struct InstrumentedTime {
    pub(super) inner: WitnessedClock,
    pub(super) process: Arc<Process>,
    pub(super) mutation: Mutation,
    /// The first doubt that there was.
    pub(super) doubt: Mutex<Option<TimeReading>>,
}

impl InstrumentedTime {
    fn mutate(&self, reading: TimeReading) -> TimeReading {
        let vouched = TimeReading::vouched(reading.now);
        match self.mutation {
            Mutation::TrustsAnyClock => TimeReading::vouched(self.process.now()),
            Mutation::TakesServersForWitnesses if !reading.in_doubt() => vouched,
            Mutation::DoubtsForEver => {
                let mut doubt = self.doubt.lock().unwrap();
                // Nobody has told anything yet just after a start.
                let lasting = reading.verdict.doubt().is_some_and(|d| d != ClockDoubt::NoReference);
                *doubt = doubt.or(lasting.then_some(reading));
                doubt.unwrap_or(reading)
            }
            _ => reading,
        }
    }
}

impl Timekeeper for InstrumentedTime {
    fn expect_discord(&self) {
        self.inner.expect_discord();
    }
    fn heard(&self, witness: Witness, date: UnixMs, asked: DurationMs) {
        self.inner.heard(witness, date, asked);
    }
    fn reading(&self) -> TimeReading {
        self.mutate(self.inner.reading())
    }
    fn changes(&self) -> watch::Receiver<TimeReading> {
        self.inner.changes()
    }
    fn differences(&self) -> BTreeMap<Witness, i64> {
        match self.mutation {
            Mutation::IgnoresOddClocks => BTreeMap::new(),
            _ => self.inner.differences(),
        }
    }
}
