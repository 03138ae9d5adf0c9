//! A profile for sing-box, from version 1.12 on: one tunnel for everything, and a choice of ways in.

use crate::view::links::{Access, Endpoint, Security, Tls, Transport};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Browsers that sing-box can look like.
const BROWSERS: [&str; 10] =
    ["chrome", "firefox", "edge", "safari", "360", "qq", "ios", "android", "random", "randomized"];
/// What a websocket's early data travels in, by Xray's habit.
const EARLY_DATA: &str = "Sec-WebSocket-Protocol";

/// One outbound; what of the way it cannot say, where it cannot.
pub(super) fn entry(way: &Endpoint, name: String) -> Result<Value, String> {
    let mut out = Map::new();
    let (kind, own) = access(way)?;
    out.insert("type".to_owned(), kind.into());
    out.insert("tag".to_owned(), name.into());
    out.insert("server".to_owned(), way.host.clone().into());
    out.insert("server_port".to_owned(), way.port.into());
    out.extend(own);
    if let Some(transport) = transport(way)? {
        out.insert("transport".to_owned(), transport);
    }
    if let Some(tls) = security(way)? {
        out.insert("tls".to_owned(), tls);
    }
    Ok(Value::Object(out))
}

fn access(way: &Endpoint) -> Result<(&'static str, Map<String, Value>), String> {
    let (kind, own) = match &way.access {
        Access::Vless { encryption: Some(_), .. } => return Err("VLESS encryption".to_owned()),
        Access::Vless { uuid, flow: true, .. } => {
            ("vless", json!({ "uuid": uuid, "flow": "xtls-rprx-vision" }))
        }
        Access::Vless { uuid, .. } => ("vless", json!({ "uuid": uuid })),
        Access::Vmess { uuid } => {
            ("vmess", json!({ "uuid": uuid, "security": "auto", "alter_id": 0 }))
        }
        Access::Trojan { password } => ("trojan", json!({ "password": password })),
        Access::Shadowsocks { method, password } => {
            let mut own = json!({ "method": cipher(method), "password": password });
            if let (Transport::Http { host, .. }, Value::Object(own)) = (&way.transport, &mut own) {
                let name =
                    if host.is_empty() { String::new() } else { format!(";obfs-host={host}") };
                own.insert("plugin".to_owned(), "obfs-local".into());
                own.insert("plugin_opts".to_owned(), format!("obfs=http{name}").into());
            }
            ("shadowsocks", own)
        }
        Access::Hysteria2 { password, mask, hops } => {
            let mut own = json!({ "password": password });
            if let (Some(mask), Value::Object(own)) = (mask, &mut own) {
                own.insert("obfs".to_owned(), json!({ "type": "salamander", "password": mask }));
            }
            if let (Some(hops), Value::Object(own)) = (hops, &mut own) {
                own.insert("server_ports".to_owned(), ports(hops).into());
            }
            ("hysteria2", own)
        }
    };
    Ok((kind, own.as_object().cloned().unwrap_or_default()))
}

/// What others call a cipher that Xray has a shorter name for.
pub(super) fn cipher(method: &str) -> String {
    match method {
        "chacha20-poly1305" => "chacha20-ietf-poly1305".to_owned(),
        "xchacha20-poly1305" => "xchacha20-ietf-poly1305".to_owned(),
        same => same.to_owned(),
    }
}

/// `20000-30000,40000` as ranges.
fn ports(hops: &str) -> Vec<String> {
    let ranges = hops.split(',').map(str::trim).filter(|range| !range.is_empty());
    let range = |range: &str| match range.split_once('-') {
        Some((from, to)) => format!("{}:{}", from.trim(), to.trim()),
        None => format!("{range}:{range}"),
    };
    ranges.map(range).collect()
}

fn transport(way: &Endpoint) -> Result<Option<Value>, String> {
    let headers = |host: &str| match host {
        "" => json!({}),
        host => json!({ "Host": host }),
    };
    let shadowsocks = matches!(way.access, Access::Shadowsocks { .. });
    Ok(Some(match &way.transport {
        Transport::Plain => return Ok(None),
        // That is its plugin.
        Transport::Http { .. } if shadowsocks => return Ok(None),
        Transport::Other(name) => return Err(name.clone()),
        _ if shadowsocks => return Err("Shadowsocks over another transport".to_owned()),
        Transport::Http { .. } if way.security != Security::None => {
            return Err("HTTP under TLS".to_owned());
        }
        Transport::Http { path, host } => {
            let hosts: Vec<&String> = [host].into_iter().filter(|host| !host.is_empty()).collect();
            json!({ "type": "http", "method": "GET", "path": or_root(path), "host": hosts })
        }
        Transport::Ws { path, host } => {
            let (path, early) = early_data(path);
            let mut ws = json!({ "type": "ws", "path": or_root(&path), "headers": headers(host) });
            if let (Some(most), Value::Object(ws)) = (early, &mut ws) {
                ws.insert("max_early_data".to_owned(), most.into());
                ws.insert("early_data_header_name".to_owned(), EARLY_DATA.into());
            }
            ws
        }
        Transport::HttpUpgrade { path, host } => {
            json!({ "type": "httpupgrade", "path": or_root(path), "host": host })
        }
        Transport::Grpc { service } => json!({ "type": "grpc", "service_name": service }),
    }))
}

