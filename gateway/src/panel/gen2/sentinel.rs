//! The client that stays. A gen-2 panel refuses to delete an inbound's last client, so a disabled
//! one is left there, named for whoever finds it and not marked as ours.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use crate::entropy::Entropy;
use crate::failure::Failure;
use crate::panel::common::client_object::ClientObject;
use crate::panel::common::inbound::InboundState;
use crate::panel::common::target::{password, secret};

const NAME: &str = "sentinel-inbound-";

/// Whether this is the name of an inbound's sentinel.
pub(super) fn is_one(inbound: i64, name: &str) -> bool {
    name.strip_prefix(NAME).is_some_and(|number| number.parse() == Ok(inbound))
}

/// Its object. The credentials are drawn anew and kept by nobody, so that they are of no use if
/// somebody switches it on, and nothing can be learnt from them.
pub(super) fn object(
    inbound: &InboundState,
    entropy: &dyn Entropy,
) -> Result<ClientObject, Failure> {
    let name = format!("{NAME}{}", inbound.id);
    let text = URL_SAFE_NO_PAD.encode(entropy.bytes::<32>());
    let [id, sub_id] = [(); 2].map(|()| uuid::Builder::from_random_bytes(entropy.bytes()));
    let mut object = ClientObject::new();
    let mut set = |name: &str, value| object.insert(name.to_owned(), value);
    set("email", json!(name));
    set("comment", json!("keep: a v2 panel cannot delete the last client of an inbound"));
    set("id", json!(id.into_uuid().to_string()));
    set("subId", json!(sub_id.into_uuid().simple().to_string()));
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
