//! `vless://{uuid}@{host}:{port}?…#{label}`.

use super::params::{Params, network, security, text};
use super::reach::Way;
use super::transport::{authority, secure, transport};
use crate::model::{Credentials, InboundFacts};
use nebulalinks_protocol::percent_encoded;
use serde_json::Value;

/// The link of a VLESS inbound.
pub(super) fn link(
    way: &Way<'_>,
    credentials: &Credentials,
    client_has_flow: bool,
    label: &str,
) -> String {
    let mut params = Params::default();
    let encryption = match text(&way.inbound.settings, "/encryption") {
        "" => "none",
        some => some,
    };
    params.put("encryption", encryption);
    transport(&way.stream, &mut params);
    secure(&way.stream, &mut params);
    // A client's flow is the server's affair: no proxy changes it.
    if has_flow(way.inbound, encryption, client_has_flow) {
        params.put("flow", "xtls-rprx-vision");
    }
    format!(
        "vless://{}@{}?{}#{}",
        credentials.uuid,
        authority(way),
        params.into_query(),
        percent_encoded(label)
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
pub(super) fn has_flow(inbound: &InboundFacts, encryption: &str, client_has_it: bool) -> bool {
    takes_flow(inbound)
        || (client_has_it && network(&inbound.stream) == "xhttp" && encryption != "none")
}
