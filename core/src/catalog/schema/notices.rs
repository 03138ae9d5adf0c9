//! `notices` of `shop.yaml`, for editors.

use super::parts::{DAILY, key, list, object, pattern, whole};
use crate::catalog::notices;
use serde_json::{Value, json};

/// `notices` of `shop.yaml`.
pub(super) fn notices() -> Value {
    object(
        &[],
        [
            key(
                "quiet",
                "Hours in the shop's zone in which no reminder goes out; over midnight if the second is earlier",
                &json!("23:00-08:00"),
                pattern(DAILY),
            ),
            key(
                "traffic",
                "At which percents of their traffic customers hear of it; 80, 90 and 100 if left out",
                &json!([80, 90, 100]),
                list(whole(1, notices::MOST_PERCENT)),
            ),
            key(
                "news_per_minute",
                "How many customers `/admin broadcast` writes to in a minute; 60 if left out",
                &json!(60),
                whole(1, notices::MOST_NEWS),
            ),
        ],
    )
}
