//! One call to Discord's REST interface: JSON and files in, JSON out.
//!
//! Answers are read as JSON, not as serenity's models: a field that serenity does not know must
//! not turn a message that was posted into a failure.

use super::errors::classify;
use crate::ports::ChatError;
use serde_json::Value;
use serenity::builder::CreateAttachment;
use serenity::http::{Http, LightMethod, Multipart, MultipartUpload, Request, Route};

/// A file to send.
#[derive(Clone)]
pub(super) struct Upload {
    pub(super) name: String,
    pub(super) content: Vec<u8>,
}

/// Calls through one of serenity's clients.
pub(super) struct Api(Http);

impl Api {
    pub(super) const fn new(http: Http) -> Self {
        Self(http)
    }

    /// A call with a body and files.
    pub(super) async fn send(
        &self,
        method: LightMethod,
        route: Route<'_>,
        body: &Value,
        files: &[Upload],
    ) -> Result<Value, ChatError> {
        let request = Request::new(route, method);
        let request = if files.is_empty() {
            request.body(Some(body.to_string().into_bytes()))
        } else {
            request.multipart(Some(Multipart {
                upload: MultipartUpload::Attachments(files.iter().map(attachment).collect()),
                payload_json: Some(body.to_string()),
                fields: Vec::new(),
            }))
        };
        self.fire(request).await
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

    async fn fire(&self, request: Request<'_>) -> Result<Value, ChatError> {
        let answer = self.0.request(request).await.map_err(|e| classify(&e))?;
        let body = answer
            .bytes()
            .await
            .map_err(|e| classify(&serenity::Error::Http(serenity::http::HttpError::Request(e))))?;
        if body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&body).map_err(|e| classify(&serenity::Error::Json(e)))
    }
}

/// Serenity puts `files[n]` for each by its place.
fn attachment(file: &Upload) -> CreateAttachment {
    CreateAttachment::bytes(file.content.clone(), file.name.clone())
}
