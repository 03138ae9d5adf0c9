//! The folder with the four files: read, watched, and published as the last good [`Catalog`].
//!
//! File events are hints, a poll is the truth. A change counts when two readings a moment apart
//! agree and git is not at work; invalid files change nothing but what [`CatalogFeed`] says of them.

mod git;
mod git_object;
mod git_program;
mod hints;
mod in_force;
mod last_good;
mod pull;
mod read;
mod settle;
mod standing;
#[cfg(test)]
mod tests;

pub use git_program::{commits_between, files_at};
pub use in_force::{InForce, KeepsLastGood};
pub use last_good::{Taken, history};
pub use pull::{NotPulled, PullSettings, follow};
pub use read::read_files;
pub use settle::NowMs;
pub use standing::{Invalid, NotTakenUp, Obstacle};

use crate::catalog::{Catalog, Options, Problems, load};
use hints::Hints;
use last_good::LastGood;
use settle::Settler;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Reads and judges a folder once; the problems carry its path.
///
/// # Errors
/// Every problem of every file.
pub fn check(dir: &Path, options: &Options<'_>) -> Result<Catalog, Problems> {
    load(&read_files(dir), options).map_err(|p| p.in_folder(&dir.to_string_lossy()))
}

/// The catalog that was in force when a state folder was last written to, as its files had it.
#[must_use]
pub fn last_good(state_dir: &Path) -> Option<Catalog> {
    let kept = LastGood::new(state_dir).read().into_iter();
    kept.filter_map(|files| load(&files, &Options::default()).ok()).next()
}

/// The id of the shop of a state folder, or of a copy of one.
#[must_use]
pub fn last_shop(state_dir: &Path) -> Option<String> {
    last_good(state_dir).map(|catalog| catalog.shop.id.to_string())
}

/// What to watch, and how patiently.
#[derive(Clone)]
pub struct WatchSettings {
    /// The folder with the four files.
    pub dir: PathBuf,
    /// Where the last good files are kept: in `last-good-catalog/` below it.
    pub state_dir: PathBuf,
    /// How far apart the two readings are that must agree.
    pub settle: Duration,
    /// How often the files are read without any hint.
    pub poll: Duration,
    /// Dates what is wrong.
    pub now: NowMs,
}

impl WatchSettings {
    /// The usual patience: 500 ms between the readings, a poll every 30 s.
    #[must_use]
    pub fn new(dir: impl Into<PathBuf>, state_dir: impl Into<PathBuf>, now: NowMs) -> Self {
        Self {
            dir: dir.into(),
            state_dir: state_dir.into(),
            settle: Duration::from_millis(500),
            poll: Duration::from_secs(30),
            now,
        }
    }
}

impl std::fmt::Debug for WatchSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { dir, state_dir, settle, poll, now: _ } = self;
        f.debug_struct("WatchSettings")
            .field("dir", dir)
            .field("state_dir", state_dir)
            .field("settle", settle)
            .field("poll", poll)
            .finish_non_exhaustive()
    }
}

/// What is known of the files, always current.
#[derive(Debug)]
pub struct CatalogFeed {
    /// The last good catalog.
    pub catalog: watch::Receiver<Arc<Catalog>>,
    /// What is wrong with the files now; `None` while they are good.
    pub invalid: watch::Receiver<Option<Arc<Invalid>>>,
    /// The edit that is there and could not be taken up for a minute or more.
    pub not_taken_up: watch::Receiver<Option<NotTakenUp>>,
    /// The good catalogs before this start, the newest first: [`crate::catalog::recover_removed`]
    /// finds in them what was removed while in use and not recorded before a crash.
    pub history: Vec<Arc<Catalog>>,
    /// Ends soon after the shutdown was asked for.
    pub task: JoinHandle<()>,
}

/// Reads the files, goes back to the last good ones when they are invalid, and watches from
/// then on, until `shutdown`. Needs a tokio runtime.
///
/// # Errors
/// Every problem, when the files are invalid and there are no last good ones.
pub async fn start(
    settings: WatchSettings,
    shutdown: CancellationToken,
) -> Result<CatalogFeed, Arc<Problems>> {
    let hint = Arc::new(Notify::new());
    // Watching starts before the first reading: nothing can change unseen in between.
    let hints = Hints::start(&settings.dir, Arc::clone(&hint));
    let last_good = LastGood::new(&settings.state_dir).dated_by(Arc::clone(&settings.now));
    let mut settler = Settler::new(&settings.dir, settings.settle, Arc::clone(&settings.now));
    let not_taken_up = settler.not_taken_up();
    let files = settler.first().await;
    let place = settings.dir.to_string_lossy().into_owned();
    let in_force = InForce::start(Box::new(last_good), &files, place, Arc::clone(&settings.now))?;
    let (catalog, invalid) = (in_force.catalog(), in_force.invalid());
    let history = in_force.history();
    let mut watcher = Watcher { poll: settings.poll, hints, settler, in_force };
    let task = tokio::spawn(async move {
        // Dropping the reading half-way is harmless: it only reads.
        shutdown.run_until_cancelled(watcher.run(&hint)).await;
    });
    Ok(CatalogFeed { catalog, invalid, not_taken_up, history, task })
}

struct Watcher {
    poll: Duration,
    hints: Hints,
    settler: Settler,
    in_force: InForce,
}

impl Watcher {
    async fn run(&mut self, hint: &Notify) {
        loop {
            tokio::select! {
                () = hint.notified() => {}
                () = tokio::time::sleep(self.poll) => {}
            }
            self.hints.refresh();
            if let Some(files) = self.settler.changed().await {
                self.in_force.take(&files);
            }
            // A folder that came back while we read is watched before we wait again, and read once
            // more: it may have been filled in between.
            if self.hints.refresh() {
                hint.notify_one();
            }
        }
    }
}
