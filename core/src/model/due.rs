//! How many things fall due after a moment, told without a walk over them.

use super::visits::visit;
use super::{DAY_MS, HOUR_MS, MINUTE_MS, UnixMs};
use imbl::OrdMap;

/// The width of a bucket at each level, in ms. Each divides the next.
const WIDTHS: [u64; 4] = [1, MINUTE_MS, HOUR_MS, DAY_MS];

/// Counts of due times in buckets of a millisecond, a minute, an hour and a day. A question reads
/// the rest of one minute, at most 60 minutes, at most 24 hours, and a bucket for each day to come
/// on which something is due.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct DueCounts {
    levels: [OrdMap<u64, usize>; 4],
}

impl DueCounts {
    /// Counts one thing that is due at a moment, or takes it out.
    pub(super) fn count(&mut self, at: UnixMs, there: bool) {
        for (level, width) in self.levels.iter_mut().zip(WIDTHS) {
            step(level, at.0 / width, there);
        }
    }

    /// Whether nothing is counted.
    pub(super) fn is_empty(&self) -> bool {
        self.levels.iter().all(OrdMap::is_empty)
    }

    /// How many are due later than `now`.
    pub(super) fn after(&self, now: UnixMs) -> usize {
        let Some(mut from) = now.0.checked_add(1) else { return 0 };
        let wider = WIDTHS.iter().skip(1).map(|width| Some(*width)).chain([None]);
        let mut count = 0;
        for ((level, width), wider) in self.levels.iter().zip(WIDTHS).zip(wider) {
            // The narrow buckets count up to where the first wide one begins.
            let end = wider.and_then(|wider| from.checked_next_multiple_of(wider));
            let last = end.map_or(u64::MAX, |end| (end / width).saturating_sub(1));
            if from / width <= last {
                let later = level.range(from / width..=last).inspect(|_| visit());
                count += later.map(|(_, n)| n).sum::<usize>();
            }
            match end {
                Some(end) => from = end,
                None => break,
            }
        }
        count
    }
}

/// One more, or one less, under a key; a key that nothing stands under is gone.
pub(super) fn step<K: Ord + Clone>(counts: &mut OrdMap<K, usize>, key: K, there: bool) {
    let count = counts.get(&key).copied().unwrap_or(0);
    match if there { count.saturating_add(1) } else { count.saturating_sub(1) } {
        0 => counts.remove(&key),
        count => counts.insert(key, count),
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_due_later_is_counted_as_a_walk_would(
            times in prop::collection::vec(0_u64..3 * DAY_MS, 0..60),
            gone in 0_usize..60,
            anywhere in 0_u64..3 * DAY_MS,
            beside in prop::option::of((0_usize..60, 0_u64..3)),
        ) {
            // Beside a due time is where one too many, or one too few, would be counted.
            let now = match beside.filter(|_| !times.is_empty()) {
                Some((n, step)) => (times[n % times.len()] + step).saturating_sub(1),
                None => anywhere,
            };
            let mut counts = DueCounts::default();
            times.iter().for_each(|at| counts.count(UnixMs(*at), true));
            counts.count(UnixMs(u64::MAX), true);
            let gone = gone.min(times.len());
            times.iter().take(gone).for_each(|at| counts.count(UnixMs(*at), false));
            let mut left: Vec<u64> = times.iter().skip(gone).copied().collect();
            left.push(u64::MAX);
            let walk = left.iter().filter(|at| **at > now).count();
            prop_assert_eq!(counts.after(UnixMs(now)), walk);
            prop_assert_eq!(counts.after(UnixMs(u64::MAX)), 0);
            left.iter().for_each(|at| counts.count(UnixMs(*at), false));
            prop_assert!(counts.is_empty());
        }
    }
}
