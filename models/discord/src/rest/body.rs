//! Request bodies: JSON, or multipart with `payload_json` and files.

use crate::error::ApiError;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::header;
use bytes::Bytes;
use serde_json::Value;

/// The most that a request may carry, in bytes.
const MOST: usize = 30 * 1024 * 1024;

/// An uploaded file.
pub(crate) struct Upload {
    /// The number in `files[n]`.
    pub(super) number: u64,
    pub(super) name: String,
    pub(super) content_type: Option<String>,
    pub(super) bytes: Bytes,
}

/// What a request carries.
#[derive(Default)]
pub(crate) struct Body {
    /// Null when there is none.
    pub(super) json: Value,
    pub(super) files: Vec<Upload>,
}

pub(super) async fn read(request: Request) -> Result<Body, ApiError> {
    let kind = request.headers().get(header::CONTENT_TYPE);
    let kind = kind.and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    if kind.starts_with("multipart/form-data") {
        return multipart(request).await;
    }
    let bytes = axum::body::to_bytes(request.into_body(), MOST).await.map_err(|_| too_large())?;
    if bytes.is_empty() {
        return Ok(Body::default());
    }
    if !kind.starts_with("application/json") {
        return Err(ApiError::new(400, 50035, "Expected \"Content-Type\" header to be JSON."));
    }
    Ok(Body { json: parsed(&bytes)?, files: Vec::new() })
}

fn too_large() -> ApiError {
    ApiError::new(413, 40005, "Request entity too large")
}

fn parsed(bytes: &[u8]) -> Result<Value, ApiError> {
    let wrong = |_| ApiError::new(400, 50109, "The request body contains invalid JSON.");
    serde_json::from_slice(bytes).map_err(wrong)
}

async fn multipart(mut request: Request) -> Result<Body, ApiError> {
    axum::extract::DefaultBodyLimit::max(MOST).apply(&mut request);
    let broken = || ApiError::new(400, 50035, "Invalid multipart body");
    let mut form = Multipart::from_request(request, &()).await.map_err(|_| broken())?;
    let mut body = Body::default();
    while let Some(field) = form.next_field().await.map_err(|_| broken())? {
        let name = field.name().unwrap_or_default().to_owned();
        let file_name = field.file_name().map(str::to_owned);
        let content_type = field.content_type().map(str::to_owned);
        let bytes = field.bytes().await.map_err(|_| too_large())?;
        if name == "payload_json" {
            body.json = parsed(&bytes)?;
            continue;
        }
        let number = name.strip_prefix("files[").and_then(|rest| rest.strip_suffix(']'));
        let number = number.and_then(|digits| digits.parse().ok());
        let number = number.or_else(|| (name == "file").then_some(0)).ok_or_else(broken)?;
        let file_name = file_name.ok_or_else(broken)?;
        // One number is one file: nobody can say which of two `attachments` means.
        if body.files.iter().any(|file: &Upload| file.number == number) {
            let message = format!("files[{number}] is there twice");
            return Err(ApiError::form(&format!("files.{number}"), "DUPLICATE", &message));
        }
        body.files.push(Upload { number, name: file_name, content_type, bytes });
    }
    Ok(body)
}
