//! What both generations answer with: the envelope, bare statuses and the login page.

use super::control::ModelPanel;
use super::state::Refusal;
use super::version::PanelVersion;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use serde_json::{Value, json};

/// A moment as a panel writes it for people: in its local time, which the model takes to be UTC.
pub(super) fn local_time(unix_s: i64) -> String {
    let at = jiff::Timestamp::from_second(unix_s).unwrap_or_default();
    at.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// Any answer in the panel's envelope: HTTP 200, whatever came of the call.
pub(super) fn envelope(body: &Value) -> Response {
    axum::Json(body).into_response()
}

/// Success with a value and no text.
pub(super) fn found(obj: impl Into<Value>) -> Response {
    said("", obj)
}

/// Success with a text and a value.
pub(super) fn said(msg: &str, obj: impl Into<Value>) -> Response {
    envelope(&json!({"success": true, "msg": msg, "obj": obj.into()}))
}

/// Refused, as most calls put it.
pub(super) fn refused(refusal: &Refusal) -> Response {
    refused_as("Something went wrong", refusal)
}

/// Refused, under another sentence.
pub(super) fn refused_as(sentence: &str, refusal: &Refusal) -> Response {
    denied(&format!("{sentence} ({refusal})"))
}

/// Refused with this text alone.
pub(super) fn denied(msg: &str) -> Response {
    envelope(&json!({"success": false, "msg": msg, "obj": null}))
}

/// A status and nothing else.
pub(super) fn bare(status: StatusCode) -> Response {
    status.into_response()
}

/// Success with this text, or the refusal.
pub(super) fn outcome(done: Result<(), Refusal>, msg: &str) -> Response {
    match done {
        Ok(()) => said(msg, Value::Null),
        Err(refusal) => refused(&refusal),
    }
}

/// What a browser sees that is not logged in. Generation 2 names its version in the addresses of
/// its assets, and nowhere else.
pub(super) fn login_page(version: PanelVersion, base_path: &str) -> Response {
    let label = version.label();
    Html(format!(
        "<!doctype html><html lang=\"en\"><head><title>Login</title><link rel=\"stylesheet\" \
         href=\"{base_path}assets/css/custom.min.css?{label}\"></head><body><div id=\"app\"></div>\
         </body></html>"
    ))
    .into_response()
}

/// The answer to a path the panel does not have.
pub(super) fn not_found(version: PanelVersion) -> Response {
    if version >= PanelVersion::V2_9_4 {
        return bare(StatusCode::NOT_FOUND);
    }
    let plain = [(header::CONTENT_TYPE, "text/plain")];
    (StatusCode::NOT_FOUND, plain, "404 page not found").into_response()
}

/// `server/restartXrayService`, of every version: a full start. It is said to have been relaunched also
/// where it then ends over its settings: the status says so.
pub(super) async fn restart_xray(State(panel): State<ModelPanel>) -> Response {
    panel.restart_xray();
    said("Xray has been successfully relaunched.", Value::Null)
}
