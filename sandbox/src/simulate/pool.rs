//! Seeds on several threads, each in a runtime of its own.

use indicatif::{ProgressBar, ProgressStyle};
use std::ops::RangeInclusive;
use std::sync::{Mutex, PoisonError, mpsc};

/// Runs each seed on some thread, and hands on what came of it here, in the order in which they end.
/// Once `take` says no, no further seed is begun, and those under way are still taken.
pub(super) fn each<T: Send>(
    seeds: RangeInclusive<u64>,
    threads: usize,
    run: impl Fn(u64) -> T + Sync,
    mut take: impl FnMut(u64, T) -> bool,
) {
    let many = (*seeds.end() - *seeds.start()).saturating_add(1);
    let threads = usize::try_from(many).map_or(threads, |many| threads.min(many));
    let left = Mutex::new(Some(seeds));
    let next = || left.lock().unwrap_or_else(PoisonError::into_inner).as_mut()?.next();
    std::thread::scope(|scope| {
        let (tell, told) = mpsc::channel();
        for _ in 0..threads {
            let (tell, next, run) = (tell.clone(), &next, &run);
            scope.spawn(move || {
                while let Some(seed) = next() {
                    if tell.send((seed, run(seed))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(tell);
        for (seed, outcome) in told {
            if !take(seed, outcome) {
                left.lock().unwrap_or_else(PoisonError::into_inner).take();
            }
        }
    });
}

/// A bar on standard error, where that is a terminal; else nothing is drawn.
pub(super) fn progress(seeds: u64) -> ProgressBar {
    let bar = ProgressBar::new(seeds);
    let style = "{bar:40} {pos}/{len} seeds, {per_sec}, {eta} left";
    match ProgressStyle::with_template(style) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// How many of something a unit of something else.
#[allow(clippy::cast_precision_loss, reason = "shown with one digit")]
pub(super) fn per(count: u64, of: f64) -> f64 {
    count as f64 / of.max(0.001)
}

#[cfg(test)]
mod tests {
    use super::each;

    #[test]
    fn the_last_seed_there_is_is_the_end() {
        let mut seeds = Vec::new();
        each(
            u64::MAX - 2..=u64::MAX,
            2,
            |seed| seed,
            |seed, _| {
                seeds.push(seed);
                true
            },
        );
        seeds.sort_unstable();
        assert_eq!(seeds, [u64::MAX - 2, u64::MAX - 1, u64::MAX]);
    }
}
