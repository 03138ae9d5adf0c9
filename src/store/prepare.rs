//! What both stores do with edits before anything is written: encode, measure, refuse.

use super::MAX_RECORD_BYTES;
use crate::model::{Edits, Expected, Key};
use crate::ports::StoreError;
use std::collections::BTreeMap;

/// Edits that can be written: every record fits, and no key is both written and removed.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) edits: Edits,
    /// The JSON of every put.
    pub(super) json: BTreeMap<Key, Vec<u8>>,
    /// Whether this places an order: what is refused first when the disk fills.
    pub(super) places_order: bool,
}

impl Prepared {
    /// The keys that change, in order.
    pub(super) fn touched(&self) -> Vec<Key> {
        let mut keys: Vec<Key> =
            self.edits.puts.keys().chain(&self.edits.deletes).cloned().collect();
        keys.sort();
        keys
    }

    /// The first expectation that does not hold, given the versions that stand.
    pub(super) fn conflict(&self, version: impl Fn(&Key) -> Option<u64>) -> Option<Key> {
        self.edits
            .expect
            .iter()
            .find(|(key, expected)| !holds(**expected, version(key)))
            .map(|(key, _)| key.clone())
    }
}

/// Whether the version that stands is the expected one.
pub(super) fn holds(expected: Expected, version: Option<u64>) -> bool {
    match expected {
        Expected::Absent => version.is_none(),
        Expected::Version(wanted) => version == Some(wanted),
    }
}

/// Encodes and measures. A put wins over a delete of the same key, as in `Snapshot::after`.
pub(super) fn prepare(mut edits: Edits) -> Result<Prepared, StoreError> {
    let Edits { expect, puts, deletes } = &mut edits;
    deletes.retain(|key| !puts.contains_key(key));
    let mut json = BTreeMap::new();
    let mut places_order = false;
    for (key, record) in puts.iter() {
        if record.key() != *key {
            return Err(StoreError::Failed(format!("{key} is not where its record stands")));
        }
        let bytes = record
            .to_json()
            .map_err(|e| StoreError::Failed(format!("{key} has no JSON form: {e}")))?;
        if bytes.len() > MAX_RECORD_BYTES {
            return Err(StoreError::TooLarge { key: key.clone(), bytes: bytes.len() });
        }
        json.insert(key.clone(), bytes);
        places_order |= matches!(key, Key::Order(_)) && expect.get(key) == Some(&Expected::Absent);
    }
    Ok(Prepared { edits, json, places_order })
}
