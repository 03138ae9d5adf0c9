//! Backups that the service makes by itself: when the next is due, and how the last one went.

use crate::admin::Backups;
use crate::catalog::typed_length;
use crate::config::Scheduled;
use crate::files::read_text;
use crate::model::{DurationMs, MINUTE_MS, UnixMs};
use crate::ports::Clock;
use crate::store::{self, Archived, BackupError, Plan, Recipients, Whose};
use crate::watch;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tokio_util::sync::CancellationToken;

/// After one that failed the next is tried so soon, or when it would be due anyway.
const AGAIN: DurationMs = DurationMs(10 * MINUTE_MS);
/// The most bytes of a file with recipients.
const MAX_RECIPIENTS: u64 = 64 * 1024;

/// The service's own backups.
pub(super) struct BackupJob {
    folder: PathBuf,
    state: PathBuf,
    every: DurationMs,
    keep: usize,
    recipients: Recipients,
    clock: Arc<dyn Clock>,
    seen: Arc<Mutex<Backups>>,
}

impl BackupJob {
    /// The job, if one is wanted. A wrong recipient is said at the start, not a day later.
    pub(super) fn of(
        wanted: &Scheduled,
        state: &Path,
        clock: Arc<dyn Clock>,
    ) -> Result<Option<Self>, String> {
        let Some(folder) = wanted.backup_dir.clone() else { return Ok(None) };
        let recipients =
            recipients(&wanted.backup_recipient, wanted.backup_recipients_file.as_deref())?;
        let every = typed_length(&wanted.backup_every)
            .map_err(|why| format!("--backup-every: {why}"))?
            .max(DurationMs(MINUTE_MS));
        let (last, since) = (None, clock.now());
        let seen = Backups { every, last, since, failures: 0 };
        let (state, keep) = (state.to_owned(), usize::from(wanted.backup_keep));
        let seen = Arc::new(Mutex::new(seen));
        Ok(Some(Self { folder, state, every, keep, recipients, clock, seen }))
    }

    /// How they went, for the metrics.
    pub(super) fn seen(&self) -> Arc<dyn Fn() -> Backups + Send + Sync> {
        let seen = Arc::clone(&self.seen);
        Arc::new(move || seen.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    /// Makes one whenever it is due, until `stop`. What a restart interrupts is begun anew.
    pub(super) async fn run(self, stop: CancellationToken) {
        self.note(|seen, newest| seen.last = newest);
        let mut failed_at = None;
        loop {
            let last = self.seen.lock().unwrap_or_else(PoisonError::into_inner).last;
            // One from the future was made by a clock that was wrong: nothing is known of its age.
            let last = last.filter(|last| *last <= self.clock.now());
            let due = last.map_or_else(|| self.clock.now(), |last| last + self.every);
            let due = failed_at.map_or(due, |at: UnixMs| (at + AGAIN.min(self.every)).max(due));
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.clock.sleep_until(due) => {}
            }
            failed_at = match self.make().await {
                Ok(made) => {
                    tracing::info!(
                        path = %made.path.display(),
                        bytes = made.bytes,
                        revision = made.verified.revision,
                        pruned = made.verified.pruned,
                        removed = made.removed.len(),
                        "a backup was made and read again"
                    );
                    for why in &made.not_removed {
                        tracing::warn!("an old backup could not be removed: {why}");
                    }
                    let now = self.clock.now();
                    self.note(|seen, newest| {
                        seen.last = newest.filter(|at| *at <= now).or(Some(now))
                    });
                    None
                }
                Err(why) => {
                    tracing::error!("no backup was made, it is tried again: {why}");
                    self.note(|seen, _| seen.failures = seen.failures.saturating_add(1));
                    Some(self.clock.now())
                }
            };
        }
    }

    fn note(&self, change: impl FnOnce(&mut Backups, Option<UnixMs>)) {
        let there = store::standing(&self.state).ok().flatten();
        let whose = Whose {
            shop: watch::last_shop(&self.state),
            store_id: there.and_then(|there| there.store_id),
        };
        let newest = store::list_backups(&self.folder, &whose).ok();
        let newest = newest.and_then(|all| all.last().map(|(at, _)| *at));
        change(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner), newest);
    }

