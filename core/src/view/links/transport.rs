//! The parameters that links of all protocols share: transport and security, read from an
//! inbound's `streamSettings` as panels keep them.

use super::params::{Params, first, joined, network, security, text};
use super::reach::Way;
use super::xhttp;
use nebulalinks_protocol::facts::says;
use serde_json::{Map, Value};

/// `host:port`, with an IPv6 address in brackets.
pub(super) fn authority(way: &Way<'_>) -> String {
    let Way { host, port, .. } = way;
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

/// The parameters of the transport.
pub(super) fn transport(stream: &Value, params: &mut Params) {
    let network = network(stream);
    params.put("type", network);
    match network {
        "tcp" => tcp(stream, params),
        "ws" => path_and_host(stream, "/wsSettings", params),
        "httpupgrade" => path_and_host(stream, "/httpupgradeSettings", params),
        "grpc" => grpc(stream, params),
        "xhttp" | "splithttp" => {
            path_and_host(stream, "/xhttpSettings", params);
            xhttp::put(stream, params);
        }
        "kcp" => kcp(stream, params),
        _ => {}
    }
    let mask = stream.pointer("/finalmask").and_then(Value::as_object).into_iter().flatten();
    let mask: Map<_, _> =
        mask.filter(|(_, v)| says(v)).map(|(k, v)| (k.clone(), v.clone())).collect();
    if !mask.is_empty() {
        params.put("fm", Value::Object(mask).to_string());
    }
}

fn tcp(stream: &Value, params: &mut Params) {
    let settings =
        stream.pointer("/tcpSettings").or_else(|| stream.pointer("/rawSettings")).unwrap_or(stream);
    if text(settings, "/header/type") == "http" {
        params.put("headerType", "http");
        params.put_text("path", first(settings, "/header/request/path"));
        params.put_text("host", host_header(settings, "/header/request/headers"));
    }
}

/// The `Host` among headers, whatever its case.
fn host_header<'a>(settings: &'a Value, path: &str) -> &'a str {
    let headers = settings.pointer(path).and_then(Value::as_object);
    let host = headers.and_then(|h| h.iter().find(|(name, _)| name.eq_ignore_ascii_case("host")));
    host.map(|(_, value)| first(value, "")).unwrap_or_default()
}

fn path_and_host(stream: &Value, at: &str, params: &mut Params) {
    let Some(settings) = stream.pointer(at) else { return };
    params.put_text("path", text(settings, "/path"));
    match text(settings, "/host") {
        "" => params.put_text("host", host_header(settings, "/headers")),
        host => params.put("host", host),
    }
}

fn grpc(stream: &Value, params: &mut Params) {
    params.put_text("serviceName", text(stream, "/grpcSettings/serviceName"));
    params.put_text("authority", text(stream, "/grpcSettings/authority"));
    if stream.pointer("/grpcSettings/multiMode").and_then(Value::as_bool) == Some(true) {
        params.put("mode", "multi");
    }
}

/// The disguise and the seed stand in the settings, or since 2026 in a mask of their own.
fn kcp(stream: &Value, params: &mut Params) {
    let mut header = text(stream, "/kcpSettings/header/type");
    let mut seed = text(stream, "/kcpSettings/seed");
    let masks = stream.pointer("/finalmask/udp").and_then(Value::as_array);
    let masks = masks.into_iter().flatten().filter(|mask| text(mask, "/type") == "mkcp-legacy");
    for mask in masks {
        match text(mask, "/settings/header") {
            "" => seed = text(mask, "/settings/value"),
            "wechat" => header = "wechat-video",
            kind @ ("dns" | "dtls" | "srtp" | "utp" | "wireguard") => header = kind,
            _ => {}
        }
    }
    params.put_text("headerType", if header == "none" { "" } else { header });
    params.put_text("seed", seed);
    for key in ["mtu", "tti"] {
        let n = stream.pointer(&format!("/kcpSettings/{key}")).and_then(Value::as_u64);
        if let Some(n) = n.filter(|n| *n != 0) {
            params.put(key, n.to_string());
        }
    }
}

/// The parameters of TLS or REALITY.
pub(super) fn secure(stream: &Value, params: &mut Params) {
    let security = security(stream);
    params.put("security", security);
    match security {
        "tls" => tls(stream, params),
        "reality" => reality(stream, params),
        _ => {}
    }
}

fn tls(stream: &Value, params: &mut Params) {
    let Some(settings) = stream.pointer("/tlsSettings") else { return };
    params.put_text("sni", text(settings, "/serverName"));
    params.put_text("fp", text(settings, "/settings/fingerprint"));
    params.put_text("ech", text(settings, "/settings/echConfigList"));
    params.put_text("alpn", &joined(settings, "/alpn"));
    params.put_text("vcn", text(settings, "/settings/verifyPeerCertByName").trim());
    params.put_text("pcs", &joined(settings, "/settings/pinnedPeerCertSha256"));
    if settings.pointer("/settings/allowInsecure").and_then(Value::as_bool) == Some(true) {
        params.put("allowInsecure", "1");
    }
}

fn reality(stream: &Value, params: &mut Params) {
    let Some(settings) = stream.pointer("/realitySettings") else { return };
    params.put_text("sni", first(settings, "/serverNames"));
    params.put_text("sid", first(settings, "/shortIds"));
    params.put_text("pbk", text(settings, "/settings/publicKey"));
    params.put_text("fp", text(settings, "/settings/fingerprint"));
    params.put_text("pqv", text(settings, "/settings/mldsa65Verify"));
}

/// Whether what apps cannot do without is there: REALITY's key and a name that its server takes.
pub(super) fn is_complete(stream: &Value) -> bool {
    security(stream) != "reality"
        || !text(stream, "/realitySettings/settings/publicKey").is_empty()
            && !first(stream, "/realitySettings/serverNames").is_empty()
}
