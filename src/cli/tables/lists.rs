//! Lists: a line each.

use super::table::{
    Column, Tone, below, column, joined, moment, on_one_line, plain, plain_tone, prices, selector,
    sort, table, wide,
};
use super::times::{absolute, length};
use super::view::View;
use crate::model::Bytes;
use serde_json::Value;

const SERVERS: &[Column] = &[
    column("SERVER", |s| plain(&s["server"])),
    column("STATUS", |s| joined(&s["conditions"], |c| &c["kind"])),
    column("LIFECYCLE", |s| plain(&s["lifecycle"])),
    column("ACCOUNTS", |s| plain(&s["bound"])),
    column("OF", |s| plain(&s["capacity"])),
    column("CHANGES", |s| plain(&s["changes_wanted"])),
    column("WAITING", |s| plain(&s["waiting"])),
    column("HELD", |s| below(s, "/held/fingerprint")),
    wide("MODE", |s| plain(&s["mode"])),
    wide("TO MOVE", |s| below(s, "/moves/waiting")),
    wide("MOVING", |s| below(s, "/moves/under_way")),
    wide("PANEL", |s| below(s, "/panel/version")),
    wide("XRAY", |s| below(s, "/panel/xray")),
    wide("FOREIGN", |s| plain(&s["foreign"])),
    wide("ORPHANS", |s| s["orphans"].as_array().map_or(0, Vec::len).to_string()),
    column("REASON", |s| joined(&s["conditions"], |c| &c["reason"])),
];

/// Every server, one a line.
pub(in super::super) fn servers(answer: &Value, view: View) -> String {
    table(answer, SERVERS, view, Tone::of_conditions)
}

const ACCOUNTS: &[Column] = &[
    column("ACCOUNT", |a| plain(&a["id"])),
    wide("CUSTOMER", |a| plain(&a["customer"])),
    wide("IDENTITY", |a| plain(&a["identity"])),
    column("NAME", |a| plain(&a["customer_name"])),
    column("FAMILY", |a| plain(&a["family"])),
    column("STATUS", |a| joined(&a["conditions"], |c| &c["type"])),
    moment("ENDS", |a| &a["ends_at_ms"]),
    column("USED", |a| bytes(&a["used_bytes"])),
    column("OF", |a| plain(&a["granted"])),
    wide("DEVICES", |a| plain(&a["devices"])),
    column("SERVER", |a| joined(&a["servers"], |s| s)),
    column("WAITS FOR", |a| joined(&a["waits_for"], |w| w)),
    wide("REASON", |a| joined(&a["conditions"], |c| &c["reason"])),
];

/// Some accounts, one a line; a last line says how to see more.
pub(in super::super) fn accounts(answer: &Value, view: View) -> String {
    table(&answer["accounts"], ACCOUNTS, view, Tone::of_conditions) + &more(answer)
}

const ORDERS: &[Column] = &[
    column("ORDER", |o| plain(&o["reference"])),
    wide("ID", |o| plain(&o["id"])),
    wide("CUSTOMER", |o| plain(&o["customer"])),
    wide("IDENTITY", |o| plain(&o["identity"])),
    column("NAME", |o| plain(&o["customer_name"])),
    column("STATUS", |o| plain(&o["state"])),
    column("PLAN", |o| plain(&o["plan"])),
    column("PRICE", |o| plain(&o["price"])),
    column("BY", |o| plain(&o["method"])),
    column("PROOFS", |o| plain(&o["proofs"])),
    moment("PLACED", |o| &o["placed_at_ms"]),
    moment("SETTLED", |o| &o["settled_at_ms"]).of_wide(),
    wide("RENEWS", |o| plain(&o["renews"])),
    column("ACCOUNT", |o| plain(&o["account"])),
];

/// Some orders, one a line, the newest first.
pub(in super::super) fn orders(answer: &Value, view: View) -> String {
    let tone = |order: &Value| match order["state"].as_str() {
        Some("awaiting-review") => Tone::Busy,
        Some("expired" | "cancelled" | "declined" | "reversed") => Tone::Dim,
        _ => Tone::Plain,
    };
    table(&answer["orders"], ORDERS, view, tone) + &more(answer)
}

const CUSTOMERS: &[Column] = &[
    column("CUSTOMER", |c| plain(&c["id"])),
    column("IDENTITY", |c| joined(&c["identities"], |identity| identity)),
    column("NAME", |c| plain(&c["name"])),
    column("ACCOUNTS", |c| plain(&c["accounts"])),
    column("STATUS", |c| joined(&c["conditions"], |c| &c["type"])),
    column("OPEN ORDERS", |c| plain(&c["open_orders"])),
    wide("FAMILIES", |c| joined(&c["families"], |family| family)),
    moment("SINCE", |c| &c["since_ms"]),
];

