//! File events, which are only hints to look again: they get lost, come twice, and stop for good
//! when the folder is replaced. So folders are watched, never files, and the poll is the truth.

use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::Notify;

/// Watches a folder and the one above it.
pub(super) struct Hints {
    watcher: Option<RecommendedWatcher>,
    dir: PathBuf,
    watched: Option<Identity>,
}

/// Which folder a path leads to now.
type Identity = (u64, u64);

impl Hints {
    /// Starts watching; without file events (no inotify left, say) only the poll works.
    pub(super) fn start(dir: &Path, hint: Arc<Notify>) -> Self {
        let dir = absolute(dir);
        let ours = dir.clone();
        let on_event = move |event: notify::Result<Event>| {
            if event.map_or(true, |e| is_change(e.kind) && concerns(&ours, &e.paths)) {
                hint.notify_one();
            }
        };
        let watcher = notify::recommended_watcher(on_event)
            .map_err(|error| tracing::warn!(%error, "no file events: changes are found by polling"))
            .ok();
        let mut hints = Self { watcher, dir, watched: None };
        hints.refresh();
        hints
    }

    /// Watches anew when the path leads to another folder than before, or to one again; `true`
    /// when it does, and then what was written before the watch stood is still to be read.
    pub(super) fn refresh(&mut self) -> bool {
        let now = identity(&self.dir);
        if now == self.watched && now.is_some() {
            return false;
        }
        let Some(watcher) = &mut self.watcher else { return false };
        // Watches of what is gone cannot be removed; that is not worth a word.
        let _ = watcher.unwatch(&self.dir);
        if let Some(parent) = self.dir.parent() {
            let _ = watcher.unwatch(parent);
            if let Err(error) = watcher.watch(parent, RecursiveMode::NonRecursive) {
                tracing::debug!(%error, "the folder above cannot be watched");
            }
        }
        self.watched = None;
        if now.is_some() {
            match watcher.watch(&self.dir, RecursiveMode::NonRecursive) {
                Ok(()) => self.watched = now,
                Err(error) => tracing::debug!(%error, "the folder cannot be watched"),
            }
        }
        self.watched.is_some()
    }
}

/// What happens to the folder's neighbours does not concern it.
fn concerns(dir: &Path, paths: &[PathBuf]) -> bool {
    let neighbour = |path: &PathBuf| path.parent() == dir.parent() && path != dir;
    paths.is_empty() || !paths.iter().all(neighbour)
}

/// Our own reading must not wake us.
const fn is_change(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => true,
        EventKind::Access(_) => false,
        EventKind::Any
        | EventKind::Create(_)
        | EventKind::Modify(_)
        | EventKind::Remove(_)
        | EventKind::Other => true,
    }
}

/// A relative path has no parent that could be watched.
fn absolute(dir: &Path) -> PathBuf {
    std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned())
}

#[cfg(unix)]
fn identity(dir: &Path) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(dir).ok().filter(std::fs::Metadata::is_dir).map(|m| (m.dev(), m.ino()))
}

#[cfg(not(unix))]
fn identity(dir: &Path) -> Option<Identity> {
    std::fs::metadata(dir).ok().filter(std::fs::Metadata::is_dir).map(|_| (0, 0))
}
