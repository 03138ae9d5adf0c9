//! Why a run failed, and what its key does next: a policy apart from the run.

use crate::ports::{ChatClass, ChatError, PanelError, StoreError};

/// A failed run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct Failure {
    /// A bounded code for logs and metrics.
    pub code: &'static str,
    /// Prose: what happened, and what to do.
    pub detail: String,
    /// Not before this many ms, where the other side said so.
    pub retry_after_ms: Option<u64>,
    /// The store is gone: the process must end.
    pub fatal: bool,
    /// Worth a line in the log; conflicts and the like are not.
    pub loud: bool,
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let (code, fatal, loud) = match &error {
            StoreError::Conflict(_) => ("conflict", false, false),
            StoreError::TooLarge { .. } => ("too_large", false, true),
            StoreError::NoRoom(_) => ("no_room", false, true),
            StoreError::Closed => ("store_closed", true, true),
            StoreError::Failed(_) => ("store_failed", true, true),
        };
        Self { code, detail: error.to_string(), retry_after_ms: None, fatal, loud }
    }
}

impl From<PanelError> for Failure {
    fn from(error: PanelError) -> Self {
        Self {
            code: error.code.as_str(),
            detail: error.detail,
            retry_after_ms: error.retry_after_ms,
            fatal: false,
            loud: true,
        }
    }
}

impl From<ChatError> for Failure {
    fn from(error: ChatError) -> Self {
        Self {
            code: error.code.name(),
            detail: error.detail,
            retry_after_ms: error.retry_after_ms,
            fatal: false,
            loud: !matches!(error.class, ChatClass::MessageGone | ChatClass::ChannelGone),
        }
    }
}
