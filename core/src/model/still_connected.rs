//! Sessions that outlive a cut-off: Xray takes a client off for whoever connects anew, and lets what is
//! open run on until its next start.

use super::{Bytes, DurationMs, SECOND_MS, UnixMs};
use serde::{Deserialize, Serialize};

/// A client that is off on its panel, and whose counter grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StillConnected {
    /// Since when: the list before the first that showed it, or that one, where the list before lies far back.
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

    /// What is known after a list: `grew` is by how much its counter did since the one before, and when
    /// that was, where both showed it off.
    #[must_use]
    pub fn listed(
        before: Option<Self>,
        grew: Option<(Bytes, UnixMs)>,
        now: UnixMs,
    ) -> Option<Self> {
        // Nobody looked for so long: what lies in between is no time that somebody was connected.
        let is_far = |at: UnixMs| now.since(at) >= Self::QUIET;
        match (before, grew.filter(|(by, _)| *by > Bytes(0))) {
            (None, Some((by, at))) => {
                Some(Self { since: if is_far(at) { now } else { at }, last: now, by })
            }
            (Some(open), Some((by, at))) => {
                let since = if is_far(at) { now } else { open.since };
                Some(Self { since, last: now, by: open.by + by })
            }
            // One that lies in the future was before the clock was set back.
            (Some(open), None) => {
                (open.last <= now && now.since(open.last) < Self::QUIET).then_some(open)
            }
            (None, None) => None,
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
        let grew = |bytes| Some((Bytes(bytes), T));
        assert_eq!(StillConnected::listed(None, grew(0), T), None);
        let first = StillConnected::listed(None, grew(5), T + LIST).unwrap();
        assert_eq!(first, StillConnected { since: T, last: T + LIST, by: Bytes(5) });
        let second = StillConnected::listed(Some(first), grew(7), T + LIST + LIST).unwrap();
        assert_eq!((second.since, second.by), (T, Bytes(12)));
        let quiet = |after| StillConnected::listed(Some(second), grew(0), second.last + after);
        assert_eq!((quiet(LIST), quiet(LIST + LIST)), (Some(second), Some(second)));
        assert_eq!(quiet(LIST + LIST + LIST), None);
        assert_eq!(StillConnected::listed(Some(second), None, T), None, "the clock was set back");
    }

    #[test]
    fn the_time_between_two_lists_that_are_far_apart_is_not_counted() {
        let now = T + StillConnected::QUIET;
        let open = StillConnected { since: T, last: T, by: Bytes(5) };
        for (before, by) in [(None, Bytes(2)), (Some(open), Bytes(7))] {
            let after = StillConnected::listed(before, Some((Bytes(2), T)), now);
            assert_eq!(after, Some(StillConnected { since: now, last: now, by }));
        }
    }
}
