//! Why a call to Discord failed, as a bounded code.

use std::fmt;

/// What went wrong, for logs, metrics, conditions and records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChatCode {
    /// The limit of a route, or of writing in all, is used up.
    RateLimited,
    /// Discord answered with an error of its own, or not at all as asked.
    ServerError,
    /// The token is not taken.
    Unauthorized,
    /// Another refusal of Discord's: its words say why.
    Refused,
    /// Something on the way answered.
    NotDiscord,
    /// The person takes no direct messages.
    DmClosed,
    /// The person is on no server with the bot any more.
    NoMutualServer,
    /// There is no such person.
    UnknownUser,
    /// The message was deleted.
    MessageGone,
    /// The channel or thread was deleted.
    ChannelGone,
    /// Direct messages were opened too fast.
    DmTooFast,
    /// An old message was edited too often for now.
    EditedTooOften,
    /// There are too many active threads for now.
    TooManyThreads,
    /// The server, or its categories for orders, take no more channels for now.
    TooManyChannels,
    /// The service is switched off for a while.
    Unavailable,
    /// The bot does not see the channel.
    MissingAccess,
    /// The bot lacks a permission there.
    MissingPermission,
    /// The form of what was sent is wrong.
    InvalidContent,
    /// What was sent is too large.
    TooLarge,
    /// The thread is archived: it must be opened again first.
    ThreadArchived,
    /// The answer cannot be read.
    Undecodable,
    /// The Discord client failed.
    Client,
    /// There is no connection.
    Unreachable,
    /// There was no answer in time.
    Timeout,
    /// The connection broke off.
    BrokenOff,
    /// That is not an id of Discord's.
    NoId,
    /// A listed thread is gone.
    ThreadGone,
    /// A file's kind cannot be put on the wire.
    Unsendable,
}

impl ChatCode {
    /// The word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::RateLimited => "rate_limited",
            Self::ServerError => "server_error",
            Self::Unauthorized => "unauthorized",
            Self::Refused => "refused",
            Self::NotDiscord => "not_discord",
            Self::DmClosed => "dm_closed",
            Self::NoMutualServer => "no_mutual_server",
            Self::UnknownUser => "unknown_user",
            Self::MessageGone => "message_gone",
            Self::ChannelGone => "channel_gone",
            Self::DmTooFast => "dm_too_fast",
            Self::EditedTooOften => "edited_too_often",
            Self::TooManyThreads => "too_many_threads",
            Self::TooManyChannels => "too_many_channels",
            Self::Unavailable => "unavailable",
            Self::MissingAccess => "missing_access",
            Self::MissingPermission => "missing_permission",
            Self::InvalidContent => "invalid_content",
            Self::TooLarge => "too_large",
            Self::ThreadArchived => "thread_archived",
            Self::Undecodable => "undecodable",
            Self::Client => "client",
            Self::Unreachable => "unreachable",
            Self::Timeout => "timeout",
            Self::BrokenOff => "broken_off",
            Self::NoId => "no_id",
            Self::ThreadGone => "thread_gone",
            Self::Unsendable => "unsendable",
        }
    }
}

impl fmt::Display for ChatCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
