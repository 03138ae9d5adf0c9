//! What gateways report of an inbound: the one list. They pass on what stands here and nothing else,
//! so that a private key which a later panel adds stays inside; links read what is of a link here.

use serde_json::{Map, Value};

/// What a field is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// A share link says it.
    Link,
    /// A share link says it inside the `extra` of XHTTP, under the same name.
    Extra,
    /// No link says it: a matter of the server's, or one that no server looks at. It is passed on
    /// because it always was: older controllers take any change of these records for news.
    ServerOnly,
}

/// One field of an inbound.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Where it stands: names joined by `/`.
    pub path: &'static str,
    /// What reads it.
    pub used: Use,
    /// Told only where it says something: neither null, false, 0 nor empty.
    pub if_said: bool,
    /// Of an object, only these fields; none: all of it.
    pub inner: &'static [Self],
}

const fn field(path: &'static str, used: Use) -> Field {
    Field { path, used, if_said: false, inner: &[] }
}

const fn link(path: &'static str) -> Field {
    field(path, Use::Link)
}

const fn extra(path: &'static str) -> Field {
    field(path, Use::Extra)
}

const fn server(path: &'static str) -> Field {
    field(path, Use::ServerOnly)
}

/// Added after the list was first used: reported only where it says something, so that an inbound
/// without it is the same record as before.
const fn later(path: &'static str) -> Field {
    Field { if_said: true, ..extra(path) }
}

/// Of `settings`. The inbound's own password is reported only with the ciphers of 2022, where it is a
/// part of every customer's link.
pub const SETTINGS: &[Field] = &[
    link("encryption"),
    link("method"),
    link("version"),
    link("password"),
    link("disableFlow"),
    server("network"),
];

/// Of `streamSettings`.
pub const STREAM: &[Field] = &[
    link("network"),
    link("security"),
    link("externalProxy"),
    link("finalmask"),
    link("tcpSettings/header"),
    link("rawSettings/header"),
    link("wsSettings/path"),
    link("wsSettings/host"),
    link("wsSettings/headers"),
    link("httpupgradeSettings/path"),
    link("httpupgradeSettings/host"),
    link("httpupgradeSettings/headers"),
    link("grpcSettings/serviceName"),
    link("grpcSettings/authority"),
    link("grpcSettings/multiMode"),
    link("kcpSettings/header"),
    link("kcpSettings/seed"),
    link("kcpSettings/mtu"),
    link("kcpSettings/tti"),
    server("kcpSettings/congestion"),
    server("hysteriaSettings/version"),
    link("xhttpSettings/path"),
    link("xhttpSettings/host"),
    extra("xhttpSettings/mode"),
    extra("xhttpSettings/headers"),
    // Xray reads what stands in it in place of its neighbours.
    link("xhttpSettings/extra"),
    extra("xhttpSettings/xPaddingBytes"),
    extra("xhttpSettings/xPaddingObfsMode"),
    extra("xhttpSettings/xPaddingKey"),
    extra("xhttpSettings/xPaddingHeader"),
    extra("xhttpSettings/xPaddingPlacement"),
    extra("xhttpSettings/xPaddingMethod"),
    extra("xhttpSettings/noGRPCHeader"),
    extra("xhttpSettings/scMaxEachPostBytes"),
    extra("xhttpSettings/scMinPostsIntervalMs"),
    extra("xhttpSettings/xmux"),
    later("xhttpSettings/sessionIDPlacement"),
    later("xhttpSettings/sessionIDKey"),
    later("xhttpSettings/sessionIDTable"),
    later("xhttpSettings/sessionIDLength"),
    // The names of two of these before 2026.
    later("xhttpSettings/sessionPlacement"),
    later("xhttpSettings/sessionKey"),
    later("xhttpSettings/seqPlacement"),
    later("xhttpSettings/seqKey"),
    later("xhttpSettings/uplinkDataPlacement"),
    later("xhttpSettings/uplinkDataKey"),
    later("xhttpSettings/uplinkHTTPMethod"),
    later("xhttpSettings/uplinkChunkSize"),
    Field { inner: DOWNLOAD, ..later("xhttpSettings/downloadSettings") },
    server("xhttpSettings/noSSEHeader"),
    server("xhttpSettings/scMaxBufferedPosts"),
    server("xhttpSettings/scStreamUpServerSecs"),
    link("tlsSettings/serverName"),
    link("tlsSettings/alpn"),
    link("tlsSettings/settings/fingerprint"),
    link("tlsSettings/settings/echConfigList"),
    link("tlsSettings/settings/allowInsecure"),
    link("tlsSettings/settings/pinnedPeerCertSha256"),
    link("tlsSettings/settings/verifyPeerCertByName"),
    server("tlsSettings/settings/pinnedPeerCertificateChainSha256"),
    server("tlsSettings/settings/verifyPeerCertInNames"),
    link("realitySettings/serverNames"),
    link("realitySettings/shortIds"),
    link("realitySettings/settings/publicKey"),
    link("realitySettings/settings/fingerprint"),
    link("realitySettings/settings/mldsa65Verify"),
    server("realitySettings/settings/serverName"),
    server("realitySettings/settings/spiderX"),
];

