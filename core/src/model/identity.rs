//! Where somebody is known, and what they did there: each front has ids of its own, and one word for
//! itself before them.

use super::ids::OfText;
use super::{BroadcastId, CustomerId, IdError, OrderId, TicketId};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

/// Where people talk to us. A further one comes with its folder beside `src/discord`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Front {
    /// Discord.
    Discord,
}

impl Front {
    /// Every one that is built.
    pub const ALL: [Self; 1] = [Self::Discord];

    /// Its word before an id.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Discord => "discord",
        }
    }

    /// The one of a text, and what follows its colon.
    fn split(text: &str) -> Option<(Self, &str)> {
        let (name, rest) = text.split_once(':')?;
        Self::ALL.into_iter().find(|front| front.name() == name).map(|front| (front, rest))
    }
}

/// A number as a front writes it: digits, and no other form of the same.
fn number(text: &str) -> Option<u64> {
    let digits =
        text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if digits { text.parse().ok() } else { None }
}

/// Somebody as a front knows them. As text `discord:<id>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Identity {
    /// A user of Discord, by the number that it gave them.
    Discord(u64),
}

impl Identity {
    /// The front that knows them.
    #[must_use]
    pub const fn front(self) -> Front {
        match self {
            Self::Discord(_) => Front::Discord,
        }
    }

    /// Somebody on a front, by what it calls them.
    ///
    /// # Errors
    /// When that is no id of this front's.
    pub fn on(front: Front, id: &str) -> Result<Self, IdError> {
        let wrong = || IdError {
            kind: "identity",
            text: id.to_owned(),
            rule: "use the decimal digits of a Discord id",
        };
        match front {
            Front::Discord => number(id).map(Self::Discord).ok_or_else(wrong),
        }
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Discord(id) => f.pad(&format!("discord:{id}")),
        }
    }
}

impl FromStr for Identity {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let rule = "use discord:<id>: that is the only front there is";
        let unknown = || IdError { kind: "identity", text: text.to_owned(), rule };
        let (front, id) = Front::split(text).ok_or_else(unknown)?;
        Self::on(front, id)
    }
}

/// What a front calls one thing that a person did there: a redelivery has the same, and two that were
/// done have different ones. As text `discord:<number>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestKey {
    front: Front,
    number: u64,
}

impl RequestKey {
    /// What a front numbers so.
    #[must_use]
    pub const fn of(front: Front, number: u64) -> Self {
        Self { front, number }
    }

    /// The id of the grant that is asked for by it: delivered twice, it is given once.
    #[must_use]
    pub fn grant_id(self) -> OrderId {
        OrderId::of_bytes(self.digest())
    }

    /// The id of the ticket that is opened by it: delivered twice, it is opened once.
    #[must_use]
    pub fn ticket_id(self) -> TicketId {
        TicketId::of_bytes(self.digest())
    }

    /// The id of the broadcast that is written by it: delivered twice, it is written once.
    #[must_use]
    pub fn broadcast_id(self) -> BroadcastId {
        BroadcastId::of_bytes(self.digest())
    }

    fn digest(self) -> [u8; 16] {
        let digest: [u8; 32] = Sha256::digest(self.to_bytes()).into();
        digest.first_chunk().copied().unwrap_or_default()
    }

    /// The front's word and a zero byte, then the number: they sort as the keys do.
    #[must_use]
    pub fn to_bytes(self) -> Vec<u8> {
        [self.front.name().as_bytes(), &[0], &self.number.to_be_bytes()].concat()
    }
}

impl fmt::Display for RequestKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.front.name(), self.number)
    }
}

impl FromStr for RequestKey {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let rule = "use discord:<number>: that is the only front there is";
        let wrong = || IdError { kind: "request key", text: text.to_owned(), rule };
        let (front, id) = Front::split(text).ok_or_else(wrong)?;
        id.parse().map(|number| Self { front, number }).map_err(|_| wrong())
    }
}

/// Which customer somebody means: one that there is, or whoever a front knows so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CustomerRef {
    /// By the shop's own id.
    Id(CustomerId),
    /// By where they are known, whether or not they are a customer yet.
    Known(Identity),
}

impl fmt::Display for CustomerRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => write!(f, "{id}"),
            Self::Known(identity) => write!(f, "{identity}"),
        }
    }
}

impl FromStr for CustomerRef {
    type Err = IdError;
    /// Digits alone are an id of Discord's: so they stand in every file of before.
    fn from_str(text: &str) -> Result<Self, IdError> {
        if text.contains(':') {
            return text.parse().map(Self::Known);
        }
        if let Ok(identity) = Identity::on(Front::Discord, text) {
            return Ok(Self::Known(identity));
        }
        text.parse().map(Self::Id).map_err(|_| IdError {
            kind: "customer",
            text: text.to_owned(),
            rule: "use discord:<id>, the digits of a Discord id, or the 26 characters of a customer's id",
        })
    }
}

macro_rules! as_text {
    ($($name:ident),*) => { $(
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                from.deserialize_str(OfText(PhantomData))
            }
        }
    )* };
}

as_text!(Identity, RequestKey, CustomerRef);

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use ulid::Ulid;

    #[test]
    fn an_identity_reads_back_and_another_front_is_told_which_there_are() {
        let ann = Identity::Discord(812_345_678_901_234_567);
        assert_eq!(ann.to_string(), "discord:812345678901234567");
        assert_eq!(ann.to_string().parse(), Ok(ann));
        assert_eq!(Identity::on(ann.front(), "812345678901234567"), Ok(ann));
        for bad in ["", "7", "discord:", "discord:-1", "discord:+1", "discord:07", "discord: 7"] {
            assert!(bad.parse::<Identity>().is_err(), "{bad}");
        }
        let other = "telegram:7".parse::<Identity>().unwrap_err().to_string();
        assert!(other.contains("the only front there is") && other.contains("discord:<id>"));
    }

    #[test]
    fn keys_of_requests_sort_as_their_bytes() {
        let keys = [0, 1, 255, 256, u64::MAX].map(|n| RequestKey::of(Front::Discord, n));
        for key in keys {
            assert_eq!(key.to_string().parse(), Ok(key));
        }
        assert!(keys.windows(2).all(|w| w[0].to_bytes() < w[1].to_bytes() && w[0] < w[1]));
        assert!("web:7".parse::<RequestKey>().is_err());
    }

    #[test]
    fn a_customer_is_named_by_any_of_three_forms() {
        let id = CustomerId::new(Ulid(u128::MAX / 5));
        let known = CustomerRef::Known(Identity::Discord(77));
        assert_eq!("77".parse(), Ok(known));
        assert_eq!("discord:77".parse(), Ok(known));
        assert_eq!(id.to_string().parse(), Ok(CustomerRef::Id(id)));
        for bad in ["", "bob", "telegram:7", "00", "01j", "discord:x"] {
            assert!(bad.parse::<CustomerRef>().is_err(), "{bad}");
        }
    }
}
