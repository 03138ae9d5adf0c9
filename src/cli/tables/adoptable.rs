//! Who on a panel could become an account, and why not.

use super::table::{Column, Tone, column, plain, printable, table};
use super::view::View;
use serde_json::Value;

const CLIENTS: &[Column] = &[
    column("CLIENT", |c| printable(&plain(&c["client"]))),
    column("TAKE", |c| plain(&c["take"])),
    column("CUSTOMER", |c| plain(&c["customer"])),
    column("PLAN", |c| plain(&c["plan"])),
    column("ENDS", |c| plain(&c["ends"])),
    column("LEFT", |c| plain(&c["left"])),
    column("USED", |c| plain(&c["used"])),
    column("NOTE", |c| plain(&c["note"])),
];

/// The clients that are somebody's own, one a line.
pub(in super::super) fn adoptable(answer: &Value, view: View) -> String {
    let tone = |c: &Value| if c["take"] == "yes" { Tone::Plain } else { Tone::Dim };
    match answer.as_array().is_some_and(Vec::is_empty) {
        true => "Nobody on this panel is to be adopted.\n".to_owned(),
        false => table(answer, CLIENTS, view, tone),
    }
}
