//! The HTTP face of generation 3: every path of the panel that is modelled.

mod bulk;
mod clients;
mod decode;
mod inbounds;
mod lists;
mod server;
mod tokens;

use crate::answer::restart_xray;
use crate::auth;
use crate::control::ModelPanel;
use crate::version::PanelVersion;
use axum::Router;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware;
use axum::response::Response;
use axum::routing::{get, post};

/// The calls behind the login.
pub(crate) fn guarded(panel: &ModelPanel) -> Router<ModelPanel> {
    let base = panel.inner.config.base_path.as_str();
    let api = |path: &str| format!("{base}panel/api/{path}");
    let clients = |path: &str| api(&format!("clients/{path}"));
    let mut calls = Router::new()
        .route(&api("inbounds/list"), get(inbounds::list))
        .route(&api("inbounds/list/slim"), get(inbounds::slim))
        .route(&api("inbounds/options"), get(inbounds::options))
        .route(&api("inbounds/get/{id}"), get(inbounds::one))
        .route(&api("inbounds/add"), post(inbounds::add))
        .route(&clients("list"), get(lists::all))
        .route(&clients("list/paged"), get(lists::paged))
        .route(&clients("get/{email}"), get(clients::one))
        .route(&clients("traffic/{email}"), get(clients::traffic))
        .route(&clients("add"), post(clients::add))
        .route(&clients("update/{email}"), post(clients::update))
        .route(&clients("del/{email}"), post(clients::delete))
        .route(&clients("resetTraffic/{email}"), post(clients::reset_traffic))
        .route(&clients("updateTraffic/{email}"), post(clients::update_traffic))
        .route(&clients("ips/{email}"), post(clients::ips))
        .route(&clients("{email}/attach"), post(clients::attach))
        .route(&clients("{email}/detach"), post(clients::detach))
        .route(&clients("onlines"), post(lists::onlines))
        .route(&clients("lastOnline"), post(lists::last_online))
        .route(&clients("bulkCreate"), post(bulk::create))
        .route(&clients("bulkDel"), post(bulk::delete))
        .route(&clients("bulkAdjust"), post(bulk::adjust))
        .route(&clients("bulkResetTraffic"), post(bulk::reset_traffic))
        .route(&api("server/status"), get(server::status))
        .route(&api("server/restartXrayService"), post(restart_xray))
        .route(&api("setting/defaultSettings"), post(server::default_settings))
        .route(&api("setting/apiTokens"), get(tokens::list))
        .route(&api("setting/apiTokens/create"), post(tokens::create))
        .route(&api("openapi.json"), get(server::openapi));
    if panel.version() >= PanelVersion::V3_4_2 {
        calls = calls
            .route(&clients("bulkEnable"), post(bulk::enable))
            .route(&clients("bulkDisable"), post(bulk::disable));
    }
    calls
        .layer(middleware::map_response(name_caps))
        .route_layer(middleware::from_fn_with_state(panel.clone(), auth::csrf::guard))
}

/// Answers in the envelope name what a node can do.
async fn name_caps(mut answer: Response) -> Response {
    let json = HeaderValue::from_static("application/json");
    if answer.status() == StatusCode::OK
        && answer.headers().get(header::CONTENT_TYPE) == Some(&json)
    {
        let caps = HeaderName::from_static("x-3x-node-caps");
        answer.headers_mut().insert(caps, HeaderValue::from_static("zstd"));
    }
    answer
}
