//! A panel as the loop sees it: what is wanted of it, and what it said just now.

use super::{AccountId, Bytes, DurationMs, Mark, ServerId, UnixMs};
use nebulalinks_protocol::LAST_END_MS;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroU64;
use std::sync::Arc;

/// When a client ends on a panel. Zero and negative ends cannot be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// At this moment, in ms since 1970; at least 1.
    At(NonZeroU64),
    /// Never.
    Never,
}

/// How much a client may carry by the panel's counter. Zero cannot be said: it is *disabled*.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cap {
    /// Up to this counter, in bytes; at least 1.
    Bytes(NonZeroU64),
    /// Without limit.
    Unlimited,
}

impl End {
    /// True when `self` ends before `other`.
    #[must_use]
    pub fn is_before(self, other: Self) -> bool {
        match (self, other) {
            (Self::At(a), Self::At(b)) => a < b,
            (Self::At(_), Self::Never) => true,
            (Self::Never, _) => false,
        }
    }
    /// The end at a moment, as a panel can hold it: from 1 ms to [`LAST_END_MS`].
    #[must_use]
    pub fn at(moment: UnixMs) -> Self {
        Self::At(NonZeroU64::new(moment.0.min(LAST_END_MS)).unwrap_or(NonZeroU64::MIN))
    }
    /// Whether it has come by `now`.
    #[must_use]
    pub fn reached(self, now: UnixMs) -> bool {
        matches!(self, Self::At(at) if at.get() <= now.0)
    }
}

impl Cap {
    /// True when `self` allows less than `other`.
    #[must_use]
    pub fn is_below(self, other: Self) -> bool {
        match (self, other) {
            (Self::Bytes(a), Self::Bytes(b)) => a < b,
            (Self::Bytes(_), Self::Unlimited) => true,
            (Self::Unlimited, _) => false,
        }
    }
    /// Whether a counter has come to it.
    #[must_use]
    pub fn reached(self, counter: Bytes) -> bool {
        matches!(self, Self::Bytes(cap) if counter.0 >= cap.get())
    }
}

/// Which row of which panel counts: a new row starts a new count.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Incarnation {
    /// The panel's own identity.
    pub panel: Arc<str>,
    /// The number of the client's row in the panel's table of counters.
    pub row: i64,
    /// When the panel made the client, in ms since 1970.
    pub created_at: i64,
}

impl fmt::Display for Incarnation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.panel, self.row, self.created_at)
    }
}

/// The whole of what is wanted of one client.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DesiredClient {
    /// Its name on the panel.
    pub email: String,
    /// Its uuid.
    pub uuid: uuid::Uuid,
    /// Its subscription key.
    pub sub_id: String,
    /// The secret for protocols that need one.
    pub secret: String,
    /// On or off.
    pub enable: bool,
    /// Its end.
    pub end: End,
    /// Its cap by the panel's counter.
    pub cap: Cap,
    /// Devices at once; 0 is without limit.
    pub ip_limit: u32,
    /// A note for people who look at the panel; proves nothing.
    pub comment: String,
    /// The server's inbounds: the panel's remarks or numeric ids.
    pub inbounds: Vec<String>,
    /// The name under which it is there until it is adopted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The name under which it is there from now on: it is given back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

impl fmt::Debug for DesiredClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DesiredClient")
            .field("email", &self.email)
            .field("enable", &self.enable)
            .field("end", &self.end)
            .field("cap", &self.cap)
            .field("ip_limit", &self.ip_limit)
            .finish_non_exhaustive()
    }
}

/// One client as a panel holds it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedClient {
    /// Its name on the panel.
    pub email: String,
    /// Its uuid as the panel has it; `None` where the protocol has none or it is malformed.
    pub uuid: Option<uuid::Uuid>,
    /// Its subscription key.
    pub sub_id: String,
    /// Effectively on: in the settings *and* in the table of counters.
    pub enable: bool,
    /// Its end; `None` for what we never write, such as a start at first use.
    pub end: Option<End>,
    /// Its cap.
    pub cap: Cap,
    /// Devices at once.
    pub ip_limit: u32,
    /// The note.
    pub comment: String,
    /// Ids of the inbounds it is on.
    pub inbounds: Vec<i64>,
    /// Up + down, in bytes.
    pub counter: Bytes,
    /// Which row counts.
    pub incarnation: Incarnation,
    /// Settings and table of counters agree; otherwise a write must repair them.
    pub consistent: bool,
    /// It sets its counters back and goes on by itself from time to time.
    #[serde(default)]
    pub renews: bool,
}

