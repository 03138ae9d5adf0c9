//! What the adapter works with.

use std::sync::Arc;

use super::keyring::KeyRing;
use super::transport::{ReqwestTransport, TlsError, TlsOptions, Transport};
use crate::model::{DurationMs, UnixMs, Witness};
use crate::ports::{Clock, Endpoint, Timekeeper};

/// Panels behind gateways, over HTTP.
pub struct HttpPanels {
    pub(super) keys: KeyRing,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) transport: Arc<dyn Transport>,
    pub(super) time: Option<Arc<dyn Timekeeper>>,
}

impl std::fmt::Debug for HttpPanels {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpPanels").field("keys", &self.keys).finish_non_exhaustive()
    }
}

impl HttpPanels {
    /// Over real HTTP.
    ///
    /// # Errors
    /// The HTTP client cannot be made (no usable certificate, for example).
    pub fn new(keys: KeyRing, clock: Arc<dyn Clock>, tls: &TlsOptions) -> Result<Self, TlsError> {
        Ok(Self::over(keys, clock, Arc::new(ReqwestTransport::new(tls)?)))
    }

    /// Over any transport.
    #[must_use]
    pub fn over(keys: KeyRing, clock: Arc<dyn Clock>, transport: Arc<dyn Transport>) -> Self {
        Self { keys, clock, transport, time: None }
    }

    /// Tells this timekeeper the date of every signed answer, refusals included.
    #[must_use]
    pub fn telling(mut self, time: Arc<dyn Timekeeper>) -> Self {
        self.time = Some(time);
        self
    }

    /// A gateway signed an answer at this second.
    pub(super) fn dated(&self, to: &Endpoint, created_s: u64, asked: DurationMs) {
        if let Some(time) = &self.time {
            let date = UnixMs(created_s.saturating_mul(1000));
            time.heard(Witness::Gateway(to.server.clone()), date, asked);
        }
    }
}
