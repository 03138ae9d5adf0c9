//! Who did something: kept with decisions and in the audit.

use super::{CustomerId, Front, IdError, Identity};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// Who did it. As text `discord:<id>`, `customer:<id>`, `cli:<user>` or `controller`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// Somebody on a front.
    Person(Identity),
    /// A customer who was forgotten since: where they were known is not kept.
    Customer(CustomerId),
    /// An operator at the command line: the host's user that asked.
    Cli(String),
    /// The reconcile loop.
    Controller,
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person(identity) => write!(f, "{identity}"),
            Self::Customer(id) => write!(f, "customer:{id}"),
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
    Discord(String),
    Cli,
    Controller,
}

impl Old {
    fn actor(self) -> Result<Actor, IdError> {
        match self {
            Self::Discord(id) => Identity::on(Front::Discord, &id).map(Actor::Person),
            Self::Cli => Ok(Actor::Cli("unknown".to_owned())),
            Self::Controller => Ok(Actor::Controller),
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
        let old = Old::deserialize(MapAccessDeserializer::new(map))?;
        old.actor().map_err(A::Error::custom)
    }
}

impl FromStr for Actor {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let read = match text.split_once(':') {
            Some(("cli", user)) => return Ok(Self::Cli(user.to_owned())),
            Some(("customer", id)) => id.parse().map(Self::Customer),
            Some(_) => text.parse().map(Self::Person),
            None if text == "cli" => Old::Cli.actor(),
            None if text == "controller" => return Ok(Self::Controller),
            None => Old::Discord(text.to_owned()).actor(),
        };
        let rule = "use discord:<id>, customer:<id>, cli:<user> or controller";
        read.map_err(|_| IdError { kind: "actor", text: text.to_owned(), rule })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_actor_reads_back_as_text_and_from_records_of_before() {
        let person = Actor::Person(Identity::Discord(7));
        let forgotten = Actor::Customer(CustomerId::MAX);
        for actor in [person.clone(), forgotten, Actor::Cli("omar".into()), Actor::Controller] {
            let text = serde_json::to_string(&actor).unwrap();
            assert_eq!(text, format!("\"{actor}\""));
            assert_eq!(serde_json::from_str::<Actor>(&text).unwrap(), actor);
        }
        for old in [r#""7""#, r#"{"discord":"7"}"#] {
            let read = serde_json::from_str::<Actor>(old).unwrap();
            assert_eq!(read, person, "{old}");
        }
        assert_eq!(serde_json::from_str::<Actor>(r#""controller""#).unwrap(), Actor::Controller);
        assert!(serde_json::from_str::<Actor>(r#""cli""#).is_ok());
        for bad in [r#""telegram:7""#, r#""discord:x""#, r#""customer:x""#, r#""""#, "7"] {
            assert!(serde_json::from_str::<Actor>(bad).is_err(), "{bad}");
        }
    }
}
