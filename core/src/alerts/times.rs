//! For how long things have been so, or are no longer so, by the process's own clock: it never steps.

use super::{Alert, AlertKind};
use crate::model::{DurationMs, MINUTE_MS, ToldAlerts, UnixMs};
use std::collections::{BTreeMap, BTreeSet};

/// What was told of is over once it has not been so for this long: what comes and goes is one alert.
const OVER_AFTER: DurationMs = DurationMs(2 * MINUTE_MS);

/// Since when, in the process's monotonic time. Starts empty.
#[derive(Debug, Default)]
pub struct Times {
    so: BTreeMap<String, DurationMs>,
    gone: BTreeMap<String, DurationMs>,
}

impl Times {
    /// Notes what is so at a moment, and what of that which was told is not.
    pub fn note(&mut self, so: &[Alert], told: &ToldAlerts, at: DurationMs) {
        let names: BTreeSet<String> = so.iter().map(Alert::name).collect();
        self.so.retain(|name, _| names.contains(name));
        self.gone.retain(|name, _| told.names.contains_key(name) && !names.contains(name));
        for name in told.names.keys().filter(|name| !names.contains(*name)) {
            self.gone.entry(name.clone()).or_insert(at);
        }
        for name in names {
            self.so.entry(name).or_insert(at);
        }
    }

    /// What of it needs a person: what has been so for long enough, and what staff were told of.
    #[must_use]
    pub fn standing(
        &self,
        mut so: Vec<Alert>,
        told: &ToldAlerts,
        now: UnixMs,
        at: DurationMs,
    ) -> Vec<Alert> {
        so.retain(|alert| {
            let (name, after) = (alert.name(), alert.kind.after());
            let by_record = alert.since.is_some_and(|since| now.since(since) >= after);
            let seen = self.so.get(&name).is_some_and(|since| at >= *since + after);
            by_record || seen || told.names.contains_key(&name)
        });
        so
    }

    /// Which of those that were told of are over. Of a server that does not answer nobody knows.
    #[must_use]
    pub fn over(&self, so: &[Alert], at: DurationMs) -> BTreeSet<String> {
        let silent: Vec<&str> = so
            .iter()
            .filter(|alert| alert.kind == AlertKind::ServerUnreachable)
            .filter_map(|alert| alert.server.as_ref().map(|id| id.as_str()))
            .collect();
        let is_known =
            |name: &str| name.split_once(':').is_none_or(|(_, id)| !silent.contains(&id));
        let over =
            self.gone.iter().filter(|(name, since)| at >= **since + OVER_AFTER && is_known(name));
        over.map(|(name, _)| name.clone()).collect()
    }
}
