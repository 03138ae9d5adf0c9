//! REST: one pipeline for every request, and a handler per route.
//!
//! faults → token → body → Discord's document → handler → the document again, for our own answer.

mod body;
mod call;
mod callbacks;
mod cdn;
mod channels;
mod commands;
mod compose;
mod guild;
mod messages;
mod routes;
mod threads;
mod users;
mod webhooks;

pub(super) use cdn::serve as cdn;
pub(super) use compose::{check_content, guessed_type};

use crate::emulator::Emulator;
use crate::error::ApiError;
use crate::faults::{Effect, RateLimitScope};
use crate::ids::http_date;
use crate::spec;
use crate::state::Discord;
use crate::state::records::RequestLog;
use crate::wire_conn::Scissors;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use call::{Call, Handled, Reply};
use routes::Route;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

pub(super) async fn serve(
    State(emulator): State<Emulator>,
    ConnectInfo(scissors): ConnectInfo<Scissors>,
    request: Request,
) -> Response {
    let method = request.method().as_str().to_owned();
    let path = request.uri().path().to_owned();
    let stopping = emulator.stopping();
    let began = tokio::time::Instant::now();
    let answered = tokio::select! {
        answered = answer(&emulator, &scissors, request, &method, &path) => answered,
        () = stopping.cancelled() => None,
    };
    let Some((route, response)) = answered else {
        scissors.cut();
        log(&emulator, &method, "", &path, (0, began.elapsed()));
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    log(&emulator, &method, route, &path, (response.status().as_u16(), began.elapsed()));
    response
}

fn log(
    emulator: &Emulator,
    method: &str,
    route: &str,
    path: &str,
    (status, took): (u16, Duration),
) {
    let path = without_token(method, path);
    let (method, route) = (method.to_owned(), route.to_owned());
    emulator.change(|discord| {
        let at_ms = discord.now();
        discord.requests.push(RequestLog { method, route, path, status, at_ms, took });
    });
}

/// A path without the interaction's token, which is a secret for its time. Where no route fits, that is
/// whatever is long.
fn without_token(method: &str, path: &str) -> String {
    let params = routes::find(method, path).map(|(_, params)| params).unwrap_or_default();
    let is_token = |part: &str| {
        let mut named = params.iter().filter(|(name, _)| name.ends_with("_token"));
        part.len() > 60 || named.any(|(_, token)| token == part)
    };
    let parts = path.split('/').map(|part| if is_token(part) { "…" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

/// The answer, or none when the connection is to break.
async fn answer(
    emulator: &Emulator,
    scissors: &Scissors,
    request: Request,
    method: &str,
    path: &str,
) -> Option<(&'static str, Response)> {
    let Some((route, params)) = routes::find(method, path) else {
        emulator.violation(format!("{method} {path}: the emulator has no such route"));
        let error = ApiError::new(404, 0, "404: Not Found");
        return Some(("", failure(emulator, &error)));
    };
    let mut drop_after = false;
    for effect in emulator.change(|discord| discord.faults.take(method, route.path, path)) {
        match effect {
            Effect::Latency(length) => tokio::time::sleep(length).await,
            Effect::Refuse(status, code, message) => {
                let error = ApiError::new(status, code, &message);
                return Some((route.path, failure(emulator, &error)));
            }
            Effect::Page(status, page) => {
                let status = StatusCode::from_u16(status).unwrap_or(StatusCode::NOT_FOUND);
                return Some((route.path, (status, axum::response::Html(page)).into_response()));
            }
            Effect::RateLimit(scope, wait) => {
                return Some((route.path, limited(emulator, scope, wait)));
            }
            Effect::DropBefore => return None,
            Effect::DropAfterCommit => drop_after = true,
        }
    }
    let response = match handle(emulator, route, params, request).await {
        Ok(Reply::Json(status, value)) => {
            if let Some(mistake) = spec::check_answer(method, route.path, status, &value) {
                emulator.change(|discord| discord.own_mistakes.push(mistake));
            }
            respond(emulator, status, Some(&value))
        }
        Ok(Reply::Empty) => respond(emulator, 204, None),
        Err(error) => {
            if error.code == 50035 || error.code == 50006 || error.status == 401 {
                emulator.violation(format!("{method} {}: {}", route.path, error.body()));
            }
            failure(emulator, &error)
        }
    };
    if drop_after {
        scissors.cut();
    }
    Some((route.path, response))
}

async fn handle(
    emulator: &Emulator,
    route: &'static Route,
    params: BTreeMap<&'static str, String>,
    request: Request,
) -> Handled {
    if route.needs_token {
        let headers = request.headers();
        let fits = emulator.read(|discord| authorised(discord, headers));
        if !fits {
            return Err(ApiError::new(401, 0, "401: Unauthorized"));
        }
    }
    let query = request.uri().query().map(routes::query).unwrap_or_default();
    let body = body::read(request).await?;
    if let Some(mistake) = spec::check_request(route.method, route.path, &body.json) {
        // Discord passes over keys it does not know; the bot's author should not.
        if mistake.refused {
            return Err(ApiError::form("body", "DOCUMENT", &mistake.what));
        }
        emulator.violation(mistake.what);
    }
    let call = Call { params, query, body };
    emulator.change(|discord| {
        discord.archive_quiet_threads();
        (route.handler)(discord, &call)
    })
}

fn authorised(discord: &Discord, headers: &HeaderMap) -> bool {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    given.is_some_and(|value| value.starts_with("Bot ") && discord.gateway.token_fits(value))
}

fn respond(emulator: &Emulator, status: u16, body: Option<&Value>) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = match body {
        Some(value) => (status, axum::Json(value)).into_response(),
        None => status.into_response(),
    };
    let now = emulator.read(Discord::now);
    let headers = response.headers_mut();
    let mut set = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    set("date", &http_date(now));
    set("x-ratelimit-limit", "50");
    set("x-ratelimit-remaining", "49");
    set("x-ratelimit-reset", &format!("{}.000", now.0 / 1000 + 1));
    set("x-ratelimit-reset-after", "1.000");
    set("x-ratelimit-bucket", "emulated");
    response
}

fn failure(emulator: &Emulator, error: &ApiError) -> Response {
    respond(emulator, error.status, Some(&error.body()))
}

fn limited(emulator: &Emulator, scope: RateLimitScope, wait: Duration) -> Response {
    let global = scope == RateLimitScope::Global;
    let seconds = wait.as_secs_f64();
    let body = json!({
        "message": "You are being rate limited.", "retry_after": seconds, "global": global,
    });
    let mut response = respond(emulator, 429, Some(&body));
    let headers = response.headers_mut();
    let whole = HeaderValue::from(wait.as_secs() + u64::from(wait.subsec_nanos() > 0));
    headers.insert("retry-after", whole);
    headers.insert("x-ratelimit-scope", HeaderValue::from_static(scope.as_str()));
    headers.insert("x-ratelimit-remaining", HeaderValue::from_static("0"));
    if let Ok(value) = HeaderValue::from_str(&format!("{seconds:.3}")) {
        headers.insert("x-ratelimit-reset-after", value);
    }
    if global {
        headers.insert("x-ratelimit-global", HeaderValue::from_static("true"));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_not_logged_however_short_it_is() {
        for (method, path, shown) in [
            ("POST", "/webhooks/7/short", "/webhooks/7/…"),
            ("PATCH", "/webhooks/7/short/messages/@original", "/webhooks/7/…/messages/@original"),
            ("POST", "/interactions/7/short/callback", "/interactions/7/…/callback"),
            ("GET", "/channels/7/messages", "/channels/7/messages"),
        ] {
            let shown = format!("/api/v10{shown}");
            assert_eq!(without_token(method, &format!("/api/v10{path}")), shown);
        }
        assert_eq!(without_token("GET", &format!("/lost/{}", "x".repeat(61))), "/lost/…");
    }
}
