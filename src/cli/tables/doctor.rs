//! What is wrong with a set-up, and the command that mends it.

use super::table::{on_one_line, plain};
use super::view::View;
use serde_json::Value;

/// A line for each finding, what is to be mended last, each with the command below it.
pub(in super::super) fn doctor(answer: &Value, _: View) -> String {
    let all: Vec<&Value> = answer["findings"].as_array().into_iter().flatten().collect();
    let mut page = String::new();
    for weight in ["ok", "warning", "failed"] {
        for finding in all.iter().filter(|finding| finding["weight"] == weight) {
            let what = plain(&finding["what"]);
            let found = on_one_line(&plain(&finding["found"]));
            page.push_str(&format!("{weight:<8} {what}: {found}\n"));
            if let Some(mend) = finding["mend"].as_str() {
                page.push_str(&format!("         → {}\n", on_one_line(mend)));
            }
        }
    }
    let sick = all.iter().filter(|finding| finding["weight"] != "ok").count();
    page.push_str(&match sick {
        0 => "Nothing is to be mended.\n".to_owned(),
        1 => "One thing is to be mended.\n".to_owned(),
        many => format!("{many} things are to be mended.\n"),
    });
    page
}

/// What a check of a store came to.
pub(in super::super) fn fsck(answer: &Value, _: View) -> String {
    let looked = match answer["with_sled"].as_bool() {
        Some(true) => "",
        _ => " The service runs: of its records the journal was read, and not `db`.",
    };
    let mut page = format!(
        "Revision {}: read; records: {}, proofs: {}.{looked}\n",
        plain(&answer["revision"]),
        plain(&answer["records"]),
        plain(&answer["proofs"])
    );
    let faults: Vec<&Value> = answer["faults"].as_array().into_iter().flatten().collect();
    for fault in &faults {
        page.push_str(&format!(
            "\n{}\n  What helps: {}.\n",
            on_one_line(&plain(&fault["what"])),
            plain(&fault["mend"])
        ));
    }
    match answer["unnamed"].as_u64() {
        Some(0) | None => {}
        Some(more) => page.push_str(&format!("\nAnd {more} more.\n")),
    }
    if faults.is_empty() {
        page.push_str("Nothing is wrong.\n");
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_to_be_mended_stands_last_with_its_command() {
        let view = View { every: false, now_ms: 0, colours: false };
        let answer = json!({ "findings": [
            { "what": "port", "weight": "failed", "found": "127.0.0.1:9464 is in use", "mend": "ss -ltnp" },
            { "what": "disk", "weight": "ok", "found": "9 MiB", "mend": null },
        ]});
        insta::assert_snapshot!(doctor(&answer, view), @r"
        ok       disk: 9 MiB
        failed   port: 127.0.0.1:9464 is in use
                 → ss -ltnp
        One thing is to be mended.
        ");
        let answer = json!({ "revision": 7, "records": 3, "proofs": 0, "with_sled": true, "faults": [
            { "what": "account 01ka has no term", "mend": "restore" },
        ]});
        insta::assert_snapshot!(fsck(&answer, view), @r"
        Revision 7: read; records: 3, proofs: 0.

        account 01ka has no term
          What helps: restore.
        ");
    }
}
