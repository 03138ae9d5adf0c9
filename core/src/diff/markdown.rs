//! A diff for a pull request. What the files say is shown as code, so that nothing of it is a mention, a link
//! or markup.

use super::types::{Became, CatalogDiff, Change, Files, Weight};
use crate::catalog::Problems;
use std::fmt::Write as _;

/// More changes than this are not listed: a comment takes 65,536 characters.
const MOST: usize = 100;
/// What the files say is cut off there.
const LONGEST: usize = 300;

impl CatalogDiff {
    /// As Markdown.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut out = String::from("### What this edit does\n\n");
        if self.is_empty() {
            let _ = writeln!(out, "Nothing changes{}.", self.only_comments());
            return out;
        }
        if self.accounts == 0 {
            out.push_str("_No accounts were looked at: whom it meets is not known._\n\n");
        }
        for effect in &self.effects {
            let text = plain(&effect.text);
            let _ = match effect.weight {
                Weight::Warning => writeln!(out, "- ⚠️ **{text}**"),
                Weight::Notice => writeln!(out, "- **{text}**"),
                Weight::Info => writeln!(out, "- {text}"),
            };
        }
        let count = self.changes.len();
        let plural = if count == 1 { "y" } else { "ies" };
        let _ = writeln!(out, "\n<details><summary>{count} entr{plural} changed</summary>\n");
        out.push_str("| where | entry | field | was | is |\n| --- | --- | --- | --- | --- |\n");
        for change in self.changes.iter().take(MOST) {
            rows(&mut out, change);
        }
        if count > MOST {
            let _ = writeln!(out, "\n… and {} more", count - MOST);
        }
        let _ =
            writeln!(out, "\n</details>\n\n<sub>{} → {}</sub>", files(&self.from), files(&self.to));
        out
    }
}

/// The problems of files that are refused, as Markdown.
#[must_use]
pub fn problems_markdown(problems: &Problems) -> String {
    listed(
        "### These files are refused\n\nNothing would change while they are in place.\n\n",
        problems,
    )
}

/// What of the files has no effect, as Markdown.
#[must_use]
pub fn warnings_markdown(warnings: &Problems) -> String {
    listed("\n### Without effect\n\n", warnings)
}

fn listed(head: &str, problems: &Problems) -> String {
    let mut out = head.to_owned();
    for problem in problems.iter().take(MOST) {
        let _ = writeln!(out, "- {}: {}", code(&problem.place()), code(&problem.in_words()));
    }
    if problems.count() > MOST {
        let _ = writeln!(out, "\n… and {} more", problems.count() - MOST);
    }
    out
}

fn rows(out: &mut String, change: &Change) {
    let Change { file, line, kind, id, became, fields } = change;
    let place =
        |line: &Option<usize>| line.map_or_else(|| file.clone(), |line| format!("{file}:{line}"));
    let entry = format!("{kind} {}", code(id));
    match became {
        Became::Added => {
            let _ = writeln!(out, "| {} | {entry} | | | added |", place(line));
        }
        Became::Removed => {
            let _ = writeln!(out, "| {} | {entry} | | | removed |", place(line));
        }
        Became::Changed => {
            for field in fields {
                let said = |text: &Option<String>| text.as_deref().map(code).unwrap_or_default();
                let (was, is) = (said(&field.was), said(&field.is));
                let _ = writeln!(
                    out,
                    "| {} | {entry} | {} | {was} | {is} |",
                    place(&field.line),
                    code(&field.name)
                );
            }
        }
    }
}

fn files(files: &Files) -> String {
    let commit =
        files.commit.as_ref().map(|c| format!(" ({})", code(c.short()))).unwrap_or_default();
    format!("{}{commit}", code(&files.revision))
}

/// A text in a cell of a table, as code: its backticks and bars shown by what looks like them, on one line.
fn code(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let mut shown: String = line.chars().take(LONGEST).collect();
    if shown.len() < line.len() {
        shown.push('…');
    }
    if shown.trim().is_empty() {
        return String::new();
    }
    format!("`{}`", shown.replace('`', "´").replace('|', "¦"))
}

/// A sentence of ours: its ids are our own alphabet, and its backticks are meant.
fn plain(text: &str) -> String {
    text.replace(['<', '\n'], " ")
}
