//! What operators' scripts can do, and what they cannot: on a model panel behind the real router.

use std::sync::Arc;
use std::time::Duration;

use nebulalinks_model_panel::{
    Fault, Generation, InboundSeed, PanelVersion, Scope, SettingsClient,
};
use nebulalinks_protocol::{ErrorCode, Expect, Problem};
use serde_json::{Value, json};

use crate::support::{Caller, DAY_MS, EMAIL, World, put};

/// The ends of both generations.
const VERSIONS: [PanelVersion; 4] =
    [PanelVersion::V2_6_5, PanelVersion::V2_9_4, PanelVersion::V3_4_2, PanelVersion::Head];
const CLIENT_UUID: &str = "11111111-2222-4333-8444-555555555555";

/// The trojan inbound of the model.
const TROJAN: i64 = 3;

pub(crate) async fn post(scripts: &Caller, verb: &str, body: Value) -> Result<Value, Box<Problem>> {
    scripts.ask("POST", &format!("/api/vpn/{verb}"), &body).await.result()
}

pub(crate) async fn stats(scripts: &Caller, email: &str) -> Result<Value, Box<Problem>> {
    let answer: Value =
        scripts.ask("GET", &format!("/api/vpn/stats/{email}"), &()).await.result()?;
    Ok(answer["client"].clone())
}

pub(crate) fn new_client() -> Value {
    json!({
        "email": "bob", "inbounds": ["vless-reality"], "days": 30, "cap_gib": 50,
        "ip_limit": 2, "comment": "Bob",
    })
}

#[tokio::test]
async fn a_client_is_made_extended_given_traffic_disabled_and_deleted() {
    for version in VERSIONS {
        let world = World::of(version).await;
        let scripts = world.scripts();
        let mut asked = new_client();
        let mut inbounds = vec![1];
        if version.generation() == Generation::Three {
            asked["inbounds"] = json!(["vless-reality", 2]);
            inbounds.push(2);
        }
        let made = post(&scripts, "create", asked).await.unwrap();
        let end = scripts.now() + 30 * DAY_MS;
        assert_eq!(made["outcome"], "applied");
        assert_eq!(made["client"]["end"]["at_ms"], end);
        let seen = world.panel.client("bob").unwrap();
        assert_eq!((seen.inbounds.as_slice(), seen.is_on()), (&inbounds[..], true));
        assert_eq!(made["uuid"], seen.uuid);
        assert_eq!(
            (made["sub_id"].as_str().unwrap().len(), seen.flow.as_str()),
            (16, "xtls-rprx-vision")
        );

        let body = json!({"email": "bob", "days": 10});
        let longer = post(&scripts, "extend", body).await.unwrap();
        assert_eq!(longer["client"]["end"]["at_ms"], end + 10 * DAY_MS);
        let body = json!({"email": "bob", "add_gib": 10});
        let more = post(&scripts, "add-traffic", body).await.unwrap();
        assert_eq!(more["client"]["cap"]["bytes"], 60_u64 << 30);

        world.panel.add_traffic("bob", 1_000, 2_000);
        let client = stats(&scripts, "bob").await.unwrap();
        assert_eq!((&client["used_bytes"], &client["enabled"]), (&json!(3_000), &json!(true)));
        assert_eq!(client["left_bytes"], (60_u64 << 30) - 3_000);
        assert_eq!((&client["ip_limit"], &client["comment"]), (&json!(2), &json!("Bob")));
        assert_eq!(client.get("uuid"), None, "only the first answer has the credentials");

        let off = post(&scripts, "disable", json!({"email": "bob"})).await.unwrap();
        assert_eq!(off["client"]["enabled"], false);
        assert!(!world.panel.client("bob").unwrap().is_on());
        for outcome in ["applied", "unchanged"] {
            let gone = post(&scripts, "delete", json!({"email": "bob"})).await.unwrap();
            assert_eq!((&gone["outcome"], &gone["client"]), (&json!(outcome), &Value::Null));
        }
        assert_eq!(world.panel.client("bob"), None);
        assert_eq!(stats(&scripts, "bob").await.unwrap_err().code, ErrorCode::NotFound);
    }
}

