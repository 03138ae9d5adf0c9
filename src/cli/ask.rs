//! Asking the running shop over its control socket.

use super::out;
use serde_json::Value;
use std::path::Path;

/// Shows what a path answers.
pub(super) fn get(socket: &Path, path: &str) -> Result<(), String> {
    show(&ask(socket, reqwest::Method::GET, path, None)?)
}

/// Says something to a path, and shows what it answers.
pub(super) fn post(socket: &Path, path: &str) -> Result<(), String> {
    show(&ask(socket, reqwest::Method::POST, path, None)?)
}

/// Asks the shop to decide an intent, and says what came of it.
pub(super) fn intent(socket: &Path, asked: &Value) -> Result<(), String> {
    let answer = ask(socket, reqwest::Method::POST, "/v1/intents", Some(asked))?;
    match answer.get("done").and_then(Value::as_str) {
        Some(done) => out::print(&format!("{done}\n")),
        None => show(&answer),
    }
}

fn show(answer: &Value) -> Result<(), String> {
    out::print(&format!("{answer:#}\n"))
}

fn ask(
    socket: &Path,
    method: reqwest::Method,
    path: &str,
    body: Option<&Value>,
) -> Result<Value, String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    let (status, body) = runtime.block_on(async {
        let api = reqwest::Client::builder()
            .unix_socket(socket)
            .build()
            .map_err(|error| error.to_string())?;
        let mut request = api.request(method, format!("http://control{path}"));
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.map_err(|_| {
            format!(
                "nobody answers at {}: is `nebulalinks run` running, as this user, with this \
                 state folder?",
                socket.display()
            )
        })?;
        let status = answer.status();
        let body = answer.text().await.map_err(|error| error.to_string())?;
        Ok::<_, String>((status, body))
    })?;
    let value: Value =
        serde_json::from_str(&body).map_err(|_| format!("not understood: {body}"))?;
    if !status.is_success() {
        let said = value.get("error").and_then(|e| e.as_str()).unwrap_or("it failed");
        return Err(said.to_owned());
    }
    Ok(value)
}
