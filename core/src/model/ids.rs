//! Identifiers. Slugs come from the operators' files, ULIDs from the caller of `decide`.

use nebulalinks_protocol::CLIENT_MARK;
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;
use std::sync::Arc;
use ulid::Ulid;

/// Why a text is not an identifier of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a valid {kind}: {rule}")]
pub struct IdError {
    /// What was wanted, such as `server id`.
    pub kind: &'static str,
    /// What was found.
    pub text: String,
    /// The rule that it breaks.
    pub rule: &'static str,
}

/// Reads an identifier from its text where that stands: a start reads millions of them.
pub(super) struct OfText<T>(pub(super) PhantomData<T>);

impl<T: FromStr<Err = IdError>> Visitor<'_> for OfText<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }
}

/// Reads the 16 bytes of an identifier from a form that no person reads.
struct OfBytes;

impl Visitor<'_> for OfBytes {
    type Value = [u8; 16];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("16 bytes")
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<[u8; 16], E> {
        bytes.try_into().map_err(|_| E::invalid_length(bytes.len(), &self))
    }
}

const SLUG_RULE: &str = "use 1 to 32 of a-z, 0-9 and -, starting with a letter or digit";
const SHOP_RULE: &str = "use 2 to 8 of a-z and 0-9";
const ULID_RULE: &str = "use the 26 characters of a ULID";

fn is_slug(text: &str) -> bool {
    let first_ok =
        text.bytes().next().is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    first_ok
        && text.len() <= 32
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

fn is_shop(text: &str) -> bool {
    (2..=8).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $valid:ident, $rule:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The id as it stands in the files.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// Its text, to be shared with others of the same.
            #[allow(dead_code, reason = "not every kind is in records of which there are many")]
            pub(super) const fn text(&mut self) -> &mut Arc<str> {
                &mut self.0
            }
        }
        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                if $valid(text) {
                    Ok(Self(text.into()))
                } else {
                    Err(IdError { kind: $kind, text: text.to_owned(), rule: $rule })
                }
            }
        }
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(&self.0)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                from.deserialize_str(OfText(PhantomData))
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id!(
    /// One VPN host of `servers.yaml`.
    ServerId, "server id", is_slug, SLUG_RULE
);
text_id!(
    /// One product of `plans.yaml`.
    PlanId, "plan id", is_slug, SLUG_RULE
);
text_id!(
    /// The plans that can renew each other.
    FamilyId, "plan family", is_slug, SLUG_RULE
);
text_id!(
    /// One payment method of `payments.yaml`.
    MethodId, "payment method id", is_slug, SLUG_RULE
);
text_id!(
    /// One promo code of `promos.yaml`.
    PromoId, "promo id", is_slug, SLUG_RULE
);
text_id!(
    /// The shop: part of every client's name on the panels, 2 to 8 of a–z and 0–9.
    ShopId, "shop id", is_shop, SHOP_RULE
);

macro_rules! ulid_id {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// An id from a ULID that the caller drew.
            #[must_use]
            pub const fn new(ulid: Ulid) -> Self {
                Self(ulid.to_bytes())
            }
            /// An id from its 16 bytes.
            #[must_use]
            pub const fn of_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }
            /// The smallest id, for range scans.
            pub const MIN: Self = Self([0; 16]);
            /// The largest id, for range scans.
            pub const MAX: Self = Self([u8::MAX; 16]);
            /// The 16 big-endian bytes, which sort as the ids do.
            #[must_use]
            pub const fn to_bytes(self) -> [u8; 16] {
                self.0
            }
        }
        impl FromStr for $name {
            type Err = IdError;
            /// In either case, as ULIDs are; it is written in lower case.
            fn from_str(text: &str) -> Result<Self, IdError> {
                // 26 characters are 130 bits: what does not fit into 128 would be read as another id.
                let fits = text.bytes().next().is_some_and(|first| first <= b'7');
                match Ulid::from_string(text) {
                    Ok(ulid) if fits => Ok(Self::new(ulid)),
                    _ => Err(IdError { kind: $kind, text: text.to_owned(), rule: ULID_RULE }),
                }
            }
        }
        impl Serialize for $name {
            /// As people write it, where people may read it.
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                if to.is_human_readable() {
                    to.collect_str(self)
                } else {
                    to.serialize_bytes(&self.0)
                }
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                if from.is_human_readable() {
                    from.deserialize_str(OfText(PhantomData))
                } else {
                    from.deserialize_bytes(OfBytes).map(Self)
                }
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut text = [0; ulid::ULID_LEN];
                let text = Ulid::from_bytes(self.0).array_to_str(&mut text);
                text.make_ascii_lowercase();
                f.pad(text)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    };
}

