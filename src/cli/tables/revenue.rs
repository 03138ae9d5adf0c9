//! What was taken, as a table.

use super::table::{Column, column, plain, plain_tone, table};
use super::view::View;
use serde_json::Value;

const REVENUE: &[Column] = &[
    column("PERIOD", |r| plain(&r["period"])),
    column("CURRENCY", |r| plain(&r["currency"])),
    column("ORDERS", |r| plain(&r["orders"])),
    column("TAKEN", |r| plain(&r["taken"])),
    column("REVERSED", |r| plain(&r["reversed"])),
    column("RETURNED", |r| plain(&r["returned"])),
    column("NET", |r| plain(&r["net"])),
];

/// A line a period and currency, the oldest first.
pub(in super::super) fn revenue(answer: &Value, view: View) -> String {
    table(&answer["revenue"], REVENUE, view, plain_tone)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_period_is_a_line_a_currency() {
        let answer = json!({ "by": "month", "revenue": [
            { "period": "2026-11", "currency": "EGP", "orders": 12, "taken": "1200.00",
              "reversed": 1, "returned": "100.00", "net": "1100.00" },
            { "period": "2026-12", "currency": "EGP", "orders": 0, "taken": "0.00",
              "reversed": 1, "returned": "100.00", "net": "-100.00" },
        ] });
        let view = View { every: false, now_ms: 0, colours: false };
        insta::assert_snapshot!(revenue(&answer, view), @r"
        PERIOD   CURRENCY  ORDERS  TAKEN    REVERSED  RETURNED  NET
        2026-11  EGP       12      1200.00  1         100.00    1100.00
        2026-12  EGP       0       0.00     1         100.00    -100.00
        ");
    }
}
