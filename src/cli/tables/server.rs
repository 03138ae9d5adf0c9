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

const HELD: &[Column] =
    &[column("HELD", |h| plain(&h["account"])), column("CHANGE", |h| plain(&h["verb"]))];

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
        ("Xray:", plain(&panel["xray"])),
        ("Outage:", plain(&answer["outage"])),
        ("Failure:", plain(&answer["failure"])),
        ("Listed:", told(&answer["listed_at_ms"], view)),
        ("Foreign:", plain(&answer["foreign"])),
        ("Orphans:", joined(&answer["orphans"], |id| id)),
        ("Moves away:", moves),
        ("Changes wanted:", plain(&answer["changes_wanted"])),
        ("Fingerprint held:", plain(&held["fingerprint"])),
    ]);
    let conditions = table(&answer["conditions"], CONDITIONS, view, |c| match c["kind"].as_str() {
        Some("Ready") => Tone::Plain,
        Some("Reconciling") => Tone::Busy,
        _ => Tone::Bad,
    });
    page.push_str(&format!("\n{conditions}"));
    for (rows, columns) in
        [(&answer["inbounds"], INBOUNDS), (&held["items"], HELD), (&answer["waits"], WAITS)]
    {
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
