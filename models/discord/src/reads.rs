//! What tests and scenarios read.

use crate::emulator::Emulator;
use crate::events::{Audience, EmulatorEvent};
use crate::json::text_of;
use crate::state::records::{Channel, ChannelKind, EPHEMERAL, RequestLog};
use crate::view::{MessageView, ThreadView, view};
use std::ops::Bound;

impl Emulator {
    /// All messages that are there, ephemeral ones too, oldest first.
    #[must_use]
    pub fn messages(&self) -> Vec<MessageView> {
        self.read(|discord| discord.all_messages().into_iter().map(|m| view(discord, m)).collect())
    }

    /// The messages of a channel that everybody who sees it sees, oldest first.
    #[must_use]
    pub fn channel_messages(&self, channel: u64) -> Vec<MessageView> {
        self.channel_messages_after(channel, 0)
    }

    /// The same without those up to and with an id: ids rise with time.
    #[must_use]
    pub fn channel_messages_after(&self, channel: u64, id: u64) -> Vec<MessageView> {
        self.read(|discord| {
            let after = (Bound::Excluded(id), Bound::Unbounded);
            let all = discord.messages.get(&channel).into_iter();
            let all = all.flat_map(|all| all.range(after).map(|(_, message)| message));
            all.filter(|m| m.flags & EPHEMERAL == 0).map(|m| view(discord, m)).collect()
        })
    }

    /// The newest message of a channel whose plain text contains this.
    #[must_use]
    pub fn find_message(&self, channel: u64, containing: &str) -> Option<MessageView> {
        let messages = self.channel_messages(channel);
        messages.into_iter().rev().find(|message| message.text.contains(containing))
    }

    /// How many messages fit: `count(|m| m.text.contains("vless://"))`.
    #[must_use]
    pub fn count(&self, fits: impl Fn(&MessageView) -> bool) -> usize {
        self.messages().iter().filter(|message| fits(message)).count()
    }

    /// How many direct messages to a user contain this.
    #[must_use]
    pub fn count_dms(&self, user: &str, containing: &str) -> usize {
        let to = Audience::Direct(user.to_owned());
        self.count(|message| message.audience == to && message.text.contains(containing))
    }

    /// All threads there are, and all channels in categories.
    #[must_use]
    pub fn threads(&self) -> Vec<ThreadView> {
        self.threads_after(0)
    }

    /// The same without those up to and with an id: ids rise with time.
    #[must_use]
    pub fn threads_after(&self, id: u64) -> Vec<ThreadView> {
        self.read(|discord| {
            let after = (Bound::Excluded(id), Bound::Unbounded);
            let channels = discord.channels.range(after).map(|(_, channel)| channel);
            let in_category = |c: &Channel| c.kind == ChannelKind::Text && c.parent.is_some();
            let threads = channels.filter(|c| c.kind.is_thread() || in_category(c));
            threads
                .map(|thread| ThreadView {
                    id: thread.id,
                    name: thread.name.clone(),
                    parent: thread.parent.unwrap_or(0),
                    private: thread.kind == ChannelKind::PrivateThread || in_category(thread),
                    archived: thread.archived,
                    locked: thread.locked,
                    members: members(thread).map(|id| discord.user_name(id)).collect(),
                })
                .collect()
        })
    }

    /// Everything that happened, in order; deleted messages too.
    #[must_use]
    pub fn history(&self) -> Vec<EmulatorEvent> {
        self.read(|discord| discord.history.clone())
    }

    /// What happened after the first so many, in order.
    #[must_use]
    pub fn history_after(&self, number: usize) -> Vec<EmulatorEvent> {
        self.read(|discord| discord.history.get(number..).unwrap_or_default().to_vec())
    }

    /// How much happened so far.
    #[must_use]
    pub fn happened(&self) -> usize {
        self.read(|discord| discord.history.len())
    }

    /// Everything that happened, as text.
    #[must_use]
    pub fn transcript(&self) -> String {
        let lines: Vec<String> = self.history().iter().map(ToString::to_string).collect();
        lines.join("\n")
    }

    /// How often anything changed so far: the same twice is quiet.
    #[must_use]
    pub fn activity(&self) -> u64 {
        *self.0.version.borrow()
    }

    /// The name of a person.
    #[must_use]
    pub fn name_of(&self, user: u64) -> Option<String> {
        self.read(|discord| discord.users.get(&user).map(|user| user.name.clone()))
    }

    /// Every request of the bot.
    #[must_use]
    pub fn requests(&self) -> Vec<RequestLog> {
        self.read(|discord| discord.requests.clone())
    }

    /// The requests of the bot after the first so many.
    #[must_use]
    pub fn requests_after(&self, number: usize) -> Vec<RequestLog> {
        self.read(|discord| discord.requests.get(number..).unwrap_or_default().to_vec())
    }

    /// How many bots are connected to the gateway.
    #[must_use]
    pub fn connected_bots(&self) -> usize {
        self.read(|discord| discord.gateway.connected())
    }

    /// How many sessions began, and how many were resumed.
    #[must_use]
    pub fn sessions(&self) -> (u64, u64) {
        self.read(|discord| (discord.gateway.identifies, discord.gateway.resumes))
    }

    /// The names of the commands that the bot registered.
    #[must_use]
    pub fn commands(&self) -> Vec<String> {
        self.read(|discord| {
            discord.commands.iter().map(|command| text_of(command, "name").to_owned()).collect()
        })
    }

    /// How a command is described to people of a language, such as `ru`.
    #[must_use]
    pub fn command_description(&self, name: &str, locale: &str) -> Option<String> {
        self.read(|discord| {
            let command = discord.commands.iter().find(|c| text_of(c, "name") == name)?;
            let own = command.get("description_localizations").and_then(|all| all.get(locale));
            let said = own.or_else(|| command.get("description"))?;
            said.as_str().map(str::to_owned)
        })
    }

    /// Where the bot broke Discord's document or rules.
    #[must_use]
    pub fn violations(&self) -> Vec<String> {
        self.read(|discord| discord.violations.clone())
    }

    /// Where the emulator's own answers break Discord's document.
    #[must_use]
    pub fn own_mistakes(&self) -> Vec<String> {
        self.read(|discord| discord.own_mistakes.clone())
    }

    /// Fails when the bot broke Discord's document or rules, or the emulator did.
    ///
    /// # Panics
    /// When something was recorded; the message says what.
    #[allow(clippy::panic, reason = "an assertion for tests")]
    pub fn assert_clean(&self) {
        let found: Vec<String> = self.violations().into_iter().chain(self.own_mistakes()).collect();
        if !found.is_empty() {
            panic!("Discord's rules were broken:\n{}", found.join("\n"));
        }
    }
}

/// Who was let into a thread, or into a channel by name.
fn members(channel: &Channel) -> impl Iterator<Item = u64> {
    let named = channel.overwrites.iter().filter(|(_, (kind, ..))| *kind == 1);
    channel.members.keys().chain(named.map(|(id, _)| id)).copied()
}