/// Some customers, one a line.
pub(in super::super) fn customers(answer: &Value, view: View) -> String {
    table(&answer["customers"], CUSTOMERS, view, Tone::of_conditions) + &more(answer)
}

const TICKETS: &[Column] = &[
    column("TICKET", |t| plain(&t["number"])),
    wide("ID", |t| plain(&t["id"])),
    wide("CUSTOMER", |t| plain(&t["customer"])),
    column("IDENTITY", |t| plain(&t["identity"])),
    column("NAME", |t| plain(&t["customer_name"])),
    moment("OPENED", |t| &t["opened_at_ms"]),
    moment("WAITS SINCE", |t| &t["waits_since_ms"]),
    moment("ANSWERED", |t| &t["answered_at_ms"]),
    wide("THREAD", |t| below(t, "/surfaces/0/state")),
];

/// Some open tickets, one a line, the most urgent first.
pub(in super::super) fn tickets(answer: &Value, view: View) -> String {
    let tone = |ticket: &Value| match ticket["waits_since_ms"].is_null() {
        true => Tone::Plain,
        false => Tone::Busy,
    };
    table(&answer["tickets"], TICKETS, view, tone) + &more(answer)
}

const BROADCASTS: &[Column] = &[
    column("BROADCAST", |b| plain(&b["id"])),
    column("STATE", |b| plain(&b["state"])),
    column("TO", |b| plain(&b["to"])),
    wide("BY", |b| plain(&b["by"])),
    column("REACH", |b| plain(&b["reach"])),
    column("SENT", |b| plain(&b["sent"])),
    column("CLOSED", |b| plain(&b["closed"])),
    column("MUTED", |b| plain(&b["muted"])),
    wide("UNKNOWN", |b| plain(&b["unknown"])),
    moment("WRITTEN", |b| &b["drafted_at_ms"]),
    moment("SINCE", |b| &b["sending_since_ms"]).of_wide(),
    moment("ENDED", |b| &b["ended_at_ms"]),
];

/// The broadcasts that are remembered, one a line, the newest first.
pub(in super::super) fn broadcasts(answer: &Value, view: View) -> String {
    let tone = |broadcast: &Value| match broadcast["state"].as_str() {
        Some("sending") => Tone::Busy,
        Some("draft") => Tone::Dim,
        _ => Tone::Plain,
    };
    table(&answer["broadcasts"], BROADCASTS, view, tone)
}

const PLANS: &[Column] = &[
    column("PLAN", |p| plain(&p["id"])),
    column("FAMILY", |p| plain(&p["family"])),
    column("NAME", |p| plain(&p["name"])),
    column("PRICES", prices),
    column("LENGTH", |p| length(&p["length_ms"])),
    column("TRAFFIC", |p| plain(&p["traffic"])),
    column("DEVICES", |p| plain(&p["devices"])),
    wide("SERVERS", |p| selector(&p["servers"])),
    column("LIFECYCLE", |p| match p["removed"].as_bool() {
        Some(true) => "removed".to_owned(),
        _ => plain(&p["lifecycle"]),
    }),
    column("SOLD", |p| plain(&p["terms_sold"])),
];

/// Every plan, one a line.
pub(in super::super) fn plans(answer: &Value, view: View) -> String {
    table(&answer["plans"], PLANS, view, plain_tone)
}

const PROMOS: &[Column] = &[
    column("PROMO", |p| plain(&p["id"])),
    column("CODE", |p| plain(&p["code"])),
    column("GIVES", |p| plain(&p["gives"])),
    wide("PLANS", |p| promo_plans(&p["plans"])),
    column("VALID", |p| plain(&p["valid"])),
    column("USES", |p| plain(&p["uses"])),
    column("OF", |p| plain(&p["limit"])),
    wide("PER CUSTOMER", |p| plain(&p["per_customer"])),
    column("STATE", |p| plain(&p["state"])),
];

/// Every promo code, one a line.
pub(in super::super) fn promos(answer: &Value, view: View) -> String {
    let tone = |promo: &Value| match promo["state"].as_str() {
        Some("active") => Tone::Plain,
        _ => Tone::Dim,
    };
    table(&answer["promos"], PROMOS, view, tone)
}

/// Which plans a code is for: all, or these, or those of these families.
fn promo_plans(plans: &Value) -> String {
    let named = |key: &str| plans[key].is_array().then(|| joined(&plans[key], |id| id));
    let families = named("families").map(|families| format!("families {families}"));
    families.or_else(|| named("ids")).unwrap_or_else(|| plain(plans))
}

