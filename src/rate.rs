//! How often somebody may ask: a network address, a person. Memory is bounded: all share a fixed number of
//! buckets, by a hash that nobody outside can foresee.

use governor::clock::{Clock, DefaultClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hash};
use std::num::NonZeroU32;

/// Buckets in all: some 1 MiB.
pub(crate) const BUCKETS: u64 = 16_384;

/// A bucket for each who asks, or for a few of them.
pub(crate) struct Rate<C: Clock = DefaultClock> {
    limiter: RateLimiter<u64, HashMapStateStore<u64>, C, NoOpMiddleware<C::Instant>>,
    hash: RandomState,
}

impl Rate {
    /// So many a minute, and so many saved up.
    pub(crate) fn new(per_minute: NonZeroU32, saved: NonZeroU32) -> Self {
        Self::by(per_minute, saved, DefaultClock::default())
    }
}

impl<C: Clock> Rate<C> {
    /// The same by this clock.
    pub(crate) fn by(per_minute: NonZeroU32, saved: NonZeroU32, clock: C) -> Self {
        let quota = Quota::per_minute(per_minute).allow_burst(saved);
        let limiter = RateLimiter::hashmap_with_clock(quota, clock);
        Self { limiter, hash: RandomState::new() }
    }

    /// Takes one request.
    ///
    /// # Errors
    /// How many whole seconds to wait, at least 1, for who asked too often.
    pub(crate) fn take(&self, who: impl Hash) -> Result<(), u64> {
        let bucket = self.hash.hash_one(who) % BUCKETS;
        self.limiter.check_key(&bucket).map_err(|not_until| {
            let wait = not_until.wait_time_from(self.limiter.clock().now());
            wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0)).max(1)
        })
    }

    /// How many buckets are in memory.
    #[cfg(test)]
    pub(crate) fn buckets(&self) -> usize {
        self.limiter.len()
    }
}
