//! What the running shop says of servers and accounts, as tables.

use super::output::{Column, column, joined, on_one_line, plain, table, wide};
use crate::model::Bytes;
use jiff::{Span, SpanRound, Timestamp, Unit};
use serde_json::Value;

const SERVERS: &[Column] = &[
    column("SERVER", |s| plain(&s["server"])),
    column("STATUS", |s| joined(&s["conditions"], |c| &c["kind"])),
    column("ACCOUNTS", |s| plain(&s["bound"])),
    column("CHANGES", |s| plain(&s["changes_wanted"])),
    column("WAITING", |s| s["report"].as_str().map_or(0, |said| said.lines().count()).to_string()),
    column("HELD", |s| below(s, "/held/fingerprint")),
    wide("PANEL", |s| below(s, "/panel/version")),
    wide("XRAY", |s| below(s, "/panel/xray")),
    wide("FOREIGN", |s| plain(&s["foreign"])),
    wide("ORPHANS", |s| s["orphans"].as_array().map_or(0, Vec::len).to_string()),
    column("REASON", |s| joined(&s["conditions"], |c| &c["reason"])),
];

/// Every server, one a line.
pub(super) fn servers(answer: &Value, every: bool) -> String {
    table(answer, SERVERS, every)
}

const CONDITIONS: &[Column] = &[
    column("CONDITION", |c| plain(&c["type"])),
    column("FOR", |c| length(&c["for_ms"])),
    wide("SINCE", |c| moment(&c["since_ms"])),
    column("REASON", |c| plain(&c["reason"])),
];

const BINDINGS: &[Column] = &[
    column("SERVER", |b| plain(&b["server"])),
    column("DISPOSITION", |b| word(&b["disposition"])),
    column("WAITS FOR", |b| joined(&b["waits_for"], |w| w)),
    wide("MISSING SINCE", |b| moment(&b["missing_since_ms"])),
    column("PROBLEM", |b| plain(&b["problem"])),
];

const TERMS: &[Column] = &[
    column("TERM", |t| plain(&t["seq"])),
    wide("RUN", |t| plain(&t["run"])),
    column("LENGTH", |t| length(&t["length_ms"])),
    column("TRAFFIC", |t| plain(&t["quota"])),
    column("PRICE", |t| plain(&t["price"])),
    column("SOURCE", |t| plain(&t["source"])),
];

/// One account: what it is, and below it what is true of it, where it is served, and what was sold.
pub(super) fn account(answer: &Value, every: bool) -> String {
    let sold = &answer["entitlement"];
    let used = match &sold["used_bytes"] {
        Value::Null => String::new(),
        used => format!("{} of {}", bytes(used), plain(&sold["granted"])),
    };
    let facts = [
        ("Account:", plain(&answer["id"])),
        ("Customer:", plain(&answer["customer"])),
        ("Family:", plain(&answer["family"])),
        ("Standing:", plain(&sold["standing"])),
        ("Ends:", moment(&sold["ends_at_ms"])),
        ("Traffic:", used),
        ("Devices:", plain(&sold["devices"])),
        ("Delivery:", word(&answer["delivery"])),
    ];
    let mut page: String =
        facts.iter().map(|(name, fact)| format!("{name:<10} {}\n", on_one_line(fact))).collect();
    for (list, columns) in [("conditions", CONDITIONS), ("bindings", BINDINGS), ("terms", TERMS)] {
        page.push('\n');
        page.push_str(&table(&answer[list], columns, every));
    }
    page
}

/// What stands at a JSON pointer.
fn below(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).map_or_else(String::new, plain)
}

/// A word, or one with more below it: `tombstoned`, `undelivered (dm_closed)`.
fn word(value: &Value) -> String {
    match value.as_object().and_then(|map| map.iter().next()) {
        Some((word, Value::String(why))) => format!("{word} ({why})"),
        Some((word, _)) => word.clone(),
        None => plain(value),
    }
}

fn bytes(value: &Value) -> String {
    value.as_u64().map_or_else(String::new, |n| Bytes(n).to_string())
}

/// A moment in UTC.
fn moment(value: &Value) -> String {
    let ms = value.as_u64().and_then(|ms| i64::try_from(ms).ok());
    let at = ms.and_then(|ms| Timestamp::from_millisecond(ms).ok());
    at.map_or_else(String::new, |at| format!("{at:.0}"))
}