const DUE: &[Column] = &[
    moment("DUE", |d| &d["at_ms"]),
    column("WHAT", |d| plain(&d["what"])),
    column("ID", |d| plain(&d["id"])),
    wide("CUSTOMER", |d| plain(&d["customer"])),
];

/// What falls due, one a line, the soonest first.
pub(in super::super) fn due(answer: &Value, view: View) -> String {
    table(answer, DUE, view, plain_tone)
}

/// How a pass ended, with why where it failed.
fn ended(ended: &Value) -> String {
    let failed = &ended["failed"];
    match failed["code"].as_str() {
        Some(code) => format!("failed ({code}: {})", plain(&failed["said"])),
        None => plain(ended),
    }
}

const PASSES: &[Column] = &[
    moment("WHEN", |p| &p["at"]),
    column("SERVER", |p| plain(&p["server"])),
    column("LOOK", |p| plain(&p["look"])),
    column("TIMES", |p| plain(&p["times"])),
    wide("OURS", |p| plain(&p["ours"])),
    column("WANTED", |p| below(p, "/wanted/count")),
    column("LET THROUGH", |p| below(p, "/let_through/count")),
    column("WAITING", |p| below(p, "/waits/count")),
    column("ENDED", |p| ended(&p["ended"])),
];

/// The last passes, one a line, and below each in the wide form what the guard let through, what it did not,
/// and what was left alone.
pub(in super::super) fn passes(answer: &Value, view: View) -> String {
    let tone = |p: &Value| if p["ended"].is_object() { Tone::Bad } else { Tone::Plain };
    let mut page = table(answer, PASSES, view, tone);
    for pass in answer.as_array().into_iter().flatten().filter(|_| view.every) {
        let kinds =
            [("", "/let_through/first"), ("not sent: ", "/left_out/first"), ("", "/waits/first")];
        let of_kind = |(word, path)| {
            let lines = pass.pointer(path).and_then(Value::as_array).into_iter().flatten();
            lines.map(move |line| line_of(word, line))
        };
        let lines: Vec<String> = kinds.into_iter().flat_map(of_kind).collect();
        if !lines.is_empty() {
            let (at, server) = (absolute(&pass["at"]), plain(&pass["server"]));
            page.push_str(&format!("\n{at} {server}\n{}", lines.concat()));
        }
    }
    page
}

fn line_of(word: &str, line: &Value) -> String {
    format!("  {word}{}\n", on_one_line(&plain(line)))
}

/// How to see the rest of a list.
pub(super) fn more(answer: &Value) -> String {
    let next = answer["next"].as_str();
    next.map_or_else(String::new, |next| format!("\nThere are more: --after {next}\n"))
}

pub(super) fn bytes(value: &Value) -> String {
    value.as_u64().map_or_else(String::new, |n| Bytes(n).to_string())
}

/// Lists that come whole, and can be sorted therefore.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum List {
    Servers,
    Plans,
    Promos,
    Passes,
}

