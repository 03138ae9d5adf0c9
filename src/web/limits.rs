//! How often an address may ask, and which address asks.

use crate::rate::Rate;
use axum::http::{HeaderMap, HeaderValue};
use governor::clock::{Clock, DefaultClock};
use nebulalinks_protocol::callers::{Nets, caller, customer};
use std::net::IpAddr;
use std::num::NonZeroU32;

/// Apps ask a few times a day; many customers may share one address of their provider.
const PER_MINUTE: NonZeroU32 = at_least_one(60);
/// So many may be saved up.
const SAVED: NonZeroU32 = at_least_one(120);

const fn at_least_one(n: u32) -> NonZeroU32 {
    match NonZeroU32::new(n) {
        Some(n) => n,
        None => NonZeroU32::MIN,
    }
}

/// Who asks: the address of the connection, or the one that a proxy of ours names. `None` where it names
/// nobody: then everybody comes from it, and one who asks too often must not shut out the others. Whoever
/// makes a proxy name what nobody understands shares a bucket with those who do the same.
pub(super) fn asking(peer: IpAddr, headers: &HeaderMap, proxies: &Nets) -> Option<IpAddr> {
    let peer = peer.to_canonical();
    if !proxies.contains(peer) {
        return Some(peer);
    }
    let lines = |name| headers.get_all(name).iter().map(HeaderValue::as_bytes);
    caller(lines, proxies).unwrap_or(Some(peer))
}

/// One bucket for each address, IPv6 by /64.
pub(super) struct Limits<C: Clock = DefaultClock>(Rate<C>);

impl Default for Limits {
    fn default() -> Self {
        Self(Rate::new(PER_MINUTE, SAVED))
    }
}

impl<C: Clock> Limits<C> {
    /// Takes one request of an address; how many seconds it must wait, where it asked too often.
    pub(super) fn take(&self, address: IpAddr) -> Result<(), u64> {
        self.0.take(customer(address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rate::BUCKETS;
    use governor::clock::FakeRelativeClock;
    use std::time::Duration;

    #[test]
    fn an_address_that_asks_too_often_waits_as_long_as_it_is_told_and_is_nobody_elses() {
        let clock = FakeRelativeClock::default();
        let limits = Limits(Rate::by(PER_MINUTE, SAVED, clock.clone()));
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
        let limits = Limits(Rate::by(PER_MINUTE, SAVED, FakeRelativeClock::default()));
        let at = |net: u128, low: u128| IpAddr::V6(std::net::Ipv6Addr::from((net << 64) | low));
        let taken = (0..1_000).take_while(|low| limits.take(at(1, *low)).is_ok()).count();
        assert_eq!(taken, 120);
        for net in 2..100_000 {
            let _ = limits.take(at(net, 0));
        }
        assert!(limits.0.buckets() <= usize::try_from(BUCKETS).unwrap());
    }

    #[test]
    fn only_a_proxy_of_ours_names_somebody_else() {
        let proxies = "127.0.0.0/8, ::1, 10.0.0.0/8".parse().unwrap();
        for (peer, list, asks) in [
            ("203.0.113.7", "198.51.100.1", Some("203.0.113.7")),
            ("127.0.0.1", "", None),
            ("127.0.0.1", "198.51.100.1, 203.0.113.7", Some("203.0.113.7")),
            ("::1", "203.0.113.7, 10.1.1.1", Some("203.0.113.7")),
            ("::ffff:127.0.0.1", "[2001:db8::1]:443", Some("2001:db8::1")),
            ("127.0.0.1", "unknown, 203.0.113.7", Some("127.0.0.1")),
        ] {
            let mut headers = HeaderMap::new();
            if !list.is_empty() {
                headers.insert("x-forwarded-for", list.parse().unwrap());
            }
            let found = asking(peer.parse().unwrap(), &headers, &proxies);
            assert_eq!(found, asks.map(|ip| ip.parse().unwrap()), "{peer} {list}");
        }
    }
}
