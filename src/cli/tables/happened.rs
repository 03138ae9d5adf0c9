//! What happened: lines of the audit, and the last events.

use super::lists::more;
use super::table::{Column, Tone, column, moment, plain, table, wide};
use super::view::View;
use serde_json::Value;

const LINES: &[Column] = &[
    moment("WHEN", |l| &l["at_ms"]),
    column("WHO", |l| plain(&l["actor"])),
    column("VERB", |l| plain(&l["verb"])),
    column("SUBJECT", |l| plain(&l["subject"])),
    column("OUTCOME", |l| outcome(l, "code")),
    column("REASON", |l| plain(&l["reason"])),
    wide("LINE", |l| plain(&l["id"])),
    wide("OF", |l| plain(&l["of"])),
    wide("CATALOG", |l| plain(&l["catalog"])),
    wide("COMMIT", |l| commit(&l["commit"])),
];

const EVENTS: &[Column] = &[
    moment("WHEN", |e| &e["at_ms"]),
    column("WHO", |e| plain(&e["who"])),
    column("WHAT", |e| plain(&e["what"])),
    column("SUBJECT", |e| plain(&e["subject"])),
    column("OUTCOME", |e| plain(&e["outcome"])),
    column("SAID", |e| plain(&e["said"])),
];

/// A commit, as short as git shows it.
fn commit(id: &Value) -> String {
    id.as_str().map_or_else(String::new, |id| id.get(..10).unwrap_or(id).to_owned())
}

fn outcome(line: &Value, code: &str) -> String {
    match line[code].as_str() {
        Some(code) => format!("{} ({code})", plain(&line["outcome"])),
        None => plain(&line["outcome"]),
    }
}

fn tone(line: &Value) -> Tone {
    match line["outcome"].as_str() {
        Some("failed") => Tone::Bad,
        Some("interrupted" | "sent-in-part") => Tone::Busy,
        Some("started") => Tone::Dim,
        _ => Tone::Plain,
    }
}

/// Lines of the audit, one a line, in the order of time.
pub(in super::super) fn audit(answer: &Value, view: View) -> String {
    table(&answer["lines"], LINES, view, tone) + &more(answer)
}

/// What happened lately, one a line, in the order of time.
pub(in super::super) fn events(answer: &Value, view: View) -> String {
    table(&answer["events"], EVENTS, view, tone)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_line_of_the_audit_says_who_did_what_and_how_it_ended() {
        let now_ms = 1_764_403_200_000_u64;
        let view = View { every: false, now_ms, colours: false };
        let answer = json!({ "next": "01kz", "lines": [
            { "id": "01ky", "at_ms": now_ms - 7_200_000, "actor": "cli:omar", "verb": "grant",
              "subject": "account:01ka", "outcome": "done", "code": null, "reason": "an outage" },
            { "id": "01kz", "at_ms": now_ms - 60_000, "actor": "controller", "verb": "put",
              "subject": "client:fra-1/01ka", "outcome": "failed", "code": "busy", "of": "01kx" },
        ] });
        insta::assert_snapshot!(audit(&answer, view), @r"
        WHEN    WHO         VERB   SUBJECT            OUTCOME        REASON
        2h ago  cli:omar    grant  account:01ka       done           an outage
        1m ago  controller  put    client:fra-1/01ka  failed (busy)  -

        There are more: --after 01kz
        ");
        let answer = json!({ "events": [
            { "at_ms": now_ms - 60_000, "kind": "pass", "who": "controller", "what": "pass",
              "subject": "server:fra-1", "outcome": "sent", "said": "2 of 3 changes" },
        ] });
        insta::assert_snapshot!(events(&answer, view), @r"
        WHEN    WHO         WHAT  SUBJECT       OUTCOME  SAID
        1m ago  controller  pass  server:fra-1  sent     2 of 3 changes
        ");
    }
}
