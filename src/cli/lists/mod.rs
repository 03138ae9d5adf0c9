//! `nebulalinks export orders` and its like: what the running shop has, as CSV or JSON. It is asked for page by
//! page and written so, however much there is.

mod columns;
mod exporter;
mod writing;

pub(super) use exporter::Exporter;

use super::ask::{self, Told};
use super::at::At;
use super::out;
use crate::model::UnixMs;
use crate::view::{ExportAsked, ExportKind};
use clap::{Args, Subcommand, ValueEnum};
use columns::REVENUE;
use serde_json::Value;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use writing::{Writing, zone_path};

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

impl ListFlags {
    fn asked(&self, kind: ExportKind) -> ExportAsked {
        let json = self.format == Format::Json;
        ExportAsked { kind, json, from: self.from.clone(), to: self.to.clone() }
    }
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
        let (kind, flags) = match self {
            Self::Orders(flags) => (ExportKind::Orders, flags),
            Self::Accounts(flags) => (ExportKind::Accounts, flags),
            Self::Customers(flags) => (ExportKind::Customers, flags),
            Self::Revenue(flags) => (ExportKind::Revenue, flags),
            Self::Audit(flags) => (ExportKind::Audit, flags),
        };
        let socket = flags.at.socket();
        let mut to = Sink::open(flags.file.as_deref())?;
        let ask = |path: &str| ask::get(&socket, path);
        let written = write(&flags.asked(kind), ask, |text| to.write(text));
        to.close(written)
    }
}

/// Asks for the rows of these days and writes them a page at a time; answers how many there were.
fn write(
    asked: &ExportAsked,
    ask: impl Fn(&str) -> Result<Told, String>,
    mut to: impl FnMut(&str) -> Result<(), String>,
) -> Result<usize, String> {
    let Told { answer, now_ms } = ask(&zone_path())?;
    let mut writing = Writing::begin(asked, &answer, UnixMs(now_ms))?;
    to(&writing.head())?;
    while let Some(path) = writing.next_path() {
        to(&writing.take(&ask(&path)?.answer)?)?;
    }
    to(writing.tail())?;
    Ok(writing.rows())
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