#[tokio::test]
async fn a_client_of_the_shop_has_no_second_writer() {
    let world = World::new().await;
    let fence = world.claim().await;
    world.put(&put(fence, Expect::Absent)).await.unwrap();
    let scripts = world.scripts();
    let writes = world.panel.api_writes();
    let calls = world.panel.calls();
    let mut create = new_client();
    for email in [EMAIL, "nl-main-x", "NL-main-01jz8q5v9m3kaaaaaaaaaaaaaa"] {
        create["email"] = email.into();
        for (verb, body) in [
            ("create", create.clone()),
            ("extend", json!({"email": email, "days": 1})),
            ("add-traffic", json!({"email": email, "add_gib": 1})),
            ("disable", json!({"email": email})),
            ("delete", json!({"email": email})),
        ] {
            let refused = post(&scripts, verb, body).await.unwrap_err();
            assert_eq!((refused.code, refused.status), (ErrorCode::Conflict, 409), "{verb}");
            assert!(refused.detail.contains("nebulalinks describe account"), "{}", refused.detail);
        }
    }
    assert_eq!(world.panel.calls(), calls, "the panel is not even asked");
    assert_eq!(stats(&scripts, EMAIL).await.unwrap()["enabled"], true, "reading is free");
    assert_eq!(world.panel.api_writes(), writes);
}

#[tokio::test]
async fn each_key_opens_its_own_door_only() {
    let world = World::new().await;
    let scripts = world.scripts();
    let fence = world.claim().await;
    let body = serde_json::to_vec(&put(fence, Expect::Absent)).unwrap();
    let path = format!("/v1/clients/{EMAIL}");
    let calls = world.panel.calls();
    for (method, path, body) in [
        ("GET", "/v1/health", &b""[..]),
        ("GET", "/v1/clients", b""),
        ("GET", &path, b""),
        ("PUT", &path, &body),
        ("DELETE", &path, b"{}"),
        ("POST", "/v1/claim", b"{}"),
    ] {
        let raw = scripts.request(method, path, body);
        let answer = scripts.send(&raw).await;
        assert!(scripts.is_signed(&raw, &answer));
        assert_eq!(answer.json::<Problem>().code, ErrorCode::Forbidden, "{method} {path}");
    }
    for (method, path) in [("GET", "/api/health"), ("POST", "/api/vpn/delete")] {
        let answer = world.ask(method, path, &json!({"email": "bob"})).await;
        assert_eq!(answer.json::<Problem>().code, ErrorCode::Forbidden, "{method} {path}");
    }
    assert_eq!(world.panel.calls(), calls, "the panel is not touched");
    let health: Value = scripts.ask("GET", "/api/health", &()).await.json();
    assert_eq!(health["panel"]["xray"], "running");
}

#[tokio::test]
async fn what_a_script_does_not_ask_for_stays_as_it_is() {
    for version in VERSIONS {
        let world = World::of(version).await;
        let scripts = world.scripts();
        world.panel.add_foreign("By.Hand").unwrap();
        world.panel.edit_by_hand("By.Hand", |c| (c.tg_id, c.reset) = (77, 30)).unwrap();
        world.panel.edit_by_hand("By.Hand", |c| c.sub_id = "Weird_ID".into()).unwrap();
        let before = world.panel.client("By.Hand").unwrap();
        let until = scripts.now() + 9 * DAY_MS;
        for outcome in ["applied", "unchanged"] {
            let body = json!({"email": "By.Hand", "until_ms": until});
            let longer = post(&scripts, "extend", body).await.unwrap();
            assert_eq!(
                (&longer["outcome"], &longer["client"]["end"]["at_ms"]),
                (&json!(outcome), &json!(until))
            );
        }
        post(&scripts, "add-traffic", json!({"email": "By.Hand", "cap_gib": 3})).await.unwrap();
        let mut kept = (0, 0);
        world.panel.edit_by_hand("By.Hand", |c| kept = (c.tg_id, c.reset)).unwrap();
        assert_eq!(kept, (77, 30), "{version:?}");
        let after = world.panel.client("By.Hand").unwrap();
        assert_eq!(
            (after.uuid, after.flow, after.inbounds),
            (before.uuid, before.flow, before.inbounds)
        );
        assert_eq!(after.entries, before.entries);
    }
}

#[tokio::test]
async fn an_ended_client_comes_back_with_days_and_one_disabled_by_hand_does_not() {
    for version in VERSIONS {
        let world = World::of(version).await;
        let scripts = world.scripts();
        post(&scripts, "create", new_client()).await.unwrap();
        world.advance(31 * DAY_MS);
        world.panel.poll(i64::try_from(world.now()).unwrap());
        assert_eq!(stats(&scripts, "bob").await.unwrap()["enabled"], false);
        let days = json!({"email": "bob", "days": 5});
        let back = post(&scripts, "extend", days.clone()).await.unwrap();
        assert_eq!(back["client"]["enabled"], true);
        assert_eq!(back["client"]["end"]["at_ms"], world.now() + 5 * DAY_MS, "from now, not then");
        post(&scripts, "disable", json!({"email": "bob"})).await.unwrap();
        let off = post(&scripts, "extend", days).await.unwrap();
        assert_eq!(off["client"]["enabled"], false);
        let on = json!({"email": "bob", "days": 1, "enable": true});
        assert_eq!(post(&scripts, "extend", on).await.unwrap()["client"]["enabled"], true);
    }
}

