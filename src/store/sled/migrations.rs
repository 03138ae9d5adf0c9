//! The steps between schema versions, oldest first. Each is written for the JSON of its own time and
//! never changed: what today's types say is no business of a step that is old.

mod customers;
mod references;

use super::step::{Added, AddsNothing, Gather, Migration};
use crate::model::SCHEMA_VERSION;
use serde_json::{Value, json};

/// Every step up to today's version.
pub(super) fn all() -> Vec<Migration> {
    let gather = || -> Box<dyn Gather> {
        Box::new(Both(Box::<customers::Seen>::default(), Box::<references::Seen>::default()))
    };
    vec![Migration { from: 1, rewrite: customers::rewrite, gather }]
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

/// Records of an older schema that come one by one, from a file.
pub(super) struct Older {
    schema: u32,
    steps: Vec<(Migration, Box<dyn Gather>)>,
}

impl Older {
    /// Those of a schema version; of today's nothing is changed.
    pub(super) fn of(schema: u32) -> Self {
        let steps = all().into_iter().filter(|step| step.from >= schema);
        Self { schema, steps: steps.map(|step| (step, (step.gather)())).collect() }
    }

    /// One of them, as today's schema has it.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn one(&mut self, tree: &str, mut record: Value) -> Result<Value, String> {
        let is_of = |record: &Value| record.get("schema") == Some(&self.schema.into());
        if self.steps.is_empty() || !is_of(&record) {
            return Ok(record);
        }
        let value = record.get_mut("value").map(Value::take).unwrap_or_default();
        self.through(0, tree, value)
    }

    fn through(&mut self, first: usize, tree: &str, mut value: Value) -> Result<Value, String> {
        for (step, gather) in self.steps.iter_mut().skip(first) {
            gather.see(tree, 1, &value)?;
            value = (step.rewrite)(tree, &mut Vec::new(), value)?;
        }
        Ok(json!({ "schema": SCHEMA_VERSION, "value": value }))
    }

    /// What comes beside them, by tree, once all were told.
    ///
    /// # Errors
    /// What is wrong with them.
    pub(super) fn added(mut self) -> Result<Vec<(&'static str, Value)>, String> {
        let mut added = Vec::new();
        for n in 0..self.steps.len() {
            let Some((_, gather)) = self.steps.get_mut(n) else { break };
            let seen = std::mem::replace(gather, Box::new(AddsNothing));
            for Added { tree, value, .. } in seen.records() {
                added.push((tree, self.through(n.saturating_add(1), tree, value)?));
            }
        }
        Ok(added)
    }
}
