//! Everything the emulator knows, without a word about transport.

use super::events::{Audience, EmulatorEvent, EventKind};
use super::faults::Faults;
use super::gateway::Gateway;
use super::ids::{Snowflakes, user_id};
use super::interactions::Interaction;
use super::layout::GuildLayout;
use super::rest::error::ApiError;
use super::time::{MINUTE_MS, UnixMs};
use super::{Limits, Now};
use bytes::Bytes;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use tokio::sync::broadcast;

/// A person or the bot.
#[derive(Debug, Clone)]
pub(super) struct User {
    pub(super) id: u64,
    pub(super) name: String,
    pub(super) bot: bool,
    pub(super) roles: BTreeSet<u64>,
    pub(super) in_guild: bool,
    pub(super) dms_open: bool,
    pub(super) locale: String,
    /// The dialog in front of them: what it is, and the interaction that opened it.
    pub(super) modal: Option<(Value, u64)>,
}

/// What a channel is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ChannelKind {
    Text,
    Direct,
    Category,
    PublicThread,
    PrivateThread,
}

impl ChannelKind {
    pub(super) const fn number(self) -> u8 {
        match self {
            Self::Text => 0,
            Self::Direct => 1,
            Self::Category => 4,
            Self::PublicThread => 11,
            Self::PrivateThread => 12,
        }
    }
    pub(super) const fn is_thread(self) -> bool {
        matches!(self, Self::PublicThread | Self::PrivateThread)
    }
}

/// A channel, thread or direct channel.
#[derive(Debug, Clone)]
pub(super) struct Channel {
    pub(super) id: u64,
    pub(super) kind: ChannelKind,
    pub(super) name: String,
    pub(super) topic: Option<String>,
    pub(super) parent: Option<u64>,
    pub(super) owner: u64,
    pub(super) recipient: Option<u64>,
    /// A thread's members, with when they joined.
    pub(super) members: BTreeMap<u64, UnixMs>,
    pub(super) archived: bool,
    /// When it was last archived or woken.
    pub(super) archive_changed: UnixMs,
    /// When something was last said in it, or it was woken.
    pub(super) active: UnixMs,
    pub(super) locked: bool,
    pub(super) invitable: bool,
    pub(super) auto_archive_minutes: u64,
    pub(super) created: UnixMs,
    /// Target → (0 role or 1 member, allow, deny).
    pub(super) overwrites: BTreeMap<u64, (u8, u64, u64)>,
}

/// A message.
#[derive(Debug, Clone)]
pub(super) struct Message {
    pub(super) id: u64,
    pub(super) channel: u64,
    pub(super) author: u64,
    pub(super) kind: u8,
    pub(super) content: String,
    pub(super) embeds: Vec<Value>,
    pub(super) components: Vec<Value>,
    pub(super) attachments: Vec<u64>,
    pub(super) flags: u64,
    /// The only user who sees it.
    pub(super) only: Option<u64>,
    pub(super) created: UnixMs,
    pub(super) edited: Option<UnixMs>,
    pub(super) nonce: Option<Value>,
    pub(super) interaction: Option<u64>,
    pub(super) reply_to: Option<u64>,
    pub(super) pinned: bool,
}

/// Only its recipient sees the message.
pub(super) const EPHEMERAL: u64 = 1 << 6;
/// "… is thinking".
pub(super) const LOADING: u64 = 1 << 7;
/// The message is made of components only.
pub(super) const COMPONENTS_V2: u64 = 1 << 15;
/// The permission to see a channel.
const VIEW_CHANNEL: u64 = 1 << 10;

/// An uploaded file.
#[derive(Debug, Clone)]
pub(super) struct StoredFile {
    pub(super) id: u64,
    pub(super) channel: u64,
    pub(super) name: String,
    pub(super) bytes: Bytes,
    pub(super) content_type: String,
    pub(super) size: Option<(u32, u32)>,
    pub(super) description: Option<String>,
    pub(super) ephemeral: bool,
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
}

pub(super) struct World {
    pub(super) layout: GuildLayout,
    pub(super) limits: Limits,
    pub(super) base_url: String,
    pub(super) clock: Now,
    pub(super) ids: Snowflakes,
    pub(super) users: BTreeMap<u64, User>,
    pub(super) channels: BTreeMap<u64, Channel>,
    pub(super) messages: BTreeMap<u64, BTreeMap<u64, Message>>,
    pub(super) files: BTreeMap<u64, StoredFile>,
    pub(super) interactions: BTreeMap<u64, Interaction>,
    /// By guild; `None` are the global ones.
    pub(super) commands: BTreeMap<Option<u64>, Vec<Value>>,
    pub(super) nonces: BTreeMap<(u64, String), (u64, UnixMs)>,
    pub(super) gateway: Gateway,
    pub(super) faults: Faults,
    pub(super) violations: Vec<String>,
    pub(super) own_mistakes: Vec<String>,
    pub(super) requests: Vec<RequestLog>,
    pub(super) history: Vec<EmulatorEvent>,
    pub(super) events: broadcast::Sender<EmulatorEvent>,
}

