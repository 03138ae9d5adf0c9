//! Ways in from v3.0.0 on: cookie login with CSRF tokens and a limiter, and API tokens.

use super::caller::{WRONG, cookie, credentials, is_xhr, logged_out, session, with_cookie};
use crate::answer::{bare, denied, found, refused, said};
use crate::control::ModelPanel;
use crate::marks::{OverCap, locked};
use crate::state::{ApiToken, Refusal};
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

/// Lets in who has a token, or a session and (for writes) its CSRF token.
pub(crate) async fn guard(
    State(panel): State<ModelPanel>,
    request: Request,
    next: Next,
) -> Response {
    let headers = request.headers();
    if let Some(token) = bearer(&panel, headers) {
        if !permits(&token, &request) {
            let msg = "this API token is not permitted to access this endpoint";
            let body = axum::Json(json!({"success": false, "msg": msg}));
            return (StatusCode::FORBIDDEN, body).into_response();
        }
    } else if let Some((_, logged_in)) = session(&panel, headers)
        && logged_in
    {
        if request.method() != Method::GET && !csrf_fits(&panel, headers) {
            return bare(StatusCode::FORBIDDEN);
        }
    } else {
        return logged_out(&panel, is_xhr(headers), request.method());
    }
    if request.extensions().get::<OverCap>().is_some() {
        let answer = refused(&Refusal::raw("http: request body too large"));
        return ([(header::CONNECTION, "close")], answer).into_response();
    }
    match locked(&request) {
        Some(answer) => answer,
        None => next.run(request).await,
    }
}

fn bearer(panel: &ModelPanel, headers: &HeaderMap) -> Option<ApiToken> {
    let given = headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")?;
    let now_s = panel.now_ms() / 1000;
    let live = panel.live();
    live.db
        .tokens
        .iter()
        .find(|token| token.enabled && token.token == given)
        .filter(|token| token.expires_at == 0 || token.expires_at > now_s)
        .cloned()
}

/// A `monitor` token may read the status; everything else takes `admin`.
fn permits(token: &ApiToken, request: &Request) -> bool {
    token.scope != "monitor"
        || (request.method() == Method::GET && request.uri().path().ends_with("server/status"))
}

fn csrf_fits(panel: &ModelPanel, headers: &HeaderMap) -> bool {
    let given = headers.get("x-csrf-token").and_then(|value| value.to_str().ok());
    let now = panel.now_ms();
    let live = panel.live();
    let session = cookie(headers).and_then(|id| live.sessions.get(id, now));
    matches!((given, session), (Some(given), Some(session)) if session.csrf == given)
}

/// `csrf-token`: opens a session where there is none.
pub(super) async fn csrf_token(State(panel): State<ModelPanel>, headers: HeaderMap) -> Response {
    let now = panel.now_ms();
    let known = session(&panel, &headers).map(|(id, _)| id);
    let mut guard = panel.live();
    let live = &mut *guard;
    let (id, new) = match known {
        Some(id) => (id, false),
        None => (live.sessions.open(&mut live.db.generate, now, false), true),
    };
    let csrf = live.sessions.get(&id, now).map(|session| session.csrf.clone()).unwrap_or_default();
    drop(guard);
    let answer = axum::Json(json!({"success": true, "obj": csrf})).into_response();
    if new { with_cookie(&panel, &id, answer) } else { answer }
}

/// `login`: every outcome is HTTP 200, except a missing CSRF token.
pub(super) async fn login(
    State(panel): State<ModelPanel>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if !csrf_fits(&panel, &headers) {
        return bare(StatusCode::FORBIDDEN);
    }
    let Some((user, password)) = credentials(&headers, &body) else {
        return denied("The input data format is invalid.");
    };
    if user.is_empty() {
        return denied("Username is required");
    }
    if password.is_empty() {
        return denied("Password is required");
    }
    let config = &panel.inner.config;
    let now = panel.now_ms();
    let mut guard = panel.live();
    let live = &mut *guard;
    let ip = client_ip(&headers);
    // Whoever is blocked hears the same, right password or not, and is not blocked for longer.
    if live.limiter.blocked(&ip, &user, now) {
        return denied(WRONG);
    }
    if user != config.username || password != config.password {
        live.limiter.failed(&ip, &user, now);
        return denied(WRONG);
    }
    live.limiter.succeeded(&ip, &user);
    if let Some(old) = cookie(&headers) {
        live.sessions.close(old);
    }
    let id = live.sessions.open(&mut live.db.generate, now, true);
    drop(guard);
    with_cookie(&panel, &id, said("You have successfully logged into your account.", Value::Null))
}

/// Who calls: the panel believes a proxy on the same machine, which is where our callers are.
fn client_ip(headers: &HeaderMap) -> String {
    let named = |name: &str| {
        let value = headers.get(name)?.to_str().ok()?;
        Some(value.split(',').next()?.trim().to_owned()).filter(|ip| !ip.is_empty())
    };
    let ip = named("x-real-ip").or_else(|| named("x-forwarded-for"));
    ip.unwrap_or_else(|| "127.0.0.1".to_owned())
}

/// `logout`: drops the session.
pub(super) async fn logout(State(panel): State<ModelPanel>, headers: HeaderMap) -> Response {
    if !csrf_fits(&panel, &headers) {
        return bare(StatusCode::FORBIDDEN);
    }
    if let Some(id) = cookie(&headers) {
        panel.live().sessions.close(id);
    }
    said("", Value::Null)
}

/// `getTwoFactorEnable`: never on here.
pub(super) async fn two_factor(State(panel): State<ModelPanel>, headers: HeaderMap) -> Response {
    if csrf_fits(&panel, &headers) { found(false) } else { bare(StatusCode::FORBIDDEN) }
}
