//! Messages in channels.

use super::call::{Call, Handled, Reply};
use super::compose::flags;
use crate::error::ApiError;
use crate::events::EventKind;
use crate::json::merged;
use crate::state::Discord;
use crate::state::records::{COMPONENTS_V2, ChannelKind, Mentions, Message};
use serde_json::{Value, json};

/// How long a nonce is remembered: 5 minutes, in milliseconds.
const NONCE_LIFE_MS: u64 = 5 * 60 * 1000;
/// Do not mention the link previews.
const SUPPRESS_EMBEDS: u64 = 1 << 2;
/// Do not ring.
const SUPPRESS_NOTIFICATIONS: u64 = 1 << 12;

impl Discord {
    /// Checks that the bot may read a channel.
    pub(super) fn readable(&self, channel: u64) -> Result<(), ApiError> {
        self.channel(channel)?;
        if self.faults.hidden.contains(&channel) {
            return Err(ApiError::missing_access());
        }
        Ok(())
    }

    /// Checks that the bot may write in a channel.
    pub(super) fn writable(&self, channel: u64) -> Result<(), ApiError> {
        self.readable(channel)?;
        let place = self.channel(channel)?;
        let denied = |id: u64| self.faults.denied.contains(&id);
        if denied(channel) || place.parent.is_some_and(denied) {
            return Err(ApiError::missing_permissions());
        }
        if place.kind == ChannelKind::Category {
            return Err(ApiError::new(400, 50008, "Cannot send messages in a non-text channel"));
        }
        let Some(user) = place.recipient.and_then(|id| self.users.get(&id)) else { return Ok(()) };
        if !user.in_guild {
            let words = "Cannot send messages to this user due to having no mutual guilds";
            return Err(ApiError::new(403, 50278, words));
        }
        if !user.dms_open {
            return Err(ApiError::new(403, 50007, "Cannot send messages to this user"));
        }
        Ok(())
    }

    /// A message that the bot can reach by its channel: ephemeral ones it cannot.
    fn reachable(&self, channel: u64, id: u64) -> Result<&Message, ApiError> {
        self.readable(channel)?;
        let message = self.message(channel, id).filter(|message| message.only.is_none());
        message.ok_or_else(ApiError::unknown_message)
    }

    /// An empty message of the bot, not stored yet.
    pub(crate) fn draft(&mut self, channel: u64, author: u64) -> Message {
        Message {
            id: self.next_id(),
            channel,
            author,
            kind: 0,
            content: String::new(),
            embeds: Vec::new(),
            components: Vec::new(),
            attachments: Vec::new(),
            flags: 0,
            only: None,
            created: self.now(),
            edited: None,
            nonce: None,
            interaction: None,
            reply_to: None,
            mentions: Mentions::default(),
            rang: Mentions::default(),
        }
    }

    /// Stores a new message and tells everybody.
    pub(crate) fn post(&mut self, mut message: Message) -> Value {
        let now = self.now();
        // Of what only one person sees nobody else is told.
        if message.flags & SUPPRESS_NOTIFICATIONS == 0 && message.only.is_none() {
            message.rang = message.mentions.clone();
        }
        if let Some(channel) = self.channels.get_mut(&message.channel) {
            channel.active = now;
            // A new message wakes an archived thread.
            if channel.archived {
                channel.set_archived(false, now);
                self.dispatch_channel("UPDATE", message.channel);
            }
        }
        self.messages.entry(message.channel).or_default().insert(message.id, message.clone());
        self.dispatch_message("MESSAGE_CREATE", &message);
        self.note_message(EventKind::Posted, &message);
        self.fresh_json(&message)
    }

    /// A message as the answer that made it: only there its nonce stands.
    fn fresh_json(&self, message: &Message) -> Value {
        let json = self.message_json(message);
        match &message.nonce {
            Some(nonce) => merged(json, json!({ "nonce": nonce })),
            None => json,
        }
    }

    /// Stores a changed message and tells everybody.
    pub(super) fn amend(&mut self, mut message: Message) -> Value {
        message.edited = Some(self.now());
        self.messages.entry(message.channel).or_default().insert(message.id, message.clone());
        self.dispatch_message("MESSAGE_UPDATE", &message);
        self.note_message(EventKind::Edited, &message);
        self.message_json(&message)
    }

