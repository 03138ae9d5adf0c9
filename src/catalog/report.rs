//! Problems as people and tools read them.

use super::problem::Problems;
use std::fmt::Write;

/// How problems are written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportFormat {
    /// For people: each with its source line and a caret.
    Text,
    /// For tools: a list of objects.
    Json,
    /// For GitHub's checks: workflow commands that mark the lines.
    Github,
}

/// Every problem in one of the formats; ends with a line break.
#[must_use]
pub fn check_report(problems: &Problems, format: ReportFormat) -> String {
    match format {
        ReportFormat::Text => {
            let count = problems.count();
            let noun = if count == 1 { "problem" } else { "problems" };
            format!("{problems}\n{count} {noun}\n")
        }
        ReportFormat::Json => {
            let json = serde_json::to_string_pretty(problems);
            json.map_or_else(|error| format!("\"{error}\"\n"), |json| json + "\n")
        }
        ReportFormat::Github => problems.iter().fold(String::new(), |mut out, p| {
            let text = if p.help.is_empty() {
                p.message.clone()
            } else {
                format!("{}; {}", p.message, p.help)
            };
            let (file, line, column) = (property(&p.file), p.line, p.column);
            let _ = writeln!(out, "::error file={file},line={line},col={column}::{}", data(&text));
            out
        }),
    }
}

/// The escapes of a workflow command's message.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The escapes of a workflow command's property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
