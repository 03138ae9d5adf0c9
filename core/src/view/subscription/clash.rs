//! A profile for Mihomo, which is what apps of the name Clash run today.

use super::sing_box::{cipher, early_data, or_root, unlike_all};
use crate::view::links::{Access, Endpoint, Security, Tls, Transport};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Browsers that Mihomo can look like.
const BROWSERS: [&str; 9] =
    ["chrome", "firefox", "safari", "ios", "android", "edge", "360", "qq", "random"];

/// One proxy; what of the way it cannot say, where it cannot.
pub(super) fn entry(way: &Endpoint, name: String) -> Result<Value, String> {
    let mut out = Map::new();
    let mut put = |key: &str, value: Value| {
        out.insert(key.to_owned(), value);
    };
    put("name", name.into());
    put("server", way.host.clone().into());
    put("port", way.port.into());
    put("udp", true.into());
    match &way.access {
        Access::Vless { uuid, flow, encryption } => {
            put("type", "vless".into());
            put("uuid", json!(uuid));
            put("packet-encoding", "xudp".into());
            if *flow {
                put("flow", "xtls-rprx-vision".into());
            }
            if let Some(encryption) = encryption {
                put("encryption", encryption.clone().into());
            }
        }
        Access::Vmess { uuid } => {
            put("type", "vmess".into());
            put("uuid", json!(uuid));
            put("alterId", 0.into());
            put("cipher", "auto".into());
        }
        Access::Trojan { password } => {
            put("type", "trojan".into());
            put("password", password.clone().into());
        }
        Access::Shadowsocks { method, password } => {
            put("type", "ss".into());
            put("cipher", cipher(method).into());
            put("password", password.clone().into());
        }
        Access::Hysteria2 { password, mask, hops } => {
            put("type", "hysteria2".into());
            put("password", password.clone().into());
            if let Some(mask) = mask {
                put("obfs", "salamander".into());
                put("obfs-password", mask.clone().into());
            }
            if let Some(hops) = hops {
                put("ports", hops.clone().into());
            }
        }
    }
    transport(way, &mut out)?;
    security(way, &mut out)?;
    Ok(Value::Object(out))
}

fn transport(way: &Endpoint, out: &mut Map<String, Value>) -> Result<(), String> {
    let mut put = |key: &str, value: Value| {
        out.insert(key.to_owned(), value);
    };
    let headers = |host: &str| match host {
        "" => json!({}),
        host => json!({ "Host": host }),
    };
    let shadowsocks = matches!(way.access, Access::Shadowsocks { .. });
    match &way.transport {
        Transport::Plain => {}
        Transport::Other(name) => return Err(name.clone()),
        Transport::Http { host, .. } if shadowsocks => {
            put("plugin", "obfs".into());
            put("plugin-opts", json!({ "mode": "http", "host": host }));
        }
        _ if shadowsocks => return Err("Shadowsocks over another transport".to_owned()),
        Transport::Http { .. } | Transport::HttpUpgrade { .. }
            if matches!(way.access, Access::Trojan { .. }) =>
        {
            return Err("Trojan over this transport".to_owned());
        }
        Transport::Http { path, host } => {
            let hosts: Vec<&String> = [host].into_iter().filter(|host| !host.is_empty()).collect();
            let headers = if hosts.is_empty() { json!({}) } else { json!({ "Host": hosts }) };
            put("network", "http".into());
            let options = json!({ "method": "GET", "path": [or_root(path)], "headers": headers });
            put("http-opts", options);
        }
        Transport::Ws { path, host } => {
            let (path, early) = early_data(path);
            put("network", "ws".into());
            let mut options = json!({ "path": or_root(&path), "headers": headers(host) });
            if let (Some(most), Value::Object(options)) = (early, &mut options) {
                options.insert("max-early-data".to_owned(), most.into());
                let name = "Sec-WebSocket-Protocol";
                options.insert("early-data-header-name".to_owned(), name.into());
            }
            put("ws-opts", options);
        }
        Transport::HttpUpgrade { path, host } => {
            put("network", "ws".into());
            let (path, headers) = (or_root(path), headers(host));
            put("ws-opts", json!({ "path": path, "headers": headers, "v2ray-http-upgrade": true }));
        }
        Transport::Grpc { service } => {
            put("network", "grpc".into());
            put("grpc-opts", json!({ "grpc-service-name": service }));
        }
    }
    Ok(())
}

fn security(way: &Endpoint, out: &mut Map<String, Value>) -> Result<(), String> {
    let shadowsocks = matches!(way.access, Access::Shadowsocks { .. });
    let (tls, looks) = match &way.security {
        Security::None => return Ok(()),
        _ if shadowsocks => return Err("Shadowsocks under TLS".to_owned()),
        Security::Tls(Tls { other: Some(other), .. }) => return Err((*other).to_owned()),
        // It takes one pin.
        Security::Tls(tls) if tls.pins.len() > 1 => {
            return Err("several pinned certificates".to_owned());
        }
        Security::Tls(tls) => (tls, None),
        Security::Reality { tls, public_key, short_id } => {
            let options = json!({ "public-key": public_key, "short-id": short_id });
            out.insert("reality-opts".to_owned(), options);
            (tls, Some("chrome"))
        }
    };
    let mut put = |key: &str, value: Value| {
        out.insert(key.to_owned(), value);
    };
    // Trojan and Hysteria know no other, and call the name otherwise.
    let always = matches!(way.access, Access::Trojan { .. } | Access::Hysteria2 { .. });
    if !always {
        put("tls", true.into());
    }
    if !tls.name.is_empty() {
        put(if always { "sni" } else { "servername" }, tls.name.clone().into());
    }
    if !tls.alpn.is_empty() {
        put("alpn", tls.alpn.clone().into());
    }
    if tls.insecure {
        put("skip-cert-verify", true.into());
    }
    if let [pin] = tls.pins.as_slice() {
        put("fingerprint", pin.clone().into());
    }
    let known = BROWSERS.iter().copied().find(|browser| *browser == tls.fingerprint).or(looks);
    if let Some(browser) = known.filter(|_| !matches!(way.access, Access::Hysteria2 { .. })) {
        put("client-fingerprint", browser.into());
    }
    Ok(())
}

/// The profile around its proxies; what it leaves out stands in its first line.
pub(super) fn document(entries: Vec<(String, Value)>, left_out: &BTreeSet<String>) -> String {
    let names: Vec<&String> = entries.iter().map(|(name, _)| name).collect();
    let choice = unlike_all("Proxy", &names);
    let profile = json!({
        "mode": "rule",
        "proxies": entries.iter().map(|(_, entry)| entry).collect::<Vec<_>>(),
        "proxy-groups": [{ "name": choice, "type": "select", "proxies": names }],
        "rules": [format!("MATCH,{choice}")],
    });
    let yaml = serde_yaml::to_string(&profile).unwrap_or_default();
    if left_out.is_empty() {
        return yaml;
    }
    let what: Vec<&str> = left_out.iter().map(String::as_str).collect();
    format!("# left out, as this form cannot say it: {}\n{yaml}", what.join(", "))
}
