//! The guild: its channels and threads.

use super::call::{Call, Handled, Reply};
use crate::error::ApiError;
use crate::events::EventKind;
use crate::json::text_of;
use crate::state::Discord;
use crate::state::records::{Channel, ChannelKind};
use serde_json::{Value, json};

fn this_guild(discord: &Discord, call: &Call) -> Result<(), ApiError> {
    if call.id("guild_id")? == discord.layout.guild {
        return Ok(());
    }
    Err(ApiError::new(404, 10004, "Unknown Guild"))
}

pub(super) fn get(discord: &mut Discord, call: &Call) -> Handled {
    this_guild(discord, call)?;
    Ok(Reply::Json(200, discord.guild_json()))
}

pub(super) fn roles(discord: &mut Discord, call: &Call) -> Handled {
    this_guild(discord, call)?;
    Ok(Reply::Json(200, Value::Array(discord.roles_json())))
}

/// All of them, those that the bot does not see, too.
pub(super) fn channels(discord: &mut Discord, call: &Call) -> Handled {
    this_guild(discord, call)?;
    let all = discord.channels.values();
    let all = all.filter(|c| c.recipient.is_none() && !c.kind.is_thread());
    Ok(Reply::Json(200, Value::Array(all.map(|channel| discord.channel_json(channel)).collect())))
}

pub(super) fn member(discord: &mut Discord, call: &Call) -> Handled {
    this_guild(discord, call)?;
    let id = call.id("user_id")?;
    if !discord.users.get(&id).is_some_and(|user| user.in_guild) {
        return Err(ApiError::new(404, 10007, "Unknown Member"));
    }
    Ok(Reply::Json(200, discord.member_json(id)))
}

pub(super) fn create_channel(discord: &mut Discord, call: &Call) -> Handled {
    this_guild(discord, call)?;
    let count = discord.channels.values();
    let count = count.filter(|c| c.recipient.is_none() && !c.kind.is_thread()).count();
    if count >= discord.limits.channels {
        return Err(ApiError::new(400, 30013, "Maximum number of guild channels reached (500)"));
    }
    let json = &call.body.json;
    let id = discord.next_id();
    let mut channel = Channel::text(id, text_of(json, "name"), discord.layout.bot, discord.now());
    if json.get("type") == Some(&json!(4)) {
        channel.kind = ChannelKind::Category;
    } else {
        channel.name = channel.name.to_lowercase().replace(' ', "-");
    }
    channel.topic = json.get("topic").and_then(Value::as_str).map(str::to_owned);
    channel.parent = json.get("parent_id").and_then(Value::as_str).and_then(|id| id.parse().ok());
    if let Some(parent) = channel.parent {
        takes_one_more(discord, parent)?;
    }
    let overwrites = json.get("permission_overwrites").and_then(Value::as_array);
    for overwrite in overwrites.into_iter().flatten() {
        super::channels::write_overwrite(&mut channel, overwrite)?;
    }
    let answer = discord.channel_json(&channel);
    discord.channels.insert(id, channel);
    discord.dispatch_channel("CREATE", id);
    discord.note_channel(EventKind::ChannelCreated, id, discord.layout.bot, "");
    Ok(Reply::Json(201, answer))
}

/// Channels that a category holds.
const IN_A_CATEGORY: usize = 50;

fn takes_one_more(discord: &Discord, parent: u64) -> Result<(), ApiError> {
    let category = discord.channels.get(&parent).filter(|c| c.kind == ChannelKind::Category);
    if category.is_none() {
        return Err(ApiError::form(
            "parent_id",
            "CHANNEL_PARENT_INVALID",
            "Category does not exist",
        ));
    }
    if discord.faults.denied.contains(&parent) || discord.faults.hidden.contains(&parent) {
        return Err(ApiError::missing_permissions());
    }
    let children = discord.channels.values().filter(|c| c.parent == Some(parent)).count();
    if children >= IN_A_CATEGORY {
        let words = "Maximum number of channels in category reached (50)";
        return Err(ApiError::form("parent_id", "CHANNEL_PARENT_MAX_CHANNELS", words));
    }
    Ok(())
}

pub(super) fn active_threads(discord: &mut Discord, call: &Call) -> Handled {
    this_guild(discord, call)?;
    let threads = discord.channels.values();
    let threads: Vec<&Channel> = threads.filter(|c| c.kind.is_thread() && !c.archived).collect();
    Ok(Reply::Json(200, super::threads::listing(discord, &threads, false)))
}
