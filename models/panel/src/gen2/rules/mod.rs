//! What generation 2 does with its database: one file per kind of change.

mod add;
mod hands;
mod poll;
mod remove;
mod reset;
mod update;

use super::draft::Failure;
use crate::state::{Db, Inbound, Refusal};
use serde_json::{Map, Value};

/// The `settings` text of a request.
fn settings(text: &str) -> Result<Map<String, Value>, Refusal> {
    serde_json::from_str(text).map_err(|error| match error.classify() {
        serde_json::error::Category::Eof => Refusal::raw("unexpected end of JSON input"),
        _ => Refusal::raw(format!("invalid character in settings: {error}")),
    })
}

/// The clients in it; without an array of them the handler panics.
fn clients(settings: &Map<String, Value>) -> Result<&Vec<Value>, Failure> {
    settings.get("clients").and_then(Value::as_array).ok_or(Failure::Panicked)
}

impl Db {
    fn inbound(&self, id: i64) -> Result<&Inbound, Refusal> {
        self.inbounds.get(&id).ok_or_else(Refusal::not_found)
    }

    /// Whether an email is taken: without regard to case, on every inbound. One client that has
    /// no email at all fails the look-up, whoever asks.
    fn email_exists(&self, wanted: &str) -> Result<bool, Refusal> {
        let mut all = self.inbounds.values().flat_map(|inbound| &inbound.clients);
        if all.clone().any(|client| client.raw.get("email").is_none_or(Value::is_null)) {
            return Err(Refusal::raw(
                "sql: Scan error on column index 0, name \"JSON_EXTRACT(client.value, \
                 '$.email')\": converting NULL to string is unsupported",
            ));
        }
        Ok(all.any(|client| client.email.to_lowercase() == wanted.to_lowercase()))
    }
}
