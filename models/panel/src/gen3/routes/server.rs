//! The panel about itself.

use crate::answer::found;
use crate::control::ModelPanel;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

/// `server/status`: the host's figures are made up, Xray's state and the identity are not.
pub(super) async fn status(State(panel): State<ModelPanel>) -> Response {
    let live = panel.live();
    found(json!({
        "cpu": 1.5, "cpuCores": 2, "logicalPro": 2, "cpuSpeedMhz": 2300,
        "mem": {"current": 495_484_928, "total": 2_147_483_648_i64},
        "swap": {"current": 0, "total": 0},
        "disk": {"current": 16_870_682_624_i64, "total": 42_949_672_960_i64},
        "diskIO": {"read": 0, "write": 0}, "diskTraffic": {"read": 0, "write": 0},
        "xray": live.xray.to_json("26.7.28"),
        "panelVersion": live.db.version.label(), "panelGuid": live.db.guid,
        "uptime": 1006, "loads": [0.03, 0.1, 0.2], "tcpCount": 165, "udpCount": 0,
        "netIO": {"up": 0, "down": 0, "pktUp": 0, "pktDown": 0},
        "netTraffic": {"sent": 0, "recv": 0, "pktSent": 0, "pktRecv": 0},
        "publicIP": {"ipv4": "N/A", "ipv6": "N/A"},
        "appStats": {"threads": 18, "mem": 77_201_408, "uptime": live.xray.up_s(panel.uptime_ms())},
    }))
}

/// `setting/defaultSettings`: the subscription address follows the caller's own host.
pub(super) async fn default_settings(headers: HeaderMap) -> Response {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    found(json!({
        "accessLogEnable": false, "datepicker": "gregorian", "defaultCert": "", "defaultKey": "",
        "devChannelEnable": false, "isDevBuild": false, "expireDiff": 0, "ipLimitEnable": true, "pageSize": 25, "subClashEnable": false,
        "subClashURI": "", "subDomain": "", "subEnable": true, "subJsonEnable": false,
        "subJsonURI": "", "subThemeDir": "", "subTitle": "",
        "subURI": format!("http://{name}:2096/sub/"), "tgBotEnable": false, "trafficDiff": 0,
        "webDomain": "",
    }))
}

/// `openapi.json`: the recorded builds were made without their pages.
pub(super) async fn openapi() -> Response {
    let body = json!({"success": false, "msg": "openapi.json not found"});
    (StatusCode::NOT_FOUND, axum::Json(body)).into_response()
}
