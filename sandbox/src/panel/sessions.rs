//! Cookie sessions and the login limiter.

use super::generate::Generator;
use std::collections::{BTreeMap, VecDeque};

/// Failures within [`WINDOW_MS`] that block a user name.
const FAILURES: usize = 5;
const WINDOW_MS: i64 = 5 * 60_000;
const BLOCK_MS: i64 = 15 * 60_000;

#[derive(Clone)]
pub(crate) struct Session {
    pub(crate) csrf: String,
    pub(crate) logged_in: bool,
}

/// All sessions, and who failed to log in when.
#[derive(Default)]
pub(crate) struct Sessions {
    sessions: BTreeMap<String, Session>,
    failures: BTreeMap<String, VecDeque<i64>>,
    blocked_until: BTreeMap<String, i64>,
}

impl Sessions {
    pub(crate) fn get(&self, id: &str) -> Option<&Session> {
        self.sessions.get(id)
    }

    /// A new session and its id.
    pub(crate) fn open(&mut self, generate: &mut Generator, logged_in: bool) -> String {
        let id = generate.session();
        self.sessions.insert(id.clone(), Session { csrf: generate.session(), logged_in });
        id
    }

    pub(crate) fn close(&mut self, id: &str) {
        self.sessions.remove(id);
    }

    pub(crate) fn blocked(&self, user: &str, now: i64) -> bool {
        self.blocked_until.get(user).is_some_and(|until| now < *until)
    }

    /// Notes a failed login; the fifth within the window blocks.
    pub(crate) fn failed(&mut self, user: &str, now: i64) {
        let failures = self.failures.entry(user.to_owned()).or_default();
        failures.push_back(now);
        failures.retain(|at| now - at < WINDOW_MS);
        if failures.len() >= FAILURES {
            failures.clear();
            self.blocked_until.insert(user.to_owned(), now + BLOCK_MS);
        }
    }

    pub(crate) fn succeeded(&mut self, user: &str) {
        self.failures.remove(user);
        self.blocked_until.remove(user);
    }
}
