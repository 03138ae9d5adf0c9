//! Records about the store itself and about definitions that outlive their file.

use super::UnixMs;
use serde::{Deserialize, Serialize};

/// Who this store is to the gateways.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreIdentity {
    /// Random, made once: 26 characters of a ULID.
    pub store_id: String,
    /// When it was made.
    pub created_at: UnixMs,
}

/// One record that every reservation of a place bumps, so that two cannot take the last one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reservations {
    /// Rises with each place taken.
    pub taken: u64,
}

/// The store is older than what a gateway has seen: nothing destructive until it is resolved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amnesia {
    /// Our revision when it was found.
    pub ours: u64,
    /// The highest revision a gateway has seen.
    pub seen: u64,
    /// Which server's gateway said so.
    pub server: super::ServerId,
    /// Since when.
    pub since: UnixMs,
    /// When an operator resolved it.
    pub resolved_at: Option<UnixMs>,
}

/// The last definition of a plan or server that was removed from its file while in use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retained {
    /// `plan` or `server`.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// Its entry as JSON, in the file's own shape.
    pub definition: serde_json::Value,
    /// Since when it is missing.
    pub since: UnixMs,
}
