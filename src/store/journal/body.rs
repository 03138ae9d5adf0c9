//! The canonical bytes of a transaction: the same for the same edits in every store.
//!
//! Puts, then deletes, each preceded by their number (4 bytes), in the order of their keys. A put
//! is tree, key, JSON; a delete is tree, key; each part is preceded by its length (4 bytes).
//! Numbers are big-endian. What was expected is no part of it: only what was changed.

use super::super::prepare::Prepared;
use super::entry::Cursor;
use crate::model::{Key, Kind, Lineage, Revision};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// What one part of a body does to one record.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::store) enum Change<'a> {
    /// Its new content: JSON in an edit, version and JSON in a base.
    Put(Kind, &'a [u8], &'a [u8]),
    /// It is removed.
    Delete(Kind, &'a [u8]),
}

/// The canonical bytes of what a transaction changes.
pub(in crate::store) fn encode(prepared: &Prepared) -> Vec<u8> {
    let mut out = Vec::new();
    number(&mut out, prepared.json.len());
    for (key, json) in &prepared.json {
        place(&mut out, key);
        part(&mut out, json);
    }
    number(&mut out, prepared.edits.deletes.len());
    for key in &prepared.edits.deletes {
        place(&mut out, key);
    }
    out
}

/// A body of whole records.
pub(super) fn encode_records(records: &[(Kind, Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    let mut out = Vec::new();
    number(&mut out, records.len());
    for (kind, key, stored) in records {
        part(&mut out, kind.tree().as_bytes());
        part(&mut out, key);
        part(&mut out, stored);
    }
    number(&mut out, 0);
    out
}

/// The names of the trees that a transaction touches.
pub(in crate::store) fn kinds(prepared: &Prepared) -> String {
    let kinds: BTreeSet<&str> =
        prepared.json.keys().chain(&prepared.edits.deletes).map(|key| key.kind().tree()).collect();
    kinds.into_iter().collect::<Vec<_>>().join(",")
}

/// What a body changes; `None` when it is no body, or names a tree of a newer program.
pub(in crate::store) fn decode(body: &[u8]) -> Option<Vec<Change<'_>>> {
    let mut cursor = Cursor(body);
    let mut changes = Vec::new();
    for _ in 0..take_number(&mut cursor)? {
        let (kind, key) = take_place(&mut cursor)?;
        changes.push(Change::Put(kind, key, take_part(&mut cursor)?));
    }
    for _ in 0..take_number(&mut cursor)? {
        let (kind, key) = take_place(&mut cursor)?;
        changes.push(Change::Delete(kind, key));
    }
    cursor.0.is_empty().then_some(changes)
}

/// The lineage at a revision, from the one before and what was committed.
pub(in crate::store) fn chain(before: Lineage, revision: Revision, body: &[u8]) -> Lineage {
    let mut hash = Sha256::new();
    hash.update(before.0);
    hash.update(revision.to_be_bytes());
    hash.update(body);
    Lineage(hash.finalize().into())
}

fn place(out: &mut Vec<u8>, key: &Key) {
    part(out, key.kind().tree().as_bytes());
    part(out, &key.to_bytes());
}

fn part(out: &mut Vec<u8>, bytes: &[u8]) {
    number(out, bytes.len());
    out.extend_from_slice(bytes);
}

fn number(out: &mut Vec<u8>, n: usize) {
    // Records are 16 KiB at most, so nothing comes near this.
    out.extend_from_slice(&u32::try_from(n).unwrap_or(u32::MAX).to_be_bytes());
}

fn take_place<'a>(cursor: &mut Cursor<'a>) -> Option<(Kind, &'a [u8])> {
    let tree = take_part(cursor)?;
    let kind = Kind::ALL.iter().copied().find(|kind| kind.tree().as_bytes() == tree)?;
    Some((kind, take_part(cursor)?))
}

fn take_part<'a>(cursor: &mut Cursor<'a>) -> Option<&'a [u8]> {
    let length = take_number(cursor)?;
    cursor.take(usize::try_from(length).ok()?)
}

fn take_number(cursor: &mut Cursor<'_>) -> Option<u32> {
    cursor.array().map(u32::from_be_bytes)
}
