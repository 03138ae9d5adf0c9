//! Messages with their files, components and where they come from.

use super::guild::user;
use super::{attached_name, merged};
use crate::ids::iso;
use crate::state::Discord;
use crate::state::interaction::Interaction;
use crate::state::records::{EPHEMERAL, Message, StoredFile};
use crate::time::UnixMs;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

/// How long a signed address of a file works.
const FILE_ADDRESS_LIFE: u64 = 24 * 60 * 60 * 1000;

/// The signature of a file's address.
fn file_mac(id: u64, expires: u64) -> String {
    let digest = Sha256::digest(format!("emulated cdn {id} {expires}"));
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What stands in an address as it is; a name may have anything.
const NAMED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'.').remove(b'-').remove(b'_');

/// Whether a file's address is signed and not over its time.
pub(crate) fn address_holds(id: u64, query: &str, now: UnixMs) -> bool {
    let pairs: Vec<_> = query.split('&').filter_map(|pair| pair.split_once('=')).collect();
    let value = |key| pairs.iter().find(|(name, _)| *name == key).map(|(_, value)| *value);
    let Some(expires) = value("ex").and_then(|hex| u64::from_str_radix(hex, 16).ok()) else {
        return false;
    };
    value("hm") == Some(&file_mac(id, expires)) && now.0 / 1000 < expires
}

impl Discord {
    pub(crate) fn file_url(&self, file: &StoredFile) -> String {
        let expires = self.now().plus(FILE_ADDRESS_LIFE).0 / 1000;
        format!(
            "{}/attachments/{}/{}/{}?ex={expires:x}&is={:x}&hm={}",
            self.base_url,
            file.channel,
            file.id,
            utf8_percent_encode(&file.name, NAMED),
            self.now().0 / 1000,
            file_mac(file.id, expires),
        )
    }

    pub(crate) fn attachment_json(&self, file: &StoredFile) -> Value {
        let url = self.file_url(file);
        let mut json = json!({
            "id": file.id.to_string(), "filename": file.name, "size": file.bytes.len(),
            "url": url, "proxy_url": url, "content_type": file.content_type,
        });
        if let Some((width, height)) = file.size {
            json = merged(json, json!({ "width": width, "height": height }));
        }
        if let Some(description) = &file.description {
            json = merged(json, json!({ "description": description }));
        }
        if file.ephemeral {
            json = merged(json, json!({ "ephemeral": true }));
        }
        json
    }

    /// A message as REST answers it.
    pub(crate) fn message_json(&self, message: &Message) -> Value {
        let files: Vec<&StoredFile> =
            message.attachments.iter().filter_map(|id| self.files.get(id)).collect();
        let components: Vec<Value> =
            message.components.iter().map(|c| self.with_media(c, &files)).collect();
        let attachments: Vec<Value> = files.iter().map(|file| self.attachment_json(file)).collect();
        let mentions: Vec<Value> = self
            .users
            .values()
            .filter(|person| message.mentions.users.contains(&person.id))
            .map(user)
            .collect();
        let roles: Vec<String> = message.mentions.roles.iter().map(u64::to_string).collect();
        let mut json = json!({
            "id": message.id.to_string(), "channel_id": message.channel.to_string(),
            "type": message.kind, "content": message.content, "mentions": mentions,
            "mention_roles": roles, "mention_everyone": message.mentions.everyone,
            "attachments": attachments,
            "embeds": message.embeds, "components": components, "flags": message.flags,
            "timestamp": iso(message.created), "edited_timestamp": message.edited.map(iso),
            "author": self.user_json(message.author), "pinned": false, "tts": false,
        });
        if let Some(target) = message.reply_to {
            let reference = json!({ "type": 0, "message_id": target.to_string(), "channel_id": message.channel.to_string() });
            json = merged(json, json!({ "message_reference": reference }));
        }
        if let Some(interaction) = message.interaction.and_then(|id| self.interactions.get(&id)) {
            let application = self.layout.application.to_string();
            json = merged(
                json,
                json!({
                    "application_id": application, "webhook_id": application,
                    "interaction_metadata": self.interaction_metadata_json(interaction),
                }),
            );
        }
        json
    }

    /// A message as the gateway tells it.
    pub(crate) fn message_event_json(&self, message: &Message) -> Value {
        let json = self.message_json(message);
        let in_guild =
            self.channels.get(&message.channel).is_some_and(|channel| channel.recipient.is_none());
        if !in_guild || message.flags & EPHEMERAL != 0 {
            return json;
        }
        let mut member = self.member_json(message.author);
        if let Some(map) = member.as_object_mut() {
            map.remove("user");
        }
        let guild = json!({ "guild_id": self.layout.guild.to_string() });
        let json = merged(json, guild);
        if message.interaction.is_some() { json } else { merged(json, json!({ "member": member })) }
    }

    /// A component with its media and files resolved.
    fn with_media(&self, component: &Value, files: &[&StoredFile]) -> Value {
        match component {
            Value::Object(map) => {
                let mut out = Map::new();
                for (key, value) in map {
                    let media = matches!(key.as_str(), "media" | "file") && value.is_object();
                    let resolved = if media {
                        self.media_json(value, files)
                    } else {
                        self.with_media(value, files)
                    };
                    out.insert(key.clone(), resolved);
                }
                if map.get("type") == Some(&json!(13)) {
                    let name = map.get("file").and_then(attached_name).unwrap_or_default();
                    let size = files.iter().find(|f| f.name == name).map_or(0, |f| f.bytes.len());
                    out.insert("name".to_owned(), json!(name));
                    out.insert("size".to_owned(), json!(size));
                }
                Value::Object(out)
            }
            Value::Array(items) => items.iter().map(|item| self.with_media(item, files)).collect(),
            other => other.clone(),
        }
    }

    fn media_json(&self, media: &Value, files: &[&StoredFile]) -> Value {
        let file = attached_name(media).and_then(|name| files.iter().find(|f| f.name == name));
        let Some(file) = file else {
            let url = media.get("url").cloned().unwrap_or(Value::Null);
            return json!({ "id": "1", "url": url, "proxy_url": url });
        };
        let url = self.file_url(file);
        let json = json!({
            "id": file.id.to_string(), "attachment_id": file.id.to_string(), "url": url,
            "proxy_url": url, "content_type": file.content_type,
        });
        match file.size {
            Some((width, height)) => merged(json, json!({ "width": width, "height": height })),
            None => json,
        }
    }

    /// As messages that came of it carry it.
    fn interaction_metadata_json(&self, interaction: &Interaction) -> Value {
        let common = json!({
            "id": interaction.id.to_string(), "type": interaction.kind, "user": self.user_json(interaction.user),
            "authorizing_integration_owners": { "0": self.layout.guild.to_string() },
        });
        match interaction.kind {
            2 => {
                let name =
                    interaction.payload.pointer("/data/name").cloned().unwrap_or(json!("command"));
                merged(common, json!({ "name": name, "command_type": 1 }))
            }
            3 => {
                let source = interaction.source.map(|id| id.to_string());
                merged(common, json!({ "interacted_message_id": source }))
            }
            _ => {
                let inner = json!({
                    "id": interaction.id.to_string(), "type": 3, "user": self.user_json(interaction.user),
                    "authorizing_integration_owners": { "0": self.layout.guild.to_string() },
                    "interacted_message_id": interaction.source.unwrap_or(interaction.id).to_string(),
                });
                merged(common, json!({ "triggering_interaction_metadata": inner }))
            }
        }
    }
}
