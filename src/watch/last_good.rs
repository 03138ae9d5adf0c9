//! The last good files, kept as text: a restart with broken files goes on with them.
//!
//! Each revision has a folder of its own, and `current` lists them, the one that counts first: a
//! crash in between leaves the one before. Some older ones stay, because what was removed from the
//! files while in use is recorded only after the change was published.

use super::in_force::KeepsLastGood;
use super::settle::NowMs;
use crate::catalog::{Commit, DesiredFile, Files, Source};
use crate::files::read_text;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

const FOLDER: &str = "last-good-catalog";
const CURRENT: &str = "current";
const COMMIT: &str = "commit";
/// Beside it, a line each: an older version knows the id alone.
const COMMIT_SAYS: &str = "commit-author-and-subject";
const SINCE: &str = "in-force-since-ms";
const KEPT: usize = 20;
/// The most bytes of the two lists; they take a few hundred.
const MAX_LIST_BYTES: u64 = 64 * 1024;

/// Where the last good files are kept.
#[derive(Clone)]
pub(super) struct LastGood {
    folder: PathBuf,
    now: Option<NowMs>,
}

/// Files that were in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The hash of their contents.
    pub revision: String,
    /// Since when they were, in ms since 1970; a version before did not note it.
    pub since_ms: Option<u64>,
    /// The commit that they come from, where that is known.
    pub commit: Option<Commit>,
}

/// The files that were in force last, by what a state folder keeps of them: the newest first.
#[must_use]
pub fn history(state_dir: &Path) -> Vec<Taken> {
    let kept = LastGood::new(state_dir);
    let taken = |revision: String| {
        let since = kept.folder.join(&revision).join(SINCE);
        let since_ms = read_text(&since, MAX_LIST_BYTES).ok().and_then(|ms| ms.trim().parse().ok());
        let commit = kept.revision(&revision)?.commit;
        Some(Taken { revision, since_ms, commit })
    };
    kept.revisions().into_iter().filter_map(taken).collect()
}

impl LastGood {
    pub(super) fn new(state_dir: &Path) -> Self {
        Self { folder: state_dir.join(FOLDER), now: None }
    }

    /// The same, noting since when each is in force.
    pub(super) fn dated_by(self, now: NowMs) -> Self {
        Self { now: Some(now), ..self }
    }

    /// Notes since when files are in force; those that were so already keep their time.
    fn date(&self, folder: &Path, revision: &str) -> io::Result<()> {
        let known = self.revisions().first().is_some_and(|first| first == revision);
        match &self.now {
            Some(now) if !known => replace(folder, SINCE, &now().to_string()),
            _ => Ok(()),
        }
    }

    fn revisions(&self) -> Vec<String> {
        let current = read_text(&self.folder.join(CURRENT), MAX_LIST_BYTES).unwrap_or_default();
        let named = |l: &&str| !l.is_empty() && l.bytes().all(|b| b.is_ascii_hexdigit());
        current.lines().map(str::trim).filter(named).map(str::to_owned).collect()
    }

    fn revision(&self, revision: &str) -> Option<Files> {
        let folder = self.folder.join(revision);
        let mut files = super::read::read_files(&folder);
        let commit = read_text(&folder.join(COMMIT), MAX_LIST_BYTES).ok();
        let said = read_text(&folder.join(COMMIT_SAYS), MAX_LIST_BYTES).unwrap_or_default();
        let (author, subject) = said.split_once('\n').unwrap_or_default();
        let commit = commit.filter(|id| !id.is_empty()).map(Commit::of_id);
        files.commit = commit.map(|commit| commit.saying(author, subject));
        (files.revision() == revision).then_some(files)
    }

    /// Old revisions take place and mean nothing: a failure to remove one does not matter.
    fn drop_others(&self, kept: &[String]) {
        for entry in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let old = kept.iter().all(|k| name != k.as_str()) && entry.path().is_dir();
            if old && let Err(error) = fs::remove_dir_all(entry.path()) {
                tracing::debug!(%error, "an old revision of the files could not be removed");
            }
        }
    }
}

impl KeepsLastGood for LastGood {
    /// Those that are not what was kept are left out.
    fn read(&self) -> Vec<Files> {
        let read = |revision: &String| {
            let files = self.revision(revision);
            if files.is_none() {
                tracing::warn!(%revision, "files that were kept are damaged: only earlier ones can be gone back to");
            }
            files
        };
        self.revisions().iter().filter_map(read).collect()
    }

    /// Drops very old ones, too.
    fn write(&self, files: &Files) -> io::Result<()> {
        let revision = files.revision();
        let folder = self.folder.join(&revision);
        fs::create_dir_all(&folder)?;
        for file in DesiredFile::ALL {
            if let Source::Text(text) = files.get(file) {
                replace(&folder, file.name(), text)?;
            }
        }
        let commit = files.commit.as_ref();
        replace(&folder, COMMIT, commit.map_or("", |commit| &commit.id))?;
        let said =
            [commit.and_then(|c| c.author.as_deref()), commit.and_then(|c| c.subject.as_deref())];
        replace(&folder, COMMIT_SAYS, &said.map(Option::unwrap_or_default).join("\n"))?;
        self.date(&folder, &revision)?;
        sync_folder(&folder)?;
        sync_folder(&self.folder)?;
        let mut revisions = self.revisions();
        revisions.retain(|r| *r != revision);
        revisions.insert(0, revision);
        revisions.truncate(KEPT);
        replace(&self.folder, CURRENT, &(revisions.join("\n") + "\n"))?;
        sync_folder(&self.folder)?;
        self.drop_others(&revisions);
        Ok(())
    }
}

fn replace(folder: &Path, name: &str, text: &str) -> io::Result<()> {
    let temporary = folder.join(format!(".{name}.tmp"));
    let mut file = File::create(&temporary)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&temporary, folder.join(name))
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
