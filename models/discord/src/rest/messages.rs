//! Messages in channels.

use super::compose::flags;
use super::error::ApiError;
use super::{Call, Handled, Reply};
use crate::EventKind;
use crate::ids::iso;
use crate::state::{COMPONENTS_V2, ChannelKind, Message, World};
use crate::wire::merged;
use serde_json::{Value, json};

/// How long a nonce is remembered: 5 minutes, in milliseconds.
const NONCE_LIFE_MS: u64 = 5 * 60 * 1000;
/// Messages older than this cannot be deleted in bulk: 14 days, in milliseconds.
const BULK_AGE_MS: u64 = 14 * 24 * 60 * 60 * 1000;
/// Do not mention the link previews.
const SUPPRESS_EMBEDS: u64 = 1 << 2;
/// Do not ring.
const SUPPRESS_NOTIFICATIONS: u64 = 1 << 12;

impl World {
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
            pinned: false,
        }
    }

    /// Stores a new message and tells everybody.
    pub(crate) fn post(&mut self, message: Message) -> Value {
        let now = self.now();
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

    /// A message as the answer that made it: only there its nonce is told.
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

pub(super) fn create(world: &mut World, call: &Call) -> Handled {
    let channel = call.id("channel_id")?;
    world.writable(channel)?;
    let place = world.channel(channel)?;
    if place.archived && place.locked {
        return Err(ApiError::thread_archived());
    }
    let json = &call.body.json;
    let nonce = json.get("nonce").filter(|nonce| !nonce.is_null()).cloned();
    let enforced = json.get("enforce_nonce") == Some(&Value::Bool(true));
    let now = world.now();
    if let (Some(nonce), true) = (&nonce, enforced) {
        let known = world.nonces.get(&(channel, nonce.to_string()));
        let fresh = known.filter(|(_, at)| now.since(*at) < NONCE_LIFE_MS);
        let message = fresh.and_then(|(id, _)| world.message(channel, *id));
        if let Some(message) = message {
            return Ok(Reply::Json(200, world.fresh_json(message)));
        }
    }
    let says = world.compose(channel, &call.body, json, None, false)?;
    let mut message = world.draft(channel, world.layout.bot);
    message.flags = flags(json) & (SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS | COMPONENTS_V2);
    message.reply_to = json
        .pointer("/message_reference/message_id")
        .and_then(Value::as_str)
        .and_then(|id| id.parse().ok());
    message.kind = if message.reply_to.is_some() { 19 } else { 0 };
    message.nonce.clone_from(&nonce);
    says.write_to(&mut message);
    if let (Some(nonce), true) = (nonce, enforced) {
        world.nonces.insert((channel, nonce.to_string()), (message.id, now));
    }
    Ok(Reply::Json(200, world.post(message)))
}

pub(super) fn list(world: &mut World, call: &Call) -> Handled {
    let channel = call.id("channel_id")?;
    world.readable(channel)?;
    let limit = call.query_id("limit").unwrap_or(50);
    if !(1..=100).contains(&limit) {
        let message = "Value should be between 1 and 100.";
        return Err(ApiError::form("limit", "NUMBER_TYPE_MAX", message));
    }
    let limit = usize::try_from(limit).unwrap_or(100);
    let (before, after) = (call.query_id("before"), call.query_id("after"));
    let all = world.messages.get(&channel);
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
    let page: Vec<Value> = page.into_iter().map(|message| world.message_json(message)).collect();
    Ok(Reply::Json(200, Value::Array(page)))
}

pub(super) fn get(world: &mut World, call: &Call) -> Handled {
    let message = world.reachable(call.id("channel_id")?, call.id("message_id")?)?;
    Ok(Reply::Json(200, world.message_json(message)))
}

pub(super) fn edit(world: &mut World, call: &Call) -> Handled {
    let channel = call.id("channel_id")?;
    let mut message = world.reachable(channel, call.id("message_id")?)?.clone();
    world.writable(channel)?;
    if message.author != world.layout.bot {
        return Err(ApiError::new(403, 50005, "Cannot edit a message authored by another user"));
    }
    if world.channel(channel)?.archived {
        return Err(ApiError::thread_archived());
    }
    let says = world.compose(channel, &call.body, &call.body.json, Some(&message), false)?;
    says.write_to(&mut message);
    Ok(Reply::Json(200, world.amend(message)))
}

pub(super) fn delete(world: &mut World, call: &Call) -> Handled {
    let (channel, id) = (call.id("channel_id")?, call.id("message_id")?);
    let author = world.reachable(channel, id)?.author;
    let direct = world.channel(channel)?.recipient.is_some();
    if author != world.layout.bot && direct {
        return Err(ApiError::new(403, 50003, "Cannot execute action on a DM channel"));
    }
    world.erase(channel, id);
    Ok(Reply::Empty)
}

pub(super) fn bulk_delete(world: &mut World, call: &Call) -> Handled {
    let channel = call.id("channel_id")?;
    world.writable(channel)?;
    let ids = call.body.json.get("messages").and_then(Value::as_array).into_iter().flatten();
    let ids: Vec<u64> = ids.filter_map(|id| id.as_str()?.parse().ok()).collect();
    let now = world.now();
    let too_old =
        |id: &u64| world.message(channel, *id).is_some_and(|m| now.since(m.created) > BULK_AGE_MS);
    if ids.iter().any(too_old) {
        let words = "You can only bulk delete messages that are under 14 days old.";
        return Err(ApiError::new(400, 50034, words));
    }
    for id in &ids {
        if let Some(message) = world.messages.get_mut(&channel).and_then(|all| all.remove(id)) {
            world.note_message(EventKind::Deleted, &message);
        }
    }
    let ids: Vec<String> = ids.iter().map(u64::to_string).collect();
    let guild = world.layout.guild.to_string();
    let data = json!({ "ids": ids, "channel_id": channel.to_string(), "guild_id": guild });
    let intent = world.message_intent(channel);
    world.dispatch("MESSAGE_DELETE_BULK", intent, &data);
    Ok(Reply::Empty)
}

pub(super) fn pins(world: &mut World, call: &Call) -> Handled {
    let channel = call.id("channel_id")?;
    world.readable(channel)?;
    let pinned = world.messages.get(&channel).into_iter().flat_map(|all| all.values());
    let items: Vec<Value> = pinned
        .filter(|message| message.pinned)
        .map(|m| json!({ "pinned_at": iso(m.created), "message": world.message_json(m) }))
        .collect();
    Ok(Reply::Json(200, json!({ "items": items, "has_more": false })))
}

fn set_pinned(world: &mut World, call: &Call, pinned: bool) -> Handled {
    let (channel, id) = (call.id("channel_id")?, call.id("message_id")?);
    world.reachable(channel, id)?;
    world.writable(channel)?;
    if let Some(message) = world.message_mut(channel, id) {
        message.pinned = pinned;
    }
    Ok(Reply::Empty)
}

pub(super) fn pin(world: &mut World, call: &Call) -> Handled {
    set_pinned(world, call, true)
}

pub(super) fn unpin(world: &mut World, call: &Call) -> Handled {
    set_pinned(world, call, false)
}
