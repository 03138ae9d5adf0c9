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

/// The customer by name beside their record: by where they are reached, which is a field of its own, or
/// stands for them.
pub(super) fn named(row: &mut Value, name_of: impl Fn(u64) -> Option<String>) {
    let reached = ["identity", "customer"].map(|field| row.get(field).and_then(Value::as_str));
    let id = reached.iter().flatten().find_map(|text| text.strip_prefix("discord:")?.parse().ok());
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
            "customer": "01kb7f", "identity": "discord:77",
            "conditions": [{ "type": "Ready", "since_ms": 1, "for_ms": 5 }],
        });
        let name_of = |id| (id == 77).then(|| "alice".to_owned());
        named(&mut row, name_of);
        timeless(&mut row);
        assert_eq!(
            row,
            json!({
                "customer": "01kb7f", "identity": "discord:77", "name": "alice",
                "conditions": [{ "type": "Ready", "since_ms": 1 }],
            })
        );
        let mut due = json!({ "customer": "discord:77" });
        named(&mut due, name_of);
        assert_eq!(due["name"], "alice", "what falls due names where they are reached");
    }
}
