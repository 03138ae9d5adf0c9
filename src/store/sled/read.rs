//! Reads by the writer between batches, when everything in sled is durable.

use super::codec;
use crate::model::{Key, Kind, Record, Versioned};
use crate::ports::StoreError;
use ::sled::Tree;
use std::ops::Bound;

/// Records with their keys' bytes, in order.
pub(super) type Rows = Vec<(Vec<u8>, Versioned<Record>)>;

/// A part of one tree.
#[derive(Debug)]
pub(super) struct Range {
    pub(super) kind: Kind,
    pub(super) prefix: Vec<u8>,
    pub(super) after: Option<Vec<u8>>,
    pub(super) limit: usize,
}

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

/// The records of a range, in order.
pub(super) fn scan(tree: &Tree, range: Range) -> Result<Rows, StoreError> {
    let Range { kind, prefix, after, limit } = range;
    let lower = match after {
        Some(after) if after >= prefix => Bound::Excluded(after),
        _ => Bound::Included(prefix.clone()),
    };
    let mut rows = Rows::new();
    for entry in tree.range::<Vec<u8>, _>((lower, Bound::Unbounded)).take(limit) {
        let (key, bytes) = entry.map_err(|e| StoreError::Failed(e.to_string()))?;
        if !key.starts_with(&prefix) {
            break;
        }
        rows.push((key.to_vec(), codec::decode(kind, &bytes).map_err(StoreError::Failed)?));
    }
    Ok(rows)
}
