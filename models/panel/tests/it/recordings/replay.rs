//! One recording after the other against one model panel.

use crate::recordings::compare::{agree, attributes, extract, whose};
use axum::body::{Body, to_bytes};
use axum::http::Request;
use nebulalinks_model_panel::{ModelPanel, PanelConfig, PanelVersion};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tower::ServiceExt as _;

/// What differs between the generations in how a recording is replayed.
pub(crate) trait Beside {
    /// Exchanges the model does not answer as recorded, and why.
    const SKIPPED: &'static [(&'static str, &'static str)];

    /// What happened beside the API before this exchange was recorded.
    fn before(panel: &ModelPanel, tick: impl Fn(), exchange: &Value);

    /// What an exchange without a request recorded of the machine.
    fn machine(panel: &ModelPanel) -> Value;
}

struct Replay {
    panel: ModelPanel,
    clock: Arc<AtomicI64>,
    /// Placeholder in the recording to value in the model.
    secrets: BTreeMap<String, String>,
    compared: usize,
}

impl Replay {
    fn new(version: PanelVersion, guid: &str) -> Self {
        let clock = Arc::new(AtomicI64::new(1_795_248_310_000));
        let read = Arc::clone(&clock);
        let mut config =
            PanelConfig::new(guid, "preset", Arc::new(move || read.load(Ordering::SeqCst)))
                .with_version(version)
                .with_base_path("/t/");
        config.username = "admin1".to_owned();
        config.password = "secret-pass-1".to_owned();
        config.inbounds.clear();
        let panel = ModelPanel::new(config);
        Self { panel, clock, secrets: BTreeMap::new(), compared: 0 }
    }

    fn reveal(&self, text: &str) -> String {
        self.secrets.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
    }

    fn request(&self, recorded: &Value) -> Request<Body> {
        let mut request = Request::builder()
            .method(recorded["method"].as_str().unwrap())
            .uri(recorded["path"].as_str().unwrap())
            .header("Host", "panel.test");
        for (name, value) in recorded["headers"].as_object().into_iter().flatten() {
            request = request.header(name, self.reveal(value.as_str().unwrap()));
        }
        if recorded["headers"].as_object().is_none_or(|headers| headers.is_empty()) {
            // The recorder left them out where they are those of every call.
            request = request.header("Cookie", self.reveal("3x-ui={session}"));
        }
        let body = match (&recorded["json"], &recorded["body"]) {
            (Value::Null, Value::String(text)) if text.contains("bytes)") => {
                format!("{{\"client\":{{\"comment\":\"{}\"}}}}", "x".repeat(11 << 20))
            }
            (Value::Null, Value::String(text)) => text.clone(),
            (Value::Null, _) => String::new(),
            (json, _) => json.to_string(),
        };
        request.body(Body::from(body)).unwrap()
    }

    /// Learns what stands behind the placeholders of this answer.
    fn learn(&mut self, name: &str, cookie: Option<&str>, answer: &Value) {
        if let Some(id) = cookie.and_then(|c| c.strip_prefix("3x-ui=")?.split(';').next()) {
            self.secrets.insert("{session}".to_owned(), id.to_owned());
        }
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let learnt = match name {
            "csrf token, empty jar" => text(&answer["obj"]).map(|csrf| ("{csrf}", csrf)),
            "csrf token after login" => text(&answer["obj"]).map(|csrf| ("{csrf2}", csrf)),
            "create an api token" => text(&answer["obj"]["token"]).map(|t| ("{token}", t)),
            "create a monitor token" => {
                text(&answer["obj"]["token"]).map(|t| ("{monitor-token}", t))
            }
            _ => None,
        };
        if let Some((placeholder, value)) = learnt {
            self.secrets.insert(placeholder.to_owned(), value);
        }
    }

    /// Ten seconds pass, and the panel polls.
    fn tick(&self) {
        let now = self.clock.fetch_add(10_000, Ordering::SeqCst) + 10_000;
        self.panel.poll(now);
    }

    async fn exchange<B: Beside>(&mut self, file: &str, recorded: &Value) {
        let name = recorded["name"].as_str().unwrap();
        let place = format!("{file}: {name}");
        if B::SKIPPED.iter().any(|(skipped, _)| *skipped == name) {
            return;
        }
        B::before(&self.panel, || self.tick(), recorded);
        if recorded["request"]["method"] == "-" {
            assert_eq!(B::machine(&self.panel), recorded["response"]["extract"], "{place}");
            self.compared += 1;
            return;
        }
        let request = self.request(&recorded["request"]);
        let answer = self.panel.router().oneshot(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        let expected = &recorded["response"];
        assert_eq!(json!(parts.status.as_u16()), expected["status"], "{place}");
        let cookie = parts.headers.get("set-cookie").map(|value| value.to_str().unwrap());
        let expected_cookie = expected["headers"]
            .as_array()
            .unwrap()
            .iter()
            .find(|header| header[0] == "Set-Cookie")
            .map(|header| header[1].as_str().unwrap());
        assert_eq!(cookie.map(attributes), expected_cookie.map(attributes), "{place}");
        if let Some(theirs) = expected.get("extract") {
            let ours: Value = serde_json::from_slice(&body).unwrap();
            let ours = extract(&ours, &whose(name, theirs));
            agree(&place, ours, theirs.clone());
        } else if expected.get("json").is_none() {
            let text = expected["body"].as_str().unwrap_or_default();
            assert_eq!(String::from_utf8_lossy(&body), text, "{place}");
        } else {
            let mut ours: Value = serde_json::from_slice(&body)
                .unwrap_or_else(|_| panic!("{place}: {}", String::from_utf8_lossy(&body)));
            self.learn(name, cookie, &ours);
            let mut theirs = expected["json"].clone();
            if recorded["note"] == "first two inbounds kept here" {
                ours["obj"].as_array_mut().unwrap().truncate(2);
            }
            for (placeholder, value) in &self.secrets {
                let text = ours
                    .to_string()
                    .replace(&format!("\"{value}\""), &format!("\"{placeholder}\""));
                ours = serde_json::from_str(&text).unwrap();
            }
            if name == "csrf token after login" {
                theirs["obj"] = json!("{csrf2}");
            }
            agree(&place, ours, theirs);
        }
        self.compared += 1;
    }
}

fn recording(generation: &str, file: &str) -> Value {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/3x-ui");
    let path = format!("{root}/{generation}/{file}.json");
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// Replays every recording of one panel.
pub(crate) async fn replay<B: Beside>(version: PanelVersion, generation: &str) {
    let auth = recording(generation, "auth");
    let status = auth["exchanges"].as_array().unwrap();
    let status = status.iter().find(|e| e["name"] == "panel status").unwrap();
    let guid = status["response"]["json"]["obj"]["panelGuid"].as_str().unwrap_or("g");
    let mut replay = Replay::new(version, guid);
    let mut all = 0;
    for file in ["auth", "inbounds", "clients", "cutoff"] {
        let recording = recording(generation, file);
        for exchange in recording["exchanges"].as_array().unwrap() {
            replay.exchange::<B>(file, exchange).await;
            all += 1;
        }
    }
    assert_eq!(replay.compared + B::SKIPPED.len(), all, "every skipped exchange exists, once");
}
