//! Later answers to an interaction: `@original` and followups, for 15 minutes.

use super::callbacks::draft;
use super::compose::flags;
use super::error::ApiError;
use super::{Call, Handled, Reply};
use crate::interactions::{Interaction, Stage};
use crate::state::{EPHEMERAL, LOADING, Message, World};
use serde_json::Value;

fn interaction(world: &World, call: &Call) -> Result<Interaction, ApiError> {
    world.interaction_by_token(call.param("webhook_id"), call.param("webhook_token"))
}

/// The message a path means, if it is one of this interaction's.
fn target(world: &World, call: &Call, interaction: &Interaction) -> Result<Message, ApiError> {
    let named = call.param("message_id");
    let id = if named.is_empty() { interaction.original } else { named.parse().ok() };
    let message = id.and_then(|id| world.message(interaction.channel, id)).cloned();
    let ours = |message: &Message| {
        message.interaction == Some(interaction.id) || Some(message.id) == interaction.original
    };
    message.filter(ours).ok_or_else(ApiError::unknown_message)
}

fn settle(world: &mut World, id: u64) {
    if let Some(interaction) = world.interactions.get_mut(&id) {
        interaction.settled = true;
    }
}

pub(super) fn get(world: &mut World, call: &Call) -> Handled {
    let interaction = interaction(world, call)?;
    let message = target(world, call, &interaction)?;
    Ok(Reply::Json(200, world.message_json(&message)))
}

pub(super) fn edit(world: &mut World, call: &Call) -> Handled {
    let interaction = interaction(world, call)?;
    let message = target(world, call, &interaction)?;
    fill(world, call, &interaction, message)
}

fn fill(world: &mut World, call: &Call, by: &Interaction, mut message: Message) -> Handled {
    let ephemeral = message.flags & EPHEMERAL != 0;
    let json: &Value = &call.body.json;
    let says = world.compose(message.channel, &call.body, json, Some(&message), ephemeral)?;
    says.write_to(&mut message);
    message.flags &= !LOADING;
    let original = Some(message.id) == by.original;
    let answer = world.amend(message);
    if original {
        settle(world, by.id);
    }
    Ok(Reply::Json(200, answer))
}

pub(super) fn delete(world: &mut World, call: &Call) -> Handled {
    let interaction = interaction(world, call)?;
    let message = target(world, call, &interaction)?;
    world.erase(message.channel, message.id);
    settle(world, interaction.id);
    Ok(Reply::Empty)
}

pub(super) fn create(world: &mut World, call: &Call) -> Handled {
    let interaction = interaction(world, call)?;
    // The first followup after "thinking" is what was put off.
    if interaction.stage == Stage::Answered(5)
        && let Some(original) = interaction.original
        && let Some(message) = world.message(interaction.channel, original).cloned()
        && message.flags & LOADING != 0
    {
        return fill(world, call, &interaction, message);
    }
    let given = flags(&call.body.json);
    let ephemeral = given & EPHEMERAL != 0;
    let json = &call.body.json;
    let says = world.compose(interaction.channel, &call.body, json, None, ephemeral)?;
    let mut message = draft(world, &interaction, given);
    says.write_to(&mut message);
    let answer = world.post(message);
    settle(world, interaction.id);
    Ok(Reply::Json(200, answer))
}
