//! One panel of generation 2, logged in to, with a clock that tests move.

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use axum::response::Response;
use nebulalinks_model_panel::{ClientSnapshot, InboundSeed, ModelPanel, PanelConfig, PanelVersion};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tower::ServiceExt as _;

pub(crate) const NOW: i64 = 1_800_000_000_000;
pub(crate) const DAY: i64 = 86_400_000;
pub(crate) const BOTH: [PanelVersion; 2] = [PanelVersion::V2_6_5, PanelVersion::V2_9_4];

pub(crate) struct Bench {
    pub(crate) panel: ModelPanel,
    clock: Arc<AtomicI64>,
    cookie: String,
}

impl Bench {
    /// VLESS on inbounds 1 and 2, each with a sentinel; the others as given, empty.
    pub(crate) async fn new(version: PanelVersion, more: Vec<InboundSeed>) -> Self {
        let clock = Arc::new(AtomicI64::new(NOW));
        let read = Arc::clone(&clock);
        let mut config = PanelConfig::new("g", "t", Arc::new(move || read.load(Ordering::SeqCst)))
            .with_version(version)
            .with_inbound(InboundSeed::vless_ws("second", 80));
        config.inbounds.extend(more);
        let mut bench = Self { panel: ModelPanel::new(config), clock, cookie: String::new() };
        bench.log_in().await;
        for inbound in [1, 2] {
            let mut sentinel = client(&format!("sentinel-{inbound}"));
            sentinel["enable"] = json!(false);
            bench.add(inbound, json!([sentinel])).await;
        }
        bench
    }

    pub(crate) async fn v2_9_4() -> Self {
        Self::new(PanelVersion::V2_9_4, Vec::new()).await
    }

    pub(crate) async fn log_in(&mut self) {
        let login = json!({"username": "admin", "password": "admin"}).to_string();
        let request = Request::post("/login").header("Content-Type", "application/json");
        let answer = self.send(request.body(Body::from(login)).unwrap()).await;
        let cookie = answer.headers()["set-cookie"].to_str().unwrap();
        self.cookie = cookie.split(';').next().unwrap().to_owned();
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Response {
        self.panel.router().oneshot(request).await.unwrap()
    }

    /// Status and JSON of a call; an empty body is null.
    pub(crate) async fn call(&self, method: &str, path: &str, body: Value) -> (StatusCode, Value) {
        let request = Request::builder()
            .method(method)
            .uri(format!("/panel/api/{path}"))
            .header("Cookie", &self.cookie)
            .header("Content-Type", "application/json")
            .header("X-Requested-With", "XMLHttpRequest")
            .body(Body::from(body.to_string()))
            .unwrap();
        let answer = self.send(request).await;
        let status = answer.status();
        let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Value {
        self.call("POST", path, body).await.1
    }

    pub(crate) async fn add(&self, inbound: i64, clients: Value) -> Value {
        self.post("inbounds/addClient", about(inbound, clients)).await
    }

    pub(crate) async fn update(&self, key: &str, inbound: i64, client: Value) -> Value {
        let path = format!("inbounds/updateClient/{key}");
        self.post(&path, about(inbound, json!([client]))).await
    }

    /// The client objects of an inbound.
    pub(crate) async fn clients_on(&self, inbound: usize) -> Vec<Value> {
        let (_, list) = self.call("GET", "inbounds/list", Value::Null).await;
        let text = list["obj"][inbound - 1]["settings"].as_str().unwrap().to_owned();
        let settings: Value = serde_json::from_str(&text).unwrap();
        settings["clients"].as_array().unwrap().clone()
    }

    /// The traffic rows of an inbound.
    pub(crate) async fn rows_on(&self, inbound: usize) -> Vec<Value> {
        let (_, list) = self.call("GET", "inbounds/list", Value::Null).await;
        list["obj"][inbound - 1]["clientStats"].as_array().unwrap().clone()
    }

    /// The panel's clock moves on, and its jobs run.
    pub(crate) fn pass(&self, ms: i64) {
        self.clock.fetch_add(ms, Ordering::SeqCst);
        self.panel.poll_if_due();
    }

    pub(crate) fn client(&self, email: &str) -> ClientSnapshot {
        self.panel.client(email).unwrap()
    }
}

/// The body of a write: an inbound and the text of its settings.
pub(crate) fn about(inbound: i64, clients: Value) -> Value {
    json!({"id": inbound, "settings": json!({"clients": clients}).to_string()})
}

/// The uuid of an email of at most 16 bytes.
pub(crate) fn id_of(email: &str) -> String {
    let mut bytes = [0; 16];
    bytes[..email.len()].copy_from_slice(email.as_bytes());
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}

/// A complete client object, good for thirty days and a thousand bytes.
pub(crate) fn client(email: &str) -> Value {
    json!({"id": id_of(email), "flow": "", "email": email, "limitIp": 2, "totalGB": 1_000,
           "expiryTime": NOW + 30 * DAY, "enable": true, "tgId": 0, "subId": format!("sub-{email}"),
           "comment": "", "reset": 0})
}

/// The same with one member set.
pub(crate) fn with(mut client: Value, name: &str, value: Value) -> Value {
    client[name] = value;
    client
}
