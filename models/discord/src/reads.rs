//! What tests and scenarios read.

use super::components::{kind, text_of, walk};
use super::render;
use super::state::{EPHEMERAL, Message, World};
use super::{Audience, Emulator, EmulatorEvent, RequestLog};
use bytes::Bytes;
use serde_json::Value;

/// A file of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileView {
    /// Its name.
    pub name: String,
    /// Its type, as uploaded or by its name.
    pub content_type: String,
    /// Its content.
    pub bytes: Bytes,
}

/// A message as somebody reads it.
#[derive(Debug, Clone, PartialEq)]
pub struct MessageView {
    /// Its id.
    pub id: u64,
    /// Its channel.
    pub channel: u64,
    /// The channel's name; `@name` for a direct one.
    pub channel_name: String,
    /// Who wrote it.
    pub author: String,
    /// Who can read it.
    pub audience: Audience,
    /// As plain text, see the transcript's spelling.
    pub text: String,
    /// The labels of its buttons, the switched off ones too.
    pub buttons: Vec<String>,
    /// The values of its selects' options.
    pub options: Vec<String>,
    /// Its files.
    pub files: Vec<FileView>,
    /// Whether it was edited.
    pub edited: bool,
    /// Its components as Discord's JSON.
    pub components: Vec<Value>,
    /// Milliseconds since 1970.
    pub created_ms: u64,
}

/// A thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThreadView {
    /// Its id.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// The channel it hangs on.
    pub parent: u64,
    /// Whether only members and staff see it.
    pub private: bool,
    /// Whether it is archived.
    pub archived: bool,
    /// Whether it is locked.
    pub locked: bool,
    /// The names of its members, the bot too.
    pub members: Vec<String>,
}

pub(super) fn view(world: &World, message: &Message) -> MessageView {
    let all = walk(&message.components);
    let labels = all.iter().filter(|c| kind(c) == 2).map(|c| text_of(c, "label").to_owned());
    let options = all.iter().filter_map(|c| c.get("options")?.as_array()).flatten();
    let files = message.attachments.iter().filter_map(|id| world.files.get(id));
    MessageView {
        id: message.id,
        channel: message.channel,
        channel_name: world.channel_name(message.channel),
        author: world.user_name(message.author),
        audience: world.audience(message),
        text: render::message(world, message),
        buttons: labels.collect(),
        options: options.map(|option| text_of(option, "value").to_owned()).collect(),
        files: files
            .map(|file| FileView {
                name: file.name.clone(),
                content_type: file.content_type.clone(),
                bytes: file.bytes.clone(),
            })
            .collect(),
        edited: message.edited.is_some(),
        components: message.components.clone(),
        created_ms: message.created.0,
    }
}

impl Emulator {
    /// All messages that are there, ephemeral ones too, oldest first.
    #[must_use]
    pub fn messages(&self) -> Vec<MessageView> {
        self.read(|world| world.all_messages().into_iter().map(|m| view(world, m)).collect())
    }

    /// The messages of a channel that everybody who sees it sees, oldest first.
    #[must_use]
    pub fn channel_messages(&self, channel: u64) -> Vec<MessageView> {
        self.read(|world| {
            let all = world.messages.get(&channel).into_iter().flat_map(|all| all.values());
            all.filter(|m| m.flags & EPHEMERAL == 0).map(|m| view(world, m)).collect()
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

    /// All threads there are.
    #[must_use]
    pub fn threads(&self) -> Vec<ThreadView> {
        self.read(|world| {
            let threads = world.channels.values().filter(|channel| channel.kind.is_thread());
            threads
                .map(|thread| ThreadView {
                    id: thread.id,
                    name: thread.name.clone(),
                    parent: thread.parent.unwrap_or(0),
                    private: thread.kind == super::state::ChannelKind::PrivateThread,
                    archived: thread.archived,
                    locked: thread.locked,
                    members: thread.members.keys().map(|id| world.user_name(*id)).collect(),
                })
                .collect()
        })
    }

    /// Everything that happened, in order; deleted messages too.
    #[must_use]
    pub fn history(&self) -> Vec<EmulatorEvent> {
        self.read(|world| world.history.clone())
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
        self.read(|world| world.users.get(&user).map(|user| user.name.clone()))
    }

    /// Every request of the bot.
    #[must_use]
    pub fn requests(&self) -> Vec<RequestLog> {
        self.read(|world| world.requests.clone())
    }

    /// How many bots are connected to the gateway.
    #[must_use]
    pub fn connected_bots(&self) -> usize {
        self.read(|world| world.gateway.connected())
    }

    /// How many sessions began, and how many were resumed.
    #[must_use]
    pub fn sessions(&self) -> (u64, u64) {
        self.read(|world| (world.gateway.identifies, world.gateway.resumes))
    }

    /// The names of the guild's and the global commands.
    #[must_use]
    pub fn commands(&self) -> Vec<String> {
        self.read(|world| {
            let commands = world.commands.values().flatten();
            commands.map(|command| text_of(command, "name").to_owned()).collect()
        })
    }

    /// Where the bot broke Discord's document or rules.
    #[must_use]
    pub fn violations(&self) -> Vec<String> {
        self.read(|world| world.violations.clone())
    }

    /// Where the emulator's own answers break Discord's document.
    #[must_use]
    pub fn own_mistakes(&self) -> Vec<String> {
        self.read(|world| world.own_mistakes.clone())
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
