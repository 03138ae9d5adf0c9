//! How often: one bucket per address and one per key, of bounded memory.
//!
//! What the numbers must let through is the controller: per gateway a claim each 30 s, a list each
//! 60 s (each 10 s during a move), up to 20 single reads each 10 s near caps (which are paced when
//! that lasts for longer than the saved-up rate), and writes. A pass that changes all of 10,000 clients is 100
//! batches of 100 and a list before and after. So a key may save up two minutes of its rate; with
//! the default rate of 100 that pass goes through without a wait, and what is paced waits 0.6 s.
//! An address may send three times as much: several keys and refused tries share it.

use std::collections::BTreeMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use governor::clock::Clock as GovernorClock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::StateStore;
use governor::state::keyed::ShrinkableKeyedStateStore;
use governor::{Quota, RateLimiter};

use crate::clock::Clock;
use nebulalinks_protocol::callers::customer;

/// How many buckets are kept. When all are in use, newcomers share one.
const CAPACITY: usize = 4_096;
/// How much of its rate may be saved up, in minutes.
const SAVED_MINUTES: u32 = 2;
/// How much more an address may send than a key.
const PER_ADDRESS: u32 = 3;

/// Buckets that refill with time.
pub(crate) struct Limits<K: Ord + Hash + Clone> {
    limiter: RateLimiter<K, Store<K>, Steady, NoOpMiddleware<Nanos>>,
    /// When full buckets were last thrown away, in ms of the steady clock.
    swept_ms: AtomicU64,
}

impl<K: Ord + Hash + Clone> std::fmt::Debug for Limits<K> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Limits").field("kept", &self.limiter.len()).finish_non_exhaustive()
    }
}

impl Limits<IpAddr> {
    /// One bucket for each address, IPv6 by /64.
    pub(crate) fn per_address(rate_per_minute: NonZeroU32, clock: Arc<dyn Clock>) -> Self {
        Self::new(times(rate_per_minute, PER_ADDRESS), clock)
    }

    /// Takes one token of an address.
    pub(crate) fn take_address(&self, address: IpAddr) -> Result<(), Wait> {
        self.take(&customer(address))
    }
}

impl Limits<String> {
    /// One bucket for each key.
    pub(crate) fn per_key(rate_per_minute: NonZeroU32, clock: Arc<dyn Clock>) -> Self {
        Self::new(rate_per_minute, clock)
    }
}

/// How long until the next try can succeed, in ms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wait(pub(crate) u64);

impl<K: Ord + Hash + Clone> Limits<K> {
    pub(crate) fn new(rate_per_minute: NonZeroU32, clock: Arc<dyn Clock>) -> Self {
        let burst = times(rate_per_minute, SAVED_MINUTES);
        let quota = Quota::per_minute(rate_per_minute).allow_burst(burst);
        let limiter = RateLimiter::new(quota, Store::default(), Steady::new(clock));
        Self { limiter, swept_ms: AtomicU64::new(0) }
    }

    /// Takes one token.
    pub(crate) fn take(&self, key: &K) -> Result<(), Wait> {
        self.sweep();
        self.limiter.check_key(key).map_err(|not_until| {
            let wait = not_until.wait_time_from(self.limiter.clock().now());
            let ms = wait.as_nanos().div_ceil(u128::from(NANOS_PER_MS));
            Wait(u64::try_from(ms).unwrap_or(u64::MAX).max(1))
        })
    }

    /// Throws full buckets away, once a second at most and only when there is no room.
    fn sweep(&self) {
        if self.limiter.len() < CAPACITY {
            return;
        }
        let now_ms = self.limiter.clock().now().as_u64() / NANOS_PER_MS;
        let last = self.swept_ms.load(Ordering::Relaxed);
        if now_ms.saturating_sub(last) >= 1_000 || last == 0 {
            self.swept_ms.store(now_ms.max(1), Ordering::Relaxed);
            self.limiter.retain_recent();
        }
    }
}

const fn times(rate: NonZeroU32, factor: u32) -> NonZeroU32 {
    match NonZeroU32::new(factor) {
        Some(factor) => rate.saturating_mul(factor),
        None => rate,
    }
}

const NANOS_PER_MS: u64 = 1_000_000;

/// Our clock as one that never goes back: a wall clock that is set back must not lock anybody out.
struct Steady {
    clock: Arc<dyn Clock>,
    /// The last reading, and what has passed since the first; both in ms.
    seen: Mutex<(u64, u64)>,
}

impl Steady {
    fn new(clock: Arc<dyn Clock>) -> Self {
        let seen = Mutex::new((clock.now_ms(), 0));
        Self { clock, seen }
    }
}

impl GovernorClock for Steady {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        /// A jump further than this is a clock that was set: a year is enough to refill anything.
        const YEAR_MS: u64 = 31_536_000_000;
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now_ms();
        let (last, passed) = *seen;
        // Bounded by a year a step and a century in all, so that nanoseconds cannot overflow.
        let step = now.saturating_sub(last).min(YEAR_MS);
        let passed = passed.saturating_add(step).min(100 * YEAR_MS);
        *seen = (now, passed);
        Nanos::new(passed * NANOS_PER_MS)
    }
}

/// Buckets of bounded number.
struct Store<K> {
    buckets: Mutex<Buckets<K>>,
}

