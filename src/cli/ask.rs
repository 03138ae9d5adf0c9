//! Asking the running shop over its control socket.

use super::env::SystemClock;
use super::out;
use super::progress::Progress;
use crate::admin::NOW;
use crate::ports::Clock as _;
use serde_json::Value;
use std::path::Path;

/// Why nothing was shown.
#[derive(Debug)]
pub(super) struct Failure {
    /// For the person who asked.
    pub(super) why: String,
    /// It may have been done all the same: it was asked, and no answer came.
    pub(super) maybe_done: bool,
}

impl Failure {
    fn not_done(why: impl Into<String>) -> Self {
        Self { why: why.into(), maybe_done: false }
    }

    fn maybe_done(why: impl Into<String>) -> Self {
        Self { why: why.into(), maybe_done: true }
    }
}

impl From<Failure> for String {
    fn from(failure: Failure) -> Self {
        failure.why
    }
}

/// What a path answers, and when.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) answer: Value,
    /// What time it was for the shop.
    pub(super) now_ms: u64,
}

/// What a path answers.
pub(super) fn get(socket: &Path, path: &str) -> Result<Told, String> {
    Ok(ask(socket, reqwest::Method::GET, path, None)?)
}

/// What a path answers to this.
pub(super) fn send(socket: &Path, path: &str, body: &Value) -> Result<Value, Failure> {
    Ok(ask(socket, reqwest::Method::POST, path, Some(body))?.answer)
}

/// Says something to a path, and shows what it answers.
pub(super) fn post(socket: &Path, path: &str) -> Result<(), String> {
    show(&ask(socket, reqwest::Method::POST, path, None)?.answer)
}

/// What a path answers when it is told to do something.
pub(super) fn post_for(socket: &Path, path: &str) -> Result<Told, String> {
    Ok(ask(socket, reqwest::Method::POST, path, None)?)
}

/// Asks a path about something, and gets what it answers.
pub(super) fn post_json(socket: &Path, path: &str, asked: &Value) -> Result<Told, String> {
    Ok(ask(socket, reqwest::Method::POST, path, Some(asked))?)
}

/// Asks the shop to decide an intent, and says what came of it.
pub(super) fn intent(socket: &Path, asked: &Value) -> Result<(), Failure> {
    let answer = ask(socket, reqwest::Method::POST, "/v1/intents", Some(asked))?.answer;
    let shown = match answer.get("done").and_then(Value::as_str) {
        Some(done) => out::print(&format!("{done}\n")),
        None => show(&answer),
    };
    shown.map_err(Failure::not_done)
}

fn show(answer: &Value) -> Result<(), String> {
    out::print(&format!("{answer:#}\n"))
}

fn ask(
    socket: &Path,
    method: reqwest::Method,
    path: &str,
    body: Option<&Value>,
) -> Result<Told, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::not_done(error.to_string()))?;
    let waiting = Progress::of("waiting for the running shop");
    let (status, now, body) = runtime.block_on(async {
        let api = reqwest::Client::builder()
            .unix_socket(socket)
            .build()
            .map_err(|error| Failure::not_done(error.to_string()))?;
        let mut request = api.request(method, format!("http://control{path}"));
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.map_err(|error| {
            let why = format!(
                "nobody answers at {}: is `nebulalinks run` running, as this user, with this \
                 state folder?",
                socket.display()
            );
            Failure { why, maybe_done: !error.is_connect() }
        })?;
        let status = answer.status();
        let now = answer.headers().get(NOW).and_then(|now| now.to_str().ok()?.parse().ok());
        let body = answer.text().await.map_err(|error| Failure::maybe_done(error.to_string()))?;
        Ok::<_, Failure>((status, now, body))
    })?;
    drop(waiting);
    let value: Value = serde_json::from_str(&body).map_err(|_| Failure {
        why: format!("not understood: {body}"),
        maybe_done: !status.is_client_error(),
    })?;
    if !status.is_success() {
        let said = value.get("error").and_then(|e| e.as_str()).unwrap_or("it failed");
        return Err(Failure { why: said.to_owned(), maybe_done: !status.is_client_error() });
    }
    // What asks nobody the time, such as an older shop, runs by this machine's.
    let now_ms = now.unwrap_or_else(|| SystemClock.now().0);
    Ok(Told { answer: value, now_ms })
}
