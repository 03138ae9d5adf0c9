//! One call to Discord's REST interface: JSON and files in, JSON out.
//!
//! Answers are read as JSON, not as serenity's models: a field that serenity does not know must
//! not turn a message that was posted into a failure.

use super::errors::{classify, not_answered};
use super::multipart::{Forms, Upload};
use crate::ports::ChatError;
use reqwest::Client;
use serde_json::Value;
use serenity::http::{Http, LightMethod, Request, Route};

/// Calls through one of serenity's clients; what carries files goes by a form of our own.
pub(super) struct Api {
    http: Http,
    forms: Forms,
}

impl Api {
    /// `client` is what `http` was made with.
    pub(super) const fn new(http: Http, client: Client) -> Self {
        Self { http, forms: Forms::new(client) }
    }

    /// A call with a body and files.
    pub(super) async fn send(
        &self,
        method: LightMethod,
        route: Route<'_>,
        body: &Value,
        files: &[Upload],
    ) -> Result<Value, ChatError> {
        if !files.is_empty() {
            return self.forms.send(&self.http, method, route, body, files).await;
        }
        let body = body.to_string().into_bytes();
        self.fire(Request::new(route, method).body(Some(body))).await
    }

    /// A call without a body, with parameters.
    pub(super) async fn get(
        &self,
        route: Route<'_>,
        params: Vec<(&'static str, String)>,
    ) -> Result<Value, ChatError> {
        let params = if params.is_empty() { None } else { Some(params) };
        self.fire(Request::new(route, LightMethod::Get).params(params)).await
    }

    /// A deletion.
    pub(super) async fn delete(&self, route: Route<'_>) -> Result<(), ChatError> {
        self.fire(Request::new(route, LightMethod::Delete)).await.map(|_| ())
    }

    async fn fire(&self, request: Request<'_>) -> Result<Value, ChatError> {
        let answer = self.http.request(request).await.map_err(|e| classify(&e))?;
        let body = answer.bytes().await.map_err(|e| not_answered(&e))?;
        if body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&body).map_err(|e| classify(&serenity::Error::Json(e)))
    }
}
