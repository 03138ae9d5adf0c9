//! Lists as tables: titles, and a line a row however long it is, so that `grep` and `awk` read it.

use super::times;
use super::view::View;
use crate::catalog::is_seen;
use clap::builder::styling::{AnsiColor, Style};
use comfy_table::{ContentArrangement, Table, presets};
use serde_json::Value;

/// What stands in a column.
#[derive(Clone, Copy)]
enum Cell {
    Text(fn(&Value) -> String),
    /// A moment in ms since 1970, told by how far it is away.
    Moment(fn(&Value) -> &Value),
}

/// A column of a table.
pub(super) struct Column {
    title: &'static str,
    /// Only in the wide form.
    wide: bool,
    cell: Cell,
}

/// A column that is always there.
pub(super) const fn column(title: &'static str, cell: fn(&Value) -> String) -> Column {
    Column { title, wide: false, cell: Cell::Text(cell) }
}

/// A column of the wide form.
pub(super) const fn wide(title: &'static str, cell: fn(&Value) -> String) -> Column {
    Column { title, wide: true, cell: Cell::Text(cell) }
}

/// A column of moments that is always there.
pub(super) const fn moment(title: &'static str, cell: fn(&Value) -> &Value) -> Column {
    Column { title, wide: false, cell: Cell::Moment(cell) }
}

impl Column {
    /// The same, only in the wide form.
    pub(super) const fn of_wide(self) -> Self {
        Self { wide: true, ..self }
    }

    fn text(&self, row: &Value, view: View) -> String {
        match self.cell {
            Cell::Text(cell) => cell(row),
            Cell::Moment(cell) => times::told(cell(row), view),
        }
    }

    /// What rows are sorted by: numbers and moments as numbers, the rest as text.
    fn sort_key(&self, row: &Value) -> (Option<u64>, String) {
        match self.cell {
            Cell::Moment(cell) => (cell(row).as_u64(), String::new()),
            Cell::Text(cell) => {
                let text = cell(row);
                (text.parse().ok(), text)
            }
        }
    }
}

/// What a row is to whoever looks for trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    Plain,
    /// It is over, or off.
    Dim,
    /// It is on its way.
    Busy,
    /// Something is wrong.
    Bad,
}

impl Tone {
    const fn style(self) -> Style {
        match self {
            Self::Plain => Style::new(),
            Self::Dim => Style::new().dimmed(),
            Self::Busy => AnsiColor::Yellow.on_default(),
            Self::Bad => AnsiColor::Red.on_default(),
        }
    }

    /// By the words of a row's conditions.
    pub(super) fn of_conditions(row: &Value) -> Self {
        let conditions = row["conditions"].as_array().into_iter().flatten();
        let word = |c: &Value| c["type"].as_str().or(c["kind"].as_str()).map(str::to_owned);
        let tones = conditions.filter_map(word).map(|word| match word.as_str() {
            "Ready" => Self::Plain,
            "Reconciling" => Self::Busy,
            "Expired" | "Depleted" | "Suspended" => Self::Dim,
            _ => Self::Bad,
        });
        tones.max_by_key(|tone| *tone as u8).unwrap_or(Self::Plain)
    }
}

/// Nothing is told by colours.
pub(super) fn plain_tone(_: &Value) -> Tone {
    Tone::Plain
}

/// A list as a table.
pub(super) fn table(
    rows: &Value,
    columns: &[Column],
    view: View,
    tone: fn(&Value) -> Tone,
) -> String {
    let shown = || columns.iter().filter(|column| view.every || !column.wide);
    let rows = || rows.as_array().into_iter().flatten();
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(shown().map(|column| column.title));
    for row in rows() {
        table.add_row(shown().map(|column| on_one_line(&column.text(row, view))));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    let styles = std::iter::once(Style::new().bold()).chain(rows().map(|row| tone(row).style()));
    let line = |(line, style): (String, Style)| {
        let line = line.trim_end();
        match view.colours && style != Style::new() {
            true => format!("{style}{line}{style:#}\n"),
            false => format!("{line}\n"),
        }
    };
    table.lines().zip(styles).map(line).collect()
}

/// Sorts a list by one of its columns: by its title, in any case.
pub(super) fn sort(rows: &mut Value, columns: &[Column], by: &str) -> Result<(), String> {
    let title = |column: &&Column| column.title.replace(' ', "-").eq_ignore_ascii_case(by);
    let Some(column) = columns.iter().find(title) else {
        let titles: Vec<String> =
            columns.iter().map(|c| c.title.replace(' ', "-").to_lowercase()).collect();
        let hint = crate::catalog::suggest(by, titles.iter().map(String::as_str));
        return Err(format!("there is no column `{by}` to sort by; {hint}"));
    };
    if let Some(rows) = rows.as_array_mut() {
        rows.sort_by_cached_key(|row| column.sort_key(row));
    }
    Ok(())
}

/// Facts one below the other, their names aligned; those that say nothing are left out.
pub(super) fn facts(facts: &[(&str, String)]) -> String {
    let told = || facts.iter().filter(|(_, fact)| !fact.trim().is_empty());
    let width = told().map(|(name, _)| name.len()).max().unwrap_or(0);
    told().map(|(name, fact)| format!("{name:<width$}  {}\n", on_one_line(fact))).collect()
}

/// What panels and people wrote stays in its cell, and tells a terminal nothing.
pub(super) fn on_one_line(cell: &str) -> String {
    match cell.trim() {
        "" => "-".to_owned(),
        cell => cell.chars().map(|c| if is_seen(c) { c } else { ' ' }).collect(),
    }
}

/// A value as a cell: text without quotes, and nothing for null.
pub(in super::super) fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A text that somebody else chose, on one line and without what a terminal or an eye takes for more
/// than text.
pub(in super::super) fn printable(text: &str) -> String {
    let turns = |c| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let shown = |c: char| match c.is_control() || turns(c) {
        true => c.escape_unicode().to_string(),
        false => c.to_string(),
    };
    text.chars().map(shown).collect()
}

/// Several values as one cell.
pub(super) fn joined(list: &Value, of: fn(&Value) -> &Value) -> String {
    let all = list.as_array().into_iter().flatten();
    all.map(|value| plain(of(value))).collect::<Vec<_>>().join(", ")
}

/// What a plan costs: its prices, or that it is a free trial.
pub(super) fn prices(plan: &Value) -> String {
    if plan["trial"] == true {
        return "trial".to_owned();
    }
    joined(&plan["prices"], |price| price)
}

/// What stands at a JSON pointer.
pub(super) fn below(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).map_or_else(String::new, plain)
}

