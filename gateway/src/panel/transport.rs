//! A request to the panel as bytes. A trait, so that a simulation can stand a model panel in its place.

use async_trait::async_trait;
use axum::http::{Request, Response};
use bytes::Bytes;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PanelTransportError {
    /// Nothing was sent.
    #[error("{0}")]
    NotSent(String),
    /// It may have arrived.
    #[error("{0}")]
    OutcomeUnknown(String),
}

/// Carries requests to a panel, each with all its headers but `Host`.
///
/// # Errors
/// [`PanelTransportError::NotSent`] only where it is certain.
#[async_trait]
pub trait PanelTransport: Send + Sync {
    /// One exchange; the caller ends it after [`PANEL_CALL_MS`](nebulalinks_protocol::PANEL_CALL_MS).
    /// Redirects are answers, never followed.
    async fn exchange(
        &self,
        request: Request<Bytes>,
    ) -> Result<Response<Bytes>, PanelTransportError>;
}