/// A length of time in days of 24 h, down to seconds.
fn length(value: &Value) -> String {
    let whole = SpanRound::new().largest(Unit::Day).days_are_24_hours();
    let seconds = value.as_u64().and_then(|ms| i64::try_from(ms / 1_000).ok());
    let span = seconds.and_then(|s| Span::new().try_seconds(s).ok()?.round(whole).ok());
    span.map_or_else(String::new, |span| format!("{span:#}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::admin;
    use crate::controller::LoopStats;
    use crate::model::{AccountStatus, Condition, ConditionKind, ServerId, ServerStatus};
    use crate::view::sample::{self, NOW};
    use serde_json::json;

    #[test]
    fn servers_are_a_line_each_with_what_is_wrong_at_its_end() {
        let answer = json!([
            {
                "server": "fra-1", "bound": 120, "changes_wanted": 1, "held": null, "foreign": 2,
                "panel": { "version": "3.6.0", "xray": "running" }, "orphans": ["a"],
                "report": "01J waits: cooldown",
                "conditions": [{ "kind": "Ready", "reason": "asked and answered", "since": 1 }],
            },
            {
                "server": "ams-1", "bound": 0, "changes_wanted": null, "held": null, "foreign": 0,
                "panel": null, "orphans": [], "report": null,
                "conditions": [{ "kind": "Unreachable", "reason": "connection refused", "since": 1 }],
            },
        ]);
        insta::assert_snapshot!(servers(&answer, false), @r"
        SERVER  STATUS       ACCOUNTS  CHANGES  WAITING  HELD  REASON
        fra-1   Ready        120       1        1        -     asked and answered
        ams-1   Unreachable  0         -        0        -     connection refused
        ");
        let titles = servers(&answer, true).lines().next().unwrap_or_default().to_owned();
        assert!(titles.contains("PANEL") && titles.ends_with("REASON"), "{titles}");
    }

    /// What the running shop answers, not what we believe that it does.
    fn answered() -> (Value, Value) {
        let fra: ServerId = "fra-1".parse().unwrap();
        let ready = Condition { kind: ConditionKind::Ready, reason: "so".into(), since: NOW };
        let conditions = vec![ready];
        let stands =
            AccountStatus { account: sample::account_id(1), conditions: conditions.clone() };
        let seen = ServerStatus { conditions, ..ServerStatus::new(fra) };
        let mut edits = sample::served_account(1, true);
        edits.put(stands);
        edits.put(seen);
        let snapshot = sample::snapshot([edits]);
        let stats = LoopStats::default();
        let account = admin::account_page(&snapshot, &stats, sample::account_id(1), NOW);
        (account.unwrap(), admin::servers_page(&snapshot, &stats))
    }

    #[test]
    fn an_account_is_what_was_sold_and_what_became_of_it() {
        insta::assert_snapshot!(account(&answered().0, true), @r"
        Account:   00000200000000000000000001
        Customer:  101
        Family:    basic
        Standing:  Active
        Ends:      2026-12-30T00:53:20Z
        Traffic:   5GiB of 50GiB
        Devices:   2
        Delivery:  -

        CONDITION  FOR  SINCE                 REASON
        Ready      0s   2026-11-30T00:53:20Z  so

        SERVER  DISPOSITION  WAITS FOR  MISSING SINCE  PROBLEM
        fra-1   serving      -          -              -

        TERM  RUN  LENGTH  TRAFFIC  PRICE       SOURCE
        0     0    30d     50GiB    100.00 EGP  order:000001000000000000000000z9
        ");
    }

    #[test]
    fn every_column_of_a_server_is_answered() {
        let server = &answered().1[0];
        let asked = ["server", "conditions", "bound", "changes_wanted", "report", "held", "panel"];
        for key in asked.into_iter().chain(["foreign", "orphans"]) {
            assert!(server.get(key).is_some(), "{key}: {server}");
        }
        assert!(servers(&answered().1, false).contains("fra-1   Ready"));
    }

    #[test]
    fn words_that_have_more_below_them_are_one_cell() {
        assert_eq!(word(&json!({ "tombstoned": { "since": 5 } })), "tombstoned");
        assert_eq!(word(&json!({ "undelivered": "dm_closed" })), "undelivered (dm_closed)");
        assert_eq!(word(&json!("serving")), "serving");
        assert_eq!(length(&json!(90_061_000_u64)), "1d 1h 1m 1s");
    }
}
