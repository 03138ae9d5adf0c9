//! What the page answers when an act was not done.

use crate::trouble::Trouble;
use nebulalinks_model_discord::ActorError;
use serde::Serialize;

/// Why an act was not done, for whoever asked for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Refused {
    /// What is in the way.
    pub(super) message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) help: Option<String>,
}

impl Refused {
    pub(super) fn because(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None }
    }
}

impl From<Trouble> for Refused {
    fn from(trouble: Trouble) -> Self {
        Self::because(trouble.to_string())
    }
}

impl From<ActorError> for Refused {
    fn from(error: ActorError) -> Self {
        // What somebody sees instead is on the page already.
        Self::because(error.to_string().lines().next().unwrap_or_default())
    }
}

impl From<serde_json::Error> for Refused {
    fn from(error: serde_json::Error) -> Self {
        Self::because(format!("the page and the sandbox are of different builds: {error}"))
    }
}
