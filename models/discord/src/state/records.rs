//! People, channels, messages and files.

use crate::time::UnixMs;
use bytes::Bytes;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// A person or the bot.
#[derive(Debug, Clone)]
pub(crate) struct User {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) bot: bool,
    pub(crate) roles: BTreeSet<u64>,
    pub(crate) in_guild: bool,
    pub(crate) dms_open: bool,
    pub(crate) locale: String,
    /// The dialog in front of them: what it is, and the interaction that opened it.
    pub(crate) modal: Option<(Value, u64)>,
}

/// What a channel is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChannelKind {
    Text,
    Direct,
    Category,
    PublicThread,
    PrivateThread,
}

impl ChannelKind {
    pub(crate) const fn number(self) -> u8 {
        match self {
            Self::Text => 0,
            Self::Direct => 1,
            Self::Category => 4,
            Self::PublicThread => 11,
            Self::PrivateThread => 12,
        }
    }
    pub(crate) const fn is_thread(self) -> bool {
        matches!(self, Self::PublicThread | Self::PrivateThread)
    }
}

/// A channel, thread or direct channel.
#[derive(Debug, Clone)]
pub(crate) struct Channel {
    pub(crate) id: u64,
    pub(crate) kind: ChannelKind,
    pub(crate) name: String,
    pub(crate) topic: Option<String>,
    pub(crate) parent: Option<u64>,
    pub(crate) owner: u64,
    pub(crate) recipient: Option<u64>,
    /// A thread's members, with when they joined.
    pub(crate) members: BTreeMap<u64, UnixMs>,
    pub(crate) archived: bool,
    /// When it was last archived or woken.
    pub(crate) archive_changed: UnixMs,
    /// When something was last said in it, or it was woken.
    pub(crate) active: UnixMs,
    pub(crate) locked: bool,
    pub(crate) invitable: bool,
    pub(crate) auto_archive_minutes: u64,
    pub(crate) created: UnixMs,
    /// Target → (0 role or 1 member, allow, deny).
    pub(crate) overwrites: BTreeMap<u64, (u8, u64, u64)>,
}

/// A message with everything that may be edited in it.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) id: u64,
    pub(crate) channel: u64,
    pub(crate) author: u64,
    pub(crate) kind: u8,
    pub(crate) content: String,
    pub(crate) embeds: Vec<Value>,
    pub(crate) components: Vec<Value>,
    pub(crate) attachments: Vec<u64>,
    pub(crate) flags: u64,
    /// The only user who sees it.
    pub(crate) only: Option<u64>,
    pub(crate) created: UnixMs,
    pub(crate) edited: Option<UnixMs>,
    pub(crate) nonce: Option<Value>,
    pub(crate) interaction: Option<u64>,
    pub(crate) reply_to: Option<u64>,
    /// Whom it mentions, as it stands now.
    pub(crate) mentions: Mentions,
    /// Who was told when it was posted: an edit tells nobody.
    pub(crate) rang: Mentions,
}

/// Whom a message mentions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Mentions {
    pub(crate) users: BTreeSet<u64>,
    pub(crate) roles: BTreeSet<u64>,
    pub(crate) everyone: bool,
}

/// Only its recipient sees the message.
pub(crate) const EPHEMERAL: u64 = 1 << 6;
/// "… is thinking".
pub(crate) const LOADING: u64 = 1 << 7;
/// The message is made of components only.
pub(crate) const COMPONENTS_V2: u64 = 1 << 15;

/// An uploaded file.
#[derive(Debug, Clone)]
pub(crate) struct StoredFile {
    pub(crate) id: u64,
    pub(crate) channel: u64,
    pub(crate) name: String,
    pub(crate) bytes: Bytes,
    pub(crate) content_type: String,
    pub(crate) size: Option<(u32, u32)>,
    pub(crate) description: Option<String>,
    pub(crate) ephemeral: bool,
}

/// A request of the bot, as the log keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestLog {
    /// Such as `POST`.
    pub method: String,
    /// The route as Discord's document spells it; empty when there is none.
    pub route: String,
    /// The path with its ids; interaction tokens are cut out.
    pub path: String,
    /// What was answered; 0 when the connection was broken.
    pub status: u16,
    /// When it was answered.
    pub at_ms: UnixMs,
    /// How long that took.
    pub took: Duration,
}

impl Channel {
    pub(crate) fn text(id: u64, name: &str, owner: u64, created: UnixMs) -> Self {
        Self {
            id,
            kind: ChannelKind::Text,
            name: name.to_owned(),
            topic: None,
            parent: None,
            owner,
            recipient: None,
            members: BTreeMap::new(),
            archived: false,
            archive_changed: created,
            active: created,
            locked: false,
            invitable: true,
            auto_archive_minutes: 4320,
            created,
            overwrites: BTreeMap::new(),
        }
    }

    pub(crate) fn set_archived(&mut self, archived: bool, now: UnixMs) {
        if self.archived != archived {
            self.archived = archived;
            self.archive_changed = now;
            self.active = now;
        }
    }
}
