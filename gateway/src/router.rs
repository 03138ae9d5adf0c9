//! The gateway as a service.

use std::sync::Arc;

use axum::Router;

use crate::dispatch::dispatch;
use crate::inner::{Inner, Parts, open};
use crate::start_error::StartError;

/// The gateway as a service, without a listener: whoever has one knows by which names it is
/// called, so here every host is taken.
///
/// # Errors
/// The claim file, the keys or the HTTP client cannot be had.
pub fn router(parts: Parts) -> Result<Router, StartError> {
    open(parts).map(service)
}

pub(crate) fn service(inner: Arc<Inner>) -> Router {
    Router::new().fallback(dispatch).with_state(inner)
}
