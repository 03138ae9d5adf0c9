//! The file of an adoption, and that of whose client is whose: CSV, so that a spreadsheet edits them.

use super::super::tables::printable;
use crate::catalog::typed_traffic;
use crate::model::{Bytes, CustomerRef, Identity, PlanId, Quota, ServerId};
use csv::{ReaderBuilder, StringRecord, Trim, Writer};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::{Value, json};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, OpenOptions};
use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;

/// The columns of the file to edit.
const COLUMNS: [&str; 10] =
    ["server", "client", "take", "customer", "plan", "ends", "left", "used", "seen", "note"];
/// More errors than this are not listed.
const MOST_SAID: usize = 20;

/// One client as it is proposed, a line of the file.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    server: String,
    client: String,
    take: &'static str,
    customer: String,
    plan: String,
    ends: String,
    left: String,
    used: String,
    /// What the panel had: whoever was changed there since is not taken.
    seen: String,
    note: String,
}

impl Row {
    /// What is proposed for a client. Whoever lacks something is not taken, and the note says why.
    pub(super) fn proposed(
        server: &ServerId,
        client: &Value,
        customers: &Customers,
        plan: Option<&PlanId>,
        now_ms: u64,
    ) -> Self {
        let name = client["client"].as_str().unwrap_or_default();
        let whose = customers.of.get(name);
        let customer = whose.map_or_else(String::new, |(customer, _)| customer.to_string());
        let plan = whose.and_then(|(_, plan)| plan.as_ref()).or(plan);
        let plan = plan.map_or_else(String::new, ToString::to_string);
        let ends_at = client["ends_at_ms"].as_u64();
        let used = client["used_bytes"].as_u64().unwrap_or_default();
        let left = client["cap_bytes"].as_u64().map(|cap| cap.saturating_sub(used));
        let note = match client["cannot"].as_str() {
            Some(why) => why,
            None if customer.is_empty() => "whose is it? write the customer's Discord id",
            None if plan.is_empty() => "which plan? write its id",
            None if ends_at.is_none() => "it never ends: write an end",
            None if ends_at.is_some_and(|at| at <= now_ms) => "it has ended",
            None if left == Some(0) => "nothing is left of its traffic",
            None if client["on"] != true => "it is off, and would be switched on",
            None => "",
        };
        Self {
            server: server.to_string(),
            client: name.to_owned(),
            take: if note.is_empty() { "yes" } else { "no" },
            customer,
            plan,
            ends: ends_at.map_or_else(String::new, moment),
            left: left.map_or_else(|| "unlimited".to_owned(), exact),
            used: exact(used),
            seen: client["seen"].as_str().unwrap_or_default().to_owned(),
            note: note.to_owned(),
        }
    }

    /// In the order of the columns.
    fn cells(&self) -> [&str; COLUMNS.len()] {
        let Self { server, client, take, customer, plan, ends, left, used, seen, note } = self;
        [server, client, take, customer, plan, ends, left, used, seen, note]
    }
}

/// Writes a new file; one that is there stays.
pub(super) fn write(path: &Path, rows: &[Row]) -> Result<(), String> {
    let said = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let new = OpenOptions::new().write(true).create_new(true).open(path);
    let mut file = Writer::from_writer(new.map_err(|error| said(&error))?);
    file.write_record(COLUMNS).map_err(|error| said(&error))?;
    for row in rows {
        file.write_record(row.cells().map(as_text).iter().map(|cell| cell.as_bytes()))
            .map_err(|error| said(&error))?;
    }
    file.flush().map_err(|error| said(&error))
}

/// What a spreadsheet takes for the begin of a formula, which may ask the network; clients' names are what
/// anybody wrote.
const FORMULA: [char; 7] = ['=', '+', '-', '@', '\t', '\r', QUOTE];
/// Stands before such a cell, so that it is text.
const QUOTE: char = '\'';

fn as_text(cell: &str) -> Cow<'_, str> {
    match cell.starts_with(FORMULA) {
        true => Cow::Owned(format!("{QUOTE}{cell}")),
        false => Cow::Borrowed(cell),
    }
}

/// The cell as it was.
fn of_text(cell: &str) -> &str {
    cell.strip_prefix(QUOTE).filter(|rest| rest.starts_with(FORMULA)).unwrap_or(cell)
}

/// A line that says to take its client.
#[derive(Debug)]
pub(super) struct Taken {
    pub(super) line: u64,
    pub(super) client: String,
    /// What is asked of the shop.
    pub(super) asked: Value,
}

