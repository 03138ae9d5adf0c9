//! What people are and see: they write, read, come and go.

use super::actor::Actor;
use super::controls::{ActorError, Place};
use crate::emulator::Emulator;
use crate::error::ApiError;
use crate::rest::check_content;
use crate::spec;
use crate::state::records::User;
use crate::view::{MessageView, ThreadView, view};
use crate::wait::WaitError;
use bytes::Bytes;
use serde_json::Value;
use std::time::Duration;

/// What Discord's own program shows of a refusal: its number and words, and what is wrong with what.
fn refused(error: &ApiError) -> ActorError {
    let mut said = format!("{} {}", error.code, error.message);
    let mut level = error.errors.as_ref();
    while let Some((place, inner)) = level.and_then(|level| level.as_object()?.iter().next()) {
        match inner.pointer("/0/message").and_then(Value::as_str) {
            Some(message) => said.push_str(&format!(": {message}")),
            None => said.push_str(&format!(": {place}")),
        }
        level = Some(inner);
    }
    ActorError::Input(said)
}

impl Actor {
    /// Writes a message with files in a channel.
    ///
    /// # Errors
    /// The person does not see the channel, or Discord takes no such message: one that is empty, or
    /// too long for somebody without Nitro.
    pub fn say(
        &self,
        channel: u64,
        text: &str,
        files: &[(&str, Bytes)],
    ) -> Result<MessageView, ActorError> {
        self.emulator.change(|discord| {
            if !discord.sees_channel(self.id, channel) {
                let (who, sees) = (self.name.clone(), String::new());
                let what = format!("channel {channel}");
                return Err(ActorError::NotThere { who, what, sees });
            }
            check_content(text).map_err(|error| refused(&error))?;
            if text.trim().is_empty() && files.is_empty() {
                return Err(refused(&ApiError::new(400, 50006, "Cannot send an empty message")));
            }
            let mut message = discord.draft(channel, self.id);
            text.clone_into(&mut message.content);
            message.mentions =
                discord.mentions(text, &[], None).map_err(|error| refused(&error))?;
            for (name, bytes) in files {
                let file = discord.store_file(channel, name, None, bytes.clone(), false);
                message.attachments.push(file);
            }
            let view = view(discord, &message);
            discord.post(message);
            Ok(view)
        })
    }

    /// The direct channel with the bot; made when new.
    #[must_use]
    pub fn dm_channel(&self) -> u64 {
        self.emulator.change(|discord| discord.direct_channel(self.id))
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

    /// Sets their Discord to one of its languages, such as `ru` or `pt-BR`; it starts as `en-US`.
    ///
    /// # Errors
    /// Discord has no such language.
    pub fn set_locale(&self, locale: &str) -> Result<(), ActorError> {
        let all = spec::locales();
        if !all.contains(&locale) {
            let all = all.join(", ");
            return Err(ActorError::Input(format!("{locale} is no language of Discord: {all}")));
        }
        self.with_user(|user| locale.clone_into(&mut user.locale));
        Ok(())
    }

    /// The language that their Discord is set to.
    #[must_use]
    pub fn locale(&self) -> String {
        self.emulator.read(|discord| {
            discord.users.get(&self.id).map_or_else(String::new, |user| user.locale.clone())
        })
    }

    fn with_user(&self, change: impl FnOnce(&mut User)) {
        self.emulator.change(|discord| discord.users.get_mut(&self.id).map(change));
    }

    /// What the person sees at a place, oldest first, ephemeral messages to them too.
    #[must_use]
    pub fn visible_messages(&self, place: impl Into<Place>) -> Vec<MessageView> {
        let place = place.into();
        self.emulator.read(|discord| {
            let seen = discord.visible(self.id, &place).into_iter();
            seen.map(|message| view(discord, message)).collect()
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
        self.threads_after(0)
    }

    /// The same without those up to and with an id: ids rise with time.
    #[must_use]
    pub fn threads_after(&self, id: u64) -> Vec<ThreadView> {
        let mut threads = self.emulator.threads_after(id);
        threads.retain(|thread| thread.members.contains(&self.name));
        threads
    }
}
