//! Where an inbound is really reached: at the external proxies that its panel names, at the
//! address that it is shared by, or at its own. What nobody outside can reach has no link.

use super::params::{security, text};
use crate::model::{InboundFacts, Outage};
use nebulalinks_protocol::facts::says;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::net::IpAddr;
use url::Host;

/// One way to an inbound: what a link is made of beside the credentials.
#[derive(Debug)]
pub(super) struct Way<'a> {
    /// The inbound as the server has it.
    pub(super) inbound: &'a InboundFacts,
    /// Where apps connect to.
    pub(super) host: &'a str,
    /// And at which port.
    pub(super) port: u16,
    /// The transport and security that apps meet there.
    pub(super) stream: Cow<'a, Value>,
    /// The external proxy that it is, if it is one.
    pub(super) proxy: Option<&'a Value>,
}

impl Way<'_> {
    /// What tells this way from the inbound's others, for people.
    pub(super) fn name(&self) -> Option<&str> {
        let remark = text(self.proxy?, "/remark").trim();
        Some(if remark.is_empty() { self.host } else { remark })
    }
}

/// The ways to an inbound, as its panel lists them.
///
/// # Errors
/// Why there is none.
pub(super) fn ways<'a>(
    inbound: &'a InboundFacts,
    server_host: &'a str,
) -> Result<Vec<Way<'a>>, Outage> {
    let proxies = inbound.stream.get("externalProxy").and_then(Value::as_array);
    match proxies.filter(|all| !all.is_empty()) {
        Some(proxies) => {
            let ways: Vec<_> = proxies.iter().filter_map(|p| through(inbound, p)).collect();
            if ways.is_empty() { Err(Outage::NoEndpoint) } else { Ok(ways) }
        }
        None => own(inbound, server_host).map(|way| vec![way]),
    }
}

/// Through one external proxy; `None` where it names nothing that can be reached.
fn through<'a>(inbound: &'a InboundFacts, proxy: &'a Value) -> Option<Way<'a>> {
    let host = bare(text(proxy, "/dest"));
    let port = proxy.get("port").and_then(Value::as_u64).and_then(|p| u16::try_from(p).ok());
    let port = port.filter(|port| *port != 0)?;
    if !matches!(Listen::at(host), Listen::Address | Listen::Private) {
        return None;
    }
    let stream = seen_through(inbound, proxy);
    Some(Way { inbound, host, port, stream, proxy: Some(proxy) })
}

/// At the inbound itself.
fn own<'a>(inbound: &'a InboundFacts, server_host: &'a str) -> Result<Way<'a>, Outage> {
    let at = |host| {
        let stream = Cow::Borrowed(&inbound.stream);
        Way { inbound, host, port: inbound.port, stream, proxy: None }
    };
    let address = bare(&inbound.listen);
    let listen = Listen::at(address);
    let shared = bare(&inbound.share_address);
    let way = if inbound.share_strategy == "custom"
        && matches!(Listen::at(shared), Listen::Address | Listen::Private)
    {
        at(shared)
    } else {
        match listen {
            Listen::Address => at(address),
            Listen::All | Listen::Private | Listen::NoAddress => at(server_host),
            Listen::Socket => return Err(Outage::SocketOnly),
            // A shop that is tried on one host is reached there.
            Listen::Loopback if Listen::at(server_host) == Listen::Loopback => at(server_host),
            Listen::Loopback => return Err(Outage::LoopbackOnly),
        }
    };
    match (way.port, listen) {
        (0, Listen::Socket) => Err(Outage::SocketOnly),
        (0, _) => Err(Outage::NoPort),
        _ => Ok(way),
    }
}

/// What a listen address means for those outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Listen {
    /// Every address of the host.
    All,
    /// A socket in the file system, or an abstract one.
    Socket,
    /// The host itself only.
    Loopback,
    /// An address behind a router: reached by another one.
    Private,
    /// One address, or a name.
    Address,
    /// Neither: an app would read another link than the one that was meant.
    NoAddress,
}

