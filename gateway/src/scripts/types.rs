//! The bodies of `/api/*`. A number has its unit in its name; what could be meant in two ways must
//! be said in one.

use std::fmt;
use std::num::{NonZeroU32, NonZeroU64};

use nebulalinks_protocol::{Cap, Client, End, WriteOutcome};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::edit::{CapChange, EndChange, one_cap, one_end};
use crate::failure::Failure;

/// `POST /api/vpn/create`: exactly one of `days`, `until_ms`, `never_ends`, and exactly one of
/// `cap_gib`, `cap_bytes`, `unlimited`. The gateway generates the credentials that are left out, and
/// answers them.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateRequest {
    /// Its name: 1 to 64 of `a-z A-Z 0-9 @ . - _ +`; not beginning with `nl-`.
    pub(super) email: String,
    /// The inbounds it is on, by remark or number.
    pub(super) inbounds: Vec<InboundName>,
    /// It ends this many days (of 86,400 s) from now.
    #[serde(default)]
    #[schema(value_type = Option<u32>, minimum = 1)]
    pub(super) days: Option<NonZeroU32>,
    /// It ends at this moment, in ms since 1970.
    #[serde(default)]
    #[schema(value_type = Option<u64>, minimum = 1)]
    pub(super) until_ms: Option<NonZeroU64>,
    /// It never ends.
    #[serde(default)]
    pub(super) never_ends: bool,
    /// It may carry this many GiB.
    #[serde(default)]
    #[schema(value_type = Option<u64>, minimum = 1)]
    pub(super) cap_gib: Option<NonZeroU64>,
    /// It may carry this many bytes.
    #[serde(default)]
    #[schema(value_type = Option<u64>, minimum = 1)]
    pub(super) cap_bytes: Option<NonZeroU64>,
    /// It may carry any amount.
    #[serde(default)]
    pub(super) unlimited: bool,
    /// Devices at once; 0, and left out, is without limit.
    #[serde(default)]
    pub(super) ip_limit: u32,
    /// A note of at most 128 characters.
    #[serde(default)]
    pub(super) comment: String,
    /// Whether it is on; left out, it is.
    #[serde(default = "yes")]
    pub(super) enable: bool,
    /// The client's uuid; generated where it is left out.
    #[serde(default)]
    pub(super) uuid: Option<uuid::Uuid>,
    /// Its subscription key: 8 to 64 of `a-z A-Z 0-9 - _`.
    #[serde(default)]
    pub(super) sub_id: Option<String>,
    /// The secret for protocols with a password: 16 to 128 characters of base64url.
    #[serde(default)]
    pub(super) secret: Option<String>,
}

const fn yes() -> bool {
    true
}

impl CreateRequest {
    pub(super) fn end(&self) -> Result<EndChange, Failure> {
        one_end(self.days, self.until_ms, self.never_ends)
    }

    pub(super) fn cap(&self) -> Result<Cap, Failure> {
        match one_cap(None, None, self.cap_gib, self.cap_bytes, self.unlimited)? {
            CapChange::To(cap) | CapChange::More(cap) => Ok(Cap::Bytes(cap)),
            CapChange::Unlimited => Ok(Cap::Unlimited),
        }
    }
}

/// An inbound, by remark or number.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum InboundName {
    /// The panel's number.
    Id(u32),
    /// The panel's name for it.
    Remark(String),
}

impl fmt::Display for InboundName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::Remark(remark) => remark.fmt(f),
        }
    }
}

/// `POST /api/vpn/extend`: exactly one of `days`, `until_ms`, `never_ends`.
///
/// `days` adds each time it is sent, so a script that repeats a request which may have been done
/// should say `until_ms`, which means the same however often it is sent.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExtendRequest {
    /// The client's name.
    pub(super) email: String,
    /// This many days (of 86,400 s) are added to its end, or to now when that has passed.
    #[serde(default)]
    #[schema(value_type = Option<u32>, minimum = 1)]
    pub(super) days: Option<NonZeroU32>,
    /// It ends at this moment, in ms since 1970, whatever its end was.
    #[serde(default)]
    #[schema(value_type = Option<u64>, minimum = 1)]
    pub(super) until_ms: Option<NonZeroU64>,
    /// It never ends.
    #[serde(default)]
    pub(super) never_ends: bool,
    /// `true`: it is switched on as well; `false`: it is left off if it is off. Left out: it is
    /// switched on only if its end or its cap had switched it off.
    #[serde(default)]
    pub(super) enable: Option<bool>,
}

