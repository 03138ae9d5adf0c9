//! What of the files is in force: the last ones that were valid, also across a restart. Where they
//! lie, and how they are read, is no part of it.

use super::settle::NowMs;
use super::standing::Invalid;
use crate::catalog::{self, Catalog, Checked, Files, Options, Problems, load};
use std::io;
use std::sync::Arc;
use tokio::sync::watch;

/// Where the last good files are kept as text.
pub trait KeepsLastGood: Send + Sync {
    /// The files of the revisions that were kept, the newest first. The first one counts, the others
    /// only define what it no longer has.
    fn read(&self) -> Vec<Files>;

    /// Keeps these files, durably.
    ///
    /// # Errors
    /// When they cannot be kept; what was kept before still counts then.
    fn write(&self, files: &Files) -> io::Result<()>;
}

/// The catalog in force. Invalid files change nothing but what is said of them.
pub struct InForce {
    kept: Box<dyn KeepsLastGood>,
    /// Where the files lie, as problems name it.
    place: String,
    now: NowMs,
    catalog: watch::Sender<Arc<Catalog>>,
    invalid: watch::Sender<Option<Arc<Invalid>>>,
    history: Vec<Arc<Catalog>>,
}

impl InForce {
    /// Judges the files as a process finds them at its start; invalid ones give way to the last good
    /// ones.
    ///
    /// # Errors
    /// Every problem, when the files are invalid and there are no last good ones.
    pub fn start(
        kept: Box<dyn KeepsLastGood>,
        files: &Files,
        place: String,
        now: NowMs,
    ) -> Result<Self, Problems> {
        let known = kept.read().into_iter();
        let known = known.filter_map(|files| load(&files, &Options::default()).ok());
        let history: Vec<Arc<Catalog>> = known.map(Arc::new).collect();
        let newest = history.first().map(Arc::as_ref);
        let (catalog, invalid) = match judge(newest, files) {
            Ok(catalog) => {
                keep(&*kept, files);
                say(&catalog, "is read");
                (catalog, None)
            }
            Err(problems) => {
                let problems = problems.in_folder(&place);
                let Some(catalog) = newest else { return Err(problems) };
                log(&problems, catalog);
                (catalog.clone(), Some(Arc::new(Invalid { problems, since_ms: now() })))
            }
        };
        let (catalog, invalid) =
            (watch::Sender::new(Arc::new(catalog)), watch::Sender::new(invalid));
        Ok(Self { kept, place, now, catalog, invalid, history })
    }

    /// The last good catalog.
    #[must_use]
    pub fn catalog(&self) -> watch::Receiver<Arc<Catalog>> {
        self.catalog.subscribe()
    }

    /// What is wrong with the files now; `None` while they are good.
    #[must_use]
    pub fn invalid(&self) -> watch::Receiver<Option<Arc<Invalid>>> {
        self.invalid.subscribe()
    }

    /// The good catalogs before this start, the newest first.
    #[must_use]
    pub fn history(&self) -> Vec<Arc<Catalog>> {
        self.history.clone()
    }

    /// Takes up an edit of the files, when it is valid.
    pub fn take(&self, files: &Files) {
        let current = Arc::clone(&self.catalog.borrow());
        match judge(Some(&current), files) {
            Ok(catalog) => {
                self.invalid.send_if_modified(|i| i.take().is_some());
                keep(&*self.kept, files);
                say(&catalog, "changed");
                self.catalog.send_if_modified(|was| {
                    let differs = **was != catalog;
                    *was = Arc::new(catalog);
                    differs
                });
            }
            Err(problems) => {
                let problems = problems.in_folder(&self.place);
                let before = self.invalid.borrow().clone();
                if before.as_ref().is_none_or(|b| b.problems != problems) {
                    log(&problems, &current);
                    // Other problems are the same trouble: the shop lives on since then.
                    let since_ms = before.map_or_else(|| (self.now)(), |b| b.since_ms);
                    self.invalid.send_replace(Some(Arc::new(Invalid { problems, since_ms })));
                }
            }
        }
    }
}

/// Without a copy a restart with broken files would fail; the running shop does not need it.
fn keep(kept: &dyn KeepsLastGood, files: &Files) {
    if let Err(error) = kept.write(files) {
        tracing::error!(%error, "the last good catalog cannot be kept: check the state folder");
    }
}

/// What the files mean after the catalog before; each reading that is taken logs
/// what has no effect.
fn judge(previous: Option<&Catalog>, files: &Files) -> Result<Catalog, Problems> {
    let Checked { catalog, warnings } = catalog::check(files, &Options { previous, keys: None });
    if let (Ok(_), Some(warnings)) = (&catalog, warnings) {
        for warning in warnings.iter() {
            tracing::warn!("{}: {}", warning.place(), warning.message);
        }
    }
    catalog
}

fn say(catalog: &Catalog, what: &'static str) {
    let commit = catalog.commit.as_ref();
    tracing::info!(
        revision = %catalog.revision,
        commit = commit.map(|commit| commit.id.as_str()),
        commit.author = commit.and_then(|commit| commit.author.as_deref()),
        commit.subject = commit.and_then(|commit| commit.subject.as_deref()),
        "the catalog {what}"
    );
}

/// Says each problem once per change of the files.
fn log(problems: &Problems, current: &Catalog) {
    const MOST: usize = 20;
    for problem in problems.iter().take(MOST) {
        tracing::error!("{problem}");
    }
    tracing::error!(
        problems = problems.count(),
        revision = %current.revision,
        "the files are invalid: nothing changes, the last good catalog stays"
    );
}
