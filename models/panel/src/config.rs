//! What a model panel is made of when it starts.

use super::version::PanelVersion;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// The panel's own clock: Unix milliseconds. A scenario may jump it.
pub type PanelClock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// One inbound to start with, in the shape the panel's own API takes.
#[derive(Clone)]
pub struct InboundSeed {
    /// The remark by which the shop names it.
    pub remark: String,
    /// TCP or UDP port, for looks: the model listens on none of them.
    pub port: u16,
    /// `vless`, `vmess`, `trojan`, `shadowsocks` or `hysteria`.
    pub protocol: String,
    /// Protocol settings; the `clients` array inside may be absent.
    pub settings: Value,
    /// Transport and security.
    pub stream: Value,
    /// The node this inbound lives on, for a panel of generation 3 that is a node's master.
    pub node_id: Option<i64>,
}

impl InboundSeed {
    /// VLESS over TCP with REALITY: the inbound most shops run, and the only default one.
    #[must_use]
    pub fn vless_reality(remark: &str, port: u16) -> Self {
        Self {
            remark: remark.to_owned(),
            port,
            protocol: "vless".to_owned(),
            settings: json!({"clients": [], "decryption": "none", "encryption": "none"}),
            stream: json!({
                "network": "tcp",
                "tcpSettings": {"acceptProxyProtocol": false, "header": {"type": "none"}},
                "security": "reality",
                "realitySettings": {
                    "show": false, "xver": 0, "target": "www.example.com:443",
                    "dest": "www.example.com:443", "serverNames": ["www.example.com"],
                    "privateKey": "model-private-key", "minClientVer": "", "maxClientVer": "",
                    "maxTimediff": 0, "shortIds": ["6ba85179e30d4fc2"], "mldsa65Seed": "",
                    "settings": {
                        "publicKey": "QQ1kpZzvXZcbC_1Qb7cvAboKpnxOJfOQVYDD8x6Innk",
                        "fingerprint": "chrome", "serverName": "", "spiderX": "/",
                        "mldsa65Verify": ""
                    }
                }
            }),
            node_id: None,
        }
    }

    /// VLESS over a websocket without TLS: cannot carry a flow.
    #[must_use]
    pub fn vless_ws(remark: &str, port: u16) -> Self {
        Self {
            remark: remark.to_owned(),
            port,
            protocol: "vless".to_owned(),
            settings: json!({"clients": [], "decryption": "none", "encryption": "none"}),
            stream: json!({
                "network": "ws", "security": "none",
                "wsSettings": {"acceptProxyProtocol": false, "path": "/ws", "host": "",
                               "headers": {}, "heartbeatPeriod": 0}
            }),
            node_id: None,
        }
    }

    /// Trojan over TCP with REALITY.
    #[must_use]
    pub fn trojan_reality(remark: &str, port: u16) -> Self {
        Self {
            protocol: "trojan".to_owned(),
            settings: json!({"clients": [], "fallbacks": []}),
            ..Self::vless_reality(remark, port)
        }
    }

    /// Shadowsocks; a 2022 cipher wants keys of an exact length.
    #[must_use]
    pub fn shadowsocks(remark: &str, port: u16, method: &str, password: &str) -> Self {
        Self {
            remark: remark.to_owned(),
            port,
            protocol: "shadowsocks".to_owned(),
            settings: json!({"method": method, "password": password, "network": "tcp,udp",
                             "clients": [], "ivCheck": false}),
            stream: json!({"network": "tcp", "security": "none",
                           "tcpSettings": {"acceptProxyProtocol": false,
                                           "header": {"type": "none"}}}),
            node_id: None,
        }
    }
}

/// How a model panel is set up.
#[derive(Clone)]
pub struct PanelConfig {
    /// The modelled version.
    pub version: PanelVersion,
    /// The panel's identity, `panelGuid`.
    pub guid: String,
    /// Prefix of every path, with `/` at both ends.
    pub base_path: String,
    /// An API token that is valid from the start.
    pub token: String,
    /// The one user.
    pub username: String,
    /// That user's password.
    pub password: String,
    /// Inbounds, numbered from 1 in this order.
    pub inbounds: Vec<InboundSeed>,
    /// The panel's clock.
    pub clock: PanelClock,
    /// What tells how long Xray has run, in ms from any moment: the real one is monotonic, and goes
    /// on when a clock is set. [`PanelConfig::new`] takes the panel's clock, for who sets none.
    pub uptime_clock: PanelClock,
    /// Whether the panel itself disables expired and depleted clients.
    pub own_rule: bool,
    /// Period of the panel's poll on its own clock, ms. The real ones: 10,000 in generation 2
    /// and 5,000 in generation 3.
    pub poll_every_ms: i64,
    /// How long a login cookie tells its holder to keep it, minutes.
    pub session_max_age_min: i64,
    /// `restartXrayOnClientDisable`, which only v2.9.4 has: start Xray anew, in full, whenever the
    /// poll has disabled somebody.
    pub restart_on_disable: bool,
    /// How often the server compares the clock with the poll period, in real time.
    pub tick: Duration,
    /// Seed of everything the panel generates.
    pub seed: u64,
}

impl PanelConfig {
    /// A head panel at `/` with one VLESS REALITY inbound, on the given clock.
    #[must_use]
    pub fn new(guid: &str, token: &str, clock: PanelClock) -> Self {
        Self {
            version: PanelVersion::Head,
            guid: guid.to_owned(),
            base_path: "/".to_owned(),
            token: token.to_owned(),
            username: "admin".to_owned(),
            password: "admin".to_owned(),
            inbounds: vec![InboundSeed::vless_reality("vless-reality", 443)],
            uptime_clock: PanelClock::clone(&clock),
            clock,
            own_rule: true,
            poll_every_ms: PanelVersion::Head.poll_every_ms(),
            session_max_age_min: 360,
            restart_on_disable: true,
            tick: Duration::from_secs(1),
            seed: 1,
        }
    }

    /// The same with another version, and its poll period.
    #[must_use]
    pub fn with_version(mut self, version: PanelVersion) -> Self {
        self.version = version;
        self.poll_every_ms = version.poll_every_ms();
        self
    }

    /// The same under another base path.
    #[must_use]
    pub fn with_base_path(mut self, base_path: &str) -> Self {
        let inner = base_path.trim_matches('/');
        self.base_path = if inner.is_empty() { "/".to_owned() } else { format!("/{inner}/") };
        self
    }

    /// The same with one more inbound.
    #[must_use]
    pub fn with_inbound(mut self, inbound: InboundSeed) -> Self {
        self.inbounds.push(inbound);
        self
    }
}
