//! `nebulalinks export orders` and its like: what the running shop has, as CSV or JSON. It is asked for page by
//! page and written so, however much there is.

mod columns;

use super::ask::{self, Told};
use super::at::At;
use super::out;
use super::show::query;
use crate::model::{HOUR_MS, UnixMs};
use crate::revenue::Days;
use clap::{Args, Subcommand, ValueEnum};
use columns::{ACCOUNTS, AUDIT, CUSTOMERS, List, ORDERS, REVENUE, RowOrder};
use serde_json::Value;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// Rows of one answer.
const PAGE: usize = 500;

/// The form of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For spreadsheets: a line of titles, then a line a row.
    Csv,
    /// All there is of each, in one list.
    Json,
}

/// How, and of which days of the shop's time zone.
#[derive(Debug, Args)]
pub(super) struct ListFlags {
    /// The form
    #[arg(long, value_enum, default_value = "csv")]
    format: Format,
    /// From this day on, such as 2026-11-01
    #[arg(long, value_name = "DAY")]
    from: Option<String>,
    /// Up to this day, with it
    #[arg(long, value_name = "DAY")]
    to: Option<String>,
    /// New file, instead of standard output
    #[arg(short = 'o', long = "output", value_name = "FILE")]
    file: Option<PathBuf>,
    /// Where the running shop is.
    #[command(flatten)]
    at: At,
}

/// What is exported for people and their spreadsheets: no credential, token or link, and nothing that could be
/// imported.
#[derive(Debug, Subcommand)]
pub(super) enum ExportList {
    /// Orders by when they were placed, the newest first, archived ones too
    Orders(ListFlags),
    /// Accounts by when they were made
    Accounts(ListFlags),
    /// Customers by when they came
    Customers(ListFlags),
    /// What was taken, by day and currency
    Revenue(ListFlags),
    /// Who did what, the oldest first
    Audit(ListFlags),
}

impl ExportList {
    pub(super) fn run(&self) -> Result<(), String> {
        let (list, flags) = match self {
            Self::Orders(flags) => (&ORDERS, flags),
            Self::Accounts(flags) => (&ACCOUNTS, flags),
            Self::Customers(flags) => (&CUSTOMERS, flags),
            Self::Revenue(flags) => (&REVENUE, flags),
            Self::Audit(flags) => (&AUDIT, flags),
        };
        let socket = flags.at.socket();
        let mut to = Sink::open(flags.file.as_deref())?;
        let ask = |path: &str| ask::get(&socket, path);
        let written = list.write(flags, ask, |text| to.write(text));
        to.close(written)
    }
}

impl List {
    /// Asks for the rows of these days and writes them a page at a time; answers how many there were.
    fn write(
        &self,
        flags: &ListFlags,
        ask: impl Fn(&str) -> Result<Told, String>,
        mut to: impl FnMut(&str) -> Result<(), String>,
    ) -> Result<usize, String> {
        let Bounds { from, end, ago_ms } = Bounds::of(flags, &ask)?;
        let json = flags.format == Format::Json;
        match json {
            true => to("[")?,
            false => to(&self.titles())?,
        }
        let (mut count, mut after) = (0_usize, None);
        loop {
            let told = ask(&self.page(flags, after.take(), ago_ms))?;
            let rows = told.answer.get(self.key).and_then(Value::as_array);
            let rows = rows.ok_or("the shop's answer has no rows: it is of another version")?;
            let (mut page, mut too_old, mut too_new) = (String::new(), false, false);
            for row in rows {
                let at = self.at.and_then(|at| at(row).as_u64()).map(UnixMs);
                too_old = at.is_some_and(|at| at < from);
                too_new |= at.is_some_and(|at| at.0 >= end.0.saturating_add(HOUR_MS));
                if at.is_none_or(|at| from <= at && at < end) {
                    page.push_str(&if json { element(row, count) } else { self.line(row) });
                    count = count.saturating_add(1);
                }
            }
            to(&page)?;
            after = told.answer.get("next").and_then(Value::as_str).map(str::to_owned);
            let done = match self.order {
                RowOrder::NewestFirst => too_old,
                RowOrder::OldestFirst => too_new,
                RowOrder::Other => false,
            };
            if after.is_none() || done {
                break;
            }
        }
        if json {
            to("\n]\n")?;
        }
        Ok(count)
    }

