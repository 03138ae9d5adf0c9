//! A person who presses, picks and types.

use super::controls::{ActorError, Control, Place, fit, option_fit};
use super::outcome::Outcome;
use crate::components::{kind, walk};
use crate::emulator::Emulator;
use crate::events::{Audience, EmulatorEvent, EventKind};
use crate::interactions::Deed;
use crate::json::text_of;
use crate::state::Discord;
use bytes::Bytes;
use serde_json::Value;

/// A person in this process; clones are the same person.
#[derive(Debug, Clone)]
pub struct Actor {
    pub(super) emulator: Emulator,
    pub(super) id: u64,
    pub(super) name: String,
}

impl Actor {
    pub(super) fn new(emulator: Emulator, id: u64, name: &str) -> Self {
        Self { emulator, id, name: name.to_owned() }
    }

    /// The person's Discord id.
    #[must_use]
    pub const fn id(&self) -> u64 {
        self.id
    }

    /// The person's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    async fn act(
        &self,
        deed: &str,
        begin: impl FnOnce(&mut Discord) -> Result<(u64, u64), ActorError>,
    ) -> Result<Outcome, ActorError> {
        let id = self.emulator.change(|discord| {
            let (id, channel) = begin(discord)?;
            let event = EmulatorEvent {
                kind: EventKind::Acted,
                at_ms: discord.now().0,
                channel,
                channel_name: discord.channel_name(channel),
                message: 0,
                author: self.name.clone(),
                audience: Audience::Channel,
                text: deed.to_owned(),
            };
            discord.note(event);
            Ok(id)
        })?;
        Ok(self.emulator.outcome(id).await)
    }

    /// Presses the newest button with this label that the person sees.
    ///
    /// # Errors
    /// There is none at that place, or it is switched off.
    pub async fn press(&self, place: impl Into<Place>, label: &str) -> Result<Outcome, ActorError> {
        let place = place.into();
        let what = format!("button [{label}]");
        self.act(&format!("presses [{label}]"), |discord| {
            let control = discord.find_control(self.id, &place, &what, |component| {
                if kind(component) == 2 { fit(text_of(component, "label"), label) } else { 0 }
            })?;
            Ok((discord.click(self.id, &control, &[])?, control.channel))
        })
        .await
    }

    /// Picks an option by value or label in the newest select that has it.
    ///
    /// # Errors
    /// No select that the person sees has it, or the select is switched off.
    pub async fn pick(&self, option: &str) -> Result<Outcome, ActorError> {
        self.pick_in((), option).await
    }

    /// Picks an option by value or label at a place.
    ///
    /// # Errors
    /// No select there has it, or the select is switched off.
    pub async fn pick_in(
        &self,
        place: impl Into<Place>,
        option: &str,
    ) -> Result<Outcome, ActorError> {
        let place = place.into();
        let what = format!("select with ({option})");
        self.act(&format!("picks ({option})"), |discord| {
            let control = discord.find_control(self.id, &place, &what, |component| {
                if kind(component) == 3 {
                    option_fit(component, option).map_or(0, |f| f.0)
                } else {
                    0
                }
            })?;
            let value = option_fit(&control.component, option).map(|(_, value)| value);
            let values: Vec<String> = value.into_iter().collect();
            Ok((discord.click(self.id, &control, &values)?, control.channel))
        })
        .await
    }

    /// The button that [`Actor::press`] would press: its message and its id.
    #[must_use]
    pub fn finds_button(&self, place: impl Into<Place>, label: &str) -> Option<(u64, String)> {
        self.finds(&place.into(), &|component| {
            if kind(component) == 2 { fit(text_of(component, "label"), label) } else { 0 }
        })
    }

    /// The select in which [`Actor::pick_in`] would pick: its message and its id.
    #[must_use]
    pub fn finds_option(&self, place: impl Into<Place>, option: &str) -> Option<(u64, String)> {
        self.finds(&place.into(), &|component| {
            if kind(component) == 3 { option_fit(component, option).map_or(0, |f| f.0) } else { 0 }
        })
    }

    fn finds(&self, place: &Place, rank: &dyn Fn(&Value) -> u8) -> Option<(u64, String)> {
        self.emulator.read(|discord| {
            let control = discord.find_control(self.id, place, "", rank).ok()?;
            Some((control.message, text_of(&control.component, "custom_id").to_owned()))
        })
    }

    /// Clicks a component by its id in one message, with a select's values.
    ///
    /// # Errors
    /// The person does not see the message, it has no such component, or that is switched off.
    pub async fn click(
        &self,
        message: u64,
        custom_id: &str,
        values: &[&str],
    ) -> Result<Outcome, ActorError> {
        let values: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
        self.act(&format!("clicks {custom_id}"), |discord| {
            let seen = discord.visible(self.id, &Place::Anywhere);
            let found = seen.into_iter().find(|m| m.id == message);
            let component = found.and_then(|message| {
                let mut all = walk(&message.components).into_iter();
                all.find(|component| text_of(component, "custom_id") == custom_id).cloned()
            });
            let (Some(found), Some(component)) = (found, component) else {
                let what = format!("component {custom_id} in message {message}");
                let (who, sees) = (self.name.clone(), String::new());
                return Err(ActorError::NotThere { who, what, sees });
            };
            if component.get("disabled") == Some(&Value::Bool(true)) {
                return Err(ActorError::Disabled(custom_id.to_owned()));
            }
            let control = Control { channel: found.channel, message, component };
            Ok((discord.click(self.id, &control, &values)?, control.channel))
        })
        .await
    }

    /// Fills the dialog in front of the person in, by field id or label, and sends it.
    ///
    /// # Errors
    /// There is no dialog, or the texts do not fit its fields.
    pub async fn submit_modal(&self, fields: &[(&str, &str)]) -> Result<Outcome, ActorError> {
        self.submit_modal_with(fields, &[]).await
    }

    /// As [`Actor::submit_modal`], with files for its file field.
    ///
    /// # Errors
    /// There is no dialog, or the input does not fit its fields.
    pub async fn submit_modal_with(
        &self,
        fields: &[(&str, &str)],
        files: &[(&str, Bytes)],
    ) -> Result<Outcome, ActorError> {
        let filled: Vec<String> = fields.iter().map(|(k, v)| format!("{k}: {v}")).collect();
        self.act(&format!("sends the dialog: {}", filled.join(", ")), |discord| {
            let id = discord.send_modal(self.id, fields, files)?;
            Ok((id, discord.interactions.get(&id).map_or(0, |i| i.channel)))
        })
        .await
    }

    /// Sends a dialog that nobody was shown in the store's channel, as a changed client may: `data` is what the bot
    /// is told of it.
    ///
    /// # Errors
    /// None; the bot is told whatever it is.
    pub async fn forge_modal(&self, data: Value) -> Result<Outcome, ActorError> {
        self.act("sends a forged dialog", |discord| {
            let (channel, user) = (discord.layout.store, self.id);
            Ok((discord.begin(Deed { kind: 5, user, channel, source: None, data }), channel))
        })
        .await
    }

    /// Enters a slash command in the store's channel: `slash("/admin pending", &[], None)`.
    ///
    /// # Errors
    /// There is no such command, or the input does not fit it.
    pub async fn slash(
        &self,
        command: &str,
        options: &[(&str, &str)],
        attachment: Option<(&str, Bytes)>,
    ) -> Result<Outcome, ActorError> {
        let store = self.emulator.read(|discord| discord.layout.store);
        self.slash_in(store, command, options, attachment).await
    }

    /// Uses a command from the menu of a message.
    ///
    /// # Errors
    /// There is no such command or message.
    pub async fn use_on(
        &self,
        channel: u64,
        message: u64,
        command: &str,
    ) -> Result<Outcome, ActorError> {
        self.act(&format!("uses {command}"), |discord| {
            Ok((discord.use_on_message(self.id, (channel, message), command)?, channel))
        })
        .await
    }

    /// Enters a slash command in a channel.
    ///
    /// # Errors
    /// There is no such command, or the input does not fit it.
    pub async fn slash_in(
        &self,
        channel: u64,
        command: &str,
        options: &[(&str, &str)],
        attachment: Option<(&str, Bytes)>,
    ) -> Result<Outcome, ActorError> {
        let given: Vec<String> = options.iter().map(|(k, v)| format!(" {k}:{v}")).collect();
        let file = attachment.as_ref().map(|(name, _)| format!(" {{file {name}}}"));
        let deed = format!("enters {command}{}{}", given.concat(), file.unwrap_or_default());
        self.act(&deed, |discord| {
            let id = discord.enter_command(self.id, channel, command, options, attachment)?;
            Ok((id, channel))
        })
        .await
    }
}

