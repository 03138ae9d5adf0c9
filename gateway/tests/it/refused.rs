//! Every kind of request that may not ask: one answer for all of them, and the panel is not called.

mod table;

use std::sync::atomic::Ordering;

use nebulalinks_model_panel::PanelVersion;
use nebulalinks_protocol::{ErrorCode, Expect, Problem};
use serde_json::{Value, json};

use crate::support::{EMAIL, World, put, uuid};
use table::Meets::{NoHttp, Reason, Told, Twice};
use table::Spoil;

/// All that can be asked for, with the path of each.
const DOORS: &[(&str, &str)] = &[
    ("GET", "/v1/health"),
    ("POST", "/v1/claim"),
    ("GET", "/v1/clients"),
    ("GET", "/v1/clients/nl-a"),
    ("PUT", "/v1/clients/nl-a"),
    ("DELETE", "/v1/clients/nl-a"),
    ("POST", "/v1/clients/batch"),
    ("POST", "/v1/xray/restart"),
    ("GET", "/v1/openapi.json"),
    ("POST", "/api/vpn/create"),
    ("POST", "/api/vpn/extend"),
    ("POST", "/api/vpn/add-traffic"),
    ("POST", "/api/vpn/disable"),
    ("GET", "/v1/clients/nl-a/addresses"),
    ("POST", "/api/vpn/delete"),
    ("GET", "/api/vpn/stats/bob"),
    ("GET", "/api/health"),
];

