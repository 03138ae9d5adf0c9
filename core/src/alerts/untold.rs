//! Of what staff are to be told by a message of its own: an edit of the card notifies nobody.

use super::Alert;
use crate::model::{DurationMs, HOUR_MS, MINUTE_MS, Telling, ToldAlerts, UnixMs};
use std::collections::BTreeSet;

/// Between two messages: what comes within it comes in one.
const APART: DurationMs = DurationMs(MINUTE_MS);
/// A number that has grown is told again after this, or with the next news.
const GROWN: DurationMs = DurationMs(HOUR_MS);

/// What staff are to be told of the alerts that stand, and of those that are `over`; `None` where they
/// know, or were told of something just now.
#[must_use]
pub fn untold(
    standing: &[Alert],
    over: BTreeSet<String>,
    told: &ToldAlerts,
    now: UnixMs,
) -> Option<Telling> {
    // One that was told in the future was told by a clock that was wrong.
    let ago = (told.at <= now).then(|| now.since(told.at));
    if ago.is_some_and(|ago| ago < APART) {
        return None;
    }
    let is_new = |alert: &Alert| !told.names.contains_key(&alert.name());
    let grew = |alert: &Alert| told.names.get(&alert.name()).is_some_and(|n| alert.count() > *n);
    // What grew goes with whatever is told: other news must not put it off for ever.
    let speaks = !over.is_empty() || standing.iter().any(is_new);
    let grown_too = speaks || ago.is_none_or(|ago| ago >= GROWN);
    let new = standing.iter().filter(|alert| is_new(alert) || (grown_too && grew(alert)));
    let new = new.map(|alert| (alert.name(), alert.count())).collect();
    let telling = Telling { at: now, new, over };
    (!telling.new.is_empty() || !telling.over.is_empty()).then_some(telling)
}

/// The same with each number that fell as it is now, so that it is news when it grows again.
#[must_use]
pub fn lowered(standing: &[Alert], mut told: ToldAlerts) -> ToldAlerts {
    for alert in standing {
        if let Some(count) = told.names.get_mut(&alert.name()) {
            *count = alert.count().min(*count);
        }
    }
    told
}
