//! Rows of an answer as CSV.

use crate::export::csv_line;
use serde_json::Value;

/// A line of titles, then a line a row with these of its fields.
pub(super) fn text(columns: &[&str], rows: &[Value]) -> String {
    let mut out = csv_line(columns.iter().copied());
    for row in rows {
        out.push_str(&line(columns, row));
    }
    out
}

/// These fields of a row.
pub(super) fn line(columns: &[&str], row: &Value) -> String {
    let cells: Vec<String> = columns.iter().map(|column| cell(row.get(column))).collect();
    csv_line(cells.iter().map(String::as_str))
}

fn cell(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}
