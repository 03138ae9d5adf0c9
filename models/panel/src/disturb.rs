//! Where faults meet calls, around everything else.

use super::answer::{bare, denied, login_page, refused};
use super::auth::caller::{WRONG, is_xhr, logged_out};
use super::control::ModelPanel;
use super::faults::Fault;
use super::marks::{Locked, OverCap};
use super::serve::KillSwitch;
use super::state::Refusal;
use super::version::Generation;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse as _, Response};
use serde_json::Value;

/// Generation 3 refuses larger bodies.
const BODY_CAP: usize = 10 << 20;

/// Keeps a log of the calls around everything.
pub(super) async fn disturb(panel: State<ModelPanel>, request: Request, next: Next) -> Response {
    let began = tokio::time::Instant::now();
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let log = panel.0.clone();
    let answer = disturbed(panel, request, next).await;
    log.log_call(&method, &path, answer.status().as_u16(), began.elapsed());
    answer
}

async fn disturbed(State(panel): State<ModelPanel>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    panel.count_call(&parts.method, parts.uri.path());
    let cap = match panel.version().generation() {
        Generation::Two => usize::MAX,
        Generation::Three => BODY_CAP,
    };
    let body = to_bytes(body, cap).await.unwrap_or_else(|_| {
        parts.extensions.insert(OverCap);
        Bytes::new()
    });
    let fault = panel.faults().take(&parts.method, parts.uri.path(), &body);
    if fault == Some(Fault::DatabaseLocked) {
        parts.extensions.insert(Locked);
    }
    let connection = parts.extensions.get::<ConnectInfo<KillSwitch>>().cloned();
    let (xhr, method) = (is_xhr(&parts.headers), parts.method.clone());
    let is_login = parts.uri.path().ends_with("/login");
    let halfway = fault == Some(Fault::DiesHalfway);
    let body = match panel.version().generation() {
        Generation::Three if halfway => first_half(&body),
        Generation::Two if halfway => {
            panel.live().xray.break_connection();
            body
        }
        _ => body,
    };
    let proceed = next.run(Request::from_parts(parts, Body::from(body)));
    match fault {
        Some(Fault::DatabaseLocked) if is_login => denied(WRONG),
        None | Some(Fault::DatabaseLocked) => proceed.await,
        Some(Fault::Unauthorized) => logged_out(&panel, xhr, &method),
        Some(Fault::LoginPage) => login_page(panel.version(), &panel.inner.config.base_path),
        Some(Fault::Proxy(status)) => by_proxy(status),
        Some(Fault::Refused(text)) => refused(&Refusal::raw(text)),
        Some(Fault::ErrorBeforeCommit) => bare(StatusCode::INTERNAL_SERVER_ERROR),
        Some(Fault::Down | Fault::DropBeforeCommit) => cut(connection),
        Some(Fault::DropAfterCommit) => {
            proceed.await;
            cut(connection)
        }
        Some(Fault::DiesBeforeCommit) => die(&panel, connection),
        Some(Fault::DiesHalfway | Fault::DiesAfterCommit) => {
            proceed.await;
            die(&panel, connection)
        }
        Some(Fault::ErrorAfterCommit) => {
            proceed.await;
            bare(StatusCode::INTERNAL_SERVER_ERROR)
        }
        Some(Fault::EmptyBody) => bare(proceed.await.status()),
        Some(Fault::SlowAfterCommit(delay)) => {
            let answer = proceed.await;
            tokio::time::sleep(delay).await;
            answer
        }
        Some(Fault::TruncatedJson) => truncated(proceed.await).await,
    }
}

/// A page as proxies make them.
fn by_proxy(status: u16) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    let page = format!("<html><head><title>{status}</title></head><body>nginx</body></html>");
    (status, Html(page)).into_response()
}

/// Ends the connection; without one, as in calls without a port, the nearest thing is a 500.
fn cut(connection: Option<ConnectInfo<KillSwitch>>) -> Response {
    if let Some(ConnectInfo(switch)) = connection {
        switch.pull();
    }
    bare(StatusCode::INTERNAL_SERVER_ERROR)
}

/// The end of the process: nobody listens until the faults are cleared.
fn die(panel: &ModelPanel, connection: Option<ConnectInfo<KillSwitch>>) -> Response {
    panel.faults().set(Fault::Down);
    cut(connection)
}

/// A call about many clients as one about the first half of them; any other as it is.
fn first_half(body: &Bytes) -> Bytes {
    let Ok(mut form) = serde_json::from_slice::<Value>(body) else { return body.clone() };
    let many = match &mut form {
        Value::Array(items) => Some(items),
        form => form.get_mut("emails").and_then(Value::as_array_mut),
    };
    if let Some(items) = many {
        items.truncate(items.len() / 2);
    }
    Bytes::from(form.to_string())
}

async fn truncated(answer: Response) -> Response {
    let (mut parts, body) = answer.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(body.slice(..body.len() / 2)))
}
