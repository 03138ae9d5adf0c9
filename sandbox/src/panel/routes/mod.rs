//! The HTTP face: every path of the panel that is modelled.

mod auth;
mod bulk;
mod clients;
mod decode;
mod disturb;
mod inbounds;
mod lists;
mod server;
mod tokens;

use super::control::ModelPanel;
use super::state::Refusal;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, StatusCode};
use axum::middleware;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};

/// The panel refuses larger bodies.
const BODY_CAP: usize = 10 << 20;

impl ModelPanel {
    /// The panel as a service, for calls without a port.
    pub fn router(&self) -> Router {
        let base = self.inner.config.base_path.as_str();
        let api = |path: &str| format!("{base}panel/api/{path}");
        let clients = |path: &str| api(&format!("clients/{path}"));
        let guarded = Router::new()
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
            .route(&clients("bulkEnable"), post(bulk::enable))
            .route(&clients("bulkDisable"), post(bulk::disable))
            .route(&clients("bulkAdjust"), post(bulk::adjust))
            .route(&clients("bulkResetTraffic"), post(bulk::reset_traffic))
            .route(&api("server/status"), get(server::status))
            .route(&api("setting/defaultSettings"), post(server::default_settings))
            .route(&api("setting/apiTokens"), get(tokens::list))
            .route(&api("setting/apiTokens/create"), post(tokens::create))
            .route(&api("openapi.json"), get(server::openapi))
            .route_layer(middleware::from_fn_with_state(self.clone(), auth::guard));
        guarded
            .route(base, get(server::login_page))
            .route(&format!("{base}csrf-token"), get(auth::csrf_token))
            .route(&format!("{base}login"), post(auth::login))
            .route(&format!("{base}logout"), post(auth::logout))
            .route(&format!("{base}getTwoFactorEnable"), post(auth::two_factor))
            .layer(middleware::from_fn_with_state(self.clone(), disturb::disturb))
            .layer(DefaultBodyLimit::disable())
            .with_state(self.clone())
    }
}

/// Any answer in the panel's envelope: HTTP 200, whatever came of the call.
fn envelope(body: &Value) -> Response {
    let caps = (HeaderName::from_static("x-3x-node-caps"), "zstd");
    ([caps], axum::Json(body)).into_response()
}

/// Success with a value and no text.
fn found(obj: impl Into<Value>) -> Response {
    said("", obj)
}

/// Success with a text and a value.
fn said(msg: &str, obj: impl Into<Value>) -> Response {
    envelope(&json!({"success": true, "msg": msg, "obj": obj.into()}))
}

/// Refused, as most calls put it.
fn refused(refusal: &Refusal) -> Response {
    refused_as("Something went wrong", refusal)
}

/// Refused, under another sentence.
fn refused_as(sentence: &str, refusal: &Refusal) -> Response {
    let msg = format!("{sentence} ({refusal})");
    envelope(&json!({"success": false, "msg": msg, "obj": null}))
}

/// A status and nothing else.
fn bare(status: StatusCode) -> Response {
    status.into_response()
}

/// Success with this text, or the refusal.
fn outcome(done: Result<(), Refusal>, msg: &str) -> Response {
    match done {
        Ok(()) => said(msg, Value::Null),
        Err(refusal) => refused(&refusal),
    }
}
