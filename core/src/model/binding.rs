//! Which server serves an account: decided by `schedule`, durable before any panel is called.

use super::{AccountId, DAY_MS, DurationMs, ServerId, UnixMs};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Which servers may serve a plan.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Selector {
    /// Every server.
    Any,
    /// These servers.
    Ids(BTreeSet<ServerId>),
    /// Servers that carry all these labels.
    Labels(BTreeMap<String, String>),
}

impl Selector {
    /// Whether a server is meant.
    #[must_use]
    pub fn matches(&self, id: &ServerId, labels: &BTreeMap<String, String>) -> bool {
        match self {
            Self::Any => true,
            Self::Ids(ids) => ids.contains(id),
            Self::Labels(wanted) => wanted.iter().all(|(k, v)| labels.get(k) == Some(v)),
        }
    }
}

/// What a server is to an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disposition {
    /// It serves it.
    Serving,
    /// It goes on serving until the new server is ready.
    Leaving,
    /// To be deleted when the tombstone is old enough.
    Tombstoned {
        /// Since when.
        since: UnixMs,
    },
}

/// Account ↔ server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    /// The account that it belongs to.
    pub account: AccountId,
    /// The server that it is about.
    pub server: ServerId,
    /// What the server is to the account.
    pub disposition: Disposition,
    /// Since when.
    pub bound_at: UnixMs,
}

impl Binding {
    /// How long an account's old client works on after its customer has the new link: people put it
    /// into their apps in their own time.
    pub const OLD_KEPT: DurationMs = DurationMs(DAY_MS);
    /// The same after its move began, where nobody could be told, or did not look.
    pub const OLD_KEPT_UNTOLD: DurationMs = DurationMs(7 * DAY_MS);
}
