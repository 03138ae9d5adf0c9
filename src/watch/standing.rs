//! What stands between the files on disk and the catalog in force.

use crate::catalog::Problems;
use std::path::PathBuf;

/// Files that are invalid now: nothing of them is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    /// Every problem of the files.
    pub problems: Problems,
    /// Since when, in ms since 1970.
    pub since_ms: u64,
}

/// An edit that is there and cannot be taken up yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotTakenUp {
    /// Since when, in ms since 1970.
    pub since_ms: u64,
    /// What keeps it.
    pub why: Obstacle,
}

/// What keeps an edit from being taken up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Obstacle {
    /// The lock that git holds while it changes the work tree; one that stays is a leftover.
    GitLock(PathBuf),
    /// What differed between the last two readings.
    Moving(Vec<&'static str>),
}

impl Invalid {
    /// What is wrong, in one line with the first place, and what to do.
    #[must_use]
    pub fn in_words(&self) -> (String, String) {
        let count = self.problems.count();
        let first = self.problems.iter().next();
        let first = first.map(|problem| format!("{}: {}", problem.place(), problem.message));
        let more = if count == 1 { "1 problem".to_owned() } else { format!("{count} problems") };
        (
            format!(
                "the files are invalid, the last good ones stay in force; {more}: {}",
                first.unwrap_or_default()
            ),
            "mend or revert the edit: `nebulalinks check` shows every problem with its line; it is \
             taken up within 30 s, without a restart"
                .to_owned(),
        )
    }
}

impl NotTakenUp {
    /// What happened, and what to do.
    #[must_use]
    pub fn in_words(&self) -> (String, String) {
        match &self.why {
            Obstacle::GitLock(lock) => (
                format!(
                    "the files have changed, and the edit is not taken up while {} is there: git \
                     holds it while it changes the work tree",
                    lock.display()
                ),
                format!(
                    "if no git is at work in that folder (`pgrep -a git`), one was killed: `rm {}`",
                    lock.display()
                ),
            ),
            Obstacle::Moving(what) => (
                format!(
                    "the files have changed, and the edit is not taken up because {} differed \
                     between the last two readings: something keeps writing",
                    what.join(", ")
                ),
                "find what writes there (`fuser -v` on the file) and let it stop; write the file \
                 beside it and rename it into place"
                    .to_owned(),
            ),
        }
    }
}
