//! One account: what it is, and below it what is true of it, where it is served, and what was sold.

use super::lists::bytes;
use super::table::{
    Column, below, column, facts, joined, moment, plain, plain_tone, printable, table, wide, word,
};
use super::times::{length, told};
use super::view::View;
use serde_json::Value;

const CONDITIONS: &[Column] = &[
    column("CONDITION", |c| plain(&c["type"])),
    moment("SINCE", |c| &c["since_ms"]),
    column("REASON", |c| plain(&c["reason"])),
];

const BINDINGS: &[Column] = &[
    column("SERVER", |b| plain(&b["server"])),
    column("DISPOSITION", |b| word(&b["disposition"])),
    column("WAITS FOR", |b| joined(&b["waits_for"], |w| w)),
    moment("MISSING SINCE", |b| &b["missing_since_ms"]).of_wide(),
    column("PROBLEM", |b| plain(&b["problem"])),
];

const TERMS: &[Column] = &[
    column("TERM", |t| plain(&t["seq"])),
    wide("RUN", |t| plain(&t["run"])),
    column("LENGTH", |t| length(&t["length_ms"])),
    column("TRAFFIC", |t| plain(&t["quota"])),
    column("PRICE", |t| plain(&t["price"])),
    moment("SOLD", |t| &t["at_ms"]),
    column("SOURCE", |t| match t["reversed"].as_bool() {
        Some(true) => format!("{} (reversed)", plain(&t["source"])),
        _ => plain(&t["source"]),
    }),
];

/// One account.
pub(in super::super) fn account(answer: &Value, view: View) -> String {
    let sold = &answer["entitlement"];
    let used = match &sold["used_bytes"] {
        Value::Null => String::new(),
        used => format!("{} of {}", bytes(used), plain(&sold["granted"])),
    };
    let mut delivery = word(&answer["delivery"]);
    if !answer["delivery_at_ms"].is_null() {
        delivery.push_str(&format!(", {}", told(&answer["delivery_at_ms"], view)));
    }
    let mut page = facts(&[
        ("Account:", plain(&answer["id"])),
        ("Customer:", whose(answer)),
        ("Family:", plain(&answer["family"])),
        ("Since:", told(&answer["created_at_ms"], view)),
        ("Standing:", plain(&sold["standing"])),
        ("Suspended:", below(answer, "/suspension/reason")),
        ("Adopted:", adopted(answer, view)),
        ("Released:", released(answer, view)),
        ("Ends:", told(&sold["ends_at_ms"], view)),
        ("Traffic:", used),
        ("Devices:", plain(&sold["devices"])),
        ("Delivery:", delivery),
    ]);
    for (list, columns) in [("conditions", CONDITIONS), ("bindings", BINDINGS), ("terms", TERMS)] {
        page.push('\n');
        page.push_str(&table(&answer[list], columns, view, plain_tone));
    }
    page
}

/// What its client was before it was adopted.
fn adopted(answer: &Value, view: View) -> String {
    let of = &answer["adopted"];
    match of["client"].as_str() {
        Some(name) => {
            let (server, at) = (plain(&of["server"]), told(&of["at_ms"], view));
            format!("{} on {server}, {at}", printable(name))
        }
        None => String::new(),
    }
}

/// That it was given back, and why.
fn released(answer: &Value, view: View) -> String {
    let of = &answer["released"];
    match of["reason"].as_str() {
        Some(why) => {
            let (server, at) = (plain(&of["server"]), told(&of["at_ms"], view));
            format!("{at}, on {server}: {why}")
        }
        None => String::new(),
    }
}

/// A customer: by their id, their name and where they are known.
pub(super) fn whose(answer: &Value) -> String {
    let known = [&answer["customer_name"], &answer["identity"]];
    let known: Vec<&str> = known
        .into_iter()
        .filter_map(|text| text.as_str())
        .filter(|text| !text.is_empty())
        .collect();
    let id = plain(&answer["customer"]);
    if known.is_empty() { id } else { format!("{id} ({})", known.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::admin;
    use crate::controller::LoopStats;
    use crate::model::{AccountStatus, Condition, ConditionKind, ServerId, ServerStatus};
    use crate::view::sample::{self, NOW};

    fn view(every: bool) -> View {
        View { every, now_ms: NOW.0, colours: false }
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
        let (snapshot, catalog) = (sample::snapshot([edits]), sample::catalog());
        let stats = LoopStats::default();
        let account = admin::account_page(&snapshot, &stats, sample::account_id(1), NOW);
        (account.unwrap(), admin::servers_page(&snapshot, &catalog, &stats))
    }

    #[test]
    fn an_account_is_what_was_sold_and_what_became_of_it() {
        insta::assert_snapshot!(account(&answered().0, view(false)), @r"
        Account:   00000200000000000000000001
        Customer:  000000g0000000000000000035 (alice **x**, discord:101)
        Family:    basic
        Since:     now
        Standing:  Active
        Ends:      in 30d
        Traffic:   5GiB of 50GiB
        Devices:   2

        CONDITION  SINCE  REASON
        Ready      now    so

        SERVER  DISPOSITION  WAITS FOR  PROBLEM
        fra-1   serving      -          -

        TERM  LENGTH  TRAFFIC  PRICE       SOLD  SOURCE
        0     30d     50GiB    100.00 EGP  now   order:000001000000000000000000z9
        ");
        insta::assert_snapshot!(account(&answered().0, view(true)), @r"
        Account:   00000200000000000000000001
        Customer:  000000g0000000000000000035 (alice **x**, discord:101)
        Family:    basic
        Since:     now (2026-11-30T00:53:20Z)
        Standing:  Active
        Ends:      in 30d (2026-12-30T00:53:20Z)
        Traffic:   5GiB of 50GiB
        Devices:   2

        CONDITION  SINCE                       REASON
        Ready      now (2026-11-30T00:53:20Z)  so

        SERVER  DISPOSITION  WAITS FOR  MISSING SINCE  PROBLEM
        fra-1   serving      -          -              -

        TERM  RUN  LENGTH  TRAFFIC  PRICE       SOLD                        SOURCE
        0     0    30d     50GiB    100.00 EGP  now (2026-11-30T00:53:20Z)  order:000001000000000000000000z9
        ");
    }

    #[test]
    fn every_column_of_a_server_is_answered() {
        let server = answered().1;
        let server = server.as_array().unwrap().iter().find(|s| s["server"] == "fra-1").unwrap();
        let asked = ["server", "conditions", "bound", "changes_wanted", "waiting", "held", "panel"];
        for key in asked.into_iter().chain(["foreign", "orphans", "lifecycle", "mode", "capacity"])
        {
            assert!(server.get(key).is_some(), "{key}: {server}");
        }
        assert!(super::super::servers(&answered().1, view(false)).contains("fra-1   Ready"));
    }
}
