//! The cookie login of v2: no CSRF token, no limiter, no API token.

use super::caller::{
    WRONG, credentials, expired, is_xhr, logged_out, redirect, session, with_cookie,
};
use crate::answer::{denied, found, said};
use crate::control::ModelPanel;
use crate::marks::locked;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use serde_json::Value;

/// Lets in who has a session, to the API.
pub(crate) async fn guard(panel: State<ModelPanel>, request: Request, next: Next) -> Response {
    let_in(&panel, request, next, logged_out).await
}

/// Lets in who has a session, to what is not the API.
pub(crate) async fn guard_pages(
    panel: State<ModelPanel>,
    request: Request,
    next: Next,
) -> Response {
    let_in(&panel, request, next, expired).await
}

async fn let_in(
    panel: &ModelPanel,
    request: Request,
    next: Next,
    refuse: fn(&ModelPanel, bool, &Method) -> Response,
) -> Response {
    if !is_in(panel, request.headers()) {
        return refuse(panel, is_xhr(request.headers()), request.method());
    }
    match locked(&request) {
        Some(answer) => answer,
        None => next.run(request).await,
    }
}

fn is_in(panel: &ModelPanel, headers: &HeaderMap) -> bool {
    session(panel, headers).is_some_and(|(_, logged_in)| logged_in)
}

/// `login`: every outcome is HTTP 200, and an older session goes on being valid.
pub(super) async fn login(
    State(panel): State<ModelPanel>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some((user, password)) = credentials(&headers, &body) else {
        return denied("The Input data format is invalid.");
    };
    if user.is_empty() {
        return denied("Username is required");
    }
    if password.is_empty() {
        return denied("Password is required");
    }
    let config = &panel.inner.config;
    if user != config.username || password != config.password {
        return denied(WRONG);
    }
    let now = panel.now_ms();
    let mut guard = panel.live();
    let live = &mut *guard;
    let id = live.sessions.open(&mut live.db.generate, now, true);
    drop(guard);
    let answer = said(" You have successfully logged into your account.", Value::Null);
    with_cookie(&panel, &id, answer)
}

/// `logout`: tells the browser to forget its cookie, which would be as good as before.
pub(super) async fn logout(State(panel): State<ModelPanel>) -> Response {
    redirect(StatusCode::TEMPORARY_REDIRECT, &panel.inner.config.base_path, &Method::GET)
}

/// `getTwoFactorEnable`: never on here.
pub(super) async fn two_factor() -> Response {
    found(false)
}
