//! An interaction: what a person did, how long the bot may answer, and what it answered.

use crate::time::UnixMs;
use base64::Engine as _;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// How long an interaction's token works: 15 minutes.
pub(crate) const TOKEN_LIFE_MS: u64 = 15 * 60 * 1000;

/// Where an interaction stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// No answer yet.
    Waiting,
    /// No answer came in time, and the user saw that.
    Failed,
    /// Answered, with this callback type.
    Answered(u8),
}

/// Something a user did that the bot must answer.
#[derive(Debug, Clone)]
pub(crate) struct Interaction {
    pub(crate) id: u64,
    pub(crate) token: String,
    /// 2 a command, 3 a component, 4 an option that is being typed, 5 a dialog.
    pub(crate) kind: u8,
    pub(crate) user: u64,
    pub(crate) channel: u64,
    /// The message whose component was used.
    pub(crate) source: Option<u64>,
    pub(crate) opened: UnixMs,
    pub(crate) stage: Stage,
    /// What `@original` means.
    pub(crate) original: Option<u64>,
    /// Whether what was put off has come.
    pub(crate) settled: bool,
    pub(crate) modal: Option<Value>,
    /// What was offered while somebody typed.
    pub(crate) choices: Option<Vec<Value>>,
    /// The whole dispatch, for a second delivery.
    pub(crate) payload: Value,
}

/// The token with which the bot answers an interaction.
pub(crate) fn token_of(id: u64) -> String {
    let digest = Sha256::digest(format!("emulated interaction {id}"));
    let text = format!("interaction:{id}:").into_bytes();
    let bytes: Vec<u8> = text.into_iter().chain(digest).collect();
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}
