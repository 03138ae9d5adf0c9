//! One order: what was asked, what came of it, and what people see of it.

use super::account::whose;
use super::lists::bytes;
use super::table::{Column, column, facts, moment, plain, plain_tone, selector, table};
use super::times::{length, told};
use super::view::View;
use serde_json::Value;

const PROOFS: &[Column] = &[
    column("PROOF", |p| plain(&p["file"])),
    column("SIZE", |p| bytes(&p["size_bytes"])),
    moment("CAME", |p| &p["at_ms"]),
    moment("DELETED", |p| &p["deleted_at_ms"]),
];

const SURFACES: &[Column] = &[
    column("SURFACE", |s| plain(&s["kind"])),
    column("STATE", |s| plain(&s["state"])),
    column("REFUSED", |s| plain(&s["refused"])),
];

/// One order.
pub(in super::super) fn order(answer: &Value, view: View) -> String {
    let sold = &answer["sold"];
    let plan = format!(
        "{}: {}, {}, {} devices, on {}",
        plain(&answer["plan"]),
        length(&sold["length_ms"]),
        plain(&sold["traffic"]),
        plain(&sold["devices"]),
        selector(&sold["servers"]),
    );
    let decision = &answer["decision"];
    let by = |what: &Value| match what["by"].as_str() {
        None => String::new(),
        Some(by) => {
            let why = what["reason"].as_str().map_or_else(String::new, |why| format!(": {why}"));
            format!("{}, by {by}{why}", told(&what["at_ms"], view))
        }
    };
    let verdict = match decision["verdict"].as_str() {
        Some(verdict) => format!("{verdict} {}", by(decision)),
        None => String::new(),
    };
    let mut page = facts(&[
        ("Order:", format!("{} ({})", plain(&answer["reference"]), plain(&answer["id"]))),
        ("Customer:", whose(answer)),
        ("State:", plain(&answer["state"])),
        ("Plan:", plan),
        ("Catalog:", files(&sold["revision"], &sold["commit"])),
        ("Renews:", plain(&answer["renews"])),
        ("Price:", format!("{} by {}", plain(&answer["price"]), plain(&answer["method"]))),
        ("Code:", code(answer)),
        ("Placed:", told(&answer["placed_at_ms"], view)),
        ("Pay by:", told(&answer["pay_by_ms"], view)),
        ("Keeps its place:", told(&answer["place_until_ms"], view)),
        ("Decision:", verdict),
        ("Payment number:", plain(&decision["reference"])),
        ("Reopened:", by(&answer["reopened"])),
        ("Reversed:", by(&answer["reversed"])),
        ("Cancelled:", by(&answer["cancelled"])),
        ("Account:", plain(&answer["account"])),
    ]);
    for (list, columns) in [("evidence", PROOFS), ("surfaces", SURFACES)] {
        if answer[list].as_array().is_some_and(|rows| !rows.is_empty()) {
            page.push('\n');
            page.push_str(&table(&answer[list], columns, view, plain_tone));
        }
    }
    page
}

/// The promo code that took something off, and what the price was without it.
fn code(answer: &Value) -> String {
    let full = || plain(&answer["full_price"]);
    answer["promo"]
        .as_str()
        .map_or_else(String::new, |code| format!("{code}, instead of {}", full()))
}

/// The revision of the files that were shown, and the commit that it came from.
fn files(revision: &Value, commit: &Value) -> String {
    let of = commit.as_str().map(|commit| format!(" (commit {commit})"));
    format!("{}{}", plain(revision), of.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_order_is_what_was_asked_and_what_came_of_it() {
        let day = 86_400_000_u64;
        let now_ms = 1_764_403_200_000_u64;
        let answer = json!({
            "id": "01KB", "reference": "NL-7K3QX2", "customer": "200000000000000001", "customer_name": "alice",
            "state": "declined", "plan": "basic-30", "price": "100.00 EGP", "method": "cash",
            "placed_at_ms": now_ms - 2 * day, "pay_by_ms": now_ms - day, "place_until_ms": null,
            "sold": { "length_ms": 30 * day, "traffic": "50GiB", "devices": 2, "servers": "any",
                "revision": "86b0c5a91d20", "commit": "4be1f0a2c7" },
            "decision": { "verdict": "declined", "by": "cli:omar", "at_ms": now_ms - day, "reason": "not paid" },
            "evidence": [{ "file": "ab.png", "size_bytes": 2_048, "at_ms": now_ms - day }],
            "surfaces": [{ "kind": "order-thread", "state": "shown", "refused": null }],
        });
        let view = View { every: false, now_ms, colours: false };
        insta::assert_snapshot!(order(&answer, view), @r"
        Order:     NL-7K3QX2 (01KB)
        Customer:  200000000000000001 (alice)
        State:     declined
        Plan:      basic-30: 30d, 50GiB, 2 devices, on any
        Catalog:   86b0c5a91d20 (commit 4be1f0a2c7)
        Price:     100.00 EGP by cash
        Placed:    2d ago
        Pay by:    1d ago
        Decision:  declined 1d ago, by cli:omar: not paid

        PROOF   SIZE  CAME    DELETED
        ab.png  2KiB  1d ago  -

        SURFACE       STATE  REFUSED
        order-thread  shown  -
        ");
    }
}
