//! Calls to a gen-3 panel, each with the API token.

use nebulalinks_protocol::ErrorCode;
use reqwest::Method;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use crate::failure::Failure;
use crate::hooks::Call;
use crate::panel::common::http::{CallError, Http, envelope};

/// What to do about a 3xx, 401, 403 or 404.
pub(in crate::panel) fn denied(status: u16) -> Failure {
    let hint = match status {
        401 => {
            "it does not know the API token: make one with `nebulalinks-gateway token`, or in the \
             panel's settings, and give it to the gateway"
        }
        403 => "the API token lacks the scope `admin`, or the panel's `webDomain` is another host",
        404 => "the base path in the panel's address is wrong, or the panel is older than v3.0.2",
        _ => "a redirect, which is never followed: the panel's address is another, or it is https",
    };
    Failure::new(ErrorCode::PanelAuth, format!("the panel answered {status}: {hint}"))
}

/// The connection to one panel.
pub(in crate::panel) struct Wire {
    http: Http,
    token: SecretString,
}

impl std::fmt::Debug for Wire {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Wire(redacted)")
    }
}

impl Wire {
    pub(in crate::panel) const fn new(http: Http, token: SecretString) -> Self {
        Self { http, token }
    }

    /// Reads `obj` of a path below the base path.
    pub(in crate::panel) async fn read(&self, path: &str) -> Result<Value, Failure> {
        self.get(path).await.map_err(|error| error.of_read(denied))
    }

    /// The same, for who understands the answer's whole body.
    pub(super) async fn read_as<T>(
        &self,
        path: &str,
        understand: impl FnOnce(&[u8]) -> Result<T, CallError>,
    ) -> Result<T, Failure> {
        let read = self.call(Call::Read, Method::GET, path, None, understand).await;
        read.map_err(|error| error.of_read(denied))
    }

    /// Reads what a panel tells to a POST only.
    pub(super) async fn ask(&self, path: &str) -> Result<Value, Failure> {
        let answer = self.write(Call::Read, path, None).await;
        answer.map_err(|error| error.of_read(denied))
    }

    /// The same, where a refusal means that there is no such thing.
    pub(super) async fn read_or_refused(&self, path: &str) -> Result<Option<Value>, Failure> {
        match self.get(path).await {
            Ok(value) => Ok(Some(value)),
            Err(CallError::Refused(_)) => Ok(None),
            Err(error) => Err(error.of_read(denied)),
        }
    }

    /// Reads, with the reason when it fails.
    pub(in crate::panel) async fn get(&self, path: &str) -> Result<Value, CallError> {
        self.call(Call::Read, Method::GET, path, None, envelope).await
    }

    /// Posts, for an effect.
    pub(super) async fn write(
        &self,
        call: Call,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, CallError> {
        self.call(call, Method::POST, path, body, envelope).await
    }

    async fn call<T>(
        &self,
        call: Call,
        method: Method,
        path: &str,
        body: Option<&Value>,
        understand: impl FnOnce(&[u8]) -> Result<T, CallError>,
    ) -> Result<T, CallError> {
        let request = self.http.request(method, path).bearer_auth(self.token.expose_secret());
        let request = match body {
            Some(body) => request.json(body),
            None => request,
        };
        self.http.call(call, request, understand).await
    }
}
