//! What the gateway tells connected bots.

use crate::events::EventKind;
use crate::json::merged;
use crate::state::Discord;
use crate::state::gateway::{DIRECT_MESSAGES, Frame, GUILD_MESSAGES, GUILDS, MESSAGE_CONTENT};
use crate::state::records::Message;
use crate::time::MINUTE_MS;
use serde_json::{Value, json};
use tokio::sync::mpsc;

impl Discord {
    /// Begins a session; READY and the guild follow.
    pub(crate) fn identify(&mut self, intents: u64, sink: mpsc::UnboundedSender<Frame>) -> String {
        let id = self.gateway.begin(intents, sink);
        let application = json!({ "id": self.layout.application.to_string(), "flags": 0 });
        let guilds = json!([{ "id": self.layout.guild.to_string(), "unavailable": true }]);
        let ready = json!({
            "v": 10, "user": self.bot_json(), "guilds": guilds, "session_id": id,
            "resume_gateway_url": self.gateway_url(), "shard": [0, 1], "application": application,
        });
        self.gateway.dispatch_to(&id, "READY", &ready);
        if intents & GUILDS != 0 {
            let guild = self.guild_create_json();
            self.gateway.dispatch_to(&id, "GUILD_CREATE", &guild);
        }
        self.note_channel(EventKind::Gateway, 0, self.layout.bot, "READY");
        id
    }

    /// Takes a session up again after `seq`; `false` when that cannot be done.
    pub(crate) fn resume(
        &mut self,
        id: &str,
        seq: u64,
        sink: mpsc::UnboundedSender<Frame>,
    ) -> bool {
        let resumed = self.gateway.resume(id, seq, sink);
        if resumed {
            self.note_channel(EventKind::Gateway, 0, self.layout.bot, "RESUMED");
        }
        resumed
    }

    pub(crate) fn gateway_url(&self) -> String {
        self.base_url.replacen("http", "ws", 1)
    }

    /// Tells every session that has one of these intents; 0 means everybody.
    pub(crate) fn dispatch(&mut self, kind: &str, intents: u64, data: &Value) {
        self.dispatch_each(kind, intents, |_| data.clone());
    }

    fn dispatch_each(&mut self, kind: &str, intents: u64, data: impl Fn(u64) -> Value) {
        let fault = self.faults.take_dispatch(kind);
        self.gateway.dispatch(kind, intents, fault, data);
    }

    /// Tells that a message was made or changed.
    pub(crate) fn dispatch_message(&mut self, kind: &str, message: &Message) {
        let mut full = self.message_event_json(message);
        // Discord sends a nonce once, and does not keep it.
        if let (Some(nonce), "MESSAGE_CREATE") = (&message.nonce, kind) {
            full = merged(full, json!({ "nonce": nonce }));
        }
        let in_guild = full.get("guild_id").is_some();
        let intents = if in_guild { GUILD_MESSAGES } else { DIRECT_MESSAGES };
        let own = message.author == self.layout.bot;
        let mentions_us = message.content.contains(&format!("<@{}>", self.layout.bot));
        let emptied = merged(
            full.clone(),
            json!({ "content": "", "embeds": [], "attachments": [], "components": [] }),
        );
        self.dispatch_each(kind, intents, |granted| {
            let readable = own || mentions_us || !in_guild || granted & MESSAGE_CONTENT != 0;
            if readable { full.clone() } else { emptied.clone() }
        });
    }

    /// Tells that a message is gone.
    pub(crate) fn dispatch_deleted(&mut self, message: &Message) {
        let direct = self.channels.get(&message.channel).is_some_and(|c| c.recipient.is_some());
        let mut data =
            json!({ "id": message.id.to_string(), "channel_id": message.channel.to_string() });
        let intents = if direct || message.only.is_some() {
            DIRECT_MESSAGES
        } else {
            data = merged(data, json!({ "guild_id": self.layout.guild.to_string() }));
            GUILD_MESSAGES
        };
        self.dispatch("MESSAGE_DELETE", intents, &data);
    }

    /// Tells about a channel or thread: `what` is `CREATE`, `UPDATE` or `DELETE`.
    pub(crate) fn dispatch_channel(&mut self, what: &str, id: u64) {
        let Some(channel) = self.channels.get(&id) else { return };
        if channel.recipient.is_some() {
            return;
        }
        let thread = channel.kind.is_thread();
        let mut data = self.channel_json(channel);
        if thread && what == "DELETE" {
            data = json!({
                "id": id.to_string(), "guild_id": self.layout.guild.to_string(),
                "parent_id": channel.parent.map(|id| id.to_string()),
                "type": channel.kind.number(),
            });
        }
        if thread && what == "CREATE" {
            data = merged(data, json!({ "newly_created": true }));
        }
        let kind = format!("{}_{what}", if thread { "THREAD" } else { "CHANNEL" });
        self.dispatch(&kind, GUILDS, &data);
    }

    /// Archives the threads in which nobody wrote for as long as they allow.
    pub(crate) fn archive_quiet_threads(&mut self) {
        let now = self.now();
        let threads = self.channels.values().filter(|c| c.kind.is_thread() && !c.archived);
        let quiet = threads.filter(|c| now.since(c.active) >= c.auto_archive_minutes * MINUTE_MS);
        let quiet: Vec<u64> = quiet.map(|thread| thread.id).collect();
        for id in quiet {
            if let Some(thread) = self.channels.get_mut(&id) {
                thread.set_archived(true, now);
            }
            self.dispatch_channel("UPDATE", id);
            self.note_channel(EventKind::ChannelUpdated, id, 0, "archived: nobody wrote");
        }
    }
}
