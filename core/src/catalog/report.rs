//! Problems as people and tools read them.

use super::problem::{Problem, Problems, Spot};
use super::snippet::{self, Looks};
use nebulalinks_protocol::percent_encoded;
use serde_json::{Map, Value, json};
use std::fmt::Write;

/// How problems are written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportFormat {
    /// For people: each with its source line and what is meant of it.
    Text,
    /// The same with a terminal's colours.
    Coloured,
    /// For tools: a list of objects.
    Json,
    /// For GitHub's checks: workflow commands that mark the lines.
    Github,
    /// For code scanning and editors: SARIF 2.1.0.
    Sarif,
}

/// Every problem, and then every warning, in one of the formats; ends with a line break unless there
/// is nothing to say. JSON is a list always, and SARIF a log.
#[must_use]
pub fn check_report(
    problems: Option<&Problems>,
    warnings: Option<&Problems>,
    format: ReportFormat,
) -> String {
    let all = || problems.iter().chain(&warnings).flat_map(|p| p.iter());
    match format {
        ReportFormat::Text => text(problems, warnings, Looks::Plain),
        ReportFormat::Coloured => text(problems, warnings, Looks::Coloured),
        ReportFormat::Json => pretty(&json!(all().collect::<Vec<_>>())),
        ReportFormat::Github => all().map(github).collect(),
        ReportFormat::Sarif => pretty(&sarif(all())),
    }
}

fn text(problems: Option<&Problems>, warnings: Option<&Problems>, looks: Looks) -> String {
    let parts = [(problems, "problem"), (warnings, "warning")];
    parts.into_iter().fold(String::new(), |mut out, (list, noun)| {
        if let Some(list) = list {
            out.push_str(if out.is_empty() { "" } else { "\n" });
            let count = list.count();
            let plural = if count == 1 { "" } else { "s" };
            let _ = writeln!(out, "{}\n{count} {noun}{plural}", snippet::render(list, looks));
        }
        out
    })
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

/// A workflow command.
fn github(problem: &Problem) -> String {
    let Problem { file, at: Spot { line, column, end_column, .. }, severity, .. } = problem;
    let end = match end_column > column {
        // GitHub's last column is the one of the last character.
        true => format!(",endColumn={}", end_column - 1),
        false => String::new(),
    };
    let (level, file, text) = (severity.name(), property(file), data(&problem.in_words()));
    format!("::{level} file={file},line={line},col={column}{end}::{text}\n")
}

/// The escapes of a workflow command's message.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The escapes of a workflow command's property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// A log of one run (SARIF 2.1.0, OASIS).
fn sarif<'p>(problems: impl Iterator<Item = &'p Problem>) -> Value {
    let results: Vec<Value> = problems
        .map(|problem| {
            let related: Vec<Value> = problem
                .beside
                .iter()
                .map(|beside| location(&problem.file, &beside.at, Some(&beside.label)))
                .collect();
            json!({
                "ruleId": "desired-state",
                "level": problem.severity.name(),
                "message": { "text": problem.in_words() },
                "locations": [location(&problem.file, &problem.at, None)],
                "relatedLocations": related,
            })
        })
        .collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "nebulalinks check",
                "rules": [{
                    "id": "desired-state",
                    "shortDescription": { "text": "The files of the desired state must be valid" },
                }],
            } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn location(file: &str, at: &Spot, label: Option<&String>) -> Value {
    let mut physical = Map::new();
    physical.insert("artifactLocation".into(), json!({ "uri": uri(file) }));
    // Of a file as a whole nothing can be marked.
    if *at != Spot::default() {
        let Spot { line, column, end_column, .. } = at;
        let region = json!({ "startLine": line, "startColumn": column, "endColumn": end_column });
        physical.insert("region".into(), region);
    }
    let mut location = Map::new();
    location.insert("physicalLocation".into(), Value::Object(physical));
    if let Some(label) = label {
        location.insert("message".into(), json!({ "text": label }));
    }
    Value::Object(location)
}

/// A file's name as a reference: a relative one stays relative, whatever dots it has.
fn uri(file: &str) -> String {
    let parts: Vec<String> = file.split('/').map(percent_encoded).collect();
    let scheme = if file.starts_with('/') { "file://" } else { "" };
    format!("{scheme}{}", parts.join("/"))
}
