//! `trojan://{secret}@{host}:{port}?…#{label}`.

use super::reach::Way;
use super::transport::{Params, authority, encode, secure, transport};
use crate::model::Credentials;

/// The link of a Trojan inbound.
pub(super) fn link(way: &Way<'_>, credentials: &Credentials, label: &str) -> String {
    let mut params = Params::default();
    transport(&way.stream, &mut params);
    secure(&way.stream, &mut params);
    format!(
        "trojan://{}@{}?{}#{}",
        encode(&credentials.secret),
        authority(way),
        params.into_query(),
        encode(label)
    )
}
