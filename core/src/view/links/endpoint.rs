//! A link as data: for apps that are given a configuration of their own kind and read no links.

use super::params::{Params, first, security, text};
use super::reach::Way;
use super::transport::transport;
use super::{hysteria2, shadowsocks, share_link, vless};
use crate::model::Credentials;
use serde_json::Value;
use std::fmt;

/// One way in, with what opens it.
#[derive(Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// What an app shows.
    pub label: String,
    /// The same as a link.
    pub url: String,
    /// Where apps connect to.
    pub host: String,
    /// And at which port.
    pub port: u16,
    /// The protocol, and what opens it.
    pub access: Access,
    /// What carries it.
    pub transport: Transport,
    /// What secures it.
    pub security: Security,
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Endpoint({}, redacted)", self.label)
    }
}

/// A protocol, and what opens it.
#[derive(Clone, PartialEq, Eq)]
pub enum Access {
    /// VLESS.
    Vless {
        /// Who.
        uuid: uuid::Uuid,
        /// Whether it has the vision flow.
        flow: bool,
        /// Its own encryption, where it has one.
        encryption: Option<String>,
    },
    /// VMess.
    Vmess {
        /// Who.
        uuid: uuid::Uuid,
    },
    /// Trojan.
    Trojan {
        /// Who.
        password: String,
    },
    /// Shadowsocks.
    Shadowsocks {
        /// The cipher.
        method: String,
        /// The key; with the inbound's own before it where the cipher is of 2022.
        password: String,
    },
    /// Hysteria 2.
    Hysteria2 {
        /// Who.
        password: String,
        /// The password of salamander, where packets wear that mask.
        mask: Option<String>,
        /// The ports that it hops over: `20000-30000,40000`.
        hops: Option<String>,
    },
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Access(redacted)")
    }
}

/// What carries a protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transport {
    /// Nothing beside it: TCP, and UDP where the protocol is one of that.
    Plain,
    /// TCP that looks like HTTP/1.1.
    Http {
        /// The path that is asked for.
        path: String,
        /// The host that is asked.
        host: String,
    },
    /// A websocket.
    Ws {
        /// The path that is asked for.
        path: String,
        /// The host that is asked.
        host: String,
    },
    /// HTTP's upgrade without a websocket's frames.
    HttpUpgrade {
        /// The path that is asked for.
        path: String,
        /// The host that is asked.
        host: String,
    },
    /// gRPC.
    Grpc {
        /// Its service.
        service: String,
    },
    /// Something that only apps on Xray know, by its name.
    Other(String),
}

/// What secures a protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Security {
    /// Nothing: the cipher is in the protocol.
    None,
    /// TLS.
    Tls(Tls),
    /// REALITY.
    Reality {
        /// As whom it shows itself.
        tls: Tls,
        /// The server's key.
        public_key: String,
        /// One of its short ids.
        short_id: String,
    },
}

/// TLS as an app is to speak it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tls {
    /// The name that is asked for; the host's where it is empty.
    pub name: String,
    /// The browser that it looks like.
    pub fingerprint: String,
    /// The protocols that are offered.
    pub alpn: Vec<String>,
    /// Whether any certificate is taken.
    pub insecure: bool,
    /// SHA-256 of the certificates that are taken, in hex; any that is valid where there is none.
    pub pins: Vec<String>,
    /// What of it only apps on Xray know, by its name.
    pub other: Option<&'static str>,
}

impl Endpoint {
    /// The same way, for whom `share_link` writes a link.
    pub(super) fn of(
        way: &Way<'_>,
        credentials: &Credentials,
        flow: bool,
        label: String,
    ) -> Option<Self> {
        Some(Self {
            url: share_link(way, credentials, flow, &label)?,
            label,
            host: way.host.to_owned(),
            port: way.port,
            access: Access::of(way, credentials, flow)?,
            transport: Transport::of(way),
            security: Security::of(way),
        })
    }
}

