//! The records as Discord's JSON.

use super::ids::iso;
use super::state::{Channel, ChannelKind, EPHEMERAL, Message, StoredFile, User, World};
use crate::time::UnixMs;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// How long a signed address of a file works.
const FILE_ADDRESS_LIFE: u64 = 24 * 60 * 60 * 1000;
/// All a bot may do that matters here.
const BOT_PERMISSIONS: &str = "2248473465835073";
/// What a customer may do.
const MEMBER_PERMISSIONS: &str = "2248473465735168";

/// Joins two JSON objects; the second wins.
pub(super) fn merged(mut first: Value, second: Value) -> Value {
    if let (Some(map), Value::Object(more)) = (first.as_object_mut(), second) {
        map.extend(more);
    }
    first
}

pub(super) fn user(user: &User) -> Value {
    json!({
        "id": user.id.to_string(), "username": user.name, "discriminator": "0",
        "global_name": user.name, "avatar": null, "bot": user.bot, "public_flags": 0, "flags": 0,
        "banner": null, "accent_color": null, "avatar_decoration_data": null,
        "collectibles": null, "primary_guild": null,
    })
}

pub(super) fn role(id: u64, name: &str, position: u64) -> Value {
    json!({
        "id": id.to_string(), "name": name, "permissions": MEMBER_PERMISSIONS,
        "position": position, "color": 0, "hoist": false, "managed": false,
        "colors": { "primary_color": 0, "secondary_color": null, "tertiary_color": null },
        "mentionable": false, "icon": null, "unicode_emoji": null, "flags": 0,
    })
}

