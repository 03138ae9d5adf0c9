//! The steps between schema versions, oldest first. Each is written for the JSON of its own time and
//! never changed: what today's types say is no business of a step that is old.

mod customers;
mod references;

use super::step::{Added, AddsNothing, Gather, Migration};
use crate::model::SCHEMA_VERSION;
use serde_json::{Value, json};

/// From 1 to 2.
const CUSTOMERS: &str = "customers are records, and orders are found by their references";

/// Every step up to today's version.
pub(super) fn all() -> Vec<Migration> {
    let gather = || -> Box<dyn Gather> {
        Box::new(Both(Box::<customers::Seen>::default(), Box::<references::Seen>::default()))
    };
    vec![Migration { from: 1, name: CUSTOMERS, rewrite: customers::rewrite, gather }]
}

/// What two of them gather.
struct Both(Box<dyn Gather>, Box<dyn Gather>);

impl Gather for Both {
    fn see(&mut self, tree: &str, version: u64, value: &Value) -> Result<(), String> {
        self.0.see(tree, version, value)?;
        self.1.see(tree, version, value)
    }

    fn records(self: Box<Self>) -> Vec<Added> {
        let Self(one, other) = *self;
        one.records().into_iter().chain(other.records()).collect()
    }
}

/// A record as it is stored, whatever its schema.
pub(super) struct StoredRecord {
    pub(super) key: Vec<u8>,
    /// The revision that wrote it.
    pub(super) version: u64,
    /// Its schema and its value.
    pub(super) stored: Value,
}

impl StoredRecord {
    /// One of a schema.
    pub(super) fn of(schema: u32, key: Vec<u8>, version: u64, value: Value) -> Self {
        Self { key, version, stored: json!({ "schema": schema, "value": value }) }
    }

    pub(super) fn schema(&self) -> Option<u32> {
        self.stored.get("schema")?.as_u64()?.try_into().ok()
    }

    pub(super) fn value(&self) -> &Value {
        self.stored.get("value").unwrap_or(&Value::Null)
    }

    pub(super) fn take_value(&mut self) -> Value {
        self.stored.get_mut("value").map(Value::take).unwrap_or_default()
    }
}

/// Records of older schemas that come one by one, from a file or for a rehearsal.
pub(super) struct Older {
    to: u32,
    steps: Vec<(Migration, Box<dyn Gather>)>,
}

impl Older {
    /// Those of a schema version; of today's nothing is changed.
    pub(super) fn of(schema: u32) -> Self {
        let steps: Vec<Migration> = all().into_iter().filter(|step| step.from >= schema).collect();
        Self::by(&steps, SCHEMA_VERSION)
    }

    /// By these steps, the last of which leads to a schema version.
    pub(super) fn by(steps: &[Migration], to: u32) -> Self {
        Self { to, steps: steps.iter().map(|step| (*step, (step.gather)())).collect() }
    }

    /// One of them from a file, as the newest schema has it.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn one(&mut self, tree: &str, stored: Value) -> Result<Value, String> {
        let mut record = StoredRecord { key: Vec::new(), version: 1, stored };
        self.rewrite(tree, &mut record)?;
        Ok(record.stored)
    }

    /// Makes one of them a record of the newest schema, where it is none.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn rewrite(&mut self, tree: &str, record: &mut StoredRecord) -> Result<(), String> {
        let is_of = |(step, _): &(Migration, _)| Some(step.from) == record.schema();
        match self.steps.iter().position(is_of) {
            Some(first) => self.through(first, tree, record),
            None => Ok(()),
        }
    }

    fn through(
        &mut self,
        first: usize,
        tree: &str,
        record: &mut StoredRecord,
    ) -> Result<(), String> {
        let mut value = record.take_value();
        for (step, gather) in self.steps.iter_mut().skip(first) {
            gather.see(tree, record.version, &value)?;
            value = (step.rewrite)(tree, &mut record.key, value)?;
        }
        record.stored = json!({ "schema": self.to, "value": value });
        Ok(())
    }

    /// What comes beside them, by tree, once all were told.
    ///
    /// # Errors
    /// What is wrong with them.
    pub(super) fn derived(mut self) -> Result<Vec<(&'static str, StoredRecord)>, String> {
        let mut derived = Vec::new();
        for n in 0..self.steps.len() {
            let Some((_, gather)) = self.steps.get_mut(n) else { break };
            let seen = std::mem::replace(gather, Box::new(AddsNothing));
            for Added { tree, key, version, value } in seen.records() {
                let mut record = StoredRecord::of(self.to, key, version, value);
                self.through(n.saturating_add(1), tree, &mut record)?;
                derived.push((tree, record));
            }
        }
        Ok(derived)
    }
}
