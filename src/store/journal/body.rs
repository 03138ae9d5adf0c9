//! The canonical bytes of a transaction: the same for the same edits in every store.
//!
//! Puts, then deletes, each preceded by their number (4 bytes), in the order of their keys. A put
//! is tree, key, JSON; a delete is tree, key; each part is preceded by its length (4 bytes).
//! Numbers are big-endian. What was expected is no part of it: only what was changed.

use super::super::prepare::Prepared;
use crate::model::{Key, Lineage, Revision};
use sha2::{Digest, Sha256};

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
