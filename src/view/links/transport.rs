//! The parameters that links of all protocols share: transport and security, read from an
//! inbound's `streamSettings` as panels keep them.

use serde_json::{Map, Value};

/// Parameters in the order in which they were put; sorted when written.
#[derive(Debug, Default)]
pub(super) struct Params(Vec<(&'static str, String)>);

impl Params {
    pub(super) fn put(&mut self, key: &'static str, value: impl Into<String>) {
        self.0.push((key, value.into()));
    }
    fn put_text(&mut self, key: &'static str, value: &str) {
        if !value.is_empty() {
            self.put(key, value);
        }
    }
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(k, _)| *k == key).map(|(_, value)| value.as_str())
    }
    /// Gives a parameter the name that another kind of link has for it.
    pub(super) fn rename(&mut self, from: &str, to: &'static str) {
        for (key, _) in self.0.iter_mut().filter(|(key, _)| *key == from) {
            *key = to;
        }
    }
    /// For links that are no query.
    pub(super) fn into_pairs(self) -> Vec<(&'static str, String)> {
        self.0
    }
    /// `a=1&b=2`, sorted by key and percent-encoded.
    pub(super) fn into_query(mut self) -> String {
        self.0.sort_by_key(|(key, _)| *key);
        let parts: Vec<_> = self.0.iter().map(|(k, v)| format!("{k}={}", encode(v))).collect();
        parts.join("&")
    }
}

/// Percent-encodes all but unreserved characters; a space becomes `%20`, which every app reads.
pub(super) fn encode(text: &str) -> String {
    use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
    const KEEP: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
    utf8_percent_encode(text, KEEP).to_string()
}

/// `host:port`, with an IPv6 address in brackets.
pub(super) fn authority(host: &str, port: u16) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

pub(super) fn text<'a>(value: &'a Value, path: &str) -> &'a str {
    value.pointer(path).and_then(Value::as_str).unwrap_or_default()
}

/// A text, or the first of a list of texts, or the first of a comma list.
fn first<'a>(value: &'a Value, path: &str) -> &'a str {
    let found = value.pointer(path);
    let text = match found {
        Some(Value::Array(all)) => all.iter().find_map(Value::as_str),
        other => other.and_then(Value::as_str),
    };
    text.and_then(|t| t.split(',').next()).map(str::trim).unwrap_or_default()
}

pub(super) fn network(stream: &Value) -> &str {
    match text(stream, "/network") {
        "" | "raw" => "tcp",
        other => other,
    }
}

pub(super) fn security(stream: &Value) -> &str {
    match text(stream, "/security") {
        "" => "none",
        other => other,
    }
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
        "xhttp" | "splithttp" => xhttp(stream, params),
        "kcp" => kcp(stream, params),
        _ => {}
    }
    if let Some(mask) = stream.pointer("/finalmask").and_then(Value::as_object)
        && !mask.is_empty()
    {
        params.put("fm", Value::Object(mask.clone()).to_string());
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

/// What a client must know of an xhttp inbound beyond path, host and mode, each with the value
/// that every client assumes. The server's own limits stay out.
const XHTTP_EXTRA: [(&str, &str); 5] = [
    ("mode", ""),
    ("xPaddingBytes", ""),
    ("scMaxEachPostBytes", "1000000"),
    ("scMinPostsIntervalMs", "30"),
    ("uplinkHTTPMethod", ""),
];

fn xhttp(stream: &Value, params: &mut Params) {
    path_and_host(stream, "/xhttpSettings", params);
    let Some(settings) = stream.pointer("/xhttpSettings") else { return };
    params.put_text("mode", text(settings, "/mode"));
    params.put_text("x_padding_bytes", text(settings, "/xPaddingBytes"));
    let mut extra = Map::new();
    for (key, assumed) in XHTTP_EXTRA {
        match settings.get(key) {
            Some(Value::String(t)) if !t.is_empty() && t != assumed => {
                extra.insert(key.to_owned(), Value::String(t.clone()));
            }
            _ => {}
        }
    }
    if settings.get("noGRPCHeader").and_then(Value::as_bool) == Some(true) {
        extra.insert("noGRPCHeader".to_owned(), Value::Bool(true));
    }
    for key in ["xmux", "headers"] {
        if let Some(map) = settings.get(key).and_then(Value::as_object).filter(|m| !m.is_empty()) {
            extra.insert(key.to_owned(), Value::Object(map.clone()));
        }
    }
    if !extra.is_empty() {
        params.put("extra", Value::Object(extra).to_string());
    }
}

fn kcp(stream: &Value, params: &mut Params) {
    match text(stream, "/kcpSettings/header/type") {
        "" | "none" => {}
        kind => params.put("headerType", kind),
    }
    params.put_text("seed", text(stream, "/kcpSettings/seed"));
    for key in ["mtu", "tti"] {
        if let Some(n) = stream.pointer(&format!("/kcpSettings/{key}")).and_then(Value::as_u64) {
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
    let alpn = settings.get("alpn").and_then(Value::as_array);
    let alpn: Vec<_> = alpn.into_iter().flatten().filter_map(Value::as_str).collect();
    params.put_text("alpn", &alpn.join(","));
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
