//! How often an address may ask. Memory is bounded: addresses share a fixed number of buckets, by a hash
//! that nobody outside can foresee.

use governor::clock::{Clock, DefaultClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;

/// Apps ask a few times a day; many customers may share one address of their provider.
const PER_MINUTE: NonZeroU32 = at_least_one(60);
/// So many may be saved up.
const SAVED: NonZeroU32 = at_least_one(120);
/// Buckets in all: some 1 MiB.
const BUCKETS: u64 = 16_384;

const fn at_least_one(n: u32) -> NonZeroU32 {
    match NonZeroU32::new(n) {
        Some(n) => n,
        None => NonZeroU32::MIN,
    }
}

/// One bucket for each address, IPv6 by /64.
pub(super) struct Limits<C: Clock = DefaultClock> {
    limiter: RateLimiter<u64, HashMapStateStore<u64>, C, NoOpMiddleware<C::Instant>>,
    hash: RandomState,
}

impl Default for Limits {
    fn default() -> Self {
        Self::by(DefaultClock::default())
    }
}

impl<C: Clock> Limits<C> {
    fn by(clock: C) -> Self {
        let quota = Quota::per_minute(PER_MINUTE).allow_burst(SAVED);
        let limiter = RateLimiter::hashmap_with_clock(quota, clock);
        Self { limiter, hash: RandomState::new() }
    }

    /// Takes one request of an address; how many seconds it must wait, where it asked too often.
    pub(super) fn take(&self, address: IpAddr) -> Result<(), u64> {
        let bucket = self.hash.hash_one(network(address)) % BUCKETS;
        self.limiter.check_key(&bucket).map_err(|not_until| {
            let wait = not_until.wait_time_from(self.limiter.clock().now());
            wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0)).max(1)
        })
    }
}

/// What one customer has: an address, or of IPv6 a network of 64 bits.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from(u128::from(ip) >> 64 << 64)),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use governor::clock::FakeRelativeClock;
    use std::time::Duration;

    #[test]
    fn an_address_that_asks_too_often_waits_as_long_as_it_is_told_and_is_nobody_elses() {
        let clock = FakeRelativeClock::default();
        let limits = Limits::by(clock.clone());
        let one = IpAddr::from([203, 0, 113, 7]);
        assert_eq!((0..1_000).take_while(|_| limits.take(one).is_ok()).count(), 120);
        assert_eq!(limits.take(one), Err(1));
        assert_eq!(limits.take("::ffff:203.0.113.7".parse().unwrap()), Err(1), "it is the same");
        let other = (8..=255).map(|n| IpAddr::from([203, 0, 113, n]));
        assert!(other.filter(|other| limits.take(*other).is_ok()).count() > 240);
        clock.advance(Duration::from_secs(1));
        assert_eq!((limits.take(one), limits.take(one)), (Ok(()), Err(1)));
    }

    #[test]
    fn a_network_of_ipv6_shares_a_bucket_and_no_flood_of_addresses_takes_more_memory() {
        let limits = Limits::by(FakeRelativeClock::default());
        let at = |net: u128, low: u128| IpAddr::V6(Ipv6Addr::from((net << 64) | low));
        let taken = (0..1_000).take_while(|low| limits.take(at(1, *low)).is_ok()).count();
        assert_eq!(taken, 120);
        for net in 2..100_000 {
            let _ = limits.take(at(net, 0));
        }
        assert!(limits.limiter.len() <= usize::try_from(BUCKETS).unwrap());
    }
}
