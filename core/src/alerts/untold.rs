//! Of what staff are to be told by a message of its own: an edit of the card notifies nobody.

use super::Alert;
use crate::model::{DurationMs, MINUTE_MS, ToldAlerts, UnixMs};
use std::collections::BTreeSet;

/// Between two messages: what comes within it comes in one.
const APART: DurationMs = DurationMs(MINUTE_MS);

/// What is to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Untold<'a> {
    /// Alerts that nobody was told of.
    pub new: Vec<&'a Alert>,
    /// The names of those that were told of and are over.
    pub over: Vec<String>,
    /// When it may be told.
    pub from: UnixMs,
}

impl Untold<'_> {
    /// What has been told once this is.
    #[must_use]
    pub fn told(&self, before: Option<&ToldAlerts>, at: UnixMs) -> ToldAlerts {
        let mut names = before.map(|told| told.names.clone()).unwrap_or_default();
        names.retain(|name| !self.over.contains(name));
        names.extend(self.new.iter().map(|alert| alert.name()));
        ToldAlerts { at, names }
    }
}

/// What staff were not told of the alerts that stand; `None` where they know.
#[must_use]
pub fn untold<'a>(alerts: &'a [Alert], told: Option<&ToldAlerts>) -> Option<Untold<'a>> {
    let nobody = BTreeSet::new();
    let names = told.map_or(&nobody, |told| &told.names);
    let standing: BTreeSet<String> = alerts.iter().map(Alert::name).collect();
    let new: Vec<&Alert> = alerts.iter().filter(|alert| !names.contains(&alert.name())).collect();
    let over: Vec<String> = names.difference(&standing).cloned().collect();
    let from = told.map_or(UnixMs(0), |told| told.at + APART);
    (!new.is_empty() || !over.is_empty()).then_some(Untold { new, over, from })
}
