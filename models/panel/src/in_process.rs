//! A model panel without a port: each call is a connection of its own in this process, and meets the same
//! faults as over a port. No kernel decides when an answer comes.

use super::control::ModelPanel;
use super::serve::KillSwitch;
use super::sessions::Limiter;
use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{Request, Response};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

/// Why a call got no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswer {
    /// Nobody listens: the call was never sent.
    #[error("connection refused")]
    Refused,
    /// The connection was cut: the call may have been done.
    #[error("connection reset")]
    Cut,
}

/// A running panel process without a port. Dropping it kills the process; the panel's state lives on
/// in the [`ModelPanel`].
pub struct PanelInProcess {
    panel: ModelPanel,
    router: Router,
    kill: CancellationToken,
}

impl Drop for PanelInProcess {
    fn drop(&mut self) {
        self.kill.cancel();
    }
}

impl ModelPanel {
    /// Starts the panel process without a port, and without its poll: whoever serves it runs
    /// [`ModelPanel::poll_if_due`] as often as is wanted.
    #[must_use]
    pub fn serve_in_process(&self) -> PanelInProcess {
        // A new process remembers no failed logins.
        self.live().limiter = Limiter::default();
        let kill = CancellationToken::new();
        PanelInProcess { panel: self.clone(), router: self.router(), kill }
    }
}

impl PanelInProcess {
    /// One call, and its whole answer.
    ///
    /// # Errors
    /// Nobody listens, or the connection was cut.
    pub async fn call(&self, mut request: Request<Body>) -> Result<Response<Bytes>, NoAnswer> {
        let open = self.panel.faults().open();
        if open.is_cancelled() || self.kill.is_cancelled() {
            return Err(NoAnswer::Refused);
        }
        let switch = KillSwitch::within(&self.kill);
        request.extensions_mut().insert(ConnectInfo(switch.clone()));
        let answered = tokio::select! {
            biased;
            () = switch.pulled() => None,
            () = open.cancelled() => None,
            answer = whole(self.router.clone(), request) => answer,
        };
        // Whoever pulls the switch answers all the same, and nobody hears it.
        answered
            .filter(|_| !switch.is_pulled() && !self.panel.faults().is_down())
            .ok_or(NoAnswer::Cut)
    }
}

async fn whole(router: Router, request: Request<Body>) -> Option<Response<Bytes>> {
    let Ok(answer) = router.oneshot(request).await;
    let (parts, body) = answer.into_parts();
    let body = to_bytes(body, usize::MAX).await.ok()?;
    Some(Response::from_parts(parts, body))
}