#[tokio::test]
async fn what_is_malformed_or_would_hurt_is_refused_before_the_panel_is_asked() {
    let world = World::new().await;
    let scripts = world.scripts();
    let spoilt = |field: &str, value: Value| {
        let mut body = new_client();
        body[field] = value;
        ("create", body)
    };
    let ask = |verb: &'static str, mut body: Value| {
        body["email"] = "bob".into();
        (verb, body)
    };
    for (verb, body) in [
        spoilt("days", json!(0)),
        spoilt("days", json!(-3)),
        spoilt("days", json!(1.5)),
        spoilt("days", json!("30")),
        spoilt("days", Value::Null),
        spoilt("never_ends", json!(true)),
        spoilt("until_ms", json!(5)),
        spoilt("days", json!(4_000_000)),
        spoilt("cap_gib", json!(0)),
        spoilt("cap_gib", json!(-1)),
        spoilt("cap_gib", json!(u64::MAX)),
        spoilt("unlimited", json!(true)),
        spoilt("email", json!("a b")),
        spoilt("email", json!("../x")),
        spoilt("email", json!("..")),
        spoilt("email", json!("")),
        spoilt("inbounds", json!([])),
        spoilt("inbounds", json!([-1])),
        spoilt("inbounds", json!(["x".repeat(257)])),
        spoilt("uuid", json!("00000000-0000-0000-0000-000000000000")),
        spoilt("uuid", json!("x")),
        spoilt("sub_id", json!("UPPER CASE")),
        spoilt("secret", json!("short")),
        spoilt("comment", json!("two\nlines")),
        spoilt("ip_limit", json!(2_000_000)),
        spoilt("expires", json!(30)),
        ask("extend", json!({})),
        ask("extend", json!({"days": 0})),
        ask("extend", json!({"days": 3, "until_ms": 1_900_000_000_000_u64})),
        ask("extend", json!({"until_ms": -1})),
        ask("add-traffic", json!({"add_gib": 0})),
        ask("add-traffic", json!({"add_gib": 1, "cap_gib": 1})),
        ask("disable", json!({"days": 3})),
        ("disable", json!({"email": ".."})),
        ("delete", json!({"email": ".."})),
        ("delete", json!({"email": "."})),
        ("delete", json!({})),
    ] {
        let refused = post(&scripts, verb, body.clone()).await.unwrap_err();
        assert_eq!((refused.code, refused.status), (ErrorCode::Invalid, 400), "{verb} {body}");
    }
    assert_eq!(world.panel.calls(), 0);
    let unknown = post(&scripts, "create", spoilt("expires", json!(1)).1).await.unwrap_err();
    assert!(unknown.detail.contains("unknown field `expires`"), "{}", unknown.detail);
    let missing = post(&scripts, "delete", json!({})).await.unwrap_err();
    assert!(missing.detail.contains("missing field `email`"), "{}", missing.detail);
    let secret = spoilt("uuid", json!("my-secret-uuid")).1;
    let refused = post(&scripts, "create", secret).await.unwrap_err();
    assert!(!refused.detail.contains("my-secret"), "{}", refused.detail);
    let (_, nowhere) = spoilt("inbounds", json!(["nowhere"]));
    assert_eq!(post(&scripts, "create", nowhere).await.unwrap_err().code, ErrorCode::NoInbound);
    assert_eq!(world.panel.api_writes(), 0);
}

#[tokio::test]
async fn a_given_credential_is_used_and_a_second_create_changes_nothing() {
    let world = World::new().await;
    let scripts = world.scripts();
    let mut body = new_client();
    body["uuid"] = CLIENT_UUID.into();
    body["sub_id"] = "subscriptionofbob".into();
    body["enable"] = false.into();
    let made = post(&scripts, "create", body.clone()).await.unwrap();
    assert_eq!((&made["uuid"], &made["sub_id"]), (&body["uuid"], &body["sub_id"]));
    assert_eq!(made["client"]["enabled"], false);
    assert_eq!(post(&scripts, "create", body).await.unwrap_err().code, ErrorCode::Conflict);
    assert_eq!(world.panel.times_created("bob"), 1);
    assert_eq!(world.panel.client("bob").unwrap().uuid, CLIENT_UUID);
}

