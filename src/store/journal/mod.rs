//! The append-only record of what was committed, beside the store that it can rebuild.
//!
//! `journal/` below the state folder holds, in the order in which they are read:
//! - `<revision>.base`: every record at that revision, where the journal does not begin at 0;
//! - `<revision>.log`: segments, each the edits after that revision up to the next one's.
//!
//! Nothing is changed in a segment once it was synced: a batch is appended and synced *before* the
//! store proper is touched. So the store may lag behind its journal, never the other way. A base
//! and the segments after it hold everything; the `mark` beside the folder says how far it had
//! come, so that a journal that was cut off is noticed.

mod append;
mod base;
mod body;
mod entry;
mod lineages;
mod mark;
mod survey;
mod tally;

pub(super) use append::Journal;
pub(super) use base::{BaseWriter, read_base};
pub(super) use body::{Change, chain, decode, encode, kinds};
pub(super) use entry::{Cursor, Head, Sort, write as write_entry};
pub(super) use lineages::{Lineages, NAME as LINEAGES};
pub(super) use mark::{Mark, MarkFile};
pub(super) use survey::{Gap, Survey, replay, survey, survey_at};
pub(super) use tally::Tallies;

use crate::model::Revision;
use std::fs;
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// The journal's folder below the state folder.
pub(super) const FOLDER: &str = "journal";
/// The file in [`FOLDER`] whose presence asks a running store to begin a new segment.
pub(super) const ROLL: &str = "roll";

/// The files of a journal, each list in the order of revisions.
#[derive(Debug, Default)]
pub(super) struct Files {
    /// Every record at a revision.
    pub(super) bases: Vec<(Revision, PathBuf)>,
    /// The edits after a revision.
    pub(super) segments: Vec<(Revision, PathBuf)>,
}

impl Files {
    /// The files in a journal's folder; nothing when there is no such folder.
    pub(super) fn of(folder: &Path) -> io::Result<Self> {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(error),
        };
        let mut files = Self::default();
        for entry in entries {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let Some((number, ending)) = name.split_once('.') else { continue };
            let Ok(revision) = number.parse() else { continue };
            match ending {
                "base" => files.bases.push((revision, path)),
                "log" => files.segments.push((revision, path)),
                _ => {}
            }
        }
        files.bases.sort();
        files.segments.sort();
        Ok(files)
    }

    /// Whether there is none.
    pub(super) const fn is_empty(&self) -> bool {
        self.bases.is_empty() && self.segments.is_empty()
    }

    /// Drops from the lists, and gives, what a base at a revision makes needless.
    pub(super) fn needless(&mut self, revision: Revision) -> Vec<PathBuf> {
        let mut dropped = Vec::new();
        while self.bases.first().is_some_and(|(of, _)| *of < revision) {
            dropped.push(self.bases.remove(0).1);
        }
        while self.segments.get(1).is_some_and(|(next, _)| *next <= revision) {
            dropped.push(self.segments.remove(0).1);
        }
        dropped
    }
}

fn file_name(revision: Revision, ending: &str) -> String {
    format!("{revision:020}.{ending}")
}

/// Opens a file that is written in place, making it when it is not there.
fn open_in_place(path: &Path) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
}

/// Makes a folder's entries durable: without it a new file can vanish in a power cut.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    fs::File::open(folder)?.sync_all()
}
