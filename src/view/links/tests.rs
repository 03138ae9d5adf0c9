use super::*;
use serde_json::Value;
use std::collections::BTreeSet;

const HEAD: &str = include_str!("../../../tests/fixtures/3x-ui/links-gen3-head.json");
const V3_4_2: &str = include_str!("../../../tests/fixtures/3x-ui/links-gen3-v3.4.2.json");

fn facts(inbound: &Value) -> InboundFacts {
    let text = |key: &str| inbound[key].as_str().unwrap().to_owned();
    InboundFacts {
        id: inbound["id"].as_i64().unwrap(),
        remark: text("remark"),
        protocol: text("protocol"),
        port: u16::try_from(inbound["port"].as_u64().unwrap()).unwrap(),
        enable: true,
        settings: inbound["settings"].clone(),
        stream: inbound["stream"].clone(),
    }
}

fn credentials(client: &Value) -> Credentials {
    Credentials {
        uuid: client["uuid"].as_str().unwrap().parse().unwrap(),
        sub_id: String::new(),
        secret: String::new(),
        version: 1,
    }
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
fn our_vless_links_mean_what_the_panels_own_mean() {
    let mut compared = 0;
    for recording in [HEAD, V3_4_2] {
        let recording: Value = serde_json::from_str(recording).unwrap();
        for pair in recording["pairs"].as_array().unwrap() {
            let inbound = facts(&pair["inbound"]);
            if inbound.protocol != "vless" {
                continue;
            }
            let host = pair["host"].as_str().unwrap();
            let client = credentials(&pair["client"]);
            let flow = vless::takes_flow(&inbound);
            // The recorded client has a flow exactly where our gateway would give it one.
            assert_eq!(flow, !pair["client"]["flow"].as_str().unwrap().is_empty());
            let ours = share_link(&inbound, &client, flow, host, "My server").unwrap();
            let theirs = pair["links"][0].as_str().unwrap();
            let name = &pair["name"];
            assert!(agrees(&ours, theirs, &inbound.stream), "{name}\n{ours}\n{theirs}");
            assert!(ours.ends_with("#My%20server") && !ours.contains("spx"), "{ours}");
            compared += 1;
        }
    }
    assert_eq!(compared, 24);
}

#[test]
fn a_difference_in_meaning_is_seen() {
    let stream = Value::Null;
    assert!(agrees("vless://a@b:1?x=1&y=2#n", "vless://a@b:1?y=2&x=1#m", &stream));
    assert!(!agrees("vless://a@b:1?x=1&y=2#n", "vless://a@b:1?y=2&x=3#m", &stream));
    assert!(!agrees("vless://a@b:1?x=1#n", "vless://a@b:2?x=1#n", &stream));
}

#[test]
fn a_links_text_stays_out_of_debug() {
    let link = ShareLink { label: "Frankfurt".into(), url: "vless://secret".into() };
    assert!(!format!("{link:?}").contains("secret"));
}

#[test]
fn the_flow_follows_what_the_gateway_gives_the_client() {
    let inbound = |network: &str, security: &str, settings: Value| InboundFacts {
        id: 1,
        remark: "a".into(),
        protocol: "vless".into(),
        port: 443,
        enable: true,
        settings,
        stream: serde_json::json!({"network": network, "security": security}),
    };
    let credentials =
        Credentials { uuid: uuid::Uuid::nil(), sub_id: "".into(), secret: "".into(), version: 1 };
    let flow = |inbound: &InboundFacts, client_has_it| {
        let url = share_link(inbound, &credentials, client_has_it, "h", "l").unwrap();
        url.contains("flow=xtls-rprx-vision")
    };
    let plain = serde_json::json!({});
    let forbidden = serde_json::json!({"disableFlow": true});
    let encrypted = serde_json::json!({"encryption": "mlkem768x25519plus.native.0rtt.x"});
    assert!(flow(&inbound("raw", "reality", plain.clone()), true));
    assert!(!flow(&inbound("raw", "reality", forbidden), true));
    assert!(!flow(&inbound("ws", "tls", plain.clone()), true));
    assert!(!flow(&inbound("tcp", "none", plain), true));
    assert!(flow(&inbound("xhttp", "reality", encrypted.clone()), true));
    assert!(!flow(&inbound("xhttp", "reality", encrypted), false));
}
