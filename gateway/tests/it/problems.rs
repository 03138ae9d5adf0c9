//! Every answer that is not a success is a problem of RFC 9457, signed wherever the asker is known.

use nebulalinks_protocol::{ErrorCode, Expect, Problem};

use crate::support::{EMAIL, Raw, World, put};

/// Asks, checks that the answer is a whole problem, and tells its code.
async fn problem(world: &World, raw: &Raw, signed: bool) -> ErrorCode {
    let answer = world.send(raw).await;
    let header = |name: &str| {
        let found = answer.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    };
    assert_eq!(header("content-type"), Some("application/problem+json"), "{answer:?}");
    assert_eq!(header("signature").is_some(), signed);
    assert!(!signed || world.is_signed(raw, &answer), "{answer:?}");
    let problem: Problem = answer.json();
    assert_eq!(problem.status, answer.status);
    assert_eq!(problem.type_uri, problem.code.type_uri());
    assert_eq!(problem.title, problem.code.title());
    assert!(!problem.detail.is_empty());
    problem.code
}

#[tokio::test]
async fn every_failure_is_a_problem_and_signed_once_the_asker_is_known() {
    let world = World::new().await;
    let fence = world.claim().await;
    let path = format!("/v1/clients/{EMAIL}");
    let fenced = serde_json::to_vec(&put(fence - 1, Expect::Absent)).unwrap();
    let conflict = put(fence, Expect::Uuid(crate::support::uuid()));
    let conflict = serde_json::to_vec(&conflict).unwrap();
    let stale = world.signed("GET", "/v1/health", b"", &world.keys, world.now() / 1000 - 31);
    for (raw, code) in [
        (world.request("GET", "/v1/nothing", b""), ErrorCode::NotFound),
        (world.request("PUT", &path, b"{"), ErrorCode::Invalid),
        (world.request("PUT", &path, &fenced), ErrorCode::Fenced),
        (world.request("PUT", &path, &conflict), ErrorCode::Conflict),
        (stale, ErrorCode::Clock),
    ] {
        assert_eq!(problem(&world, &raw, true).await, code);
    }
    let mut unsigned = world.request("GET", "/v1/health", b"");
    unsigned.remove("Signature");
    assert_eq!(problem(&world, &unsigned, false).await, ErrorCode::Unauthorized);
    world.panel.faults().set(nebulalinks_model_panel::Fault::Down);
    let list = world.request("GET", "/v1/clients", b"");
    assert_eq!(problem(&world, &list, true).await, ErrorCode::PanelUnreachable);
}

#[tokio::test]
async fn a_success_stays_plain_json() {
    let world = World::new().await;
    let raw = world.request("GET", "/v1/health", b"");
    let answer = world.send(&raw).await;
    assert!(world.is_signed(&raw, &answer));
    let is_json = |(n, v): &(String, String)| n == "content-type" && v == "application/json";
    assert!(answer.headers.iter().any(is_json));
}
