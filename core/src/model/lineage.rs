//! The chained hash of a store's history: what a bare revision number is not, an identity.

use nebulalinks_protocol::hex;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// The store's revision: rises by one with each committed transaction.
pub type Revision = u64;

/// The hash of everything that was committed up to one revision, in order.
///
/// The hash at a revision is SHA-256 over the hash at the revision before and the canonical bytes
/// of what was committed. Two stores that say the same hash have the same history up to there.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Lineage(pub [u8; Self::BYTES]);

impl Lineage {
    /// Its length in bytes.
    pub const BYTES: usize = 32;
    /// Before anything was committed: at revision 0.
    pub const START: Self = Self([0; Self::BYTES]);

    /// All of it as 64 lower-case hex digits; `Display` shows the first 12.
    #[must_use]
    pub fn to_hex(self) -> String {
        hex(&self.0)
    }
}

/// Where a store's history stands, or stood when a gateway saw it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryPoint {
    /// The revision.
    pub revision: Revision,
    /// The hash there; `None` where a program of before hashes told only the number.
    pub lineage: Option<Lineage>,
}

/// Why a text is no lineage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a lineage is 64 hex digits")]
pub struct LineageError;

impl FromStr for Lineage {
    type Err = LineageError;

    fn from_str(text: &str) -> Result<Self, LineageError> {
        let bytes = text.as_bytes();
        let (pairs, rest) = bytes.as_chunks::<2>();
        if pairs.len() != Self::BYTES || !rest.is_empty() {
            return Err(LineageError);
        }
        let mut out = [0; Self::BYTES];
        for (out, [high, low]) in out.iter_mut().zip(pairs) {
            *out = (digit(*high)? << 4) | digit(*low)?;
        }
        Ok(Self(out))
    }
}

fn digit(letter: u8) -> Result<u8, LineageError> {
    let value = char::from(letter).to_digit(16).ok_or(LineageError)?;
    u8::try_from(value).map_err(|_| LineageError)
}

impl fmt::Display for Lineage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(self.0.split_at(6).0))
    }
}

impl fmt::Debug for Lineage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Lineage({self})")
    }
}

impl Serialize for Lineage {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.to_hex())
    }
}

impl<'de> Deserialize<'de> for Lineage {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_what_it_writes_and_nothing_else() {
        let lineage = Lineage(std::array::from_fn(|n| u8::try_from(n * 7).unwrap_or(255)));
        assert_eq!(lineage.to_hex().parse(), Ok(lineage));
        assert_eq!(lineage.to_string(), "00070e151c23");
        assert_eq!(format!("{lineage:?}"), "Lineage(00070e151c23)");
        let json = serde_json::to_string(&lineage).unwrap();
        assert_eq!(serde_json::from_str::<Lineage>(&json).unwrap(), lineage);
        for bad in ["", "00", &"0".repeat(63), &"0".repeat(65), &"g0".repeat(32), &"é".repeat(32)]
        {
            assert_eq!(bad.parse::<Lineage>(), Err(LineageError), "{bad}");
        }
    }
}
