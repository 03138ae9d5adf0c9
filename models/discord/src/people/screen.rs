//! What a person has on their screen, as JSON for whatever draws it: channels with their newest
//! messages, the dialog in front of them, the commands that they are offered, what they wait for.

use super::actor::Actor;
use crate::interactions::AUTOCOMPLETE;
use crate::json::text_of;
use crate::state::Discord;
use crate::state::interaction::{Interaction, Stage};
use crate::state::records::{Channel, ChannelKind, EPHEMERAL, LOADING, Message};
use crate::view::{FileView, view};
use serde_json::{Value, json};

/// How many messages of a channel are on a screen at first: the newest.
const NEWEST: usize = 60;
/// How far back a person's own clicks are looked through.
const CLICKS: usize = 200;

impl Actor {
    /// What the person has on their screen. Ids are text.
    #[must_use]
    pub fn screen(&self) -> Value {
        self.screen_up_to(|_| 0)
    }

    /// The same by somebody who scrolled up: so many screens of older messages in each channel.
    #[must_use]
    pub fn screen_up_to(&self, older: impl Fn(u64) -> usize) -> Value {
        self.emulator.read(|discord| discord.screen(self.id, &older))
    }

    /// A file of a message that the person sees.
    #[must_use]
    pub fn file(&self, id: u64) -> Option<FileView> {
        self.emulator.read(|discord| {
            let file = discord.files.get(&id)?;
            let messages = discord.messages.get(&file.channel)?;
            let mut with = messages.values().filter(|message| message.attachments.contains(&id));
            let shown = with.find(|message| discord.sees(self.id, message))?;
            let at = shown.attachments.iter().position(|attached| *attached == id)?;
            view(discord, shown).files.into_iter().nth(at)
        })
    }

    /// Closes the dialog in front of the person; the bot hears nothing of it.
    pub fn close_modal(&self) {
        self.emulator.change(|discord| {
            if let Some(user) = discord.users.get_mut(&self.id) {
                user.modal = None;
            }
        });
    }
}

impl Discord {
    fn screen(&self, user: u64, older: &dyn Fn(u64) -> usize) -> Value {
        let Some(person) = self.users.get(&user) else { return Value::Null };
        let channels = self.channels.values().filter(|channel| self.sees_channel(user, channel.id));
        let channels: Vec<Value> = channels
            .map(|channel| self.screen_channel(user, channel, older(channel.id)))
            // A direct channel nobody wrote in is not in anybody's list.
            .filter(|shown| shown["kind"] != "direct" || shown["messages"] != json!([]))
            .collect();
        let commands = self.commands.iter().filter(|command| self.is_offered(user, command));
        let roles =
            self.layout.roles().map(|(id, name)| json!({ "id": id.to_string(), "name": name }));
        let users = self.users.values().map(|user| {
            json!({ "id": user.id.to_string(), "name": user.name, "bot": user.bot,
                    "role": self.role_of(user.id) })
        });
        json!({
            "me": user.to_string(), "name": person.name, "locale": person.locale,
            "in_guild": person.in_guild, "dms_open": person.dms_open,
            "channels": channels,
            "users": users.collect::<Vec<Value>>(), "roles": roles,
            "commands": if person.in_guild { commands.collect::<Vec<_>>() } else { Vec::new() },
            "dialog": person.modal.as_ref().map(|(modal, opened_by)| {
                json!({ "id": opened_by.to_string(), "modal": modal })
            }),
            "clicks": self.clicks(user),
        })
    }