#[tokio::test]
async fn two_scripts_that_both_add_a_day_add_two() {
    let world = World::new().await;
    let one = world.scripts();
    post(&one, "create", new_client()).await.unwrap();
    let end = stats(&one, "bob").await.unwrap()["end"]["at_ms"].as_u64().unwrap();
    let day = || post(&one, "extend", json!({"email": "bob", "days": 1}));
    let (a, b, c, d) = tokio::join!(day(), day(), day(), day());
    assert!(a.is_ok() && b.is_ok() && c.is_ok() && d.is_ok());
    let after = stats(&one, "bob").await.unwrap()["end"]["at_ms"].as_u64().unwrap();
    assert_eq!(after, end + 4 * DAY_MS);
}

#[tokio::test]
async fn a_script_needs_no_claim_and_its_signature_still_ends() {
    let world = std::sync::Arc::new(World::new().await);
    let scripts = std::sync::Arc::new(world.scripts());
    let slow = Fault::SlowAfterCommit(std::time::Duration::from_millis(400));
    world.panel.faults().set_for(slow, Scope::path("inbounds/list"), Some(1));
    let reading = || world.points.count("read.before");
    let start = reading();
    let writer = std::sync::Arc::clone(&scripts);
    let write = tokio::spawn(async move { post(&writer, "create", new_client()).await });
    while reading() < start + 2 {
        tokio::task::yield_now().await;
    }
    world.advance(31_000);
    assert_eq!(write.await.unwrap().unwrap_err().code, ErrorCode::Expired);
    assert_eq!(world.panel.api_writes(), 0);
    assert!(post(&scripts, "create", new_client()).await.is_ok(), "nobody has claimed");
}

#[tokio::test]
async fn scripts_that_ask_at_once_share_a_reading() {
    const SCRIPTS: usize = 12;
    let world = World::new().await;
    let scripts = Arc::new(world.scripts());
    post(&scripts, "create", new_client()).await.unwrap();
    let calls = world.panel.calls();
    let slow = Fault::SlowAfterCommit(Duration::from_millis(300));
    world.panel.faults().set_for(slow, Scope::path("inbounds/list"), None);
    let ask = |_| {
        let scripts = Arc::clone(&scripts);
        tokio::spawn(async move { stats(&scripts, "bob").await.unwrap() })
    };
    let asked: Vec<_> = (0..SCRIPTS).map(ask).collect();
    for answer in asked {
        assert_eq!(answer.await.unwrap()["email"], "bob");
    }
    // A reading is two calls, and each script asks who is online; alone they would be 36.
    let made = usize::try_from(world.panel.calls() - calls).unwrap();
    assert!(made <= SCRIPTS + 2 * 4, "{made}");
}

#[tokio::test]
async fn who_is_online_is_told_when_the_panel_says_so() {
    for version in VERSIONS {
        let world = World::of(version).await;
        let scripts = world.scripts();
        post(&scripts, "create", new_client()).await.unwrap();
        assert_eq!(stats(&scripts, "bob").await.unwrap()["online"], false, "{version:?}");
        world.panel.add_traffic("bob", 5, 5);
        world.panel.poll(i64::try_from(world.now()).unwrap());
        assert_eq!(stats(&scripts, "bob").await.unwrap()["online"], true);
        world.panel.faults().set_for(Fault::ErrorBeforeCommit, Scope::path("onlines"), None);
        assert_eq!(stats(&scripts, "bob").await.unwrap()["online"], Value::Null);
    }
}

#[tokio::test]
async fn a_write_that_may_have_been_done_is_said_to_be_unknown() {
    let world = World::new().await;
    let scripts = world.scripts();
    world.panel.faults().set_for(Fault::DropBeforeCommit, Scope::path("clients/add"), Some(1));
    let unknown = post(&scripts, "create", new_client()).await.unwrap_err();
    assert_eq!((unknown.code, unknown.status), (ErrorCode::UnknownOutcome, 504));
}

#[tokio::test]
async fn a_client_made_by_hand_without_a_uuid_is_changed_and_deleted_too() {
    for version in VERSIONS {
        let world = World::of(version).await;
        let scripts = world.scripts();
        let mut by_hand = SettingsClient::default();
        (by_hand.email, by_hand.password) = ("Tr".into(), "correct horse".into());
        by_hand.enable = true;
        world.panel.add_by_hand(by_hand, &[TROJAN]).unwrap();
        post(&scripts, "add-traffic", json!({"email": "Tr", "cap_gib": 2})).await.unwrap();
        world
            .panel
            .edit_by_hand("Tr", |c| {
                assert_eq!((c.password.as_str(), c.total_gb), ("correct horse", 2 << 30));
            })
            .unwrap();
        let prose = Fault::Refused("no more today".into());
        world.panel.faults().set_for(prose, Scope::writes(), None);
        let refused = post(&scripts, "add-traffic", json!({"email": "Tr", "cap_gib": 3})).await;
        let refused = refused.unwrap_err();
        assert!(refused.detail.contains("no more today"), "{version:?}: {}", refused.detail);
        world.panel.faults().clear();
        post(&scripts, "delete", json!({"email": "Tr"})).await.unwrap();
        assert_eq!(world.panel.client("Tr"), None, "{version:?}");
    }
}

