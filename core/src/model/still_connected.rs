//! Sessions that outlive a cut-off: Xray takes a client off for whoever connects anew, and lets what is
//! open run on until its next start.

use super::{Bytes, DurationMs, SECOND_MS, UnixMs};
use serde::{Deserialize, Serialize};

/// A client that is off on its panel, and whose counter grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StillConnected {
    /// Since when: the first list that showed it. How long before that it lasted nobody saw, however far the
    /// list before lies back.
    pub since: UnixMs,
    /// When it was listed to have grown last.
    pub last: UnixMs,
    /// By how much it grew in all lists that showed it.
    pub by: Bytes,
}

impl StillConnected {
    /// What flowed before a cut-off is counted so long after it: two polls of the slowest panel.
    pub const COUNTED_WITHIN: DurationMs = DurationMs(20 * SECOND_MS);
    /// Two lists without growth, and nobody is connected any more.
    pub const QUIET: DurationMs = DurationMs(150 * SECOND_MS);

    /// What is known after a list: `grew` is by how much its counter did since the one before, where both
    /// showed it off. What was seen longer ago than [`Self::QUIET`] is over, whether lists said so or none came.
    #[must_use]
    pub fn listed(before: Option<Self>, grew: Option<Bytes>, now: UnixMs) -> Option<Self> {
        // One that lies in the future was before the clock was set back.
        let goes_on = |open: &Self| open.last <= now && now.since(open.last) < Self::QUIET;
        match (before.filter(goes_on), grew.filter(|by| *by > Bytes(0))) {
            (None, Some(by)) => Some(Self { since: now, last: now, by }),
            (Some(open), Some(by)) => Some(Self { last: now, by: open.by + by, ..open }),
            (before, None) => before,
        }
    }
}

/// The one restart of Xray that `cut_open_sessions` makes in its hours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionsCut {
    /// When it was decided on: durable before it is asked for.
    pub at: UnixMs,
    /// How many clients it was for.
    pub clients: u32,
    /// The audit's line of its intent, until its outcome is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intent: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    const T: UnixMs = UnixMs(1_000_000);
    const LIST: DurationMs = DurationMs(60 * SECOND_MS);

    #[test]
    fn growth_adds_up_and_two_quiet_lists_end_it() {
        let grew = |bytes| Some(Bytes(bytes));
        assert_eq!(StillConnected::listed(None, grew(0), T), None);
        let first = StillConnected::listed(None, grew(5), T).unwrap();
        assert_eq!(first, StillConnected { since: T, last: T, by: Bytes(5) });
        let second = StillConnected::listed(Some(first), grew(7), T + LIST).unwrap();
        assert_eq!((second.since, second.by), (T, Bytes(12)));
        let quiet = |after| StillConnected::listed(Some(second), grew(0), second.last + after);
        assert_eq!((quiet(LIST), quiet(LIST + LIST)), (Some(second), Some(second)));
        assert_eq!(quiet(LIST + LIST + LIST), None);
        assert_eq!(StillConnected::listed(Some(second), None, T), None, "the clock was set back");
    }

    #[test]
    fn what_nobody_looked_at_for_long_begins_anew() {
        let open = StillConnected { since: T, last: T + LIST, by: Bytes(5) };
        let now = open.last + StillConnected::QUIET;
        let again = StillConnected::listed(Some(open), Some(Bytes(2)), now);
        assert_eq!(again, Some(StillConnected { since: now, last: now, by: Bytes(2) }));
    }
}
