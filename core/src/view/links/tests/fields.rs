//! The one list of fields: what gateways tell is what links say.

use super::*;
use nebulalinks_protocol::facts::{Field, SETTINGS, STREAM, Use};

/// An inbound for which the field matters, and a value of it that it does not have.
pub(super) fn example(path: &str) -> (InboundFacts, Value) {
    let (outer, inner) = path.split_once('/').unwrap_or((path, ""));
    let reality = json!({"serverNames": ["a.example"], "shortIds": ["ab"],
        "settings": {"publicKey": "PBK", "fingerprint": "chrome"}});
    let network = match outer {
        "tcpSettings" | "rawSettings" | "tlsSettings" | "realitySettings" => "tcp",
        name => name.strip_suffix("Settings").unwrap_or("tcp"),
    };
    let security = match outer {
        "tlsSettings" => "tls",
        "realitySettings" => "reality",
        _ => "none",
    };
    let stream = json!({"network": network, "security": security, "realitySettings": reality,
        "xhttpSettings": {"xPaddingObfsMode": inner != "xPaddingObfsMode"}});
    let value = match inner.rsplit('/').next().unwrap_or_default() {
        "header" if outer == "kcpSettings" => json!({"type": "srtp"}),
        "header" => json!({"type": "http", "request": {"path": ["/x"]}}),
        "headers" => json!({"Host": "x.example", "X-Other": "x"}),
        "multiMode" | "noGRPCHeader" | "xPaddingObfsMode" | "allowInsecure" => json!(true),
        "mtu" | "tti" | "uplinkChunkSize" => json!(1234),
        "alpn" | "pinnedPeerCertSha256" | "serverNames" | "shortIds" => json!(["x", "y"]),
        "extra" => json!({"seqKey": "inside"}),
        "xmux" => json!({"maxConcurrency": "1-2"}),
        "downloadSettings" => json!({"address": "down.example.org"}),
        "" => match outer {
            "network" => json!("ws"),
            "security" => json!("tls"),
            "externalProxy" => {
                json!([{"forceTls": "same", "dest": "relay.example.org", "port": 1}])
            }
            "finalmask" => json!({"tcp": [{"type": "fragment"}]}),
            _ => panic!("no example of {path}"),
        },
        _ => json!("x-1"),
    };
    (inbound("vless", json!({}), stream, 443), value)
}

pub(super) fn put(into: &mut Value, path: &str, value: &Value) {
    let pointer = path.split('/').fold(into, |at, name| &mut at[name]);
    *pointer = value.clone();
}

fn link(inbound: &InboundFacts) -> Option<String> {
    link_of(inbound, &somebody(), true, "h.example", "l")
}

fn changes_the_link(field: &Field) -> bool {
    let (mut inbound, value) = example(field.path);
    let before = link(&inbound);
    assert!(before.is_some(), "{}", field.path);
    put(&mut inbound.stream, field.path, &value);
    link(&inbound) != before
}

#[test]
fn each_listed_field_changes_the_link_or_is_the_servers_own() {
    for field in STREAM {
        let says = changes_the_link(field);
        assert_eq!(says, field.used != Use::ServerOnly, "{}", field.path);
    }
    let of = |protocol: &str, settings: Value| {
        let stream = json!({"network": "tcp", "security": "tls"});
        link(&inbound(protocol, settings, stream, 443))
    };
    for field in SETTINGS {
        let (protocol, before, value) = match field.path {
            "encryption" => ("vless", json!({}), json!("mlkem768x25519plus.native.0rtt.x")),
            "disableFlow" => ("vless", json!({}), json!(true)),
            "method" => ("shadowsocks", json!({"method": "aes-256-gcm"}), json!("aes-128-gcm")),
            "password" => {
                let method = json!({"method": "2022-blake3-aes-256-gcm", "password": "a"});
                ("shadowsocks", method, json!("b"))
            }
            "version" => ("hysteria", json!({}), json!(1)),
            "network" => ("shadowsocks", json!({"method": "aes-256-gcm"}), json!("udp")),
            other => panic!("no example of {other}"),
        };
        let mut after = before.clone();
        after[field.path] = value;
        let says = of(protocol, before) != of(protocol, after);
        assert_eq!(says, field.used != Use::ServerOnly, "{}", field.path);
    }
}

#[test]
fn xhttps_extra_is_what_the_list_says_and_nothing_else() {
    let mut inbound = example("xhttpSettings/mode").0;
    for field in STREAM.iter().filter(|f| f.path.starts_with("xhttpSettings/")) {
        let value = example(field.path).1;
        if field.path != "xhttpSettings/extra" {
            put(&mut inbound.stream, field.path, &value);
        }
    }
    inbound.stream["xhttpSettings"]["unlisted"] = json!("x");
    let url = url::Url::parse(&link(&inbound).unwrap()).unwrap();
    let extra = url.query_pairs().find(|(key, _)| key == "extra").unwrap().1;
    let extra: serde_json::Map<String, Value> = serde_json::from_str(&extra).unwrap();
    let listed: BTreeSet<_> = nebulalinks_protocol::facts::xhttp_extra().collect();
    assert_eq!(extra.keys().map(String::as_str).collect::<BTreeSet<_>>(), listed);
    assert_eq!(extra["headers"], json!({"X-Other": "x"}), "the host is a parameter of its own");
}

#[test]
fn what_stands_in_xhttps_own_extra_is_what_the_server_takes() {
    let mut inbound = example("xhttpSettings/mode").0;
    inbound.stream["xhttpSettings"] = json!({"path": "/x", "mode": "auto", "seqKey": "beside",
        "uplinkDataKey": "beside", "extra": {"seqKey": "inside"}});
    let url = link(&inbound).unwrap();
    assert!(url.contains("inside") && !url.contains("beside"), "{url}");
}

#[test]
fn a_session_has_its_old_name_and_its_new_one() {
    for (name, other) in [("sessionKey", "sessionIDKey"), ("sessionIDKey", "sessionKey")] {
        let mut inbound = example("xhttpSettings/mode").0;
        inbound.stream["xhttpSettings"][name] = json!("SID");
        let url = link(&inbound).unwrap();
        assert_eq!(url.matches("SID").count(), 2, "{name} without {other}: {url}");
    }
}
