//! Reads by the writer between batches, when everything in sled is durable.

use super::codec;
use crate::model::{Key, Record, Versioned};
use crate::ports::{Span, StoreError};
use ::sled::Tree;

/// One record.
pub(super) fn get(tree: &Tree, key: &Key) -> Result<Option<Versioned<Record>>, StoreError> {
    let found = tree.get(key.to_bytes()).map_err(|e| StoreError::Failed(e.to_string()))?;
    found.map(|bytes| codec::decode(key.kind(), &bytes)).transpose().map_err(StoreError::Failed)
}

/// The records of a range.
pub(super) fn scan(tree: &Tree, span: &Span) -> Result<Vec<Versioned<Record>>, StoreError> {
    if span.is_empty() {
        return Ok(Vec::new());
    }
    let mut range = tree.range((span.lower.clone(), span.upper.clone()));
    let next = || if span.backwards { range.next_back() } else { range.next() };
    let read = |entry: ::sled::Result<(_, ::sled::IVec)>| {
        let (_, bytes): (::sled::IVec, _) = entry.map_err(|e| StoreError::Failed(e.to_string()))?;
        codec::decode(span.kind, &bytes).map_err(StoreError::Failed)
    };
    std::iter::from_fn(next).take(span.limit.min(Span::MOST)).map(read).collect()
}

/// Turns a panic of sled's, which it does on some damage, into an error.
pub(super) fn catching<T>(read: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
    super::errors::catch_sled_panic(|| Ok(read()))
        .unwrap_or_else(|e| Err(StoreError::Failed(e.to_string())))
}
