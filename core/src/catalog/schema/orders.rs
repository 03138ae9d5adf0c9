//! `orders` of `shop.yaml`, for editors.

use super::parts::{at_most, key, length, object, snowflake, words};
use crate::catalog::orders;
use serde_json::{Value, json};

pub(super) fn orders() -> Value {
    object(
        &[],
        [
            key("pay_within", "How long an order waits for its payment", &json!("24h"), length()),
            key(
                "review_within",
                "How long a first proof keeps a place under review; 3d if left out",
                &json!("3d"),
                length(),
            ),
            key(
                "space",
                "Where an order is talked about: a private thread below the orders' channel, or a channel of its own in one of `categories`",
                &json!("private_thread"),
                words(orders::SPACES),
            ),
            key(
                "categories",
                "With `space: channel`: the categories that orders' channels are made in, at most 45 in each; the first with room is taken",
                &json!(["100000000000000006"]),
                at_most(orders::MOST_CATEGORIES, snowflake()),
            ),
            key(
                "deliver",
                "How a link reaches its customer",
                &json!("dm"),
                words(orders::DELIVERIES),
            ),
            key(
                "unserved",
                "What becomes of a new order while no server of its plan can be used: it is refused, or taken \
                 and marked as one that will wait; mark if left out",
                &json!("mark"),
                words(orders::UNSERVED),
            ),
        ],
    )
}
