//! `hysteria2://{secret}@{host}:{port}?…#{label}`.

use super::transport::{Params, authority, encode, secure, text};
use crate::model::{Credentials, InboundFacts};
use serde_json::Value;

/// The link of a Hysteria inbound; `None` for version 1, whose links are others.
pub(super) fn link(
    inbound: &InboundFacts,
    credentials: &Credentials,
    host: &str,
    label: &str,
) -> Option<String> {
    let version = inbound.settings.get("version").and_then(Value::as_u64);
    if version.is_some_and(|version| version != 2) {
        return None;
    }
    let mut params = Params::default();
    secure(&inbound.stream, &mut params);
    params.rename("allowInsecure", "insecure");
    if let Some(password) = salamander(&inbound.stream) {
        params.put("obfs", "salamander");
        params.put("obfs-password", password);
    }
    Some(format!(
        "hysteria2://{}@{}?{}#{}",
        encode(&credentials.secret),
        authority(host, inbound.port),
        params.into_query(),
        encode(label)
    ))
}

/// The password of the mask that makes packets look like noise, if the inbound wears it.
fn salamander(stream: &Value) -> Option<&str> {
    let masks = stream.pointer("/finalmask/udp")?.as_array()?;
    let mask = masks.iter().find(|mask| text(mask, "/type") == "salamander")?;
    Some(text(mask, "/settings/password")).filter(|password| !password.is_empty())
}
