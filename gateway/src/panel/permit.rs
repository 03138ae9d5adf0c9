//! The right to write, asked for again before each call to the panel.

use std::sync::Arc;

use nebulalinks_protocol::ErrorCode;

use crate::claim::Claims;
use crate::clock::Clock;
use crate::failure::Failure;

/// A signed request's right to write: its fence is current, if it is the controller's, and its
/// signature has not expired.
#[derive(Clone)]
pub struct Permit {
    claims: Arc<Claims>,
    clock: Arc<dyn Clock>,
    /// A script has none: it writes only what no controller does.
    fence: Option<u64>,
    expires_ms: u64,
    /// The identity of the panel that it was decided for, where the request says so.
    panel: Option<String>,
}

impl std::fmt::Debug for Permit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Permit").field("fence", &self.fence).finish_non_exhaustive()
    }
}

impl Permit {
    /// The right of a request with this fence, until its signature expires (ms since 1970).
    #[must_use]
    pub fn new(claims: Arc<Claims>, clock: Arc<dyn Clock>, fence: u64, expires_ms: u64) -> Self {
        Self { claims, clock, fence: Some(fence), expires_ms, panel: None }
    }

    /// The right of a script's request, until its signature expires (ms since 1970).
    #[must_use]
    pub fn of_script(claims: Arc<Claims>, clock: Arc<dyn Clock>, expires_ms: u64) -> Self {
        Self { claims, clock, fence: None, expires_ms, panel: None }
    }

    /// The same, on the panel of this identity alone.
    #[must_use]
    pub fn on(self, panel: Option<String>) -> Self {
        Self { panel, ..self }
    }

    /// The identity of the panel that the request was decided for, where it says so.
    #[must_use]
    pub fn panel(&self) -> Option<&str> {
        self.panel.as_deref()
    }

    /// Whether it is the controller's: a script's has no fence.
    #[must_use]
    pub const fn is_the_controllers(&self) -> bool {
        self.fence.is_some()
    }

    /// Whether a call to the panel may start now.
    ///
    /// # Errors
    /// [`ErrorCode::Fenced`] or [`ErrorCode::Expired`].
    pub fn check(&self) -> Result<(), Failure> {
        if self.fence.is_some_and(|fence| !self.claims.holds(fence)) {
            let detail = "the fence is not the current claim's: claim again before writing";
            return Err(Failure::new(ErrorCode::Fenced, detail));
        }
        if self.clock.now_ms() > self.expires_ms {
            let detail = "the signature expired before the panel could be called";
            return Err(Failure::new(ErrorCode::Expired, detail));
        }
        Ok(())
    }

    /// The fence it was asked with; a script's is 0.
    #[must_use]
    pub fn fence(&self) -> u64 {
        self.fence.unwrap_or_default()
    }

    /// How long calls to the panel may still start, in ms.
    #[must_use]
    pub fn left_ms(&self) -> u64 {
        self.expires_ms.saturating_sub(self.clock.now_ms())
    }

    /// The gateway's clock, in ms since 1970.
    #[must_use]
    pub fn now_ms(&self) -> u64 {
        self.clock.now_ms()
    }
}
