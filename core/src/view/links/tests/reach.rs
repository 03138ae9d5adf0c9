//! Links lead to where an inbound is really reached.

use super::*;

const HOST: &str = "fra1.vpn.example.net";

fn reality(port: u16, proxies: &Value) -> InboundFacts {
    let stream = json!({"network": "tcp", "security": "reality", "externalProxy": proxies,
        "realitySettings": {"serverNames": ["www.example.com"], "shortIds": ["ab12"],
        "settings": {"publicKey": "PBK", "fingerprint": "chrome"}}});
    inbound("vless", json!({}), stream, port)
}

fn ws(port: u16, proxies: &Value) -> InboundFacts {
    let stream = json!({"network": "ws", "security": "none", "externalProxy": proxies,
        "wsSettings": {"path": "/ws"}});
    inbound("vless", json!({}), stream, port)
}

type Query = BTreeSet<(String, String)>;

/// Host, port and query of an inbound's links.
fn seen(inbound: &InboundFacts) -> Vec<(String, u16, Query)> {
    let part = |link: &String| {
        let url = url::Url::parse(link).unwrap();
        let query = url.query_pairs().map(|(k, v)| (k.into_owned(), v.into_owned())).collect();
        (url.host_str().unwrap().to_owned(), url.port().unwrap(), query)
    };
    links_of(inbound, &somebody(), true, HOST, "l").iter().map(part).collect()
}

fn says_all(query: &Query, pairs: &[(&str, &str)]) {
    for (key, value) in pairs {
        let pair = ((*key).to_owned(), (*value).to_owned());
        assert!(query.contains(&pair), "{key}={value} is not in {query:?}");
    }
}

fn at(listen: &str, strategy: &str, address: &str) -> InboundFacts {
    let mut inbound = ws(8080, &json!([]));
    inbound.listen = listen.to_owned();
    inbound.share_strategy = strategy.to_owned();
    inbound.share_address = address.to_owned();
    inbound
}

#[test]
fn an_inbound_behind_a_relay_is_linked_through_the_relay() {
    let proxies = json!([{"forceTls": "same", "dest": "relay.example.org", "port": 443,
                          "remark": ""}]);
    let links = seen(&reality(10443, &proxies));
    let [(host, port, query)] = &links[..] else { panic!("{links:?}") };
    assert_eq!((host.as_str(), *port), ("relay.example.org", 443));
    let still = [("security", "reality"), ("pbk", "PBK"), ("flow", "xtls-rprx-vision")];
    says_all(query, &still);
}

#[test]
fn a_cdn_that_adds_tls_is_linked_with_its_own_tls() {
    let mut inbound = ws(
        8080,
        &json!([{"forceTls": "tls", "dest": "cdn.example.org", "port": 443,
        "sni": "front.example.org", "fingerprint": "firefox", "alpn": ["h2", "http/1.1"]}]),
    );
    // What is left over of a layer that the inbound once had is not the proxy's.
    inbound.stream["tlsSettings"] =
        json!({"serverName": "old", "settings": {"echConfigList": "E"}});
    let links = seen(&inbound);
    let [(host, port, query)] = &links[..] else { panic!("{links:?}") };
    assert_eq!((host.as_str(), *port), ("cdn.example.org", 443));
    let tls = [("security", "tls"), ("sni", "front.example.org"), ("fp", "firefox")];
    says_all(query, &tls);
    says_all(query, &[("alpn", "h2,http/1.1"), ("path", "/ws")]);
    assert!(!query.iter().any(|(key, _)| key == "ech"), "{query:?}");
}

#[test]
fn each_usable_proxy_is_a_link_and_labels_tell_them_apart() {
    use crate::view::sample;
    let proxies = json!([
        {"forceTls": "same", "dest": "a.example.org", "port": 443, "remark": "By day"},
        {"forceTls": "same", "dest": "", "port": 443},
        {"forceTls": "same", "dest": "127.0.0.1", "port": 443},
        {"forceTls": "same", "dest": "c.example.org", "port": 0},
        {"forceTls": "none", "dest": "[2001:db8::7]", "port": 8443},
        "no object",
    ]);
    let mut facts = sample::facts();
    facts.inbounds = vec![reality(10443, &proxies)];
    facts.inbounds[0].remark = "vless-reality".into();
    let snapshot = sample::snapshot([sample::served_account(1, true), sample::put(facts)]);
    let all = links(&snapshot, &sample::catalog(), sample::account_id(1));
    let [day, other] = &all[..] else { panic!("{all:?}") };
    assert!(day.url.contains("@a.example.org:443?") && other.url.contains("@[2001:db8::7]:8443?"));
    assert!(other.url.contains("security=none") && !other.url.contains("pbk"));
    assert_eq!(day.label, "Frankfurt 1 By day");
    assert_eq!(other.label, "Frankfurt 1 2001:db8::7");
}

