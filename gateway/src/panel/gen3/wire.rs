//! HTTP to a panel, and what its answers mean. Only what can be told without reading prose counts.

use std::sync::Arc;
use std::time::Duration;

use nebulalinks_protocol::{ErrorCode, PANEL_CALL_MS};
use reqwest::header::{ACCEPT, ACCEPT_LANGUAGE, HeaderMap, HeaderValue};
use reqwest::{Client, Method, StatusCode, redirect};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use super::json::{field, take};
use crate::config::PanelTarget;
use crate::hooks::{Call, Hook};
use crate::metrics::Metrics;
use crate::panel::Failure;

/// No answer of a panel is larger: 10,000 clients are about 7 MB.
const MAX_ANSWER: usize = 128 << 20;

/// Why a call did not succeed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum CallError {
    /// It was never sent: no connection.
    NotSent(String),
    /// It may have been done: time-out, cut connection, 5xx, empty or not JSON.
    Unknown(String),
    /// `success: false`, with the panel's prose.
    Refused(String),
    /// 401, 403 or 404: credentials, scope, base path, or no such route. Nothing was done.
    Denied(u16),
}

impl CallError {
    /// As the failure of something without an effect.
    pub(super) fn of_read(self) -> Failure {
        match self {
            Self::NotSent(why) | Self::Unknown(why) => {
                Failure::new(ErrorCode::PanelUnreachable, why)
            }
            Self::Refused(why) => {
                let detail = format!("the panel refused to be read: {why}");
                Failure::new(ErrorCode::PanelProtocol, detail)
            }
            Self::Denied(status) => denied(status),
        }
    }
}

/// What to do about a 401, 403 or 404.
pub(super) fn denied(status: u16) -> Failure {
    let hint = match status {
        401 => {
            "it does not know the API token: make one in the panel's settings and give it to the gateway"
        }
        403 => "the API token lacks the scope `admin`, or the panel's `webDomain` is another host",
        _ => "the base path in the panel's address is wrong, or the panel is older than v3.0.2",
    };
    Failure::new(ErrorCode::PanelAuth, format!("the panel answered {status}: {hint}"))
}

/// The connection to one panel.
pub(super) struct Wire {
    client: Client,
    base: String,
    token: SecretString,
    hook: Hook,
    metrics: Metrics,
}

impl std::fmt::Debug for Wire {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Wire(redacted)")
    }
}

