mod fields;
mod fingerprint;
mod reach;
mod said;

use super::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const HEAD: &str = include_str!("../../../../tests/fixtures/3x-ui/links-gen3-head.json");
const PASSWORDS: &str = include_str!("../../../../tests/fixtures/links/shadowsocks-passwords.json");
const V2_6_5: &str = include_str!("../../../../tests/fixtures/3x-ui/links-gen2-v2.6.5.json");
const V2_9_4: &str = include_str!("../../../../tests/fixtures/3x-ui/links-gen2-v2.9.4.json");
const V3_4_2: &str = include_str!("../../../../tests/fixtures/3x-ui/links-gen3-v3.4.2.json");

/// A recorded inbound as a gateway tells it.
fn facts(inbound: &Value) -> InboundFacts {
    use nebulalinks_protocol::facts::{SETTINGS, STREAM, public_part};
    let text = |key: &str| inbound[key].as_str().unwrap_or_default().to_owned();
    InboundFacts {
        id: inbound["id"].as_i64().unwrap(),
        remark: text("remark"),
        protocol: text("protocol"),
        port: u16::try_from(inbound["port"].as_u64().unwrap()).unwrap(),
        listen: text("listen"),
        share_strategy: text("shareAddrStrategy"),
        share_address: text("shareAddr"),
        enable: true,
        settings: Value::Object(public_part(&inbound["settings"], SETTINGS)),
        stream: Value::Object(public_part(&inbound["stream"], STREAM)),
    }
}

/// All links of one inbound.
fn links_of(
    inbound: &InboundFacts,
    credentials: &Credentials,
    flow: bool,
    host: &str,
    label: &str,
) -> Vec<String> {
    let ways = checked(inbound, host).unwrap_or_default();
    ways.iter().filter_map(|way| share_link(way, credentials, flow, label)).collect()
}

/// The link of an inbound that has one at the most.
fn link_of(
    inbound: &InboundFacts,
    credentials: &Credentials,
    flow: bool,
    host: &str,
    label: &str,
) -> Option<String> {
    let mut all = links_of(inbound, credentials, flow, host, label);
    assert!(all.len() < 2, "{all:?}");
    all.pop()
}

/// The account whose client this is. With a cipher of 2022 the client's password is made of the
/// secret's bytes, in another alphabet.
fn credentials(client: &Value, inbound: &InboundFacts) -> Credentials {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    let key = if inbound.protocol == "hysteria" { "auth" } else { "password" };
    let mut secret = client[key].as_str().unwrap().to_owned();
    if params::text(&inbound.settings, "/method").starts_with("2022-") {
        secret = URL_SAFE_NO_PAD.encode(STANDARD.decode(secret).unwrap());
    }
    Credentials {
        uuid: client["uuid"].as_str().unwrap().parse().unwrap(),
        sub_id: String::new(),
        secret,
        version: 1,
    }
}

/// What a VMess link means: its object without the label. No cipher named means `auto`.
fn vmess_meaning(link: &str) -> Value {
    use base64::Engine as _;
    let text = link.strip_prefix("vmess://").unwrap();
    let json = base64::engine::general_purpose::STANDARD.decode(text).unwrap();
    let mut object: Value = serde_json::from_slice(&json).unwrap();
    assert!(object.as_object_mut().unwrap().remove("ps").is_some_and(|ps| ps.is_string()));
    if object["scy"] == "" {
        object["scy"] = "auto".into();
    }
    object
}

/// What a link means: everything before the query, and the query as a set. JSON inside a
/// parameter is compared as JSON; `spx` means nothing to a server.
fn meaning(link: &str) -> (String, BTreeSet<(String, String)>) {
    let url = url::Url::parse(link).unwrap();
    let head = link.split('?').next().unwrap().to_owned();
    let query = url.query_pairs().filter(|(k, _)| k != "spx").map(|(k, v)| {
        let v = match serde_json::from_str::<Value>(&v) {
            Ok(json) if v.starts_with('{') => json.to_string(),
            _ => v.into_owned(),
        };
        (k.into_owned(), v)
    });
    (head, query.collect())
}

