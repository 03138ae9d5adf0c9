//! The panels, through their gateways.

use crate::model::{
    DesiredClient, HistoryPoint, Observation, ObservedClient, PanelInfo, ServerId, ServerStatus,
    ShopId, UnixMs,
};
use async_trait::async_trait;
/// A gateway's own reason.
pub use nebulalinks_protocol::ErrorCode as GatewayCode;
use std::fmt;
use std::net::IpAddr;

/// Where a gateway is and whose keys sign for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// The server that it stands beside.
    pub server: ServerId,
    /// The gateway's address without a trailing slash.
    pub gateway: String,
    /// The name of its keys.
    pub keys: String,
    /// Whose marks are ours.
    pub shop: ShopId,
}

/// What to do about a failed call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorClass {
    /// Nothing was done; try again later. The server counts as unreachable.
    Unreachable,
    /// Nothing was done, and trying will not help until an operator acts: keys, clock, version.
    Operator,
    /// It may have been done: read again before anything else.
    UnknownOutcome,
    /// Another controller writes. Stop writing to this server until a new claim succeeds.
    Fenced,
    /// What must be there is not: read again, diff again.
    Conflict,
    /// Nothing was done: another panel answers than the one that was listed. List it before anything else.
    AnotherPanel,
    /// This one client cannot be brought to what is asked; others can.
    Refused,
}

/// Why a call to a gateway failed: a closed list, for metrics, conditions and decisions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PanelCode {
    /// There is no connection to the gateway.
    Unreachable,
    /// The connection ended before the answer.
    Lost,
    /// The gateway did not sign the answer.
    Unsigned,
    /// The gateway signed an answer of an unexpected form.
    Protocol,
    /// There are no keys for this gateway.
    Keys,
    /// The keys differ on the two sides, or the gateway does not take this address.
    Auth,
    /// The gateway's address is none.
    Address,
    /// What was asked cannot be put on the wire.
    Defect,
    /// What was read back after a write is not what was asked.
    NotReadBack,
    /// The gateway says why.
    Gateway(GatewayCode),
}

impl PanelCode {
    /// The code as it stands in metrics, conditions and the runbook.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Lost => "lost",
            Self::Unsigned => "unsigned",
            Self::Protocol => "protocol",
            Self::Keys => ServerStatus::NO_KEYS,
            Self::Auth => "auth",
            Self::Address => "address",
            Self::Defect => "defect",
            Self::NotReadBack => "not_read_back",
            Self::Gateway(code) => code.as_str(),
        }
    }
}

impl fmt::Display for PanelCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A failed call to a gateway.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct PanelError {
    /// What to do.
    pub class: ErrorClass,
    /// The kind of trouble.
    pub code: PanelCode,
    /// Prose: what happened and what to do.
    pub detail: String,
    /// When to try again, in ms, where the other side said so.
    pub retry_after_ms: Option<u64>,
    /// With `claimed`: what the gateway has seen of our store and we have not shown to it.
    pub unshown: Vec<HistoryPoint>,
}

/// A claim to write to a panel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Our store's id.
    pub store_id: String,
    /// This process: a ULID that rises with each start.
    pub process: String,
    /// Where our durable history stands.
    pub at: HistoryPoint,
    /// What the gateway has seen and we found in our own history.
    pub shows: Vec<HistoryPoint>,
    /// What the gateway has seen and an operator said that we are right without.
    pub gives_up: Vec<HistoryPoint>,
    /// Replace another store's controller at once.
    pub take_over: bool,
}

/// A claim that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// What writes must carry.
    pub fence: u64,
    /// The gateway's signed clock.
    pub clock: UnixMs,
    /// What it has seen of our store and we have not shown to be in our history.
    pub unshown: Vec<HistoryPoint>,
}

/// What every write carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WriteToken<'a> {
    /// The claim's fence.
    pub fence: u64,
    /// Where our durable history stands: the gateway keeps it before it calls the panel.
    pub at: HistoryPoint,
    /// The identity of the panel that it was decided for: no other one is written.
    pub panel: &'a str,
}

/// What must be there before a write.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Precondition {
    /// Nothing of that name.
    Absent,
    /// The client with this uuid.
    Uuid(uuid::Uuid),
}

// With a uuid one can use the service: it is a credential.
impl fmt::Debug for Precondition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Absent => "Absent",
            Self::Uuid(_) => "Uuid(redacted)",
        })
    }
}

/// One write of many.
#[derive(Clone, PartialEq)]
pub enum Write {
    /// Makes a client so.
    Put {
        /// What must be there before.
        before: Precondition,
        /// All that is wanted.
        client: DesiredClient,
    },
    /// Removes a client.
    Delete {
        /// Its email on the panel.
        email: String,
        /// The client that is meant.
        uuid: uuid::Uuid,
    },
}

impl fmt::Debug for Write {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Put { before, client } => {
                f.debug_struct("Put").field("before", before).field("client", client).finish()
            }
            Self::Delete { email, .. } => {
                f.debug_struct("Delete").field("email", email).finish_non_exhaustive()
            }
        }
    }
}

/// A write as it was read back.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// The client after the write; `None` after a delete.
    pub client: Option<ObservedClient>,
    /// The panel as it answered.
    pub panel: PanelInfo,
}

/// The panels, through their gateways.
///
/// # Guarantees
/// An observation is complete within its coverage, and was signed by the gateway; otherwise there
/// is an error. A write that answers was read back from the panel.
/// # Assumptions
/// One call at a time writes to one client: the loop never sends a second write before the first
/// was answered or can no longer start.
/// # Errors
/// [`ErrorClass::UnknownOutcome`] whenever the effect may have happened.
#[async_trait]
pub trait PanelApi: Send + Sync {
    /// Asks to be the one that writes; repeated every 30 s.
    async fn claim(&self, to: &Endpoint, claim: &Claim) -> Result<Claimed, PanelError>;
    /// Everything on the panel.
    async fn list(&self, to: &Endpoint) -> Result<Observation, PanelError>;
    /// These clients only, at least one: nothing is known of others, nor of inbounds.
    async fn observe(&self, to: &Endpoint, emails: &[String]) -> Result<Observation, PanelError>;
    /// From where a client of ours was connected lately, as its panel counts devices. Where somebody is belongs into
    /// no record, log or metric.
    async fn addresses(&self, to: &Endpoint, email: &str) -> Result<Vec<IpAddr>, PanelError>;
    /// Makes a client so.
    async fn put(
        &self,
        to: &Endpoint,
        token: WriteToken<'_>,
        before: Precondition,
        client: &DesiredClient,
    ) -> Result<Written, PanelError>;
    /// Removes a client.
    async fn delete(
        &self,
        to: &Endpoint,
        token: WriteToken<'_>,
        email: &str,
        uuid: uuid::Uuid,
    ) -> Result<Written, PanelError>;
    /// Starts a running Xray anew, so that open sessions end: everybody there reconnects.
    async fn restart_xray(&self, to: &Endpoint, token: WriteToken<'_>) -> Result<(), PanelError>;
    /// Does many writes, each to another client: always a result for each, in their order. What
    /// one request's answer would have told is unknown of all its writes when it is lost. In no
    /// order of effects.
    async fn batch(
        &self,
        to: &Endpoint,
        token: WriteToken<'_>,
        writes: &[Write],
    ) -> Vec<Result<Written, PanelError>> {
        let mut results = Vec::with_capacity(writes.len());
        for write in writes {
            results.push(match write {
                Write::Put { before, client } => self.put(to, token, *before, client).await,
                Write::Delete { email, uuid } => self.delete(to, token, email, *uuid).await,
            });
        }
        results
    }
}
