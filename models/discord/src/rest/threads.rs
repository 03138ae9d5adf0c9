//! Threads and who is in them.

use super::error::ApiError;
use super::{Call, Handled, Reply};
use crate::EventKind;
use crate::components::text_of;
use crate::gateway::{GUILD_MEMBERS, GUILDS};
use crate::ids::iso;
use crate::state::{Channel, ChannelKind, World};
use serde_json::{Value, json};

fn open(world: &mut World, call: &Call, kind: ChannelKind, id: Option<u64>) -> Handled {
    let parent = call.id("channel_id")?;
    world.writable(parent)?;
    if world.channel(parent)?.kind != ChannelKind::Text {
        let words = "Cannot execute action on this channel type";
        return Err(ApiError::new(400, 50024, words));
    }
    let active = world.channels.values().filter(|c| c.kind.is_thread() && !c.archived).count();
    if active >= world.limits.active_threads {
        let words = "Maximum number of active threads reached";
        return Err(ApiError::new(400, 160_006, words));
    }
    let json = &call.body.json;
    let id = id.unwrap_or_else(|| world.next_id());
    let (bot, now) = (world.layout.bot, world.now());
    let mut thread = Channel::text(id, text_of(json, "name"), bot, now);
    thread.kind = kind;
    thread.parent = Some(parent);
    thread.members.insert(bot, now);
    thread.invitable = json.get("invitable").and_then(Value::as_bool).unwrap_or(true);
    let minutes = json.get("auto_archive_duration").and_then(Value::as_u64);
    thread.auto_archive_minutes = minutes.unwrap_or(thread.auto_archive_minutes);
    world.channels.insert(id, thread);
    world.dispatch_channel("CREATE", id);
    world.note_channel(EventKind::ChannelCreated, id, bot, "");
    Ok(Reply::Json(201, world.channel_json(world.channel(id)?)))
}

pub(super) fn create(world: &mut World, call: &Call) -> Handled {
    let private = match call.body.json.get("type").and_then(Value::as_u64) {
        // Without a type Discord makes a private one.
        None | Some(12) => true,
        _ => false,
    };
    let kind = if private { ChannelKind::PrivateThread } else { ChannelKind::PublicThread };
    open(world, call, kind, None)
}

pub(super) fn from_message(world: &mut World, call: &Call) -> Handled {
    let (channel, message) = (call.id("channel_id")?, call.id("message_id")?);
    world.message(channel, message).ok_or_else(ApiError::unknown_message)?;
    if world.channels.contains_key(&message) {
        let words = "A thread has already been created for this message";
        return Err(ApiError::new(400, 160_004, words));
    }
    open(world, call, ChannelKind::PublicThread, Some(message))
}

fn thread(world: &World, call: &Call) -> Result<u64, ApiError> {
    let id = call.id("channel_id")?;
    world.readable(id)?;
    if world.channel(id)?.kind.is_thread() {
        return Ok(id);
    }
    Err(ApiError::new(400, 50024, "Cannot execute action on this channel type"))
}

/// Adds a user to a thread or removes them, and tells everybody.
fn set_member(world: &mut World, id: u64, user: u64, present: bool) -> Handled {
    world.writable(id)?;
    let now = world.now();
    let known = world.users.get(&user).is_some_and(|user| user.in_guild);
    if !known {
        return Err(ApiError::new(404, 10013, "Unknown User"));
    }
    let Some(channel) = world.channels.get_mut(&id) else {
        return Err(ApiError::unknown_channel());
    };
    if channel.archived {
        return Err(ApiError::thread_archived());
    }
    let changed = if present {
        channel.members.insert(user, now).is_none()
    } else {
        channel.members.remove(&user).is_some()
    };
    if !changed {
        return Ok(Reply::Empty);
    }
    let Some(channel) = world.channels.get(&id) else { return Err(ApiError::unknown_channel()) };
    let (added, removed) = if present {
        (vec![world.thread_member_json(channel, user)], Vec::new())
    } else {
        (Vec::new(), vec![user.to_string()])
    };
    let data = json!({
        "id": id.to_string(), "guild_id": world.layout.guild.to_string(),
        "member_count": channel.members.len(), "added_members": added,
        "removed_member_ids": removed,
    });
    let intent = if user == world.layout.bot { GUILDS } else { GUILD_MEMBERS };
    world.dispatch("THREAD_MEMBERS_UPDATE", intent, &data);
    let verb = if present { "adds" } else { "removes" };
    let text = format!("{verb} {}", world.user_name(user));
    world.note_channel(EventKind::ChannelUpdated, id, world.layout.bot, &text);
    Ok(Reply::Empty)
}

pub(super) fn add(world: &mut World, call: &Call) -> Handled {
    let id = thread(world, call)?;
    set_member(world, id, call.id("user_id")?, true)
}

pub(super) fn remove(world: &mut World, call: &Call) -> Handled {
    let id = thread(world, call)?;
    set_member(world, id, call.id("user_id")?, false)
}

pub(super) fn join(world: &mut World, call: &Call) -> Handled {
    let id = thread(world, call)?;
    set_member(world, id, world.layout.bot, true)
}

pub(super) fn leave(world: &mut World, call: &Call) -> Handled {
    let id = thread(world, call)?;
    set_member(world, id, world.layout.bot, false)
}

pub(super) fn members(world: &mut World, call: &Call) -> Handled {
    let channel = world.channel(thread(world, call)?)?;
    let members = channel.members.keys();
    let members: Vec<Value> =
        members.map(|user| world.thread_member_json(channel, *user)).collect();
    Ok(Reply::Json(200, Value::Array(members)))
}

pub(super) fn member(world: &mut World, call: &Call) -> Handled {
    let channel = world.channel(thread(world, call)?)?;
    let user = call.id("user_id")?;
    if !channel.members.contains_key(&user) {
        return Err(ApiError::new(404, 10007, "Unknown Member"));
    }
    Ok(Reply::Json(200, world.thread_member_json(channel, user)))
}

/// Threads with the bot's own memberships.
pub(super) fn listing(world: &World, threads: &[&Channel], more: bool) -> Value {
    let bot = world.layout.bot;
    let members: Vec<Value> = threads
        .iter()
        .filter(|thread| thread.members.contains_key(&bot))
        .map(|thread| world.thread_member_json(thread, bot))
        .collect();
    let threads: Vec<Value> = threads.iter().map(|thread| world.channel_json(thread)).collect();
    json!({ "threads": threads, "members": members, "has_more": more })
}

/// The last archived first, a page of them before a moment.
fn archived(world: &World, call: &Call, kind: ChannelKind) -> Handled {
    let parent = call.id("channel_id")?;
    world.readable(parent)?;
    let before = call.query.get("before");
    let limit = call.query_id("limit").and_then(|n| usize::try_from(n).ok()).unwrap_or(50);
    let threads = world.channels.values();
    let mut threads: Vec<&Channel> = threads
        .filter(|c| c.parent == Some(parent) && c.kind == kind && c.archived)
        // Moments of this one spelling sort as text.
        .filter(|c| before.is_none_or(|moment| iso(c.archive_changed) < *moment))
        .collect();
    threads.sort_by_key(|c| std::cmp::Reverse(c.archive_changed));
    let more = threads.len() > limit;
    threads.truncate(limit);
    Ok(Reply::Json(200, listing(world, &threads, more)))
}

pub(super) fn archived_private(world: &mut World, call: &Call) -> Handled {
    archived(world, call, ChannelKind::PrivateThread)
}

pub(super) fn archived_public(world: &mut World, call: &Call) -> Handled {
    archived(world, call, ChannelKind::PublicThread)
}
