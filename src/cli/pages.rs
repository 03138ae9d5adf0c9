//! What the running shop says of servers and accounts, as tables.

use super::output::{Column, column, joined, plain, table, wide};
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
    column("DISPOSITION", |b| disposition(&b["disposition"])),
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
        ("Delivery:", plain(&answer["delivery"])),
    ];
    let mut page: String =
        facts.iter().map(|(name, fact)| format!("{name:<10} {fact}\n")).collect();
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

/// `{"Tombstoned": {…}}` or a word.
fn disposition(value: &Value) -> String {
    value.as_object().and_then(|map| map.keys().next().cloned()).unwrap_or_else(|| plain(value))
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

    #[test]
    fn an_account_is_what_was_sold_and_what_became_of_it() {
        let answer = json!({
            "id": "01KA", "customer": "200000000000000001", "family": "basic", "delivery": "Delivered",
            "entitlement": {
                "standing": "Active", "ends_at_ms": 1_764_403_200_000_u64, "granted": "50GiB",
                "used_bytes": 1_610_612_736_u64, "devices": 2,
            },
            "conditions": [{
                "type": "Ready", "reason": "served as sold", "since_ms": 1_764_316_800_000_u64,
                "for_ms": 90_061_000_u64,
            }],
            "bindings": [{
                "server": "fra-1", "disposition": { "Tombstoned": { "since": 5 } }, "problem": null,
                "waits_for": ["cooldown", "claim"], "missing_since_ms": null,
            }],
            "terms": [{
                "seq": 1, "run": 1, "source": "order 7", "length_ms": 2_592_000_000_u64,
                "quota": "50GiB", "price": "100.00 EGP",
            }],
        });
        insta::assert_snapshot!(account(&answer, true), @r"
        Account:   01KA
        Customer:  200000000000000001
        Family:    basic
        Standing:  Active
        Ends:      2025-11-29T08:00:00Z
        Traffic:   1.5GiB of 50GiB
        Devices:   2
        Delivery:  Delivered

        CONDITION  FOR          SINCE                 REASON
        Ready      1d 1h 1m 1s  2025-11-28T08:00:00Z  served as sold

        SERVER  DISPOSITION  WAITS FOR        MISSING SINCE  PROBLEM
        fra-1   Tombstoned   cooldown, claim  -              -

        TERM  RUN  LENGTH  TRAFFIC  PRICE       SOURCE
        1     1    30d     50GiB    100.00 EGP  order 7
        ");
    }
}
