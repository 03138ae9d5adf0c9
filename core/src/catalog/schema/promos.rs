//! The schema of a promo code.

use super::super::promos::{MOST_DAYS, MOST_PERCENT, MOST_USES};
use super::parts::{id, key, list, object, pattern, whole, with};
use serde_json::{Value, json};

pub(super) fn promo() -> Value {
    object(
        &["id", "code", "gives", "plans"],
        [
            key("id", "Its uses are counted under it; never changes", &json!("ramadan"), id()),
            key(
                "code",
                "What customers type; letters are compared without case",
                &json!("RAMADAN25"),
                pattern("^[A-Za-z0-9-]{3,32}$"),
            ),
            key("gives", "Something off an order, or days", &json!({ "percent": 25 }), gives()),
            key("plans", "Which plans it is for", &json!({ "families": ["basic"] }), plans()),
            key("limit", "Uses in all; no limit if left out", &json!(100), whole(1, MOST_USES)),
            key(
                "per_customer",
                "Uses of one customer; 1 if left out",
                &json!(1),
                whole(1, MOST_USES),
            ),
            key(
                "valid",
                "On which days, in the shop's zone, the last one included; always if left out",
                &json!("2026-03-01..2026-04-01"),
                pattern(r"^ *[0-9]{4}-[0-9]{2}-[0-9]{2} *\.\. *[0-9]{4}-[0-9]{2}-[0-9]{2} *$"),
            ),
        ],
    )
}

fn gives() -> Value {
    let amount = pattern(r"^[0-9]+(\.[0-9]+)? [A-Z0-9]{2,10}$");
    one_of([
        key("percent", "Hundredths off the price", &json!(25), whole(1, MOST_PERCENT)),
        key("amount", "Off a price in this currency", &json!("20.00 EGP"), amount),
        key("days", "More days for an account that goes on", &json!(7), whole(1, MOST_DAYS)),
    ])
}

fn plans() -> Value {
    one_of([
        key("families", "All plans of these families", &json!(["basic"]), list(id())),
        key("ids", "These plans", &json!(["basic-30"]), list(id())),
        key("any", "Every plan", &json!(true), json!({ "const": true })),
    ])
}

fn one_of(keys: [(String, Value); 3]) -> Value {
    let one_of = with(object(&[], keys), "minProperties", json!(1));
    with(one_of, "maxProperties", json!(1))
}
