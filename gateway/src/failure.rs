//! Why a request was not done.

use nebulalinks_protocol::{ErrorCode, HistoryPoint, Problem};

/// A code of the closed list, and prose without secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The code of the closed list.
    pub code: ErrorCode,
    /// What happened and what to do.
    pub detail: String,
    /// When to try again, in ms.
    pub retry_after_ms: Option<u64>,
    /// With `claimed`.
    pub highest_revision: Option<u64>,
    /// With `claimed`: what the asking store has not shown.
    pub unshown: Vec<HistoryPoint>,
}

impl Failure {
    /// A failure with a code and prose, and nothing else.
    pub fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            retry_after_ms: None,
            highest_revision: None,
            unshown: Vec::new(),
        }
    }

    /// The failure of a write that the gateway did not try because of this one of another write.
    #[must_use]
    pub fn kept_from_trying(&self) -> Self {
        let detail = format!("not tried, because of another of the batch: {}", self.detail);
        Self::new(ErrorCode::NotAttempted, detail)
    }

    /// The failure of a write that the gateway could send, but not read back in the time of its
    /// request: not begun, it is simply sent again.
    #[must_use]
    pub fn out_of_time() -> Self {
        Self::new(ErrorCode::NotAttempted, "the time of this batch is up: send it again")
    }

    /// Whether the panel as a whole does not answer, so that other writes would fail the same way.
    #[must_use]
    pub const fn is_of_the_panel(&self) -> bool {
        matches!(
            self.code,
            ErrorCode::PanelUnreachable
                | ErrorCode::PanelAuth
                | ErrorCode::PanelUnsupported
                | ErrorCode::PanelProtocol
        )
    }

    /// The failure as the body of an answer. A failure of `clock` carries `now_ms`.
    #[must_use]
    pub fn problem(self, now_ms: u64) -> Problem {
        Problem {
            clock_ms: (self.code == ErrorCode::Clock).then_some(now_ms),
            retry_after_ms: self.retry_after_ms,
            highest_revision: self.highest_revision,
            unshown: self.unshown,
            ..Problem::new(self.code, self.detail)
        }
    }
}
