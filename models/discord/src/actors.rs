//! People: they press, pick, type and read.

use super::act::{ActorError, Control, Outcome, Place};
use super::components::{kind, text_of};
use super::reads::{self, MessageView, ThreadView};
use super::state::World;
use super::{Audience, Emulator, EmulatorEvent, EventKind, WaitError};
use bytes::Bytes;
use serde_json::Value;
use std::time::Duration;

/// A person in this process; clones are the same person.
#[derive(Debug, Clone)]
pub struct Actor {
    emulator: Emulator,
    id: u64,
    name: String,
}

/// How well a text fits what was asked for: 0 not at all, 2 exactly.
fn fit(text: &str, wanted: &str) -> u8 {
    let plain = |text: &str| text.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    if text == wanted || plain(text) == plain(wanted) {
        return 2;
    }
    u8::from(!wanted.is_empty() && text.to_lowercase().contains(&wanted.to_lowercase()))
}

fn option_fit(component: &Value, wanted: &str) -> Option<(u8, String)> {
    let options = component.get("options").and_then(Value::as_array)?;
    let ranked = options.iter().map(|option| {
        let value = text_of(option, "value");
        let rank = if value == wanted { 3 } else { fit(text_of(option, "label"), wanted) };
        (rank, value.to_owned())
    });
    // The first of the best, as a reader would take it.
    ranked.rev().max_by_key(|(rank, _)| *rank).filter(|(rank, _)| *rank > 0)
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
        begin: impl FnOnce(&mut World) -> Result<(u64, u64), ActorError>,
    ) -> Result<Outcome, ActorError> {
        let id = self.emulator.change(|world| {
            let (id, channel) = begin(world)?;
            let event = EmulatorEvent {
                kind: EventKind::Acted,
                at_ms: world.now().0,
                channel,
                channel_name: world.channel_name(channel),
                message: 0,
                author: self.name.clone(),
                audience: Audience::Channel,
                text: deed.to_owned(),
            };
            world.note(event);
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
        self.act(&format!("presses [{label}]"), |world| {
            let control = world.find_control(self.id, &place, &what, |component| {
                if kind(component) == 2 { fit(text_of(component, "label"), label) } else { 0 }
            })?;
            Ok((world.click(self.id, &control, &[])?, control.channel))
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
        self.act(&format!("picks ({option})"), |world| {
            let control = world.find_control(self.id, &place, &what, |component| {
                if kind(component) == 3 {
                    option_fit(component, option).map_or(0, |f| f.0)
                } else {
                    0
                }
            })?;
            let value = option_fit(&control.component, option).map(|(_, value)| value);
            let values: Vec<String> = value.into_iter().collect();
            Ok((world.click(self.id, &control, &values)?, control.channel))
        })
        .await
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
        self.act(&format!("clicks {custom_id}"), |world| {
            let seen = world.visible(self.id, &Place::Anywhere);
            let found = seen.into_iter().find(|m| m.id == message);
            let component = found.and_then(|message| {
                let mut all = super::components::walk(&message.components).into_iter();
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
            Ok((world.click(self.id, &control, &values)?, control.channel))
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
        self.act(&format!("sends the dialog: {}", filled.join(", ")), |world| {
            let id = world.send_modal(self.id, fields, files)?;
            Ok((id, world.interactions.get(&id).map_or(0, |i| i.channel)))
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
        let store = self.emulator.read(|world| world.layout.store);
        self.slash_in(store, command, options, attachment).await
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
        self.act(&deed, |world| {
            let id = world.enter_command(self.id, channel, command, options, attachment)?;
            Ok((id, channel))
        })
        .await
    }

    /// Writes a message with files in a channel.
    ///
    /// # Errors
    /// The person does not see the channel.
    pub fn say(
        &self,
        channel: u64,
        text: &str,
        files: &[(&str, Bytes)],
    ) -> Result<MessageView, ActorError> {
        self.emulator.change(|world| {
            if !world.sees_channel(self.id, channel) {
                let (who, sees) = (self.name.clone(), String::new());
                let what = format!("channel {channel}");
                return Err(ActorError::NotThere { who, what, sees });
            }
            let mut message = world.draft(channel, self.id);
            text.clone_into(&mut message.content);
            for (name, bytes) in files {
                let file = world.store_file(channel, name, None, bytes.clone(), false);
                message.attachments.push(file);
            }
            let view = reads::view(world, &message);
            world.post(message);
            Ok(view)
        })
    }

    /// The direct channel with the bot; made when new.
    #[must_use]
    pub fn dm_channel(&self) -> u64 {
        self.emulator.change(|world| world.direct_channel(self.id))
    }

    /// Takes no direct messages from now on (50007).
    pub fn close_dms(&self) {
        self.with_user(|user| user.dms_open = false);
    }

    /// Takes direct messages again.
    pub fn open_dms(&self) {
        self.with_user(|user| user.dms_open = true);
    }

    /// Leaves the guild.
    pub fn leave_guild(&self) {
        self.with_user(|user| user.in_guild = false);
    }

    /// Comes (back) to the guild.
    pub fn join_guild(&self) {
        self.with_user(|user| user.in_guild = true);
    }

    /// Speaks this language, such as `ru`.
    pub fn set_locale(&self, locale: &str) {
        self.with_user(|user| locale.clone_into(&mut user.locale));
    }

    fn with_user(&self, change: impl FnOnce(&mut super::state::User)) {
        self.emulator.change(|world| world.users.get_mut(&self.id).map(change));
    }

    /// What the person sees at a place, oldest first, ephemeral messages to them too.
    #[must_use]
    pub fn visible_messages(&self, place: impl Into<Place>) -> Vec<MessageView> {
        let place = place.into();
        self.emulator.read(|world| {
            let seen = world.visible(self.id, &place).into_iter();
            seen.map(|message| reads::view(world, message)).collect()
        })
    }

    /// The direct messages with the bot, oldest first.
    #[must_use]
    pub fn dms(&self) -> Vec<MessageView> {
        self.visible_messages(Place::Direct)
    }

    /// Waits until the person sees a message at a place that contains this; the newest such.
    ///
    /// # Errors
    /// They saw none within `deadline` (real time).
    pub async fn wait_to_see(
        &self,
        place: impl Into<Place>,
        containing: &str,
        deadline: Duration,
    ) -> Result<MessageView, WaitError> {
        let place = place.into();
        let what = format!("{} to see {containing:?}", self.name);
        let find = |_: &Emulator| {
            let seen = self.visible_messages(place.clone());
            seen.into_iter().rev().find(|message| message.text.contains(containing))
        };
        self.emulator.wait_for(&what, deadline, find).await
    }

    /// The threads that the person is a member of.
    #[must_use]
    pub fn threads(&self) -> Vec<ThreadView> {
        let mut threads = self.emulator.threads();
        threads.retain(|thread| thread.members.contains(&self.name));
        threads
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_label_fits_with_and_without_its_emoji() {
        assert_eq!(fit("🛒 Buy", "Buy"), 2);
        assert_eq!(fit("Buy now", "buy"), 1);
        assert_eq!(fit("Renew", "Buy"), 0);
    }

    #[test]
    fn an_option_is_found_by_value_before_label() {
        let select = json!({ "options": [
            { "label": "basic-30 and more", "value": "big" },
            { "label": "Basic", "value": "basic-30" },
        ] });
        assert_eq!(option_fit(&select, "basic-30").unwrap().1, "basic-30");
        assert_eq!(option_fit(&select, "Basic").unwrap().1, "basic-30");
        assert_eq!(option_fit(&select, "none"), None);
    }
}
