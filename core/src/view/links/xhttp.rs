//! What an app must know of an XHTTP inbound beyond path and host. Server and app must agree in
//! padding, session, sequence and uplink, or nothing passes.

use super::params::{Params, text};
use nebulalinks_protocol::facts::{says, xhttp_extra};
use serde_json::{Map, Value};

/// Values that every app assumes.
const ASSUMED: [(&str, &str); 2] =
    [("scMaxEachPostBytes", "1000000"), ("scMinPostsIntervalMs", "30")];
/// What means something only with `xPaddingObfsMode`.
const OF_OBFUSCATED_PADDING: [&str; 4] =
    ["xPaddingKey", "xPaddingHeader", "xPaddingPlacement", "xPaddingMethod"];
/// Names of 2026 and the ones before: apps of both ages read the link.
const RENAMED: [(&str, &str); 2] =
    [("sessionIDPlacement", "sessionPlacement"), ("sessionIDKey", "sessionKey")];

/// The parameters beyond path and host.
pub(super) fn put(stream: &Value, params: &mut Params) {
    let extra = extra(stream);
    params.put_text("mode", text(stream, "/xhttpSettings/mode"));
    // Apps on sing-box read no `extra`.
    let padding = extra.get("xPaddingBytes").and_then(Value::as_str).unwrap_or_default();
    params.put_text("x_padding_bytes", padding);
    if !extra.is_empty() {
        params.put("extra", Value::Object(extra).to_string());
    }
}

/// The object `extra`: every field of the one list that says something.
pub(super) fn extra(stream: &Value) -> Map<String, Value> {
    let Some(settings) = stream.pointer("/xhttpSettings") else { return Map::new() };
    // Xray takes `extra` in place of what stands beside it, but for path, host and mode.
    let instead = settings.get("extra").filter(|extra| extra.is_object() && says(extra));
    let obfuscated =
        instead.unwrap_or(settings).get("xPaddingObfsMode") == Some(&Value::Bool(true));
    let mut extra = Map::new();
    for name in xhttp_extra() {
        let from = if name == "mode" { settings } else { instead.unwrap_or(settings) };
        let Some(value) = from.get(name).filter(|value| says(value)) else { continue };
        let assumed = ASSUMED.iter().any(|(n, assumed)| *n == name && is(value, assumed));
        let idle = OF_OBFUSCATED_PADDING.contains(&name) && !obfuscated;
        if !assumed && !idle {
            extra.insert(name.to_owned(), value.clone());
        }
    }
    for (new, old) in RENAMED {
        if let Some(value) = extra.get(new).or_else(|| extra.get(old)).cloned() {
            extra.insert(new.to_owned(), value.clone());
            extra.insert(old.to_owned(), value);
        }
    }
    // The host is a parameter of its own.
    let headers = extra.remove("headers");
    let mut headers = headers.and_then(|h| h.as_object().cloned()).unwrap_or_default();
    headers.retain(|name, _| !name.eq_ignore_ascii_case("host"));
    if !headers.is_empty() {
        extra.insert("headers".to_owned(), Value::Object(headers));
    }
    extra
}

fn is(value: &Value, text: &str) -> bool {
    match value {
        Value::String(value) => value == text,
        Value::Number(number) => text.parse().is_ok_and(|n: u64| number.as_u64() == Some(n)),
        _ => false,
    }
}
