//! Where faults meet calls, around everything else.

use super::{BODY_CAP, bare, refused};
use crate::panel::control::ModelPanel;
use crate::panel::faults::Fault;
use crate::panel::serve::KillSwitch;
use crate::panel::state::Refusal;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse as _, Response};

/// Marks a request whose body was over the cap; the guard answers it.
#[derive(Clone, Copy)]
pub(super) struct OverCap;

/// What a browser that is not logged in would see.
pub(super) const LOGIN_PAGE: &str = "<!doctype html><html lang=\"en\"><head><title>Login</title>\
    </head><body><div id=\"app\"></div></body></html>";

pub(super) async fn disturb(
    State(panel): State<ModelPanel>,
    request: Request,
    next: Next,
) -> Response {
    panel.count_call();
    let (mut parts, body) = request.into_parts();
    let body = to_bytes(body, BODY_CAP).await.unwrap_or_else(|_| {
        parts.extensions.insert(OverCap);
        Bytes::new()
    });
    let fault = panel.faults().take(&parts.method, parts.uri.path(), &body);
    let connection = parts.extensions.get::<ConnectInfo<KillSwitch>>().cloned();
    let xhr = is_xhr(&parts.headers);
    let proceed = next.run(Request::from_parts(parts, Body::from(body)));
    match fault {
        None => proceed.await,
        Some(Fault::Unauthorized) => logged_out(xhr),
        Some(Fault::LoginPage) => Html(LOGIN_PAGE).into_response(),
        Some(Fault::Refused(text)) => refused(&Refusal::raw(text)),
        Some(Fault::ErrorBeforeCommit) => bare(StatusCode::INTERNAL_SERVER_ERROR),
        Some(Fault::Down | Fault::DropBeforeCommit) => cut(connection),
        Some(Fault::DropAfterCommit) => {
            proceed.await;
            cut(connection)
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

/// Ends the connection; without one, as in calls without a port, the nearest thing is a 500.
fn cut(connection: Option<ConnectInfo<KillSwitch>>) -> Response {
    if let Some(ConnectInfo(switch)) = connection {
        switch.pull();
    }
    bare(StatusCode::INTERNAL_SERVER_ERROR)
}

async fn truncated(answer: Response) -> Response {
    let (mut parts, body) = answer.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(body.slice(..body.len() / 2)))
}

pub(super) fn is_xhr(headers: &HeaderMap) -> bool {
    headers
        .get("x-requested-with")
        .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"XMLHttpRequest"))
}

/// The answer to whoever is not logged in.
pub(super) fn logged_out(xhr: bool) -> Response {
    bare(if xhr { StatusCode::UNAUTHORIZED } else { StatusCode::NOT_FOUND })
}
