//! Who asks, as trusted proxies tell: `X-Forwarded-For`, or `Forwarded` (RFC 7239).
//!
//! A proxy appends the address it saw. So the list is read from its end, and the first address
//! that is no proxy of ours is the caller; what stands before it is what the caller says.

use super::Nets;
use crate::Refusal;
use std::net::{IpAddr, SocketAddr};

const X_FORWARDED_FOR: &str = "x-forwarded-for";
const FORWARDED: &str = "forwarded";
/// No honest chain of proxies is longer.
const MAX_HOPS: usize = 16;

/// The caller that trusted proxies name; `None` when they name nobody. `lines` gives all lines of a
/// header by its name.
///
/// # Errors
/// [`Refusal::Forwarded`] for a list that is not understood as a whole, and for two headers that
/// name different callers: one of them was sent by whoever asks.
pub fn caller<'h, L: Iterator<Item = &'h [u8]>>(
    lines: impl Fn(&'static str) -> L,
    trusted: &Nets,
) -> Result<Option<IpAddr>, Refusal> {
    let mut named = Vec::new();
    for (name, read) in [
        (X_FORWARDED_FOR, hop as fn(&str) -> Option<IpAddr>),
        (FORWARDED, element as fn(&str) -> Option<IpAddr>),
    ] {
        let mut hops = Vec::new();
        for line in lines(name) {
            let text = std::str::from_utf8(line).map_err(|_| Refusal::Forwarded)?;
            for item in text.split(',') {
                hops.push(read(item.trim()).ok_or(Refusal::Forwarded)?);
            }
        }
        if hops.len() > MAX_HOPS {
            return Err(Refusal::Forwarded);
        }
        let farthest = hops.first().copied();
        named.extend(hops.into_iter().rev().find(|ip| !trusted.contains(*ip)).or(farthest));
    }
    match named.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(*one)),
        [one, other] if one == other => Ok(Some(*one)),
        _ => Err(Refusal::Forwarded),
    }
}

/// An address, with or without a port.
fn hop(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|t| t.strip_suffix(']'));
    let address = match bare {
        Some(v6) => v6.parse::<std::net::Ipv6Addr>().map(IpAddr::V6).ok(),
        None => text.parse().ok().or_else(|| text.parse::<SocketAddr>().map(|s| s.ip()).ok()),
    };
    address.map(|ip| ip.to_canonical())
}

/// One element of `Forwarded`: its `for=`, once. What is quoted holds no comma in any address, so
/// splitting at commas before this can only break what would be refused anyway.
fn element(text: &str) -> Option<IpAddr> {
    let mut found = None;
    for pair in text.split(';') {
        let (name, value) = pair.split_once('=')?;
        if !name.trim().eq_ignore_ascii_case("for") {
            continue;
        }
        let quoted = value.strip_prefix('"').and_then(|v| v.strip_suffix('"'));
        let address = hop(quoted.unwrap_or(value))?;
        if found.replace(address).is_some() {
            return None;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(lines: &[(&'static str, &str)]) -> Result<Option<String>, Refusal> {
        let trusted = "10.0.0.0/8".parse().unwrap();
        let of =
            |name| lines.iter().filter(move |line| line.0 == name).map(|line| line.1.as_bytes());
        caller(of, &trusted).map(|ip| ip.map(|ip| ip.to_string()))
    }

    #[test]
    fn the_rightmost_hop_that_is_no_proxy_of_ours_asks() {
        let ok = |ip: &str| Ok(Some(ip.to_owned()));
        const X: &str = "x-forwarded-for";
        assert_eq!(named(&[]), Ok(None));
        assert_eq!(named(&[(X, "203.0.113.7")]), ok("203.0.113.7"));
        assert_eq!(named(&[(X, "1.1.1.1, 203.0.113.7, 10.0.0.9")]), ok("203.0.113.7"));
        assert_eq!(named(&[(X, "1.1.1.1"), (X, "203.0.113.7")]), ok("203.0.113.7"));
        assert_eq!(named(&[(X, "10.0.0.8, 10.0.0.9")]), ok("10.0.0.8"));
        assert_eq!(named(&[(X, "203.0.113.7:4711")]), ok("203.0.113.7"));
        assert_eq!(named(&[(X, "::ffff:203.0.113.7")]), ok("203.0.113.7"));
        assert_eq!(named(&[(X, "[2001:db8::1]:4711")]), ok("2001:db8::1"));
        assert_eq!(named(&[(X, "[2001:db8::1]")]), ok("2001:db8::1"));
        let rfc = "for=1.1.1.1;by=10.0.0.1, For=\"[2001:db8::1]:4711\";proto=https";
        assert_eq!(named(&[("forwarded", rfc)]), ok("2001:db8::1"));
        let both = [(X, "203.0.113.7"), ("forwarded", "for=203.0.113.7")];
        assert_eq!(named(&both), ok("203.0.113.7"));
    }

    #[test]
    fn what_is_not_understood_names_nobody() {
        const X: &str = "x-forwarded-for";
        for lines in [
            &[(X, "")][..],
            &[(X, "unknown")],
            &[(X, "203.0.113.7,")],
            &[(X, "garbage, 203.0.113.7")],
            &[(X, "203.0.113.7 1.1.1.1")],
            &[(X, "203.0.113.7:99999")],
            &[(X, "[203.0.113.7]")],
            &[("forwarded", "for=unknown")],
            &[("forwarded", "for=_hidden")],
            &[("forwarded", "proto=https")],
            &[("forwarded", "for=1.1.1.1;for=203.0.113.7")],
            &[("forwarded", "for=\"203.0.113.7")],
            &[("forwarded", "203.0.113.7")],
            &[(X, "203.0.113.7"), ("forwarded", "for=1.1.1.1")],
            &[
                (X, "1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1"),
                (X, "1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1"),
            ],
        ] {
            assert_eq!(named(lines), Err(Refusal::Forwarded), "{lines:?}");
        }
    }
}