impl fmt::Debug for ObservedClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObservedClient")
            .field("email", &self.email)
            .field("enable", &self.enable)
            .field("end", &self.end)
            .field("cap", &self.cap)
            .field("counter", &self.counter)
            .finish_non_exhaustive()
    }
}

/// What a panel says of Xray.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum XrayState {
    /// It runs.
    Running,
    /// It was stopped.
    Stopped,
    /// It does not start.
    Error,
    /// The panel did not say.
    Unknown,
}

/// The panel behind a gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PanelInfo {
    /// Its own identity; a change means it was replaced or restored.
    pub identity: String,
    /// Its version, for people.
    pub version: String,
    /// A client is on one inbound only: 3x-ui v2.x. Not known of what older builds stored.
    #[serde(default)]
    pub one_inbound: bool,
    /// Whether Xray runs.
    pub xray: XrayState,
}

/// What a share link needs to know of an inbound: public facts only, kept as the panel said them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboundFacts {
    /// The panel's number.
    pub id: i64,
    /// The panel's name for it.
    pub remark: String,
    /// `vless`, `vmess`, `trojan`, `shadowsocks`, `hysteria2` …
    pub protocol: String,
    /// Its port; 0 where it has none, as on a socket.
    pub port: u16,
    /// The address or socket that it listens on; empty for all addresses.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub listen: String,
    /// Which address the panel's own links name: `node`, `listen` or `custom`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub share_strategy: String,
    /// The address for `custom`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub share_address: String,
    /// Whether it is on.
    pub enable: bool,
    /// The panel's `settings`, without clients and private keys.
    pub settings: serde_json::Value,
    /// The panel's `streamSettings`, without private keys and certificates.
    pub stream: serde_json::Value,
}

/// The last seen inbound facts of a server: what links are built from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerFacts {
    /// Which server.
    pub server: ServerId,
    /// Its inbounds that `servers.yaml` names.
    pub inbounds: Vec<InboundFacts>,
}

/// An inbound whose text on the panel cannot be read: who is on it is not known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnreadableInbound {
    /// The panel's number.
    pub id: i64,
    /// The panel's name for it.
    pub remark: String,
    /// What is wrong with it, such as "its settings are not JSON".
    pub why: String,
}

/// How much an observation proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Coverage {
    /// Everything: absence is proven.
    Full,
    /// Everything but who is on these inbounds: presence is proven, absence of nobody.
    Except(Vec<UnreadableInbound>),
    /// Only these clients were asked for; nothing is known of others.
    Only(Vec<String>),
}

impl Coverage {
    /// The inbounds that could not be read.
    #[must_use]
    pub fn unreadable(&self) -> &[UnreadableInbound] {
        match self {
            Self::Except(inbounds) => inbounds,
            Self::Full | Self::Only(_) => &[],
        }
    }
}

/// What a panel said just now. It is complete within its coverage, or there is none.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// Which server.
    pub server: ServerId,
    /// When it was taken, by our clock.
    pub at: UnixMs,
    /// The gateway's signed clock then.
    pub gateway_clock: UnixMs,
    /// How much it proves.
    pub coverage: Coverage,
    /// The panel.
    pub panel: PanelInfo,
    /// For how long Xray had run, while it ran and the panel said.
    pub xray_up: Option<DurationMs>,
    /// Its inbounds.
    pub inbounds: Vec<InboundFacts>,
    /// Clients that carry this shop's mark, by account.
    pub ours: BTreeMap<AccountId, ObservedClient>,
    /// Clients that are not ours: somebody's own, and other shops'.
    pub foreign: Vec<ObservedClient>,
}

impl Observation {
    /// Sorts a panel's clients into ours and foreign ones.
    #[must_use]
    pub fn sort_clients(
        shop: &super::ShopId,
        clients: Vec<ObservedClient>,
    ) -> (BTreeMap<AccountId, ObservedClient>, Vec<ObservedClient>) {
        let mut ours = BTreeMap::new();
        let mut foreign = Vec::new();
        for client in clients {
            match Mark::parse(&client.email) {
                Some(mark) if mark.shop == *shop => {
                    ours.insert(mark.account, client);
                }
                _ => foreign.push(client),
            }
        }
        (ours, foreign)
    }
}