/// Our link, with `sni` and `sid` taken as the panel drew them where its lists hold that value.
fn agrees(ours: &str, theirs: &str, stream: &Value) -> bool {
    if theirs.starts_with("vmess://") {
        return vmess_meaning(ours) == vmess_meaning(theirs);
    }
    let (our_head, mut ours) = meaning(ours);
    let (their_head, mut theirs) = meaning(theirs);
    for (key, list) in
        [("sni", "/realitySettings/serverNames"), ("sid", "/realitySettings/shortIds")]
    {
        let Some(list) = stream.pointer(list).and_then(Value::as_array) else { continue };
        for side in [&mut ours, &mut theirs] {
            let inside = |v: &str| list.iter().any(|l| l.as_str() == Some(v));
            let count = side.len();
            side.retain(|(k, v)| !(k == key && inside(v)));
            assert_eq!(side.len() + 1, count, "{key} is from the list");
        }
    }
    our_head == their_head && ours == theirs
}

#[test]
fn our_links_mean_what_the_panels_own_mean() {
    let mut compared = 0;
    for recording in [HEAD, V3_4_2] {
        let recording: Value = serde_json::from_str(recording).unwrap();
        for pair in recording["pairs"].as_array().unwrap() {
            let inbound = facts(&pair["inbound"]);
            let host = pair["host"].as_str().unwrap();
            let client = credentials(&pair["client"], &inbound);
            let flow = vless::takes_flow(&inbound);
            // The recorded client has a flow exactly where our gateway would give it one.
            assert_eq!(flow, !pair["client"]["flow"].as_str().unwrap().is_empty());
            let ours = link_of(&inbound, &client, flow, host, "My server").unwrap();
            let theirs = pair["links"][0].as_str().unwrap();
            let name = &pair["name"];
            assert!(agrees(&ours, theirs, &inbound.stream), "{name}\n{ours}\n{theirs}");
            let labelled = ours.starts_with("vmess://") || ours.ends_with("#My%20server");
            assert!(labelled && !ours.contains("spx"), "{ours}");
            compared += 1;
        }
    }
    assert_eq!(compared, 44);
}

/// A link in the words of the head, without what every app assumes when it is not said: old panels
/// leave that out, and write the credentials of Shadowsocks as base64 with its padding.
fn in_words_of_the_head(link: &str) -> String {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    let (Some((scheme, _)), Ok(mut url)) = (link.split_once("://"), url::Url::parse(link)) else {
        return link.to_owned();
    };
    if scheme == "vmess" {
        return link.to_owned();
    }
    let who = url.username().replace("%3D", "=");
    let decoded = STANDARD.decode(&who).or_else(|_| URL_SAFE_NO_PAD.decode(&who));
    if let (true, Ok(plain)) = (scheme == "ss", decoded) {
        let plain = String::from_utf8(plain).unwrap();
        let (method, password) = plain.split_once(':').unwrap();
        url.set_username(method).unwrap();
        url.set_password(Some(password)).unwrap();
    }
    let assumed = [("encryption", "none"), ("x_padding_bytes", "100-1000"), ("extra", "{}")];
    let mode = url.query_pairs().find(|(k, _)| k == "mode").map(|(_, v)| v.into_owned());
    let said = |(key, value): (std::borrow::Cow<'_, str>, std::borrow::Cow<'_, str>)| {
        let mut value = value.into_owned();
        if key == "extra" {
            let mut extra: serde_json::Map<String, Value> = serde_json::from_str(&value).unwrap();
            extra.retain(|k, v| match k.as_str() {
                "mode" => v.as_str() != mode.as_deref(),
                "xPaddingBytes" => v != "100-1000",
                _ => true,
            });
            value = Value::Object(extra).to_string();
        }
        (!assumed.contains(&(key.as_ref(), value.as_str()))).then(|| (key.into_owned(), value))
    };
    let query: Vec<(String, String)> = url.query_pairs().filter_map(said).collect();
    url.query_pairs_mut().clear().extend_pairs(query);
    // Both sides are escaped in the same way now, whatever they came as.
    url.to_string().replace("%3D", "=").replace("%3A", ":")
}

