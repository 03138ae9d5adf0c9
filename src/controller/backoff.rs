//! How long a key waits after a failure. The only place that names `backoff`, and only its
//! arithmetic: it is unmaintained and by default gives up after 15 minutes (docs/adr/0003).

use super::keys::WorkKey;
use crate::model::DurationMs;
use ::backoff::ExponentialBackoff;
use ::backoff::backoff::Backoff as _;
use std::collections::BTreeMap;
use std::time::Duration;

/// The delays of all keys that failed last time.
#[derive(Default)]
pub(super) struct Backoffs {
    failing: BTreeMap<WorkKey, ExponentialBackoff>,
}

impl Backoffs {
    /// The next delay of a key: from half a second to half a minute, ± 20 %. It never gives up.
    pub(super) fn failed(&mut self, key: &WorkKey, fraction: f64) -> DurationMs {
        let backoff = self.failing.entry(key.clone()).or_insert_with(|| ExponentialBackoff {
            current_interval: Duration::from_millis(500),
            initial_interval: Duration::from_millis(500),
            randomization_factor: 0.0,
            multiplier: 2.0,
            max_interval: Duration::from_secs(30),
            max_elapsed_time: None,
            ..ExponentialBackoff::default()
        });
        let delay = backoff.next_backoff().unwrap_or(Duration::from_secs(30));
        let jittered = delay.mul_f64(0.8 + 0.4 * fraction.clamp(0.0, 1.0));
        DurationMs(u64::try_from(jittered.as_millis()).unwrap_or(30_000))
    }

    /// The key succeeded.
    pub(super) fn succeeded(&mut self, key: &WorkKey) {
        self.failing.remove(key);
    }

    /// Whether the key failed last time.
    pub(super) fn is_failing(&self, key: &WorkKey) -> bool {
        self.failing.contains_key(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn delays_grow_to_half_a_minute_and_never_end() {
        let mut backoffs = Backoffs::default();
        let key = WorkKey::Server("a".parse().unwrap());
        let delays: Vec<u64> = (0..2000).map(|_| backoffs.failed(&key, 0.5).0).collect();
        assert_eq!(delays[0], 500);
        assert!(delays.windows(2).all(|w| w[1] >= w[0]));
        assert_eq!(delays[1999], 30_000);
        backoffs.succeeded(&key);
        assert_eq!(backoffs.failed(&key, 0.5).0, 500);
    }

    proptest! {
        #[test]
        fn a_key_waits_by_its_own_failures_since_it_last_succeeded(
            outcomes in proptest::collection::vec((0..3_usize, any::<bool>(), 0.0..=1.0_f64), 1..60),
        ) {
            let keys = ["a", "b", "c"].map(|name| WorkKey::Server(name.parse().unwrap()));
            let (mut backoffs, mut failures) = (Backoffs::default(), [0_u32; 3]);
            for (n, fails, fraction) in outcomes {
                if fails {
                    let plain = 500 * 2_u64.pow(failures[n].min(6));
                    let plain = plain.min(30_000);
                    let delay = backoffs.failed(&keys[n], fraction).0;
                    prop_assert!((plain * 8 / 10..=plain * 12 / 10).contains(&delay), "{delay}");
                    failures[n] += 1;
                } else {
                    backoffs.succeeded(&keys[n]);
                    failures[n] = 0;
                }
                let failing = keys.each_ref().map(|key| backoffs.is_failing(key));
                prop_assert_eq!(failing, failures.map(|count| count > 0));
            }
        }
    }
}
