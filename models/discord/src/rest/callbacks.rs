//! The first answer to an interaction.

use super::call::{Call, Handled, Reply};
use super::compose::flags;
use crate::components;
use crate::error::ApiError;
use crate::events::{Audience, EmulatorEvent, EventKind};
use crate::interactions::AUTOCOMPLETE;
use crate::render;
use crate::state::Discord;
use crate::state::interaction::{Interaction, Stage, TOKEN_LIFE_MS};
use crate::state::records::{COMPONENTS_V2, EPHEMERAL, LOADING, Message};
use serde_json::{Value, json};

const MESSAGE: u8 = 4;
const MESSAGE_LATER: u8 = 5;
const UPDATE_LATER: u8 = 6;
const UPDATE: u8 = 7;
const CHOICES: u8 = 8;
const MODAL: u8 = 9;
/// The most choices that are shown, and the most characters of the name and value of each.
const MOST_CHOICES: usize = 25;
const MOST_CHARACTERS: usize = 100;

pub(super) fn answer(discord: &mut Discord, call: &Call) -> Handled {
    let now = discord.now();
    let id = call.id("interaction_id")?;
    let interaction = discord.interaction_for(id, call.param("interaction_token"))?.clone();
    match interaction.stage {
        Stage::Failed => return Err(ApiError::unknown_interaction()),
        Stage::Answered(_) => {
            let words = "Interaction has already been acknowledged.";
            return Err(ApiError::new(400, 40060, words));
        }
        Stage::Waiting if now.since(interaction.opened) >= TOKEN_LIFE_MS => {
            return Err(ApiError::unknown_interaction());
        }
        Stage::Waiting => {}
    }
    let kind = call.body.json.get("type").and_then(Value::as_u64).unwrap_or(0);
    let kind = u8::try_from(kind).unwrap_or(0);
    let null = Value::Null;
    let data = call.body.json.get("data").unwrap_or(&null);
    // While somebody types, choices are the only answer, and they answer nothing else.
    if (kind == CHOICES) != (interaction.kind == AUTOCOMPLETE) {
        return Err(not_like_that());
    }
    let original = match kind {
        CHOICES => {
            let choices = checked_choices(&interaction, data)?;
            if let Some(stored) = discord.interactions.get_mut(&id) {
                stored.choices = Some(choices);
            }
            None
        }
        MESSAGE => Some(new_message(discord, call, &interaction, data)?),
        MESSAGE_LATER => Some(loading(discord, &interaction, data)),
        UPDATE_LATER => Some(source(&interaction)?),
        UPDATE => Some(update(discord, call, &interaction, data)?),
        MODAL => {
            show_modal(discord, &interaction, data)?;
            None
        }
        _ => return Err(not_like_that()),
    };
    if let Some(stored) = discord.interactions.get_mut(&id) {
        stored.stage = Stage::Answered(kind);
        stored.original = original;
        stored.settled = !matches!(kind, MESSAGE_LATER | UPDATE_LATER);
    }
    if !call.asks("with_response") {
        return Ok(Reply::Empty);
    }
    let message = original.and_then(|id| discord.message(interaction.channel, id));
    let mut about = json!({ "id": id.to_string(), "type": interaction.kind });
    let mut answer = json!({});
    if let Some(message) = message {
        let shown = discord.message_json(message);
        about = crate::json::merged(
            about,
            json!({
                "response_message_id": message.id.to_string(),
                "response_message_loading": kind == MESSAGE_LATER,
                "response_message_ephemeral": message.flags & EPHEMERAL != 0,
            }),
        );
        answer = json!({ "resource": { "type": kind, "message": shown } });
    }
    answer = crate::json::merged(answer, json!({ "interaction": about }));
    Ok(Reply::Json(200, answer))
}

fn not_like_that() -> ApiError {
    let message = "This interaction cannot be answered like that.";
    ApiError::form("type", "INTERACTION_CALLBACK_TYPE", message)
}

/// The option that is being typed, however deep in groups.
fn focused(level: &Value) -> Option<&Value> {
    let inner = level.get("options").and_then(Value::as_array)?;
    inner.iter().find_map(|option| match option.get("focused") {
        Some(Value::Bool(true)) => Some(option),
        _ => focused(option),
    })
}

