//! The panel: the model with 10,000 clients, or one that runs already.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use nebulalinks_model_panel::{ModelPanel, PanelConfig, PanelServer};
use serde_json::json;

/// Where a panel is, and its token.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// With the base path, ending in `/`.
    pub(crate) url: String,
    pub(crate) token: String,
}

impl Target {
    pub(crate) fn given(url: &str) -> Self {
        let token = std::env::var("NEBULALINKS_PANEL_TOKEN").expect("the panel's token");
        Self { url: format!("{}/", url.trim_end_matches('/')), token }
    }
}

/// A model panel with so many clients, made through its own API.
pub(crate) async fn model(clients: usize) -> (Target, Option<PanelServer>) {
    let (target, _, server) = start(clients).await;
    (target, Some(server))
}

/// The same, with the panel's handle.
pub(crate) async fn start(clients: usize) -> (Target, ModelPanel, PanelServer) {
    let clock = Arc::new(|| i64::try_from(now_ms()).unwrap());
    let config = PanelConfig::new("guid-1", "panel-token", clock).with_base_path("/t/");
    let panel = ModelPanel::new(config);
    let server = panel.serve(([127, 0, 0, 1], 0).into()).await.unwrap();
    let target =
        Target { url: format!("http://{}/t/", server.addr()), token: "panel-token".to_owned() };
    fill(&target, clients).await;
    (target, panel, server)
}

/// When every client of [`client`] ends.
pub(crate) const ENDS: u64 = 4_102_444_800_000;
/// What each of them may use, bytes.
pub(crate) const QUOTA: u64 = 107_374_182_400;

/// The n-th client on the first inbound, as one asks the panel for it.
pub(crate) fn client(n: usize) -> serde_json::Value {
    json!({"client": {
        "email": format!("nl-main-01jz8q5v9m3k{n:014}"),
        "id": format!("5783c26d-7a1b-4c3e-9f00-{n:012}"),
        "subId": format!("k3v9q2m8x7{n:06}"),
        "flow": "xtls-rprx-vision", "enable": true, "limitIp": 2, "tgId": 0,
        "totalGB": QUOTA, "expiryTime": ENDS, "comment": "nl:basic", "reset": 0, "group": "",
    }, "inboundIds": [1]})
}

/// Creates the clients.
async fn fill(target: &Target, clients: usize) {
    let http = reqwest::Client::new();
    let all: Vec<usize> = (0..clients).collect();
    for part in all.chunks(500) {
        let items: Vec<_> = part.iter().map(|n| client(*n)).collect();
        let answer = http
            .post(format!("{}panel/api/clients/bulkCreate", target.url))
            .bearer_auth(&target.token)
            .json(&items)
            .send()
            .await
            .unwrap();
        let answer: serde_json::Value = answer.json().await.unwrap();
        assert_eq!(answer["obj"]["created"], part.len(), "{answer}");
    }
}

pub(crate) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    u64::try_from(since.as_millis()).unwrap()
}
