//! Who calls, by cookie, form and header, and what somebody hears who is not logged in.

use crate::answer::{bare, envelope};
use crate::control::ModelPanel;
use crate::version::PanelVersion;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

/// What every failed login hears.
pub(crate) const WRONG: &str = "Invalid username or password or two-factor code.";

/// The answer to whoever is not logged in.
pub(crate) fn logged_out(panel: &ModelPanel, xhr: bool, method: &Method) -> Response {
    match panel.version() {
        version if version.has_tokens() && xhr => bare(StatusCode::UNAUTHORIZED),
        PanelVersion::V2_6_5 => expired(panel, xhr, method),
        _ => bare(StatusCode::NOT_FOUND),
    }
}

/// What v2 answers outside of the API, and v2.6.5 everywhere: a redirect to the login page, or to
/// a script that the session is over.
pub(super) fn expired(panel: &ModelPanel, xhr: bool, method: &Method) -> Response {
    if !xhr {
        let base_path = &panel.inner.config.base_path;
        return redirect(StatusCode::TEMPORARY_REDIRECT, base_path, method);
    }
    let msg = "Your session has expired, please log in again";
    let body = envelope(&json!({"success": false, "msg": msg, "obj": null}));
    (StatusCode::UNAUTHORIZED, body).into_response()
}

/// A redirect with the page that Go adds for readers.
pub(crate) fn redirect(status: StatusCode, to: &str, method: &Method) -> Response {
    let reason = status.canonical_reason().unwrap_or_default();
    let page = match *method {
        Method::GET => format!("<a href=\"{to}\">{reason}</a>.\n\n"),
        _ => String::new(),
    };
    let headers = [(header::LOCATION, to), (header::CONTENT_TYPE, "text/html; charset=utf-8")];
    (status, headers, page).into_response()
}

pub(crate) fn is_xhr(headers: &HeaderMap) -> bool {
    headers
        .get("x-requested-with")
        .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"XMLHttpRequest"))
}

pub(super) fn cookie(headers: &HeaderMap) -> Option<&str> {
    headers
        .get(header::COOKIE)?
        .to_str()
        .ok()?
        .split(';')
        .find_map(|pair| pair.trim().strip_prefix("3x-ui="))
}

/// The session id of this request and whether someone is logged in with it.
pub(super) fn session(panel: &ModelPanel, headers: &HeaderMap) -> Option<(String, bool)> {
    let id = cookie(headers)?;
    let now = panel.now_ms();
    let live = panel.live();
    Some((id.to_owned(), live.sessions.get(id, now)?.logged_in))
}

pub(super) fn with_cookie(panel: &ModelPanel, id: &str, mut answer: Response) -> Response {
    let config = &panel.inner.config;
    let age_s = config.session_max_age_min.saturating_mul(60);
    let (path, site) = match panel.version().is_early() {
        true => ("/", ""),
        false => (config.base_path.as_str(), "; SameSite=Lax"),
    };
    let text = format!("3x-ui={id}; Path={path}; Max-Age={age_s}; HttpOnly{site}");
    if let Ok(value) = HeaderValue::from_str(&text) {
        answer.headers_mut().insert(header::SET_COOKIE, value);
    }
    answer
}

/// User and password from JSON or a form, whichever the content type says.
pub(super) fn credentials(headers: &HeaderMap, body: &[u8]) -> Option<(String, String)> {
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
