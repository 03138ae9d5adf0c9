//! Laws of the model panel: each trap of the real one, by name.
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use nebulalinks_model_panel::{
    Actor, ClientSnapshot, InboundSeed, ModelPanel, PanelConfig, PanelEvent, PanelVersion,
    XrayState,
};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tower::ServiceExt as _;

const NOW: i64 = 1_800_000_000_000;
const DAY: i64 = 86_400_000;

struct Bench {
    panel: ModelPanel,
    clock: Arc<AtomicI64>,
}

impl Bench {
    fn new(version: PanelVersion) -> Self {
        let clock = Arc::new(AtomicI64::new(NOW));
        let read = Arc::clone(&clock);
        let config = PanelConfig::new("g", "secret", Arc::new(move || read.load(Ordering::SeqCst)))
            .with_version(version)
            .with_inbound(InboundSeed::vless_ws("ws", 8080));
        Self { panel: ModelPanel::new(config), clock }
    }

    fn head() -> Self {
        Self::new(PanelVersion::Head)
    }

    /// Moves the clock and lets the panel poll.
    fn pass(&self, ms: i64) {
        self.clock.fetch_add(ms, Ordering::SeqCst);
        self.panel.poll_if_due();
    }

    async fn call(&self, method: &str, path: &str, body: Value) -> (StatusCode, Value) {
        let request = Request::builder()
            .method(method)
            .uri(format!("/panel/api/{path}"))
            .header("Authorization", "Bearer secret")
            .body(if body.is_null() { Body::empty() } else { Body::from(body.to_string()) })
            .unwrap();
        let answer = self.panel.router().oneshot(request).await.unwrap();
        let status = answer.status();
        let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self.call("POST", path, body).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        answer
    }

    async fn create(&self, client: Value, inbounds: Value) -> Value {
        self.post("clients/add", json!({"client": client, "inboundIds": inbounds})).await
    }

    fn client(&self, email: &str) -> ClientSnapshot {
        self.panel.client(email).unwrap()
    }
}

fn client(email: &str) -> Value {
    json!({"email": email, "id": "5783c26d-0000-4000-8000-000000000001",
           "subId": format!("sub-{email}"), "enable": true, "totalGB": 1000,
           "expiryTime": NOW + 30 * DAY, "limitIp": 2, "flow": "xtls-rprx-vision",
           "comment": "nl:a", "reset": 0})
}

fn with(mut value: Value, key: &str, member: Value) -> Value {
    value[key] = member;
    value
}

#[tokio::test]
async fn a_created_client_is_on_whatever_was_asked() {
    let bench = Bench::head();
    bench.create(with(client("a"), "enable", json!(false)), json!([1])).await;
    assert!(bench.client("a").is_on());
}

#[tokio::test]
async fn a_repeated_create_says_success_and_changes_nothing() {
    let bench = Bench::head();
    bench.create(client("a"), json!([1])).await;
    let before = bench.client("a");
    let again = bench.create(with(client("a"), "totalGB", json!(7)), json!([1])).await;
    assert_eq!(again["success"], true);
    assert_eq!(bench.client("a"), before);
    assert_eq!(bench.panel.times_created("a"), 1);
    assert_eq!(bench.panel.api_writes(), 1);
}

#[tokio::test]
async fn a_repeated_create_duplicates_the_client_before_v3_5() {
    let bench = Bench::new(PanelVersion::V3_4_2);
    bench.create(client("a"), json!([1])).await;
    bench.create(with(client("a"), "totalGB", json!(7)), json!([1])).await;
    assert_eq!(bench.client("a").entries, 2);
}

#[tokio::test]
async fn another_sub_id_is_another_client_and_refused_with_a_newline() {
    let bench = Bench::head();
    bench.create(client("a"), json!([1])).await;
    let other = bench.create(with(client("a"), "subId", json!("x")), json!([1])).await;
    assert_eq!(other["success"], false);
    assert_eq!(other["msg"], "Something went wrong (email already in use: a\n)");
}

#[tokio::test]
async fn case_separates_records_but_not_settings() {
    let bench = Bench::head();
    bench.create(client("alice"), json!([1])).await;
    let other = bench.create(client("Alice"), json!([1])).await;
    assert_eq!(other["msg"], "Something went wrong (Duplicate email: Alice\n)");
    let (_, read) = bench.call("GET", "clients/get/Alice", Value::Null).await;
    assert_eq!(read["msg"], "Obtain (record not found)");
}

