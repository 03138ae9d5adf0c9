//! The gateway's two services: the signed API, and what an operator reads without a key.

use std::sync::Arc;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use nebulalinks_protocol::headers::JSON;
use prometheus::{Encoder as _, Registry, TextEncoder};

use crate::app_state::{AppState, Parts, open};
use crate::dispatch::dispatch;
use crate::openapi;
use crate::start_error::StartError;

/// The gateway as a service, without a listener: whoever has one knows by which names it is
/// called, so here every host is taken.
///
/// # Errors
/// The claim file, the keys or the HTTP client cannot be had.
pub fn router(parts: Parts) -> Result<Router, StartError> {
    open(parts).map(service)
}

pub(crate) fn service(state: Arc<AppState>) -> Router {
    Router::new().fallback(dispatch).with_state(state)
}

/// `GET /metrics`, and `GET /openapi.json`, for a listener of the operator's own.
pub fn metrics_router(registry: Registry) -> Router {
    let show = move || {
        let registry = registry.clone();
        async move {
            let mut text = Vec::new();
            let encoder = TextEncoder::new();
            // Only a broken writer can fail this, and a vector is none.
            let _ = encoder.encode(&registry.gather(), &mut text);
            ([(CONTENT_TYPE, encoder.format_type().to_owned())], text)
        }
    };
    let document = || async { ([(CONTENT_TYPE, JSON)], openapi::json()) };
    Router::new().route("/metrics", get(show)).route("/openapi.json", get(document))
}
