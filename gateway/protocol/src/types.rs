//! The wire types of `/v1/*`. A number has its unit in its name; zeros and negatives that a panel
//! would read as "never" or "unlimited" cannot be said.

use serde::{Deserialize, Serialize};
use std::num::NonZeroU64;

use crate::{ErrorCode, HistoryPoint, Lineage};

/// The most a request body may be, in bytes.
pub const MAX_BODY_BYTES: usize = 1 << 20;
/// How long a panel call may take, in ms.
pub const PANEL_CALL_MS: u64 = 35_000;
/// The most items of one batch.
pub const MAX_BATCH: usize = 100;

/// `POST /v1/claim`: the controller asks to be the one that writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ClaimRequest {
    /// Which store: made once with the store.
    pub store_id: String,
    /// Which process: made at each start.
    pub process: String,
    /// The store's durable revision.
    pub revision: u64,
    /// The hash of the store's history there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lineage: Option<Lineage>,
    /// Points of `unshown` that the store found in its own history, hash and all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shows: Vec<HistoryPoint>,
    /// Points of `unshown` that an operator gave up: this store is the right one without them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gives_up: Vec<HistoryPoint>,
    /// Replace a live holder of another store, or of another history, at once.
    #[serde(default)]
    pub take_over: bool,
}

/// The answer to a claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClaimResponse {
    /// What every write must carry until it is replaced.
    pub fence: u64,
    /// The gateway's clock, in ms since 1970.
    pub clock_ms: u64,
    /// The highest revision that was seen of this store before this claim.
    pub highest_revision: u64,
    /// What was seen of this store and not shown to be part of its history. Empty: this store's
    /// history goes on from everything that was written here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unshown: Vec<HistoryPoint>,
    /// The panel, where it answers.
    pub panel: Option<Panel>,
}

/// Whether Xray runs, as the panel says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Xray {
    /// Xray runs.
    Running,
    /// It was stopped.
    Stopped,
    /// It does not start.
    Error,
    /// The panel did not say.
    Unknown,
}

/// The panel behind the gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Panel {
    /// Its own identity; a change means it was replaced or restored.
    pub identity: String,
    /// `gen2` or `gen3`.
    pub generation: String,
    /// Its version, for people.
    pub version: String,
    /// Whether Xray runs.
    pub xray: Xray,
    /// For how long it has run, in s, while it does and the panel says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub xray_up_s: Option<u64>,
    /// What the operator should know of it; each at most once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<Notice>,
}

/// Something about a panel that its operator should know: the closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    /// It restarts Xray whenever a client ends: everybody's connections drop.
    RestartsXrayOnEnd,
    /// It tells no identity, so its address stands for one: a replaced database does not show.
    KnownByAddress,
    /// Its identity is another than that of the panel which was written last: only what names it is written.
    IdentityChanged,
}

impl Notice {
    /// All of them.
    pub const ALL: [Self; 3] =
        [Self::RestartsXrayOnEnd, Self::KnownByAddress, Self::IdentityChanged];

    /// The bounded word for metrics and logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RestartsXrayOnEnd => "restarts_xray_on_end",
            Self::KnownByAddress => "known_by_address",
            Self::IdentityChanged => "identity_changed",
        }
    }

    /// What it means and what to do about it.
    #[must_use]
    pub const fn advice(self) -> &'static str {
        match self {
            Self::RestartsXrayOnEnd => {
                "this panel restarts Xray whenever a client ends or uses up its traffic, and every \
                 customer's connection drops: switch `restartXrayOnClientDisable` off in the \
                 panel's settings"
            }
            Self::KnownByAddress => {
                "this panel tells no identity, so it is known by its address: a panel that is \
                 replaced or restored behind the same address shows only by its clients' row \
                 numbers"
            }
            Self::IdentityChanged => {
                "the panel's identity changed while the gateway ran, so its database was replaced: is \
                 it the right panel? Nobody is made there until `nebulalinks accept-panel` says so"
            }
        }
    }
}

