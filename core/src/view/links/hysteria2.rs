//! `hysteria2://{secret}@{host}:{port}?…#{label}`.

use super::params::{Params, text};
use super::reach::Way;
use super::transport::{authority, secure};
use crate::model::Credentials;
use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use nebulalinks_protocol::{hex, percent_encoded};
use serde_json::Value;

/// The link of a Hysteria inbound; `None` for version 1, whose links are others.
pub(super) fn link(way: &Way<'_>, credentials: &Credentials, label: &str) -> Option<String> {
    let version = way.inbound.settings.get("version").and_then(Value::as_u64);
    if version.is_some_and(|version| version != 2) {
        return None;
    }
    let mut params = Params::default();
    secure(&way.stream, &mut params);
    params.rename("allowInsecure", "insecure");
    params.rename("pcs", "pinSHA256");
    params.map("pinSHA256", |pins| pins.split(',').map(hex_pin).collect::<Vec<_>>().join(","));
    if let Some(password) = salamander(&way.stream) {
        params.put("obfs", "salamander");
        params.put("obfs-password", password);
    }
    if let Some(hops) = hops(way) {
        params.put("mport", hops);
    }
    Some(format!(
        "hysteria2://{}@{}?{}#{}",
        percent_encoded(&credentials.secret),
        authority(way),
        params.into_query(),
        percent_encoded(label)
    ))
}

/// The ports that it hops over; a proxy passes one on.
pub(super) fn hops<'a>(way: &'a Way<'_>) -> Option<&'a str> {
    let hops = text(&way.stream, "/finalmask/quicParams/udpHop/ports").trim();
    Some(hops).filter(|hops| way.proxy.is_none() && !hops.is_empty())
}

/// A pin as apps for Hysteria read it: hex. Panels keep them as base64, too, and with colons.
pub(super) fn hex_pin(pin: &str) -> String {
    const ANY: GeneralPurposeConfig =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let pin = pin.trim();
    let bare = pin.replace(':', "");
    if bare.len() == 64 && bare.bytes().all(|b| b.is_ascii_hexdigit()) {
        return bare.to_ascii_lowercase();
    }
    let alphabets = [&STANDARD, &URL_SAFE].map(|alphabet| GeneralPurpose::new(alphabet, ANY));
    let mut read = alphabets.iter().filter_map(|engine| engine.decode(pin).ok());
    match read.find(|bytes| bytes.len() == 32) {
        Some(bytes) => hex(&bytes),
        None => pin.to_owned(),
    }
}

/// The password of the mask that makes packets look like noise, if the inbound wears it.
pub(super) fn salamander(stream: &Value) -> Option<&str> {
    let masks = stream.pointer("/finalmask/udp")?.as_array()?;
    let mask = masks.iter().find(|mask| text(mask, "/type") == "salamander")?;
    Some(text(mask, "/settings/password")).filter(|password| !password.is_empty())
}