#[test]
fn our_links_mean_what_the_subscriptions_of_old_panels_mean() {
    let mut compared = 0;
    for recording in [V2_6_5, V2_9_4] {
        let recording: Value = serde_json::from_str(recording).unwrap();
        for pair in recording["pairs"].as_array().unwrap() {
            let inbound = facts(&pair["inbound"]);
            let host = pair["host"].as_str().unwrap();
            let client = credentials(&pair["client"], &inbound);
            let flow = vless::takes_flow(&inbound);
            assert_eq!(flow, !pair["client"]["flow"].as_str().unwrap().is_empty());
            let ours = link_of(&inbound, &client, flow, host, "My server").unwrap();
            let ours = in_words_of_the_head(&ours);
            let theirs = in_words_of_the_head(pair["links"][0].as_str().unwrap());
            let name = &pair["name"];
            assert!(agrees(&ours, &theirs, &inbound.stream), "{name}\n{ours}\n{theirs}");
            compared += 1;
        }
    }
    // The recording of v2.6.5 has none of kcp and Hysteria.
    assert_eq!(compared, 42);
}

#[test]
fn a_difference_in_meaning_is_seen() {
    let stream = Value::Null;
    assert!(agrees("vless://a@b:1?x=1&y=2#n", "vless://a@b:1?y=2&x=1#m", &stream));
    assert!(!agrees("vless://a@b:1?x=1&y=2#n", "vless://a@b:1?y=2&x=3#m", &stream));
    assert!(!agrees("vless://a@b:1?x=1#n", "vless://a@b:2?x=1#n", &stream));
    let inbound = |port| inbound("vmess", json!({}), json!({}), port);
    let different = |ours: &str, theirs: &str| {
        !agrees(&in_words_of_the_head(ours), &in_words_of_the_head(theirs), &stream)
    };
    assert!(different("ss://YTpi@h:1?type=tcp#n", "ss://YTpj@h:1?type=tcp#n"));
    assert!(!different("ss://YTpi@h:1?type=tcp#n", "ss://a:b@h:1?type=tcp#n"));
    assert!(different("vless://a@b:1?encryption=x#n", "vless://a@b:1#n"));
    assert!(different("vless://a@b:1?x_padding_bytes=1-2#n", "vless://a@b:1#n"));
    let link = |port, label| link_of(&inbound(port), &somebody(), false, "h", label).unwrap();
    assert!(agrees(&link(1, "n"), &link(1, "m"), &stream));
    assert!(!agrees(&link(1, "n"), &link(2, "n"), &stream));
}

fn inbound(protocol: &str, settings: Value, stream: Value, port: u16) -> InboundFacts {
    let (protocol, remark) = (protocol.to_owned(), "a".to_owned());
    InboundFacts {
        id: 1,
        remark,
        protocol,
        port,
        enable: true,
        settings,
        stream,
        ..Default::default()
    }
}

fn somebody() -> Credentials {
    let secret = "4OHi4-Tl5ufo6err7O3u7_Dx8vP09fb3-Pn6-_z9_v8".to_owned();
    Credentials { uuid: uuid::Uuid::nil(), sub_id: String::new(), secret, version: 1 }
}

fn ours(protocol: &str, settings: Value, stream: Value) -> Option<String> {
    link_of(&inbound(protocol, settings, stream, 443), &somebody(), false, "2001:db8::1", "l")
}

