use super::*;
use crate::model::{Disposition, UnixMs};
use crate::view::sample::*;
use crate::view::{Pages, links};
use serde_json::{Value, json};

fn subscription(snapshot: &crate::model::Snapshot, now: UnixMs) -> Subscription {
    let catalog = catalog();
    Pages::new(&FRONT, snapshot, &catalog, now)
        .for_owner(account_id(1))
        .subscription(account_id(1))
        .unwrap()
}

fn text(subscription: &Subscription, format: Format) -> String {
    subscription.document(format).unwrap().text
}

fn told_of(subscription: &Subscription) -> &str {
    let Entries::Told(why) = &subscription.entries else { panic!("{subscription:?}") };
    why
}

#[test]
fn an_address_gives_the_links_that_the_message_gives_and_what_is_left() {
    let snapshot = snapshot([served_account(1, true)]);
    let subscription = subscription(&snapshot, NOW);
    let links = links(&snapshot, &catalog(), account_id(1));
    assert_eq!(text(&subscription, Format::Links), format!("{}\n", links[0].url));
    let read = STANDARD.decode(text(&subscription, Format::Base64)).unwrap();
    assert_eq!(String::from_utf8(read).unwrap(), links[0].url);
    assert_eq!(subscription.title, "Basic");
    assert_eq!((subscription.used, subscription.total), (Bytes(5 << 30), Some(Bytes(50 << 30))));
    assert!(subscription.ends_at.unwrap() > NOW);
}

#[test]
fn who_has_no_way_in_reads_why_in_every_form_and_nothing_that_opens_anything() {
    let served = snapshot([served_account(1, true)]);
    let month = crate::model::DurationMs(31 * crate::model::DAY_MS);
    let mut suspended = account(1);
    suspended.suspension =
        Some(Box::new(crate::model::Suspension { reason: "private".into(), since: NOW }));
    let mut used = served.ledgers(account_id(1)).next().unwrap().clone();
    used.total = Bytes(50 << 30);
    for (snapshot, now, why) in [
        (served.clone(), NOW + month, "Ended. Renew to switch it on again: My account → Renew"),
        (
            served.after(&put(used), 9),
            NOW,
            "No traffic left. Renew to get more: My account → Renew",
        ),
        (served.after(&put(suspended), 9), NOW, "Switched off by staff. Please ask them"),
        (
            snapshot([served_account(1, false)]),
            NOW,
            "Being set up. This usually takes less than a minute",
        ),
    ] {
        let subscription = subscription(&snapshot, now);
        assert_eq!(told_of(&subscription), why);
        for format in [Format::Links, Format::SingBox, Format::Clash] {
            let text = text(&subscription, format);
            assert!(!text.contains("5783c26d") && !text.contains("fra1"), "{text}");
            let shown = if format == Format::Links { percent_encoded(why) } else { why.to_owned() };
            assert!(text.contains(&shown), "{format:?}: {text}");
        }
    }
}

#[test]
fn a_store_that_may_lack_a_renewal_says_of_nobody_that_it_is_over() {
    let amnesia = crate::model::Amnesia {
        ours: 1,
        seen: 2,
        server: "fra-1".parse().ok(),
        since: NOW,
        lacking: Vec::new(),
        resolved_at: None,
    };
    let snapshot = snapshot([served_account(1, true), put(amnesia)]);
    let later = NOW + crate::model::DurationMs(31 * crate::model::DAY_MS);
    assert!(matches!(subscription(&snapshot, later).entries, Entries::Served(_)));
}

#[test]
fn the_reason_is_in_the_customers_language() {
    let snapshot = snapshot([served_account(1, false), alice_reads("ar")]);
    let mut catalog = catalog();
    catalog.shop.languages.push("ar".to_owned());
    let pages = Pages::new(&FRONT, &snapshot, &catalog, NOW).for_owner(account_id(1));
    let subscription = pages.subscription(account_id(1)).unwrap();
    assert!(told_of(&subscription).contains("قيد التجهيز"), "{:?}", subscription.entries);
}

