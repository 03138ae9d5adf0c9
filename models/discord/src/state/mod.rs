//! Everything the emulator knows, without a word about transport.

pub(crate) mod gateway;
pub(crate) mod interaction;
pub(crate) mod mentions;
pub(crate) mod records;

use crate::config::{Limits, Now};
use crate::error::ApiError;
use crate::events::{Audience, EmulatorEvent};
use crate::faults::Faults;
use crate::ids::{Snowflakes, user_id};
use crate::layout::GuildLayout;
use crate::time::UnixMs;
use gateway::Gateway;
use interaction::Interaction;
use records::{Channel, ChannelKind, Message, RequestLog, StoredFile, User};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use tokio::sync::broadcast;

/// The permission to see a channel.
const VIEW_CHANNEL: u64 = 1 << 10;

/// All of Discord as the bot and the people meet it.
pub(crate) struct Discord {
    pub(crate) layout: GuildLayout,
    pub(crate) limits: Limits,
    pub(crate) base_url: String,
    pub(crate) clock: Now,
    pub(crate) ids: Snowflakes,
    pub(crate) users: BTreeMap<u64, User>,
    pub(crate) channels: BTreeMap<u64, Channel>,
    pub(crate) messages: BTreeMap<u64, BTreeMap<u64, Message>>,
    pub(crate) files: BTreeMap<u64, StoredFile>,
    pub(crate) interactions: BTreeMap<u64, Interaction>,
    /// Those that the bot registered in the guild.
    pub(crate) commands: Vec<Value>,
    pub(crate) nonces: BTreeMap<(u64, String), (u64, UnixMs)>,
    pub(crate) gateway: Gateway,
    pub(crate) faults: Faults,
    pub(crate) violations: Vec<String>,
    pub(crate) own_mistakes: Vec<String>,
    pub(crate) requests: Vec<RequestLog>,
    pub(crate) history: Vec<EmulatorEvent>,
    pub(crate) events: broadcast::Sender<EmulatorEvent>,
}

impl Discord {
    pub(crate) fn new(layout: GuildLayout, limits: Limits, clock: Now, gateway: Gateway) -> Self {
        let now = clock();
        let mut discord = Self {
            limits,
            base_url: String::new(),
            clock,
            ids: Snowflakes::default(),
            users: BTreeMap::new(),
            channels: BTreeMap::new(),
            messages: BTreeMap::new(),
            files: BTreeMap::new(),
            interactions: BTreeMap::new(),
            commands: Vec::new(),
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
        let mut bot = discord.new_user(discord.layout.bot, "NebulaLinks", true);
        bot.roles.insert(discord.layout.bot_role());
        discord.users.insert(bot.id, bot);
        for (id, name, staff_only) in discord.layout.channels() {
            let mut channel = Channel::text(id, name, discord.layout.bot, now);
            if staff_only {
                channel.overwrites.insert(discord.layout.guild, (0, 0, VIEW_CHANNEL));
                for (role, _) in discord.layout.roles() {
                    channel.overwrites.insert(role, (0, VIEW_CHANNEL, 0));
                }
                channel.overwrites.insert(discord.layout.bot, (1, VIEW_CHANNEL, 0));
            }
            discord.channels.insert(id, channel);
        }
        let (id, bot) = (discord.layout.category, discord.layout.bot);
        let mut category = Channel::text(id, "order channels", bot, now);
        category.kind = ChannelKind::Category;
        discord.channels.insert(id, category);
        discord
    }

    pub(crate) fn now(&self) -> UnixMs {
        (self.clock)()
    }

    pub(crate) fn next_id(&mut self) -> u64 {
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
    pub(crate) fn user_named(&mut self, name: &str) -> u64 {
        let id = user_id(name);
        if !self.users.contains_key(&id) {
            let user = self.new_user(id, name, false);
            self.users.insert(id, user);
        }
        id
    }

    pub(crate) fn user_name(&self, id: u64) -> String {
        match self.users.get(&id) {
            Some(user) => user.name.clone(),
            None if id == 0 => "Discord".to_owned(),
            None => format!("user {id}"),
        }
    }

    pub(crate) fn channel(&self, id: u64) -> Result<&Channel, ApiError> {
        self.channels.get(&id).ok_or_else(ApiError::unknown_channel)
    }

    pub(crate) fn channel_name(&self, id: u64) -> String {
        match self.channels.get(&id) {
            Some(Channel { recipient: Some(user), .. }) => format!("@{}", self.user_name(*user)),
            Some(channel) => channel.name.clone(),
            None => format!("channel {id}"),
        }
    }

    pub(crate) fn message(&self, channel: u64, id: u64) -> Option<&Message> {
        self.messages.get(&channel)?.get(&id)
    }

    /// All messages, oldest first.
    pub(crate) fn all_messages(&self) -> Vec<&Message> {
        let mut all: Vec<_> = self.messages.values().flat_map(BTreeMap::values).collect();
        all.sort_by_key(|message| message.id);
        all
    }

    pub(crate) fn is_staff(&self, user: u64) -> bool {
        self.users
            .get(&user)
            .is_some_and(|user| user.roles.iter().any(|role| self.layout.is_staff_role(*role)))
    }

    /// Whether a user sees a channel.
    pub(crate) fn sees_channel(&self, user: u64, channel: u64) -> bool {
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
    pub(crate) fn sees(&self, user: u64, message: &Message) -> bool {
        self.sees_channel(user, message.channel) && message.only.is_none_or(|only| only == user)
    }

    pub(crate) fn audience(&self, message: &Message) -> Audience {
        if let Some(only) = message.only {
            return Audience::Only(self.user_name(only));
        }
        match self.channels.get(&message.channel).and_then(|channel| channel.recipient) {
            Some(user) => Audience::Direct(self.user_name(user)),
            None => Audience::Channel,
        }
    }

    /// The direct channel with a user; made when new.
    pub(crate) fn direct_channel(&mut self, user: u64) -> u64 {
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
}
