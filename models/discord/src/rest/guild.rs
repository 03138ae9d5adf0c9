//! The guild: its channels, roles and members.

use super::error::ApiError;
use super::{Call, Handled, Reply};
use crate::EventKind;
use crate::components::text_of;
use crate::gateway::GUILD_MEMBERS;
use crate::state::{Channel, ChannelKind, World};
use crate::wire::merged;
use serde_json::{Value, json};

fn this_guild(world: &World, call: &Call) -> Result<(), ApiError> {
    if call.id("guild_id")? == world.layout.guild {
        return Ok(());
    }
    Err(ApiError::new(404, 10004, "Unknown Guild"))
}

pub(super) fn get(world: &mut World, call: &Call) -> Handled {
    this_guild(world, call)?;
    Ok(Reply::Json(200, world.guild_json()))
}

pub(super) fn channels(world: &mut World, call: &Call) -> Handled {
    this_guild(world, call)?;
    let channels = world.channels.values();
    let channels = channels.filter(|c| c.recipient.is_none() && !c.kind.is_thread());
    let channels: Vec<Value> = channels.map(|channel| world.channel_json(channel)).collect();
    Ok(Reply::Json(200, Value::Array(channels)))
}

pub(super) fn create_channel(world: &mut World, call: &Call) -> Handled {
    this_guild(world, call)?;
    let count = world.channels.values();
    let count = count.filter(|c| c.recipient.is_none() && !c.kind.is_thread()).count();
    if count >= world.limits.channels {
        return Err(ApiError::new(400, 30013, "Maximum number of guild channels reached (500)"));
    }
    let json = &call.body.json;
    let id = world.next_id();
    let mut channel = Channel::text(id, text_of(json, "name"), world.layout.bot, world.now());
    if json.get("type") == Some(&json!(4)) {
        channel.kind = ChannelKind::Category;
    }
    channel.topic = json.get("topic").and_then(Value::as_str).map(str::to_owned);
    channel.parent = json.get("parent_id").and_then(Value::as_str).and_then(|id| id.parse().ok());
    let overwrites = json.get("permission_overwrites").and_then(Value::as_array);
    for overwrite in overwrites.into_iter().flatten() {
        super::channels::write_overwrite(&mut channel, None, overwrite)?;
    }
    let answer = world.channel_json(&channel);
    world.channels.insert(id, channel);
    world.dispatch_channel("CREATE", id);
    world.note_channel(EventKind::ChannelCreated, id, world.layout.bot, "");
    Ok(Reply::Json(201, answer))
}

pub(super) fn roles(world: &mut World, call: &Call) -> Handled {
    this_guild(world, call)?;
    Ok(Reply::Json(200, Value::Array(world.roles_json())))
}

pub(super) fn member(world: &mut World, call: &Call) -> Handled {
    this_guild(world, call)?;
    let user = call.id("user_id")?;
    let person = world.users.get(&user).ok_or_else(ApiError::unknown_user)?;
    if !person.in_guild {
        return Err(ApiError::new(404, 10007, "Unknown Member"));
    }
    Ok(Reply::Json(200, world.member_json(user)))
}

fn change_role(world: &mut World, call: &Call, give: bool) -> Handled {
    this_guild(world, call)?;
    let (user, role) = (call.id("user_id")?, call.id("role_id")?);
    let person = world.users.get_mut(&user).filter(|person| person.in_guild);
    let person = person.ok_or_else(|| ApiError::new(404, 10007, "Unknown Member"))?;
    if give {
        person.roles.insert(role);
    } else {
        person.roles.remove(&role);
    }
    let guild = json!({ "guild_id": world.layout.guild.to_string() });
    let data = merged(world.member_json(user), guild);
    world.dispatch("GUILD_MEMBER_UPDATE", GUILD_MEMBERS, &data);
    Ok(Reply::Empty)
}

pub(super) fn give_role(world: &mut World, call: &Call) -> Handled {
    change_role(world, call, true)
}

pub(super) fn take_role(world: &mut World, call: &Call) -> Handled {
    change_role(world, call, false)
}

pub(super) fn active_threads(world: &mut World, call: &Call) -> Handled {
    this_guild(world, call)?;
    let threads = world.channels.values();
    let threads: Vec<&Channel> = threads.filter(|c| c.kind.is_thread() && !c.archived).collect();
    Ok(Reply::Json(200, super::threads::listing(world, &threads, false)))
}
