//! `trojan://{secret}@{host}:{port}?…#{label}`.

use super::params::Params;
use super::reach::Way;
use super::transport::{authority, secure, transport};
use crate::model::Credentials;
use nebulalinks_protocol::percent_encoded;

/// The link of a Trojan inbound.
pub(super) fn link(way: &Way<'_>, credentials: &Credentials, label: &str) -> String {
    let mut params = Params::default();
    transport(&way.stream, &mut params);
    secure(&way.stream, &mut params);
    format!(
        "trojan://{}@{}?{}#{}",
        percent_encoded(&credentials.secret),
        authority(way),
        params.into_query(),
        percent_encoded(label)
    )
}
