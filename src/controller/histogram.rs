//! Durations counted by how long they were, as Prometheus wants them: in memory, since the start.

use crate::model::{DAY_MS, DurationMs, HOUR_MS, MINUTE_MS, SECOND_MS};

/// How many durations were at most so long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Histogram {
    bounds_ms: &'static [u64],
    /// One for each bound, and one for what is longer than the last.
    counts: Vec<u64>,
    sum_ms: u64,
}

impl Histogram {
    /// From an approval on: seconds where all is well, a day where a server is down.
    pub(super) const SINCE_APPROVAL: &'static [u64] = &[
        SECOND_MS / 2,
        SECOND_MS,
        2 * SECOND_MS,
        5 * SECOND_MS,
        10 * SECOND_MS,
        30 * SECOND_MS,
        MINUTE_MS,
        2 * MINUTE_MS,
        5 * MINUTE_MS,
        10 * MINUTE_MS,
        30 * MINUTE_MS,
        HOUR_MS,
        3 * HOUR_MS,
        6 * HOUR_MS,
        12 * HOUR_MS,
        DAY_MS,
    ];

    /// Past the time at which a key was due: nothing where a worker is free.
    pub(super) const PAST_DUE: &'static [u64] = &[
        10,
        50,
        100,
        SECOND_MS / 2,
        SECOND_MS,
        2 * SECOND_MS,
        5 * SECOND_MS,
        10 * SECOND_MS,
        30 * SECOND_MS,
        MINUTE_MS,
        5 * MINUTE_MS,
        30 * MINUTE_MS,
    ];

    /// Nothing yet. The bounds, in ms, rise.
    pub(crate) fn new(bounds_ms: &'static [u64]) -> Self {
        Self { bounds_ms, counts: vec![0; bounds_ms.len() + 1], sum_ms: 0 }
    }

    /// Counts one.
    pub(crate) fn observe(&mut self, took: DurationMs) {
        let at = self.bounds_ms.partition_point(|bound| *bound < took.0);
        if let Some(count) = self.counts.get_mut(at) {
            *count += 1;
        }
        self.sum_ms = self.sum_ms.saturating_add(took.0);
    }

    /// Each bound, and how many were at most so long.
    pub fn buckets(&self) -> impl Iterator<Item = (DurationMs, u64)> {
        let mut sum = 0;
        self.bounds_ms.iter().zip(&self.counts).map(move |(bound, count)| {
            sum += count;
            (DurationMs(*bound), sum)
        })
    }

    /// How many there were.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// How long they were together.
    #[must_use]
    pub const fn sum(&self) -> DurationMs {
        DurationMs(self.sum_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_counts_in_every_bucket_that_is_as_long_and_in_the_sum() {
        let mut times = Histogram::new(&[500, 1000, 5000]);
        for ms in [0, 500, 501, 5000, 5001] {
            times.observe(DurationMs(ms));
        }
        let buckets: Vec<(u64, u64)> = times.buckets().map(|(b, n)| (b.0, n)).collect();
        assert_eq!(buckets, [(500, 2), (1000, 3), (5000, 4)]);
        assert_eq!((times.count(), times.sum()), (5, DurationMs(11_002)));
    }

    #[test]
    fn bounds_rise() {
        for bounds in [Histogram::SINCE_APPROVAL, Histogram::PAST_DUE] {
            assert!(bounds.is_sorted_by(|a, b| a < b), "{bounds:?}");
        }
    }
}
