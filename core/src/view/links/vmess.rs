//! `vmess://` and the base64 of a JSON object, as v2rayN wrote it first.

use super::params::{Params, network};
use super::reach::Way;
use super::transport::{secure, transport};
use super::xhttp;
use crate::model::Credentials;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

/// The link of a VMess inbound.
pub(super) fn link(way: &Way<'_>, credentials: &Credentials, label: &str) -> String {
    let mut params = Params::default();
    transport(&way.stream, &mut params);
    secure(&way.stream, &mut params);

    let mut object = Map::new();
    object.insert("type".to_owned(), "none".into());
    let net = network(&way.stream);
    for (key, value) in params.into_pairs() {
        // The object has old names for some of what other links say, and one name for several.
        let (key, value) = match key {
            "type" => ("net", value),
            "headerType" => ("type", value),
            "mode" if net == "grpc" => ("type", value),
            "security" => ("tls", value),
            "serviceName" | "seed" => ("path", value),
            "extra" => continue,
            same => (same, value),
        };
        object.insert(key.to_owned(), value.into());
    }
    for key in ["mtu", "tti"] {
        if let Some(n) = object.get(key).and_then(Value::as_str).and_then(|n| n.parse().ok()) {
            object.insert(key.to_owned(), Value::Number(n));
        }
    }
    // What other links pack into `extra` stands beside the rest here.
    if matches!(net, "xhttp" | "splithttp") {
        object.extend(xhttp::extra(&way.stream));
    }
    let own = [
        ("v", json!("2")),
        ("ps", json!(label)),
        ("add", json!(way.host)),
        ("port", json!(way.port)),
        ("id", json!(credentials.uuid)),
        ("scy", json!("auto")),
    ];
    object.extend(own.map(|(key, value)| (key.to_owned(), value)));
    format!("vmess://{}", STANDARD.encode(Value::Object(object).to_string()))
}