/// The last moment that may be an end: 9999-12-31, in ms.
pub const LAST_END_MS: u64 = 253_402_300_799_999;
/// The longest name of a client that is adopted, in bytes.
pub const LONGEST_OLD_NAME: usize = 256;
/// The most devices at once that a client is given.
pub const MOST_DEVICES: u32 = 1_000_000;
/// The largest cap in bytes: what fits a panel's signed integer with room for counters.
pub const LARGEST_CAP: u64 = 1 << 62;

/// When a client ends: `{"at_ms": n}` or `"never"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum End {
    /// At this moment, in ms since 1970.
    #[serde(rename = "at_ms")]
    AtMs(NonZeroU64),
    /// The client never ends.
    #[serde(rename = "never")]
    Never,
}

/// How much a client may carry by the panel's counter: `{"bytes": n}` or `"unlimited"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cap {
    /// Up to this counter.
    Bytes(NonZeroU64),
    /// The client may use as much as it likes.
    Unlimited,
}

/// Which row of the panel's table of counters a client has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Incarnation {
    /// The panel's identity.
    pub panel: String,
    /// The row's number; -1 when there is no row.
    pub row: i64,
    /// When the panel made the client, in ms since 1970; 0 when it does not say.
    pub created_at_ms: i64,
}

/// A client as the panel holds it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Client {
    /// The client's name.
    pub email: String,
    /// Its uuid where it has a well-formed one.
    pub uuid: Option<uuid::Uuid>,
    /// Its subscription key.
    pub sub_id: String,
    /// On in the settings *and* in the table of counters.
    pub enable: bool,
    /// Its end; `None` for what we never write (a start at first use).
    pub end: Option<End>,
    /// How much the client may use.
    pub cap: Cap,
    /// Devices at once; 0 is without limit.
    pub ip_limit: u32,
    /// The note beside the client on the panel.
    pub comment: String,
    /// Ids of the inbounds it is on.
    pub inbounds: Vec<i64>,
    /// Up + down, in bytes.
    pub used_bytes: u64,
    /// Which row counts.
    pub incarnation: Incarnation,
    /// Settings and table of counters agree in enable, end and cap.
    pub consistent: bool,
    /// It sets its counters back and goes on by itself from time to time; then it is not consistent. Gateways
    /// of before do not tell.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub renews: bool,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("email", &self.email)
            .field("enable", &self.enable)
            .field("end", &self.end)
            .field("cap", &self.cap)
            .finish_non_exhaustive()
    }
}

/// An inbound's public facts: what a share link is built from, by the list in [`crate::facts`].
/// Never a private key.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Inbound {
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
    /// Which address the panel's own links name: `node`, `listen` or `custom`; empty where the
    /// panel has no such choice.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub share_strategy: String,
    /// The address for `custom`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub share_address: String,
    /// Whether it is on.
    pub enable: bool,
    /// The panel's `settings` without `clients` and private keys.
    pub settings: serde_json::Value,
    /// The panel's `streamSettings` without private keys and certificates.
    pub stream: serde_json::Value,
}

/// An inbound whose text on the panel cannot be read: who is on it is not known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UnreadableInbound {
    /// The panel's number.
    pub id: i64,
    /// The panel's name for it.
    pub remark: String,
    /// What is wrong with it, such as "its settings are not JSON".
    pub why: String,
}

/// The query of `GET /v1/clients` by who understands [`ClientList::unreadable`]. Without it a list
/// that lacks an inbound is refused, so that an older controller takes it for no list.
pub const NAME_UNREADABLE: &str = "unreadable=named";

/// The query of a write that was decided on a list of the panel with this identity: on another one it does
/// nothing, and is answered with [`ErrorCode::AnotherPanel`]. An older gateway passes over it.
#[must_use]
pub fn decided_for(panel: &str) -> String {
    format!("{DECIDED_FOR}{}", crate::percent_encoded(panel))
}

/// The identity that the query of a write names; `None` where it is no such query.
#[must_use]
pub fn named_panel(query: &str) -> Option<String> {
    let named = percent_encoding::percent_decode_str(query.strip_prefix(DECIDED_FOR)?);
    named.decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

const DECIDED_FOR: &str = "panel=";

/// `GET /v1/clients`: everything, in one signed answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClientList {
    /// The gateway's clock when the panel had answered, in ms since 1970.
    pub clock_ms: u64,
    /// What the panel says of itself.
    pub panel: Panel,
    /// All its inbounds.
    pub inbounds: Vec<Inbound>,
    /// But for these. While there is one, the list proves that a client is there, and of none that
    /// it is not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unreadable: Vec<UnreadableInbound>,
    /// All its clients, marked and foreign.
    pub clients: Vec<Client>,
}

