//! What a step from one schema version to the next is.

/// Rewrites the values of one schema version for the next. It is given a record's tree, its key (to be
/// changed where that changes) and its JSON without the schema, and must be a pure function.
pub type Rewrite = fn(&str, &mut Vec<u8>, serde_json::Value) -> Result<serde_json::Value, String>;

/// Sees every record of one schema version, in any order, and says which records of the next come beside
/// them.
pub trait Gather {
    /// A record's tree, its version, and its JSON without the schema.
    ///
    /// # Errors
    /// What is wrong with it.
    fn see(&mut self, tree: &str, version: u64, value: &serde_json::Value) -> Result<(), String>;
    /// What is added, once all were seen.
    fn records(self: Box<Self>) -> Vec<Added>;
}

/// A record that a step adds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Added {
    /// Its tree.
    pub tree: &'static str,
    /// Its key there.
    pub key: Vec<u8>,
    /// The revision of the newest record that it is made of.
    pub version: u64,
    /// Its JSON without the schema.
    pub value: serde_json::Value,
}

/// A step that adds nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct AddsNothing;

impl Gather for AddsNothing {
    fn see(&mut self, _: &str, _: u64, _: &serde_json::Value) -> Result<(), String> {
        Ok(())
    }
    fn records(self: Box<Self>) -> Vec<Added> {
        Vec::new()
    }
}

/// One step between two schema versions.
#[derive(Clone, Copy)]
pub struct Migration {
    /// The version that it reads; it writes the next.
    pub from: u32,
    /// What it does, for the log.
    pub name: &'static str,
    /// What it does to each record.
    pub rewrite: Rewrite,
    /// What it adds to them.
    pub gather: fn() -> Box<dyn Gather>,
}
