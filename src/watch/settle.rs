//! When a change counts: two readings a moment apart agree, and git is not at work.

use super::git;
use super::read::read_apart;
use super::standing::{NotTakenUp, Obstacle};
use crate::catalog::{DesiredFile, Files};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// How many readings a start waits for files that keep changing.
const START_READINGS: u32 = 20;
/// After so many readings somebody should hear why nothing happens: a minute, with the usual
/// half second between them.
pub(super) const SAY_AFTER: u32 = 120;
/// The same by the clock, where readings take longer.
const SAY_AFTER_MS: u64 = 60_000;

/// The time, in ms since 1970.
pub type NowMs = Arc<dyn Fn() -> u64 + Send + Sync>;

/// Reads until the files hold still.
pub(super) struct Settler {
    dir: PathBuf,
    settle: Duration,
    now: NowMs,
    acted_on: String,
    not_taken_up: watch::Sender<Option<NotTakenUp>>,
}

impl Settler {
    pub(super) fn new(dir: &Path, settle: Duration, now: NowMs) -> Self {
        let not_taken_up = watch::Sender::new(None);
        Self { dir: dir.to_owned(), settle, now, acted_on: String::new(), not_taken_up }
    }

    /// The edit that is there and cannot be taken up, once that has lasted a minute.
    pub(super) fn not_taken_up(&self) -> watch::Receiver<Option<NotTakenUp>> {
        self.not_taken_up.subscribe()
    }

    /// The files at the start. Files that hold still from the first look on are taken at once
    /// when git is not at work; others get a while.
    pub(super) async fn first(&mut self) -> Files {
        let mut files = read_apart(&self.dir).await;
        for _ in 0..START_READINGS {
            if git::lock(&self.dir).is_none() {
                break;
            }
            tokio::time::sleep(self.settle).await;
            files = read_apart(&self.dir).await;
        }
        self.acted_on = identity(&files);
        files
    }

    /// The files, when they hold still and differ from those that were returned last.
    pub(super) async fn changed(&mut self) -> Option<Files> {
        let since_ms = (self.now)();
        let mut before = read_apart(&self.dir).await;
        let mut readings = 0u32;
        loop {
            if identity(&before) == self.acted_on {
                self.say(None);
                return None;
            }
            tokio::time::sleep(self.settle).await;
            let files = read_apart(&self.dir).await;
            let now = identity(&files);
            let lock = git::lock(&self.dir);
            if now == identity(&before) && lock.is_none() && now != self.acted_on {
                self.acted_on = now;
                self.say(None);
                return Some(files);
            }
            readings = readings.saturating_add(1);
            let waited = (self.now)().saturating_sub(since_ms) >= SAY_AFTER_MS;
            if waited || readings >= SAY_AFTER {
                let why = lock.map_or_else(|| moving(&before, &files), Obstacle::GitLock);
                let not_taken_up = NotTakenUp { since_ms, why };
                let first = self.not_taken_up.borrow().is_none();
                if first || readings.is_multiple_of(SAY_AFTER) {
                    let (detail, remedy) = not_taken_up.in_words();
                    tracing::warn!("{detail}; {remedy}");
                }
                self.say(Some(not_taken_up));
            }
            before = files;
        }
    }

    fn say(&self, not_taken_up: Option<NotTakenUp>) {
        self.not_taken_up.send_if_modified(|was| {
            let differs = *was != not_taken_up;
            *was = not_taken_up;
            differs
        });
    }
}

/// What differs between two readings.
fn moving(before: &Files, after: &Files) -> Obstacle {
    let files = DesiredFile::ALL.into_iter().filter(|f| before.get(*f) != after.get(*f));
    let mut what: Vec<&'static str> = files.map(DesiredFile::name).collect();
    if before.commit != after.commit {
        what.push("git's HEAD");
    }
    Obstacle::Moving(what)
}

/// The content's hash, and the commit: a commit of the same content is worth publishing.
fn identity(files: &Files) -> String {
    let commit = files.commit.as_ref().map(|commit| commit.id.as_str());
    format!("{} {}", files.revision(), commit.unwrap_or_default())
}
