//! Gateway sessions: who listens, what they asked for, and what they missed.

use crate::faults::DispatchFault;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tokio::sync::mpsc;

pub(crate) const GUILDS: u64 = 1;
pub(crate) const GUILD_MEMBERS: u64 = 1 << 1;
pub(crate) const GUILD_PRESENCES: u64 = 1 << 8;
pub(crate) const GUILD_MESSAGES: u64 = 1 << 9;
pub(crate) const DIRECT_MESSAGES: u64 = 1 << 12;
pub(crate) const MESSAGE_CONTENT: u64 = 1 << 15;
/// The intents that must be switched on for the application first.
pub(crate) const PRIVILEGED: u64 = GUILD_MEMBERS | GUILD_PRESENCES | MESSAGE_CONTENT;
/// Every intent there is.
pub(crate) const ALL_INTENTS: u64 = ((1 << 17) - 1) | (0b11 << 20) | (0b11 << 24);
/// How many dispatches a session can catch up on.
const REPLAY: usize = 1000;
/// How many sessions without a connection are kept, the newest ones: Discord forgets them after some
/// minutes, and each of them holds up to a thousand dispatches.
const UNCONNECTED: usize = 8;

/// What goes to a connected bot.
#[derive(Debug)]
pub(crate) enum Frame {
    Text(String),
    Close(u16, &'static str),
}

#[derive(Debug)]
pub(crate) struct Session {
    intents: u64,
    seq: u64,
    log: Vec<(u64, String)>,
    sink: Option<mpsc::UnboundedSender<Frame>>,
    late: Option<(String, Value)>,
}

#[derive(Debug)]
pub(crate) struct Gateway {
    pub(crate) token: String,
    /// The privileged intents that are switched on.
    pub(crate) allowed: u64,
    /// Intents that became privileged since, as MESSAGE_CONTENT did in 2022.
    pub(crate) privileged: u64,
    pub(crate) identifies: u64,
    pub(crate) resumes: u64,
    sessions: BTreeMap<String, Session>,
}

impl Gateway {
    pub(crate) fn new(token: &str, allowed: u64) -> Self {
        let token = token.to_owned();
        Self { token, allowed, privileged: 0, identifies: 0, resumes: 0, sessions: BTreeMap::new() }
    }

    pub(crate) fn token_fits(&self, given: &str) -> bool {
        given.strip_prefix("Bot ").unwrap_or(given) == self.token
    }

    pub(crate) fn connected(&self) -> usize {
        self.sessions.values().filter(|session| session.sink.is_some()).count()
    }

    /// Sends a frame that is no dispatch to every connected bot.
    pub(crate) fn send_all(&mut self, frame: impl Fn() -> Frame) {
        for sink in self.sessions.values().filter_map(|session| session.sink.as_ref()) {
            // A receiver that is gone has closed already.
            let _ = sink.send(frame());
        }
    }

    /// Forgets every session: none can be resumed.
    pub(crate) fn forget_all(&mut self) {
        self.sessions.clear();
    }

    /// Begins a session, which has heard nothing yet. Answers with its id.
    pub(crate) fn begin(&mut self, intents: u64, sink: mpsc::UnboundedSender<Frame>) -> String {
        self.forget_unconnected();
        self.identifies += 1;
        let id = format!("session{:08}", self.identifies);
        let session = Session { intents, seq: 0, log: Vec::new(), sink: Some(sink), late: None };
        self.sessions.insert(id.clone(), session);
        id
    }

    /// Leaves the newest of the sessions that have no connection: their ids rise.
    fn forget_unconnected(&mut self) {
        let unconnected = self.sessions.iter().filter(|(_, session)| session.sink.is_none());
        let ids: Vec<String> = unconnected.map(|(id, _)| id.clone()).collect();
        for id in ids.iter().rev().skip(UNCONNECTED) {
            self.sessions.remove(id);
        }
    }

    /// Takes a session up again after `seq`; `false` when that cannot be done.
    pub(crate) fn resume(
        &mut self,
        id: &str,
        seq: u64,
        sink: mpsc::UnboundedSender<Frame>,
    ) -> bool {
        let Some(session) = self.sessions.get_mut(id) else { return false };
        let oldest = session.log.first().map_or(0, |(first, _)| *first);
        if seq > session.seq || seq + 1 < oldest {
            return false;
        }
        for (_, text) in session.log.iter().filter(|(at, _)| *at > seq) {
            let _ = sink.send(Frame::Text(text.clone()));
        }
        session.sink = Some(sink);
        session.dispatch("RESUMED", &json!({}), false);
        self.resumes += 1;
        true
    }

    /// Tells one session.
    pub(crate) fn dispatch_to(&mut self, id: &str, kind: &str, data: &Value) {
        if let Some(session) = self.sessions.get_mut(id) {
            session.dispatch(kind, data, false);
        }
    }

    /// Tells every session that has one of these intents, 0 meaning everybody; `data` is made for
    /// the intents of each.
    pub(crate) fn dispatch(
        &mut self,
        kind: &str,
        intents: u64,
        fault: Option<DispatchFault>,
        data: impl Fn(u64) -> Value,
    ) {
        for session in self.sessions.values_mut() {
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

    /// A connection ended. The session may have gone on over another one already.
    pub(crate) fn detach(&mut self, session: &str, ended: &mpsc::UnboundedSender<Frame>) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_sessions_that_nobody_takes_up_again_the_newest_are_kept() {
        let mut gateway = Gateway::new("token", 0);
        let mut ids = Vec::new();
        for _ in 0..100 {
            let (sink, _frames) = mpsc::unbounded_channel();
            let id = gateway.begin(GUILDS, sink.clone());
            gateway.detach(&id, &sink);
            ids.push(id);
        }
        assert!(gateway.sessions.len() <= UNCONNECTED + 1, "{}", gateway.sessions.len());
        let (sink, _frames) = mpsc::unbounded_channel();
        assert!(gateway.resume(&ids[99], 0, sink.clone()), "the newest is there");
        assert!(!gateway.resume(&ids[0], 0, sink), "the oldest is not");
    }

    #[test]
    fn a_session_with_a_connection_is_never_forgotten() {
        let mut gateway = Gateway::new("token", 0);
        let (kept, _frames) = mpsc::unbounded_channel();
        let first = gateway.begin(GUILDS, kept);
        for _ in 0..100 {
            let (sink, _frames) = mpsc::unbounded_channel();
            let id = gateway.begin(GUILDS, sink.clone());
            gateway.detach(&id, &sink);
        }
        assert!(gateway.sessions[&first].sink.is_some());
        assert_eq!(gateway.connected(), 1);
    }
}
