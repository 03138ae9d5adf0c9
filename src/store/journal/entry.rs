//! One entry's bytes: a head that can be read alone, then a body, each with its own CRC32C.
//!
//! ```text
//! "NLJ1"  sort u8  length of head u16  length of body u32
//! head:   revision u64 · schema u32 · lineage 32 bytes · tallies 2 × u128 · kinds, as text
//! CRC32C of all of the above, u32
//! body
//! CRC32C of the body, u32
//! ```
//! Numbers are big-endian. Where a body is damaged, its head still says what is missing; where a
//! head is damaged, the next one is found by its mark and its CRC.

use super::tally::Tallies;
use crate::model::{Lineage, Revision};

const MARK: [u8; 4] = *b"NLJ1";
/// Mark, sort, and both lengths.
const PREFIX: usize = 11;
const CRC: usize = 4;

/// What an entry's body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum Sort {
    /// A committed transaction.
    Edits,
    /// Nothing: the head says where a file begins.
    Begins,
    /// Whole records, as a base lists them.
    Records,
    /// Nothing: a base is complete.
    End,
}

impl Sort {
    const fn byte(self) -> u8 {
        match self {
            Self::Edits => 1,
            Self::Begins => 2,
            Self::Records => 3,
            Self::End => 4,
        }
    }

    const fn of(byte: u8) -> Option<Self> {
        match byte {
            1 => Some(Self::Edits),
            2 => Some(Self::Begins),
            3 => Some(Self::Records),
            4 => Some(Self::End),
            _ => None,
        }
    }
}

/// What the journal tells of a revision, also where nobody can read the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store) struct Head {
    /// The revision that this makes, or stands at.
    pub(in crate::store) revision: Revision,
    /// The schema version of the records.
    pub(in crate::store) schema: u32,
    /// The lineage at the revision.
    pub(in crate::store) lineage: Lineage,
    /// What all records come to at the revision.
    pub(in crate::store) tallies: Tallies,
    /// The trees that were touched, separated by commas.
    pub(in crate::store) kinds: String,
}

impl Head {
    /// Before anything was committed.
    pub(in crate::store) fn before_all(schema: u32) -> Self {
        let (lineage, tallies) = (Lineage::START, Tallies::default());
        Self { revision: 0, schema, lineage, tallies, kinds: String::new() }
    }
}

/// What stands at a place.
#[derive(Debug)]
pub(in crate::store) enum Found<'a> {
    /// An entry, and where the next begins.
    Whole(Sort, Head, &'a [u8], usize),
    /// Its body is not what was written; where the next begins.
    BadBody(Head, usize),
    /// The bytes end within its body.
    CutBody(Head),
    /// No head.
    Nothing,
}

/// Appends an entry.
pub(in crate::store) fn write(out: &mut Vec<u8>, sort: Sort, head: &Head, body: &[u8]) {
    let mut text = Vec::with_capacity(80);
    text.extend_from_slice(&head.revision.to_be_bytes());
    text.extend_from_slice(&head.schema.to_be_bytes());
    text.extend_from_slice(&head.lineage.0);
    text.extend_from_slice(&head.tallies.to_bytes());
    text.extend_from_slice(head.kinds.as_bytes());
    let start = out.len();
    out.extend_from_slice(&MARK);
    out.push(sort.byte());
    // Both are bounded: 25 names of trees; records of 16 KiB each.
    out.extend_from_slice(&u16::try_from(text.len()).unwrap_or(u16::MAX).to_be_bytes());
    out.extend_from_slice(&u32::try_from(body.len()).unwrap_or(u32::MAX).to_be_bytes());
    out.extend_from_slice(&text);
    let crc = crc32c::crc32c(out.get(start..).unwrap_or_default());
    out.extend_from_slice(&crc.to_be_bytes());
    out.extend_from_slice(body);
    out.extend_from_slice(&crc32c::crc32c(body).to_be_bytes());
}