#[test]
fn while_an_account_moves_its_address_gives_both_servers_the_new_one_first() {
    let base = snapshot([served_account(1, true)]);
    let mut catalog = catalog();
    let mut ams = catalog.servers.values().next().unwrap().clone();
    ams.id = "ams-1".parse().unwrap();
    ams.name = crate::catalog::Text([("en".to_owned(), "Amsterdam 1".to_owned())].into());
    ams.host = "ams1.vpn.example.net".into();
    catalog.servers.insert(ams.id.clone(), ams.clone());
    let id = account_id(1);
    let old = base.serving(id).unwrap().clone();
    let moving = base.after(&base.move_to(&old, ams.id.clone(), true, NOW), 9);
    let hosts = |snapshot: &crate::model::Snapshot| -> Vec<String> {
        let pages = Pages::new(&FRONT, snapshot, &catalog, NOW);
        let Entries::Served(ways) = pages.subscription(id).unwrap().entries else { panic!() };
        ways.into_iter().map(|way| way.host).collect()
    };
    assert_eq!(hosts(&moving), ["fra1.vpn.example.net"]);
    let mut status = moving.binding_status(id, &old.server).unwrap().clone();
    status.server = ams.id.clone();
    let mut there = facts();
    there.server = ams.id.clone();
    let both = moving.after(&put(status), 10).after(&put(there), 11);
    assert_eq!(hosts(&both), ["ams1.vpn.example.net", "fra1.vpn.example.net"]);
    let gone = crate::model::Binding {
        disposition: Disposition::Tombstoned { since: NOW },
        ..both.leaving(id).unwrap().clone()
    };
    assert_eq!(hosts(&both.after(&put(gone), 12)), ["ams1.vpn.example.net"]);
}

#[test]
fn an_address_finds_its_account_until_the_next_one() {
    let base = snapshot([served_account(1, true), served_account(2, true)]);
    let found = |snapshot: &crate::model::Snapshot, end: &str| {
        snapshot.account_at_address(end).map(|account| account.id)
    };
    let id = account_id(1);
    let end = base.account(id).unwrap().address_end();
    assert_eq!(found(&base, &end), Some(id));
    let nobody = account_id(7);
    for other in [
        String::new(),
        id.to_string(),
        "TOKENSECRET".to_owned(),
        format!("{id}TOKENSECRE"),
        format!("{id}tokensecret"),
        format!("{end}S"),
        format!("{nobody}TOKENSECRET"),
        format!("{}é{}", &end[..25], &end[26..]),
    ] {
        assert_eq!(found(&base, &other), None, "{other}");
    }
    let mut rotated = account(1);
    rotated.subscription_token = "ANOTHER".into();
    let next = rotated.address_end();
    let rotated = base.after(&put(rotated), 9);
    assert_eq!((found(&rotated, &end), found(&rotated, &next)), (None, Some(id)));
    // A record without one, however it came, is opened by nothing.
    let mut without = account(1);
    without.subscription_token.clear();
    assert_eq!(found(&base.after(&put(without), 9), &id.to_string()), None);
}

/// Of each protocol and transport that links know, the inbound and what both profiles say of it.
fn way(protocol: &str, settings: Value, stream: Value) -> Subscription {
    let mut there = facts();
    there.inbounds[0].protocol = protocol.to_owned();
    there.inbounds[0].settings = settings;
    there.inbounds[0].stream = stream;
    let mut owner = account(1);
    owner.credentials.secret = "A".repeat(43);
    subscription(&snapshot([served_account(1, true), put(there), put(owner)]), NOW)
}

fn both(subscription: &Subscription) -> (Value, Value) {
    let profile: Value = serde_json::from_str(&text(subscription, Format::SingBox)).unwrap();
    let outbounds = profile["outbounds"].as_array().unwrap();
    assert_eq!(outbounds[0]["type"], "selector");
    assert_eq!(outbounds[0]["outbounds"], json!([outbounds[1]["tag"]]));
    let clash: Value = serde_yaml::from_str(&text(subscription, Format::Clash)).unwrap();
    assert_eq!(clash["proxy-groups"][0]["proxies"], json!([clash["proxies"][0]["name"]]));
    (outbounds[1].clone(), clash["proxies"][0].clone())
}

