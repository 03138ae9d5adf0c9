//! The application's commands.

use super::error::ApiError;
use super::{Call, Handled, Reply};
use crate::components::text_of;
use crate::state::World;
use crate::wire::merged;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Which list a path means: a guild's, or the global one.
fn scope(world: &World, call: &Call) -> Result<Option<u64>, ApiError> {
    if call.id("application_id")? != world.layout.application {
        return Err(ApiError::new(404, 10002, "Unknown Application"));
    }
    if call.param("guild_id").is_empty() {
        return Ok(None);
    }
    let guild = call.id("guild_id")?;
    if guild == world.layout.guild { Ok(Some(guild)) } else { Err(ApiError::missing_access()) }
}

fn stored(world: &mut World, guild: Option<u64>, given: &Value) -> Value {
    let id = world.next_id().to_string();
    let defaults = json!({
        "type": 1, "default_member_permissions": null, "nsfw": false, "description": "",
        "contexts": null, "integration_types": [0], "options": [],
    });
    let fixed = json!({
        "id": id, "version": id, "application_id": world.layout.application.to_string(),
    });
    let mut command = merged(merged(defaults, given.clone()), fixed);
    if let (Some(guild), Some(map)) = (guild, command.as_object_mut()) {
        map.insert("guild_id".to_owned(), json!(guild.to_string()));
        map.remove("contexts");
        map.remove("integration_types");
    }
    command
}

pub(super) fn list(world: &mut World, call: &Call) -> Handled {
    let scope = scope(world, call)?;
    let commands = world.commands.get(&scope).cloned().unwrap_or_default();
    Ok(Reply::Json(200, Value::Array(commands)))
}

pub(super) fn replace(world: &mut World, call: &Call) -> Handled {
    let scope = scope(world, call)?;
    let given = call.body.json.as_array().cloned().unwrap_or_default();
    let mut names = BTreeSet::new();
    for command in &given {
        let kind = command.get("type").and_then(Value::as_u64).unwrap_or(1);
        if !names.insert((kind, text_of(command, "name"))) {
            let word = "APPLICATION_COMMANDS_DUPLICATE_NAME";
            return Err(ApiError::form("name", word, "Application command names must be unique"));
        }
    }
    let commands: Vec<Value> = given.iter().map(|command| stored(world, scope, command)).collect();
    world.commands.insert(scope, commands.clone());
    Ok(Reply::Json(200, Value::Array(commands)))
}

pub(super) fn create(world: &mut World, call: &Call) -> Handled {
    let scope = scope(world, call)?;
    let command = stored(world, scope, &call.body.json);
    let commands = world.commands.entry(scope).or_default();
    let before = commands.len();
    commands.retain(|known| known.get("name") != command.get("name"));
    let status = if commands.len() < before { 200 } else { 201 };
    commands.push(command.clone());
    Ok(Reply::Json(status, command))
}