impl Wire {
    pub(super) fn new(
        target: &PanelTarget,
        hook: Hook,
        metrics: Metrics,
    ) -> Result<Self, reqwest::Error> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static("en-US"));
        headers.insert("X-Requested-With", HeaderValue::from_static("XMLHttpRequest"));
        let client = Client::builder()
            .default_headers(headers)
            .redirect(redirect::Policy::none())
            .timeout(Duration::from_millis(PANEL_CALL_MS))
            .connect_timeout(Duration::from_secs(5))
            .no_proxy()
            .http1_only()
            .build()?;
        Ok(Self {
            client,
            base: target.base(),
            token: target.token.clone(),
            hook: Arc::clone(&hook),
            metrics,
        })
    }

    /// Reads `obj` of a path below the base path.
    pub(super) async fn read(&self, path: &str) -> Result<Value, Failure> {
        self.call(Call::Read, Method::GET, path, None).await.map_err(|error| match error {
            CallError::Unknown(why) if why.starts_with(NOT_JSON) => {
                Failure::new(ErrorCode::PanelProtocol, why)
            }
            error => error.of_read(),
        })
    }

    /// The same, where 404 means that there is no such route.
    pub(super) async fn read_or_absent(&self, path: &str) -> Result<Option<Value>, Failure> {
        match self.call(Call::Read, Method::GET, path, None).await {
            Ok(value) => Ok(Some(value)),
            Err(CallError::Denied(404)) => Ok(None),
            Err(error) => Err(error.of_read()),
        }
    }

    /// The same, where a refusal means that there is no such thing.
    pub(super) async fn read_or_refused(&self, path: &str) -> Result<Option<Value>, Failure> {
        match self.call(Call::Read, Method::GET, path, None).await {
            Ok(value) => Ok(Some(value)),
            Err(CallError::Refused(_)) => Ok(None),
            Err(error) => Err(error.of_read()),
        }
    }

    /// Posts, for an effect.
    pub(super) async fn write(
        &self,
        call: Call,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, CallError> {
        self.call(call, Method::POST, path, body).await
    }

    async fn call(
        &self,
        call: Call,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, CallError> {
        let (before, after) = call.points();
        (self.hook)(before);
        let timer = self.metrics.panel_seconds.with_label_values(&[call.name()]).start_timer();
        let result = self.exchange(method, path, body).await;
        timer.observe_duration();
        let reached = matches!(result, Ok(_) | Err(CallError::Refused(_)));
        self.metrics.panel_reachable.set(i64::from(reached));
        (self.hook)(after);
        result
    }

    async fn exchange(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, CallError> {
        let mut request = self
            .client
            .request(method, format!("{}{path}", self.base))
            .bearer_auth(self.token.expose_secret());
        if let Some(body) = body {
            request = request.json(body);
        }
        let mut response = request.send().await.map_err(|e| lost(&e))?;
        let status = response.status();
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|e| lost(&e))? {
            if bytes.len() + chunk.len() > MAX_ANSWER {
                return Err(CallError::Unknown("the panel's answer is too large".to_owned()));
            }
            bytes.extend_from_slice(&chunk);
        }
        envelope(status, &bytes)
    }
}

const NOT_JSON: &str = "the panel's answer is not";

/// Takes `obj` out of the panel's envelope.
fn envelope(status: StatusCode, bytes: &[u8]) -> Result<Value, CallError> {
    match status.as_u16() {
        200 => {}
        code @ (401 | 403 | 404) => return Err(CallError::Denied(code)),
        code => return Err(CallError::Unknown(format!("the panel answered {code}"))),
    }
    let what = if bytes.is_empty() { "there: it is empty" } else { "its envelope of JSON" };
    let unknown = || CallError::Unknown(format!("{NOT_JSON} {what}"));
    let mut value: Value = serde_json::from_slice(bytes).map_err(|_| unknown())?;
    match field(&value, "success").as_bool() {
        Some(true) => Ok(take(&mut value, "obj")),
        Some(false) => {
            let prose = field(&value, "msg").as_str().unwrap_or_default();
            Err(CallError::Refused(prose.split_whitespace().collect::<Vec<_>>().join(" ")))
        }
        None => Err(unknown()),
    }
}

fn lost(error: &reqwest::Error) -> CallError {
    if error.is_connect() || error.is_builder() {
        return CallError::NotSent("no connection to the panel: is it running?".to_owned());
    }
    let why = if error.is_timeout() { "did not answer in time" } else { "cut the connection" };
    CallError::Unknown(format!("the panel {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_means_only_what_it_says_without_prose() {
        let ok = StatusCode::OK;
        let unknown = |r: Result<Value, CallError>| matches!(r, Err(CallError::Unknown(_)));
        assert_eq!(envelope(ok, br#"{"success":true,"msg":"","obj":[1]}"#).unwrap()[0], 1);
        assert_eq!(envelope(ok, br#"{"success":true}"#), Ok(Value::Null));
        assert_eq!(
            envelope(ok, b"{\"success\":false,\"msg\":\"Wrong (x\\n)\",\"obj\":null}"),
            Err(CallError::Refused("Wrong (x )".into()))
        );
        for body in [&b""[..], b"<html>login</html>", b"{\"success\":tr", b"[]", b"{}", b"null"] {
            assert!(unknown(envelope(ok, body)), "{body:?}");
        }
        assert!(unknown(envelope(StatusCode::INTERNAL_SERVER_ERROR, b"")));
        assert!(unknown(envelope(StatusCode::FOUND, b"")));
        for status in [401, 403, 404] {
            let code = StatusCode::from_u16(status).unwrap();
            assert_eq!(envelope(code, b""), Err(CallError::Denied(status)));
        }
    }
}