/// Reads the lines that say `yes`.
///
/// # Errors
/// Every line that cannot be understood, with its number; then none of them is asked for.
pub(super) fn read(path: &Path, server: &ServerId) -> Result<Vec<Taken>, String> {
    let mut lines = Lines::open(path, &COLUMNS[..8])?;
    let (mut taken, mut wrong, mut seen) = (Vec::new(), Vec::new(), BTreeMap::new());
    while let Some(line) = lines.next()? {
        let client = line.client().to_owned();
        match line.taken(server) {
            Ok(None) => {}
            Ok(Some(asked)) => match seen.insert(client.clone(), line.number) {
                None => taken.push(Taken { line: line.number, client, asked }),
                Some(first) => wrong.push(line.wrong(&format!("it stands in line {first}, too"))),
            },
            Err(why) => wrong.push(line.wrong(&why)),
        }
    }
    all_right(wrong).map(|()| taken)
}

/// Whose each client is.
#[derive(Debug, Default)]
pub(super) struct Customers {
    of: BTreeMap<String, (CustomerRef, Option<PlanId>)>,
    /// What is said of lines whose client is not there, or is an account by now.
    pub(super) unknown: Vec<String>,
}

impl Customers {
    /// Reads a file with the columns client and customer, and if wanted plan.
    ///
    /// # Errors
    /// Every line that cannot be understood, with its number.
    pub(super) fn read(path: &Path, server: &ServerId, on: &[Value]) -> Result<Self, String> {
        let on: BTreeSet<&str> = on.iter().filter_map(|client| client["client"].as_str()).collect();
        let mut lines = Lines::open(path, &["client", "customer"])?;
        let (mut of, mut wrong, mut unknown) = (BTreeMap::new(), Vec::new(), Vec::new());
        while let Some(line) = lines.next()? {
            let client = line.client();
            let plan = Some(line.get("plan")).filter(|plan| !plan.is_empty());
            let plan = plan.map(str::parse::<PlanId>).transpose();
            match (customer(line.get("customer")), plan) {
                (Err(why), _) => wrong.push(line.wrong(&why)),
                (_, Err(why)) => wrong.push(line.wrong(&why.to_string())),
                _ if !on.contains(client) => {
                    let why = format!("no client of somebody's own has this name on {server}");
                    unknown.push(line.wrong(&why));
                }
                (Ok(customer), Ok(plan)) => {
                    if of.insert(client.to_owned(), (customer, plan)).is_some() {
                        wrong.push(line.wrong("it stands there twice"));
                    }
                }
            }
        }
        let more = unknown.len().saturating_sub(MOST_SAID);
        unknown.truncate(MOST_SAID);
        if more > 0 {
            unknown.push(format!("and {more} more lines"));
        }
        all_right(wrong).map(|()| Self { of, unknown })
    }
}

fn all_right(mut wrong: Vec<String>) -> Result<(), String> {
    if wrong.is_empty() {
        return Ok(());
    }
    let more = wrong.len().saturating_sub(MOST_SAID);
    wrong.truncate(MOST_SAID);
    if more > 0 {
        wrong.push(format!("and {more} more lines"));
    }
    wrong.push("nothing was changed".to_owned());
    Err(wrong.join("\n"))
}

/// A CSV file, line by line.
struct Lines {
    name: String,
    header: StringRecord,
    text: Arc<[u8]>,
    file: csv::Reader<Cursor<Arc<[u8]>>>,
}

/// One line of it.
struct Line<'a> {
    name: &'a str,
    header: &'a StringRecord,
    number: u64,
    cells: StringRecord,
}

impl Lines {
    fn open(path: &Path, needed: &[&str]) -> Result<Self, String> {
        let name = path.display().to_string();
        let text = fs::read(path).map_err(|error| format!("{name}: {error}"))?;
        // Spreadsheets put a mark before the first title.
        let text: Arc<[u8]> = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text).into();
        let file = Cursor::new(Arc::clone(&text));
        let mut file = ReaderBuilder::new().trim(Trim::Headers).from_reader(file);
        let header = file.headers().map_err(|error| format!("{name}: {error}"))?;
        let header: StringRecord = header.iter().map(str::trim).collect();
        for column in needed {
            if !header.iter().any(|title| title == *column) {
                return Err(format!(
                    "{name}:1: there is no column `{column}`; it has: {}",
                    header.iter().collect::<Vec<_>>().join(", ")
                ));
            }
        }
        Ok(Self { name, header, text, file })
    }

    fn next(&mut self) -> Result<Option<Line<'_>>, String> {
        let Self { name, header, text, file } = self;
        let mut cells = StringRecord::new();
        if !file.read_record(&mut cells).map_err(|error| format!("{name}: {error}"))? {
            return Ok(None);
        }
        let number = cells.position().map_or(0, |at| line_of(text, at));
        Ok(Some(Line { name, header, number, cells }))
    }
}

/// The line where a record begins: its position lies before the rest of the end of the line before, and
/// before empty lines.
fn line_of(text: &[u8], at: &csv::Position) -> u64 {
    let before = usize::try_from(at.byte()).ok().and_then(|byte| text.get(byte..));
    let breaks = before.unwrap_or_default().iter().take_while(|b| matches!(b, b'\r' | b'\n'));
    at.line() + breaks.map(|b| u64::from(*b == b'\n')).sum::<u64>()
}

