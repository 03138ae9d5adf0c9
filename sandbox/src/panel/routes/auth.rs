//! Ways in: cookie login with CSRF, and API tokens.

use super::disturb::{OverCap, is_xhr, logged_out};
use super::{bare, envelope, found, refused, said};
use crate::panel::control::ModelPanel;
use crate::panel::state::{ApiToken, Refusal};
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

/// Lets in who has a token, or a session and (for writes) its CSRF token.
pub(super) async fn guard(
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
        return logged_out(is_xhr(headers));
    }
    if request.extensions().get::<OverCap>().is_some() {
        let answer = refused(&Refusal::raw("http: request body too large"));
        return ([(header::CONNECTION, "close")], answer).into_response();
    }
    next.run(request).await
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

fn cookie(headers: &HeaderMap) -> Option<&str> {
    headers
        .get(header::COOKIE)?
        .to_str()
        .ok()?
        .split(';')
        .find_map(|pair| pair.trim().strip_prefix("3x-ui="))
}

/// The session id of this request and whether someone is logged in with it.
fn session(panel: &ModelPanel, headers: &HeaderMap) -> Option<(String, bool)> {
    let id = cookie(headers)?;
    let live = panel.live();
    Some((id.to_owned(), live.sessions.get(id)?.logged_in))
}

fn csrf_fits(panel: &ModelPanel, headers: &HeaderMap) -> bool {
    let given = headers.get("x-csrf-token").and_then(|value| value.to_str().ok());
    let live = panel.live();
    let session = cookie(headers).and_then(|id| live.sessions.get(id));
    matches!((given, session), (Some(given), Some(session)) if session.csrf == given)
}

/// `csrf-token`: opens a session where there is none.
pub(super) async fn csrf_token(State(panel): State<ModelPanel>, headers: HeaderMap) -> Response {
    let known = session(&panel, &headers).map(|(id, _)| id);
    let mut guard = panel.live();
    let live = &mut *guard;
    let (id, new) = match known {
        Some(id) => (id, false),
        None => (live.sessions.open(&mut live.db.generate, false), true),
    };
    let csrf = live.sessions.get(&id).map(|session| session.csrf.clone()).unwrap_or_default();
    drop(guard);
    let answer = axum::Json(json!({"success": true, "obj": csrf})).into_response();
    if new { with_cookie(&panel, &id, answer) } else { answer }
}

fn with_cookie(panel: &ModelPanel, id: &str, mut answer: Response) -> Response {
    let path = &panel.inner.config.base_path;
    let text = format!("3x-ui={id}; Path={path}; Max-Age=21600; HttpOnly; SameSite=Lax");
    if let Ok(value) = HeaderValue::from_str(&text) {
        answer.headers_mut().insert(header::SET_COOKIE, value);
    }
    answer
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
    let right = user == config.username && password == config.password;
    if live.sessions.blocked(&user, now) || !right {
        live.sessions.failed(&user, now);
        return denied("Invalid username or password or two-factor code.");
    }
    live.sessions.succeeded(&user);
    if let Some(old) = cookie(&headers) {
        live.sessions.close(old);
    }
    let id = live.sessions.open(&mut live.db.generate, true);
    drop(guard);
    with_cookie(&panel, &id, said("You have successfully logged into your account.", Value::Null))
}

/// User and password from JSON or a form, whichever the content type says.
fn credentials(headers: &HeaderMap, body: &[u8]) -> Option<(String, String)> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded")) {
        let field = |name: &str| {
            url::form_urlencoded::parse(body)
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.into_owned())
                .unwrap_or_default()
        };
        return Some((field("username"), field("password")));
    }
    let form: Value = serde_json::from_slice(body).ok()?;
    let field = |name: &str| match form.get(name) {
        None | Some(Value::Null) => Some(String::new()),
        Some(value) => value.as_str().map(str::to_owned),
    };
    Some((field("username")?, field("password")?))
}

fn denied(msg: &str) -> Response {
    envelope(&json!({"success": false, "msg": msg, "obj": null}))
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
