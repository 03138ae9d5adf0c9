//! The bot's own user and application, other users, and where the gateway is.

use super::error::ApiError;
use super::{Call, Handled, Reply};
use crate::components::text_of;
use crate::state::World;
use crate::wire::merged;
use serde_json::{Value, json};

/// Sessions that a bot may begin in a day.
const SESSIONS: u64 = 1000;

pub(super) fn gateway(world: &mut World, _: &Call) -> Handled {
    Ok(Reply::Json(200, json!({ "url": world.gateway_url() })))
}

pub(super) fn gateway_bot(world: &mut World, _: &Call) -> Handled {
    let limit = json!({
        "total": SESSIONS, "remaining": SESSIONS.saturating_sub(world.gateway.identifies),
        "reset_after": 86_400_000, "max_concurrency": 1,
    });
    let answer = json!({ "url": world.gateway_url(), "shards": 1, "session_start_limit": limit });
    Ok(Reply::Json(200, answer))
}

pub(super) fn me(world: &mut World, _: &Call) -> Handled {
    Ok(Reply::Json(200, world.bot_json()))
}

pub(super) fn user(world: &mut World, call: &Call) -> Handled {
    match world.user_json(call.id("user_id")?) {
        Value::Null => Err(ApiError::unknown_user()),
        user => Ok(Reply::Json(200, user)),
    }
}

pub(super) fn direct_channel(world: &mut World, call: &Call) -> Handled {
    let user = text_of(&call.body.json, "recipient_id").parse().unwrap_or(0);
    if user == world.layout.bot || !world.users.contains_key(&user) {
        return Err(ApiError::new(400, 50033, "Invalid Recipient(s)"));
    }
    let id = world.direct_channel(user);
    let channel = world.channel(id)?;
    Ok(Reply::Json(200, world.channel_json(channel)))
}

pub(super) fn application(world: &mut World, _: &Call) -> Handled {
    let owner = world.bot_json();
    let names = json!({
        "id": world.layout.application.to_string(), "name": "NebulaLinks", "icon": null,
        "description": "", "type": null, "verify_key": "00", "flags": 0, "flags_new": "0",
        "bot": world.bot_json(), "bot_public": false, "bot_require_code_grant": false,
        "tags": [],
    });
    let rest = json!({
        "redirect_uris": [], "interactions_endpoint_url": null, "owner": owner, "team": null,
        "role_connections_verification_url": null, "approximate_guild_count": 1,
        "approximate_user_install_count": 0, "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0, "eligible_oauth2_scopes": [],
        "guild_id": world.layout.guild.to_string(),
    });
    Ok(Reply::Json(200, merged(names, rest)))
}
