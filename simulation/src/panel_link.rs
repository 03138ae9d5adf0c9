//! The way from a gateway to its panel: in this process, so that the seed alone decides when an answer
//! comes.

use super::monitors::Monitors;
use super::rng::Rng;
use async_trait::async_trait;
use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, Request, Response, header::HOST};
use nebulalinks::model::ServerId;
use nebulalinks_gateway::panel::transport::{PanelTransport, PanelTransportError};
use nebulalinks_model_panel::{ModelPanel, NoAnswer, PanelInProcess};
use nebulalinks_protocol::PANEL_CALL_MS;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How long a call takes at most without any fault, ms.
const SLOWEST_MS: u64 = 20;

/// A panel's process, and how fast it answers.
pub(super) struct PanelLink {
    server: ServerId,
    panel: ModelPanel,
    process: PanelInProcess,
    rng: Rng,
    monitors: Arc<Monitors>,
    /// With a planted mutation: who the panel says it is, while its gateway writes.
    pub(super) pretends: Mutex<Option<String>>,
}

impl PanelLink {
    /// Starts the panel's process. Each panel has a source of its own: what one does changes nothing
    /// about when another answers.
    pub(super) fn to(server: &ServerId, rng: Rng, monitors: &Arc<Monitors>) -> Self {
        let (server, panel) = (server.clone(), monitors.panels[server].clone());
        let (process, monitors) = (panel.serve_in_process(), Arc::clone(monitors));
        Self { server, panel, process, rng, monitors, pretends: Mutex::default() }
    }

    /// A planted mutation: whatever a write was decided for is what the panel says it is.
    fn as_pretended(&self, status: bool, answer: Response<Bytes>) -> Response<Bytes> {
        let pretended = self.pretends.lock().unwrap().clone().filter(|_| status);
        let Some(pretended) = pretended else { return answer };
        answer.map(|body| {
            let text = String::from_utf8_lossy(&body);
            Bytes::from(text.replace(&self.panel.guid(), &pretended))
        })
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
        let status = request.uri().path().ends_with("/server/status");
        let (identity, changes) = (self.panel.guid(), self.panel.changes());
        let call = self.process.call(request.map(Body::from));
        let unknown = |why: &str| PanelTransportError::OutcomeUnknown(format!("the panel {why}"));
        let answered = tokio::time::timeout(Duration::from_millis(PANEL_CALL_MS), call).await;
        self.monitors.took(&self.server, &identity, changes);
        match answered {
            Ok(Ok(answer)) => Ok(self.as_pretended(status, answer)),
            Ok(Err(NoAnswer::Refused)) => Err(PanelTransportError::NotSent(
                "no connection to the panel (connection refused): is it running?".to_owned(),
            )),
            Ok(Err(NoAnswer::Cut)) => Err(unknown("cut the connection")),
            Err(_) => Err(unknown("did not answer in time")),
        }
    }
}
