//! `vless://{uuid}@{host}:{port}?…#{label}`.

use super::transport::{Params, encode, network, secure, security, text, transport};
use crate::model::{Credentials, InboundFacts};

/// The link of a VLESS inbound.
pub(super) fn link(
    inbound: &InboundFacts,
    credentials: &Credentials,
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
    if has_flow(inbound, encryption) {
        params.put("flow", "xtls-rprx-vision");
    }
    let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
    format!(
        "vless://{}@{host}:{}?{}#{}",
        credentials.uuid,
        inbound.port,
        params.into_query(),
        encode(label)
    )
}

/// Where the gateway gives our clients the vision flow: plain TCP under TLS or REALITY, and xhttp
/// with VLESS's own encryption.
fn has_flow(inbound: &InboundFacts, encryption: &str) -> bool {
    match network(&inbound.stream) {
        "tcp" => {
            matches!(security(&inbound.stream), "tls" | "reality")
                && text(&inbound.stream, "/tcpSettings/header/type") != "http"
        }
        "xhttp" => encryption != "none",
        _ => false,
    }
}
