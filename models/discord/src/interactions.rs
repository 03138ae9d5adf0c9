//! Interactions: what a user did, how long the bot may answer, and what it answered.

use super::gateway::{DIRECT_MESSAGES, GUILD_MESSAGES};
use super::rest::error::ApiError;
use super::state::World;
use super::wire::merged;
use crate::time::UnixMs;
use base64::Engine;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// How long an interaction's token works: 15 minutes.
pub(super) const TOKEN_LIFE_MS: u64 = 15 * 60 * 1000;

/// Where an interaction stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// No answer yet.
    Waiting,
    /// No answer in time; the user was told.
    Failed,
    /// Answered, with this callback type.
    Answered(u8),
}

/// Something a user did that the bot must answer.
#[derive(Debug, Clone)]
pub(super) struct Interaction {
    pub(super) id: u64,
    pub(super) token: String,
    /// 2 a command, 3 a component, 5 a dialog.
    pub(super) kind: u8,
    pub(super) user: u64,
    pub(super) channel: u64,
    /// The message whose component was used.
    pub(super) source: Option<u64>,
    pub(super) opened: UnixMs,
    pub(super) stage: Stage,
    /// What `@original` means.
    pub(super) original: Option<u64>,
    /// Whether what was put off has come.
    pub(super) settled: bool,
    pub(super) modal: Option<Value>,
    /// The whole dispatch, for a second delivery.
    pub(super) payload: Value,
}

impl Interaction {
    /// As messages that came of it carry it.
    pub(super) fn metadata_json(&self, world: &World) -> Value {
        let common = json!({
            "id": self.id.to_string(), "type": self.kind, "user": world.user_json(self.user),
            "authorizing_integration_owners": { "0": world.layout.guild.to_string() },
        });
        match self.kind {
            2 => {
                let name = self.payload.pointer("/data/name").cloned().unwrap_or(json!("command"));
                merged(common, json!({ "name": name, "command_type": 1 }))
            }
            3 => {
                let source = self.source.map(|id| id.to_string());
                merged(common, json!({ "interacted_message_id": source }))
            }
            _ => {
                let inner = json!({
                    "id": self.id.to_string(), "type": 3, "user": world.user_json(self.user),
                    "authorizing_integration_owners": { "0": world.layout.guild.to_string() },
                    "interacted_message_id": self.source.unwrap_or(self.id).to_string(),
                });
                merged(common, json!({ "triggering_interaction_metadata": inner }))
            }
        }
    }
}

/// What a user did.
#[derive(Debug, Clone)]
pub(super) struct Deed {
    pub(super) kind: u8,
    pub(super) user: u64,
    pub(super) channel: u64,
    pub(super) source: Option<u64>,
    pub(super) data: Value,
}

fn token_of(id: u64) -> String {
    let digest = Sha256::digest(format!("emulated interaction {id}"));
    let text = format!("interaction:{id}:").into_bytes();
    let bytes: Vec<u8> = text.into_iter().chain(digest).collect();
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

impl World {
    /// Records what a user did and tells the bot. Answers with the interaction's id.
    pub(super) fn begin(&mut self, deed: Deed) -> u64 {
        let id = self.next_id();
        let token = token_of(id);
        let direct = self.channels.get(&deed.channel).is_some_and(|c| c.recipient.is_some());
        let channel = self.channels.get(&deed.channel);
        let channel = channel.map_or(Value::Null, |channel| {
            merged(self.channel_json(channel), json!({ "permissions": self.app_permissions() }))
        });
        let locale = self.users.get(&deed.user).map_or("en-US", |user| user.locale.as_str());
        let guild = self.layout.guild.to_string();
        let mut payload = json!({
            "id": id.to_string(), "application_id": self.layout.application.to_string(),
            "type": deed.kind, "token": token, "version": 1, "data": deed.data,
            "channel_id": deed.channel.to_string(), "channel": channel, "locale": locale,
            "app_permissions": self.app_permissions(), "entitlements": [],
            "attachment_size_limit": 10 * 1024 * 1024,
            "authorizing_integration_owners": { "0": if direct { "0" } else { &guild } },
            "context": if direct { 1 } else { 0 },
        });
        let who = if direct {
            json!({ "user": self.user_json(deed.user) })
        } else {
            json!({
                "member": self.acting_member_json(deed.user), "guild_id": guild,
                "guild_locale": "en-US",
                "guild": { "id": guild, "locale": "en-US", "features": [] },
            })
        };
        payload = merged(payload, who);
        if let Some(message) = deed.source.and_then(|id| self.message(deed.channel, id)) {
            payload = merged(payload, json!({ "message": self.message_json(message) }));
        }
        let interaction = Interaction {
            id,
            token,
            kind: deed.kind,
            user: deed.user,
            channel: deed.channel,
            source: deed.source,
            opened: self.now(),
            stage: Stage::Waiting,
            original: None,
            settled: false,
            modal: None,
            payload: payload.clone(),
        };
        self.interactions.insert(id, interaction);
        self.dispatch("INTERACTION_CREATE", 0, &payload);
        id
    }

    /// The interaction of a callback; refuses a wrong token.
    pub(super) fn interaction_for(
        &mut self,
        id: u64,
        token: &str,
    ) -> Result<&mut Interaction, ApiError> {
        let found = self.interactions.get_mut(&id);
        found.filter(|i| i.token == token).ok_or_else(ApiError::unknown_interaction)
    }

    /// The answered interaction of a webhook's token; refuses one over its time.
    pub(super) fn interaction_by_token(
        &self,
        application: &str,
        token: &str,
    ) -> Result<Interaction, ApiError> {
        let unknown = || ApiError::new(404, 10015, "Unknown Webhook");
        if application != self.layout.application.to_string() {
            return Err(unknown());
        }
        let found = self.interactions.values().find(|interaction| interaction.token == token);
        let found = found.ok_or_else(unknown)?;
        if self.now().since(found.opened) >= TOKEN_LIFE_MS {
            return Err(ApiError::new(401, 50027, "Invalid Webhook Token"));
        }
        match found.stage {
            Stage::Answered(_) => Ok(found.clone()),
            Stage::Waiting | Stage::Failed => Err(unknown()),
        }
    }

    /// Tells the user that it failed, if there is no answer yet.
    pub(super) fn fail_unanswered(&mut self, id: u64) {
        let Some(interaction) = self.interactions.get_mut(&id) else { return };
        if interaction.stage != Stage::Waiting {
            return;
        }
        interaction.stage = Stage::Failed;
        let (channel, user) = (interaction.channel, interaction.user);
        let event = super::events::EmulatorEvent {
            kind: super::EventKind::InteractionFailed,
            at_ms: self.now().0,
            channel,
            channel_name: self.channel_name(channel),
            message: 0,
            author: self.user_name(user),
            audience: super::Audience::Only(self.user_name(user)),
            text: "This interaction failed".to_owned(),
        };
        self.note(event);
    }

    /// Delivers an interaction again, as after a broken connection.
    pub(super) fn deliver_again(&mut self, id: u64) -> bool {
        let Some(payload) = self.interactions.get(&id).map(|i| i.payload.clone()) else {
            return false;
        };
        self.dispatch("INTERACTION_CREATE", 0, &payload);
        true
    }

    /// The intent that shows messages of a channel.
    pub(super) fn message_intent(&self, channel: u64) -> u64 {
        let direct = self.channels.get(&channel).is_some_and(|c| c.recipient.is_some());
        if direct { DIRECT_MESSAGES } else { GUILD_MESSAGES }
    }
}
