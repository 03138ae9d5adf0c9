//! What `decide` and the controller want changed: one transaction over any records.

use super::{Key, Record};
use std::collections::BTreeMap;

/// What a record's version must be for the transaction to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// It is not there.
    Absent,
    /// It was last written at this revision.
    Version(u64),
}

/// Changes that are committed together, or not at all.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Edits {
    /// What must still hold.
    pub expect: BTreeMap<Key, Expected>,
    /// What is written.
    pub puts: BTreeMap<Key, Record>,
    /// What is removed.
    pub deletes: std::collections::BTreeSet<Key>,
}

impl Edits {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Nothing to write or remove.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Self { expect: _, puts, deletes } = self;
        puts.is_empty() && deletes.is_empty()
    }

    /// The record must be as it was read: at `version`, or absent.
    pub fn expect(&mut self, key: Key, version: Option<u64>) {
        let expected = version.map_or(Expected::Absent, Expected::Version);
        self.expect.insert(key, expected);
    }

    /// Writes a record, whatever stands there.
    pub fn put(&mut self, record: impl Into<Record>) {
        let record = record.into();
        self.puts.insert(record.key(), record);
    }

    /// Writes a record that must not be there yet.
    pub fn insert(&mut self, record: impl Into<Record>) {
        let record = record.into();
        self.expect(record.key(), None);
        self.puts.insert(record.key(), record);
    }

    /// Removes a record.
    pub fn delete(&mut self, key: Key) {
        self.deletes.insert(key);
    }
}
