//! `vmess://` and the base64 of a JSON object, as v2rayN wrote it first.

use super::transport::{Params, network, secure, transport};
use crate::model::{Credentials, InboundFacts};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

/// The link of a VMess inbound.
pub(super) fn link(
    inbound: &InboundFacts,
    credentials: &Credentials,
    host: &str,
    label: &str,
) -> String {
    let mut params = Params::default();
    transport(&inbound.stream, &mut params);
    secure(&inbound.stream, &mut params);

    let mut object = Map::new();
    object.insert("type".to_owned(), "none".into());
    let grpc = network(&inbound.stream) == "grpc";
    for (key, value) in params.into_pairs() {
        // The object has old names for some of what other links say, and one name for several.
        let (key, value) = match key {
            "type" => ("net", value),
            "headerType" => ("type", value),
            "mode" if grpc => ("type", value),
            "security" => ("tls", value),
            "serviceName" | "seed" => ("path", value),
            same => (same, value),
        };
        object.insert(key.to_owned(), value.into());
    }
    let own = [
        ("v", json!("2")),
        ("ps", json!(label)),
        ("add", json!(host)),
        ("port", json!(inbound.port)),
        ("id", json!(credentials.uuid)),
        ("scy", json!("auto")),
    ];
    object.extend(own.map(|(key, value)| (key.to_owned(), value)));
    format!("vmess://{}", STANDARD.encode(Value::Object(object).to_string()))
}