struct Buckets<K> {
    by_key: BTreeMap<K, Nanos>,
    /// The one bucket of all who find no room.
    crowd: Option<Nanos>,
}

impl<K> Default for Store<K> {
    fn default() -> Self {
        Self { buckets: Mutex::new(Buckets { by_key: BTreeMap::new(), crowd: None }) }
    }
}

impl<K: Ord + Hash + Clone> StateStore for Store<K> {
    type Key = K;

    fn measure_and_replace<T, F, E>(&self, key: &K, decide: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let full = buckets.by_key.len() >= CAPACITY;
        let known = buckets.by_key.get(key).copied();
        if known.is_none() && full {
            let (outcome, next) = decide(buckets.crowd)?;
            buckets.crowd = Some(next);
            return Ok(outcome);
        }
        let (outcome, next) = decide(known)?;
        buckets.by_key.insert(key.clone(), next);
        Ok(outcome)
    }
}

impl<K: Ord + Hash + Clone> ShrinkableKeyedStateStore<K> for Store<K> {
    fn retain_recent(&self, drop_below: Nanos) {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        buckets.by_key.retain(|_, next| *next > drop_below);
    }

    fn len(&self) -> usize {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner).by_key.len()
    }

    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv6Addr;

    #[derive(Clone)]
    struct Hand(Arc<AtomicU64>);

    impl Clock for Hand {
        fn now_ms(&self) -> u64 {
            self.0.load(Ordering::SeqCst)
        }
    }

    fn by_hand() -> (Hand, Arc<dyn Clock>) {
        let hand = Hand(Arc::new(AtomicU64::new(1_795_255_200_000)));
        (hand.clone(), Arc::new(hand))
    }

    const RATE: NonZeroU32 = crate::edge::DEFAULT_RATE;

    #[test]
    fn a_bucket_holds_two_minutes_refills_and_is_nobody_elses() {
        let (hand, clock) = by_hand();
        let limits = Limits::per_key(RATE, clock);
        let taken =
            |key: &str| (0..1_000).take_while(|_| limits.take(&key.to_owned()).is_ok()).count();
        assert_eq!(taken("a"), 200);
        assert_eq!(limits.take(&"a".to_owned()), Err(Wait(600)));
        assert_eq!(taken("b"), 200);
        hand.0.fetch_add(599, Ordering::SeqCst);
        assert_eq!(limits.take(&"a".to_owned()), Err(Wait(1)));
        hand.0.fetch_add(1, Ordering::SeqCst);
        assert_eq!(taken("a"), 1);
        hand.0.fetch_add(60_000, Ordering::SeqCst);
        assert_eq!(taken("a"), 100);
    }

    #[test]
    fn a_pass_over_ten_thousand_clients_goes_through_without_a_wait() {
        let (_, clock) = by_hand();
        let limits = Limits::per_key(RATE, clock);
        let pass = 1 + 10_000 / nebulalinks_protocol::MAX_BATCH + 3 + 1;
        assert!((0..pass).all(|_| limits.take(&"controller".to_owned()).is_ok()));
    }

    #[test]
    fn a_clock_that_is_set_back_or_far_ahead_locks_nobody_out() {
        let (hand, clock) = by_hand();
        let limits = Limits::per_key(RATE, clock);
        let key = "a".to_owned();
        while limits.take(&key).is_ok() {}
        hand.0.fetch_sub(3_600_000, Ordering::SeqCst);
        assert_eq!(limits.take(&key), Err(Wait(600)), "a step back refills nothing");
        hand.0.fetch_add(600, Ordering::SeqCst);
        assert_eq!(limits.take(&key), Ok(()), "and time goes on from there");
        for _ in 0..200 {
            hand.0.store(u64::MAX, Ordering::SeqCst);
            assert_eq!(limits.take(&key), Ok(()));
            hand.0.store(0, Ordering::SeqCst);
        }
    }

    #[test]
    fn addresses_of_one_64_share_a_bucket_and_no_flood_of_addresses_takes_more_memory() {
        let (hand, clock) = by_hand();
        let limits = Limits::per_address(RATE, clock);
        let at =
            |n: u64, low: u64| IpAddr::V6(Ipv6Addr::from((u128::from(n) << 64) | u128::from(low)));
        let honest = IpAddr::from([203, 0, 113, 7]);
        assert_eq!(limits.take_address(honest), Ok(()));
        let taken = (0..10_000).take_while(|n| limits.take_address(at(1, *n)).is_ok()).count();
        assert_eq!(taken, 600);
        assert!(limits.take_address("::ffff:203.0.113.7".parse().unwrap()).is_ok());
        let newcomers = (2..20_000).filter(|n| limits.take_address(at(*n, 0)).is_ok()).count();
        assert_eq!(newcomers, CAPACITY - 2 + 600, "who finds no room shares one bucket");
        assert_eq!(limits.limiter.len(), CAPACITY);
        assert_eq!(limits.take_address(honest), Ok(()), "who was there keeps its own");
        hand.0.fetch_add(120_000, Ordering::SeqCst);
        assert_eq!(limits.take_address(at(30_000, 0)), Ok(()));
        assert!(limits.limiter.len() <= 2, "full buckets were thrown away");
    }
}
