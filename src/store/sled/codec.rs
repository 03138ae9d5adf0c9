//! A record's bytes in sled: its version, 8 bytes big-endian, then its JSON as it stands.

use crate::model::{Kind, Record, RecordError, Versioned};

/// Bytes before the JSON.
const HEAD: usize = 8;

/// The stored form.
pub(super) fn encode(version: u64, json: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEAD.saturating_add(json.len()));
    bytes.extend_from_slice(&version.to_be_bytes());
    bytes.extend_from_slice(json);
    bytes
}

/// The version and the JSON, `None` when the bytes are too short for a version.
pub(super) fn split(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (head, json) = bytes.split_first_chunk::<HEAD>()?;
    Some((u64::from_be_bytes(*head), json))
}

/// The record.
pub(super) fn decode(kind: Kind, bytes: &[u8]) -> Result<Versioned<Record>, String> {
    let (version, json) =
        split(bytes).ok_or_else(|| format!("a record of {} has no version", kind.tree()))?;
    let value = Record::from_json(kind, json).map_err(|e| explain(&e))?;
    Ok(Versioned { version, value })
}

/// Where a record cannot be read, without what stands there: it may be a credential.
fn explain(error: &RecordError) -> String {
    match error {
        RecordError::Unreadable { kind, source } => format!(
            "a record of {kind} cannot be read: its JSON has a {:?} error at byte {}",
            source.classify(),
            source.column()
        ),
        RecordError::TooNew { .. } => error.to_string(),
    }
}

/// A number of the store's own, such as its revision.
pub(super) fn number(bytes: &[u8]) -> Option<u64> {
    bytes.try_into().ok().map(u64::from_be_bytes)
}