/// A path without `?ed=2048`, and how much data that lets go ahead.
pub(super) fn early_data(path: &str) -> (String, Option<u32>) {
    let Some((before, query)) = path.split_once('?') else { return (path.to_owned(), None) };
    let early = query.split('&').find_map(|part| part.strip_prefix("ed=")?.parse().ok());
    let rest: Vec<&str> = query.split('&').filter(|part| !part.starts_with("ed=")).collect();
    match (early, rest.as_slice()) {
        (None, _) => (path.to_owned(), None),
        (early, []) => (before.to_owned(), early),
        (early, rest) => (format!("{before}?{}", rest.join("&")), early),
    }
}

pub(super) fn or_root(path: &str) -> &str {
    if path.is_empty() { "/" } else { path }
}

fn security(way: &Endpoint) -> Result<Option<Value>, String> {
    let shadowsocks = matches!(way.access, Access::Shadowsocks { .. });
    match &way.security {
        Security::None => Ok(None),
        _ if shadowsocks => Err("Shadowsocks under TLS".to_owned()),
        Security::Tls(Tls { other: Some(other), .. }) => Err((*other).to_owned()),
        // It compares keys, and a pin here is of a whole certificate.
        Security::Tls(tls) if !tls.pins.is_empty() => Err("a pinned certificate".to_owned()),
        Security::Tls(tls) => Ok(Some(Value::Object(of_tls(way, tls, None)))),
        Security::Reality { tls, public_key, short_id } => {
            let reality =
                json!({ "enabled": true, "public_key": public_key, "short_id": short_id });
            let mut out = of_tls(way, tls, Some("chrome"));
            out.insert("reality".to_owned(), reality);
            Ok(Some(Value::Object(out)))
        }
    }
}

/// `looks` is the browser where the way names none that is known here.
fn of_tls(way: &Endpoint, tls: &Tls, looks: Option<&str>) -> Map<String, Value> {
    let mut out = Map::new();
    out.insert("enabled".to_owned(), true.into());
    if !tls.name.is_empty() {
        out.insert("server_name".to_owned(), tls.name.clone().into());
    }
    if !tls.alpn.is_empty() {
        out.insert("alpn".to_owned(), tls.alpn.clone().into());
    }
    if tls.insecure {
        out.insert("insecure".to_owned(), true.into());
    }
    let known = BROWSERS.iter().copied().find(|browser| *browser == tls.fingerprint).or(looks);
    let over_quic = matches!(way.access, Access::Hysteria2 { .. });
    if let Some(browser) = known.filter(|_| !over_quic) {
        out.insert("utls".to_owned(), json!({ "enabled": true, "fingerprint": browser }));
    }
    out
}

/// The profile around its outbounds.
pub(super) fn document(entries: Vec<(String, Value)>, _left_out: &BTreeSet<String>) -> String {
    let names: Vec<&String> = entries.iter().map(|(name, _)| name).collect();
    let choice = unlike_all("proxy", &names);
    let direct = unlike_all("direct", &names);
    let mut outbounds = vec![json!({ "type": "selector", "tag": choice, "outbounds": names })];
    outbounds.extend(entries.iter().map(|(_, entry)| entry.clone()));
    outbounds.push(json!({ "type": "direct", "tag": direct }));
    let profile = json!({
        "log": { "level": "warn" },
        "dns": {
            "servers": [
                { "type": "https", "tag": "dns-proxy", "server": "1.1.1.1", "detour": choice },
                { "type": "local", "tag": "dns-local" },
            ],
            "final": "dns-proxy",
        },
        "inbounds": [{
            "type": "tun",
            "tag": "tun-in",
            "address": ["172.19.0.1/30", "fdfe:dcba:9876::1/126"],
            "auto_route": true,
            "strict_route": true,
        }],
        "outbounds": outbounds,
        "route": {
            "rules": [
                { "action": "sniff" },
                { "protocol": "dns", "action": "hijack-dns" },
                { "ip_is_private": true, "outbound": direct },
            ],
            "final": choice,
            "auto_detect_interface": true,
            "default_domain_resolver": "dns-local",
        },
    });
    format!("{profile:#}\n")
}

/// A word of ours, unless a way in is called so.
pub(super) fn unlike_all(word: &str, names: &[&String]) -> String {
    let numbered = (2..).map(|n| format!("{word}-{n}"));
    let mut all = [word.to_owned()].into_iter().chain(numbered);
    all.find(|word| !names.contains(&word)).unwrap_or_default()
}
