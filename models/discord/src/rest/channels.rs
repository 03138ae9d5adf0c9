//! Channels and threads themselves: read, edit, delete.

use super::call::{Call, Handled, Reply};
use crate::error::ApiError;
use crate::events::EventKind;
use crate::state::Discord;
use crate::state::records::Channel;
use serde_json::{Value, json};

pub(super) fn get(discord: &mut Discord, call: &Call) -> Handled {
    let id = call.id("channel_id")?;
    discord.readable(id)?;
    Ok(Reply::Json(200, discord.channel_json(discord.channel(id)?)))
}

pub(super) fn edit(discord: &mut Discord, call: &Call) -> Handled {
    let id = call.id("channel_id")?;
    discord.writable(id)?;
    let (json, now) = (&call.body.json, discord.now());
    let Some(channel) = discord.channels.get_mut(&id) else {
        return Err(ApiError::unknown_channel());
    };
    if channel.archived && json.get("archived").is_none() {
        return Err(ApiError::thread_archived());
    }
    if let Some(name) = json.get("name").and_then(Value::as_str) {
        name.clone_into(&mut channel.name);
    }
    if let Some(topic) = json.get("topic") {
        channel.topic = topic.as_str().map(str::to_owned);
    }
    let flag = |key: &str| json.get(key).and_then(Value::as_bool);
    if channel.kind.is_thread() {
        channel.set_archived(flag("archived").unwrap_or(channel.archived), now);
        channel.locked = flag("locked").unwrap_or(channel.locked);
        channel.invitable = flag("invitable").unwrap_or(channel.invitable);
        let minutes = json.get("auto_archive_duration").and_then(Value::as_u64);
        channel.auto_archive_minutes = minutes.unwrap_or(channel.auto_archive_minutes);
    }
    if let Some(overwrites) = json.get("permission_overwrites").and_then(Value::as_array) {
        channel.overwrites.clear();
        for overwrite in overwrites {
            write_overwrite(channel, overwrite)?;
        }
    }
    let what = if channel.archived { "archived" } else { "edited" };
    discord.dispatch_channel("UPDATE", id);
    discord.note_channel(EventKind::ChannelUpdated, id, discord.layout.bot, what);
    Ok(Reply::Json(200, discord.channel_json(discord.channel(id)?)))
}

pub(super) fn delete(discord: &mut Discord, call: &Call) -> Handled {
    let id = call.id("channel_id")?;
    discord.readable(id)?;
    let answer = discord.channel_json(discord.channel(id)?);
    if discord.channel(id)?.recipient.is_none() {
        discord.writable(id)?;
        discord.remove_channel(id, discord.layout.bot);
    }
    Ok(Reply::Json(200, answer))
}

impl Discord {
    /// Removes a channel with its threads and messages, and tells everybody.
    pub(crate) fn remove_channel(&mut self, id: u64, by: u64) -> bool {
        if !self.channels.contains_key(&id) {
            return false;
        }
        let threads = self.channels.values();
        let threads: Vec<u64> = threads
            .filter(|channel| channel.parent == Some(id) && channel.kind.is_thread())
            .map(|channel| channel.id)
            .collect();
        for thread in threads {
            self.remove_channel(thread, by);
        }
        self.dispatch_channel("DELETE", id);
        self.note_channel(EventKind::ChannelDeleted, id, by, "");
        self.channels.remove(&id);
        let gone = self.messages.remove(&id).unwrap_or_default();
        for file in gone.into_values().flat_map(|message| message.attachments) {
            self.files.remove(&file);
        }
        true
    }
}

/// Writes one overwrite.
pub(super) fn write_overwrite(channel: &mut Channel, json: &Value) -> Result<(), ApiError> {
    let bits = |key: &str| {
        let value = json.get(key)?;
        value.as_u64().or_else(|| value.as_str()?.parse().ok())
    };
    let wrong = || ApiError::form("permission_overwrites", "NUMBER_TYPE_COERCE", "Not an id.");
    let target = bits("id").ok_or_else(wrong)?;
    let kind = if json.get("type") == Some(&json!(1)) { 1 } else { 0 };
    let allow = bits("allow").unwrap_or(0);
    channel.overwrites.insert(target, (kind, allow, bits("deny").unwrap_or(0)));
    Ok(())
}