impl World {
    pub(super) fn new(layout: GuildLayout, limits: Limits, clock: Now, gateway: Gateway) -> Self {
        let now = clock();
        let mut world = Self {
            limits,
            base_url: String::new(),
            clock,
            ids: Snowflakes::default(),
            users: BTreeMap::new(),
            channels: BTreeMap::new(),
            messages: BTreeMap::new(),
            files: BTreeMap::new(),
            interactions: BTreeMap::new(),
            commands: BTreeMap::new(),
            nonces: BTreeMap::new(),
            gateway,
            faults: Faults::default(),
            violations: Vec::new(),
            own_mistakes: Vec::new(),
            requests: Vec::new(),
            history: Vec::new(),
            events: broadcast::channel(4096).0,
            layout,
        };
        let bot = world.new_user(world.layout.bot, "NebulaLinks", true);
        world.users.insert(bot.id, bot);
        for (id, name, staff_only) in world.layout.channels() {
            let mut channel = Channel::text(id, name, world.layout.bot, now);
            if staff_only {
                channel.overwrites.insert(world.layout.guild, (0, 0, VIEW_CHANNEL));
                for (role, _) in world.layout.roles() {
                    channel.overwrites.insert(role, (0, VIEW_CHANNEL, 0));
                }
                channel.overwrites.insert(world.layout.bot, (1, VIEW_CHANNEL, 0));
            }
            world.channels.insert(id, channel);
        }
        world
    }

    pub(super) fn now(&self) -> UnixMs {
        (self.clock)()
    }

    pub(super) fn next_id(&mut self) -> u64 {
        let now = self.now();
        self.ids.next(now)
    }

    fn new_user(&self, id: u64, name: &str, bot: bool) -> User {
        User {
            id,
            name: name.to_owned(),
            bot,
            roles: BTreeSet::new(),
            in_guild: true,
            dms_open: true,
            locale: "en-US".to_owned(),
            modal: None,
        }
    }

    /// The user of this name; made when new.
    pub(super) fn user_named(&mut self, name: &str) -> u64 {
        let id = user_id(name);
        if !self.users.contains_key(&id) {
            let user = self.new_user(id, name, false);
            self.users.insert(id, user);
        }
        id
    }

    pub(super) fn user_name(&self, id: u64) -> String {
        match self.users.get(&id) {
            Some(user) => user.name.clone(),
            None if id == 0 => "Discord".to_owned(),
            None => format!("user {id}"),
        }
    }

    pub(super) fn channel(&self, id: u64) -> Result<&Channel, ApiError> {
        self.channels.get(&id).ok_or_else(ApiError::unknown_channel)
    }

    pub(super) fn channel_name(&self, id: u64) -> String {
        match self.channels.get(&id) {
            Some(Channel { recipient: Some(user), .. }) => format!("@{}", self.user_name(*user)),
            Some(channel) => channel.name.clone(),
            None => format!("channel {id}"),
        }
    }

    pub(super) fn message(&self, channel: u64, id: u64) -> Option<&Message> {
        self.messages.get(&channel)?.get(&id)
    }

    pub(super) fn message_mut(&mut self, channel: u64, id: u64) -> Option<&mut Message> {
        self.messages.get_mut(&channel)?.get_mut(&id)
    }

    /// All messages, oldest first.
    pub(super) fn all_messages(&self) -> Vec<&Message> {
        let mut all: Vec<_> = self.messages.values().flat_map(BTreeMap::values).collect();
        all.sort_by_key(|message| message.id);
        all
    }

    pub(super) fn is_staff(&self, user: u64) -> bool {
        self.users
            .get(&user)
            .is_some_and(|user| user.roles.iter().any(|role| self.layout.is_staff_role(*role)))
    }

