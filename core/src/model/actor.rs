//! Who did something: kept with decisions and in the audit.

use super::{CustomerId, IdError};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Who did it. As text `discord:<id>`, `cli:<user>` or `controller`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "String")]
pub enum Actor {
    /// Somebody in Discord.
    Discord(CustomerId),
    /// An operator at the command line: the host's user that asked.
    Cli(String),
    /// The reconcile loop.
    Controller,
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Discord(id) => write!(f, "discord:{id}"),
            Self::Cli(user) => write!(f, "cli:{user}"),
            Self::Controller => f.write_str("controller"),
        }
    }
}

impl From<Actor> for String {
    fn from(actor: Actor) -> Self {
        actor.to_string()
    }
}

/// An actor as records hold it. Decisions were kept with a bare Discord id once, and the audit with
/// `{"discord": "<id>"}`: both stay readable.
#[derive(Deserialize)]
#[serde(untagged)]
enum Stored {
    Old(Old),
    Text(String),
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Old {
    Discord(CustomerId),
    Cli,
    Controller,
}

impl TryFrom<Stored> for Actor {
    type Error = IdError;
    fn try_from(stored: Stored) -> Result<Self, IdError> {
        let text = match stored {
            Stored::Old(Old::Discord(id)) => return Ok(Self::Discord(id)),
            Stored::Old(Old::Cli) => return Ok(Self::Cli("unknown".to_owned())),
            Stored::Old(Old::Controller) => return Ok(Self::Controller),
            Stored::Text(text) => text,
        };
        match text.split_once(':') {
            Some(("cli", user)) => Ok(Self::Cli(user.to_owned())),
            Some(("discord", id)) => CustomerId::try_from(id.to_owned()).map(Self::Discord),
            Some(_) => Err(IdError {
                kind: "actor",
                text,
                rule: "use discord:<id>, cli:<user> or controller",
            }),
            None => CustomerId::try_from(text).map(Self::Discord),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_actor_reads_back_as_text_and_from_records_of_before() {
        for actor in [Actor::Discord(CustomerId(7)), Actor::Cli("omar".into()), Actor::Controller] {
            let text = serde_json::to_string(&actor).unwrap();
            assert_eq!(text, format!("\"{actor}\""));
            assert_eq!(serde_json::from_str::<Actor>(&text).unwrap(), actor);
        }
        for old in [r#""7""#, r#"{"discord":"7"}"#] {
            let read = serde_json::from_str::<Actor>(old).unwrap();
            assert_eq!(read, Actor::Discord(CustomerId(7)), "{old}");
        }
        assert_eq!(serde_json::from_str::<Actor>(r#""controller""#).unwrap(), Actor::Controller);
        assert!(serde_json::from_str::<Actor>(r#""cli""#).is_ok());
        for bad in [r#""telegram:7""#, r#""discord:x""#, r#""""#, "7"] {
            assert!(serde_json::from_str::<Actor>(bad).is_err(), "{bad}");
        }
    }
}
