//! Who asks: the address of the connection, or the one that a proxy of ours names.

use axum::http::{HeaderMap, HeaderName};
use ipnet::IpNet;
use std::net::{IpAddr, SocketAddr};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// A proxy appends the address it saw, so the list is read from its end: the first that is no proxy of
/// ours asks. What stands before it is what the caller says; a list that is not understood names nobody.
pub(super) fn caller(peer: IpAddr, headers: &HeaderMap, proxies: &[IpNet]) -> IpAddr {
    let peer = peer.to_canonical();
    let is_ours = |ip: &IpAddr| proxies.iter().any(|net| net.contains(ip));
    if !is_ours(&peer) {
        return peer;
    }
    let lines = headers.get_all(X_FORWARDED_FOR).iter();
    let hops: Option<Vec<IpAddr>> = lines
        .flat_map(|line| line.to_str().unwrap_or("?").split(','))
        .map(|hop| address(hop.trim()))
        .collect();
    let hops = hops.unwrap_or_default();
    let first = hops.first().copied();
    hops.into_iter().rev().find(|ip| !is_ours(ip)).or(first).unwrap_or(peer)
}

/// An address, with or without a port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let ip = bare.parse().ok().or_else(|| text.parse::<SocketAddr>().map(|at| at.ip()).ok())?;
    Some(IpAddr::to_canonical(&ip))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_proxy_of_ours_names_somebody_else() {
        let proxies: Vec<IpNet> =
            ["127.0.0.0/8", "::1/128", "10.0.0.0/8"].map(|net| net.parse().unwrap()).to_vec();
        for (peer, list, asks) in [
            ("203.0.113.7", "198.51.100.1", "203.0.113.7"),
            ("127.0.0.1", "", "127.0.0.1"),
            ("127.0.0.1", "203.0.113.7", "203.0.113.7"),
            ("::1", "203.0.113.7, 10.1.1.1", "203.0.113.7"),
            ("127.0.0.1", "198.51.100.1, 203.0.113.7", "203.0.113.7"),
            ("127.0.0.1", "203.0.113.7:4711", "203.0.113.7"),
            ("127.0.0.1", "[2001:db8::1]:4711", "2001:db8::1"),
            ("127.0.0.1", "[2001:db8::1]", "2001:db8::1"),
            ("127.0.0.1", "::ffff:203.0.113.7", "203.0.113.7"),
            ("127.0.0.1", "10.0.0.5, 10.0.0.6", "10.0.0.5"),
            ("127.0.0.1", "unknown, 203.0.113.7", "127.0.0.1"),
        ] {
            let mut headers = HeaderMap::new();
            if !list.is_empty() {
                headers.insert(X_FORWARDED_FOR, list.parse().unwrap());
            }
            let found = caller(peer.parse().unwrap(), &headers, &proxies);
            assert_eq!(found.to_string(), asks, "{peer} {list}");
        }
    }
}
