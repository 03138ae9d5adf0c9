//! How an answer of the running shop is shown: as tables for people, whole for tools.

use super::out;
use clap::{Args, ValueEnum};
use comfy_table::{ContentArrangement, Table, presets};
use serde_json::Value;

/// The form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Form {
    /// Tables, a line a row.
    Table,
    /// Tables with every column.
    Wide,
    /// All there is, for tools.
    Json,
    /// The same as YAML.
    Yaml,
}

/// The flag of every command that shows something.
#[derive(Debug, Args)]
pub struct Output {
    /// How to show it
    #[arg(short = 'o', long = "output", value_enum, default_value = "table", value_name = "FORM")]
    form: Form,
}

impl Output {
    /// Shows an answer; `page` makes the tables of it, with every column where it is told so.
    pub(super) fn show(
        &self,
        answer: &Value,
        page: impl FnOnce(&Value, bool) -> String,
    ) -> Result<(), String> {
        let text = match self.form {
            Form::Table => page(answer, false),
            Form::Wide => page(answer, true),
            Form::Json => format!("{answer:#}\n"),
            Form::Yaml => serde_yaml::to_string(answer).map_err(|error| error.to_string())?,
        };
        out::print(&text)
    }
}

/// A column of a table.
pub(super) struct Column {
    pub(super) title: &'static str,
    /// Only in the wide form.
    pub(super) wide: bool,
    pub(super) cell: fn(&Value) -> String,
}

/// A column that is always there.
pub(super) const fn column(title: &'static str, cell: fn(&Value) -> String) -> Column {
    Column { title, wide: false, cell }
}

/// A column of the wide form.
pub(super) const fn wide(title: &'static str, cell: fn(&Value) -> String) -> Column {
    Column { title, wide: true, cell }
}

/// A list as a table: titles, and a line a row however long it is, so that `grep` and `awk` read it.
pub(super) fn table(rows: &Value, columns: &[Column], every: bool) -> String {
    let shown = || columns.iter().filter(|column| every || !column.wide);
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(shown().map(|column| column.title));
    for row in rows.as_array().into_iter().flatten() {
        table.add_row(shown().map(|column| on_one_line(&(column.cell)(row))));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

/// What panels and people wrote stays in its cell, and tells a terminal nothing.
pub(super) fn on_one_line(cell: &str) -> String {
    match cell.trim() {
        "" => "-".to_owned(),
        cell => cell.chars().map(|c| if c.is_control() { ' ' } else { c }).collect(),
    }
}

/// A value as a cell: text without quotes, and nothing for null.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Several values as one cell.
pub(super) fn joined(list: &Value, of: fn(&Value) -> &Value) -> String {
    let all = list.as_array().into_iter().flatten();
    all.map(|value| plain(of(value))).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const COLUMNS: &[Column] =
        &[column("NAME", |row| plain(&row["name"])), wide("SAID", |row| plain(&row["said"]))];

    #[test]
    fn a_row_is_a_line_and_a_cell_never_empty() {
        let rows = json!([{ "name": "fra-1", "said": "two\nlines \u{1b}[2J" }, { "name": null }]);
        assert_eq!(table(&rows, COLUMNS, false), "NAME\nfra-1\n-\n");
        let all = table(&rows, COLUMNS, true);
        assert_eq!(all.lines().count(), 3, "{all}");
        assert!(all.contains("fra-1  two lines  [2J\n") && !all.contains('\u{1b}'), "{all:?}");
    }

    #[test]
    fn without_rows_the_titles_stand_alone() {
        assert_eq!(table(&json!([]), COLUMNS, false), "NAME\n");
    }
}
