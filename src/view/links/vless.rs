//! `vless://{uuid}@{host}:{port}?…#{label}`.

use super::transport::{Params, authority, encode, network, secure, security, text, transport};
use crate::model::{Credentials, InboundFacts};
use serde_json::Value;

/// The link of a VLESS inbound.
pub(super) fn link(
    inbound: &InboundFacts,
    credentials: &Credentials,
    client_has_flow: bool,
    host: &str,
    label: &str,
) -> String {
    let mut params = Params::default();
    let encryption = match text(&inbound.settings, "/encryption") {
        "" => "none",
        some => some,
    };
    params.put("encryption", encryption);
    transport(&inbound.stream, &mut params);
    secure(&inbound.stream, &mut params);
    if has_flow(inbound, encryption, client_has_flow) {
        params.put("flow", "xtls-rprx-vision");
    }
    format!(
        "vless://{}@{}?{}#{}",
        credentials.uuid,
        authority(host, inbound.port),
        params.into_query(),
        encode(label)
    )
}

/// Whether the gateway gives a client on this inbound the vision flow: plain TCP under TLS or
/// REALITY, unless the operator forbade it there.
pub(super) fn takes_flow(inbound: &InboundFacts) -> bool {
    inbound.protocol == "vless"
        && inbound.settings.get("disableFlow").and_then(Value::as_bool) != Some(true)
        && network(&inbound.stream) == "tcp"
        && matches!(security(&inbound.stream), "tls" | "reality")
}

/// A client that has the flow keeps it on xhttp with VLESS's own encryption too; on all other
/// inbounds the panel drops it.
fn has_flow(inbound: &InboundFacts, encryption: &str, client_has_it: bool) -> bool {
    takes_flow(inbound)
        || (client_has_it && network(&inbound.stream) == "xhttp" && encryption != "none")
}
