//! The way from a gateway to its panel: in this process, so that the seed alone decides when an answer
//! comes.

use super::rng::Rng;
use async_trait::async_trait;
use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, Request, Response, header::HOST};
use nebulalinks_gateway::panel::transport::{PanelTransport, PanelTransportError};
use nebulalinks_model_panel::{ModelPanel, NoAnswer, PanelInProcess};
use nebulalinks_protocol::PANEL_CALL_MS;
use std::time::Duration;

/// How long a call takes at most without any fault, ms.
const SLOWEST_MS: u64 = 20;

/// A panel's process, and how fast it answers.
pub(super) struct PanelLink {
    process: PanelInProcess,
    rng: Rng,
}

impl PanelLink {
    /// Starts the panel's process. Each panel has a source of its own: what one does changes nothing
    /// about when another answers.
    pub(super) fn to(panel: &ModelPanel, rng: Rng) -> Self {
        Self { process: panel.serve_in_process(), rng }
    }
}

#[async_trait]
impl PanelTransport for PanelLink {
    async fn exchange(
        &self,
        mut request: Request<Bytes>,
    ) -> Result<Response<Bytes>, PanelTransportError> {
        tokio::time::sleep(Duration::from_millis(1 + self.rng.below(SLOWEST_MS))).await;
        let host = request.uri().authority().map(|a| HeaderValue::from_str(a.as_str()));
        if let Some(Ok(host)) = host {
            request.headers_mut().insert(HOST, host);
        }
        let call = self.process.call(request.map(Body::from));
        let unknown = |why: &str| PanelTransportError::OutcomeUnknown(format!("the panel {why}"));
        match tokio::time::timeout(Duration::from_millis(PANEL_CALL_MS), call).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(NoAnswer::Refused)) => Err(PanelTransportError::NotSent(
                "no connection to the panel (connection refused): is it running?".to_owned(),
            )),
            Ok(Err(NoAnswer::Cut)) => Err(unknown("cut the connection")),
            Err(_) => Err(unknown("did not answer in time")),
        }
    }
}
