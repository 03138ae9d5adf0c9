//! The bot's own user and application, other users, and where the gateway is.

use super::call::{Call, Handled, Reply};
use crate::error::ApiError;
use crate::json::text_of;
use crate::state::Discord;
use serde_json::json;

/// Sessions that a bot may begin in a day.
const SESSIONS: u64 = 1000;

pub(super) fn gateway(discord: &mut Discord, _: &Call) -> Handled {
    Ok(Reply::Json(200, json!({ "url": discord.gateway_url() })))
}

pub(super) fn gateway_bot(discord: &mut Discord, _: &Call) -> Handled {
    let limit = json!({
        "total": SESSIONS, "remaining": SESSIONS.saturating_sub(discord.gateway.identifies),
        "reset_after": 86_400_000, "max_concurrency": 1,
    });
    let answer = json!({ "url": discord.gateway_url(), "shards": 1, "session_start_limit": limit });
    Ok(Reply::Json(200, answer))
}

pub(super) fn me(discord: &mut Discord, _: &Call) -> Handled {
    Ok(Reply::Json(200, discord.bot_json()))
}

pub(super) fn direct_channel(discord: &mut Discord, call: &Call) -> Handled {
    let user = text_of(&call.body.json, "recipient_id").parse().unwrap_or(0);
    if user == discord.layout.bot || !discord.users.contains_key(&user) {
        return Err(ApiError::new(400, 50033, "Invalid Recipient(s)"));
    }
    let id = discord.direct_channel(user);
    let channel = discord.channel(id)?;
    Ok(Reply::Json(200, discord.channel_json(channel)))
}