/// What is offered: so many choices, each with a name and a value of the option's type.
fn checked_choices(interaction: &Interaction, data: &Value) -> Result<Vec<Value>, ApiError> {
    let choices = data.get("choices").and_then(Value::as_array).cloned().unwrap_or_default();
    if choices.len() > MOST_CHOICES {
        let message = format!("Must be {MOST_CHOICES} or fewer in length.");
        return Err(ApiError::form("data.choices", "BASE_TYPE_MAX_LENGTH", &message));
    }
    let typed = interaction.payload.get("data").and_then(focused);
    let kind = typed.and_then(|option| option.get("type")).and_then(Value::as_u64);
    for choice in &choices {
        let name = choice.get("name").and_then(Value::as_str).unwrap_or_default().chars().count();
        if !(1..=MOST_CHARACTERS).contains(&name) {
            let message = format!("Must be between 1 and {MOST_CHARACTERS} in length.");
            return Err(ApiError::form("data.choices.name", "BASE_TYPE_BAD_LENGTH", &message));
        }
        let fits = match (kind, choice.get("value")) {
            (Some(3), Some(Value::String(text))) => text.chars().count() <= MOST_CHARACTERS,
            (Some(4), Some(value)) => value.is_i64(),
            (Some(10), Some(value)) => value.is_number(),
            _ => false,
        };
        if !fits {
            let message = "The value does not fit the option.";
            return Err(ApiError::form("data.choices.value", "BASE_TYPE_CHOICES", message));
        }
    }
    Ok(choices)
}

/// A message that comes of an interaction, not stored yet.
pub(super) fn draft(discord: &mut Discord, interaction: &Interaction, given: u64) -> Message {
    let mut message = discord.draft(interaction.channel, discord.layout.bot);
    message.flags = given & (EPHEMERAL | COMPONENTS_V2);
    message.only = (given & EPHEMERAL != 0).then_some(interaction.user);
    message.interaction = Some(interaction.id);
    message.kind = if interaction.kind == 2 { 20 } else { 0 };
    message
}

fn new_message(
    discord: &mut Discord,
    call: &Call,
    interaction: &Interaction,
    data: &Value,
) -> Result<u64, ApiError> {
    let ephemeral = flags(data) & EPHEMERAL != 0;
    let says = discord.compose(interaction.channel, &call.body, data, None, ephemeral)?;
    let mut message = draft(discord, interaction, flags(data));
    says.write_to(&mut message);
    let id = message.id;
    discord.post(message);
    Ok(id)
}

fn loading(discord: &mut Discord, interaction: &Interaction, data: &Value) -> u64 {
    // Of the flags only this one counts here; the others come with the edit.
    let mut message = draft(discord, interaction, flags(data) & EPHEMERAL);
    message.flags |= LOADING;
    let id = message.id;
    discord.post(message);
    id
}

fn source(interaction: &Interaction) -> Result<u64, ApiError> {
    interaction.source.ok_or_else(|| {
        let message = "There is no message to update.";
        ApiError::form("type", "INTERACTION_CALLBACK_TYPE", message)
    })
}

fn update(
    discord: &mut Discord,
    call: &Call,
    interaction: &Interaction,
    data: &Value,
) -> Result<u64, ApiError> {
    let id = source(interaction)?;
    let before = discord.message(interaction.channel, id).cloned();
    let mut message = before.ok_or_else(ApiError::unknown_message)?;
    if !data.is_null() {
        let ephemeral = message.flags & EPHEMERAL != 0;
        let body = &call.body;
        let says = discord.compose(interaction.channel, body, data, Some(&message), ephemeral)?;
        says.write_to(&mut message);
    }
    discord.amend(message);
    Ok(id)
}

fn show_modal(
    discord: &mut Discord,
    interaction: &Interaction,
    data: &Value,
) -> Result<(), ApiError> {
    if interaction.kind == 5 {
        let message = "A dialog cannot follow a dialog.";
        return Err(ApiError::form("type", "INTERACTION_CALLBACK_TYPE", message));
    }
    components::check_modal(data)?;
    let Some(map) = data.as_object() else { return Err(ApiError::unknown_interaction()) };
    let mut modal = map.clone();
    let tops = map.get("components").and_then(Value::as_array).cloned().unwrap_or_default();
    modal.insert("components".to_owned(), Value::Array(components::stored(&tops)));
    let modal = Value::Object(modal);
    if let Some(user) = discord.users.get_mut(&interaction.user) {
        user.modal = Some((modal.clone(), interaction.id));
    }
    if let Some(stored) = discord.interactions.get_mut(&interaction.id) {
        stored.modal = Some(modal.clone());
    }
    let event = EmulatorEvent {
        kind: EventKind::ModalShown,
        at_ms: discord.now().0,
        channel: interaction.channel,
        channel_name: discord.channel_name(interaction.channel),
        message: 0,
        author: discord.user_name(discord.layout.bot),
        audience: Audience::Only(discord.user_name(interaction.user)),
        text: render::modal(&modal),
    };
    discord.note(event);
    Ok(())
}