    fn page(&self, flags: &ListFlags, after: Option<String>, ago_ms: u64) -> String {
        let limit = ("limit", Some(PAGE.to_string()));
        match self.path {
            "/v1/revenue" => {
                query(self.path, &[("from", flags.from.clone()), ("to", flags.to.clone())])
            }
            "/v1/audit" => {
                let since = ("since_ms", Some(ago_ms.to_string()));
                query(self.path, &[since, limit, ("after", after)])
            }
            path => query(path, &[limit, ("after", after)]),
        }
    }
}

/// The wanted days as moments.
struct Bounds {
    from: UnixMs,
    /// No longer in them.
    end: UnixMs,
    /// How long ago they begin by the shop's clock.
    ago_ms: u64,
}

impl Bounds {
    /// The shop knows its zone.
    fn of(flags: &ListFlags, ask: &impl Fn(&str) -> Result<Told, String>) -> Result<Self, String> {
        let days = Days::parse(flags.from.as_deref(), flags.to.as_deref())?;
        // Of one day, which nothing was taken on: what is wanted is the zone.
        let day = Some("1970-01-01".to_owned());
        let told = ask(&query("/v1/revenue", &[("from", day.clone()), ("to", day)]))?;
        let zone = told.answer.get("time_zone").and_then(Value::as_str).unwrap_or("UTC");
        let (from, end) = days.between(zone);
        // The clock goes on until the rows are asked for.
        let ago_ms = told.now_ms.saturating_sub(from.0).saturating_add(HOUR_MS);
        Ok(Self { from, end, ago_ms })
    }
}

/// A row within a list of JSON.
fn element(row: &Value, before: usize) -> String {
    format!("{}\n{row}", if before == 0 { "" } else { "," })
}

/// What was taken, as CSV.
pub(super) fn revenue_csv(answer: &Value) -> String {
    let rows = answer.get(REVENUE.key).and_then(Value::as_array).into_iter().flatten();
    std::iter::once(REVENUE.titles()).chain(rows.map(|row| REVENUE.line(row))).collect()
}

/// Where the lines go.
enum Sink<'a> {
    Out,
    /// A file beside the wanted one, until all of it is there: whoever stops an export has no half of one.
    File {
        file: File,
        part: PathBuf,
        whole: &'a Path,
    },
}

impl<'a> Sink<'a> {
    fn open(path: Option<&'a Path>) -> Result<Self, String> {
        let Some(whole) = path else { return Ok(Self::Out) };
        let there = || std::io::Error::from(std::io::ErrorKind::AlreadyExists);
        if whole.symlink_metadata().is_ok() {
            return Err(said(whole, &there()));
        }
        let mut part = whole.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        // One that a stopped export left goes; one that somebody else put there is not written to.
        let _ = std::fs::remove_file(&part);
        let opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part);
        let file = opened.map_err(|error| said(&part, &error))?;
        Ok(Self::File { file, part, whole })
    }

    fn write(&mut self, text: &str) -> Result<(), String> {
        match self {
            // Whoever stopped reading wants no more of it.
            Self::Out if out::reader_has_gone() => Err(String::new()),
            Self::Out => out::print(text),
            Self::File { file, part, .. } => {
                file.write_all(text.as_bytes()).map_err(|error| said(part, &error))
            }
        }
    }

    /// Half an export is none.
    fn close(self, written: Result<usize, String>) -> Result<(), String> {
        match (self, written) {
            (Self::Out, Err(why)) if why.is_empty() => Ok(()),
            (Self::Out, written) => written.map(|_| ()),
            (Self::File { part, .. }, Err(why)) => {
                let _ = std::fs::remove_file(part);
                Err(why)
            }
            (Self::File { file, part, whole }, Ok(count)) => {
                let done = file.sync_all().and_then(|()| std::fs::rename(&part, whole));
                done.map_err(|error| said(whole, &error))?;
                out::print(&format!("{}: {count} rows\n", whole.display()))
            }
        }
    }
}

fn said(path: &Path, error: &std::io::Error) -> String {
    format!("{}: {error}", path.display())
}

#[cfg(test)]
mod tests;