/// Reads what stands at a place.
pub(in crate::store) fn read(bytes: &[u8], at: usize) -> Found<'_> {
    head_at(bytes, at).map_or(Found::Nothing, |(sort, head, start, length)| {
        let end = start.saturating_add(length);
        let next = end.saturating_add(CRC);
        let (Some(body), Some(crc)) = (bytes.get(start..end), bytes.get(end..next)) else {
            return Found::CutBody(head);
        };
        if crc == crc32c::crc32c(body).to_be_bytes() {
            Found::Whole(sort, head, body, next)
        } else {
            Found::BadBody(head, next)
        }
    })
}

/// The first place at or after `from` where a head can be read.
pub(in crate::store) fn find(bytes: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    rest.windows(MARK.len())
        .enumerate()
        .filter(|(_, window)| *window == MARK)
        .map(|(n, _)| from.saturating_add(n))
        .find(|at| head_at(bytes, *at).is_some())
}

/// The head at a place, where its body starts, and how long that is.
fn head_at(bytes: &[u8], at: usize) -> Option<(Sort, Head, usize, usize)> {
    let entry = bytes.get(at..)?;
    let mut cursor = Cursor(entry);
    if cursor.array::<4>()? != MARK {
        return None;
    }
    let sort = Sort::of(cursor.array::<1>()?[0])?;
    let head_length = usize::from(u16::from_be_bytes(cursor.array()?));
    let body_length = usize::try_from(u32::from_be_bytes(cursor.array()?)).ok()?;
    let mut head = Cursor(cursor.take(head_length)?);
    let covered = PREFIX.saturating_add(head_length);
    if cursor.array::<CRC>()? != crc32c::crc32c(entry.get(..covered)?).to_be_bytes() {
        return None;
    }
    let revision = u64::from_be_bytes(head.array()?);
    let schema = u32::from_be_bytes(head.array()?);
    let lineage = Lineage(head.array()?);
    let tallies = Tallies::of_bytes(head.array()?);
    let kinds = String::from_utf8(head.0.to_vec()).ok()?;
    let start = at.saturating_add(covered).saturating_add(CRC);
    Some((sort, Head { revision, schema, lineage, tallies, kinds }, start, body_length))
}

/// Takes bytes from the front.
pub(in crate::store) struct Cursor<'a>(pub(in crate::store) &'a [u8]);

impl<'a> Cursor<'a> {
    pub(super) fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    pub(in crate::store) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(revision: Revision) -> Head {
        Head {
            revision,
            schema: 1,
            lineage: Lineage([7; 32]),
            tallies: Tallies { resident: 5, other: 6 },
            kinds: "order,term".to_owned(),
        }
    }

    #[test]
    fn no_flipped_byte_passes_for_what_was_written() {
        let mut bytes = Vec::new();
        write(&mut bytes, Sort::Edits, &head(3), b"one body");
        let second = bytes.len();
        write(&mut bytes, Sort::Edits, &head(4), b"another");
        for at in 0..second {
            let mut flipped = bytes.clone();
            flipped[at] ^= 0xff;
            match read(&flipped, 0) {
                Found::Whole(..) => panic!("byte {at} is not covered"),
                Found::BadBody(found, next) => assert_eq!((found, next), (head(3), second)),
                Found::CutBody(..) => panic!("byte {at} is a length"),
                Found::Nothing => assert_eq!(find(&flipped, 0), Some(second), "byte {at}"),
            }
        }
    }

    #[test]
    fn every_cut_is_a_cut() {
        let mut bytes = Vec::new();
        write(&mut bytes, Sort::Edits, &head(3), b"one body");
        assert!(
            matches!(read(&bytes, 0), Found::Whole(Sort::Edits, _, b"one body", n) if n == bytes.len())
        );
        for end in 0..bytes.len() {
            let found = read(&bytes[..end], 0);
            assert!(matches!(found, Found::Nothing | Found::CutBody(_)), "{end}: {found:?}");
        }
    }
}
