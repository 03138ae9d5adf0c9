//! What is asked for, how much of it, and why it cannot be had.

use super::super::sources::Admin;
use crate::catalog::{is_seen, suggest};
use crate::model::ServerId;
use crate::ports::StoreError;
use axum::Json;
use axum::extract::{FromRequestParts, Query};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::fmt::Display;

/// Why there is nothing to show, in one line.
#[derive(Debug, PartialEq, Eq)]
pub(in super::super) struct Refused(StatusCode, String);

/// An answer, or why there is none.
pub(super) type Answer = Result<Json<Value>, Refused>;

impl Refused {
    /// What was asked makes no sense.
    pub(super) fn bad(why: impl Into<String>) -> Self {
        Self(StatusCode::BAD_REQUEST, why.into())
    }

    /// There is no such thing.
    pub(super) fn unknown(why: impl Into<String>) -> Self {
        Self(StatusCode::NOT_FOUND, why.into())
    }

    /// It makes sense, and not now.
    pub(super) fn conflict(why: impl Into<String>) -> Self {
        Self(StatusCode::CONFLICT, why.into())
    }

    /// The line.
    pub(super) fn said(self) -> String {
        self.1
    }

    /// A word that is none of those that are known.
    pub(super) fn word<W: Display>(
        kind: &str,
        found: &str,
        known: impl IntoIterator<Item = W>,
    ) -> Self {
        let known: Vec<String> = known.into_iter().map(|word| word.to_string()).collect();
        let hint = suggest(found, known.iter().map(String::as_str));
        Self::unknown(format!("there is no {kind} `{}`; {hint}", short(found)))
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "error": self.1 }))).into_response()
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self(StatusCode::SERVICE_UNAVAILABLE, error.to_string())
    }
}

/// What somebody typed, on one line and not too long.
pub(super) fn short(text: &str) -> String {
    text.chars().filter(|c| is_seen(*c)).take(64).collect()
}

/// The words after `?`; one that nobody knows is refused.
pub(super) struct Asked<T>(pub(super) T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refused> {
        let read = Query::<T>::try_from_uri(&parts.uri);
        read.map(|Query(asked)| Self(asked)).map_err(|error| Refused::bad(error.body_text()))
    }
}

/// At most so many lines at once.
const MOST: usize = 1_000;
/// So many are looked at for one answer, however few of them are wanted.
const SCANNED: usize = 5_000;

/// How many lines are asked for.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "usize")]
pub(super) struct Lines(pub(super) usize);

impl Default for Lines {
    fn default() -> Self {
        Self(100)
    }
}

impl TryFrom<usize> for Lines {
    type Error = String;

    fn try_from(limit: usize) -> Result<Self, String> {
        let fits = (1..=MOST).contains(&limit);
        fits.then_some(Self(limit)).ok_or_else(|| format!("a limit is 1 to {MOST}, not {limit}"))
    }
}

/// Those of a list that are wanted, and after which one to go on.
pub(super) struct Part<T, K> {
    pub(super) rows: Vec<T>,
    pub(super) next: Option<K>,
}

impl<T, K> Part<T, K> {
    /// Looks at no more than it needs, and at [`SCANNED`] at most.
    pub(super) fn of(
        list: impl Iterator<Item = T>,
        limit: usize,
        key: impl Fn(&T) -> K,
        wanted: impl Fn(&T) -> bool,
    ) -> Self {
        let (mut list, mut rows, mut last) = (list.peekable(), Vec::new(), None);
        for _ in 0..SCANNED {
            let Some(item) = list.next_if(|_| rows.len() < limit) else { break };
            last = Some(key(&item));
            if wanted(&item) {
                rows.push(item);
            }
        }
        let next = last.filter(|_| list.peek().is_some());
        Self { rows, next }
    }
}

/// A server that a file names, that was ever seen, or that somebody is bound to.
pub(super) fn known_server(admin: &Admin, text: &str) -> Result<ServerId, Refused> {
    let (snapshot, catalog) = (admin.store.snapshot(), (admin.in_force)());
    let known = || {
        let seen = snapshot.server_statuses().map(|status| &status.server);
        catalog.servers.keys().chain(seen).chain(snapshot.servers_in_use())
    };
    let found = text.parse().ok().filter(|id: &ServerId| known().any(|one| one == id));
    found.ok_or_else(|| {
        let mut ids: Vec<&ServerId> = known().collect();
        ids.sort();
        ids.dedup();
        Refused::word("server", text, ids)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_ends_where_it_is_full_or_enough_was_looked_at_and_says_where_to_go_on() {
        let part = |limit, of: std::ops::Range<usize>, wanted: fn(&usize) -> bool| {
            let (mut looked, all) = (0, of.end);
            let list = of.inspect(|_| looked += 1);
            let part = Part::of(list, limit, |n| *n, wanted);
            assert!(looked <= SCANNED + 1 && looked <= all, "{looked} were looked at");
            (part.rows, part.next)
        };
        assert_eq!(part(3, 0..9, |_| true), (vec![0, 1, 2], Some(2)));
        assert_eq!(part(9, 0..9, |_| true), ((0..9).collect(), None));
        assert_eq!(part(9, 0..9, |n| n % 4 == 0), (vec![0, 4, 8], None));
        assert_eq!(part(3, 0..0, |_| true), (vec![], None));
        assert_eq!(part(9, 0..usize::MAX, |_| false), (vec![], Some(SCANNED - 1)));
        assert_eq!(part(9, 0..SCANNED, |_| false), (vec![], None));
    }
}