/// A word, or one with more below it: `tombstoned`, `undelivered (dm_closed)`.
pub(super) fn word(value: &Value) -> String {
    match value.as_object().and_then(|map| map.iter().next()) {
        Some((word, Value::String(why))) => format!("{word} ({why})"),
        Some((word, _)) => word.clone(),
        None => plain(value),
    }
}

/// Which servers: `any`, `fra-1, ams-1`, `region=eu`.
pub(super) fn selector(value: &Value) -> String {
    if let Some(ids) = value.get("ids") {
        return joined(ids, |id| id);
    }
    let labels = value.get("labels").and_then(Value::as_object).into_iter().flatten();
    let labels: Vec<String> = labels.map(|(k, v)| format!("{k}={}", plain(v))).collect();
    if labels.is_empty() { plain(value) } else { labels.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const COLUMNS: &[Column] = &[
        column("NAME", |row| plain(&row["name"])),
        column("N", |row| plain(&row["n"])),
        wide("SAID", |row| plain(&row["said"])),
        moment("LAST AT", |row| &row["at_ms"]).of_wide(),
    ];

    fn view(every: bool, colours: bool) -> View {
        View { every, now_ms: 1_764_403_200_000, colours }
    }

    #[test]
    fn a_row_is_a_line_and_a_cell_never_empty() {
        let rows =
            json!([{ "name": "fra-1", "n": 1, "said": "two\nlines \u{1b}[2J" }, { "name": null }]);
        assert_eq!(
            table(&rows, COLUMNS, view(false, false), plain_tone),
            "NAME   N\nfra-1  1\n-      -\n"
        );
        let all = table(&rows, COLUMNS, view(true, false), plain_tone);
        assert_eq!(all.lines().count(), 3, "{all}");
        assert!(all.contains("two lines  [2J") && !all.contains('\u{1b}'), "{all:?}");
        assert_eq!(on_one_line("a\u{202e}b\u{200b}"), "a b ");
    }

    #[test]
    fn without_rows_the_titles_stand_alone() {
        assert_eq!(table(&json!([]), COLUMNS, view(false, false), plain_tone), "NAME  N\n");
    }

    #[test]
    fn colours_change_no_column_and_stand_for_trouble_alone() {
        let rows = json!([
            { "name": "good", "conditions": [{ "type": "Ready" }] },
            { "name": "bad", "conditions": [{ "type": "Ready" }, { "kind": "Stalled" }] },
        ]);
        let plain = table(&rows, COLUMNS, view(false, false), Tone::of_conditions);
        let coloured = table(&rows, COLUMNS, view(false, true), Tone::of_conditions);
        assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), plain);
        let lines: Vec<&str> = coloured.lines().collect();
        assert!(lines[0].contains('\u{1b}') && !lines[1].contains('\u{1b}'), "{coloured:?}");
        assert!(lines[2].starts_with("\u{1b}[31m"), "{coloured:?}");
    }

    #[test]
    fn rows_are_sorted_by_a_column_and_numbers_as_numbers() {
        let mut rows = json!([
            { "name": "b", "n": 10, "at_ms": 2 }, { "name": "a", "n": 9, "at_ms": 10 },
        ]);
        let order = |rows: &Value| joined(rows, |row| &row["name"]);
        sort(&mut rows, COLUMNS, "n").unwrap();
        assert_eq!(order(&rows), "a, b");
        sort(&mut rows, COLUMNS, "last-at").unwrap();
        assert_eq!(order(&rows), "b, a");
        sort(&mut rows, COLUMNS, "Name").unwrap();
        assert_eq!(order(&rows), "a, b");
        let why = sort(&mut rows, COLUMNS, "nam").unwrap_err();
        assert_eq!(why, "there is no column `nam` to sort by; did you mean `name`?");
    }

    #[test]
    fn words_that_have_more_below_them_are_one_cell() {
        assert_eq!(word(&json!({ "tombstoned": { "since": 5 } })), "tombstoned");
        assert_eq!(word(&json!({ "undelivered": "dm_closed" })), "undelivered (dm_closed)");
        assert_eq!(word(&json!("serving")), "serving");
        assert_eq!(selector(&json!("any")), "any");
        assert_eq!(selector(&json!({ "ids": ["fra-1", "ams-1"] })), "fra-1, ams-1");
        assert_eq!(selector(&json!({ "labels": { "region": "eu" } })), "region=eu");
    }
}
