//! Exports of a shop that is asked for its lists.

use super::writing::PAGE;
use super::*;
use clap::Parser;
use serde_json::json;
use std::cell::Cell;

#[derive(Parser)]
struct Typed {
    #[command(flatten)]
    flags: ListFlags,
}

fn orders(words: &[&str]) -> ExportAsked {
    Typed::parse_from(std::iter::once(&"x").chain(words)).flags.asked(ExportKind::Orders)
}

const NOON: u64 = 1_795_255_200_000;
const DAY: u64 = 86_400_000;

fn word(path: &str, name: &str) -> Option<String> {
    let words = path.split_once('?')?.1;
    let mut words = url::form_urlencoded::parse(words.as_bytes());
    words.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// A shop with so many orders, one an hour before the next, the newest first.
fn shop(orders: usize) -> impl Fn(&str) -> Result<Told, String> {
    move |path| {
        let answer = if path.starts_with("/v1/revenue") {
            json!({ "time_zone": "Africa/Cairo", "revenue": [] })
        } else {
            // The first one is asked for by a moment, the next ones by the row before.
            let behind = |after: String| match after.parse::<ulid::Ulid>() {
                Ok(id) => NOON.saturating_sub(id.timestamp_ms()).div_ceil(3_600_000) as usize,
                Err(_) => after.parse::<usize>().unwrap() + 1,
            };
            let first = word(path, "after").map_or(0, behind);
            let limit: usize = word(path, "limit").unwrap().parse().unwrap();
            let end = (first + limit).min(orders);
            let row = |n: usize| {
                json!({
                    "id": n.to_string(), "reference": "NL-7K3QX2", "state": "approved",
                    "customer_name": "=HYPERLINK(\"http://x\",\"a\")", "price": "100.00 EGP",
                    "placed_at_ms": NOON - n as u64 * 3_600_000,
                })
            };
            let rows: Vec<Value> = (first..end).map(row).collect();
            json!({ "orders": rows, "next": (end < orders).then(|| (end - 1).to_string()) })
        };
        Ok(Told { answer, now_ms: NOON })
    }
}

#[test]
fn very_many_rows_are_written_a_page_at_a_time_and_formulas_are_text() {
    let (longest, all) = (Cell::new(0), Cell::new(0));
    let first = Cell::new(String::new());
    let count = write(&orders(&[]), shop(100_000), |text| {
        longest.set(longest.get().max(text.len()));
        all.set(all.get() + text.lines().count());
        let said = first.take();
        first.set(if said.len() < 1_000 { said + text } else { said });
        Ok(())
    });
    assert_eq!(count, Ok(100_000));
    assert_eq!(all.get(), 100_001, "a line of titles, and one each");
    assert!(longest.get() < PAGE * 300, "{} at once", longest.get());
    let said = first.take();
    assert!(said.starts_with("reference,id,placed_at,state,"), "{said}");
    assert!(said.contains("\"'=HYPERLINK(\"\"http://x\"\""), "{said}");
    assert!(said.contains(",100.00,EGP,"), "{said}");
}

#[test]
fn days_are_those_of_the_shop_and_what_is_older_is_not_asked_for() {
    let asked = Cell::new(0);
    let mut text = String::new();
    let shop = shop(100_000);
    let ask = |path: &str| {
        asked.set(asked.get() + 1);
        shop(path)
    };
    // The 20th of November in Cairo ends two hours before that in UTC.
    let words = ["--from", "2026-11-20", "--to", "2026-11-20", "--format", "json"];
    let count = write(&orders(&words), ask, |part| {
        text.push_str(part);
        Ok(())
    });
    let rows: Vec<Value> = serde_json::from_str(&text).unwrap();
    assert_eq!((count, rows.len()), (Ok(24), 24));
    let last = rows[0]["placed_at_ms"].as_u64().unwrap();
    assert_eq!(last, NOON / DAY * DAY - 3 * 3_600_000, "21:00 UTC is 23:00 there");
    assert_eq!(asked.get(), 2, "one page beside the zone");
    let none = write(&orders(&["--from", "soon"]), shop, |_| Ok(()));
    assert!(none.unwrap_err().contains("is no day"));
}

#[test]
fn an_export_has_its_name_once_all_of_it_is_there_and_replaces_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (whole, part) = (dir.path().join("o.csv"), dir.path().join("o.csv.part"));
    // One that was stopped in its midst.
    std::fs::write(&part, "half of it").unwrap();
    let mut sink = Sink::open(Some(&whole)).unwrap();
    sink.write("a\n").unwrap();
    assert!(!whole.exists());
    sink.close(Ok(1)).unwrap();
    assert_eq!(std::fs::read_to_string(&whole).unwrap(), "a\n");
    assert!(!part.exists() && Sink::open(Some(&whole)).is_err());
    let other = dir.path().join("p.csv");
    let sink = Sink::open(Some(&other)).unwrap();
    assert_eq!(sink.close(Err("the shop is gone".into())), Err("the shop is gone".into()));
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
}
