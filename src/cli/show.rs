//! Asking the running shop and showing what it answers, once or again whenever it changes.

use super::ask::{self, Told};
use super::at::At;
use super::out;
use super::output::Output;
use super::tables::{View, absolute};
use clap::Args;
use serde_json::{Value, json};
use std::io::IsTerminal as _;
use std::path::Path;
use std::time::Duration;

/// How often `--watch` asks.
const EVERY: Duration = Duration::from_secs(1);
/// What a terminal does for an empty screen.
const CLEAR: &str = "\u{1b}[2J\u{1b}[H";

/// How an answer is shown, and where the running shop is.
#[derive(Debug, Args)]
pub(super) struct Shown {
    #[command(flatten)]
    output: Output,
    /// Ask again each second, and show it again when it has changed; Ctrl-C ends
    #[arg(long, short = 'w')]
    watch: bool,
    /// Where the running shop is.
    #[command(flatten)]
    at: At,
}

impl Shown {
    /// Shows what is asked for, until nobody reads on where it is watched.
    pub(super) fn show(
        &self,
        ask: impl Fn(&Path) -> Result<Told, String>,
        page: impl Fn(&Value, View) -> String,
    ) -> Result<(), String> {
        let socket = self.at.socket();
        let told = ask(&socket)?;
        let text = |told: &Told| self.output.text(&told.answer, told.now_ms, &page);
        if !self.watch {
            return out::print(&text(&told)?);
        }
        let terminal = std::io::stdout().is_terminal();
        out::print(&framed(&told, &text(&told)?, terminal))?;
        let (mut last, mut silent) = (told.answer, false);
        // Nobody is told that the reader has gone; a watch that goes on would be forgotten.
        while !out::reader_has_gone() {
            std::thread::sleep(EVERY);
            let told = match ask(&socket) {
                Ok(told) => told,
                Err(why) => {
                    if !std::mem::replace(&mut silent, true) {
                        out::complain(&why);
                    }
                    continue;
                }
            };
            if std::mem::take(&mut silent) || differs(&last, &told.answer) {
                out::print(&framed(&told, &text(&told)?, terminal))?;
                last = told.answer;
            }
        }
        Ok(())
    }
}

/// An answer of a watch, below the time of it.
fn framed(told: &Told, text: &str, terminal: bool) -> String {
    let at = absolute(&json!(told.now_ms));
    let clear = if terminal { CLEAR } else { "" };
    format!("{clear}# {at}\n{text}")
}

/// Whether two answers say different things; how long something has been so is none of them.
fn differs(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            one.len() != other.len()
                || one
                    .iter()
                    .filter(|(key, _)| *key != "for_ms")
                    .any(|(key, value)| other.get(key).is_none_or(|other| differs(value, other)))
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() != other.len() || one.iter().zip(other).any(|(a, b)| differs(a, b))
        }
        _ => one != other,
    }
}

/// A path with its words after `?`; those without a value are left out.
pub(super) fn query(path: &str, words: &[(&str, Option<String>)]) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (word, value) in words {
        if let Some(value) = value {
            query.append_pair(word, value);
        }
    }
    let query = query.finish();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

/// A path that ends with what somebody typed.
pub(super) fn below(path: &str, typed: &str) -> String {
    let typed: String = url::form_urlencoded::byte_serialize(typed.as_bytes()).collect();
    format!("{path}/{}", typed.replace('+', "%20"))
}

/// Asks for a list page by page until it has as many rows as are wanted, or there are no more: for one
/// answer the shop looks at so many records only.
pub(super) fn pages(
    socket: &Path,
    path: &str,
    words: &[(&str, Option<String>)],
    (list, limit): (&str, usize),
    after: Option<String>,
) -> Result<Told, String> {
    let (mut rows, mut after) = (Vec::new(), after);
    loop {
        let left = limit.saturating_sub(rows.len());
        let mut words = words.to_vec();
        words.extend([("limit", Some(left.to_string())), ("after", after.clone())]);
        let mut told = ask::get(socket, &query(path, &words))?;
        after = told.answer.get("next").and_then(Value::as_str).map(str::to_owned);
        let Some(Value::Array(page)) = told.answer.get_mut(list) else { return Ok(told) };
        rows.append(page);
        if after.is_none() || rows.len() >= limit {
            *page = rows;
            return Ok(told);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_something_lasts_is_no_change_and_everything_else_is() {
        let one = json!({ "a": [{ "reason": "x", "for_ms": 1 }], "b": null });
        let later = json!({ "a": [{ "reason": "x", "for_ms": 2 }], "b": null });
        assert!(!differs(&one, &later));
        for other in [
            json!({ "a": [{ "reason": "y", "for_ms": 1 }], "b": null }),
            json!({ "a": [], "b": null }),
            json!({ "a": [{ "reason": "x", "for_ms": 1 }], "b": 1 }),
            json!({ "a": [{ "reason": "x", "for_ms": 1 }], "c": null }),
            json!({ "a": [{ "reason": "x", "for_ms": 1 }] }),
        ] {
            assert!(differs(&one, &other), "{other}");
        }
    }

    #[test]
    fn what_is_typed_stays_one_word_of_the_path() {
        assert_eq!(query("/v1/orders", &[("state", None), ("limit", None)]), "/v1/orders");
        let words = [("server", Some("a&b=c/é".to_owned())), ("limit", Some("5".to_owned()))];
        assert_eq!(query("/v1/passes", &words), "/v1/passes?server=a%26b%3Dc%2F%C3%A9&limit=5");
        assert_eq!(below("/v1/plans", "a b/../c?d+"), "/v1/plans/a%20b%2F..%2Fc%3Fd%2B");
    }
}
