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

const ACCOUNTS: &[Column] = &[
    column("ACCOUNT", |a| plain(&a["id"])),
    wide("CUSTOMER", |a| plain(&a["customer"])),
    column("FAMILY", |a| plain(&a["family"])),
    column("STATUS", |a| joined(&a["conditions"], |c| &c["type"])),
    column("ENDS", |a| moment(&a["ends_at_ms"])),
    column("USED", |a| bytes(&a["used_bytes"])),
    column("OF", |a| plain(&a["granted"])),
    wide("DEVICES", |a| plain(&a["devices"])),
    column("SERVER", |a| joined(&a["servers"], |s| s)),
    column("WAITS FOR", |a| joined(&a["waits_for"], |w| w)),
    wide("REASON", |a| joined(&a["conditions"], |c| &c["reason"])),
];

/// Some accounts, one a line; a last line says how to see more.
pub(super) fn accounts(answer: &Value, every: bool) -> String {
    let mut page = table(&answer["accounts"], ACCOUNTS, every);
    if let Some(next) = answer["next"].as_str() {
        page.push_str(&format!("\nThere are more: --after {next}\n"));
    }
    page
}

const DUE: &[Column] = &[
    column("AT", |d| moment(&d["at_ms"])),
    column("WHAT", |d| plain(&d["what"])),
    column("ID", |d| plain(&d["id"])),
    wide("CUSTOMER", |d| plain(&d["customer"])),
];

/// What falls due, one a line, the soonest first.
pub(super) fn due(answer: &Value, every: bool) -> String {
    table(answer, DUE, every)
}

const PASSES: &[Column] = &[
    column("AT", |p| moment(&p["at"])),
    column("SERVER", |p| plain(&p["server"])),
    column("LOOK", |p| plain(&p["look"])),
    column("TIMES", |p| plain(&p["times"])),
    wide("OURS", |p| plain(&p["ours"])),
    column("WANTED", |p| below(p, "/wanted/count")),
    column("LET THROUGH", |p| below(p, "/let_through/count")),
    column("WAITING", |p| below(p, "/waits/count")),
    column("ENDED", |p| word(&p["ended"])),
];

/// The last passes, one a line, and below each in the wide form what the guard let through and what was left alone.
pub(super) fn passes(answer: &Value, every: bool) -> String {
    let mut page = table(answer, PASSES, every);
    for pass in answer.as_array().into_iter().flatten().filter(|_| every) {
        let lines =
            ["/let_through/first", "/waits/first"].into_iter().filter_map(|p| pass.pointer(p));
        let lines: Vec<String> = lines.filter_map(Value::as_array).flatten().map(line_of).collect();
        if !lines.is_empty() {
            let (at, server) = (moment(&pass["at"]), plain(&pass["server"]));
            page.push_str(&format!("\n{at} {server}\n{}", lines.concat()));
        }
    }
    page
}

fn line_of(line: &Value) -> String {
    format!("  {}\n", on_one_line(&plain(line)))
}

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
    fn accounts_and_what_is_due_are_a_line_each() {
        let list = json!({ "next": "01KA", "accounts": [{
            "id": "01KA", "customer": "200000000000000001", "family": "basic", "devices": 2,
            "ends_at_ms": 1_764_403_200_000_u64, "used_bytes": 1_610_612_736_u64,
            "granted": "50GiB", "servers": ["fra-1"], "waits_for": ["second_look"],
            "conditions": [{ "type": "Ready", "reason": "served as sold" }],
        }] });
        insta::assert_snapshot!(accounts(&list, false), @r"
        ACCOUNT  FAMILY  STATUS  ENDS                  USED    OF     SERVER  WAITS FOR
        01KA     basic   Ready   2025-11-29T08:00:00Z  1.5GiB  50GiB  fra-1   second_look

        There are more: --after 01KA
        ");
        let soon =
            json!([{ "at_ms": 1_764_403_200_000_u64, "what": "account-ends", "id": "01KA" }]);
        insta::assert_snapshot!(due(&soon, false), @r"
        AT                    WHAT          ID
        2025-11-29T08:00:00Z  account-ends  01KA
        ");
    }

    #[test]
    fn a_pass_is_a_line_and_in_the_wide_form_what_it_did() {
        let answer = json!([{
            "at": 1_764_403_200_000_u64, "server": "fra-1", "look": "list", "times": 1, "ours": 3,
            "wanted": { "count": 2, "first": ["a", "b"] }, "ended": { "failed": "busy: later" },
            "let_through": { "count": 1, "first": ["fra-1: + nl-main-01KA create: ends in 30d"] },
            "waits": { "count": 1, "first": ["01KB waits: held"] },
        }]);
        insta::assert_snapshot!(passes(&answer, true), @r"
        AT                    SERVER  LOOK  TIMES  OURS  WANTED  LET THROUGH  WAITING  ENDED
        2025-11-29T08:00:00Z  fra-1   list  1      3     2       1            1        failed (busy: later)

        2025-11-29T08:00:00Z fra-1
          fra-1: + nl-main-01KA create: ends in 30d
          01KB waits: held
        ");
        assert_eq!(passes(&answer, false).lines().count(), 2);
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
