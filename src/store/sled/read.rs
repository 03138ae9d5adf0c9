//! Reads by the writer between batches, when everything in sled is durable.

use super::codec;
use crate::model::{Key, Record, Versioned};
use crate::ports::StoreError;
use ::sled::Tree;

/// One record.
pub(super) fn get(tree: &Tree, key: &Key) -> Result<Option<Versioned<Record>>, StoreError> {
    let found = tree.get(key.to_bytes()).map_err(|e| StoreError::Failed(e.to_string()))?;
    found.map(|bytes| codec::decode(key.kind(), &bytes)).transpose().map_err(StoreError::Failed)
}

/// Turns a panic of sled's, which it does on some damage, into an error.
pub(super) fn catching<T>(read: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
    super::errors::catch_sled_panic(|| Ok(read()))
        .unwrap_or_else(|e| Err(StoreError::Failed(e.to_string())))
}
