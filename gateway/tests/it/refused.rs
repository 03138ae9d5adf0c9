//! Every kind of request that may not ask: one answer for all of them, and the panel is not called.

use nebulalinks_protocol::{ErrorCode, Key, KeyPair, Problem, keys::MasterKey};

use crate::support::{EMAIL, Raw, World};

type Spoil = fn(&World, &mut Raw);

const SPOILT: &[(&str, Spoil)] = &[
    ("no signature", |_, r| r.remove("Signature")),
    ("no input", |_, r| r.remove("Signature-Input")),
    ("no digest", |_, r| r.remove("Content-Digest")),
    ("no type", |_, r| r.remove("Content-Type")),
    ("no length", |_, r| r.remove("Content-Length")),
    ("two signatures", |_, r| r.double("Signature")),
    ("two inputs", |_, r| r.double("Signature-Input")),
    ("two digests", |_, r| r.double("Content-Digest")),
    ("two types", |_, r| r.add("content-type", "application/json")),
    ("another type", |_, r| r.set("Content-Type", "application/json; charset=utf-8")),
    ("another method", |_, r| r.method = "DELETE".into()),
    ("another path", |_, r| r.path = "/v1/clients/nl-b".into()),
    ("another spelling of the path", |_, r| r.path = r.path.replace("nl-", "%6el-")),
    ("a query", |_, r| r.path += "?a=1"),
    ("another host", |_, r| r.set("Host", "gw.example.net")),
    ("another body", |_, r| r.body = b"{\"fence\":2}".to_vec()),
    ("another digest", |_, r| {
        r.set("Content-Digest", &nebulalinks_protocol::content_digest(b"{\"fence\":2}"));
    }),
    ("a truncated body", |_, r| r.body.truncate(4)),
    ("reordered components", |_, r| {
        let input = r.header("Signature-Input");
        let other = input.replace("\"@method\" \"@authority\"", "\"@authority\" \"@method\"");
        r.set("Signature-Input", &other);
    }),
    ("no components", |_, r| {
        let tail = r.header("Signature-Input").split_once(')').unwrap().1.to_owned();
        r.set("Signature-Input", &format!("gw=(){tail}"));
    }),
    ("a longer life", |_, r| {
        let input = r.header("Signature-Input");
        let (head, tail) = input.split_once(";expires=").unwrap();
        let (_, tail) = tail.split_once(';').unwrap();
        r.set("Signature-Input", &format!("{head};expires=9999999999;{tail}"));
    }),
    ("another label", |_, r| r.set("Signature", &r.header("Signature").replace("gw=", "xx="))),
    ("chunked", |_, r| {
        r.remove("Content-Length");
        r.add("Transfer-Encoding", "chunked");
        let body = String::from_utf8(r.body.clone()).unwrap();
        r.body = format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len()).into_bytes();
    }),
    ("gzip", |_, r| r.add("Content-Encoding", "gzip")),
    ("identity said aloud", |_, r| r.add("Content-Encoding", "identity")),
    ("an oversized body", |_, r| r.set("Content-Length", "1048577")),
    ("HTTP/1.0", |_, r| r.version = "HTTP/1.0".into()),
    ("an unknown key", |w, r| {
        *r =
            w.signed("PUT", &r.path, &r.body, &MasterKey::new([1; 32]).derive("x"), w.now() / 1000);
    }),
    ("a wrong key of the same name", |w, r| {
        let id = w.keys.request.id().to_owned();
        let other = KeyPair { request: Key::new([3; 32]), response: Key::new([4; 32]) };
        *r = w.signed("PUT", &r.path, &r.body, &other, w.now() / 1000);
        r.set("Signature-Input", &r.header("Signature-Input").replace(other.request.id(), &id));
    }),
];

fn good(world: &World) -> Raw {
    world.request("PUT", &format!("/v1/clients/{EMAIL}"), b"{\"fence\":1}")
}

#[tokio::test]
async fn every_spoilt_request_gets_the_same_unsigned_answer_and_reaches_no_panel() {
    let world = World::new().await;
    let unspoilt = world.send(&good(&world)).await;
    assert_eq!(unspoilt.status, 400, "signed well, though its body is not a request");
    let mut bodies = std::collections::BTreeSet::new();
    for (name, spoil) in SPOILT {
        let mut raw = good(&world);
        spoil(&world, &mut raw);
        let answer = world.send(&raw).await;
        assert_eq!(answer.status, 401, "{name}: {answer:?}");
        assert!(!answer.headers.iter().any(|(n, _)| n == "signature"), "{name}");
        bodies.insert(answer.body);
    }
    assert_eq!(bodies.len(), 1, "one answer for all");
    let problem: Problem = serde_json::from_slice(bodies.first().unwrap()).unwrap();
    assert_eq!(problem.code, ErrorCode::Unauthorized);
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
