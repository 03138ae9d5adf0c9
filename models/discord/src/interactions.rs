//! What people do reaches the bot, and its answers reach them.

use crate::error::ApiError;
use crate::events::{Audience, EmulatorEvent, EventKind};
use crate::json::{GUILD_LOCALE, merged};
use crate::state::Discord;
use crate::state::interaction::{Interaction, Stage, TOKEN_LIFE_MS, token_of};
use serde_json::{Value, json};

/// The kind of interaction that asks what may be meant by what is being typed.
pub(crate) const AUTOCOMPLETE: u8 = 4;

/// What a user did.
#[derive(Debug, Clone)]
pub(crate) struct Deed {
    pub(crate) kind: u8,
    pub(crate) user: u64,
    pub(crate) channel: u64,
    pub(crate) source: Option<u64>,
    pub(crate) data: Value,
}

impl Discord {
    /// Records what a user did and tells the bot. Answers with the interaction's id.
    pub(crate) fn begin(&mut self, deed: Deed) -> u64 {
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
                "guild_locale": GUILD_LOCALE,
                "guild": { "id": guild, "locale": GUILD_LOCALE, "features": [] },
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
            choices: None,
            payload: payload.clone(),
        };
        self.interactions.insert(id, interaction);
        self.dispatch("INTERACTION_CREATE", 0, &payload);
        id
    }

    /// The interaction of a callback; refuses a wrong token.
    pub(crate) fn interaction_for(
        &mut self,
        id: u64,
        token: &str,
    ) -> Result<&mut Interaction, ApiError> {
        let found = self.interactions.get_mut(&id);
        found.filter(|i| i.token == token).ok_or_else(ApiError::unknown_interaction)
    }

    /// The answered interaction of a webhook's token; refuses one over its time.
    pub(crate) fn interaction_by_token(
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
            // Choices are no message, and nothing follows them.
            Stage::Answered(_) if found.kind != AUTOCOMPLETE => Ok(found.clone()),
            Stage::Answered(_) | Stage::Waiting | Stage::Failed => Err(unknown()),
        }
    }

    /// Tells the user that it failed, if there is no answer yet.
    pub(crate) fn fail_unanswered(&mut self, id: u64) {
        let Some(interaction) = self.interactions.get_mut(&id) else { return };
        if interaction.stage != Stage::Waiting {
            return;
        }
        interaction.stage = Stage::Failed;
        let (channel, user) = (interaction.channel, interaction.user);
        let text = match interaction.kind {
            AUTOCOMPLETE => "Loading options failed",
            _ => "This interaction failed",
        };
        let event = EmulatorEvent {
            kind: EventKind::InteractionFailed,
            at_ms: self.now().0,
            channel,
            channel_name: self.channel_name(channel),
            message: 0,
            author: self.user_name(user),
            audience: Audience::Only(self.user_name(user)),
            text: text.to_owned(),
        };
        self.note(event);
    }

    /// Delivers an interaction again, as after a broken connection.
    pub(crate) fn deliver_again(&mut self, id: u64) -> bool {
        let Some(payload) = self.interactions.get(&id).map(|i| i.payload.clone()) else {
            return false;
        };
        self.dispatch("INTERACTION_CREATE", 0, &payload);
        true
    }
}
