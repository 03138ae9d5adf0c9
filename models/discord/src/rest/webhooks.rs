//! Later answers to an interaction: `@original` and followups, for 15 minutes.

use super::call::{Call, Handled, Reply};
use super::callbacks::draft;
use super::compose::flags;
use crate::error::ApiError;
use crate::state::Discord;
use crate::state::interaction::{Interaction, Stage};
use crate::state::records::{EPHEMERAL, LOADING, Message};
use serde_json::Value;

fn interaction(discord: &Discord, call: &Call) -> Result<Interaction, ApiError> {
    discord.interaction_by_token(call.param("webhook_id"), call.param("webhook_token"))
}

/// The message a path means, if it is one of this interaction's.
fn target(discord: &Discord, call: &Call, interaction: &Interaction) -> Result<Message, ApiError> {
    let named = call.param("message_id");
    let id = if named.is_empty() { interaction.original } else { named.parse().ok() };
    let message = id.and_then(|id| discord.message(interaction.channel, id)).cloned();
    let ours = |message: &Message| {
        message.interaction == Some(interaction.id) || Some(message.id) == interaction.original
    };
    message.filter(ours).ok_or_else(ApiError::unknown_message)
}

fn settle(discord: &mut Discord, id: u64) {
    if let Some(interaction) = discord.interactions.get_mut(&id) {
        interaction.settled = true;
    }
}

pub(super) fn edit(discord: &mut Discord, call: &Call) -> Handled {
    let interaction = interaction(discord, call)?;
    let message = target(discord, call, &interaction)?;
    fill(discord, call, &interaction, message)
}

fn fill(discord: &mut Discord, call: &Call, by: &Interaction, mut message: Message) -> Handled {
    let ephemeral = message.flags & EPHEMERAL != 0;
    let json: &Value = &call.body.json;
    let says = discord.compose(message.channel, &call.body, json, Some(&message), ephemeral)?;
    says.write_to(&mut message);
    message.flags &= !LOADING;
    let original = Some(message.id) == by.original;
    let answer = discord.amend(message);
    if original {
        settle(discord, by.id);
    }
    Ok(Reply::Json(200, answer))
}

pub(super) fn delete(discord: &mut Discord, call: &Call) -> Handled {
    let interaction = interaction(discord, call)?;
    let message = target(discord, call, &interaction)?;
    discord.erase(message.channel, message.id);
    settle(discord, interaction.id);
    Ok(Reply::Empty)
}

pub(super) fn create(discord: &mut Discord, call: &Call) -> Handled {
    let interaction = interaction(discord, call)?;
    // The first followup after "thinking" is what was put off.
    if interaction.stage == Stage::Answered(5)
        && let Some(original) = interaction.original
        && let Some(message) = discord.message(interaction.channel, original).cloned()
        && message.flags & LOADING != 0
    {
        return fill(discord, call, &interaction, message);
    }
    let given = flags(&call.body.json);
    let ephemeral = given & EPHEMERAL != 0;
    let json = &call.body.json;
    let says = discord.compose(interaction.channel, &call.body, json, None, ephemeral)?;
    let mut message = draft(discord, &interaction, given);
    says.write_to(&mut message);
    let answer = discord.post(message);
    settle(discord, interaction.id);
    Ok(Reply::Json(200, answer))
}