#[tokio::test]
async fn at_every_door_each_spoilt_request_gets_its_answer_and_reaches_no_panel() {
    let world = World::with(PanelVersion::Head, |c| {
        // All of them come from one address and are meant to be looked at.
        c.edge.rate_per_minute = 10_000.try_into().unwrap();
    })
    .await;
    let scripts = world.scripts();
    let paths = |(method, path): &(&str, &str)| (method.to_lowercase(), path.to_string());
    let document: Value = serde_json::from_str(&nebulalinks_gateway::openapi::json()).unwrap();
    let mut documented: Vec<(String, String)> = Vec::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        let name = if path.starts_with("/api/") { "bob" } else { "nl-a" };
        let path = path.replace("{email}", name);
        documented
            .extend(operations.as_object().unwrap().keys().map(|m| (m.clone(), path.clone())));
    }
    let mut doors: Vec<_> = DOORS.iter().map(paths).collect();
    doors.sort();
    documented.sort();
    assert_eq!(doors, documented, "all of them");
    let mut bodies = std::collections::BTreeSet::new();
    let mut wrong = Vec::new();
    for (method, path) in DOORS {
        let caller = if path.starts_with("/api/") { &scripts } else { &*world };
        let good = || caller.request(method, path, b"{\"fence\":1}");
        let raw = good();
        let unspoilt = caller.send(&raw).await;
        assert!(caller.is_signed(&raw, &unspoilt), "{method} {path}: {unspoilt:?}");
        let unknown = "nebulalinks_gateway_requests_total{code=\"not_found\",verb=\"unknown\"}";
        assert_eq!(world.metric(unknown).await, 0.0, "{method} {path}");
        for (name, meets, spoil) in table::all() {
            let mut raw = good();
            spoil(caller, &mut raw);
            if let Twice(_) = meets {
                caller.send(&raw).await;
            }
            let reason = match meets {
                Reason(reason) | Twice(reason) => reason,
                NoHttp | Told(_) => "none",
            };
            let counter = format!("nebulalinks_gateway_refusals_total{{reason=\"{reason}\"}}");
            let before = world.metric(&counter).await;
            let calls = world.panel.calls();
            let answer = caller.send(&raw).await;
            let counted = world.metric(&counter).await - before;
            let signed = answer.headers.iter().any(|(n, _)| n == "signature");
            let met = match meets {
                Reason(_) | Twice(_) => !signed && answer.status == 401 && counted == 1.0,
                Told(code) => {
                    signed
                        && answer.status == code.status()
                        && answer.json::<Problem>().code == code
                }
                NoHttp => [0, 400, 431].contains(&answer.status) && answer.body.is_empty(),
            };
            if !met || world.panel.calls() != calls {
                wrong.push(format!("{method} {path}, {name}: wanted {meets:?}, got {answer:?}"));
            }
            if let Reason(_) | Twice(_) = meets {
                bodies.insert(answer.body);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(bodies.len(), 1, "one answer for all");
    let problem: Problem = serde_json::from_slice(bodies.first().unwrap()).unwrap();
    assert_eq!(problem.code, ErrorCode::Unauthorized);
}

#[tokio::test]
async fn at_every_door_that_writes_another_fence_reaches_no_panel() {
    let world = World::new().await;
    let fence = world.claim().await;
    let calls = world.panel.calls();
    for wrong in [0, 1, fence - 1, fence + 1, u64::MAX] {
        let request = put(wrong, Expect::Absent);
        let item = json!({"expect": "absent", "client": request.client, "inbounds": ["1"]});
        let path = format!("/v1/clients/{EMAIL}");
        for (method, path, body) in [
            ("PUT", path.as_str(), json!(request)),
            ("DELETE", &path, json!({"fence": wrong, "uuid": uuid()})),
            ("POST", "/v1/clients/batch", json!({"fence": wrong, "items": [{"put": item}]})),
        ] {
            let answer = world.ask(method, path, &body).await;
            let problem: Problem = answer.json();
            assert_eq!((answer.status, problem.code), (409, ErrorCode::Fenced), "{method} {wrong}");
        }
    }
    assert_eq!(world.panel.calls(), calls);
}

#[tokio::test]
async fn what_is_signed_well_and_makes_no_sense_is_told_so_and_reaches_no_panel() {
    let world = World::new().await;
    let path = format!("/v1/clients/{EMAIL}");
    for (method, path, body, code) in [
        ("PUT", path.as_str(), "{\"fence\":1,\"fence\":1}", ErrorCode::Invalid),
        ("PUT", &path, "{\"fence\":-1}", ErrorCode::Invalid),
        ("PUT", &path, "{\"fence\":1e400}", ErrorCode::Invalid),
        ("PUT", &path, "", ErrorCode::Invalid),
        ("DELETE", &path, "[]", ErrorCode::Invalid),
        ("POST", "/v1/claim", "{\"store_id\":\"s\"}", ErrorCode::Invalid),
        ("PATCH", &path, "{}", ErrorCode::NotFound),
        ("GET", "/v1//clients", "", ErrorCode::NotFound),
        ("GET", "/v1/clients/../health", "", ErrorCode::NotFound),
        ("GET", "/V1/health", "", ErrorCode::NotFound),
        ("GET", "/metrics", "", ErrorCode::NotFound),
    ] {
        let raw = world.request(method, path, body.as_bytes());
        let answer = world.send(&raw).await;
        assert!(world.is_signed(&raw, &answer), "{method} {path} {body}: {answer:?}");
        let problem: Problem = answer.json();
        assert_eq!((problem.code, answer.status), (code, code.status()), "{method} {path} {body}");
    }
    assert_eq!(world.panel.calls(), 0);
}

#[tokio::test]
async fn what_is_not_signed_may_differ() {
    let world = World::new().await;
    let harmless: &[(&str, Spoil)] = &[
        ("headers in another order", |_, r| r.headers.reverse()),
        ("an unknown header", |_, r| r.add("X-Anything", "1")),
        ("what the answer may be packed in", |_, r| r.add("Accept-Encoding", "gzip")),
        ("an offer of HTTP/2", |_, r| {
            r.set("Connection", "close, Upgrade, HTTP2-Settings");
            r.add("Upgrade", "h2c");
            r.add("HTTP2-Settings", "AAMAAABkAAQAoAAAAAIAAAAA");
        }),
        ("a forwarded header of nobody we trust", |_, r| r.add("X-Forwarded-For", "garbage")),
        ("an empty query, which signs like none", |_, r| r.path += "?"),
    ];
    for (name, change) in harmless {
        let mut raw = world.request("GET", "/v1/health", b"");
        change(&world, &mut raw);
        let answer = world.send(&raw).await;
        assert_eq!(answer.status, 200, "{name}: {answer:?}");
        assert!(!answer.headers.iter().any(|(n, _)| n == "content-encoding"), "{name}");
    }
}

#[tokio::test]
async fn behind_a_proxy_only_its_word_counts_and_who_is_not_on_the_list_gets_403() {
    let world = World::with(PanelVersion::Head, |c| {
        c.edge.allow = "203.0.113.7, 2001:db8::/64".parse().unwrap();
        c.edge.trusted_proxies = "127.0.0.1".parse().unwrap();
    })
    .await;
    const X: &str = "X-Forwarded-For";
    for (name, value, reason) in [
        (X, "198.51.100.1", "address"),
        (X, "203.0.113.7, 198.51.100.1", "address"),
        (X, "127.0.0.1", "address"),
        (X, "2001:db8:0:1::1", "address"),
        ("X-Anything", "1", "address"),
        (X, "203.0.113.7, garbage", "forwarded"),
        (X, "garbage, 203.0.113.7", "forwarded"),
        (X, "", "forwarded"),
        ("Forwarded", "for=unknown", "forwarded"),
        ("Forwarded", "for=198.51.100.1", "address"),
    ] {
        let mut raw = world.request("GET", "/v1/health", b"");
        raw.add(name, value);
        let counter = format!("nebulalinks_gateway_refusals_total{{reason=\"{reason}\"}}");
        let before = world.metric(&counter).await;
        let answer = world.send(&raw).await;
        assert_eq!(answer.status, 403, "{name}: {value}: {answer:?}");
        assert!(!answer.headers.iter().any(|(n, _)| n == "signature"));
        assert_eq!(answer.json::<Problem>().code, ErrorCode::Forbidden);
        assert_eq!(world.metric(&counter).await - before, 1.0, "{name}: {value}");
    }
    let mut raw = world.request("GET", "/v1/health", b"");
    raw.add(X, "203.0.113.7");
    raw.add("Forwarded", "for=198.51.100.1");
    assert_eq!(world.send(&raw).await.status, 403, "two words that differ");
    assert_eq!(world.panel.calls(), 0);
    for value in
        ["203.0.113.7", "198.51.100.1, 203.0.113.7", "[2001:db8::9]:4711", "::ffff:203.0.113.7"]
    {
        let mut raw = world.request("GET", "/v1/health", b"");
        raw.add(X, value);
        assert_eq!(world.send(&raw).await.status, 200, "{value}");
    }
}

#[tokio::test]
async fn an_address_and_a_key_that_ask_too_often_wait_as_long_as_they_are_told() {
    let world = World::with(PanelVersion::Head, |c| {
        c.edge.rate_per_minute = 6.try_into().unwrap();
        c.edge.trusted_proxies = "127.0.0.1".parse().unwrap();
    })
    .await;
    let from = |address: &str, spoilt: bool| {
        let mut raw = world.request("GET", "/v1/nothing", b"");
        raw.add("X-Forwarded-For", address);
        if spoilt {
            raw.remove("Signature");
        }
        raw
    };
    for _ in 0..36 {
        assert_eq!(world.send(&from("198.51.100.1", true)).await.status, 401);
    }
    let answer = world.send(&from("198.51.100.1", false)).await;
    assert_eq!(answer.status, 429, "also for what is signed well: the address comes first");
    assert_eq!(answer.json::<Problem>().retry_after_ms, Some(3_334));
    for _ in 0..12 {
        assert_eq!(world.send(&from("203.0.113.7", false)).await.status, 404, "an honest one");
    }
    let raw = from("203.0.113.8", false);
    let answer = world.send(&raw).await;
    assert!(world.is_signed(&raw, &answer), "the key is known by then");
    assert_eq!(answer.json::<Problem>().retry_after_ms, Some(10_000));
    let header = answer.headers.iter().find(|(n, _)| n == "retry-after").unwrap();
    assert_eq!((answer.status, header.1.as_str()), (429, "10"));
    world.advance(9_999);
    assert_eq!(world.send(&from("203.0.113.7", false)).await.status, 429);
    world.advance(1);
    assert_eq!(world.send(&from("203.0.113.7", false)).await.status, 404);
    let limited =
        |whose: &str| format!("nebulalinks_gateway_rate_limited_total{{whose=\"{whose}\"}}");
    assert_eq!(world.metric(&limited("address")).await, 1.0);
    assert_eq!(world.metric(&limited("key")).await, 2.0);
    assert_eq!(world.panel.calls(), 0);
}

#[tokio::test]
async fn a_repeated_nonce_is_refused_and_a_spoilt_one_was_not_stored() {
    let world = World::new().await;
    let raw = world.request("GET", "/v1/health", b"");
    let mut spoilt = raw.clone();
    spoilt.set("Signature", world.request("GET", "/v1/health", b"").header("Signature"));
    assert_eq!(world.send(&spoilt).await.status, 401);
    assert_eq!(world.send(&raw).await.status, 200, "the failed one has not used the nonce up");
    let calls = world.panel.calls();
    assert_eq!(world.send(&raw).await.status, 401);
    world.advance(29_000);
    assert_eq!(world.send(&raw).await.status, 401);
    assert_eq!(world.panel.calls(), calls);
}

#[tokio::test]
async fn a_good_signature_at_a_wrong_time_is_told_the_time_in_a_signed_answer() {
    let world = World::new().await;
    let now_s = world.now() / 1000;
    for created in [now_s - 31, now_s + 31] {
        let raw = world.signed("GET", "/v1/health", b"", &world.keys, created);
        let answer = world.send(&raw).await;
        assert_eq!(answer.status, 401);
        assert!(world.is_signed(&raw, &answer));
        let problem: Problem = answer.json();
        assert_eq!((problem.code, problem.clock_ms), (ErrorCode::Clock, Some(world.now())));
    }
    assert_eq!(world.panel.calls(), 0);
}

#[tokio::test]
async fn what_was_signed_before_the_gateway_started_must_be_signed_again() {
    let mut world = World::new().await;
    let before = world.now() / 1000 - 1;
    world.restart_gateway("panel-token").await;
    let raw = world.signed("GET", "/v1/health", b"", &world.keys, before);
    let answer = world.send(&raw).await;
    assert_eq!(answer.status, 425);
    let date = answer.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case("date")).unwrap();
    assert_eq!(date.1, "Sat, 21 Nov 2026 10:00:01 GMT", "the date of the port, not the machine");
    assert_eq!(world.panel.calls(), 0);
}

#[tokio::test]
async fn a_clock_that_was_ahead_at_the_start_refuses_nobody_once_it_is_set_right() {
    let mut world = World::new().await;
    let right = world.now();
    world.clock.0.store(right + 2 * 3_600_000, Ordering::SeqCst);
    world.restart_gateway("panel-token").await;
    world.clock.0.store(right, Ordering::SeqCst);
    // It could be a repetition of what was taken before the start, by a clock a window ahead.
    for created in [right / 1000 - 1, right / 1000, right / 1000 + 29] {
        let before = world.signed("GET", "/v1/health", b"", &world.keys, created);
        assert_eq!(world.send(&before).await.status, 425, "{created}");
    }
    world.advance(30_000);
    let after = world.request("GET", "/v1/health", b"");
    assert_eq!(world.send(&after).await.status, 200);
}

#[tokio::test]
async fn an_unknown_path_is_told_only_to_who_may_ask() {
    let world = World::new().await;
    let raw = world.request("GET", "/v1/nothing", b"");
    let answer = world.send(&raw).await;
    assert_eq!(answer.status, 404);
    assert!(world.is_signed(&raw, &answer));
    let mut unsigned = world.request("GET", "/v1/nothing", b"");
    unsigned.remove("Signature");
    assert_eq!(world.send(&unsigned).await.status, 401);
}