impl Line<'_> {
    fn get(&self, column: &str) -> &str {
        self.raw(column).trim()
    }

    fn raw(&self, column: &str) -> &str {
        let place = self.header.iter().position(|title| title == column);
        of_text(place.and_then(|place| self.cells.get(place)).unwrap_or_default())
    }

    /// The client's name: a blank at its end is part of it.
    fn client(&self) -> &str {
        self.raw("client")
    }

    fn wrong(&self, why: &str) -> String {
        format!("{}:{}: {}: {why}", self.name, self.number, printable(self.client()))
    }

    /// What the line asks; `None` where it says no.
    fn taken(&self, server: &ServerId) -> Result<Option<Value>, String> {
        match self.get("take") {
            "no" => return Ok(None),
            "yes" => {}
            other => return Err(format!("take is yes or no, not `{other}`")),
        }
        if self.get("server") != server.as_str() {
            return Err(format!("it is of server `{}`, and this is {server}", self.get("server")));
        }
        let plan = self.get("plan").parse::<PlanId>();
        let used = match traffic("used", self.get("used"))? {
            Quota::Bytes(used) => used,
            Quota::Unlimited => return Err("used is a number of bytes, such as 10GiB".to_owned()),
        };
        let granted = match traffic("left", self.get("left"))? {
            Quota::Bytes(Bytes(0)) => return Err("nothing is left of its traffic".to_owned()),
            Quota::Bytes(left) => Quota::Bytes(left + used),
            Quota::Unlimited => Quota::Unlimited,
        };
        Ok(Some(json!({
            "client": self.client(),
            "customer": customer(self.get("customer"))?,
            "plan": plan.map_err(|why| format!("the plan: {why}"))?,
            "ends_at_ms": ends(self.get("ends"))?,
            "granted": granted,
            "seen": self.get("seen"),
        })))
    }
}

/// Whose it becomes.
fn customer(text: &str) -> Result<CustomerRef, String> {
    let why = || {
        format!(
            "a customer is a Discord id, a number such as 200000000000000001, or the id of a customer that \
             there is, not `{text}`"
        )
    };
    let found = text.parse().ok().filter(|id| *id != CustomerRef::Known(Identity::Discord(0)));
    found.ok_or_else(why)
}

fn traffic(column: &str, text: &str) -> Result<Quota, String> {
    match text {
        "0" | "0B" => Ok(Quota::Bytes(Bytes(0))),
        text => typed_traffic(text).map_err(|why| format!("{column}: {why}")),
    }
}

/// A moment, or a day: its first moment in UTC.
fn ends(text: &str) -> Result<u64, String> {
    let moment = text.parse::<Timestamp>().ok();
    let day = || {
        let midnight = text.parse::<Date>().ok()?.to_zoned(TimeZone::UTC).ok()?;
        Some(midnight.timestamp())
    };
    let ms = moment.or_else(day).and_then(|at| u64::try_from(at.as_millisecond()).ok());
    ms.ok_or_else(|| {
        format!("ends is a moment such as 2027-01-31T00:00:00Z, or a day, not `{text}`")
    })
}

fn moment(ms: u64) -> String {
    let at = i64::try_from(ms).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
    at.map_or_else(String::new, |at| at.to_string())
}

/// A number of bytes, to the byte, in the largest unit of which it is a whole number.
fn exact(bytes: u64) -> String {
    const UNITS: [(&str, u32); 4] = [("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10)];
    let whole = UNITS.iter().find(|(_, shift)| bytes > 0 && bytes.trailing_zeros() >= *shift);
    whole.map_or_else(|| format!("{bytes}B"), |(unit, shift)| format!("{}{unit}", bytes >> shift))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_to_a_spreadsheet_and_each_name_reads_back() {
        let server = "ams-1".parse().unwrap();
        let names = ["=cmd|' /C calc'!A0", "+1", "-2", "@sum", "'=x", "'", "\t=1", "bob's", "Bob"];
        let customers = Customers {
            of: names
                .map(|name| (name.to_owned(), (CustomerRef::Known(Identity::Discord(7)), None)))
                .into(),
            unknown: Vec::new(),
        };
        let plan = "basic-30".parse().ok();
        let row = |name: &&str| {
            let client = json!({
                "client": name, "on": true, "ends_at_ms": 9, "cap_bytes": 5, "used_bytes": 0,
                "seen": "on", "cannot": null,
            });
            Row::proposed(&server, &client, &customers, plan.as_ref(), 1)
        };
        let rows: Vec<Row> = names.iter().map(row).collect();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("proposal.csv");
        write(&path, &rows).unwrap();
        let text = fs::read(&path).unwrap();
        for line in csv::Reader::from_reader(&*text).records() {
            let line = line.unwrap();
            assert!(line.iter().all(|cell| !cell.starts_with(&FORMULA[..6])), "{line:?}");
        }
        let taken = read(&path, &server).unwrap();
        assert_eq!(taken.iter().map(|row| &*row.client).collect::<Vec<_>>(), names);
    }
}