#[test]
fn the_panels_share_address_is_the_links_address() {
    for (listen, strategy, address, host) in [
        ("", "node", "", HOST),
        ("", "", "", HOST),
        ("0.0.0.0", "listen", "", HOST),
        ("::", "node", "unused.example.org", HOST),
        ("203.0.113.7", "listen", "", "203.0.113.7"),
        ("203.0.113.7", "node", "", "203.0.113.7"),
        ("203.0.113.7", "custom", "share.example.org", "share.example.org"),
        ("203.0.113.7", "custom", "", "203.0.113.7"),
        ("2001:db8::5", "listen", "", "[2001:db8::5]"),
        ("", "custom", "[2001:db8::6]", "[2001:db8::6]"),
        ("", "custom", "127.0.0.1", HOST),
        // A router stands before it: who is outside asks the server's own name.
        ("10.0.0.5", "listen", "", HOST),
        ("fd00::5", "node", "", HOST),
        // Whoever names a share address knows how it leads in.
        ("127.0.0.1", "custom", "share.example.org", "share.example.org"),
        ("@socket", "custom", "share.example.org", "share.example.org"),
    ] {
        let links = seen(&at(listen, strategy, address));
        let [(named, 8080, _)] = &links[..] else { panic!("{listen} {strategy}: {links:?}") };
        assert_eq!(named, host, "{listen} {strategy} {address}");
    }
}

#[test]
fn what_nobody_outside_reaches_has_no_link_and_says_why() {
    let with = |port, listen: &str| {
        let mut inbound = at(listen, "listen", "");
        inbound.port = port;
        inbound
    };
    let useless = json!([{"forceTls": "same", "dest": "", "port": 443}]);
    let mut keyless = reality(443, &json!([]));
    keyless.stream["realitySettings"]["settings"]["publicKey"] = json!("");
    let mut nameless = reality(443, &json!([]));
    nameless.stream["realitySettings"]["serverNames"] = json!(["", " "]);
    for (inbound, fault) in [
        (with(0, "/dev/shm/x.sock,0666"), Outage::SocketOnly),
        (with(8080, "@socket"), Outage::SocketOnly),
        (with(8080, "127.0.0.1"), Outage::LoopbackOnly),
        (with(8080, "::1"), Outage::LoopbackOnly),
        (with(8080, "localhost"), Outage::LoopbackOnly),
        (with(0, ""), Outage::NoPort),
        (ws(8080, &useless), Outage::NoEndpoint),
        (keyless, Outage::Incomplete),
        (nameless, Outage::Incomplete),
        (inbound("wireguard", json!({}), json!({}), 443), Outage::Unsupported),
        (inbound("hysteria", json!({"version": 1}), json!({}), 443), Outage::Unsupported),
    ] {
        assert_eq!(link_fault(&inbound, HOST), Some(fault), "{inbound:?}");
        assert!(links_of(&inbound, &somebody(), false, HOST, "l").is_empty());
    }
    let proxies = json!([{"forceTls": "same", "dest": "relay.example.org", "port": 443}]);
    for (listen, port) in [("@socket", 0), ("127.0.0.1", 8080)] {
        let mut inbound = ws(port, &proxies);
        inbound.listen = listen.to_owned();
        assert_eq!(link_fault(&inbound, HOST), None, "a proxy leads there");
    }
    assert_eq!(link_fault(&with(8080, "127.0.0.1"), "127.0.0.1"), None, "a shop on one host");
}

#[test]
fn a_list_that_begins_with_an_empty_entry_gives_the_first_usable() {
    let mut inbound = reality(443, &json!([]));
    inbound.stream["realitySettings"]["serverNames"] = json!(["", " ", "www.example.com"]);
    inbound.stream["realitySettings"]["shortIds"] = json!(["", "ab12"]);
    says_all(&seen(&inbound)[0].2, &[("sni", "www.example.com"), ("sid", "ab12")]);
    // A server that takes no short id at all is left without one.
    inbound.stream["realitySettings"]["shortIds"] = json!([""]);
    assert!(!seen(&inbound)[0].2.iter().any(|(key, _)| key == "sid"));
}

#[test]
fn what_is_no_address_is_in_no_link() {
    for no_address in [
        "a b",
        "evil.example/x?",
        "user@host",
        "a#b",
        "fe80::1%eth0",
        "h:443",
        "a\nb",
        ".",
        "a..b",
        "-",
        "-a.example",
    ] {
        let proxies = json!([{"forceTls": "same", "dest": no_address, "port": 443}]);
        assert!(seen(&ws(8080, &proxies)).is_empty(), "{no_address:?}");
        for odd in [at("", "custom", no_address), at(no_address, "node", "")] {
            let hosts: Vec<_> = seen(&odd).into_iter().map(|(host, ..)| host).collect();
            assert_eq!(hosts, [HOST], "{no_address:?}");
        }
    }
    let proxies = json!([{"forceTls": "same", "dest": "сервер.example", "port": 443}]);
    assert_eq!(seen(&ws(8080, &proxies)).len(), 1, "a name in another script is one");
}

#[test]
fn an_address_is_judged_as_apps_read_it_and_written_without_blanks() {
    let host_of = |listen: &str| seen(&at(listen, "node", "")).pop().map(|(host, ..)| host);
    for loopback in ["127.1", "0x7f.1", "2130706433", " 127.0.0.1", "localhost.", "a.LOCALHOST"] {
        assert_eq!(host_of(loopback), None, "{loopback:?}");
        let proxies = json!([{"forceTls": "same", "dest": loopback, "port": 443}]);
        assert!(seen(&ws(8080, &proxies)).is_empty(), "{loopback:?}");
    }
    for everywhere in ["0", "0.0", "::", " "] {
        assert_eq!(host_of(everywhere).as_deref(), Some(HOST), "{everywhere:?}");
    }
    let link = |listen| links_of(&at(listen, "node", ""), &somebody(), true, HOST, "l");
    assert_eq!(link(" 203.0.113.5\t"), link("203.0.113.5"));
    assert_eq!(link(" [ 2001:db8::5 ] "), link("2001:db8::5"));
    assert_eq!(link("a.example ").len(), 1);
}