impl Listen {
    /// Of an address without blanks and brackets.
    fn at(listen: &str) -> Self {
        if listen.starts_with(['@', '/']) {
            return Self::Socket;
        }
        if listen.is_empty() {
            return Self::All;
        }
        match address(listen).map(|ip| ip.to_canonical()) {
            Some(ip) if ip.is_unspecified() => Self::All,
            Some(ip) if ip.is_loopback() => Self::Loopback,
            Some(IpAddr::V4(ip)) => {
                let [a, b, ..] = ip.octets();
                // 100.64.0.0/10 is what providers put between their customers and the world.
                let shared = a == 100 && (64..128).contains(&b);
                if ip.is_private() || ip.is_link_local() || shared {
                    Self::Private
                } else {
                    Self::Address
                }
            }
            Some(IpAddr::V6(ip)) if ip.is_unique_local() || ip.is_unicast_link_local() => {
                Self::Private
            }
            Some(IpAddr::V6(_)) => Self::Address,
            None => Self::named(listen),
        }
    }

    /// Of a name; the root's dot may end it.
    fn named(name: &str) -> Self {
        let labels: Vec<&str> = name.strip_suffix('.').unwrap_or(name).split('.').collect();
        let is_label = |label: &&str| {
            let is_of_names = |c: char| c.is_alphanumeric() || "-_".contains(c);
            !label.is_empty() && !label.starts_with('-') && label.chars().all(is_of_names)
        };
        if !labels.iter().all(is_label) {
            return Self::NoAddress;
        }
        let is_local = labels.last().is_some_and(|l| l.eq_ignore_ascii_case("localhost"));
        if is_local { Self::Loopback } else { Self::Address }
    }
}

/// Without what may stand around an address.
fn bare(address: &str) -> &str {
    address.trim().trim_matches(['[', ']']).trim()
}

/// The address that apps read, of all the ways to write one: `127.1` and `0` are numbers too.
fn address(text: &str) -> Option<IpAddr> {
    let short = || match Host::parse(text) {
        Ok(Host::Ipv4(ip)) => Some(IpAddr::V4(ip)),
        _ => None,
    };
    text.parse().ok().or_else(short)
}

/// What of TLS a proxy may say in place of the inbound, and where the inbound says it.
const OF_TLS: [(&str, &str); 6] = [
    ("sni", "tlsSettings/serverName"),
    ("alpn", "tlsSettings/alpn"),
    ("fingerprint", "tlsSettings/settings/fingerprint"),
    ("pinnedPeerCertSha256", "tlsSettings/settings/pinnedPeerCertSha256"),
    ("verifyPeerCertByName", "tlsSettings/settings/verifyPeerCertByName"),
    ("echConfigList", "tlsSettings/settings/echConfigList"),
];
/// Hysteria's TLS goes through a proxy untouched: it may say another pin and no more.
const OF_HYSTERIA: [(&str, &str); 1] =
    [("pinnedPeerCertSha256", "tlsSettings/settings/pinnedPeerCertSha256")];

/// The inbound's stream as apps meet it at the proxy.
fn seen_through<'a>(inbound: &'a InboundFacts, proxy: &Value) -> Cow<'a, Value> {
    let hysteria = inbound.protocol.starts_with("hysteria");
    let own = security(&inbound.stream);
    let forced = match text(proxy, "/forceTls") {
        layer @ ("tls" | "none") if !hysteria => layer,
        _ => own,
    };
    let mut stream = inbound.stream.as_object().cloned().unwrap_or_default();
    if forced != own {
        stream.insert("security".to_owned(), forced.into());
        // The proxy's layer is its own, and not the inbound's.
        stream.remove("tlsSettings");
    }
    if forced == "tls" || hysteria {
        let may: &[_] = if hysteria { &OF_HYSTERIA } else { &OF_TLS };
        for (name, path) in may {
            if let Some(value) = proxy.get(*name).filter(|value| says(value)) {
                put(&mut stream, path, value.clone());
            }
        }
        if proxy.get("allowInsecure").and_then(Value::as_bool) == Some(true) {
            put(&mut stream, "tlsSettings/settings/allowInsecure", Value::Bool(true));
        }
    }
    Cow::Owned(Value::Object(stream))
}

/// Puts a value at `a/b/c`, whatever stood on the way.
fn put(into: &mut Map<String, Value>, path: &str, value: Value) {
    let Some((outer, rest)) = path.split_once('/') else {
        into.insert(path.to_owned(), value);
        return;
    };
    let mut layer = match into.remove(outer) {
        Some(Value::Object(layer)) => layer,
        _ => Map::new(),
    };
    put(&mut layer, rest, value);
    into.insert(outer.to_owned(), Value::Object(layer));
}