impl Actor {
    /// Types in one option of a command, and is offered what may be meant: `focused` is the option and
    /// what stands in it, `options` are the others so far.
    ///
    /// # Errors
    /// There is no such command, or nothing is offered for that option.
    pub async fn types(
        &self,
        channel: u64,
        command: &str,
        options: &[(&str, &str)],
        focused: (&str, &str),
    ) -> Result<Outcome, ActorError> {
        // Nobody else sees that somebody types: no deed is noted.
        let id = self
            .emulator
            .change(|discord| discord.type_option(self.id, channel, command, options, focused))?;
        Ok(self.emulator.outcome(id).await)
    }

    /// Whether something is offered while somebody types in an option of a command.
    #[must_use]
    pub fn is_offered_choices(&self, command: &str, option: &str) -> bool {
        self.emulator.read(|discord| discord.completes(command, option))
    }
}

impl Emulator {
    /// A customer by name; made when new.
    #[must_use]
    pub fn user(&self, name: &str) -> Actor {
        let id = self.change(|discord| discord.user_named(name));
        Actor::new(self.clone(), id, name)
    }

    /// Somebody of the staff: `role` is `owner`, `admin` or `support`; another gives none.
    #[must_use]
    pub fn staff(&self, name: &str, role: &str) -> Actor {
        let id = self.change(|discord| {
            let id = discord.user_named(name);
            let found = discord.layout.roles().into_iter().find(|(_, known)| *known == role);
            if let (Some((role, _)), Some(user)) = (found, discord.users.get_mut(&id)) {
                user.roles.insert(role);
            }
            id
        });
        Actor::new(self.clone(), id, name)
    }
}
