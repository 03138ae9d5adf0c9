//! Request bodies, from JSON or from a form: strictly by type, unlike the settings text inside.

use crate::state::Refusal;
use axum::http::{HeaderMap, header};
use serde_json::{Map, Value};

/// A body about an inbound; what is left out is zero.
pub(super) struct Form(Map<String, Value>);

/// The members that are texts, in the order in which the panel has them.
const TEXTS: [&str; 6] = ["remark", "listen", "protocol", "settings", "streamSettings", "sniffing"];

impl Form {
    pub(super) fn read(headers: &HeaderMap, body: &[u8]) -> Result<Self, Refusal> {
        let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        if kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded")) {
            return Ok(Self(url::form_urlencoded::parse(body).map(member).collect()));
        }
        let members: Map<String, Value> = serde_json::from_slice(body).map_err(|error| {
            Refusal::raw(match (body.is_empty(), error.is_eof()) {
                (true, _) => "EOF",
                (false, true) => "unexpected EOF",
                (false, false) => "invalid character looking for beginning of value",
            })
        })?;
        for name in TEXTS {
            let kind = match members.get(name) {
                None | Some(Value::Null | Value::String(_)) => continue,
                Some(Value::Object(_)) => "object",
                Some(Value::Array(_)) => "array",
                Some(Value::Number(_)) => "number",
                Some(Value::Bool(_)) => "bool",
            };
            return Err(Refusal::raw(format!(
                "json: cannot unmarshal {kind} into Go struct field Inbound.{name} of type string"
            )));
        }
        Ok(Self(members))
    }

    pub(super) fn text(&self, name: &str) -> &str {
        self.0.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    pub(super) fn number(&self, name: &str) -> i64 {
        self.0.get(name).and_then(Value::as_i64).unwrap_or(0)
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        self.0.get(name).and_then(Value::as_bool).unwrap_or(false)
    }
}

/// A member of a form: the numbers and flags of an inbound are read from their texts.
fn member((name, text): (std::borrow::Cow<'_, str>, std::borrow::Cow<'_, str>)) -> (String, Value) {
    let value = match text.parse::<i64>() {
        Ok(number) if !TEXTS.contains(&&*name) => Value::from(number),
        _ if name == "enable" => Value::from(text == "true"),
        _ => Value::from(text.into_owned()),
    };
    (name.into_owned(), value)
}
