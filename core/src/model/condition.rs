//! Conditions: `Ready`, and abnormal-true ones that exist only while they are true.

use super::UnixMs;
use serde::{Deserialize, Serialize};

/// What is the matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ConditionKind {
    /// Served as asked.
    Ready,
    /// On the way.
    Reconciling,
    /// Cannot go on without a person.
    Stalled,
    /// Nothing left.
    Depleted,
    /// The end is reached.
    Expired,
    /// Switched off by staff.
    Suspended,
    /// The customer could not be reached.
    Undelivered,
    /// The server does not answer, or not acceptably.
    Unreachable,
    /// Destructive changes wait for a confirmation.
    Held,
    /// Clients of ours on the panel without a record.
    Orphans,
    /// The files are invalid; the last good ones are in force.
    CatalogInvalid,
    /// A counter jumped faster than the line could carry.
    Implausible,
    /// Switched off, and a session that was open before goes on.
    StillConnected,
    /// The store lacks a history that a gateway has seen.
    Amnesia,
}

impl ConditionKind {
    /// Every kind, for metrics.
    pub const ALL: [Self; 14] = [
        Self::Ready,
        Self::Reconciling,
        Self::Stalled,
        Self::Depleted,
        Self::Expired,
        Self::Suspended,
        Self::Undelivered,
        Self::Unreachable,
        Self::Held,
        Self::Orphans,
        Self::CatalogInvalid,
        Self::Implausible,
        Self::StillConnected,
        Self::Amnesia,
    ];

    /// The word for logs and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ready => "Ready",
            Self::Reconciling => "Reconciling",
            Self::Stalled => "Stalled",
            Self::Depleted => "Depleted",
            Self::Expired => "Expired",
            Self::Suspended => "Suspended",
            Self::Undelivered => "Undelivered",
            Self::Unreachable => "Unreachable",
            Self::Held => "Held",
            Self::Orphans => "Orphans",
            Self::CatalogInvalid => "CatalogInvalid",
            Self::Implausible => "Implausible",
            Self::StillConnected => "StillConnected",
            Self::Amnesia => "Amnesia",
        }
    }
}

/// One condition that is true.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    /// The kind of trouble, or `Ready`.
    pub kind: ConditionKind,
    /// Why, and what to do; bounded, without secrets.
    pub reason: String,
    /// Since when the kind has been true.
    pub since: UnixMs,
}

/// Whether two lists say the same, whatever their times: status writes must not feed themselves.
#[must_use]
pub fn same_ignoring_time(a: &[Condition], b: &[Condition]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.kind == b.kind && a.reason == b.reason)
}

impl Condition {
    /// `wanted` with the times of those in `before` that stay true.
    #[must_use]
    pub fn carry_since(mut wanted: Vec<Self>, before: &[Self]) -> Vec<Self> {
        for condition in &mut wanted {
            if let Some(old) = before.iter().find(|b| b.kind == condition.kind) {
                condition.since = old.since;
            }
        }
        wanted
    }
}
