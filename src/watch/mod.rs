//! The folder with the four files: read, watched, and published as the last good [`Catalog`].
//!
//! File events are hints, a poll is the truth. A change counts when two readings a moment apart
//! agree and git is not at work; invalid files change nothing but what [`CatalogFeed`] says of them.

mod git;
mod hints;
mod last_good;
mod read;
mod settle;
mod standing;
#[cfg(test)]
mod tests;

pub use read::read_files;
pub use settle::NowMs;
pub use standing::{Invalid, NotTakenUp, Obstacle};

use crate::catalog::{self, Catalog, Checked, Files, Options, Problem, Problems, load};
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
    let last_good = LastGood::new(&settings.state_dir);
    let kept = last_good.read().into_iter();
    let kept = kept.filter_map(|files| load(&files, &Options::default()).ok());
    let history: Vec<Arc<Catalog>> = kept.map(Arc::new).collect();
    let newest = history.first().map(Arc::as_ref);

    let mut settler = Settler::new(&settings.dir, settings.settle, Arc::clone(&settings.now));
    let not_taken_up = settler.not_taken_up();
    let files = settler.first().await;
    let judged = judge(newest, &files);
    let (catalog, invalid) = match judged {
        Ok(catalog) => {
            keep(&last_good, &files);
            tracing::info!(revision = %catalog.revision, commit = catalog.commit, "the catalog is read");
            (catalog, None)
        }
        Err(problems) => {
            let problems = problems.in_folder(&settings.dir.to_string_lossy());
            let Some(catalog) = newest else { return Err(Arc::new(problems)) };
            log(&problems, catalog);
            let since_ms = (settings.now)();
            (catalog.clone(), Some(Arc::new(Invalid { problems, since_ms })))
        }
    };
    let (catalog_in, catalog) = watch::channel(Arc::new(catalog));
    let (invalid_in, invalid) = watch::channel(invalid);
    let mut watcher =
        Watcher { settings, last_good, hints, settler, catalog: catalog_in, invalid: invalid_in };
    let task = tokio::spawn(async move {
        // Dropping the reading half-way is harmless: it only reads.
        shutdown.run_until_cancelled(watcher.run(&hint)).await;
    });
    Ok(CatalogFeed { catalog, invalid, not_taken_up, history, task })
}

struct Watcher {
    settings: WatchSettings,
    last_good: LastGood,
    hints: Hints,
    settler: Settler,
    catalog: watch::Sender<Arc<Catalog>>,
    invalid: watch::Sender<Option<Arc<Invalid>>>,
}

impl Watcher {
    async fn run(&mut self, hint: &Notify) {
        loop {
            tokio::select! {
                () = hint.notified() => {}
                () = tokio::time::sleep(self.settings.poll) => {}
            }
            self.hints.refresh();
            if let Some(files) = self.settler.changed().await {
                self.take(&files);
            }
            // A folder that came back while we read is watched before we wait again, and read once
            // more: it may have been filled in between.
            if self.hints.refresh() {
                hint.notify_one();
            }
        }
    }

    fn take(&self, files: &Files) {
        let current = Arc::clone(&self.catalog.borrow());
        match judge(Some(&current), files) {
            Ok(catalog) => {
                self.invalid.send_if_modified(|i| i.take().is_some());
                keep(&self.last_good, files);
                tracing::info!(revision = %catalog.revision, commit = catalog.commit, "the catalog changed");
                self.catalog.send_if_modified(|was| {
                    let differs = **was != catalog;
                    *was = Arc::new(catalog);
                    differs
                });
            }
            Err(problems) => {
                let problems = problems.in_folder(&self.settings.dir.to_string_lossy());
                let before = self.invalid.borrow().clone();
                if before.as_ref().is_none_or(|b| b.problems != problems) {
                    log(&problems, &current);
                    // Other problems are the same trouble: the shop lives on since then.
                    let since_ms = before.map_or_else(|| (self.settings.now)(), |b| b.since_ms);
                    self.invalid.send_replace(Some(Arc::new(Invalid { problems, since_ms })));
                }
            }
        }
    }
}

/// What the files mean after the catalog before; each reading that is taken logs
/// what has no effect.
fn judge(previous: Option<&Catalog>, files: &Files) -> Result<Catalog, Problems> {
    let Checked { catalog, warnings } = catalog::check(files, &Options { previous, keys: None });
    if let (Ok(_), Some(warnings)) = (&catalog, warnings) {
        for Problem { file, line, column, message, .. } in warnings.iter() {
            tracing::warn!("{file}:{line}:{column}: {message}");
        }
    }
    catalog
}

/// Without a copy a restart with broken files would fail; the running shop does not need it.
fn keep(last_good: &LastGood, files: &Files) {
    if let Err(error) = last_good.write(files) {
        tracing::error!(%error, "the last good catalog cannot be kept: check the state folder");
    }
}

/// Says each problem once per change of the files.
fn log(problems: &Problems, current: &Catalog) {
    const MOST: usize = 20;
    for Problem { file, line, column, message, help, .. } in problems.iter().take(MOST) {
        tracing::error!("{file}:{line}:{column}: {message}; {help}");
    }
    tracing::error!(
        problems = problems.count(),
        revision = %current.revision,
        "the files are invalid: nothing changes, the last good catalog stays"
    );
}
