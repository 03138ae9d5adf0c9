//! People, roles and the guild.

use super::{GUILD_LOCALE, merged};
use crate::state::Discord;
use crate::state::records::{ChannelKind, User};
use serde_json::{Value, json};

/// All a bot may do that matters here.
const BOT_PERMISSIONS: &str = "2248473465835073";
/// What a customer may do.
const MEMBER_PERMISSIONS: &str = "2248473465735168";

pub(crate) fn user(user: &User) -> Value {
    json!({
        "id": user.id.to_string(), "username": user.name, "discriminator": "0",
        "global_name": user.name, "avatar": null, "bot": user.bot, "public_flags": 0, "flags": 0,
        "banner": null, "accent_color": null, "avatar_decoration_data": null,
        "collectibles": null, "primary_guild": null,
    })
}

pub(crate) fn role(id: u64, name: &str, position: u64, permissions: &str) -> Value {
    json!({
        "id": id.to_string(), "name": name, "permissions": permissions,
        "position": position, "color": 0, "hoist": false, "managed": false,
        "colors": { "primary_color": 0, "secondary_color": null, "tertiary_color": null },
        "mentionable": false, "icon": null, "unicode_emoji": null, "flags": 0,
    })
}

/// What everybody may do in channels that nothing else is said of: see them, read, write.
const EVERYBODY_PERMISSIONS: &str = "2248473465801728";
/// What a bot is invited with: Manage Channels, View Channels, Send Messages, Attach Files, Read Message History, Mention
/// Everyone, Manage Threads, Create Private Threads, Send Messages in Threads.
const BOT_ROLE_PERMISSIONS: &str = "360777485328";

impl Discord {
    pub(crate) fn user_json(&self, id: u64) -> Value {
        self.users.get(&id).map_or(Value::Null, user)
    }

    pub(crate) fn bot_json(&self) -> Value {
        let more = json!({ "mfa_enabled": true, "verified": true, "email": null, "locale": "en-US", "premium_type": 0 });
        merged(self.user_json(self.layout.bot), more)
    }

    pub(crate) fn roles_json(&self) -> Vec<Value> {
        let member = MEMBER_PERMISSIONS;
        let mut roles = vec![role(self.layout.guild, "@everyone", 0, EVERYBODY_PERMISSIONS)];
        roles.extend(
            (1..).zip(self.layout.roles()).map(|(n, (id, name))| role(id, name, n, member)),
        );
        roles.push(role(self.layout.bot_role(), "NebulaLinks", 9, BOT_ROLE_PERMISSIONS));
        roles
    }

    pub(crate) fn member_json(&self, id: u64) -> Value {
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
    pub(crate) fn acting_member_json(&self, id: u64) -> Value {
        let permissions = if self.is_staff(id) { BOT_PERMISSIONS } else { MEMBER_PERMISSIONS };
        merged(self.member_json(id), json!({ "permissions": permissions }))
    }

    pub(crate) fn app_permissions(&self) -> &'static str {
        BOT_PERMISSIONS
    }

    pub(crate) fn guild_json(&self) -> Value {
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
            "preferred_locale": GUILD_LOCALE, "rules_channel_id": null,
            "safety_alerts_channel_id": null, "public_updates_channel_id": null,
            "premium_progress_bar_enabled": false, "nsfw": false, "nsfw_level": 0,
            "emojis": [], "stickers": [], "incidents_data": null,
        })
    }

    /// The guild as the gateway tells it after READY.
    pub(crate) fn guild_create_json(&self) -> Value {
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
}