impl Access {
    fn of(way: &Way<'_>, credentials: &Credentials, flow: bool) -> Option<Self> {
        let settings = &way.inbound.settings;
        let (uuid, password) = (credentials.uuid, credentials.secret.clone());
        Some(match way.inbound.protocol.as_str() {
            "vless" => {
                let own =
                    Some(text(settings, "/encryption")).filter(|e| !matches!(*e, "" | "none"));
                let flow = vless::has_flow(way.inbound, own.unwrap_or("none"), flow);
                Self::Vless { uuid, flow, encryption: own.map(str::to_owned) }
            }
            "vmess" => Self::Vmess { uuid },
            "trojan" => Self::Trojan { password },
            "shadowsocks" => {
                let method = text(settings, "/method").to_owned();
                let own = shadowsocks::password(&method, &password)?;
                let password = match text(settings, "/password") {
                    key if method.starts_with("2022-") => format!("{key}:{own}"),
                    _ => own,
                };
                Self::Shadowsocks { method, password }
            }
            "hysteria" | "hysteria2" => Self::Hysteria2 {
                password,
                mask: hysteria2::salamander(&way.stream).map(str::to_owned),
                hops: hysteria2::hops(way).map(str::to_owned),
            },
            _ => return None,
        })
    }
}

/// A panel's word for a transport, where it is a word: it goes into headers and comments.
fn named(word: &str) -> &str {
    let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    if (1..=16).contains(&word.len()) && word.chars().all(is_word) { word } else { "unknown" }
}

impl Transport {
    fn of(way: &Way<'_>) -> Self {
        let stream: &Value = &way.stream;
        let hysteria = way.inbound.protocol.starts_with("hysteria");
        let masked = wears_another_mask(stream, hysteria);
        if hysteria {
            return if masked { Self::Other("finalmask".to_owned()) } else { Self::Plain };
        }
        let mut params = Params::default();
        transport(stream, &mut params);
        let said = |key| params.get(key).unwrap_or_default().to_owned();
        let (path, host) = (said("path"), said("host"));
        let network = said("type");
        if masked && network != "kcp" {
            return Self::Other("finalmask".to_owned());
        }
        match (network.as_str(), said("headerType").as_str()) {
            ("tcp", "") => Self::Plain,
            ("tcp", _) => Self::Http { path, host },
            ("ws", _) => Self::Ws { path, host },
            ("httpupgrade", _) => Self::HttpUpgrade { path, host },
            // A name with a slash is a path of its own, which only Xray takes apart.
            ("grpc", _) if !said("serviceName").contains('/') => {
                Self::Grpc { service: said("serviceName") }
            }
            (other, _) => Self::Other(named(other).to_owned()),
        }
    }
}

/// Whether packets wear a mask that only Xray knows. Of Hysteria's others know salamander.
fn wears_another_mask(stream: &Value, hysteria: bool) -> bool {
    let layers = ["udp", "tcp"].into_iter().filter_map(|layer| {
        stream.pointer(&format!("/finalmask/{layer}")).and_then(Value::as_array)
    });
    let known = |mask: &Value| hysteria && text(mask, "/type") == "salamander";
    layers.flatten().any(|mask| !known(mask))
}

impl Security {
    fn of(way: &Way<'_>) -> Self {
        let stream: &Value = &way.stream;
        match security(stream) {
            "tls" => Self::Tls(tls(stream)),
            "reality" => {
                let at = |path: &str| text(stream, &format!("/realitySettings{path}")).to_owned();
                let first =
                    |path: &str| first(stream, &format!("/realitySettings{path}")).to_owned();
                Self::Reality {
                    tls: Tls {
                        name: first("/serverNames"),
                        fingerprint: at("/settings/fingerprint"),
                        ..Tls::default()
                    },
                    public_key: at("/settings/publicKey"),
                    short_id: first("/shortIds"),
                }
            }
            _ => Self::None,
        }
    }
}

fn tls(stream: &Value) -> Tls {
    let at = |path: &str| text(stream, &format!("/tlsSettings{path}")).trim();
    let list = |path: &str| super::params::joined(stream, &format!("/tlsSettings{path}"));
    let split = |list: String| -> Vec<String> {
        list.split(',').filter(|part| !part.is_empty()).map(str::to_owned).collect()
    };
    let pins = split(list("/settings/pinnedPeerCertSha256"));
    let ech = !at("/settings/echConfigList").is_empty();
    let named = !at("/settings/verifyPeerCertByName").is_empty();
    Tls {
        name: at("/serverName").to_owned(),
        fingerprint: at("/settings/fingerprint").to_owned(),
        alpn: split(list("/alpn")),
        insecure: stream.pointer("/tlsSettings/settings/allowInsecure").and_then(Value::as_bool)
            == Some(true),
        pins: pins.iter().map(|pin| hysteria2::hex_pin(pin)).collect(),
        other: match (ech, named) {
            (true, _) => Some("ECH"),
            (_, true) => Some("a certificate of another name"),
            _ => None,
        },
    }
}