    fn role_of(&self, user: u64) -> Option<&'static str> {
        let held = &self.users.get(&user)?.roles;
        self.layout.roles().into_iter().find(|(id, _)| held.contains(id)).map(|(_, name)| name)
    }

    /// Whether Discord lists a command to a person.
    fn is_offered(&self, user: u64, command: &Value) -> bool {
        let closed = command.get("default_member_permissions").is_some_and(|p| !p.is_null());
        !closed || self.is_staff(user)
    }

    fn screen_channel(&self, user: u64, channel: &Channel, older: usize) -> Value {
        let kind = match channel.kind {
            ChannelKind::Text => "text",
            ChannelKind::Direct => "direct",
            ChannelKind::Category => "category",
            ChannelKind::PublicThread | ChannelKind::PrivateThread => "thread",
        };
        let messages =
            self.messages.get(&channel.id).into_iter().flat_map(|all| all.values().rev());
        let mut seen = messages.filter(|message| self.sees(user, message));
        let most = NEWEST.saturating_mul(older.saturating_add(1));
        let mut messages: Vec<Value> =
            seen.by_ref().take(most).map(|message| self.screen_message(message)).collect();
        messages.reverse();
        json!({
            "id": channel.id.to_string(), "kind": kind, "name": channel.name,
            "parent": channel.parent.map(|id| id.to_string()), "topic": channel.topic,
            "closed": channel.kind == ChannelKind::PrivateThread || !channel.overwrites.is_empty(),
            "archived": channel.archived, "locked": channel.locked,
            "member": channel.members.contains_key(&user), "messages": messages,
            "older": seen.next().is_some(),
        })
    }

    fn screen_message(&self, message: &Message) -> Value {
        let files = message.attachments.iter().filter_map(|id| self.files.get(id));
        let files = files.map(|file| {
            json!({
                "id": file.id.to_string(), "name": file.name, "bytes": file.bytes.len(),
                "type": file.content_type, "size": file.size, "description": file.description,
            })
        });
        let of = message.interaction.and_then(|id| self.interactions.get(&id));
        let command = of.filter(|interaction| interaction.kind == 2).map(|interaction| {
            json!({ "user": interaction.user.to_string(), "name": command_of(interaction) })
        });
        json!({
            "id": message.id.to_string(), "author": message.author.to_string(),
            "content": message.content, "embeds": message.embeds,
            "components": message.components, "files": files.collect::<Vec<Value>>(),
            "only": message.flags & EPHEMERAL != 0, "thinking": message.flags & LOADING != 0,
            "at": message.created.0, "edited": message.edited.map(|at| at.0), "command": command,
            "reply_to": message.reply_to.map(|id| id.to_string()),
        })
    }

    /// What a person did last that is not answered, or failed: one for each message or channel.
    fn clicks(&self, user: u64) -> Vec<Value> {
        let mine = self.interactions.values().rev().take(CLICKS);
        // What is offered while they type, or is not, is shown where they type.
        let mine = mine.filter(|i| i.user == user && i.kind != AUTOCOMPLETE);
        let mut seen = Vec::new();
        let mut clicks = Vec::new();
        for interaction in mine {
            let at = (interaction.channel, interaction.source);
            if seen.contains(&at) {
                continue;
            }
            seen.push(at);
            let stage = match interaction.stage {
                Stage::Waiting => "waiting",
                Stage::Failed => "failed",
                Stage::Answered(_) => continue,
            };
            clicks.push(json!({
                "id": interaction.id.to_string(), "stage": stage,
                "channel": interaction.channel.to_string(),
                "message": interaction.source.map(|id| id.to_string()),
                "custom_id": interaction.payload.pointer("/data/custom_id"),
                "command": (interaction.kind == 2).then(|| command_of(interaction)),
            }));
        }
        clicks
    }
}

/// The command as it was entered, with its subcommands.
fn command_of(interaction: &Interaction) -> String {
    let mut words = Vec::new();
    let mut level = interaction.payload.get("data");
    while let Some(inner) = level {
        let kind = inner.get("type").and_then(Value::as_u64);
        if !words.is_empty() && !matches!(kind, Some(1 | 2)) {
            break;
        }
        words.push(text_of(inner, "name").to_owned());
        level = inner.pointer("/options/0");
    }
    words.join(" ")
}
