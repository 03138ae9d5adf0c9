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

/// Something of the store cannot be had: nothing is sold and nothing is taken away until it is
/// resolved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Damage {
    /// When it was first found.
    pub since: UnixMs,
    /// What is missing, as far as it is known.
    pub lost: Vec<Lost>,
    /// Where in the state folder the damaged files are kept.
    pub kept: Vec<String>,
    /// When an operator, or a start that had everything again, resolved it.
    pub resolved_at: Option<UnixMs>,
}

/// One thing that cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lost {
    /// What happened, as a sentence.
    pub what: String,
    /// The first revision whose changes are missing.
    pub first: Option<u64>,
    /// The last one that is known to be missing.
    pub last: Option<u64>,
    /// The kinds of record that these changed, as far as they are known.
    pub kinds: Vec<String>,
    /// It was found while running: the next start may have it again from the journal.
    pub passing: bool,
}

impl std::fmt::Display for Lost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.what)?;
        match (self.first, self.last) {
            (Some(first), Some(last)) if first == last => write!(f, " (revision {first}")?,
            (Some(first), Some(last)) => write!(f, " (revisions {first} to {last}")?,
            (Some(first), None) => write!(f, " (from revision {first} on")?,
            _ => return Ok(()),
        }
        if self.kinds.is_empty() {
            f.write_str(", kinds unknown)")
        } else {
            write!(f, ": {})", self.kinds.join(", "))
        }
    }
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
