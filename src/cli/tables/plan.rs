//! One plan, and where it may be served.

use super::table::{Column, Tone, column, facts, plain, prices, selector, table};
use super::times::length;
use super::view::View;
use serde_json::Value;

const PLACES: &[Column] = &[
    column("SERVER", |p| plain(&p["server"])),
    column("LIFECYCLE", |p| plain(&p["lifecycle"])),
    column("ACCOUNTS", |p| plain(&p["bound"])),
    column("OF", |p| plain(&p["capacity"])),
    column("TAKES NEW", |p| if p["takes_new"] == true { "yes" } else { "no" }.to_owned()),
];

/// One plan.
pub(in super::super) fn plan(answer: &Value, view: View) -> String {
    let removed = if answer["removed"] == true { ", removed from plans.yaml" } else { "" };
    let page = facts(&[
        ("Plan:", format!("{} ({})", plain(&answer["id"]), plain(&answer["name"]))),
        ("Family:", plain(&answer["family"])),
        ("Lifecycle:", plain(&answer["lifecycle"]) + removed),
        ("Prices:", prices(answer)),
        ("Length:", length(&answer["length_ms"])),
        ("Traffic:", plain(&answer["traffic"])),
        ("Devices:", plain(&answer["devices"])),
        ("Servers:", selector(&answer["servers"])),
        ("Terms sold:", plain(&answer["terms_sold"])),
        ("Revision:", plain(&answer["revision"])),
    ]);
    let tone = |p: &Value| if p["takes_new"] == true { Tone::Plain } else { Tone::Dim };
    format!("{page}\n{}", table(&answer["places"], PLACES, view, tone))
}
