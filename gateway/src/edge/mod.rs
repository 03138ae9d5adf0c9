//! The gateway's edge: what is decided about a caller before its signature is looked at.
//!
//! - [`authority`]: which hosts are ours
//! - `limits`: how often
//! - `conn_limit`: which connections the gateway takes, and how many
//! - `conn_rejected`: why it closed a connection
//! - [`tls`]: the certificate, read again when it changes

pub mod authority;
pub(crate) mod conn_limit;
pub(crate) mod conn_rejected;
pub(crate) mod limits;
pub mod tls;

use std::net::IpAddr;
use std::num::NonZeroU32;

use axum::http::{HeaderMap, HeaderValue};
use nebulalinks_protocol::{Refusal, callers};

pub use authority::{NameError, Names};
pub use nebulalinks_protocol::callers::{NetError, Nets};
pub use tls::{TlsError, TlsFiles};

/// What operators know: requests per minute and key.
pub const DEFAULT_RATE: NonZeroU32 = NonZeroU32::MIN.saturating_add(99);

/// Who may knock, and how often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// From where requests are taken; empty is everywhere.
    pub allow: Nets,
    /// Whose `X-Forwarded-For` and `Forwarded` are believed.
    pub trusted_proxies: Nets,
    /// Hosts that callers name us by, besides where we listen. Empty: those of the certificate.
    pub own: Names,
    /// Requests per minute and key. A list counts once, and so does a batch.
    pub rate_per_minute: NonZeroU32,
}

impl Default for Edge {
    fn default() -> Self {
        Self {
            allow: Nets::default(),
            trusted_proxies: Nets::default(),
            own: Names::default(),
            rate_per_minute: DEFAULT_RATE,
        }
    }
}

/// Who asks, as far as addresses tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Caller {
    pub(crate) address: IpAddr,
    /// Whether the address is worth a limit of its own. Behind a proxy on this host that was not
    /// named as one, everybody comes from loopback: a limit there would let a stranger lock the
    /// controller out.
    pub(crate) limited: bool,
}

impl Edge {
    /// Who asks, through which proxies ever.
    ///
    /// # Errors
    /// [`Refusal::Forwarded`] when a trusted proxy names no caller that can be understood;
    /// [`Refusal::Address`] when that caller may not ask.
    pub(crate) fn admit(&self, peer: IpAddr, headers: &HeaderMap) -> Result<Caller, Refusal> {
        let peer = peer.to_canonical();
        let proxied = self.trusted_proxies.contains(peer);
        let address = if proxied {
            let lines = |name| headers.get_all(name).iter().map(HeaderValue::as_bytes);
            callers::caller(lines, &self.trusted_proxies)?.unwrap_or(peer)
        } else {
            peer
        };
        if !self.allow.is_empty() && !self.allow.contains(address) {
            return Err(Refusal::Address);
        }
        Ok(Caller { address, limited: address != peer || !peer.is_loopback() })
    }

    /// Whether a connection from there can carry any request that may ask.
    pub(crate) fn may_connect(&self, peer: IpAddr) -> bool {
        self.allow.is_empty() || self.allow.contains(peer) || self.trusted_proxies.contains(peer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edge(allow: &str, proxies: &str) -> Edge {
        Edge {
            allow: allow.parse().unwrap(),
            trusted_proxies: proxies.parse().unwrap(),
            ..Edge::default()
        }
    }

    fn admitted(edge: &Edge, peer: &str, forwarded: Option<&str>) -> Result<String, Refusal> {
        let mut headers = HeaderMap::new();
        if let Some(text) = forwarded {
            headers.insert("x-forwarded-for", text.parse().unwrap());
        }
        edge.admit(peer.parse().unwrap(), &headers).map(|c| c.address.to_string())
    }

    #[test]
    fn only_a_trusted_proxy_is_believed_about_who_asks() {
        let edge = edge("203.0.113.7", "10.0.0.2");
        let ok = |a: &str| Ok(a.to_owned());
        assert_eq!(admitted(&edge, "203.0.113.7", None), ok("203.0.113.7"));
        assert_eq!(admitted(&edge, "::ffff:203.0.113.7", None), ok("203.0.113.7"));
        assert_eq!(admitted(&edge, "203.0.113.7", Some("1.1.1.1")), ok("203.0.113.7"));
        assert_eq!(admitted(&edge, "10.0.0.2", Some("203.0.113.7")), ok("203.0.113.7"));
        assert_eq!(admitted(&edge, "10.0.0.2", Some("203.0.113.7, 10.0.0.2")), ok("203.0.113.7"));
        for (peer, forwarded) in [
            ("198.51.100.1", None),
            ("198.51.100.1", Some("203.0.113.7")),
            ("10.0.0.2", Some("198.51.100.1")),
            ("10.0.0.2", Some("203.0.113.7, 198.51.100.1")),
            // A proxy that says nothing asks for itself, and nobody allowed it.
            ("10.0.0.2", None),
        ] {
            let refused = admitted(&edge, peer, forwarded);
            assert_eq!(refused, Err(Refusal::Address), "{peer} {forwarded:?}");
        }
        let refused = admitted(&edge, "10.0.0.2", Some("203.0.113.7, unknown"));
        assert_eq!(refused, Err(Refusal::Forwarded));
    }

    #[test]
    fn a_loopback_peer_has_no_limit_of_its_own_unless_its_proxy_names_the_caller() {
        let limited = |edge: &Edge, peer: &str, forwarded: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("x-forwarded-for", forwarded.parse().unwrap());
            edge.admit(peer.parse().unwrap(), &headers).unwrap().limited
        };
        assert!(!limited(&edge("", ""), "127.0.0.1", "203.0.113.7"));
        assert!(limited(&edge("", "127.0.0.1"), "127.0.0.1", "203.0.113.7"));
        assert!(limited(&edge("", ""), "203.0.113.7", "127.0.0.1"));
    }
}