ulid_id!(
    /// One order.
    OrderId, "order id"
);
ulid_id!(
    /// One account: what a customer owns, across server moves.
    AccountId, "account id"
);
ulid_id!(
    /// One customer: a person, wherever they are known.
    CustomerId, "customer id"
);
ulid_id!(
    /// One ticket: a question of a customer to the staff.
    TicketId, "ticket id"
);
ulid_id!(
    /// One broadcast: news from staff to many customers.
    BroadcastId, "broadcast id"
);

impl TicketId {
    /// What people call it by, such as `T-7K3QX2`: the last six characters of the id.
    #[must_use]
    pub fn number(self) -> String {
        let text = self.to_string().to_ascii_uppercase();
        format!("T-{}", text.get(ulid::ULID_LEN - 6..).unwrap_or_default())
    }
}

/// The client's name on a panel, `nl-<shop>-<account>`: with the uuid, the whole identity.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mark {
    /// Whose client it is.
    pub shop: ShopId,
    /// Which account it serves.
    pub account: AccountId,
}

impl Mark {
    /// Reads a panel's client name; `None` for every client that is not ours. A name that differs
    /// from ours in case alone is another client.
    #[must_use]
    pub fn parse(email: &str) -> Option<Self> {
        let (shop, account) = email.strip_prefix(CLIENT_MARK)?.split_once('-')?;
        if account.bytes().any(|b| b.is_ascii_uppercase()) {
            return None;
        }
        Some(Self { shop: shop.parse().ok()?, account: account.parse().ok()? })
    }
}
impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{CLIENT_MARK}{}-{}", self.shop, self.account)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_lower_case_and_short() {
        assert!("fra-1".parse::<ServerId>().is_ok());
        for bad in ["", "-a", "Fra", "a b", "a_b", &"a".repeat(33)] {
            assert!(bad.parse::<ServerId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn an_id_is_read_in_either_case_and_written_in_lower_case() {
        let id = OrderId::new(Ulid(u128::MAX / 7));
        let upper = id.to_string().to_ascii_uppercase();
        assert_ne!(upper, id.to_string());
        assert_eq!(upper.parse(), Ok(id));
        assert_eq!(upper.parse::<OrderId>().unwrap().to_string(), upper.to_ascii_lowercase());
        for bad in [
            "",
            "01arz3ndektsv4rrffq69g5fa",
            "81arz3ndektsv4rrffq69g5fav",
            "01arz3ndektsv4rrffq69g5fau!",
        ] {
            assert!(bad.parse::<OrderId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_mark_reads_back_and_a_foreign_name_is_none() {
        let account = AccountId::new(Ulid(7));
        let mark = Mark { shop: "main".parse().unwrap(), account };
        assert_eq!(Mark::parse(&mark.to_string()), Some(mark.clone()));
        let upper = mark.to_string().to_ascii_uppercase();
        let other = AccountId::new(Ulid(0xabc << 100)).to_string().to_ascii_uppercase();
        let half = format!("nl-main-{other}");
        let foreign =
            ["bob", "nl-main", "nl-main-xyz", "nl-m-00000000000000000000000007", &upper, &half];
        for foreign in foreign {
            assert_eq!(Mark::parse(foreign), None, "{foreign}");
        }
    }
}