/// The signature of a file's address.
fn file_mac(id: u64, expires: u64) -> String {
    let digest = Sha256::digest(format!("emulated cdn {id} {expires}"));
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a file's address is signed and not over its time.
pub(super) fn address_holds(id: u64, query: &str, now: UnixMs) -> bool {
    let pairs: Vec<_> = query.split('&').filter_map(|pair| pair.split_once('=')).collect();
    let value = |key| pairs.iter().find(|(name, _)| *name == key).map(|(_, value)| *value);
    let Some(expires) = value("ex").and_then(|hex| u64::from_str_radix(hex, 16).ok()) else {
        return false;
    };
    value("hm") == Some(&file_mac(id, expires)) && now.0 / 1000 < expires
}

impl World {
    pub(super) fn user_json(&self, id: u64) -> Value {
        self.users.get(&id).map_or(Value::Null, user)
    }

    pub(super) fn bot_json(&self) -> Value {
        let more = json!({ "mfa_enabled": true, "verified": true, "email": null, "locale": "en-US", "premium_type": 0 });
        merged(self.user_json(self.layout.bot), more)
    }

    pub(super) fn roles_json(&self) -> Vec<Value> {
        let mut roles = vec![role(self.layout.guild, "@everyone", 0)];
        roles.extend((1..).zip(self.layout.roles()).map(|(n, (id, name))| role(id, name, n)));
        roles
    }

    pub(super) fn member_json(&self, id: u64) -> Value {
        let Some(person) = self.users.get(&id) else { return Value::Null };
        let roles: Vec<String> = person.roles.iter().map(u64::to_string).collect();
        json!({
            "user": user(person), "roles": roles, "nick": null, "avatar": null, "banner": null,
            "joined_at": "2024-01-01T00:00:00.000000+00:00", "premium_since": null, "flags": 0,
            "pending": false, "mute": false, "deaf": false, "communication_disabled_until": null,
            "avatar_decoration_data": null, "collectibles": null,
        })
    }

    /// The member as an interaction carries it, with permissions.
    pub(super) fn acting_member_json(&self, id: u64) -> Value {
        let permissions = if self.is_staff(id) { BOT_PERMISSIONS } else { MEMBER_PERMISSIONS };
        merged(self.member_json(id), json!({ "permissions": permissions }))
    }

    pub(super) fn app_permissions(&self) -> &'static str {
        BOT_PERMISSIONS
    }

    pub(super) fn guild_json(&self) -> Value {
        json!({
            "id": self.layout.guild.to_string(), "name": "NebulaLinks test guild", "icon": null,
            "description": null, "home_header": null, "splash": null, "discovery_splash": null,
            "features": [], "banner": null, "owner_id": self.layout.owner.to_string(),
            "application_id": null, "region": "rotterdam", "afk_channel_id": null,
            "afk_timeout": 300, "system_channel_id": null, "system_channel_flags": 0,
            "widget_enabled": false, "widget_channel_id": null, "verification_level": 0,
            "roles": self.roles_json(), "default_message_notifications": 0, "mfa_level": 0,
            "explicit_content_filter": 0, "max_presences": null, "max_members": 500_000,
            "max_stage_video_channel_users": 50, "max_video_channel_users": 25,
            "vanity_url_code": null, "premium_tier": 0, "premium_subscription_count": 0,
            "preferred_locale": "en-US", "rules_channel_id": null,
            "safety_alerts_channel_id": null, "public_updates_channel_id": null,
            "premium_progress_bar_enabled": false, "nsfw": false, "nsfw_level": 0,
            "emojis": [], "stickers": [], "incidents_data": null,
        })
    }

    /// The guild as the gateway tells it after READY.
    pub(super) fn guild_create_json(&self) -> Value {
        let of_kind = |threads: bool| -> Vec<Value> {
            self.channels
                .values()
                .filter(|channel| channel.kind != ChannelKind::Direct)
                .filter(|channel| channel.kind.is_thread() == threads)
                .filter(|channel| {
                    !channel.archived && self.sees_channel(self.layout.bot, channel.id)
                })
                .map(|channel| self.channel_json(channel))
                .collect()
        };
        let members = vec![self.member_json(self.layout.bot)];
        merged(
            self.guild_json(),
            json!({
                "joined_at": "2024-01-01T00:00:00.000000+00:00", "large": false,
                "unavailable": false, "member_count": self.users.len(), "voice_states": [],
                "members": members, "channels": of_kind(false), "threads": of_kind(true),
                "presences": [], "stage_instances": [], "guild_scheduled_events": [],
                "soundboard_sounds": [],
            }),
        )
    }

    pub(super) fn thread_member_json(&self, channel: &Channel, user: u64) -> Value {
        let joined = channel.members.get(&user).copied().unwrap_or(channel.created);
        json!({
            "id": channel.id.to_string(), "user_id": user.to_string(),
            "join_timestamp": iso(joined), "flags": 0,
        })
    }

    pub(super) fn channel_json(&self, channel: &Channel) -> Value {
        let last = self.messages.get(&channel.id).and_then(|all| all.keys().next_back());
        let common = json!({
            "id": channel.id.to_string(), "type": channel.kind.number(), "flags": 0,
            "last_message_id": last.map(u64::to_string),
        });
        if let Some(user) = channel.recipient {
            return merged(common, json!({ "recipients": [self.user_json(user)] }));
        }
        let guild = json!({
            "guild_id": self.layout.guild.to_string(), "name": channel.name,
            "parent_id": channel.parent.map(|id| id.to_string()), "rate_limit_per_user": 0,
        });
        let common = merged(common, guild);
        if channel.kind.is_thread() {
            let count = self.messages.get(&channel.id).map_or(0, std::collections::BTreeMap::len);
            let mut metadata = json!({
                "archived": channel.archived, "locked": channel.locked,
                "archive_timestamp": iso(channel.archive_changed),
                "create_timestamp": iso(channel.created),
                "auto_archive_duration": channel.auto_archive_minutes,
            });
            if channel.kind == ChannelKind::PrivateThread {
                metadata = merged(metadata, json!({ "invitable": channel.invitable }));
            }
            let thread = json!({
                "owner_id": channel.owner.to_string(), "thread_metadata": metadata,
                "message_count": count, "total_message_sent": count,
                "member_count": channel.members.len(),
            });
            return merged(common, thread);
        }
        let overwrites: Vec<Value> = channel
            .overwrites
            .iter()
            .map(|(id, (kind, allow, deny))| {
                json!({ "id": id.to_string(), "type": kind, "allow": allow.to_string(), "deny": deny.to_string() })
            })
            .collect();
        let text = json!({
            "position": 0, "topic": channel.topic, "nsfw": false,
            "permission_overwrites": overwrites,
        });
        merged(common, text)
    }

    pub(super) fn file_url(&self, file: &StoredFile) -> String {
        let expires = self.now().plus(FILE_ADDRESS_LIFE).0 / 1000;
        format!(
            "{}/attachments/{}/{}/{}?ex={expires:x}&is={:x}&hm={}",
            self.base_url,
            file.channel,
            file.id,
            file.name,
            self.now().0 / 1000,
            file_mac(file.id, expires),
        )
    }

    pub(super) fn attachment_json(&self, file: &StoredFile) -> Value {
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
    pub(super) fn message_json(&self, message: &Message) -> Value {
        let files: Vec<&StoredFile> =
            message.attachments.iter().filter_map(|id| self.files.get(id)).collect();
        let components: Vec<Value> =
            message.components.iter().map(|c| self.with_media(c, &files)).collect();
        let attachments: Vec<Value> = files.iter().map(|file| self.attachment_json(file)).collect();
        let mentions: Vec<Value> = self
            .users
            .values()
            .filter(|person| message.content.contains(&format!("<@{}>", person.id)))
            .map(user)
            .collect();
        let mut json = json!({
            "id": message.id.to_string(), "channel_id": message.channel.to_string(),
            "type": message.kind, "content": message.content, "mentions": mentions,
            "mention_roles": [], "mention_everyone": false, "attachments": attachments,
            "embeds": message.embeds, "components": components, "flags": message.flags,
            "timestamp": iso(message.created), "edited_timestamp": message.edited.map(iso),
            "author": self.user_json(message.author), "pinned": message.pinned, "tts": false,
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
                    "interaction_metadata": interaction.metadata_json(self),
                }),
            );
        }
        json
    }

    /// A message as the gateway tells it.
    pub(super) fn message_event_json(&self, message: &Message) -> Value {
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
}

/// The name in an `attachment://name` address.
pub(super) fn attached_name(media: &Value) -> Option<String> {
    media.get("url")?.as_str()?.strip_prefix("attachment://").map(str::to_owned)
}
