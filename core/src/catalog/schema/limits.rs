//! `limits` and `referral` of `shop.yaml`, for editors.

use super::parts::{key, length, list, object, pattern, whole};
use crate::catalog::{limits, referral};
use serde_json::{Value, json};

pub(super) fn limits() -> Value {
    object(
        &[],
        [
            key(
                "open_orders",
                "Open orders of one customer, of which one unpaid; 2 if left out",
                &json!(2),
                whole(1, limits::MOST_OPEN_ORDERS),
            ),
            key(
                "replace_link_every",
                "How often one customer may replace a link of theirs; 1h if left out",
                &json!("1h"),
                length(),
            ),
            key(
                "presses_per_minute",
                "Clicks and commands of one customer that are answered in a minute; 30 if left out",
                &json!(30),
                whole(limits::LEAST_PRESSES, limits::MOST_PRESSES),
            ),
            key(
                "block",
                "Who may not order; what they have goes on",
                &json!(["discord:100000000000000031"]),
                people(),
            ),
            key(
                "allow",
                "Who alone may order; everybody if left out",
                &json!(["discord:100000000000000032"]),
                people(),
            ),
        ],
    )
}

/// `referral` of `shop.yaml`.
pub(super) fn referral() -> Value {
    object(
        &["reward", "limit"],
        [
            key(
                "reward",
                "How much longer an account lasts once a friend's first payment is approved, in days",
                &json!("3d"),
                length(),
            ),
            key("limit", "For how many friends", &json!(10), whole(1, referral::MOST_FRIENDS)),
        ],
    )
}

fn people() -> Value {
    list(pattern("^discord:[1-9][0-9]*$"))
}
