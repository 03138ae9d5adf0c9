//! Threads and who is in them.

use super::call::{Call, Handled, Reply};
use crate::error::ApiError;
use crate::events::EventKind;
use crate::ids::iso;
use crate::json::text_of;
use crate::state::Discord;
use crate::state::gateway::{GUILD_MEMBERS, GUILDS};
use crate::state::records::{Channel, ChannelKind};
use serde_json::{Value, json};

pub(super) fn create(discord: &mut Discord, call: &Call) -> Handled {
    let parent = call.id("channel_id")?;
    discord.writable(parent)?;
    if discord.channel(parent)?.kind != ChannelKind::Text {
        let words = "Cannot execute action on this channel type";
        return Err(ApiError::new(400, 50024, words));
    }
    let active = discord.channels.values().filter(|c| c.kind.is_thread() && !c.archived).count();
    if active >= discord.limits.active_threads {
        let words = "Maximum number of active threads reached";
        return Err(ApiError::new(400, 160_006, words));
    }
    let json = &call.body.json;
    let id = discord.next_id();
    let (bot, now) = (discord.layout.bot, discord.now());
    let mut thread = Channel::text(id, text_of(json, "name"), bot, now);
    thread.kind = match json.get("type").and_then(Value::as_u64) {
        // Without a type Discord makes a private one.
        None | Some(12) => ChannelKind::PrivateThread,
        _ => ChannelKind::PublicThread,
    };
    thread.parent = Some(parent);
    thread.members.insert(bot, now);
    thread.invitable = json.get("invitable").and_then(Value::as_bool).unwrap_or(true);
    let minutes = json.get("auto_archive_duration").and_then(Value::as_u64);
    thread.auto_archive_minutes = minutes.unwrap_or(thread.auto_archive_minutes);
    discord.channels.insert(id, thread);
    discord.dispatch_channel("CREATE", id);
    discord.note_channel(EventKind::ChannelCreated, id, bot, "");
    Ok(Reply::Json(201, discord.channel_json(discord.channel(id)?)))
}

fn thread(discord: &Discord, call: &Call) -> Result<u64, ApiError> {
    let id = call.id("channel_id")?;
    discord.readable(id)?;
    if discord.channel(id)?.kind.is_thread() {
        return Ok(id);
    }
    Err(ApiError::new(400, 50024, "Cannot execute action on this channel type"))
}

/// Adds a user to a thread, and tells everybody.
pub(super) fn add(discord: &mut Discord, call: &Call) -> Handled {
    let id = thread(discord, call)?;
    let user = call.id("user_id")?;
    discord.writable(id)?;
    let now = discord.now();
    if !discord.users.get(&user).is_some_and(|user| user.in_guild) {
        return Err(ApiError::unknown_user());
    }
    let Some(channel) = discord.channels.get_mut(&id) else {
        return Err(ApiError::unknown_channel());
    };
    if channel.archived {
        return Err(ApiError::thread_archived());
    }
    if channel.members.insert(user, now).is_some() {
        return Ok(Reply::Empty);
    }
    let channel = discord.channel(id)?;
    let data = json!({
        "id": id.to_string(), "guild_id": discord.layout.guild.to_string(),
        "member_count": channel.members.len(), "removed_member_ids": [],
        "added_members": [discord.thread_member_json(channel, user)],
    });
    let intent = if user == discord.layout.bot { GUILDS } else { GUILD_MEMBERS };
    discord.dispatch("THREAD_MEMBERS_UPDATE", intent, &data);
    let text = format!("adds {}", discord.user_name(user));
    discord.note_channel(EventKind::ChannelUpdated, id, discord.layout.bot, &text);
    Ok(Reply::Empty)
}

/// Threads with the bot's own memberships.
pub(super) fn listing(discord: &Discord, threads: &[&Channel], more: bool) -> Value {
    let bot = discord.layout.bot;
    let members: Vec<Value> = threads
        .iter()
        .filter(|thread| thread.members.contains_key(&bot))
        .map(|thread| discord.thread_member_json(thread, bot))
        .collect();
    let threads: Vec<Value> = threads.iter().map(|thread| discord.channel_json(thread)).collect();
    json!({ "threads": threads, "members": members, "has_more": more })
}

/// The last archived first, a page of them before a moment.
pub(super) fn archived_private(discord: &mut Discord, call: &Call) -> Handled {
    let parent = call.id("channel_id")?;
    discord.readable(parent)?;
    let before = call.query.get("before");
    let limit = call.query_id("limit").and_then(|n| usize::try_from(n).ok()).unwrap_or(50);
    let threads = discord.channels.values();
    let mut threads: Vec<&Channel> = threads
        .filter(|c| c.parent == Some(parent) && c.kind == ChannelKind::PrivateThread && c.archived)
        // Moments of this one spelling sort as text.
        .filter(|c| before.is_none_or(|moment| iso(c.archive_changed) < *moment))
        .collect();
    threads.sort_by_key(|c| std::cmp::Reverse(c.archive_changed));
    let more = threads.len() > limit;
    threads.truncate(limit);
    Ok(Reply::Json(200, listing(discord, &threads, more)))
}
