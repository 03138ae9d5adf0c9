//! What a set of records comes to: a sum that each change adjusts, and a full read must match.
//!
//! Each record counts as the first 16 bytes of a SHA-256 over its tree, key and stored bytes; a
//! set counts as their sum. So one number in each journal entry says what every tree together must
//! hold at that revision, without anybody reading them all.

use crate::model::Kind;
use sha2::{Digest, Sha256};

/// The sums over the records that the snapshot holds, and over all others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::store) struct Tallies {
    /// Of resident kinds.
    pub(in crate::store) resident: u128,
    /// Of all others.
    pub(in crate::store) other: u128,
}

impl Tallies {
    /// Bytes of the written form.
    pub(in crate::store) const BYTES: usize = 32;

    /// A record comes in.
    pub(in crate::store) fn add(&mut self, kind: Kind, key: &[u8], stored: &[u8]) {
        let sum = self.of(kind);
        *sum = sum.wrapping_add(fingerprint(kind, key, stored));
    }

    /// A record goes.
    pub(in crate::store) fn remove(&mut self, kind: Kind, key: &[u8], stored: &[u8]) {
        let sum = self.of(kind);
        *sum = sum.wrapping_sub(fingerprint(kind, key, stored));
    }

    /// What two sets that have nothing in common come to.
    pub(in crate::store) const fn plus(self, more: Self) -> Self {
        Self {
            resident: self.resident.wrapping_add(more.resident),
            other: self.other.wrapping_add(more.other),
        }
    }

    const fn of(&mut self, kind: Kind) -> &mut u128 {
        if kind.resident() { &mut self.resident } else { &mut self.other }
    }

    /// As it is written.
    pub(in crate::store) fn to_bytes(self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        let (resident, other) = bytes.split_at_mut(16);
        resident.copy_from_slice(&self.resident.to_be_bytes());
        other.copy_from_slice(&self.other.to_be_bytes());
        bytes
    }

    /// From what was written.
    pub(in crate::store) fn of_bytes(bytes: [u8; Self::BYTES]) -> Self {
        let (halves, _) = bytes.as_chunks::<16>();
        let mut numbers = halves.iter().map(|half| u128::from_be_bytes(*half));
        let mut next = || numbers.next().unwrap_or(0);
        Self { resident: next(), other: next() }
    }
}

fn fingerprint(kind: Kind, key: &[u8], stored: &[u8]) -> u128 {
    let mut hash = Sha256::new();
    for part in [kind.tree().as_bytes(), key] {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part);
    }
    hash.update(stored);
    let hash: [u8; 32] = hash.finalize().into();
    hash.first_chunk::<16>().map_or(0, |half| u128::from_be_bytes(*half))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_is_as_if_it_had_never_come() {
        let mut tallies = Tallies::default();
        tallies.add(Kind::Order, b"1", b"a");
        let one = tallies;
        tallies.add(Kind::Order, b"2", b"b");
        tallies.add(Kind::Audit, b"2", b"b");
        assert_ne!(tallies.resident, one.resident);
        assert_ne!(tallies.other, one.other);
        assert_eq!(Tallies::of_bytes(tallies.to_bytes()), tallies);
        tallies.remove(Kind::Audit, b"2", b"b");
        tallies.remove(Kind::Order, b"2", b"b");
        assert_eq!(tallies, one);
        tallies.remove(Kind::Order, b"1", b"a");
        assert_eq!(tallies, Tallies::default());
    }
}