/// Sorts the rows of a whole list by the title of a column.
pub(in super::super) fn sort_by(answer: &mut Value, list: List, by: &str) -> Result<(), String> {
    match list {
        List::Servers => sort(answer, SERVERS, by),
        List::Passes => sort(answer, PASSES, by),
        List::Plans => sort(&mut answer["plans"], PLANS, by),
        List::Promos => sort(&mut answer["promos"], PROMOS, by),
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
    fn servers_are_a_line_each_with_what_is_wrong_at_its_end() {
        let answer = json!([
            {
                "server": "fra-1", "bound": 120, "changes_wanted": 1, "held": null, "foreign": 2,
                "panel": { "version": "3.6.0", "xray": "running" }, "orphans": ["a"],
                "waiting": 1, "lifecycle": "active", "capacity": 200,
                "conditions": [{ "kind": "Ready", "reason": "asked and answered", "since": 1 }],
            },
            {
                "server": "ams-1", "bound": 0, "changes_wanted": null, "held": null, "foreign": 0,
                "panel": null, "orphans": [], "waiting": null, "lifecycle": "cordoned", "capacity": 50,
                "conditions": [{ "kind": "Unreachable", "reason": "connection refused", "since": 1 }],
            },
        ]);
        insta::assert_snapshot!(servers(&answer, view(false)), @r"
        SERVER  STATUS       LIFECYCLE  ACCOUNTS  OF   CHANGES  WAITING  HELD  REASON
        fra-1   Ready        active     120       200  1        1        -     asked and answered
        ams-1   Unreachable  cordoned   0         50   -        -        -     connection refused
        ");
        let titles = servers(&answer, view(true)).lines().next().unwrap_or_default().to_owned();
        assert!(titles.contains("PANEL") && titles.ends_with("REASON"), "{titles}");
    }

    #[test]
    fn accounts_orders_and_customers_are_a_line_each_and_say_how_to_see_more() {
        let list = json!({ "next": "01KA", "accounts": [{
            "id": "01KA", "customer": "200000000000000001", "family": "basic", "devices": 2,
            "ends_at_ms": NOW + 12 * 86_400_000, "used_bytes": 1_610_612_736_u64,
            "granted": "50GiB", "servers": ["fra-1"], "waits_for": ["second_look"],
            "customer_name": "alice", "conditions": [{ "type": "Ready", "reason": "served as sold" }],
        }] });
        insta::assert_snapshot!(accounts(&list, view(false)), @r"
        ACCOUNT  NAME   FAMILY  STATUS  ENDS    USED    OF     SERVER  WAITS FOR
        01KA     alice  basic   Ready   in 12d  1.5GiB  50GiB  fra-1   second_look

        There are more: --after 01KA
        ");
        let list = json!({ "next": null, "orders": [{
            "id": "01KB", "reference": "NL-7K3QX2", "customer": "200000000000000001", "customer_name": "alice",
            "state": "awaiting-review", "plan": "basic-30", "price": "100.00 EGP", "method": "cash",
            "proofs": 1, "placed_at_ms": NOW - 3 * 3_600_000, "account": null, "renews": "01KA",
        }] });
        insta::assert_snapshot!(orders(&list, view(false)), @r"
        ORDER      NAME   STATUS           PLAN      PRICE       BY    PROOFS  PLACED  ACCOUNT
        NL-7K3QX2  alice  awaiting-review  basic-30  100.00 EGP  cash  1       3h ago  -
        ");
        let list = json!({ "next": null, "customers": [{
            "id": "01kc", "identities": ["discord:200000000000000001"], "name": "alice", "accounts": 1, "open_orders": 1,
            "since_ms": NOW - 86_400_000, "conditions": [], "families": ["basic"],
        }] });
        insta::assert_snapshot!(customers(&list, view(true)), @r"
        CUSTOMER  IDENTITY                    NAME   ACCOUNTS  STATUS  OPEN ORDERS  FAMILIES  SINCE
        01kc      discord:200000000000000001  alice  1         -       1            basic     1d ago (2025-11-28T08:00:00Z)
        ");
    }

    #[test]
    fn plans_and_what_falls_due_are_a_line_each() {
        let list = json!({ "plans": [{
            "id": "basic-30", "family": "basic", "name": "Basic", "prices": ["100.00 EGP", "2.10 USD"], "trial": false,
            "length_ms": 30 * 86_400_000_u64, "traffic": "50GiB", "devices": 2, "servers": "any",
            "lifecycle": "active", "removed": false, "terms_sold": 7,
        }] });
        insta::assert_snapshot!(plans(&list, view(true)), @r"
        PLAN      FAMILY  NAME   PRICES                LENGTH  TRAFFIC  DEVICES  SERVERS  LIFECYCLE  SOLD
        basic-30  basic   Basic  100.00 EGP, 2.10 USD  30d     50GiB    2        any      active     7
        ");
        let soon = json!([{ "at_ms": NOW + 60_000, "what": "account-ends", "id": "01KA" }]);
        insta::assert_snapshot!(due(&soon, view(false)), @r"
        DUE    WHAT          ID
        in 1m  account-ends  01KA
        ");
    }

    #[test]
    fn a_pass_is_a_line_and_in_the_wide_form_what_it_did() {
        let answer = json!([{
            "at": NOW - 5_000, "server": "fra-1", "look": "list", "times": 1, "ours": 3,
            "wanted": { "count": 2, "first": ["a", "b"] }, "ended": { "failed": { "code": "busy", "said": "later" } },
            "let_through": { "count": 1, "first": ["fra-1: + nl-main-01KA create: ends in 30d"] },
            "left_out": { "count": 1, "first": ["fra-1: - nl-main-01KB off (expired)"] },
            "waits": { "count": 1, "first": ["01KB waits: held"] },
        }]);
        insta::assert_snapshot!(passes(&answer, view(true)), @r"
        WHEN                           SERVER  LOOK  TIMES  OURS  WANTED  LET THROUGH  WAITING  ENDED
        5s ago (2025-11-29T07:59:55Z)  fra-1   list  1      3     2       1            1        failed (busy: later)

        2025-11-29T07:59:55Z fra-1
          fra-1: + nl-main-01KA create: ends in 30d
          not sent: fra-1: - nl-main-01KB off (expired)
          01KB waits: held
        ");
        assert_eq!(passes(&answer, view(false)).lines().count(), 2);
    }
}
