//! `ss://{who}@{host}:{port}?…#{label}`, where `who` is base64 for the old ciphers and plain
//! text, with the inbound's own key before the customer's, for those of 2022 (SIP002, SIP022).

use super::params::{Params, security, text};
use super::reach::Way;
use super::transport::{authority, secure, transport};
use crate::model::Credentials;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use nebulalinks_protocol::percent_encoded;

/// The link of a Shadowsocks inbound; `None` for a cipher that cannot tell customers apart, and
/// while the inbound's own key is not known.
pub(super) fn link(way: &Way<'_>, credentials: &Credentials, label: &str) -> Option<String> {
    let settings = &way.inbound.settings;
    let method = text(settings, "/method");
    let password = password(method, &credentials.secret)?;
    let who = if method.starts_with("2022-") {
        let own = Some(text(settings, "/password")).filter(|own| !own.is_empty())?;
        format!(
            "{}:{}:{}",
            percent_encoded(method),
            percent_encoded(own),
            percent_encoded(&password)
        )
    } else {
        URL_SAFE_NO_PAD.encode(format!("{method}:{password}"))
    };
    let mut params = Params::default();
    transport(&way.stream, &mut params);
    // Apps for Shadowsocks know the HTTP disguise of TCP as a plugin.
    if params.get("headerType") == Some("http") {
        let plugin = "obfs-local;obfs=http".to_owned();
        let disguise = params.get("host").map(|host| format!("{plugin};obfs-host={host}"));
        params.put("plugin", disguise.unwrap_or(plugin));
    }
    // The cipher is the security: the panel names a layer only where there is one.
    if security(&way.stream) != "none" {
        secure(&way.stream, &mut params);
    }
    let authority = authority(way);
    Some(format!("ss://{who}@{authority}?{}#{}", params.into_query(), percent_encoded(label)))
}

/// The client's password, by the rule by which gateways give it to the panel: the secret as it is,
/// or for the ciphers of 2022 standard base64 of as many of its bytes as the cipher's key has.
pub(super) fn password(method: &str, secret: &str) -> Option<String> {
    let length = match method {
        "2022-blake3-aes-128-gcm" => 16,
        "2022-blake3-aes-256-gcm" => 32,
        other if other.is_empty() || other.starts_with("2022-") => return None,
        _ => return Some(secret.to_owned()),
    };
    let bytes = URL_SAFE_NO_PAD.decode(secret).ok()?;
    bytes.get(..length).map(|key| STANDARD.encode(key))
}
