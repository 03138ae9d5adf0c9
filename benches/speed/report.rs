//! The table and the JSON in docs/PERFORMANCE.md.

use crate::figures::Row;
use std::path::Path;

const BEGIN: &str = "<!-- `just speed` writes from here -->\n";
const END: &str = "<!-- to here -->\n";

/// The rows of the last run of each part stay until it is measured anew.
pub(crate) fn write(part: &str, rows: Vec<Row>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/PERFORMANCE.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(BEGIN).expect("where it begins");
    let (old, after) = rest.split_once(END).expect("where it ends");
    let json = old.lines().filter_map(|line| line.trim_end_matches(',').strip_prefix("  "));
    let old = json.map(|line| serde_json::from_str::<Row>(line).unwrap());
    let mut all: Vec<Row> = old.filter(|row| row.part != part).chain(rows).collect();
    let place = |row: &Row| crate::PARTS.iter().position(|part| *part == row.part);
    all.sort_by_key(place);
    let table: Vec<String> = all.iter().map(Row::to_string).collect();
    let json: Vec<String> =
        all.iter().map(|row| format!("  {}", serde_json::to_string(row).unwrap())).collect();
    let (table, json) = (table.join("\n"), json.join(",\n"));
    let head = Row::HEAD;
    let new = format!("\n{head}\n{table}\n\n```json\n[\n{json}\n]\n```\n\n");
    std::fs::write(&path, [before, BEGIN, &new, END, after].concat()).unwrap();
}

/// Processes that want a processor, over the last minute.
pub(crate) fn load() -> f64 {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace().next().and_then(|n| n.parse().ok()).unwrap_or_default()
}

pub(crate) fn day() -> String {
    let now = i64::try_from(crate::parts::panel::now_ms()).unwrap();
    let now = jiff::Timestamp::from_millisecond(now).unwrap();
    now.strftime("%Y-%m-%d").to_string()
}
