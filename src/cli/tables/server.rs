//! One server: what its file says, what was last seen of it, and what is left alone there.

use super::table::{Column, Tone, column, facts, joined, moment, plain, plain_tone, table};
use super::times::told;
use super::view::View;
use serde_json::Value;

const CONDITIONS: &[Column] = &[
    column("CONDITION", |c| plain(&c["kind"])),
    moment("SINCE", |c| &c["since"]),
    column("REASON", |c| plain(&c["reason"])),
];

const INBOUNDS: &[Column] = &[
    column("INBOUND", |i| plain(&i["id"])),
    column("REMARK", |i| plain(&i["remark"])),
    column("PROTOCOL", |i| plain(&i["protocol"])),
    column("PORT", |i| plain(&i["port"])),
    column("ON", |i| if i["on"] == true { "yes" } else { "no" }.to_owned()),
];

const WAITS: &[Column] = &[
    column("WAITS", |w| w["account"].as_str().unwrap_or("the server").to_owned()),
    column("FOR", |w| plain(&w["reason"])),
];

const CHANGES: &[Column] = &[
    column("WANTED", |c| plain(&c["account"])),
    column("DOES", |c| joined(&c["does"], |verb| verb)),
    column("BECAUSE", |c| plain(&c["why"])),
    column("SENT", |c| if c["let_through"] == true { "yes" } else { "no" }.to_owned()),
    column("FIELDS", |c| {
        let fields = c["fields"].as_array().into_iter().flatten();
        let change = |f: &Value| {
            format!("{} {} → {}", plain(&f["field"]), plain(&f["before"]), plain(&f["after"]))
        };
        fields.map(change).collect::<Vec<_>>().join(", ")
    }),
];

const HELD: &[Column] =
    &[column("HELD", |h| plain(&h["account"])), column("CHANGE", |h| plain(&h["verb"]))];

/// What the panel calls itself, and where its accounts were made on another one, that.
fn identity(answer: &Value) -> String {
    let at = |path| answer.pointer(path).map_or_else(String::new, plain);
    let (is, was) = (at("/panel/identity"), at("/home/panel"));
    if was.is_empty() || is.is_empty() || is == was { is } else { format!("{is}; was {was}") }
}

/// How many changes the last list wanted, by what they do; on a server that is only observed none of them
/// is made.
fn wanted(answer: &Value) -> String {
    let all = plain(&answer["changes_wanted"]);
    let by_verb = answer.pointer("/changes/by_verb").and_then(Value::as_object);
    let by_verb = by_verb.into_iter().flatten();
    let by_verb: Vec<String> = by_verb.map(|(verb, n)| format!("{} {verb}", plain(n))).collect();
    let said = match by_verb.is_empty() {
        true => all,
        false => format!("{all} ({})", by_verb.join(", ")),
    };
    match (answer["mode"].as_str(), said.as_str()) {
        (Some("observe"), "0" | "") | (Some("manage") | None | Some(_), "") => said,
        (Some("observe"), _) => {
            format!("{said}; none is made while servers.yaml says mode: observe")
        }
        _ => said,
    }
}

/// One server.
pub(in super::super) fn server(answer: &Value, view: View) -> String {
    let (file, panel, held) = (&answer["file"], &answer["panel"], &answer["held"]);
    let labels = file["labels"].as_object().into_iter().flatten();
    let labels: Vec<String> = labels.map(|(k, v)| format!("{k}={}", plain(v))).collect();
    let lifecycle = match (answer["removed"].as_bool(), file.is_null()) {
        (Some(true), _) => "in no file any more, served on".to_owned(),
        (_, true) => "in no file".to_owned(),
        _ => format!("{}, mode {}", plain(&answer["lifecycle"]), plain(&answer["mode"])),
    };
    let moves = match &answer["moves"] {
        Value::Null => String::new(),
        moves => format!(
            "{} wait, {} of them without room elsewhere, {} under way",
            plain(&moves["waiting"]),
            plain(&moves["no_room"]),
            plain(&moves["under_way"])
        ),
    };
    let mut page = facts(&[
        ("Server:", plain(&answer["server"])),
        ("Lifecycle:", lifecycle),
        ("Accounts:", format!("{} of {}", plain(&answer["bound"]), plain(&answer["capacity"]))),
        ("Host:", plain(&file["host"])),
        ("Gateway:", plain(&file["gateway"])),
        ("Labels:", labels.join(", ")),
        ("Inbounds:", joined(&file["inbounds"], |name| name)),
        ("Panel:", plain(&panel["version"])),
        ("Identity:", identity(answer)),
        ("Xray:", plain(&panel["xray"])),
        ("Outage:", plain(&answer["outage"])),
        ("Failure:", plain(&answer["failure"])),
        ("Listed:", told(&answer["listed_at_ms"], view)),
        ("Foreign:", plain(&answer["foreign"])),
        ("Orphans:", joined(&answer["orphans"], |id| id)),
        ("Moves away:", moves),
        ("Changes wanted:", wanted(answer)),
        ("Fingerprint held:", plain(&held["fingerprint"])),
    ]);
    let conditions = table(&answer["conditions"], CONDITIONS, view, |c| match c["kind"].as_str() {
        Some("Ready") => Tone::Plain,
        Some("Reconciling") => Tone::Busy,
        _ => Tone::Bad,
    });
    page.push_str(&format!("\n{conditions}"));
    let changes = &answer["changes"];
    for (rows, columns) in [
        (&answer["inbounds"], INBOUNDS),
        (&changes["first"], CHANGES),
        (&held["items"], HELD),
        (&answer["waits"], WAITS),
    ] {
        if rows.as_array().is_some_and(|rows| !rows.is_empty()) {
            page.push_str(&format!("\n{}", table(rows, columns, view, plain_tone)));
        }
    }
    let told = answer["waits"].as_array().map_or(0, Vec::len);
    let all = answer["waiting"].as_u64().and_then(|n| usize::try_from(n).ok()).unwrap_or(told);
    if all > told {
        page.push_str(&format!("\nand {} more that wait\n", all.saturating_sub(told)));
    }
    page
}
