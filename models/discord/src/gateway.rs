//! Gateway sessions: who listens, what they asked for, and what they missed.

use super::events::EventKind;
use super::faults::DispatchFault;
use super::state::{Message, World};
use super::wire::merged;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tokio::sync::mpsc;

pub(super) const GUILDS: u64 = 1;
pub(super) const GUILD_MEMBERS: u64 = 1 << 1;
pub(super) const GUILD_PRESENCES: u64 = 1 << 8;
pub(super) const GUILD_MESSAGES: u64 = 1 << 9;
pub(super) const DIRECT_MESSAGES: u64 = 1 << 12;
pub(super) const MESSAGE_CONTENT: u64 = 1 << 15;
/// The intents that must be switched on for the application first.
pub(super) const PRIVILEGED: u64 = GUILD_MEMBERS | GUILD_PRESENCES | MESSAGE_CONTENT;
/// Every intent there is.
pub(super) const ALL_INTENTS: u64 = ((1 << 17) - 1) | (0b11 << 20) | (0b11 << 24);
/// How many dispatches a session can catch up on.
const REPLAY: usize = 1000;

/// What goes to a connected bot.
#[derive(Debug)]
pub(super) enum Frame {
    Text(String),
    Close(u16, &'static str),
}

#[derive(Debug)]
pub(super) struct Session {
    intents: u64,
    seq: u64,
    log: Vec<(u64, String)>,
    sink: Option<mpsc::UnboundedSender<Frame>>,
    late: Option<(String, Value)>,
}

#[derive(Debug)]
pub(super) struct Gateway {
    pub(super) token: String,
    /// The privileged intents that are switched on.
    pub(super) allowed: u64,
    pub(super) identifies: u64,
    pub(super) resumes: u64,
    sessions: BTreeMap<String, Session>,
}

impl Gateway {
    pub(super) fn new(token: &str, allowed: u64) -> Self {
        let token = token.to_owned();
        Self { token, allowed, identifies: 0, resumes: 0, sessions: BTreeMap::new() }
    }

    pub(super) fn token_fits(&self, given: &str) -> bool {
        given.strip_prefix("Bot ").unwrap_or(given) == self.token
    }

    pub(super) fn connected(&self) -> usize {
        self.sessions.values().filter(|session| session.sink.is_some()).count()
    }

    /// Sends a frame that is no dispatch to every connected bot.
    pub(super) fn send_all(&mut self, frame: impl Fn() -> Frame) {
        for sink in self.sessions.values().filter_map(|session| session.sink.as_ref()) {
            // A receiver that is gone has closed already.
            let _ = sink.send(frame());
        }
    }

    /// Forgets every session: none can be resumed.
    pub(super) fn forget_all(&mut self) {
        self.sessions.clear();
    }

    /// A connection ended. The session may have gone on over another one already.
    pub(super) fn detach(&mut self, session: &str, ended: &mpsc::UnboundedSender<Frame>) {
        if let Some(session) = self.sessions.get_mut(session)
            && session.sink.as_ref().is_some_and(|sink| sink.same_channel(ended))
        {
            session.sink = None;
        }
    }
}

impl Session {
    fn dispatch(&mut self, kind: &str, data: &Value, lose: bool) {
        self.seq += 1;
        let text = json!({ "op": 0, "s": self.seq, "t": kind, "d": data }).to_string();
        if lose {
            return;
        }
        self.log.push((self.seq, text.clone()));
        if self.log.len() > REPLAY {
            self.log.remove(0);
        }
        if let Some(sink) = &self.sink {
            let _ = sink.send(Frame::Text(text));
        }
    }
}

impl World {
    /// Begins a session; READY and the guild follow.
    pub(super) fn identify(&mut self, intents: u64, sink: mpsc::UnboundedSender<Frame>) -> String {
        self.gateway.identifies += 1;
        let id = format!("session{:08}", self.gateway.identifies);
        let session = Session { intents, seq: 0, log: Vec::new(), sink: Some(sink), late: None };
        self.gateway.sessions.insert(id.clone(), session);
        let application = json!({ "id": self.layout.application.to_string(), "flags": 0 });
        let guilds = json!([{ "id": self.layout.guild.to_string(), "unavailable": true }]);
        let ready = json!({
            "v": 10, "user": self.bot_json(), "guilds": guilds, "session_id": id,
            "resume_gateway_url": self.gateway_url(), "shard": [0, 1], "application": application,
        });
        let guild = self.guild_create_json();
        if let Some(session) = self.gateway.sessions.get_mut(&id) {
            session.dispatch("READY", &ready, false);
            if intents & GUILDS != 0 {
                session.dispatch("GUILD_CREATE", &guild, false);
            }
        }
        self.note_channel(EventKind::Gateway, 0, self.layout.bot, "READY");
        id
    }

    /// Takes a session up again after `seq`; `false` when that cannot be done.
    pub(super) fn resume(
        &mut self,
        id: &str,
        seq: u64,
        sink: mpsc::UnboundedSender<Frame>,
    ) -> bool {
        let Some(session) = self.gateway.sessions.get_mut(id) else { return false };
        let oldest = session.log.first().map_or(0, |(first, _)| *first);
        if seq > session.seq || seq + 1 < oldest {
            return false;
        }
        for (_, text) in session.log.iter().filter(|(at, _)| *at > seq) {
            let _ = sink.send(Frame::Text(text.clone()));
        }
        session.sink = Some(sink);
        session.dispatch("RESUMED", &json!({}), false);
        self.gateway.resumes += 1;
        self.note_channel(EventKind::Gateway, 0, self.layout.bot, "RESUMED");
        true
    }

    pub(super) fn gateway_url(&self) -> String {
        self.base_url.replacen("http", "ws", 1)
    }

    /// Tells every session that has one of these intents; 0 means everybody.
    pub(super) fn dispatch(&mut self, kind: &str, intents: u64, data: &Value) {
        self.dispatch_each(kind, intents, |_| data.clone());
    }

    fn dispatch_each(&mut self, kind: &str, intents: u64, data: impl Fn(u64) -> Value) {
        let fault = self.faults.take_dispatch(kind);
        for session in self.gateway.sessions.values_mut() {
            if intents != 0 && session.intents & intents == 0 {
                continue;
            }
            let data = data(session.intents);
            match fault {
                Some(DispatchFault::Late) => {
                    session.late = Some((kind.to_owned(), data));
                    continue;
                }
                Some(DispatchFault::Duplicate) => session.dispatch(kind, &data, false),
                Some(DispatchFault::Lose) | None => {}
            }
            session.dispatch(kind, &data, fault == Some(DispatchFault::Lose));
            if let Some((kind, data)) = session.late.take() {
                session.dispatch(&kind, &data, false);
            }
        }
    }

    /// Tells that a message was made or changed.
    pub(super) fn dispatch_message(&mut self, kind: &str, message: &Message) {
        let mut full = self.message_event_json(message);
        // A nonce is told once, and not kept.
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
    pub(super) fn dispatch_deleted(&mut self, message: &Message) {
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
    pub(super) fn dispatch_channel(&mut self, what: &str, id: u64) {
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
}
