//! Cookie sessions, and the login limiter.

use super::generate::Generator;
use std::collections::{BTreeMap, VecDeque};

/// How long a cookie's signature holds, counted from the login and never from its last use. What
/// the cookie says of its own age is for its holder alone.
const SIGNATURE_MS: i64 = 30 * 24 * 3_600_000;

/// Failures within [`WINDOW_MS`] that block a user name at one address.
const FAILURES: usize = 5;
const WINDOW_MS: i64 = 5 * 60_000;
const BLOCK_MS: i64 = 15 * 60_000;

#[derive(Clone)]
pub(crate) struct Session {
    pub(crate) csrf: String,
    pub(crate) logged_in: bool,
    opened_at: i64,
}

/// All sessions by their ids, with an end each.
#[derive(Default)]
pub(crate) struct Sessions(BTreeMap<String, Session>);

impl Sessions {
    /// The session of this id, unless its signature is too old.
    pub(crate) fn get(&self, id: &str, now: i64) -> Option<&Session> {
        self.0.get(id).filter(|session| now.saturating_sub(session.opened_at) < SIGNATURE_MS)
    }

    /// A new session and its id.
    pub(crate) fn open(&mut self, generate: &mut Generator, now: i64, logged_in: bool) -> String {
        let id = generate.session();
        let session = Session { csrf: generate.session(), logged_in, opened_at: now };
        self.0.insert(id.clone(), session);
        id
    }

    pub(crate) fn close(&mut self, id: &str) {
        self.0.remove(id);
    }
}

/// Address and user name.
type Who = (String, String);

/// Who failed to log in when. It is kept in memory: a new process knows nothing of it.
#[derive(Default)]
pub(crate) struct Limiter {
    failures: BTreeMap<Who, VecDeque<i64>>,
    blocked_until: BTreeMap<Who, i64>,
}

impl Limiter {
    pub(crate) fn blocked(&self, ip: &str, user: &str, now: i64) -> bool {
        self.blocked_until.get(&who(ip, user)).is_some_and(|until| now < *until)
    }

    /// Notes a failed login; the fifth within the window blocks.
    pub(crate) fn failed(&mut self, ip: &str, user: &str, now: i64) {
        let failures = self.failures.entry(who(ip, user)).or_default();
        failures.push_back(now);
        failures.retain(|at| now - at <= WINDOW_MS);
        if failures.len() >= FAILURES {
            failures.clear();
            self.blocked_until.insert(who(ip, user), now + BLOCK_MS);
        }
    }

    pub(crate) fn succeeded(&mut self, ip: &str, user: &str) {
        self.failures.remove(&who(ip, user));
        self.blocked_until.remove(&who(ip, user));
    }
}

fn who(ip: &str, user: &str) -> Who {
    (ip.trim().to_owned(), user.trim().to_lowercase())
}
