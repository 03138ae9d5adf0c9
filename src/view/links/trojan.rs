//! `trojan://{secret}@{host}:{port}?…#{label}`.

use super::transport::{Params, authority, encode, secure, transport};
use crate::model::{Credentials, InboundFacts};

/// The link of a Trojan inbound.
pub(super) fn link(
    inbound: &InboundFacts,
    credentials: &Credentials,
    host: &str,
    label: &str,
) -> String {
    let mut params = Params::default();
    transport(&inbound.stream, &mut params);
    secure(&inbound.stream, &mut params);
    format!(
        "trojan://{}@{}?{}#{}",
        encode(&credentials.secret),
        authority(host, inbound.port),
        params.into_query(),
        encode(label)
    )
}
