//! Why an account is not as it should be, in sentences.

use super::account::whose;
use super::table::{joined, on_one_line, plain, word};
use super::times::told;
use super::view::View;
use serde_json::Value;

/// An account, and below it everything that stands in its way.
pub(in super::super) fn explain(answer: &Value, view: View) -> String {
    let conditions = joined(&answer["conditions"], |c| &c["type"]);
    let mut page = format!(
        "Account {} of customer {}, family {}",
        plain(&answer["id"]),
        on_one_line(&whose(answer)),
        plain(&answer["family"])
    );
    if let Some(standing) = answer["standing"].as_str() {
        let ends = told(&answer["ends_at_ms"], view);
        let ends =
            if ends.starts_with("in ") { format!("ends {ends}") } else { format!("ended {ends}") };
        page.push_str(&format!(": {}, {ends}", standing.to_lowercase()));
    }
    page.push_str(".\n");
    let bindings: Vec<String> =
        answer["bindings"].as_array().into_iter().flatten().map(bound).collect();
    match bindings.is_empty() {
        true => page.push_str("It is on no server.\n"),
        false => page.push_str(&format!("It is on {}.\n", bindings.join(", "))),
    }
    if !conditions.is_empty() {
        page.push_str(&format!("Conditions: {conditions}.\n"));
    }
    let obstacles: Vec<&Value> = answer["obstacles"].as_array().into_iter().flatten().collect();
    if obstacles.is_empty() {
        page.push_str("\nNothing stands in its way.\n");
    }
    for obstacle in obstacles {
        page.push_str(&said(obstacle, view));
    }
    page
}

/// Whether the panels agree with the records, and below it everything that stands in the way.
pub(in super::super) fn agreement(answer: &Value, view: View) -> String {
    let of = plain(&answer["of"]);
    let obstacles = answer["obstacles"].as_array().into_iter().flatten();
    match answer["agrees"].as_bool() {
        None => format!("It is looked at now: {of}. With --wait this says what comes of it.\n"),
        Some(true) => format!("The panels agree with the records: {of}\n"),
        Some(false) => {
            let each: String = obstacles.map(|obstacle| said(obstacle, view)).collect();
            format!("The panels do not agree with the records: {of}\n{each}")
        }
    }
}

fn bound(binding: &Value) -> String {
    format!("{} ({})", plain(&binding["server"]), word(&binding["disposition"]))
}

fn said(obstacle: &Value, view: View) -> String {
    let place =
        obstacle["server"].as_str().map_or_else(String::new, |server| format!("{server}: "));
    let since = match told(&obstacle["since_ms"], view) {
        since if since.is_empty() => String::new(),
        since => format!(" ({since})"),
    };
    let why = on_one_line(&plain(&obstacle["why"]));
    let mut text = format!("\n{place}{}{since}\n  {why}\n", plain(&obstacle["code"]));
    let helps = obstacle["helps"].as_str().map(on_one_line);
    text.push_str(&helps.map_or_else(
        || "  Nothing is to be done: it ends by itself.\n".to_owned(),
        |helps| format!("  What helps: {helps}.\n"),
    ));
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_stands_in_the_way_is_said_in_sentences_with_what_would_help() {
        let now_ms = 1_764_403_200_000_u64;
        let view = View { every: false, now_ms, colours: false };
        let mut answer = json!({
            "id": "01ka", "customer": "7", "customer_name": "ali\nce", "family": "basic",
            "standing": "Active", "ends_at_ms": now_ms + 864_000_000, "conditions": [{ "type": "Stalled" }],
            "bindings": [{ "server": "fra-1", "disposition": "serving" }],
            "obstacles": [
                { "server": "fra-1", "code": "Unreachable", "why": "The server does not answer.",
                  "helps": "look at the gateway", "since_ms": now_ms - 3_600_000 },
                { "server": "fra-1", "code": "second_look", "why": "A list lacks it.", "helps": null },
            ],
        });
        insta::assert_snapshot!(explain(&answer, view), @r"
        Account 01ka of customer 7 (ali ce), family basic: active, ends in 10d.
        It is on fra-1 (serving).
        Conditions: Stalled.

        fra-1: Unreachable (1h ago)
          The server does not answer.
          What helps: look at the gateway.

        fra-1: second_look
          A list lacks it.
          Nothing is to be done: it ends by itself.
        ");
        answer["of"] = json!("server fra-1");
        insta::assert_snapshot!(agreement(&answer, view), @"It is looked at now: server fra-1. With --wait this says what comes of it.");
        answer["agrees"] = json!(false);
        insta::assert_snapshot!(agreement(&answer, view), @r"
        The panels do not agree with the records: server fra-1

        fra-1: Unreachable (1h ago)
          The server does not answer.
          What helps: look at the gateway.

        fra-1: second_look
          A list lacks it.
          Nothing is to be done: it ends by itself.
        ");
        answer["agrees"] = json!(true);
        insta::assert_snapshot!(agreement(&answer, view), @"The panels agree with the records: server fra-1");
        answer["obstacles"] = json!([]);
        assert!(explain(&answer, view).ends_with("\nNothing stands in its way.\n"));
    }
}