const REALITY: &str = r#"{"network": "tcp", "security": "reality", "realitySettings": {
    "serverNames": ["www.example.com"], "shortIds": ["ab12"],
    "settings": {"publicKey": "PBK", "fingerprint": "chrome"}}}"#;

#[test]
fn both_profiles_say_of_a_way_what_its_link_says() {
    let reality = serde_json::from_str(REALITY).unwrap();
    let (sing_box, clash) = both(&way("vless", json!({"encryption": "none"}), reality));
    let uuid = "00000000-0000-0000-0000-00005783c26d";
    assert_eq!(
        sing_box,
        json!({"type": "vless", "tag": "Frankfurt 1", "server": "fra1.vpn.example.net",
            "server_port": 443, "uuid": uuid, "flow": "xtls-rprx-vision",
            "tls": {"enabled": true, "server_name": "www.example.com",
                "utls": {"enabled": true, "fingerprint": "chrome"},
                "reality": {"enabled": true, "public_key": "PBK", "short_id": "ab12"}}})
    );
    assert_eq!(
        clash,
        json!({"type": "vless", "name": "Frankfurt 1", "server": "fra1.vpn.example.net",
            "port": 443, "udp": true, "uuid": uuid, "flow": "xtls-rprx-vision",
            "packet-encoding": "xudp", "tls": true, "servername": "www.example.com",
            "client-fingerprint": "chrome",
            "reality-opts": {"public-key": "PBK", "short-id": "ab12"}})
    );
    let tls = json!({"network": "ws", "security": "tls",
        "wsSettings": {"path": "/p?ed=2048", "host": "cdn.example.net"},
        "tlsSettings": {"serverName": "s.example.net", "alpn": ["h2", "http/1.1"]}});
    for (protocol, kind) in [("vmess", "vmess"), ("trojan", "trojan"), ("vless", "vless")] {
        let (sing_box, clash) = both(&way(protocol, json!({}), tls.clone()));
        assert_eq!((&sing_box["type"], &clash["type"]), (&json!(kind), &json!(kind)));
        assert_eq!(
            sing_box["transport"],
            json!({"type": "ws", "path": "/p", "headers": {"Host": "cdn.example.net"},
                "max_early_data": 2048, "early_data_header_name": "Sec-WebSocket-Protocol"})
        );
        assert_eq!(sing_box["tls"]["alpn"], json!(["h2", "http/1.1"]));
        assert_eq!(clash["ws-opts"]["max-early-data"], 2048);
        let name = if kind == "trojan" { "sni" } else { "servername" };
        assert_eq!((&clash["network"], &clash[name]), (&json!("ws"), &json!("s.example.net")));
    }
    let grpc = json!({"network": "grpc", "grpcSettings": {"serviceName": "svc"}});
    let (sing_box, clash) = both(&way("vmess", json!({}), grpc));
    assert_eq!(sing_box["transport"], json!({"type": "grpc", "service_name": "svc"}));
    assert_eq!(clash["grpc-opts"], json!({"grpc-service-name": "svc"}));
    let method = "2022-blake3-aes-128-gcm";
    let ss = json!({"method": method, "password": "OWNKEY=="});
    let (sing_box, clash) = both(&way("shadowsocks", ss, json!({"network": "tcp"})));
    let password = format!("OWNKEY==:{}", STANDARD.encode([0_u8; 16]));
    assert_eq!((&sing_box["method"], &clash["cipher"]), (&json!(method), &json!(method)));
    assert_eq!((&sing_box["password"], &clash["password"]), (&json!(password), &json!(password)));
    let hysteria = json!({"network": "hysteria", "security": "tls",
        "tlsSettings": {"serverName": "h.example.net", "settings": {"fingerprint": "chrome"}},
        "finalmask": {"udp": [{"type": "salamander", "settings": {"password": "mask"}}],
            "quicParams": {"udpHop": {"ports": "20000-30000,40000"}}}});
    let (sing_box, clash) = both(&way("hysteria", json!({"version": 2}), hysteria));
    assert_eq!(sing_box["server_ports"], json!(["20000:30000", "40000:40000"]));
    assert_eq!(sing_box["obfs"], json!({"type": "salamander", "password": "mask"}));
    assert_eq!(sing_box["tls"], json!({"enabled": true, "server_name": "h.example.net"}));
    assert_eq!(
        (&clash["ports"], &clash["obfs"]),
        (&json!("20000-30000,40000"), &json!("salamander"))
    );
    assert_eq!(
        (&clash["sni"], &clash["client-fingerprint"]),
        (&json!("h.example.net"), &Value::Null)
    );
}