    /// Whether a user sees a channel.
    pub(super) fn sees_channel(&self, user: u64, channel: u64) -> bool {
        let Some(channel) = self.channels.get(&channel) else { return false };
        if user == self.layout.bot {
            return !self.faults.hidden.contains(&channel.id);
        }
        let Some(person) = self.users.get(&user) else { return false };
        if channel.kind == ChannelKind::Direct {
            return channel.recipient == Some(user);
        }
        if !person.in_guild {
            return false;
        }
        match (channel.kind, channel.parent) {
            (ChannelKind::PrivateThread, _) => {
                channel.members.contains_key(&user) || self.is_staff(user)
            }
            (ChannelKind::PublicThread, Some(parent)) => self.sees_channel(user, parent),
            _ => self.overwrites_let_see(person, channel),
        }
    }

    fn overwrites_let_see(&self, person: &User, channel: &Channel) -> bool {
        let has = |bits: u64| bits & VIEW_CHANNEL != 0;
        let mut sees = true;
        if let Some((_, allow, deny)) = channel.overwrites.get(&self.layout.guild) {
            sees = (sees && !has(*deny)) || has(*allow);
        }
        let roles = person.roles.iter().filter_map(|role| channel.overwrites.get(role));
        let (allow, deny) = roles.fold((0, 0), |(a, d), (_, allow, deny)| (a | allow, d | deny));
        sees = (sees && !has(deny)) || has(allow);
        if let Some((_, allow, deny)) = channel.overwrites.get(&person.id) {
            sees = (sees && !has(*deny)) || has(*allow);
        }
        sees
    }

    /// Whether a user sees a message.
    pub(super) fn sees(&self, user: u64, message: &Message) -> bool {
        self.sees_channel(user, message.channel) && message.only.is_none_or(|only| only == user)
    }

    pub(super) fn audience(&self, message: &Message) -> Audience {
        if let Some(only) = message.only {
            return Audience::Only(self.user_name(only));
        }
        match self.channels.get(&message.channel).and_then(|channel| channel.recipient) {
            Some(user) => Audience::Direct(self.user_name(user)),
            None => Audience::Channel,
        }
    }

    /// The direct channel with a user; made when new.
    pub(super) fn direct_channel(&mut self, user: u64) -> u64 {
        let found = self.channels.values().find(|channel| channel.recipient == Some(user));
        if let Some(channel) = found {
            return channel.id;
        }
        let id = self.next_id();
        let name = self.user_name(user);
        let mut channel = Channel::text(id, &name, self.layout.bot, self.now());
        channel.kind = ChannelKind::Direct;
        channel.recipient = Some(user);
        self.channels.insert(id, channel);
        id
    }

    /// Archives the threads in which nothing was said for their time.
    pub(super) fn archive_quiet_threads(&mut self) {
        let now = self.now();
        let threads = self.channels.values().filter(|c| c.kind.is_thread() && !c.archived);
        let quiet = threads.filter(|c| now.since(c.active) >= c.auto_archive_minutes * MINUTE_MS);
        let quiet: Vec<u64> = quiet.map(|thread| thread.id).collect();
        for id in quiet {
            if let Some(thread) = self.channels.get_mut(&id) {
                thread.set_archived(true, now);
            }
            self.dispatch_channel("UPDATE", id);
            self.note_channel(EventKind::ChannelUpdated, id, 0, "archived: nobody wrote");
        }
    }

    /// Tells those who listen, and keeps it for the transcript.
    pub(super) fn note(&mut self, event: EmulatorEvent) {
        self.history.push(event.clone());
        // Nobody listening is fine.
        let _ = self.events.send(event);
    }

    /// A note about a channel.
    pub(super) fn note_channel(&mut self, kind: EventKind, channel: u64, by: u64, text: &str) {
        let event = EmulatorEvent {
            kind,
            at_ms: self.now().0,
            channel,
            channel_name: self.channel_name(channel),
            message: 0,
            author: self.user_name(by),
            audience: Audience::Channel,
            text: text.to_owned(),
        };
        self.note(event);
    }

    /// A note about a message.
    pub(super) fn note_message(&mut self, kind: EventKind, message: &Message) {
        let event = EmulatorEvent {
            kind,
            at_ms: self.now().0,
            channel: message.channel,
            channel_name: self.channel_name(message.channel),
            message: message.id,
            author: self.user_name(message.author),
            audience: self.audience(message),
            text: super::render::message(self, message),
        };
        self.note(event);
    }
}

impl Channel {
    pub(super) fn text(id: u64, name: &str, owner: u64, created: UnixMs) -> Self {
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

    pub(super) fn set_archived(&mut self, archived: bool, now: UnixMs) {
        if self.archived != archived {
            self.archived = archived;
            self.archive_changed = now;
            self.active = now;
        }
    }
}
