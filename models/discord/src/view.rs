//! Messages and threads as somebody reads them.

use crate::components::{kind, walk};
use crate::events::Audience;
use crate::json::text_of;
use crate::render;
use crate::state::Discord;
use crate::state::records::Message;
use bytes::Bytes;
use serde_json::Value;

/// A file of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileView {
    /// As whoever uploaded it named it.
    pub name: String,
    /// Its type, as uploaded or by its name.
    pub content_type: String,
    /// What was uploaded, byte for byte.
    pub bytes: Bytes,
}

/// A message as somebody reads it.
#[derive(Debug, Clone, PartialEq)]
pub struct MessageView {
    /// The snowflake by which the bot addresses it.
    pub id: u64,
    /// The channel or thread in which it stands.
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
    /// What is attached, in order.
    pub files: Vec<FileView>,
    /// Whom Discord told of it when it was posted, by name: `@admin` for a role.
    pub rang: Vec<String>,
    /// Whether it was edited.
    pub edited: bool,
    /// Its components as Discord's JSON.
    pub components: Vec<Value>,
    /// Milliseconds since 1970.
    pub created_ms: u64,
}

/// A thread as its members and staff see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThreadView {
    /// The snowflake by which the bot addresses it.
    pub id: u64,
    /// Its name in the list of threads.
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

pub(crate) fn view(discord: &Discord, message: &Message) -> MessageView {
    let all = walk(&message.components);
    let labels = all.iter().filter(|c| kind(c) == 2).map(|c| text_of(c, "label").to_owned());
    let options = all.iter().filter_map(|c| c.get("options")?.as_array()).flatten();
    let files = message.attachments.iter().filter_map(|id| discord.files.get(id));
    MessageView {
        id: message.id,
        channel: message.channel,
        channel_name: discord.channel_name(message.channel),
        author: discord.user_name(message.author),
        audience: discord.audience(message),
        text: render::message(discord, message),
        buttons: labels.collect(),
        options: options.map(|option| text_of(option, "value").to_owned()).collect(),
        files: files
            .map(|file| FileView {
                name: file.name.clone(),
                content_type: file.content_type.clone(),
                bytes: file.bytes.clone(),
            })
            .collect(),
        rang: rang(discord, message),
        edited: message.edited.is_some(),
        components: message.components.clone(),
        created_ms: message.created.0,
    }
}

fn rang(discord: &Discord, message: &Message) -> Vec<String> {
    let users = message.rang.users.iter().map(|id| discord.user_name(*id));
    let roles =
        discord.layout.roles().into_iter().filter(|(id, _)| message.rang.roles.contains(id));
    let everyone = message.rang.everyone.then(|| "@everyone".to_owned());
    users.chain(roles.map(|(_, name)| format!("@{name}"))).chain(everyone).collect()
}
