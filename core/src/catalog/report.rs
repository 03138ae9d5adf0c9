//! Problems as people and tools read them.

use super::problem::{Problems, Severity};
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

/// Every problem, and then every warning, in one of the formats; ends with a line break unless there
/// is nothing to say. JSON is a list always.
#[must_use]
pub fn check_report(
    problems: Option<&Problems>,
    warnings: Option<&Problems>,
    format: ReportFormat,
) -> String {
    let all = || problems.iter().chain(&warnings).flat_map(|p| p.iter());
    match format {
        ReportFormat::Text => {
            let parts = [(problems, "problem"), (warnings, "warning")];
            parts.into_iter().fold(String::new(), |mut out, (list, noun)| {
                if let Some(list) = list {
                    let count = list.count();
                    let plural = if count == 1 { "" } else { "s" };
                    let _ = writeln!(out, "{list}\n{count} {noun}{plural}");
                }
                out
            })
        }
        ReportFormat::Json => {
            let json = serde_json::to_string_pretty(&all().collect::<Vec<_>>());
            json.map_or_else(|error| format!("\"{error}\"\n"), |json| json + "\n")
        }
        ReportFormat::Github => all().fold(String::new(), |mut out, p| {
            let text = if p.help.is_empty() {
                p.message.clone()
            } else {
                format!("{}; {}", p.message, p.help)
            };
            let level = match p.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            };
            let (file, line, column) = (property(&p.file), p.line, p.column);
            let _ =
                writeln!(out, "::{level} file={file},line={line},col={column}::{}", data(&text));
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