    async fn make(&self) -> Result<Archived, String> {
        let (state, folder) = (self.state.clone(), self.folder.clone());
        let (recipients, keep, now) = (self.recipients.clone(), self.keep, self.clock.now());
        let make = move || {
            let plan = Plan {
                state: &state,
                folder: &folder,
                shop: watch::last_shop(&state),
                recipients: &recipients,
                now,
                keep: Some(keep),
                prune: true,
                report: &|_, _, _| {},
            };
            store::archive(&plan).map_err(|error: BackupError| error.to_string())
        };
        tokio::task::spawn_blocking(make).await.map_err(|error| error.to_string())?
    }
}

/// Recipients from flags and from a file, together.
pub(super) fn recipients(flags: &[String], file: Option<&Path>) -> Result<Recipients, String> {
    let say = |error: store::ArchiveError| error.to_string();
    let named = Recipients::parse(flags.iter().map(String::as_str)).map_err(say)?;
    let Some(path) = file else { return Ok(named) };
    let text = read_text(path, MAX_RECIPIENTS).map_err(|e| format!("{}: {e}", path.display()))?;
    let listed = Recipients::parse(text.lines()).map_err(|e| format!("{}: {e}", path.display()))?;
    if listed.is_empty() {
        return Err(format!("{} names no recipient: nothing would be encrypted", path.display()));
    }
    Ok(named.and(listed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::SystemClock;
    use crate::store::{OpenOptions, SledStore};
    use std::time::Duration;

    fn job(state: &Path, folder: &Path) -> BackupJob {
        let wanted = Scheduled {
            backup_dir: Some(folder.to_owned()),
            backup_every: "1d".to_owned(),
            backup_keep: 3,
            ..Scheduled::default()
        };
        BackupJob::of(&wanted, state, Arc::new(SystemClock)).unwrap().unwrap()
    }

    async fn until(seen: &Arc<dyn Fn() -> Backups + Send + Sync>, what: fn(&Backups) -> bool) {
        let wait = async {
            while !what(&seen()) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), wait).await.expect("it comes to that");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_shop_without_a_backup_makes_one_at_once_and_a_failure_counts() {
        let folder = tempfile::tempdir().unwrap();
        let (state, to) = (folder.path().join("state"), folder.path().join("backups"));
        let nobody = Whose { shop: None, store_id: None };
        let mut options = OpenOptions::at(&state);
        options.ballast_mib = 0;
        SledStore::init(&options).unwrap();
        let store = SledStore::open(options).unwrap();
        let stop = CancellationToken::new();
        let job_to_run = job(&state, &to);
        let seen = job_to_run.seen();
        let running = tokio::spawn(job_to_run.run(stop.clone()));
        until(&seen, |seen| seen.last.is_some()).await;
        assert_eq!(store::list_backups(&to, &nobody).unwrap().len(), 1);
        stop.cancel();
        running.await.unwrap();
        // What is there already is known at the next start, and none is made before its time.
        let stop = CancellationToken::new();
        let again = job(&state, &to);
        let seen = again.seen();
        let running = tokio::spawn(again.run(stop.clone()));
        until(&seen, |seen| seen.last.is_some()).await;
        assert_eq!((store::list_backups(&to, &nobody).unwrap().len(), seen().failures), (1, 0));
        stop.cancel();
        running.await.unwrap();
        let taken = folder.path().join("a-file");
        std::fs::write(&taken, "").unwrap();
        let stop = CancellationToken::new();
        let failing = job(&state, &taken);
        let seen = failing.seen();
        let running = tokio::spawn(failing.run(stop.clone()));
        until(&seen, |seen| seen.failures > 0).await;
        assert_eq!(seen().last, None);
        stop.cancel();
        running.await.unwrap();
        store.close().await.unwrap();
    }

    #[test]
    fn what_cannot_be_meant_is_said_at_the_start() {
        let say = |wanted: Scheduled| {
            let place = Path::new("/nowhere");
            BackupJob::of(&wanted, place, Arc::new(SystemClock)).err().unwrap_or_default()
        };
        let wanted = || Scheduled {
            backup_dir: Some("/nowhere/b".into()),
            backup_every: "1d".to_owned(),
            backup_keep: 3,
            ..Scheduled::default()
        };
        let every = say(Scheduled { backup_every: "soon".to_owned(), ..wanted() });
        assert!(every.contains("--backup-every"), "{every}");
        let recipient = say(Scheduled { backup_recipient: vec!["age1x".to_owned()], ..wanted() });
        assert!(recipient.contains("`age1x` is no recipient"), "{recipient}");
        assert_eq!(say(Scheduled { backup_dir: None, ..wanted() }), "");
    }
}