/// The v2 panels name a client by its password, in a path where a slash ends a segment.
#[tokio::test]
async fn a_client_that_no_path_can_name_is_told_of_and_deleted_by_its_email() {
    for version in [PanelVersion::V2_6_5, PanelVersion::V2_9_4] {
        for password in ["a/b+c==", "..", "."] {
            let world = World::of(version).await;
            let scripts = world.scripts();
            let mut by_hand = SettingsClient::default();
            (by_hand.email, by_hand.password) = ("Tr".into(), password.into());
            by_hand.enable = true;
            world.panel.add_by_hand(by_hand, &[TROJAN]).unwrap();
            let writes = world.panel.api_writes();
            for verb in ["add-traffic", "disable"] {
                let mut body = json!({"email": "Tr"});
                if verb == "add-traffic" {
                    body["cap_gib"] = json!(2);
                }
                let refused = post(&scripts, verb, body).await.unwrap_err();
                assert_eq!(refused.code, ErrorCode::PanelRefused, "{version:?} {password}");
                assert!(refused.detail.contains("Give it another"), "{}", refused.detail);
                assert!(!refused.detail.contains("b+c"), "{}", refused.detail);
            }
            assert_eq!(world.panel.api_writes(), writes);
            let gone = post(&scripts, "delete", json!({"email": "Tr"})).await;
            if version == PanelVersion::V2_9_4 {
                gone.unwrap();
                assert_eq!(world.panel.client("Tr"), None);
            } else {
                let refused = gone.unwrap_err();
                assert_eq!(refused.code, ErrorCode::PanelRefused);
                assert!(refused.detail.contains("Give it another"), "{}", refused.detail);
            }
        }
    }
}

#[tokio::test]
async fn a_client_on_a_node_is_left_to_its_own_gateway_unless_opted_in() {
    for version in [PanelVersion::V3_4_2, PanelVersion::Head] {
        for opted_in in [false, true] {
            let world = World::with(version, |c| c.panel.allow_nodes = opted_in).await;
            let seed = InboundSeed::vless_ws("elsewhere", 900);
            let id = world.panel.add_inbound(&InboundSeed { node_id: Some(2), ..seed });
            let scripts = world.scripts();
            let mut theirs = SettingsClient::default();
            (theirs.email, theirs.enable) = ("theirs".into(), true);
            world.panel.add_by_hand(theirs, &[1, id]).unwrap();
            let writes = world.panel.api_writes();
            let bodies = [
                ("extend", json!({"email": "theirs", "until_ms": scripts.now() + DAY_MS})),
                ("disable", json!({"email": "theirs"})),
                ("delete", json!({"email": "theirs"})),
            ];
            for (verb, body) in bodies {
                match post(&scripts, verb, body).await {
                    Ok(done) if opted_in => assert_eq!(done["outcome"], "applied", "{verb}"),
                    Err(refused) if !opted_in => {
                        assert_eq!(refused.code, ErrorCode::NoInbound, "{verb}");
                        assert!(refused.detail.contains("--allow-nodes"), "{}", refused.detail);
                    }
                    other => panic!("{version:?} {verb}: {other:?}"),
                }
            }
            assert_eq!(world.panel.api_writes() == writes, !opted_in);
        }
    }
}

#[tokio::test]
async fn a_client_whose_counters_are_lost_is_left_alone_and_not_made_once_more() {
    for version in VERSIONS {
        let world = World::of(version).await;
        let scripts = world.scripts();
        world.panel.add_foreign("By.Hand").unwrap();
        world.panel.drop_stats_row("By.Hand");
        let writes = world.panel.api_writes();
        let body = json!({"email": "By.Hand", "until_ms": scripts.now() + DAY_MS});
        let refused = post(&scripts, "extend", body).await.unwrap_err();
        assert_eq!((refused.code, refused.status), (ErrorCode::PanelRefused, 422), "{version:?}");
        assert!(refused.detail.contains("no row of counters"), "{}", refused.detail);
        assert_eq!(world.panel.api_writes(), writes);
    }
}
