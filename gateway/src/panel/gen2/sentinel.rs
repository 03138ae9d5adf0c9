//! The client that stays. A gen-2 panel refuses to delete an inbound's last client, so a disabled
//! one is left there, named for whoever finds it and not marked as ours.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use nebulalinks_protocol::content_digest;
use serde_json::json;

use crate::panel::Failure;
use crate::panel::common::state::{ClientObject, InboundState};
use crate::panel::common::target::{password, secret};

/// Its name on an inbound.
pub(super) fn name(inbound: i64) -> String {
    format!("placeholder-inbound-{inbound}")
}

/// Its object. The credentials follow from `seed`, which nobody else knows, so that they are the
/// same in each attempt and of no use if somebody switches it on.
pub(super) fn object(inbound: &InboundState, seed: &str) -> Result<ClientObject, Failure> {
    let name = name(inbound.id);
    let text = digest(&format!("{seed}/{name}"));
    let mut random = [0_u8; 16];
    for (to, from) in random.iter_mut().zip(URL_SAFE_NO_PAD.decode(&text).unwrap_or_default()) {
        *to = from;
    }
    let id = uuid::Builder::from_random_bytes(random).into_uuid();
    let mut object = ClientObject::new();
    let mut set = |name: &str, value| object.insert(name.to_owned(), value);
    set("email", json!(name));
    set("comment", json!("keep: a v2 panel cannot delete the last client of an inbound"));
    set("id", json!(id.to_string()));
    set("subId", json!(id.simple().to_string()));
    set("enable", json!(false));
    for field in ["totalGB", "expiryTime", "limitIp", "tgId", "reset"] {
        set(field, json!(0));
    }
    set("flow", json!(""));
    if let Some(method) = inbound.client_method() {
        set("method", json!(method));
    }
    match secret(inbound).map(|kind| password(kind, &text)).transpose()?.flatten() {
        Some(password) => set("password", json!(password)),
        None => set("auth", json!(text)),
    };
    Ok(object)
}

/// 32 bytes as 43 characters of base64url.
fn digest(text: &str) -> String {
    let digest = content_digest(text.as_bytes());
    let inner = digest.trim_start_matches("sha-256=:").trim_end_matches([':', '=']);
    inner.replace('+', "-").replace('/', "_")
}
