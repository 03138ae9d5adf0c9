//! Why a run failed, and what its key does next: a policy apart from the run.

use crate::ports::{ChatClass, ChatCode, ChatError, PanelCode, PanelError, StoreError};
use std::fmt;

/// Why a run failed: a closed list, for logs, metrics and conditions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureCode {
    /// A record was changed meanwhile.
    Conflict,
    /// A record is too large: a defect.
    TooLarge,
    /// The disk of the store is nearly full.
    NoRoom,
    /// The store is closed.
    StoreClosed,
    /// The store failed.
    StoreFailed,
    /// The server is not in `servers.yaml` any more.
    ServerGone,
    /// The file of a proof cannot be deleted.
    ProofFile,
    /// The run panicked: a defect.
    Panicked,
    /// A call to a gateway failed.
    Panel(PanelCode),
    /// A call to Discord failed.
    Chat(ChatCode),
}

impl FailureCode {
    /// The code as it stands in logs, metrics and conditions.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Conflict => "conflict",
            Self::TooLarge => "too_large",
            Self::NoRoom => "no_room",
            Self::StoreClosed => "store_closed",
            Self::StoreFailed => "store_failed",
            Self::ServerGone => "server_gone",
            Self::ProofFile => "proof_file",
            Self::Panicked => "panicked",
            Self::Panel(code) => code.as_str(),
            Self::Chat(code) => code.name(),
        }
    }
}

impl fmt::Display for FailureCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A failed run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct Failure {
    /// The kind of trouble.
    pub code: FailureCode,
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
            StoreError::Conflict(_) => (FailureCode::Conflict, false, false),
            StoreError::TooLarge { .. } => (FailureCode::TooLarge, false, true),
            StoreError::NoRoom(_) => (FailureCode::NoRoom, false, true),
            StoreError::Closed => (FailureCode::StoreClosed, true, true),
            StoreError::Failed(_) => (FailureCode::StoreFailed, true, true),
        };
        Self { code, detail: error.to_string(), retry_after_ms: None, fatal, loud }
    }
}

impl From<PanelError> for Failure {
    fn from(error: PanelError) -> Self {
        Self {
            code: FailureCode::Panel(error.code),
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
            code: FailureCode::Chat(error.code),
            detail: error.detail,
            retry_after_ms: error.retry_after_ms,
            fatal: false,
            loud: !matches!(error.class, ChatClass::MessageGone | ChatClass::ChannelGone),
        }
    }
}