/// The gateway's tests hold to the same file.
#[test]
fn a_link_carries_the_password_that_the_gateway_gives_the_client() {
    let file: Value = serde_json::from_str(PASSWORDS).unwrap();
    let passwords = file["passwords"].as_array().unwrap();
    assert!(passwords.len() > 5);
    for case in passwords {
        let text = |key: &str| case[key].as_str();
        let ours = shadowsocks::password(text("method").unwrap(), text("secret").unwrap());
        assert_eq!(ours.as_deref(), text("password"), "{case}");
    }
}

#[test]
fn what_cannot_be_linked_is_not() {
    let plain = || json!({});
    for (protocol, settings) in [
        ("wireguard", plain()),
        ("shadowsocks", plain()),
        ("shadowsocks", json!({"method": "2022-blake3-aes-256-gcm"})),
        ("shadowsocks", json!({"method": "2022-blake3-chacha20-poly1305"})),
        ("hysteria", json!({"version": 1})),
    ] {
        assert_eq!(ours(protocol, settings.clone(), plain()), None, "{protocol} {settings}");
    }
    assert!(ours("hysteria2", plain(), plain()).is_some());
}

#[test]
fn a_hysteria_link_says_how_packets_are_masked_and_whom_to_trust() {
    let stream = json!({
        "security": "tls",
        "tlsSettings": {"settings": {"allowInsecure": true}},
        "finalmask": {"udp": [{"type": "salamander", "settings": {"password": "no ise"}}]},
    });
    let url = ours("hysteria", json!({"version": 2}), stream).unwrap();
    let query = "insecure=1&obfs=salamander&obfs-password=no%20ise&security=tls";
    let expected = format!("hysteria2://{}@[2001:db8::1]:443?{query}#l", somebody().secret);
    assert_eq!(url, expected);
}

#[test]
fn a_disguised_shadowsocks_link_names_the_plugin() {
    let stream = json!({
        "network": "tcp",
        "tcpSettings": {"header": {
            "type": "http",
            "request": {"path": ["/"], "headers": {"Host": ["a.example"]}},
        }},
    });
    let url = ours("shadowsocks", json!({"method": "aes-256-gcm"}), stream).unwrap();
    let (_, query) = meaning(&url);
    let plugin = "obfs-local;obfs=http;obfs-host=a.example";
    assert!(query.contains(&("plugin".to_owned(), plugin.to_owned())), "{url}");
    assert!(!query.iter().any(|(key, _)| key == "security"), "{url}");
}

#[test]
fn a_links_text_stays_out_of_debug() {
    let link = ShareLink { label: "Frankfurt".into(), url: "vless://secret".into() };
    assert!(!format!("{link:?}").contains("secret"));
}

#[test]
fn the_flow_follows_what_the_gateway_gives_the_client() {
    let inbound = |network: &str, security: &str, settings: Value| {
        let reality = json!({"serverNames": ["a"], "settings": {"publicKey": "PBK"}});
        let stream = json!({"network": network, "security": security, "realitySettings": reality});
        inbound("vless", settings, stream, 443)
    };
    let credentials =
        Credentials { uuid: uuid::Uuid::nil(), sub_id: "".into(), secret: "".into(), version: 1 };
    let flow = |inbound: &InboundFacts, client_has_it| {
        let url = link_of(inbound, &credentials, client_has_it, "h", "l").unwrap();
        url.contains("flow=xtls-rprx-vision")
    };
    let plain = json!({});
    let forbidden = json!({"disableFlow": true});
    let encrypted = json!({"encryption": "mlkem768x25519plus.native.0rtt.x"});
    assert!(flow(&inbound("raw", "reality", plain.clone()), true));
    assert!(!flow(&inbound("raw", "reality", forbidden), true));
    assert!(!flow(&inbound("ws", "tls", plain.clone()), true));
    assert!(!flow(&inbound("tcp", "none", plain), true));
    assert!(flow(&inbound("xhttp", "reality", encrypted.clone()), true));
    assert!(!flow(&inbound("xhttp", "reality", encrypted), false));
}
