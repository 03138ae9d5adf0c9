//! The application's commands in the guild.

use super::call::{Call, Handled, Reply};
use crate::error::ApiError;
use crate::json::merged;
use crate::json::text_of;
use crate::spec;
use crate::state::Discord;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Checks that a path names this application and this guild.
fn check_path(discord: &Discord, call: &Call) -> Result<(), ApiError> {
    if call.id("application_id")? != discord.layout.application {
        return Err(ApiError::new(404, 10002, "Unknown Application"));
    }
    if call.id("guild_id")? != discord.layout.guild {
        return Err(ApiError::missing_access());
    }
    Ok(())
}

/// Refuses names and descriptions in languages that Discord has not; the document takes any key.
fn check_locales(level: &Value) -> Result<(), ApiError> {
    let known = spec::locales();
    for field in ["name_localizations", "description_localizations"] {
        let given = level.get(field).and_then(Value::as_object).into_iter().flatten();
        if let Some((locale, _)) = given.into_iter().find(|(key, _)| !known.contains(&key.as_str()))
        {
            let what = format!("{locale} is not a valid locale");
            return Err(ApiError::form(field, "DICT_VALUE_INVALID_KEY", &what));
        }
    }
    let inner = level.get("options").and_then(Value::as_array);
    inner.into_iter().flatten().try_for_each(check_locales)
}

/// Refuses choices while typing where there are fixed ones, and where nothing is typed.
fn check_autocomplete(level: &Value) -> Result<(), ApiError> {
    let typed = matches!(level.get("type").and_then(Value::as_u64), Some(3 | 4 | 10));
    let fixed = level.get("choices").and_then(Value::as_array).is_some_and(|all| !all.is_empty());
    if level.get("autocomplete") == Some(&Value::Bool(true)) && (fixed || !typed) {
        let what = "autocomplete is for texts and numbers without choices";
        return Err(ApiError::form(
            "autocomplete",
            "APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE",
            what,
        ));
    }
    let inner = level.get("options").and_then(Value::as_array);
    inner.into_iter().flatten().try_for_each(check_autocomplete)
}

fn stored(discord: &mut Discord, given: &Value) -> Value {
    let id = discord.next_id().to_string();
    let defaults = json!({
        "type": 1, "default_member_permissions": null, "nsfw": false, "description": "",
        "options": [],
    });
    let fixed = json!({
        "id": id, "version": id, "application_id": discord.layout.application.to_string(),
        "guild_id": discord.layout.guild.to_string(),
    });
    let mut command = merged(merged(defaults, given.clone()), fixed);
    if let Some(map) = command.as_object_mut() {
        // Those of global commands.
        map.remove("contexts");
        map.remove("integration_types");
    }
    command
}

pub(super) fn replace(discord: &mut Discord, call: &Call) -> Handled {
    check_path(discord, call)?;
    let given = call.body.json.as_array().cloned().unwrap_or_default();
    let mut names = BTreeSet::new();
    for command in &given {
        let kind = command.get("type").and_then(Value::as_u64).unwrap_or(1);
        if !names.insert((kind, text_of(command, "name"))) {
            let word = "APPLICATION_COMMANDS_DUPLICATE_NAME";
            return Err(ApiError::form("name", word, "Application command names must be unique"));
        }
    }
    given.iter().try_for_each(check_locales)?;
    let options = given.iter().filter_map(|command| command.get("options")?.as_array()).flatten();
    options.into_iter().try_for_each(check_autocomplete)?;
    let commands: Vec<Value> = given.iter().map(|command| stored(discord, command)).collect();
    discord.commands.clone_from(&commands);
    Ok(Reply::Json(200, Value::Array(commands)))
}
