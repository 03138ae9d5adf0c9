//! The panel about itself, without ever naming its version or an identity in the status.

use crate::answer::found;
use crate::auth::caller::redirect;
use crate::control::ModelPanel;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::Response;
use serde_json::{Value, json};

/// `server/status`: the host's figures are made up, Xray's state is not.
pub(super) async fn status(State(panel): State<ModelPanel>) -> Response {
    let live = panel.live();
    found(json!({
        "cpu": 1.5, "cpuCores": 2, "logicalPro": 2, "cpuSpeedMhz": 2300,
        "mem": {"current": 495_484_928, "total": 2_147_483_648_i64},
        "swap": {"current": 0, "total": 0},
        "disk": {"current": 16_870_682_624_i64, "total": 42_949_672_960_i64},
        "xray": live.xray.to_json("26.3.27"),
        "uptime": 1006, "loads": [0.03, 0.1, 0.2], "tcpCount": 165, "udpCount": 0,
        "netIO": {"up": 0, "down": 0}, "netTraffic": {"sent": 0, "recv": 0},
        "publicIP": {"ipv4": "N/A", "ipv6": "N/A"},
        "appStats": {"threads": 18, "mem": 77_201_408, "uptime": live.xray.up_s(panel.uptime_ms())},
    }))
}

/// `server/getPanelUpdateInfo`, as if the release page had been reached.
pub(super) async fn update_info(State(panel): State<ModelPanel>) -> Response {
    let version = panel.version().label();
    found(json!({"currentVersion": version, "latestVersion": version, "updateAvailable": false}))
}

/// `setting/defaultSettings`: the subscription address follows the caller's own host.
pub(super) async fn default_settings(
    State(panel): State<ModelPanel>,
    headers: HeaderMap,
) -> Response {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let on = |path: &str| format!("http://{name}:2096/{path}/");
    let mut settings = json!({
        "datepicker": "gregorian", "defaultCert": "", "defaultKey": "", "expireDiff": 0,
        "ipLimitEnable": false, "remarkModel": "-ieo", "subEnable": true, "subTitle": "",
        "subURI": on("sub"), "tgBotEnable": false, "trafficDiff": 0,
    });
    let more = match panel.version().is_early() {
        true => json!({"pageSize": 50, "subJsonURI": on("json")}),
        false => json!({"pageSize": 25, "subClashEnable": true, "subClashURI": on("clash"),
                        "subJsonEnable": false, "subJsonURI": ""}),
    };
    if let (Some(map), Value::Object(more)) = (settings.as_object_mut(), more) {
        map.extend(more);
    }
    found(settings)
}

/// `setting/all`: of its many members only those an operator of ours must look at.
pub(super) async fn settings(State(panel): State<ModelPanel>) -> Response {
    let config = &panel.inner.config;
    let mut settings = json!({
        "webBasePath": config.base_path, "sessionMaxAge": config.session_max_age_min,
    });
    if let Some(map) = settings.as_object_mut().filter(|_| !panel.version().is_early()) {
        let name = "restartXrayOnClientDisable".to_owned();
        map.insert(name, json!(config.restart_on_disable));
    }
    found(settings)
}

/// Paths of older versions lead on for good.
pub(super) async fn moved(
    State(panel): State<ModelPanel>,
    method: Method,
    uri: Uri,
    Path(rest): Path<String>,
) -> Response {
    let base = &panel.inner.config.base_path;
    let rest = rest.strip_prefix("API/").unwrap_or(&rest);
    let is_api = uri.path().contains("/API/");
    let to = if is_api { format!("{base}panel/api/{rest}") } else { format!("{base}panel/{rest}") };
    redirect(StatusCode::MOVED_PERMANENTLY, &to, &method)
}
