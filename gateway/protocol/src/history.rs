//! Which history a store has: a revision is a counter and proves nothing, the hash there does.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

use crate::keys::unhex;

/// The hash of all that a store ever committed up to a revision: 64 lower-case hex digits in JSON.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Lineage(pub [u8; 32]);

impl fmt::Display for Lineage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&crate::hex(&self.0))
    }
}

impl fmt::Debug for Lineage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Lineage({self})")
    }
}

impl Serialize for Lineage {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Lineage {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let digit = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        let bytes = (text.len() == 64 && text.bytes().all(digit)).then(|| unhex(&text)).flatten();
        let wrong = || serde::de::Error::custom("a lineage is 64 lower-case hex digits");
        bytes.and_then(|b| b.try_into().ok()).map(Self).ok_or_else(wrong)
    }
}

/// Where a store's history stands, or stood when it was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct HistoryPoint {
    /// The store's revision.
    pub revision: u64,
    /// The hash there; absent where a controller of before hashes said only the number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lineage: Option<Lineage>,
}
