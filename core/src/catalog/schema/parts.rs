//! What schemas are made of.

use super::super::faq;
use serde_json::{Map, Value, json};

/// Hours of each day, as `daily` reads them.
pub(super) const DAILY: &str = "^[0-9]{2}:[0-9]{2} ?- ?[0-9]{2}:[0-9]{2}$";

/// A key, what it means, and how it may look.
pub(super) fn key(
    name: &str,
    description: &str,
    example: &Value,
    mut schema: Value,
) -> (String, Value) {
    schema = described(schema, description);
    (name.to_owned(), with(schema, "examples", json!([example])))
}

pub(super) fn object(
    required: &[&str],
    properties: impl IntoIterator<Item = (String, Value)>,
) -> Value {
    let properties: Map<String, Value> = properties.into_iter().collect();
    let schema = json!({
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
    });
    if required.is_empty() { schema } else { with(schema, "required", json!(required)) }
}

pub(super) fn list(items: Value) -> Value {
    json!({ "type": "array", "minItems": 1, "items": items })
}

/// A list of at most so many.
pub(super) fn at_most(most: usize, items: Value) -> Value {
    with(list(items), "maxItems", json!(most))
}

pub(super) fn pattern(pattern: &str) -> Value {
    json!({ "type": "string", "pattern": pattern })
}

pub(super) fn id() -> Value {
    pattern("^[a-z0-9][a-z0-9-]{0,31}$")
}

pub(super) fn snowflake() -> Value {
    pattern("^[0-9]{17,20}$")
}

pub(super) fn length() -> Value {
    pattern(r"^([0-9]+d)?( ?[0-9]+h)?( ?[0-9]+m)?( ?[0-9]+s)?$")
}

pub(super) fn whole(from: u32, to: u32) -> Value {
    json!({ "type": "integer", "minimum": from, "maximum": to })
}

pub(super) fn words<T>(words: &[(&str, T)]) -> Value {
    let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    json!({ "enum": words })
}

pub(super) fn labels() -> Value {
    json!({ "type": "object", "minProperties": 1, "additionalProperties": { "type": "string" } })
}

/// Which servers.
pub(super) fn selector() -> Value {
    let labels = labels();
    let mut one_of = object(
        &[],
        [
            key(
                "labels",
                "Servers that have all of these labels",
                &json!({ "tier": "basic" }),
                labels,
            ),
            key("ids", "These servers", &json!(["fra-1", "ams-1"]), list(id())),
            key("any", "Every server", &json!(true), json!({ "const": true })),
        ],
    );
    one_of = with(one_of, "minProperties", json!(1));
    with(one_of, "maxProperties", json!(1))
}

pub(super) fn text() -> Value {
    json!({
        "$comment": "A text, or a map of language to text with at least the default language",
        "type": ["string", "object"],
        "additionalProperties": { "type": "string" },
    })
}

pub(super) fn described(schema: Value, description: &str) -> Value {
    with(schema, "description", description.into())
}

pub(super) fn with(mut schema: Value, key: &str, value: Value) -> Value {
    if let Some(map) = schema.as_object_mut() {
        map.insert(key.into(), value);
    }
    schema
}

pub(super) fn subscription() -> Value {
    let url = "Where customers reach the public listener; /sub/ and a token follow";
    let every = "How often apps ask again, 1 to 12 whole hours; 12h if left out";
    let title = "What apps call it, 25 characters at most; the plan's name if left out";
    let support = "Where an app's button for help leads: https or mailto";
    let address = json!({ "type": "string", "format": "uri" });
    object(
        &["url"],
        [
            key("url", url, &json!("https://vpn.example.net"), address.clone()),
            key("update_every", every, &json!("12h"), length()),
            key("title", title, &json!("Nebula VPN"), text()),
            key("support", support, &json!("https://discord.gg/example"), address),
        ],
    )
}

pub(super) fn faq() -> Value {
    let entry = object(
        &["q", "a"],
        [
            key(
                "q",
                "The question, 100 characters at most",
                &json!({ "en": "How do I pay?" }),
                text(),
            ),
            key("a", "The answer, 3,000 characters at most", &json!({ "en": "By …" }), text()),
        ],
    );
    at_most(faq::MOST, entry)
}

pub(super) fn faq_example() -> Value {
    json!([{ "q": { "en": "How do I pay?" }, "a": { "en": "Pick a plan, and the order says how." } }])
}
