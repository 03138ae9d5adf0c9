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
        match error {
            // What they see is on the page already.
            ActorError::NotThere { who, what, .. } => {
                Self::because(format!("{who} sees no {what}"))
            }
            other => Self::because(other.to_string()),
        }
    }
}

impl From<serde_json::Error> for Refused {
    fn from(error: serde_json::Error) -> Self {
        Self {
            message: format!("what is asked for does not fit the act: {error}"),
            help: Some("Load the page again: it may be of another build.".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_does_not_see_is_a_whole_sentence() {
        let not_there = ActorError::NotThere {
            who: "eve".to_owned(),
            what: "channel 7".to_owned(),
            sees: "#store: VPN access\nBuy".to_owned(),
        };
        assert_eq!(Refused::from(not_there).message, "eve sees no channel 7");
    }
}
