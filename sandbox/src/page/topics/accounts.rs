//! The accounts as the controller sees them: what was sold, how they stand, and why not.

use super::super::person::Person;
use super::super::world::World;
use serde_json::{Value, json};

/// The most accounts that are shown.
const MOST: usize = 1_000;

/// All accounts; while the controller does not answer, nothing but that.
pub(super) async fn state(world: &World, _: Person) -> Value {
    let asked = world.beside().ask(&format!("/v1/accounts?limit={MOST}")).await;
    let Some(mut answer) = asked else { return json!({ "answered": false, "accounts": [] }) };
    let emulator = &world.system().emulator;
    let rows = answer.get_mut("accounts").and_then(Value::as_array_mut);
    for row in rows.into_iter().flatten() {
        named(row, |id| emulator.name_of(id));
        timeless(row);
    }
    if let Some(answer) = answer.as_object_mut() {
        answer.insert("answered".to_owned(), json!(true));
    }
    answer
}

/// The customer by name beside the number.
pub(super) fn named(row: &mut Value, name_of: impl Fn(u64) -> Option<String>) {
    let id = row.get("customer").and_then(|id| match id {
        Value::String(text) => text.parse().ok(),
        other => other.as_u64(),
    });
    if let (Some(name), Some(row)) = (id.and_then(name_of), row.as_object_mut()) {
        row.insert("name".to_owned(), json!(name));
    }
}

/// How long a condition holds changes with each look; since when does not.
fn timeless(row: &mut Value) {
    let conditions = row.get_mut("conditions").and_then(Value::as_array_mut);
    for condition in conditions.into_iter().flatten() {
        if let Some(condition) = condition.as_object_mut() {
            condition.remove("for_ms");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_names_the_customer_and_stays_the_same_while_nothing_changes() {
        let mut row = json!({
            "customer": "77", "conditions": [{ "type": "Ready", "since_ms": 1, "for_ms": 5 }],
        });
        named(&mut row, |id| (id == 77).then(|| "alice".to_owned()));
        timeless(&mut row);
        assert_eq!(
            row,
            json!({
                "customer": "77", "name": "alice", "conditions": [{ "type": "Ready", "since_ms": 1 }],
            })
        );
    }
}
