//! The audit: append-only, one intent and at least one outcome per effect.

use super::{CustomerId, UnixMs};
use serde::{Deserialize, Serialize};

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// Somebody in Discord.
    Discord(CustomerId),
    /// An operator at the command line.
    Cli,
    /// The reconcile loop.
    Controller,
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Committed.
    Done,
    /// About to be sent.
    Started,
    /// Refused or failed, with a bounded code.
    Failed(String),
}

/// One line of the audit. It is keyed by the revision that committed it and its place therein.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audit {
    /// Unique among the lines: a ULID's text in lower case.
    pub id: String,
    /// Who.
    pub actor: Actor,
    /// What was asked, as a bounded verb such as `approve` or `put`.
    pub verb: String,
    /// Of what, such as `order:<id>` or `client:<server>/<account>`.
    pub subject: String,
    /// How it ended.
    pub outcome: Outcome,
    /// The catalog's revision in force.
    pub catalog: String,
    /// When.
    pub at: UnixMs,
}
