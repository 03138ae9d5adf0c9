//! A client object in an inbound's settings, and its fields.

use serde_json::{Map, Value};

/// A client object as it stands in an inbound's settings: the panel's *write* shape.
pub(in crate::panel) type ClientObject = Map<String, Value>;

/// The flow of VLESS over TCP with TLS or REALITY.
pub(in crate::panel) const VISION: &str = "xtls-rprx-vision";

/// A text; empty when the field is absent or no text.
pub(in crate::panel) fn text<'a>(client: &'a ClientObject, field: &str) -> &'a str {
    client.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// A number; 0 when the field is absent, and one of the wrong type differs from all that we write.
pub(in crate::panel) fn int(client: &ClientObject, field: &str) -> i64 {
    client.get(field).map_or(0, |v| v.as_i64().unwrap_or(i64::MIN))
}

/// A switch; off when the field is absent or no switch.
pub(in crate::panel) fn flag(client: &ClientObject, field: &str) -> bool {
    client.get(field).and_then(Value::as_bool).unwrap_or(false)
}
