//! What came of a write, as this generation puts it.

use crate::answer::{bare, refused, said};
use crate::gen2::draft::Failure;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::Value;

/// Success with this text, or what came of it instead.
pub(super) fn outcome(done: Result<(), Failure>, msg: &str) -> Response {
    match done {
        Ok(()) => said(msg, Value::Null),
        Err(Failure::Refused(refusal)) => refused(&refusal),
        Err(Failure::Panicked) => bare(StatusCode::INTERNAL_SERVER_ERROR),
    }
}
