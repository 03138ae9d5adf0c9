//! What an answer says that is not a success: problem details (RFC 9457) with a code of a closed
//! list.

use serde::{Deserialize, Serialize};

use crate::HistoryPoint;

/// Why a request failed: the closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The signature is missing or wrong. The answer never says why.
    Unauthorized,
    /// The address is outside the gateway's allow-list, or the key is not for this path.
    Forbidden,
    /// The signature is right and its time is not: see `clock_ms`.
    Clock,
    /// Signed before the gateway started: sign again.
    TooEarly,
    /// The request is malformed or asks for something that must not be sent to a panel.
    Invalid,
    /// No such path.
    NotFound,
    /// Too many requests.
    RateLimited,
    /// The fence is not the current claim's.
    Fenced,
    /// The signature expired before a panel call could start; nothing was sent.
    Expired,
    /// Another store holds the claim.
    Claimed,
    /// What must be there is not: the client is absent, present, or has another uuid.
    Conflict,
    /// An inbound is unknown on the panel, off, or of a kind that takes no clients.
    NoInbound,
    /// Another panel answers than the one that the write was decided for: nothing was done, list again.
    AnotherPanel,
    /// The panel refused, in a way that trying again will not mend.
    PanelRefused,
    /// The panel does not answer.
    PanelUnreachable,
    /// The panel's credentials are wrong.
    PanelAuth,
    /// The panel's version is not supported.
    PanelUnsupported,
    /// The panel answered what cannot be understood; nothing was changed.
    PanelProtocol,
    /// The panel may or may not have done it: read again.
    UnknownOutcome,
    /// Not tried, because something before it failed.
    NotAttempted,
    /// The gateway itself failed.
    Internal,
    /// What this version does not know: a newer gateway's code reads as this one.
    #[serde(other)]
    Other,
}

impl ErrorCode {
    /// All of them.
    pub const ALL: [Self; 22] = [
        Self::Unauthorized,
        Self::Forbidden,
        Self::Clock,
        Self::TooEarly,
        Self::Invalid,
        Self::NotFound,
        Self::RateLimited,
        Self::Fenced,
        Self::Expired,
        Self::Claimed,
        Self::Conflict,
        Self::NoInbound,
        Self::AnotherPanel,
        Self::PanelRefused,
        Self::PanelUnreachable,
        Self::PanelAuth,
        Self::PanelUnsupported,
        Self::PanelProtocol,
        Self::UnknownOutcome,
        Self::NotAttempted,
        Self::Internal,
        Self::Other,
    ];

    /// The code as it stands in JSON, logs and metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::Clock => "clock",
            Self::TooEarly => "too_early",
            Self::Invalid => "invalid",
            Self::NotFound => "not_found",
            Self::RateLimited => "rate_limited",
            Self::Fenced => "fenced",
            Self::Expired => "expired",
            Self::Claimed => "claimed",
            Self::Conflict => "conflict",
            Self::NoInbound => "no_inbound",
            Self::AnotherPanel => "another_panel",
            Self::PanelRefused => "panel_refused",
            Self::PanelUnreachable => "panel_unreachable",
            Self::PanelAuth => "panel_auth",
            Self::PanelUnsupported => "panel_unsupported",
            Self::PanelProtocol => "panel_protocol",
            Self::UnknownOutcome => "unknown_outcome",
            Self::NotAttempted => "not_attempted",
            Self::Internal => "internal",
            Self::Other => "other",
        }
    }

    /// The HTTP status that goes with it.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::Unauthorized | Self::Clock => 401,
            Self::Forbidden => 403,
            Self::TooEarly => 425,
            Self::Invalid => 400,
            Self::NotFound => 404,
            Self::RateLimited => 429,
            Self::Fenced | Self::Claimed | Self::Conflict | Self::AnotherPanel => 409,
            Self::Expired => 408,
            Self::NoInbound | Self::PanelRefused => 422,
            Self::PanelUnreachable
            | Self::PanelAuth
            | Self::PanelUnsupported
            | Self::PanelProtocol => 502,
            Self::UnknownOutcome => 504,
            Self::NotAttempted => 424,
            Self::Internal | Self::Other => 500,
        }
    }

    /// What `type` says: an identifier, not an address.
    #[must_use]
    pub fn type_uri(self) -> String {
        format!("urn:nebulalinks:problem:{}", self.as_str())
    }

    /// The code in a few words, the same in every problem of it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Unauthorized => "The signature is missing or wrong",
            Self::Forbidden => "This address or key may not ask for this",
            Self::Clock => "The request's time is too far from the gateway's",
            Self::TooEarly => "Signed before the gateway started",
            Self::Invalid => "The request cannot be accepted",
            Self::NotFound => "There is no such thing",
            Self::RateLimited => "Too many requests",
            Self::Fenced => "Another controller has claimed since",
            Self::Expired => "The signature expired before the panel was called",
            Self::Claimed => "Another store holds the claim",
            Self::Conflict => "What is there is not what was expected",
            Self::NoInbound => "The inbound cannot be used",
            Self::AnotherPanel => "Another panel answers than the one that it was decided for",
            Self::PanelRefused => "The panel refused",
            Self::PanelUnreachable => "The panel does not answer",
            Self::PanelAuth => "The panel's credentials are wrong",
            Self::PanelUnsupported => "The panel's version is not supported",
            Self::PanelProtocol => "The panel's answer cannot be understood",
            Self::UnknownOutcome => "It may have been done",
            Self::NotAttempted => "Not tried, because something before it failed",
            Self::Internal => "The gateway failed",
            Self::Other => "A reason that this version does not know",
        }
    }
}

/// The body of every answer that is not a success, as `application/problem+json`.
///
/// `type`, `title` and `status` follow from the code; a reader needs nothing but the code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// The code as a URI: an identifier, not an address.
    #[serde(rename = "type", default)]
    pub type_uri: String,
    /// The code in a few words, always the same.
    #[serde(default)]
    pub title: String,
    /// The HTTP status of the answer.
    #[serde(default)]
    pub status: u16,
    /// The code of the closed list.
    pub code: ErrorCode,
    /// Prose for people and logs: what happened and what to do. Without secrets.
    pub detail: String,
    /// When to try again, in ms, where that helps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// The gateway's clock, in ms since 1970, with `clock`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock_ms: Option<u64>,
    /// The highest revision seen, with `claimed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub highest_revision: Option<u64>,
    /// With `claimed`: what was seen of the asking store and not shown to be part of its history.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unshown: Vec<HistoryPoint>,
}

impl Problem {
    /// A problem of this code.
    #[must_use]
    pub fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        Self {
            type_uri: code.type_uri(),
            title: code.title().to_owned(),
            status: code.status(),
            code,
            detail: detail.into(),
            retry_after_ms: None,
            clock_ms: None,
            highest_revision: None,
            unshown: Vec::new(),
        }
    }
}
