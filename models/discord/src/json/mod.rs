//! The records as Discord's JSON, and the small change of reading and joining JSON.

mod channels;
mod guild;
pub(crate) mod messages;

use serde_json::Value;

/// The guild's own language.
pub(crate) const GUILD_LOCALE: &str = "en-US";

/// Joins two JSON objects; the second wins.
pub(crate) fn merged(mut first: Value, second: Value) -> Value {
    if let (Some(map), Value::Object(more)) = (first.as_object_mut(), second) {
        map.extend(more);
    }
    first
}

/// Joins two JSON values, objects within objects too; the second wins.
pub(crate) fn deep_merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                deep_merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from,
    }
}

/// A string field; empty when absent.
pub(crate) fn text_of<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// The name in an `attachment://name` address.
pub(crate) fn attached_name(media: &Value) -> Option<String> {
    media.get("url")?.as_str()?.strip_prefix("attachment://").map(str::to_owned)
}
