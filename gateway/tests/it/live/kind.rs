//! The inbounds that the laws need, one of each kind.

use serde_json::{Value, json};

use super::panel::LivePanel;

/// What an inbound is to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Reality,
    Ws,
    Trojan,
    Shadowsocks,
    Shadowsocks2022,
    Hysteria,
}

pub(super) const KINDS: [Kind; 6] = [
    Kind::Reality,
    Kind::Ws,
    Kind::Trojan,
    Kind::Shadowsocks,
    Kind::Shadowsocks2022,
    Kind::Hysteria,
];

impl Kind {
    /// Whether the panel knows it: hysteria came with v2.9.
    pub(super) fn is_on(self, panel: &LivePanel) -> bool {
        self != Self::Hysteria || panel.gen3 || panel.stamps
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Reality => "reality",
            Self::Ws => "ws",
            Self::Trojan => "trojan",
            Self::Shadowsocks => "ss",
            Self::Shadowsocks2022 => "ss2022",
            Self::Hysteria => "hysteria",
        }
    }

    /// The client's field by which a gen-2 panel names it.
    pub(super) const fn key(self) -> &'static str {
        match self {
            Self::Reality | Self::Ws => "id",
            Self::Trojan => "password",
            Self::Shadowsocks | Self::Shadowsocks2022 => "email",
            Self::Hysteria => "auth",
        }
    }

    /// The client's field that holds its secret, where that is not the uuid.
    pub(super) const fn secret(self) -> Option<&'static str> {
        match self {
            Self::Reality | Self::Ws => None,
            Self::Trojan | Self::Shadowsocks | Self::Shadowsocks2022 => Some("password"),
            Self::Hysteria => Some("auth"),
        }
    }

    pub(super) fn shape(self) -> (&'static str, Value, Value) {
        let plain = json!({"network": "tcp", "security": "none", "tcpSettings": {"header": {"type": "none"}}});
        let vless = json!({"clients": [], "decryption": "none", "encryption": "none"});
        let ss = |method: &str, password: &str| json!({"clients": [], "method": method, "password": password, "network": "tcp,udp"});
        match self {
            Self::Reality => {
                let stream = json!({"network": "tcp", "security": "reality",
                    "tcpSettings": {"header": {"type": "none"}},
                    "realitySettings": {
                        "target": "www.example.com:443", "serverNames": ["www.example.com"],
                        // 32 bytes that are no secret.
                        "privateKey": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
                        "shortIds": ["6ba85179e30d4fc2"],
                        "settings": {"publicKey": "QQ1kpZzvXZcbC_1Qb7cvAboKpnxOJfOQVYDD8x6Innk",
                            "fingerprint": "chrome", "serverName": "", "spiderX": "/"}}});
                ("vless", vless, stream)
            }
            Self::Ws => {
                let ws = json!({"path": "/live", "host": "cdn.example.org", "headers": {}});
                ("vless", vless, json!({"network": "ws", "security": "none", "wsSettings": ws}))
            }
            Self::Trojan => ("trojan", json!({"clients": [], "fallbacks": []}), plain),
            Self::Shadowsocks => ("shadowsocks", ss("chacha20-ietf-poly1305", ""), plain),
            Self::Shadowsocks2022 => {
                let method = "2022-blake3-aes-128-gcm";
                ("shadowsocks", ss(method, "AAECAwQFBgcICQoLDA0ODw=="), plain)
            }
            Self::Hysteria => {
                let stream = json!({"network": "hysteria", "security": "tls",
                    "hysteriaSettings": {"version": 2, "auth": "", "udpIdleTimeout": 60},
                    "tlsSettings": {"serverName": "vpn.example.org", "alpn": ["h3"],
                        "certificates": [], "settings": {"fingerprint": "chrome"}}});
                ("hysteria", json!({"version": 2, "clients": []}), stream)
            }
        }
    }
}
