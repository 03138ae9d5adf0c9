//! What happened, for transcripts and for those who wait.

use std::fmt;

/// Who can read a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Audience {
    /// Whoever sees the channel.
    Channel,
    /// One user: an ephemeral message.
    Only(String),
    /// One user and the bot: a direct message.
    Direct(String),
}

impl fmt::Display for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Channel => Ok(()),
            Self::Only(user) => write!(f, " (only {user} sees this)"),
            Self::Direct(user) => write!(f, " (direct message with {user})"),
        }
    }
}

/// What kind of thing happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    /// A message appeared.
    Posted,
    /// A message changed.
    Edited,
    /// A message went away.
    Deleted,
    /// A user did something: pressed, picked, typed.
    Acted,
    /// A dialog opened for a user.
    ModalShown,
    /// Discord showed a user that the interaction failed.
    InteractionFailed,
    /// A thread or channel appeared.
    ChannelCreated,
    /// A thread or channel changed: archived, renamed, members.
    ChannelUpdated,
    /// A thread or channel went away.
    ChannelDeleted,
    /// The bot's gateway session began, was resumed or ended.
    Gateway,
}

/// One thing that happened, as a line of the transcript.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmulatorEvent {
    /// What kind of thing it is.
    pub kind: EventKind,
    /// Milliseconds since 1970, by the emulator's clock.
    pub at_ms: u64,
    /// In which channel; 0 when in none.
    pub channel: u64,
    /// The channel's name.
    pub channel_name: String,
    /// Which message; 0 when it is about none.
    pub message: u64,
    /// Who did it.
    pub author: String,
    /// Who can read it.
    pub audience: Audience,
    /// The message as plain text, or what was done.
    pub text: String,
}

impl fmt::Display for EmulatorEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = match self.kind {
            EventKind::Posted => "posts",
            EventKind::Edited => "edits",
            EventKind::Deleted => "deletes",
            EventKind::Acted => "does",
            EventKind::ModalShown => "shows a dialog",
            EventKind::InteractionFailed => "is told",
            EventKind::ChannelCreated => "creates",
            EventKind::ChannelUpdated => "changes",
            EventKind::ChannelDeleted => "removes",
            EventKind::Gateway => "connects",
        };
        if self.kind == EventKind::Gateway {
            return write!(f, "gateway: {} {}", self.author, self.text);
        }
        write!(f, "#{} {} {verb}{}", self.channel_name, self.author, self.audience)?;
        for line in self.text.lines() {
            write!(f, "\n    {line}")?;
        }
        Ok(())
    }
}
