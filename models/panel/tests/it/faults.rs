//! The model panel over real HTTP, and each of its faults.
use nebulalinks_model_panel::{Fault, ModelPanel, PanelConfig, PanelServer, PanelVersion, Scope};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

const NOW: i64 = 1_800_000_000_000;

struct Bench {
    panel: ModelPanel,
    server: PanelServer,
    clock: Arc<AtomicI64>,
    http: reqwest::Client,
}

impl Bench {
    async fn new() -> Self {
        let clock = Arc::new(AtomicI64::new(NOW));
        let read = Arc::clone(&clock);
        let mut config =
            PanelConfig::new("g", "secret", Arc::new(move || read.load(Ordering::SeqCst)))
                .with_base_path("hidden");
        config.tick = Duration::from_millis(5);
        let panel = ModelPanel::new(config);
        let server = panel.serve("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { panel, server, clock, http }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}/hidden/panel/api/{path}", self.server.addr())
    }

    async fn create(&self, email: &str) -> reqwest::Result<reqwest::Response> {
        let body = json!({"client": {"email": email, "expiryTime": NOW + 1000},
                          "inboundIds": [1]});
        self.http.post(self.url("clients/add")).bearer_auth("secret").json(&body).send().await
    }

    async fn list(&self) -> reqwest::Result<reqwest::Response> {
        let request = self.http.get(self.url("inbounds/list")).bearer_auth("secret");
        request.header("X-Requested-With", "XMLHttpRequest").send().await
    }

    fn has(&self, email: &str) -> bool {
        self.panel.client(email).is_some()
    }
}