/// `GET /v1/clients/{email}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClientAnswer {
    /// The gateway's clock, in ms since 1970.
    pub clock_ms: u64,
    /// What the panel says of itself.
    pub panel: Panel,
    /// The client; `None` is a proven absence.
    pub client: Option<Client>,
}

/// What must be there before a write: `"absent"` or `{"uuid": "…"}`.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Expect {
    /// No client of that name.
    Absent,
    /// The client of that name with this uuid.
    Uuid(uuid::Uuid),
}

// With a uuid one can use the service: it is a credential.
impl std::fmt::Debug for Expect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Absent => "Absent",
            Self::Uuid(_) => "Uuid(redacted)",
        })
    }
}

/// The whole of what is wanted of a client.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Desired {
    /// Its name; the same as in the path.
    pub email: String,
    /// The client's uuid.
    pub uuid: uuid::Uuid,
    /// Its subscription key.
    pub sub_id: String,
    /// The secret for protocols that need one.
    pub secret: String,
    /// On or off.
    pub enable: bool,
    /// When the client ends.
    pub end: End,
    /// How much the client may use.
    pub cap: Cap,
    /// Devices at once; 0 is without limit.
    pub ip_limit: u32,
    /// The note beside the client on the panel.
    pub comment: String,
}

impl std::fmt::Debug for Desired {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Desired")
            .field("email", &self.email)
            .field("enable", &self.enable)
            .field("end", &self.end)
            .field("cap", &self.cap)
            .finish_non_exhaustive()
    }
}

/// `PUT /v1/clients/{email}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PutRequest {
    /// The current claim's fence.
    pub fence: u64,
    /// What must be there before.
    pub expect: Expect,
    /// What is wanted.
    pub client: Desired,
    /// The inbounds it must be on, exactly: remarks or numeric ids.
    pub inbounds: Vec<String>,
    /// The name under which the client is there now, where that is somebody's own: it is adopted, by an
    /// update that names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The name under which it is there from now on, not one of the shop's: it is given back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Where the writing store's history stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store: Option<HistoryPoint>,
}

/// `DELETE /v1/clients/{email}`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct DeleteRequest {
    /// The current claim's fence.
    pub fence: u64,
    /// The client that is meant.
    pub uuid: uuid::Uuid,
    /// Where the writing store's history stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store: Option<HistoryPoint>,
}

impl std::fmt::Debug for DeleteRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DeleteRequest").field("fence", &self.fence).finish_non_exhaustive()
    }
}

/// How a write ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum WriteOutcome {
    /// The panel was changed, and the change was read back.
    Applied,
    /// It was so already.
    Unchanged,
}

/// `POST /v1/xray/restart`: starts a running Xray anew, so that open sessions end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RestartRequest {
    /// The claim's fence.
    pub fence: u64,
    /// Where the store's durable history stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store: Option<HistoryPoint>,
}

/// The answer to a restart: Xray was started anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RestartAnswer {
    /// The gateway's clock, in ms since 1970.
    pub clock_ms: u64,
    /// The panel after it.
    pub panel: Panel,
}

/// The answer to a write: what was read back after it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WriteAnswer {
    /// How it ended.
    pub outcome: WriteOutcome,
    /// The gateway's clock, in ms since 1970.
    pub clock_ms: u64,
    /// What the panel says of itself.
    pub panel: Panel,
    /// The client as read back; `None` after a delete.
    pub client: Option<Client>,
}

/// `GET /v1/health`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Health {
    /// The gateway's clock, in ms since 1970.
    pub clock_ms: u64,
    /// The gateway's version.
    pub version: String,
    /// The panel, where it answers.
    pub panel: Option<Panel>,
    /// Why the panel does not answer: a code.
    pub panel_error: Option<ErrorCode>,
}