#[test]
fn what_a_form_cannot_say_is_left_out_and_named() {
    let xhttp = json!({"network": "xhttp", "xhttpSettings": {"path": "/x"}});
    let pinned = json!({"network": "tcp", "security": "tls", "tlsSettings":
        {"settings": {"pinnedPeerCertSha256": "ab".repeat(32)}}});
    let ech = json!({"network": "tcp", "security": "tls", "tlsSettings":
        {"settings": {"echConfigList": "AAAA"}}});
    let own = json!({"encryption": "mlkem768x25519plus.native.0rtt.KEY"});
    let plain = json!({"network": "tcp"});
    for (settings, stream, sing_box, clash) in [
        (json!({}), xhttp, Some("xhttp"), Some("xhttp")),
        (json!({}), pinned, Some("a pinned certificate"), None),
        (json!({}), ech, Some("ECH"), Some("ECH")),
        (own, plain, Some("VLESS encryption"), None),
    ] {
        let subscription = way("vless", settings, stream);
        for (format, what) in [(Format::SingBox, sing_box), (Format::Clash, clash)] {
            let document = subscription.document(format).unwrap();
            let left: Vec<&str> = document.left_out.iter().map(String::as_str).collect();
            assert_eq!(left, what.into_iter().collect::<Vec<_>>());
            assert_eq!(document.text.contains("v2rayNG"), what.is_some(), "{}", document.text);
        }
        assert!(!text(&subscription, Format::Links).contains("127.0.0.1"));
        if clash.is_some() {
            let comment = "# left out, as this form cannot say it: ";
            assert!(text(&subscription, Format::Clash).starts_with(comment));
        }
    }
}

#[test]
fn two_ways_of_one_name_are_told_apart() {
    let mut there = facts();
    let mut second = there.inbounds[0].clone();
    (second.id, second.port) = (2, 8443);
    there.inbounds.push(second);
    let mut catalog = catalog();
    let server = catalog.servers.values_mut().next().unwrap();
    server.inbounds = vec!["1".into(), "2".into()];
    let snapshot = snapshot([served_account(1, true), put(there)]);
    let subscription =
        Pages::new(&FRONT, &snapshot, &catalog, NOW).subscription(account_id(1)).unwrap();
    let profile: Value = serde_json::from_str(&text(&subscription, Format::SingBox)).unwrap();
    let (first, second) = ("Frankfurt 1 vless-reality", "Frankfurt 1 vless-reality 2");
    assert_eq!(profile["outbounds"][0]["outbounds"], json!([first, second]));
}

#[test]
fn what_opens_the_service_stays_out_of_debug() {
    let subscription = subscription(&snapshot([served_account(1, true)]), NOW);
    let document = subscription.document(Format::Links).unwrap();
    let Entries::Served(ways) = &subscription.entries else { panic!() };
    let shown = format!(
        "{subscription:?} {document:?} {:?} {ways:?} {:?}",
        subscription.entries, ways[0].access
    );
    assert!(!shown.contains("5783c26d") && !shown.contains("5783_c26d"), "{shown}");
}
