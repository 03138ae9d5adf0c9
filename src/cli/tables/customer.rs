//! One customer: who they are, what they have, and what they ordered.

use super::table::{Column, column, facts, joined, moment, plain, plain_tone, table};
use super::times::told;
use super::view::View;
use serde_json::Value;

const ACCOUNTS: &[Column] = &[
    column("ACCOUNT", |a| plain(&a["id"])),
    column("FAMILY", |a| plain(&a["family"])),
    column("STANDING", |a| plain(&a["standing"])),
    column("STATUS", |a| joined(&a["conditions"], |c| &c["type"])),
    moment("ENDS", |a| &a["ends_at_ms"]),
    column("SERVER", |a| plain(&a["server"])),
];

const ORDERS: &[Column] = &[
    column("OPEN ORDER", |o| plain(&o["id"])),
    column("STATUS", |o| plain(&o["state"])),
    column("PLAN", |o| plain(&o["plan"])),
    column("PRICE", |o| plain(&o["price"])),
    moment("PLACED", |o| &o["placed_at_ms"]),
];

/// One customer.
pub(in super::super) fn customer(answer: &Value, view: View) -> String {
    let mut page = facts(&[
        ("Customer:", plain(&answer["id"])),
        ("Known as:", joined(&answer["identities"], |identity| identity)),
        ("Name:", plain(&answer["name"])),
        ("Language:", plain(&answer["language"])),
        ("Since:", told(&answer["since_ms"], view)),
        ("Note:", note(answer, view)),
        ("Forgotten:", forgotten(answer, view)),
        ("Invites by:", plain(&answer["invites_by"])),
        ("Invited by:", plain(&answer["invited_by"])),
    ]);
    for (list, columns) in [("has", ACCOUNTS), ("orders", ORDERS)] {
        if answer[list].as_array().is_some_and(|rows| !rows.is_empty()) {
            page.push('\n');
            page.push_str(&table(&answer[list], columns, view, plain_tone));
        }
    }
    page
}

/// What staff wrote down of them, who and when.
fn note(answer: &Value, view: View) -> String {
    let (text, by) = (plain(&answer["note"]), plain(&answer["noted_by"]));
    if text.is_empty() {
        return text;
    }
    format!("{text} ({by}, {})", told(&answer["noted_at_ms"], view))
}

/// When they were forgotten, and whether something names them still.
fn forgotten(answer: &Value, view: View) -> String {
    if answer["forgotten_at_ms"].is_null() {
        return String::new();
    }
    let when = told(&answer["forgotten_at_ms"], view);
    match answer["being_forgotten"].as_bool() {
        Some(true) => format!("{when}; what still names them is being deleted"),
        _ => format!("{when}; nothing names them any more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NOW: u64 = 1_764_403_200_000;

    fn view(every: bool) -> View {
        View { every, now_ms: NOW, colours: false }
    }

    #[test]
    fn a_customer_is_who_they_are_what_they_have_and_what_they_ordered() {
        let mut answer = json!({
            "id": "01kc", "identities": ["discord:200000000000000001"], "name": "ali\nce",
            "language": "ar", "since_ms": NOW - 86_400_000, "has": [], "orders": [], "note": null,
        });
        insta::assert_snapshot!(customer(&answer, view(false)), @r"
        Customer:  01kc
        Known as:  discord:200000000000000001
        Name:      ali ce
        Language:  ar
        Since:     1d ago
        ");
        answer["note"] = json!("pays late,\n\u{1b}[2Jalways does");
        answer["noted_by"] = json!("cli:root");
        answer["noted_at_ms"] = json!(NOW - 3_600_000);
        let mut gone = json!({ "id": "01kc", "since_ms": NOW, "forgotten_at_ms": NOW - 60_000 });
        insta::assert_snapshot!(customer(&gone, view(false)), @r"
        Customer:   01kc
        Since:      now
        Forgotten:  1m ago; nothing names them any more
        ");
        gone["being_forgotten"] = json!(true);
        assert!(customer(&gone, view(false)).contains("is being deleted"));
        answer["has"] = json!([{
            "id": "01ka", "family": "basic", "standing": "Active", "ends_at_ms": NOW + 12 * 86_400_000,
            "server": "fra-1", "conditions": [{ "type": "Ready" }],
        }]);
        answer["orders"] = json!([{
            "id": "01kb", "state": "awaiting-review", "plan": "basic-30", "price": "100.00 EGP",
            "placed_at_ms": NOW - 3 * 3_600_000,
        }]);
        insta::assert_snapshot!(customer(&answer, view(false)), @r"
        Customer:  01kc
        Known as:  discord:200000000000000001
        Name:      ali ce
        Language:  ar
        Since:     1d ago
        Note:      pays late,  [2Jalways does (cli:root, 1h ago)

        ACCOUNT  FAMILY  STANDING  STATUS  ENDS    SERVER
        01ka     basic   Active    Ready   in 12d  fra-1

        OPEN ORDER  STATUS           PLAN      PRICE       PLACED
        01kb        awaiting-review  basic-30  100.00 EGP  3h ago
        ");
    }
}
