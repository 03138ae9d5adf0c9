//! JSON schemas of the four files, for editors; `desired/schema/` is generated from here. They
//! help while typing; the checks of this module decide.

use super::{DesiredFile, payments, plans, servers, shop};
use serde_json::{Map, Value, json};

/// The schema of one of the files.
#[must_use]
pub fn schema(file: DesiredFile) -> Value {
    let (key, content) = match file {
        DesiredFile::Plans => ("plans", list(plan())),
        DesiredFile::Servers => ("servers", list(server())),
        DesiredFile::Payments => ("methods", list(method())),
        DesiredFile::Shop => ("shop", the_shop()),
    };
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": file.name(),
        "type": "object",
        "additionalProperties": false,
        "required": [key],
        "properties": { key: content },
    })
}

fn plan() -> Value {
    object(
        &["id", "name", "prices", "duration", "traffic", "devices", "servers"],
        json!({
            "id": id(),
            "family": described(id(), "Plans of one family renew each other; the plan's id if left out. Never changes."),
            "name": text(),
            "prices": list(described(pattern(r"^[0-9]+(\.[0-9]+)? [A-Z0-9]{2,10}$"), "Such as 100.00 EGP")),
            "duration": length(),
            "traffic": described(
                pattern(r"^(unlimited|[0-9]+(\.[0-9]+)?([KMGT]i?)?B)$"),
                "50GB is 50 × 10⁹ bytes, 50GiB is 50 × 2³⁰ bytes; or unlimited"
            ),
            "devices": described(whole(0, plans::MOST_DEVICES), "Devices at once; 0 is without limit"),
            "servers": {
                "description": "Which servers may serve it",
                "type": "object",
                "additionalProperties": false,
                "minProperties": 1,
                "maxProperties": 1,
                "properties": {
                    "labels": labels(),
                    "ids": list(id()),
                    "any": { "const": true },
                },
            },
            "lifecycle": words(plans::LIFECYCLES),
        }),
    )
}

fn server() -> Value {
    object(
        &["id", "name", "host", "gateway", "inbounds", "capacity"],
        json!({
            "id": id(),
            "name": text(),
            "host": described(json!({ "type": "string" }), "What customers' links point at"),
            "gateway": described(pattern("^https?://"), "http:// only for loopback"),
            "keys": described(id(), "The name of its keys; the server's id if left out"),
            "inbounds": list(described(json!({ "type": ["string", "integer"] }), "The panel's remark or numeric id")),
            "labels": labels(),
            "capacity": described(whole(0, servers::MOST_ACCOUNTS), "How many accounts it takes"),
            "weight": whole(1, servers::MOST_WEIGHT),
            "line": described(pattern(r"^[0-9]+(\.[0-9]+)?[KMG]bit$"), "A counter that grows faster is implausible"),
            "lifecycle": described(words(servers::LIFECYCLES), "draining and lost are not built yet: they act as cordoned"),
            "mode": words(servers::MODES),
            "drift": words(servers::DRIFTS),
            "confirm": described(json!({ "type": ["string", "number"] }), "Releases the held change set of this fingerprint"),
        }),
    )
}

fn method() -> Value {
    object(
        &["id", "kind", "name", "currencies", "account", "instructions"],
        json!({
            "id": id(),
            "kind": words(payments::KINDS),
            "name": text(),
            "currencies": list(pattern("^[A-Z0-9]{2,10}$")),
            "account": described(json!({ "type": "string" }), "Where to pay to; copyable"),
            "instructions": described(text(), "With {amount}, {account} and {reference}"),
            "proof": words(payments::REQUIREMENTS),
            "reference": words(payments::REQUIREMENTS),
            "lifecycle": words(payments::LIFECYCLES),
        }),
    )
}

/// Of what `not_built` warns.
const NOT_BUILT: &str = "Not built yet: accepted, and without effect";