/// Of XHTTP's way back where it is another: the app's side of a stream, in which nothing but what
/// an app needs is public.
const DOWNLOAD: &[Field] = &[
    link("address"),
    link("port"),
    link("network"),
    link("security"),
    link("tlsSettings/serverName"),
    link("tlsSettings/alpn"),
    link("tlsSettings/fingerprint"),
    link("tlsSettings/allowInsecure"),
    link("tlsSettings/echConfigList"),
    link("tlsSettings/pinnedPeerCertSha256"),
    link("tlsSettings/verifyPeerCertByName"),
    link("realitySettings/publicKey"),
    link("realitySettings/shortId"),
    link("realitySettings/serverName"),
    link("realitySettings/fingerprint"),
    link("realitySettings/spiderX"),
    link("realitySettings/mldsa65Verify"),
    link("xhttpSettings/path"),
    link("xhttpSettings/host"),
    link("xhttpSettings/mode"),
    link("xhttpSettings/headers"),
    link("xhttpSettings/xPaddingBytes"),
    link("xhttpSettings/xPaddingObfsMode"),
    link("xhttpSettings/xPaddingKey"),
    link("xhttpSettings/xPaddingHeader"),
    link("xhttpSettings/xPaddingPlacement"),
    link("xhttpSettings/xPaddingMethod"),
    link("xhttpSettings/sessionIDPlacement"),
    link("xhttpSettings/sessionIDKey"),
    link("xhttpSettings/sessionIDTable"),
    link("xhttpSettings/sessionIDLength"),
    link("xhttpSettings/sessionPlacement"),
    link("xhttpSettings/sessionKey"),
    link("xhttpSettings/seqPlacement"),
    link("xhttpSettings/seqKey"),
    link("xhttpSettings/noGRPCHeader"),
    link("xhttpSettings/scMaxEachPostBytes"),
    link("xhttpSettings/scMinPostsIntervalMs"),
    link("xhttpSettings/xmux"),
];

/// What XHTTP's `extra` is made of: the names in `xhttpSettings`.
pub fn xhttp_extra() -> impl Iterator<Item = &'static str> {
    STREAM
        .iter()
        .filter(|field| field.used == Use::Extra)
        .filter_map(|field| field.path.strip_prefix("xhttpSettings/"))
}

/// What of `all` the fields allow.
#[must_use]
pub fn public_part(all: &Value, fields: &[Field]) -> Map<String, Value> {
    let mut kept = Map::new();
    for field in fields {
        keep(&mut kept, all, field.path, field);
    }
    kept
}

fn keep(kept: &mut Map<String, Value>, all: &Value, path: &str, field: &Field) {
    let Some((outer, rest)) = path.split_once('/') else {
        if let Some(value) = all.get(path).filter(|value| !field.if_said || says(value)) {
            let value = match (field.inner, value) {
                (inner @ [_, ..], Value::Object(_)) => Value::Object(public_part(value, inner)),
                ([_, ..], _) => return,
                ([], value) => value.clone(),
            };
            kept.insert(path.to_owned(), value);
        }
        return;
    };
    let Some(inside) = all.get(outer) else { return };
    let layer = kept.entry(outer).or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(layer) = layer {
        keep(layer, inside, rest, field);
    }
}

/// Whether a value differs from one that is not there.
#[must_use]
pub fn says(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::Bool(true) => true,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_not_listed_stays_inside() {
        let all = json!({
            "network": "xhttp", "sockopt": {"mark": 1},
            "realitySettings": {"privateKey": "PRIVATE", "serverNames": ["a"],
                                "settings": {"publicKey": "PBK", "new": "x"}},
            "tlsSettings": {"certificates": [{"key": ["PRIVATE"]}], "serverName": "s"},
            "xhttpSettings": {"sessionIDKey": "", "uplinkChunkSize": 0, "seqKey": "q",
                "xPaddingKey": "", "downloadSettings": {
                    "address": "d", "realitySettings": {"privateKey": "PRIVATE", "shortId": "1"}}},
        });
        let public = Value::Object(public_part(&all, STREAM));
        let expected = json!({
            "network": "xhttp",
            "realitySettings": {"serverNames": ["a"], "settings": {"publicKey": "PBK"}},
            "tlsSettings": {"serverName": "s"},
            "xhttpSettings": {"seqKey": "q", "xPaddingKey": "",
                "downloadSettings": {"address": "d", "realitySettings": {"shortId": "1"}}},
        });
        assert_eq!(public, expected);
    }

    #[test]
    fn no_field_is_listed_twice() {
        for fields in [SETTINGS, STREAM, DOWNLOAD] {
            let mut paths: Vec<_> = fields.iter().map(|field| field.path).collect();
            paths.sort_unstable();
            assert!(paths.windows(2).all(|two| two[0] != two[1]), "{paths:?}");
        }
    }
}
