//! What each panel counted when it was last asked: so that growth is held against the line. It need
//! not survive; after a start the ledgers tell the rest.

use super::lock::Locked;
use crate::model::{Observation, ServerId, UnixMs};
use crate::planner::Counters;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The counters of every server.
#[derive(Debug, Default)]
pub(super) struct LastCounters(Locked<BTreeMap<ServerId, Arc<Counters>>>);

impl LastCounters {
    /// A server's counters, as far as they are known.
    pub(super) fn of(&self, server: &ServerId) -> Arc<Counters> {
        let all = self.0.lock();
        all.get(server).cloned().unwrap_or_default()
    }

    /// Takes in what was read.
    pub(super) fn note(&self, observation: &Observation, now: UnixMs) {
        let mut all = self.0.lock();
        let counters = all.entry(observation.server.clone()).or_default();
        Arc::make_mut(counters).note(observation, now);
    }
}
