//! From schema 1 to 2. Orders are found by their references, which are the ends of their ids.

use super::super::step::{Added, Gather};
use crate::model::{Key, OrderId, OrderReference};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The orders by their references; of two that have the same the newer.
#[derive(Default)]
pub(super) struct Seen(BTreeMap<OrderReference, (OrderId, u64)>);

impl Gather for Seen {
    fn see(&mut self, tree: &str, version: u64, value: &Value) -> Result<(), String> {
        if tree != "order" {
            return Ok(());
        }
        let id = value.get("id").and_then(Value::as_str).and_then(|id| id.parse::<OrderId>().ok());
        let id = id.ok_or("an order names no id")?;
        let known = self.0.entry(id.reference()).or_insert((id, version));
        *known = (*known).max((id, version));
        Ok(())
    }

    fn records(self: Box<Self>) -> Vec<Added> {
        let added = self.0.into_iter().map(|(reference, (order, version))| Added {
            tree: "order-reference",
            key: Key::OrderByReference(reference).to_bytes(),
            version,
            value: json!({ "reference": reference.to_string(), "order": order.to_string() }),
        });
        added.collect()
    }
}