fn the_shop() -> Value {
    let channel = |key: &str| match key {
        "stats" | "alerts" => described(snowflake(), NOT_BUILT),
        _ => snowflake(),
    };
    let channels = shop::CHANNEL_KEYS.iter().map(|key| ((*key).to_owned(), channel(key)));
    let roles = shop::ROLE_KEYS.iter().map(|key| ((*key).to_owned(), list(snowflake())));
    let (channels, roles): (Map<_, _>, Map<_, _>) = (channels.collect(), roles.collect());
    object(
        &["id", "discord", "languages", "time_zone"],
        json!({
            "id": described(pattern("^[a-z0-9]{2,8}$"), "Part of every client's name on the panels; never change it"),
            "discord": object(&["guild", "channels", "roles"], json!({
                "guild": snowflake(),
                "channels": object(&["store", "orders", "review"], Value::Object(channels)),
                "roles": object(&["owner"], Value::Object(roles)),
            })),
            "languages": described(list(json!({ "type": "string" })), "The first is the default; everybody reads that one, the others are not built yet"),
            "time_zone": described(json!({ "type": "string" }), "Such as Africa/Cairo"),
            "currencies": described(
                json!({
                    "type": "object",
                    "propertyNames": { "pattern": "^[A-Z0-9]{2,10}$" },
                    "additionalProperties": whole(0, shop::MOST_DECIMALS),
                }),
                "Decimals of currencies that ISO 4217 lacks"
            ),
            "orders": object(&[], json!({
                "pay_within": length(),
                "review_within": described(length(), "How long a first proof keeps a place under review; default 3d"),
                "space": described(words(shop::SPACES), "channel is not built yet: it acts as private_thread"),
                "deliver": words(shop::DELIVERIES),
            })),
            "limits": object(&[], json!({
                "open_orders": described(
                    whole(1, shop::MOST_OPEN_ORDERS),
                    "Open orders of one customer, of which one unpaid; default 2"
                ),
            })),
            "reminders": described(list(length()), NOT_BUILT),
            "retention": object(&[], json!({
                "proofs": described(length(), NOT_BUILT),
                "threads": described(length(), NOT_BUILT),
                "tombstones": length(),
            })),
            "guard": object(&[], json!({
                "destructive_percent": whole(0, 100),
                "destructive_floor": whole(0, 100_000),
            })),
        }),
    )
}

fn object(required: &[&str], properties: Value) -> Value {
    let mut schema = json!({
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
    });
    if let (false, Some(map)) = (required.is_empty(), schema.as_object_mut()) {
        map.insert("required".into(), json!(required));
    }
    schema
}

fn list(items: Value) -> Value {
    json!({ "type": "array", "minItems": 1, "items": items })
}

fn pattern(pattern: &str) -> Value {
    json!({ "type": "string", "pattern": pattern })
}

fn id() -> Value {
    pattern("^[a-z0-9][a-z0-9-]{0,31}$")
}

fn snowflake() -> Value {
    pattern("^[0-9]{17,20}$")
}

fn length() -> Value {
    described(
        pattern(r"^([0-9]+d)?( ?[0-9]+h)?( ?[0-9]+m)?( ?[0-9]+s)?$"),
        "Such as 30d or 1d 12h; units: d, h, m, s",
    )
}

fn whole(from: u32, to: u32) -> Value {
    json!({ "type": "integer", "minimum": from, "maximum": to })
}

fn words<T>(words: &[(&str, T)]) -> Value {
    let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    json!({ "enum": words })
}

fn labels() -> Value {
    json!({ "type": "object", "minProperties": 1, "additionalProperties": { "type": "string" } })
}

fn text() -> Value {
    json!({
        "description": "A text, or a map of language to text with at least the default language",
        "type": ["string", "object"],
        "additionalProperties": { "type": "string" },
    })
}

fn described(mut schema: Value, description: &str) -> Value {
    if let Some(map) = schema.as_object_mut() {
        map.insert("description".into(), description.into());
    }
    schema
}
