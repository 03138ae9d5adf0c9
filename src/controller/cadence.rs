//! How often the loop looks at what nobody told it to have changed.

use crate::model::{DurationMs, HOUR_MS, MINUTE_MS, SECOND_MS};

/// How often the loop looks again while nothing is due. What falls due, a record that changed, a
/// failure and a doubt about the clock are met in their own time, whatever stands here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cadence {
    /// How often a server is listed.
    pub resync: DurationMs,
    /// How often a claim is repeated; a gateway gives another store the place after 2 min of silence.
    pub claim: DurationMs,
    /// How often those are read who are close to their caps.
    pub near: DurationMs,
    /// How often a surface that somebody needs is looked for, and a refused one is tried again. A
    /// deletion is only a hint, and is not told to who was away; and permissions are mended.
    pub surfaces: DurationMs,
    /// How often everything is looked at, whatever hints came.
    pub sweep: DurationMs,
    /// How often it is looked whether the clock was set back, at least.
    pub pulse: DurationMs,
    /// How often the confirmed time is remembered, at most.
    pub clock: DurationMs,
}

impl Default for Cadence {
    /// As a shop runs.
    fn default() -> Self {
        Self {
            resync: DurationMs(60 * SECOND_MS),
            claim: DurationMs(30 * SECOND_MS),
            near: DurationMs(10 * SECOND_MS),
            surfaces: DurationMs(4 * MINUTE_MS),
            sweep: DurationMs(10 * MINUTE_MS),
            pulse: DurationMs(5 * SECOND_MS),
            clock: DurationMs(MINUTE_MS),
        }
    }
}

impl Cadence {
    /// Every 6 h: for whoever knows that nothing happens until then that the loop is not told.
    #[must_use]
    pub const fn quiet() -> Self {
        let every = DurationMs(6 * HOUR_MS);
        Self {
            resync: every,
            claim: every,
            near: every,
            surfaces: every,
            sweep: every,
            pulse: every,
            clock: every,
        }
    }
}
