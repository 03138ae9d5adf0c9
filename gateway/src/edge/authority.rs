//! Which hosts are this gateway's own. The host a caller names is under its signature, so a request
//! that was signed for another gateway, and is sent here by whoever caught it, says so itself.

use std::collections::BTreeSet;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use nebulalinks_protocol::normal_authority;

/// A host as callers name it, with its port or whatever the port.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Name {
    host: String,
    port: Option<u16>,
}

/// The gateway's own names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names(BTreeSet<Name>);

/// A text that is no name of a host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no name of a gateway: write its host, and its port where that is not the only one \
     there, as `gateway:` in servers.yaml has them: gw-fra1.example.net:8443"
)]
pub struct NameError(String);

impl Names {
    /// Whether none is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All names of several lists.
    #[must_use]
    pub fn join(lists: impl IntoIterator<Item = Self>) -> Self {
        Self(lists.into_iter().flat_map(|names| names.0).collect())
    }

    /// The names that a gateway knows by itself: the address it listens on where that is one, and the
    /// names of its certificate, whatever the port. A proxy's name is not among them.
    pub(crate) fn derived(listen: SocketAddr, certificate: &[String]) -> Self {
        let name = |host: String, port| Name { host, port };
        let mut names = BTreeSet::new();
        let ip = listen.ip().to_canonical();
        if !ip.is_unspecified() {
            names.insert(name(host_of(ip), Some(listen.port())));
        }
        if ip.is_loopback() {
            names.insert(name("localhost".to_owned(), Some(listen.port())));
        }
        let named = certificate.iter().map(|host| match host.parse::<IpAddr>() {
            Ok(ip) => host_of(ip),
            Err(_) => host.to_ascii_lowercase(),
        });
        names.extend(named.map(|host| name(host, None)));
        Self(names)
    }

    /// Whether an authority, as it was signed, is one of these.
    pub(crate) fn contain(&self, authority: &str) -> bool {
        let (host, port) = split(&normal_authority(authority));
        self.0.iter().any(|name| {
            let same_port = match (name.port, port) {
                (None, _) => true,
                // The default ports are not signed, and which it is depends on who ends TLS.
                (Some(80 | 443), None) => true,
                (own, named) => own == named,
            };
            same_port && (name.host == host || covers(&name.host, &host))
        })
    }
}

impl FromStr for Names {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
        let read = |item: &str| {
            let (host, port) = split(&item.to_ascii_lowercase());
            let good = |c: char| c.is_ascii_alphanumeric() || "-.:[]*".contains(c);
            let fits = !host.is_empty()
                && host.chars().all(good)
                && (!host.contains(':') || host.starts_with('['));
            let ported = item.ends_with(']') || !item.contains(':') || port.is_some();
            if fits && ported { Ok(Name { host, port }) } else { Err(NameError(item.to_owned())) }
        };
        items.map(read).collect::<Result<_, _>>().map(Self)
    }
}

impl fmt::Display for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, Name { host, port }) in self.0.iter().enumerate() {
            let comma = if n == 0 { "" } else { ", " };
            match port {
                Some(port) => write!(f, "{comma}{host}:{port}")?,
                None => write!(f, "{comma}{host}")?,
            }
        }
        Ok(())
    }
}

/// `*.example.net` is for one label in the star's place, as in certificates.
fn covers(pattern: &str, host: &str) -> bool {
    let rest = pattern.strip_prefix("*.");
    rest.is_some_and(|rest| {
        host.split_once('.').is_some_and(|(label, r)| !label.is_empty() && r == rest)
    })
}

fn host_of(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    }
}

fn split(authority: &str) -> (String, Option<u16>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => match port.parse() {
            Ok(port) => (host.to_owned(), Some(port)),
            Err(_) => (authority.to_owned(), None),
        },
        _ => (authority.to_owned(), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateway_knows_its_names_with_the_port_or_whatever_the_port() {
        let told: Names =
            "gw-fra1.example.net, 203.0.113.7:8443,[2001:db8::1]:8443".parse().unwrap();
        for own in [
            "gw-fra1.example.net",
            "GW-fra1.example.net:8443",
            "203.0.113.7:8443",
            "[2001:db8::1]:8443",
        ] {
            assert!(told.contain(own), "{own}");
        }
        for other in [
            "gw-ams1.example.net",
            "203.0.113.7",
            "203.0.113.7:9",
            "[2001:db8::2]:8443",
            "x.gw-fra1.example.net",
            "",
        ] {
            assert!(!told.contain(other), "{other}");
        }
        assert!("a b".parse::<Names>().is_err() && "https://a".parse::<Names>().is_err());
        assert!("a:b".parse::<Names>().is_err() && "2001:db8::1".parse::<Names>().is_err());
    }

    #[test]
    fn what_it_listens_on_and_what_its_certificate_names_are_its_own() {
        let loopback = Names::derived("127.0.0.1:8461".parse().unwrap(), &[]);
        assert!(loopback.contain("127.0.0.1:8461") && loopback.contain("localhost:8461"));
        assert!(!loopback.contain("127.0.0.1:8462") && !loopback.contain("gw.example.net"));
        let names = ["gw.example.net".to_owned(), "*.vpn.example.net".to_owned(), "::1".to_owned()];
        let open = Names::derived("0.0.0.0:8443".parse().unwrap(), &names);
        for own in
            ["gw.example.net:8443", "gw.example.net", "fra.vpn.example.net:8443", "[::1]:8443"]
        {
            assert!(open.contain(own), "{own}");
        }
        for other in ["0.0.0.0:8443", "a.b.vpn.example.net", "vpn.example.net", "example.net"] {
            assert!(!open.contain(other), "{other}");
        }
        assert!(Names::derived("[::]:8443".parse().unwrap(), &[]).is_empty());
        // Default ports are not signed.
        assert!(Names::derived("127.0.0.1:443".parse().unwrap(), &[]).contain("127.0.0.1"));
    }
}