#[tokio::test]
async fn a_create_on_a_bad_inbound_leaves_the_earlier_ones_done() {
    let bench = Bench::head();
    let answer = bench.create(client("a"), json!([1, 99, 2])).await;
    assert_eq!(answer["success"], false);
    assert_eq!(bench.client("a").inbounds, [1]);
}

#[tokio::test]
async fn a_flow_is_kept_only_where_it_works() {
    let bench = Bench::head();
    bench.create(client("a"), json!([1, 2])).await;
    let (_, list) = bench.call("GET", "inbounds/list", Value::Null).await;
    assert_eq!(list["obj"][0]["settings"]["clients"][0]["flow"], "xtls-rprx-vision");
    assert_eq!(list["obj"][1]["settings"]["clients"][0].get("flow"), None);
}

#[tokio::test]
async fn what_an_update_omits_is_zero_but_credentials_stay() {
    let bench = Bench::head();
    bench.create(client("a"), json!([1])).await;
    bench.post("clients/update/a", json!({"email": "a"})).await;
    insta::assert_debug_snapshot!(bench.client("a"), @r#"
    ClientSnapshot {
        email: "a",
        uuid: "5783c26d-0000-4000-8000-000000000001",
        sub_id: "sub-a",
        flow: "",
        entries: 1,
        enabled_in_settings: false,
        enabled_in_record: false,
        enabled_in_stats: Some(
            false,
        ),
        total: 0,
        expiry_ms: 0,
        limit_ip: 0,
        inbounds: [
            1,
        ],
        up: 0,
        down: 0,
        comment: "",
        created_at: 1800000000000,
        row_id: Some(
            1,
        ),
    }
    "#);
}

#[tokio::test]
async fn an_equal_update_repairs_no_drifted_row_at_the_head_and_does_before() {
    for (version, repaired) in [(PanelVersion::Head, false), (PanelVersion::V3_4_2, true)] {
        let bench = Bench::new(version);
        bench.create(client("a"), json!([1])).await;
        bench.panel.drift_stats("a", |row| row.enable = false);
        let answer = bench.post("clients/update/a", client("a")).await;
        assert_eq!(answer["success"], true);
        assert_eq!(bench.client("a").enabled_in_stats, Some(repaired), "{version:?}");
    }
}

#[tokio::test]
async fn switching_off_and_on_repairs_a_drifted_flag() {
    let bench = Bench::head();
    bench.create(client("a"), json!([1])).await;
    bench.panel.drift_stats("a", |row| row.enable = false);
    bench.post("clients/bulkDisable", json!({"emails": ["a"]})).await;
    bench.post("clients/bulkEnable", json!({"emails": ["a"]})).await;
    assert!(bench.client("a").is_on());
}

#[tokio::test]
async fn a_missing_row_comes_back_only_by_detach_and_attach() {
    let bench = Bench::head();
    bench.create(client("a"), json!([1])).await;
    let first = bench.client("a").row_id;
    bench.panel.drop_stats_row("a");
    bench.post("clients/update/a", with(client("a"), "totalGB", json!(5))).await;
    bench.post("clients/bulkDisable", json!({"emails": ["a"]})).await;
    bench.post("clients/bulkEnable", json!({"emails": ["a"]})).await;
    assert_eq!(bench.client("a").row_id, None);
    bench.post("clients/a/detach", json!({"inboundIds": [1]})).await;
    bench.post("clients/a/attach", json!({"inboundIds": [1]})).await;
    let row = bench.client("a").row_id;
    assert!(row.is_some() && row != first, "a new row, a new incarnation");
}

#[tokio::test]
async fn a_client_keeps_when_it_was_made_through_detach_and_attach() {
    for version in [PanelVersion::V3_4_2, PanelVersion::Head] {
        let bench = Bench::new(version);
        bench.create(json!({"email": "a", "subId": "s", "created_at": 5}), json!([1])).await;
        bench.create(json!({"email": "b", "subId": "t"}), json!([1])).await;
        for (email, made) in [("a", 5), ("b", NOW)] {
            bench.pass(1_000);
            bench.post(&format!("clients/{email}/detach"), json!({"inboundIds": [1]})).await;
            bench.post(&format!("clients/{email}/attach"), json!({"inboundIds": [1]})).await;
            let (_, list) = bench.call("GET", "inbounds/list", Value::Null).await;
            let clients = list["obj"][0]["settings"]["clients"].as_array().unwrap();
            let client = clients.iter().find(|c| c["email"] == email).unwrap();
            assert_eq!(client["created_at"], made, "{version:?}");
        }
    }
}

#[tokio::test]
async fn a_client_on_no_inbound_is_updated_only_at_the_head() {
    for (version, sub_id) in [(PanelVersion::V3_4_2, "s"), (PanelVersion::Head, "other")] {
        let bench = Bench::new(version);
        bench.create(json!({"email": "a", "subId": "s"}), json!([1])).await;
        bench.post("clients/a/detach", json!({"inboundIds": [1]})).await;
        let update = json!({"email": "a", "subId": "other", "enable": true});
        assert_eq!(bench.post("clients/update/a", update).await["success"], true);
        let (_, record) = bench.call("GET", "clients/get/a", Value::Null).await;
        assert_eq!(record["obj"]["client"]["subId"], sub_id);
    }
}

#[tokio::test]
async fn a_reset_brings_back_whoever_was_off_and_loses_a_flow() {
    let bench = Bench::head();
    bench.create(client("a"), json!([1, 2])).await;
    bench.post("clients/bulkDisable", json!({"emails": ["a"]})).await;
    assert_eq!(bench.client("a").flow, "xtls-rprx-vision");
    bench.post("clients/resetTraffic/a", Value::Null).await;
    let after = bench.client("a");
    assert!(after.is_on());
    assert_eq!(after.flow, "");
}

#[tokio::test]
async fn bulk_calls_name_whom_they_skip_and_repeat_safely() {
    let bench = Bench::head();
    bench.create(client("a"), json!([1])).await;
    let body = json!({"emails": ["a", "nobody"]});
    for _ in 0..2 {
        let answer = bench.post("clients/bulkDisable", body.clone()).await;
        let skipped = json!([{"email": "nobody", "reason": "client not found"}]);
        assert_eq!(answer["obj"], json!({"changed": 1, "skipped": skipped}));
    }
    assert_eq!(bench.panel.api_writes(), 2, "the second call changed nothing");
}

#[tokio::test]
async fn a_reset_keeps_the_flow_of_a_client_on_one_inbound() {
    let bench = Bench::head();
    bench.create(client("a"), json!([1])).await;
    bench.post("clients/bulkDisable", json!({"emails": ["a"]})).await;
    bench.post("clients/resetTraffic/a", Value::Null).await;
    assert!(bench.client("a").is_on());
    assert_eq!(bench.client("a").flow, "xtls-rprx-vision");
}

#[tokio::test]
async fn a_reset_without_a_row_fails_but_has_switched_on() {
    let bench = Bench::head();
    bench.create(client("a"), json!([1])).await;
    bench.post("clients/bulkDisable", json!({"emails": ["a"]})).await;
    bench.panel.drop_stats_row("a");
    let answer = bench.post("clients/resetTraffic/a", Value::Null).await;
    assert_eq!(answer["success"], false);
    assert!(bench.client("a").enabled_in_settings);
}

#[tokio::test]
async fn a_deleted_client_made_anew_starts_at_zero_unless_its_traffic_was_kept() {
    let bench = Bench::head();
    for (query, used) in [("", 0), ("?keepTraffic=1", 300)] {
        bench.create(client("a"), json!([1])).await;
        bench.panel.add_traffic("a", 100, 200);
        bench.post(&format!("clients/del/a{query}"), Value::Null).await;
        assert_eq!(bench.panel.client("a"), None);
        bench.create(client("a"), json!([1])).await;
        assert_eq!(bench.client("a").up + bench.client("a").down, used);
        bench.post("clients/del/a", Value::Null).await;
    }
    let gone = bench.post("clients/del/a", Value::Null).await;
    let text = "client \"a\" not found in any inbound or client record\n";
    assert_eq!(gone["msg"], format!("Something went wrong ({text})"));
}

#[tokio::test]
async fn the_panel_disables_the_expired_in_all_three_stores() {
    let bench = Bench::head();
    bench.create(client("a"), json!([1])).await;
    bench.pass(30 * DAY - 1);
    assert!(bench.client("a").is_on());
    bench.pass(5_000);
    let after = bench.client("a");
    assert!(!after.enabled_in_settings && !after.enabled_in_record);
    assert_eq!(after.enabled_in_stats, Some(false));
    let last = bench.panel.journal().pop().unwrap();
    assert_eq!(last.actor, Actor::Panel);
    assert_eq!(last.event, PanelEvent::Disabled { email: "a".to_owned(), by_panel: true });
}

#[tokio::test]
async fn the_panel_disables_the_depleted_and_again_after_an_enable() {
    let bench = Bench::head();
    bench.create(client("a"), json!([1])).await;
    assert!(bench.panel.add_traffic("a", 400, 600));
    bench.pass(5_000);
    assert!(!bench.client("a").is_on());
    assert!(!bench.panel.add_traffic("a", 1, 1), "who is off has no traffic");
    bench.post("clients/bulkEnable", json!({"emails": ["a"]})).await;
    assert!(bench.client("a").is_on());
    bench.pass(5_000);
    assert!(!bench.client("a").is_on());
}

#[tokio::test]
async fn the_panel_cuts_nobody_off_without_xray_or_with_its_rule_off() {
    let bench = Bench::head();
    bench.create(client("a"), json!([1])).await;
    bench.panel.set_xray(XrayState::Stopped);
    bench.pass(40 * DAY);
    assert!(bench.client("a").enabled_in_settings);
    let (_, status) = bench.call("GET", "server/status", Value::Null).await;
    assert_eq!(status["obj"]["xray"]["state"], "stop");
    bench.panel.set_xray(XrayState::Running);
    bench.panel.set_own_rule(false);
    bench.pass(DAY);
    assert!(bench.client("a").is_on());
    bench.panel.set_own_rule(true);
    bench.pass(5_000);
    assert!(!bench.client("a").is_on());
}

#[tokio::test]
async fn a_negative_end_starts_with_the_first_traffic() {
    let bench = Bench::head();
    bench.create(with(client("a"), "expiryTime", json!(-DAY)), json!([1])).await;
    bench.pass(5_000);
    assert_eq!(bench.client("a").expiry_ms, -DAY);
    bench.panel.add_traffic("a", 1, 1);
    bench.pass(5_000);
    assert_eq!(bench.client("a").expiry_ms, NOW + 10_000 + DAY);
}

#[tokio::test]
async fn a_page_holds_at_most_200() {
    let bench = Bench::head();
    let many: Vec<Value> = (0..201)
        .map(|n| json!({"client": {"email": format!("c{n}")}, "inboundIds": [1]}))
        .collect();
    bench.post("clients/bulkCreate", json!(many)).await;
    let (_, page) = bench.call("GET", "clients/list/paged?page=1&pageSize=1000", Value::Null).await;
    assert_eq!(page["obj"]["items"].as_array().unwrap().len(), 200);
    assert_eq!(page["obj"]["total"], 201);
}

#[tokio::test]
async fn without_a_token_the_api_is_not_there() {
    let bench = Bench::head();
    bench.panel.replace_token("another");
    let (status, _) = bench.call("GET", "inbounds/list", Value::Null).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

/// Logs in as the browser at this address would.
async fn log_in(panel: &ModelPanel, ip: &str, password: &str) -> Value {
    let router = panel.router();
    let get = Request::get("/csrf-token").body(Body::empty()).unwrap();
    let answer = router.clone().oneshot(get).await.unwrap();
    let cookie = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
    let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    let csrf: Value = serde_json::from_slice(&body).unwrap();
    let request = Request::post("/login")
        .header("Cookie", cookie.split(';').next().unwrap())
        .header("X-Forwarded-For", ip)
        .header("X-CSRF-Token", csrf["obj"].as_str().unwrap())
        .body(Body::from(json!({"username": "admin", "password": password}).to_string()))
        .unwrap();
    let answer = router.oneshot(request).await.unwrap();
    let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    serde_json::from_slice(&body).unwrap()
}

#[tokio::test]
async fn five_failed_logins_block_even_the_right_password_for_a_quarter_of_an_hour() {
    let bench = Bench::head();
    let login = async |password: &str| log_in(&bench.panel, "192.0.2.1", password).await;
    let wrong = login("wrong").await;
    for _ in 1..5 {
        assert_eq!(login("wrong").await, wrong);
    }
    assert_eq!(login("admin").await, wrong, "a block reads like a wrong password");
    bench.clock.fetch_add(15 * 60_000 - 1, Ordering::SeqCst);
    for _ in 0..5 {
        assert_eq!(login("admin").await, wrong);
    }
    bench.clock.fetch_add(1, Ordering::SeqCst);
    assert_eq!(login("admin").await["success"], true, "attempts during a block do not prolong it");
}

#[tokio::test]
async fn a_login_is_blocked_at_one_address_and_forgotten_by_a_new_process() {
    let bench = Bench::head();
    for _ in 0..5 {
        assert_eq!(log_in(&bench.panel, "192.0.2.1", "wrong").await["success"], false);
    }
    assert_eq!(log_in(&bench.panel, "192.0.2.1", "admin").await["success"], false);
    assert_eq!(log_in(&bench.panel, "192.0.2.2", "admin").await["success"], true);
    let server = bench.panel.serve("127.0.0.1:0".parse().unwrap()).await.unwrap();
    assert_eq!(log_in(&bench.panel, "192.0.2.1", "admin").await["success"], true);
    server.kill().await;
}

#[tokio::test]
async fn a_token_name_can_be_had_once() {
    let bench = Bench::head();
    let name = json!({"name": "gateway"});
    let made = bench.post("setting/apiTokens/create", name.clone()).await;
    assert_eq!(made["obj"]["token"].as_str().unwrap().len(), 48);
    let again = bench.post("setting/apiTokens/create", name).await;
    assert_eq!((again["success"].clone(), again["obj"].clone()), (json!(false), Value::Null));
    let (_, list) = bench.call("GET", "setting/apiTokens", Value::Null).await;
    assert_eq!(list["obj"][0].get("token"), None, "it is shown once");
}

#[tokio::test]
async fn an_inbound_of_a_node_names_it() {
    let bench = Bench::head();
    let ours = InboundSeed::vless_ws("on a node", 8080);
    let id = bench.panel.add_inbound(&InboundSeed { node_id: Some(7), ..ours });
    let (_, list) = bench.call("GET", "inbounds/list", Value::Null).await;
    let nodes: Vec<&Value> = list["obj"].as_array().unwrap().iter().map(|i| &i["nodeId"]).collect();
    assert_eq!(nodes, [&Value::Null, &Value::Null, &json!(7)]);
    let (_, options) = bench.call("GET", "inbounds/options", Value::Null).await;
    assert_eq!(options["obj"][2]["nodeId"], 7);
    assert_eq!(id, 3);
}

#[tokio::test]
async fn hands_leave_their_marks_in_the_journal() {
    let bench = Bench::head();
    bench.create(client("a"), json!([1])).await;
    let mut changes = bench.panel.on_change();
    bench.panel.add_foreign("stranger").unwrap();
    bench.panel.edit_by_hand("a", |client| client.total_gb = 1).unwrap();
    assert!(bench.panel.disable_by_hand("a"));
    assert!(bench.panel.delete_by_hand("a"));
    assert!(!bench.panel.delete_by_hand("a"));
    let email = || "a".to_owned();
    let expected = [
        PanelEvent::Created { email: "stranger".to_owned() },
        PanelEvent::Updated { email: email(), fields: vec!["total"] },
        PanelEvent::Disabled { email: email(), by_panel: false },
        PanelEvent::Deleted { email: email() },
    ];
    for event in expected {
        assert_eq!(changes.try_recv().unwrap(), event);
    }
    assert_eq!(bench.panel.api_writes(), 1, "hands are not the API");
}

#[tokio::test]
async fn a_restored_backup_is_the_panel_of_then() {
    let bench = Bench::head();
    bench.create(client("a"), json!([1])).await;
    let then = bench.panel.clients();
    let backup = bench.panel.backup();
    bench.panel.add_traffic("a", 5, 5);
    bench.create(client("b"), json!([2])).await;
    bench.panel.delete_by_hand("a");
    bench.panel.restore(&backup);
    assert_eq!(bench.panel.clients(), then);
    bench.panel.replace_guid("other");
    let (_, status) = bench.call("GET", "server/status", Value::Null).await;
    assert_eq!(status["obj"]["panelGuid"], "other");
}
