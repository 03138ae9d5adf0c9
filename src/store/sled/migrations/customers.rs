//! From schema 1 to 2. A customer was the number that Discord has for somebody; since then they are a
//! record with an id of its own, and that number is where they are known.

use super::super::step::{Added, Gather};
use crate::model::CustomerId;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Discord counts milliseconds from the first moment of 2015.
const DISCORDS_FIRST_MS: u64 = 1_420_070_400_000;

/// The same id whenever it is asked: 6 bytes of the moment at which Discord made the number, 2 of
/// nothing, and the number.
fn id_of(snowflake: u64) -> CustomerId {
    let (at, number) = (u128::from(made_at(snowflake)), u128::from(snowflake));
    CustomerId::of_bytes(((at << 80) | number).to_be_bytes())
}

const fn made_at(snowflake: u64) -> u64 {
    (snowflake >> 22).saturating_add(DISCORDS_FIRST_MS)
}

fn text_of(snowflake: u64) -> String {
    id_of(snowflake).to_string()
}

/// Who stands in a record of before.
fn customer(value: &Value) -> Result<u64, String> {
    let text = value.get("customer").and_then(Value::as_str);
    text.and_then(|text| text.parse().ok()).ok_or_else(|| "it names no customer".to_owned())
}

/// Rewrites a record's value, and its key where that is made of what changes.
pub(super) fn rewrite(tree: &str, key: &mut Vec<u8>, value: Value) -> Result<Value, String> {
    match (tree, value) {
        ("order" | "account" | "unpaid-order", Value::Object(mut value)) => {
            let who = customer(&Value::Object(value.clone()))?;
            value.insert("customer".to_owned(), text_of(who).into());
            // The customer's own record says these.
            value.remove("customer_name");
            value.remove("language");
            if tree == "unpaid-order" {
                *key = id_of(who).to_bytes().to_vec();
            }
            Ok(Value::Object(value))
        }
        ("interaction-order", Value::Object(mut value)) => {
            let number = value.get("interaction").and_then(Value::as_u64);
            let number = number.ok_or("it names no interaction")?;
            value.insert("interaction".to_owned(), format!("discord:{number}").into());
            *key = [&b"discord\0"[..], &number.to_be_bytes()].concat();
            Ok(Value::Object(value))
        }
        (_, value) => Ok(value),
    }
}

/// What the records of before tell of one customer.
#[derive(Default)]
struct Known {
    /// The newest record that names them, and by what name.
    name: (u64, String),
    /// The newest that says in which language they read.
    language: (u64, Option<String>),
    since: Option<u64>,
    version: u64,
}

/// Every customer that the records of before name.
#[derive(Default)]
pub(super) struct Seen(BTreeMap<u64, Known>);

impl Gather for Seen {
    fn see(&mut self, tree: &str, version: u64, value: &Value) -> Result<(), String> {
        let made = match tree {
            "order" => "placed_at",
            "account" => "created_at",
            "unpaid-order" => "",
            _ => return Ok(()),
        };
        let known = self.0.entry(customer(value)?).or_default();
        known.version = known.version.max(version);
        let Some(at) = value.get(made).and_then(Value::as_u64) else { return Ok(()) };
        known.since = Some(known.since.map_or(at, |since| since.min(at)));
        let text = |field: &str| value.get(field).and_then(Value::as_str).map(str::to_owned);
        if let Some(name) = text("customer_name") {
            known.name = std::mem::take(&mut known.name).max((at, name));
        }
        if let Some(language) = text("language") {
            known.language = std::mem::take(&mut known.language).max((at, Some(language)));
        }
        Ok(())
    }

    fn records(self: Box<Self>) -> Vec<Added> {
        let two = |(who, known): (u64, Known)| {
            let Known { name: (_, name), language: (_, language), since, version } = known;
            let (id, identity) = (text_of(who), format!("discord:{who}"));
            let mut customer = Map::new();
            customer.insert("id".to_owned(), id.clone().into());
            customer.insert("identities".to_owned(), json!([&identity]));
            customer.insert("name".to_owned(), name.into());
            customer.extend(language.map(|tag| ("language".to_owned(), tag.into())));
            customer.insert("created_at".to_owned(), since.unwrap_or_else(|| made_at(who)).into());
            let index = json!({ "identity": &identity, "customer": id });
            let added = |tree, key, value| Added { tree, key, version, value };
            [
                added("customer", id_of(who).to_bytes().to_vec(), Value::Object(customer)),
                added("customer-identity", [identity.as_bytes(), &[0]].concat(), index),
            ]
        };
        self.0.into_iter().flat_map(two).collect()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_number_gives_one_id_that_sorts_by_its_moment_and_no_other_number_gives_it() {
        // The example of Discord's own documentation: 2016-04-30 11:18:25.796 UTC.
        let documented = 175_928_847_299_117_063;
        assert_eq!(made_at(documented), 1_462_015_105_796);
        assert_eq!(id_of(documented).to_bytes()[..6], 1_462_015_105_796_u64.to_be_bytes()[2..]);
        assert_eq!(id_of(documented).to_bytes()[8..], documented.to_be_bytes());
        assert!(id_of(documented) < id_of(documented + 1));
        for odd in [0, 1, u64::MAX] {
            assert_eq!(text_of(odd).len(), 26);
            assert_eq!(id_of(odd).to_bytes()[8..], odd.to_be_bytes());
        }
    }

    #[test]
    fn a_customer_is_called_as_the_newest_record_says_and_reads_the_last_language_that_was_told() {
        let mut seen = Box::<Seen>::default();
        let order = |at: u64, name: &str, language: Option<&str>| json!({"customer": "7", "placed_at": at, "customer_name": name, "language": language});
        for (version, value) in
            [order(5, "new", None), order(3, "old", Some("ar")), order(1, "older", Some("ru"))]
                .iter()
                .enumerate()
        {
            seen.see("order", version as u64 + 4, value).unwrap();
        }
        seen.see("unpaid-order", 9, &json!({"customer": "8", "order": "x"})).unwrap();
        assert!(seen.see("order", 9, &json!({"customer": 7})).is_err());
        let records = seen.records();
        let [ann, _, ben, index] = &records[..] else { panic!("{}", records.len()) };
        assert_eq!(
            (ann.version, &ann.value),
            (
                6,
                &json!({"id": text_of(7), "identities": ["discord:7"], "name": "new",
                        "language": "ar", "created_at": 1})
            )
        );
        assert_eq!((ben.version, &ben.value["created_at"]), (9, &made_at(8).into()));
        assert_eq!(index.value, json!({"identity": "discord:8", "customer": text_of(8)}));
    }
}