#[tokio::test]
async fn it_answers_under_its_base_path() {
    let bench = Bench::new().await;
    let made: Value = bench.create("a").await.unwrap().json().await.unwrap();
    assert_eq!(made["success"], true);
    let list: Value = bench.list().await.unwrap().json().await.unwrap();
    assert_eq!(list["obj"][0]["clientStats"][0]["email"], "a");
    let outside = format!("http://{}/panel/api/inbounds/list", bench.server.addr());
    assert_eq!(bench.http.get(outside).send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn a_500_with_an_empty_body_can_hide_a_commit() {
    let bench = Bench::new().await;
    bench.panel.faults().once(Fault::ErrorAfterCommit);
    let answer = bench.create("a").await.unwrap();
    assert_eq!(answer.status(), 500);
    assert_eq!(answer.bytes().await.unwrap().len(), 0);
    assert!(bench.has("a"));
    assert!(bench.list().await.unwrap().status().is_success(), "a one-shot fault is spent");
}

#[tokio::test]
async fn a_dropped_connection_can_hide_a_commit_or_nothing() {
    let bench = Bench::new().await;
    bench.panel.faults().once(Fault::DropAfterCommit);
    assert!(bench.create("a").await.is_err());
    assert!(bench.has("a"));
    bench.panel.faults().once(Fault::DropBeforeCommit);
    assert!(bench.create("b").await.is_err());
    assert!(!bench.has("b"));
}

#[tokio::test]
async fn answers_can_be_empty_cut_short_or_a_login_page() {
    let bench = Bench::new().await;
    bench.panel.faults().once(Fault::EmptyBody);
    let empty = bench.create("a").await.unwrap();
    assert!(empty.status().is_success());
    assert_eq!(empty.bytes().await.unwrap().len(), 0);
    assert!(bench.has("a"));
    bench.panel.faults().once(Fault::TruncatedJson);
    let cut = bench.list().await.unwrap().bytes().await.unwrap();
    assert!(cut.starts_with(b"{") && serde_json::from_slice::<Value>(&cut).is_err());
    bench.panel.faults().once(Fault::LoginPage);
    let page = bench.create("b").await.unwrap();
    assert!(page.status().is_success());
    assert!(page.text().await.unwrap().starts_with("<!doctype html>"));
    assert!(!bench.has("b"));
}

#[tokio::test]
async fn a_slow_answer_comes_after_its_commit() {
    let bench = Bench::new().await;
    bench.panel.faults().once(Fault::SlowAfterCommit(Duration::from_secs(3600)));
    let mut changes = bench.panel.on_change();
    tokio::select! {
        answer = bench.create("a") => panic!("answered: {answer:?}"),
        change = changes.recv() => assert_eq!(change.unwrap().email(), "a"),
    }
    assert!(bench.has("a"));
}

#[tokio::test]
async fn a_scoped_fault_meets_only_its_calls() {
    let bench = Bench::new().await;
    let scope = Scope { body_contains: Some("poisoned".to_owned()), ..Scope::writes() };
    bench.panel.faults().set_for(Fault::Refused("database is locked".to_owned()), scope, None);
    for _ in 0..2 {
        let refused: Value = bench.create("poisoned").await.unwrap().json().await.unwrap();
        assert_eq!(refused["msg"], "Something went wrong (database is locked)");
    }
    let made: Value = bench.create("a").await.unwrap().json().await.unwrap();
    assert_eq!(made["success"], true);
    bench.panel.faults().clear();
    bench.panel.faults().set_for(Fault::Unauthorized, Scope::path("inbounds/list"), Some(1));
    assert_eq!(bench.list().await.unwrap().status(), 401);
    assert!(bench.list().await.unwrap().status().is_success());
}

#[tokio::test]
async fn a_panel_that_is_down_refuses_and_comes_back_on_its_port() {
    let bench = Bench::new().await;
    assert!(bench.list().await.unwrap().status().is_success());
    bench.panel.faults().set(Fault::Down);
    let refused = async { while bench.list().await.is_ok() {} };
    tokio::time::timeout(Duration::from_secs(10), refused).await.unwrap();
    bench.panel.faults().clear();
    let back = async { while bench.list().await.is_err() {} };
    tokio::time::timeout(Duration::from_secs(10), back).await.unwrap();
}

#[tokio::test]
async fn a_stopped_panel_starts_again_on_its_port_with_its_clients() {
    let Bench { panel, server, http, clock } = Bench::new().await;
    let addr = server.addr();
    panel.add_foreign("a").unwrap();
    server.stop().await;
    let server = panel.serve(addr).await.unwrap();
    let bench = Bench { panel, server, http, clock };
    let list: Value = bench.list().await.unwrap().json().await.unwrap();
    assert_eq!(list["obj"][0]["clientStats"][0]["email"], "a");
}

#[tokio::test]
async fn a_served_panel_polls_when_its_clock_jumps() {
    let bench = Bench::new().await;
    bench.create("a").await.unwrap();
    let mut changes = bench.panel.on_change();
    bench.clock.fetch_add(30 * 86_400_000, Ordering::SeqCst);
    let change = tokio::time::timeout(Duration::from_secs(10), changes.recv()).await;
    assert_eq!(change.unwrap().unwrap().email(), "a");
    assert!(!bench.panel.client("a").unwrap().is_on());
}

#[tokio::test]
async fn a_call_is_logged_with_its_answer_and_without_a_clients_secret() {
    let bench = Bench::new().await;
    bench.create("a").await.unwrap();
    let uuid = bench.panel.client("a").unwrap().uuid;
    let lost = bench.url(&format!("inbounds/updateClient/{uuid}?x=1"));
    bench.http.post(lost).bearer_auth("secret").send().await.unwrap();
    // Trojan names its clients by their password.
    for path in ["inbounds/7/delClient/hunter2", "inbounds/updateClient/hunter2"] {
        bench.http.post(bench.url(path)).bearer_auth("secret").send().await.unwrap();
    }
    let calls = bench.panel.calls_after(0);
    let told: Vec<_> = calls.iter().map(|c| (c.number, c.path.as_str(), c.status)).collect();
    assert_eq!(told[0], (1, "/hidden/panel/api/clients/add", 200));
    assert_eq!(told[1], (2, "/hidden/panel/api/inbounds/updateClient/…", 404));
    assert_eq!(bench.panel.calls_after(1), calls[1..]);
    assert!(!format!("{calls:?}").contains(&uuid));
    assert!(told.len() == 4 && !format!("{calls:?}").contains("hunter2"), "{told:?}");
}

#[tokio::test]
async fn a_wiped_panel_has_its_inbounds_and_its_token_and_nobody_on_them() {
    let bench = Bench::new().await;
    bench.create("a").await.unwrap();
    let before = bench.panel.inbounds();
    bench.panel.wipe();
    assert!(!bench.has("a"));
    assert_eq!((bench.panel.inbounds(), before.len()), (before, 1));
    bench.create("b").await.unwrap();
    assert!(bench.has("b"));
}

#[tokio::test]
async fn another_version_of_the_generation_goes_on_with_the_database() {
    let mut bench = Bench::new().await;
    bench.create("a").await.unwrap();
    assert!(!bench.panel.install(PanelVersion::V2_9_4), "the generations differ in the database");
    assert!(bench.panel.install(PanelVersion::V3_4_2));
    let addr = bench.server.addr();
    bench.server.kill().await;
    bench.server = bench.panel.serve(addr).await.unwrap();
    let status = bench.http.get(bench.url("server/status")).bearer_auth("secret").send().await;
    let status: Value = status.unwrap().json().await.unwrap();
    assert_eq!((&status["obj"]["panelVersion"], bench.has("a")), (&json!("3.4.2"), true));
    assert_eq!(bench.panel.version(), PanelVersion::V3_4_2);
}
