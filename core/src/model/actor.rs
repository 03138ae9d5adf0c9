//! Who did something: kept with decisions and in the audit.

use super::{CustomerId, IdError};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// Who did it. As text `discord:<id>`, `cli:<user>` or `controller`.
#[derive(Debug, Clone, PartialEq, Eq)]
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

impl Serialize for Actor {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Actor {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Stored)
    }
}

/// An actor as it stands in records: its text, or as records of before have it.
struct Stored;

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Old {
    Discord(CustomerId),
    Cli,
    Controller,
}

impl From<Old> for Actor {
    fn from(old: Old) -> Self {
        match old {
            Old::Discord(id) => Self::Discord(id),
            Old::Cli => Self::Cli("unknown".to_owned()),
            Old::Controller => Self::Controller,
        }
    }
}

impl<'de> Visitor<'de> for Stored {
    type Value = Actor;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an actor")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Actor, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Actor, A::Error> {
        Old::deserialize(MapAccessDeserializer::new(map)).map(Actor::from)
    }
}

impl FromStr for Actor {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        match text.split_once(':') {
            Some(("cli", user)) => Ok(Self::Cli(user.to_owned())),
            Some(("discord", id)) => id.parse().map(Self::Discord),
            Some(_) => Err(IdError {
                kind: "actor",
                text: text.to_owned(),
                rule: "use discord:<id>, cli:<user> or controller",
            }),
            None if text == "cli" => Ok(Old::Cli.into()),
            None if text == "controller" => Ok(Self::Controller),
            None => text.parse().map(Self::Discord),
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