    /// Removes a message and tells everybody.
    pub(crate) fn erase(&mut self, channel: u64, id: u64) -> bool {
        let Some(message) = self.messages.get_mut(&channel).and_then(|all| all.remove(&id)) else {
            return false;
        };
        self.dispatch_deleted(&message);
        self.note_message(EventKind::Deleted, &message);
        true
    }
}

pub(super) fn create(discord: &mut Discord, call: &Call) -> Handled {
    let channel = call.id("channel_id")?;
    discord.writable(channel)?;
    let place = discord.channel(channel)?;
    if place.archived && place.locked {
        return Err(ApiError::thread_archived());
    }
    let json = &call.body.json;
    let nonce = json.get("nonce").filter(|nonce| !nonce.is_null()).cloned();
    let enforced = json.get("enforce_nonce") == Some(&Value::Bool(true));
    let now = discord.now();
    if let (Some(nonce), true) = (&nonce, enforced) {
        let known = discord.nonces.get(&(channel, nonce.to_string()));
        let fresh = known.filter(|(_, at)| now.since(*at) < NONCE_LIFE_MS);
        let message = fresh.and_then(|(id, _)| discord.message(channel, *id));
        if let Some(message) = message {
            return Ok(Reply::Json(200, discord.fresh_json(message)));
        }
    }
    let says = discord.compose(channel, &call.body, json, None, false)?;
    let mut message = discord.draft(channel, discord.layout.bot);
    message.flags = flags(json) & (SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS | COMPONENTS_V2);
    message.reply_to = json
        .pointer("/message_reference/message_id")
        .and_then(Value::as_str)
        .and_then(|id| id.parse().ok());
    message.kind = if message.reply_to.is_some() { 19 } else { 0 };
    message.nonce.clone_from(&nonce);
    says.write_to(&mut message);
    if let (Some(nonce), true) = (nonce, enforced) {
        discord.nonces.insert((channel, nonce.to_string()), (message.id, now));
    }
    Ok(Reply::Json(200, discord.post(message)))
}

pub(super) fn list(discord: &mut Discord, call: &Call) -> Handled {
    let channel = call.id("channel_id")?;
    discord.readable(channel)?;
    let limit = call.query_id("limit").unwrap_or(50);
    if !(1..=100).contains(&limit) {
        let message = "Value should be between 1 and 100.";
        return Err(ApiError::form("limit", "NUMBER_TYPE_MAX", message));
    }
    let limit = usize::try_from(limit).unwrap_or(100);
    let (before, after) = (call.query_id("before"), call.query_id("after"));
    let all = discord.messages.get(&channel);
    let seen: Vec<&Message> = all
        .into_iter()
        .flat_map(|all| all.values())
        .filter(|message| message.only.is_none())
        .filter(|message| before.is_none_or(|id| message.id < id))
        .filter(|message| after.is_none_or(|id| message.id > id))
        .collect();
    // `after` takes the oldest of what is newer; everything is answered newest first.
    let mut page: Vec<&Message> = if after.is_some() {
        seen.into_iter().take(limit).collect()
    } else {
        seen.into_iter().rev().take(limit).collect()
    };
    page.sort_by_key(|message| std::cmp::Reverse(message.id));
    let page: Vec<Value> = page.into_iter().map(|message| discord.message_json(message)).collect();
    Ok(Reply::Json(200, Value::Array(page)))
}

pub(super) fn get(discord: &mut Discord, call: &Call) -> Handled {
    let message = discord.reachable(call.id("channel_id")?, call.id("message_id")?)?;
    Ok(Reply::Json(200, discord.message_json(message)))
}

pub(super) fn edit(discord: &mut Discord, call: &Call) -> Handled {
    let channel = call.id("channel_id")?;
    let mut message = discord.reachable(channel, call.id("message_id")?)?.clone();
    discord.writable(channel)?;
    if message.author != discord.layout.bot {
        return Err(ApiError::new(403, 50005, "Cannot edit a message authored by another user"));
    }
    if discord.channel(channel)?.archived {
        return Err(ApiError::thread_archived());
    }
    let says = discord.compose(channel, &call.body, &call.body.json, Some(&message), false)?;
    says.write_to(&mut message);
    Ok(Reply::Json(200, discord.amend(message)))
}
