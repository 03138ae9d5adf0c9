//! The front's reading of Discord's JSON, compiled from the controller's file, for the same reason as
//! the journal's.

#![allow(dead_code, reason = "the front has more than its reader")]

#[path = "../../src/discord/interaction.rs"]
mod interaction;

/// What the reader needs of its neighbour.
mod render {
    /// Discord's message flag: only the person who clicked sees it.
    pub(super) const EPHEMERAL: u64 = 1 << 6;
}

use interaction::Interaction;
use nebulalinks_core::front::Click;
use serde_json::Value;

/// What was read of an interaction.
#[derive(Debug)]
pub struct Read {
    /// The application that it is for.
    pub application: u64,
    /// The server that it happened in.
    pub guild: Option<u64>,
    /// What was done.
    pub click: Click,
    /// The sizes of its files.
    pub files: Vec<u64>,
    /// What a log would show of all of it.
    pub shown: String,
}

/// Reads one; `None` for what this version does not know.
#[must_use]
pub fn read(raw: &Value) -> Option<Read> {
    let read = Interaction::read(raw)?;
    let shown = format!("{read:?}");
    let Interaction { application, guild, click, files, .. } = read;
    let files = files.into_iter().map(|file| file.size).collect();
    Some(Read { application, guild, click, files, shown })
}

/// Whether it can be answered at all.
#[must_use]
pub fn can_be_answered(raw: &Value) -> bool {
    interaction::id_and_token(raw).is_some()
}
