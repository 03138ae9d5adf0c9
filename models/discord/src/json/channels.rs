//! Channels, threads and who is in them.

use super::merged;
use crate::ids::iso;
use crate::state::Discord;
use crate::state::records::{Channel, ChannelKind};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// View Channel; Send Messages, Create Private Threads, Send Messages in Threads.
const SEES: u64 = 1 << 10;
const WRITES: u64 = (1 << 11) | (1 << 36) | (1 << 38);

impl Discord {
    /// The overwrites of a channel: a permission that a test has taken from the bot is one of its own.
    fn overwrites_of(&self, channel: &Channel) -> BTreeMap<u64, (u8, u64, u64)> {
        let mut overwrites = channel.overwrites.clone();
        let faults = &self.faults;
        for (taken, bits) in [(&faults.hidden, SEES), (&faults.denied, WRITES)] {
            if taken.contains(&channel.id) {
                let own = overwrites.entry(self.layout.bot).or_insert((1, 0, 0));
                *own = (1, own.1 & !bits, own.2 | bits);
            }
        }
        overwrites
    }

    pub(crate) fn thread_member_json(&self, channel: &Channel, user: u64) -> Value {
        let joined = channel.members.get(&user).copied().unwrap_or(channel.created);
        json!({
            "id": channel.id.to_string(), "user_id": user.to_string(),
            "join_timestamp": iso(joined), "flags": 0,
        })
    }

    pub(crate) fn channel_json(&self, channel: &Channel) -> Value {
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
            let count = self.messages.get(&channel.id).map_or(0, BTreeMap::len);
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
        let overwrites = self.overwrites_of(channel);
        let overwrites: Vec<Value> = overwrites
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
}
