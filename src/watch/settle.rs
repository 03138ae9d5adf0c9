//! When a change counts: two readings a moment apart agree, and git is not at work.

use super::{git, read_apart};
use crate::catalog::Files;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How many readings a start waits for files that keep changing.
const START_READINGS: u32 = 20;
/// After so many readings somebody should hear why nothing happens.
const SAY_AFTER: u32 = 120;

/// Reads until the files hold still.
pub(super) struct Settler {
    dir: PathBuf,
    settle: Duration,
    acted_on: String,
}

impl Settler {
    pub(super) fn new(dir: &Path, settle: Duration) -> Self {
        Self { dir: dir.to_owned(), settle, acted_on: String::new() }
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
        let mut before = identity(&read_apart(&self.dir).await);
        let mut readings = 0u32;
        loop {
            if before == self.acted_on {
                return None;
            }
            tokio::time::sleep(self.settle).await;
            let files = read_apart(&self.dir).await;
            let now = identity(&files);
            let lock = git::lock(&self.dir);
            if now == before && lock.is_none() && now != self.acted_on {
                self.acted_on = now;
                return Some(files);
            }
            readings = readings.saturating_add(1);
            if readings.is_multiple_of(SAY_AFTER) {
                let lock = lock.map(|l| l.display().to_string());
                tracing::warn!(
                    lock,
                    "the files changed but do not hold still, or git's lock stays: remove the lock if no git is running"
                );
            }
            before = now;
        }
    }

    /// The files, when they are still those that were returned last.
    pub(super) async fn unchanged(&self) -> Option<Files> {
        let files = read_apart(&self.dir).await;
        (identity(&files) == self.acted_on).then_some(files)
    }
}

/// The content's hash, and the commit: a commit of the same content is worth publishing.
fn identity(files: &Files) -> String {
    format!("{} {}", files.revision(), files.commit.as_deref().unwrap_or_default())
}