impl ExtendRequest {
    pub(super) fn end(&self) -> Result<EndChange, Failure> {
        one_end(self.days, self.until_ms, self.never_ends)
    }
}

/// `POST /api/vpn/add-traffic`: exactly one of `add_gib`, `add_bytes`, `cap_gib`, `cap_bytes`,
/// `unlimited`.
///
/// `add_…` adds each time it is sent, `cap_…` means the same however often it is sent.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AddTrafficRequest {
    /// The client's name.
    pub(super) email: String,
    /// This many GiB are added to its cap.
    #[serde(default)]
    #[schema(value_type = Option<u64>, minimum = 1)]
    pub(super) add_gib: Option<NonZeroU64>,
    /// This many bytes are added to its cap.
    #[serde(default)]
    #[schema(value_type = Option<u64>, minimum = 1)]
    pub(super) add_bytes: Option<NonZeroU64>,
    /// Its cap is this many GiB, of which `used_bytes` are used.
    #[serde(default)]
    #[schema(value_type = Option<u64>, minimum = 1)]
    pub(super) cap_gib: Option<NonZeroU64>,
    /// Its cap is this many bytes, of which `used_bytes` are used.
    #[serde(default)]
    #[schema(value_type = Option<u64>, minimum = 1)]
    pub(super) cap_bytes: Option<NonZeroU64>,
    /// It may carry any amount.
    #[serde(default)]
    pub(super) unlimited: bool,
    /// As in extend.
    #[serde(default)]
    pub(super) enable: Option<bool>,
}

impl AddTrafficRequest {
    pub(super) fn cap(&self) -> Result<CapChange, Failure> {
        one_cap(self.add_gib, self.add_bytes, self.cap_gib, self.cap_bytes, self.unlimited)
    }
}

/// `POST /api/vpn/disable` and `POST /api/vpn/delete`.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NamedRequest {
    /// The client's name.
    pub(super) email: String,
}

/// A client as scripts see it, without its credentials.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct ScriptClient {
    /// The client's name.
    email: String,
    /// On, in the settings and in the table of counters.
    enabled: bool,
    /// Its end; `null` when it starts at its first use.
    end: Option<End>,
    /// How much the client may use.
    cap: Cap,
    /// Up + down by the panel's counter, in bytes.
    used_bytes: u64,
    /// What is left of the cap, in bytes; `null` without a cap.
    left_bytes: Option<u64>,
    /// Devices at once; 0 is without limit.
    ip_limit: u32,
    /// The note beside the client on the panel.
    comment: String,
    /// Numbers of the inbounds it is on.
    inbounds: Vec<i64>,
    /// Whether it had traffic just now; `null` when the panel was not asked or did not say.
    online: Option<bool>,
}

impl ScriptClient {
    pub(super) fn new(client: Client, online: Option<bool>) -> Self {
        Self {
            left_bytes: match client.cap {
                Cap::Bytes(cap) => Some(cap.get().saturating_sub(client.used_bytes)),
                Cap::Unlimited => None,
            },
            email: client.email,
            enabled: client.enable,
            end: client.end,
            cap: client.cap,
            used_bytes: client.used_bytes,
            ip_limit: client.ip_limit,
            comment: client.comment,
            inbounds: client.inbounds,
            online,
        }
    }
}

/// `GET /api/vpn/stats/{email}`.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct StatsAnswer {
    /// The gateway's clock, in ms since 1970.
    pub(super) clock_ms: u64,
    /// The client as the panel holds it.
    pub(super) client: ScriptClient,
}

/// The answer to a write: what was read back after it.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct WrittenAnswer {
    /// How it ended.
    pub(super) outcome: WriteOutcome,
    /// The gateway's clock, in ms since 1970.
    pub(super) clock_ms: u64,
    /// The client as read back; `null` after a delete.
    pub(super) client: Option<ScriptClient>,
}

/// The answer to a create.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct CreateAnswer {
    /// What was read back.
    #[serde(flatten)]
    pub(super) written: WrittenAnswer,
    /// Its uuid, given or made up.
    pub(super) uuid: uuid::Uuid,
    /// Its subscription key, given or made up.
    pub(super) sub_id: String,
    /// Its secret, given or made up.
    pub(super) secret: String,
}
