//! What is found damaged becomes a record, so that everybody who reads the store knows of it.

use super::super::prepare::prepare;
use super::losses;
use super::writer::{self, Room, Stop, Writer};
use crate::model::{Damage, Edits, Key, Kind, Lost};
use crate::ports::StoreError;
use std::sync::atomic::Ordering;

/// Most that one record names: what comes after is in the log.
const MOST: usize = 16;

impl Writer {
    /// After an open: what was lost is noted; what was only unreadable and is there again is
    /// resolved.
    pub(super) fn note_damage(&mut self) -> Result<(), Stop> {
        let lost = std::mem::take(&mut self.store.lost);
        if !lost.is_empty() {
            let kept = self.store.load.kept.clone();
            self.add_damage(lost, kept)?;
            losses::forget(&self.options.path).map_err(|e| writer::lost(&e))?;
            return self.mend();
        }
        let Some(known) = self.snapshot.damaged().cloned() else { return Ok(()) };
        if self.store.complete && known.lost.iter().all(|lost| lost.passing) {
            tracing::info!("everything that could not be read is there again");
            let now = (self.options.hooks.now)();
            return self.put_damage(Damage { resolved_at: Some(now), ..known });
        }
        // The start that found it may have been cut short.
        if known.lost.iter().all(|lost| lost.passing) { Ok(()) } else { self.mend() }
    }

    /// Something in sled cannot be read while it runs. The journal may give it again at the next
    /// open, which reads everything.
    pub(super) fn found_unreadable(&mut self, kind: Option<Kind>, what: &str) -> Result<(), Stop> {
        self.end_check();
        self.suspect = true;
        self.mark(false)?;
        self.sync_mark()?;
        let kinds: Vec<String> = kind.iter().map(|kind| kind.tree().to_owned()).collect();
        let what = format!(
            "some records of {} cannot be read; a restart builds the store anew from its journal",
            kind.map_or("a kind that is not known", Kind::tree)
        ) + if what.is_empty() { "" } else { ". It said: " }
            + what;
        let known = self.snapshot.damaged().map(|d| d.lost.clone()).unwrap_or_default();
        if known.iter().any(|lost| lost.passing && lost.kinds == kinds) {
            return Ok(());
        }
        let lost = Lost { what, first: None, last: None, kinds, passing: true };
        self.add_damage(vec![lost], Vec::new())
    }

    /// Goes on with reading what the open did not read.
    pub(super) fn check_some(&mut self) -> Result<(), Stop> {
        let Some(check) = &mut self.check else { return Ok(()) };
        let _working = self.work.begin();
        match check.step(&self.store.trees, self.tallies, &self.snapshot) {
            Ok(false) => Ok(()),
            Ok(true) => {
                self.end_check();
                tracing::info!(revision = self.revision, "every record of the store was read");
                Ok(())
            }
            Err((kind, what)) => self.found_unreadable(kind, &what),
        }
    }

    fn end_check(&mut self) {
        self.check = None;
        self.published.unread.store(false, Ordering::Relaxed);
    }

    fn add_damage(&mut self, lost: Vec<Lost>, kept: Vec<String>) -> Result<(), Stop> {
        for lost in &lost {
            tracing::error!(
                %lost,
                "the store is damaged: nothing is sold, and nothing is taken away from anybody, \
                 until it is resolved: docs/OPERATIONS.md, StoreDamaged"
            );
        }
        let mut damage = self.snapshot.damaged().cloned().unwrap_or_else(|| Damage {
            since: (self.options.hooks.now)(),
            lost: Vec::new(),
            kept: Vec::new(),
            resolved_at: None,
        });
        // Noted by a start that was cut short, they come a second time.
        add_new(&mut damage.lost, lost);
        add_new(&mut damage.kept, kept);
        self.put_damage(damage)
    }

    fn put_damage(&mut self, damage: Damage) -> Result<(), Stop> {
        let mut edits = Edits::new();
        edits.expect(Key::Damage(), self.snapshot.version(&Key::Damage()));
        edits.put(damage);
        self.commit_own(edits)
    }

    /// Commits what nobody asked for. The process ends where that is refused: it is the store's own word.
    pub(super) fn commit_own(&mut self, edits: Edits) -> Result<(), Stop> {
        let fatal = |error: StoreError| Stop::Fatal(error.to_string());
        let prepared = prepare(edits).map_err(fatal)?;
        let (answer, mut answered) = tokio::sync::oneshot::channel();
        self.commit(vec![(Box::new(prepared), answer)], Room::Whatever)?;
        match answered.try_recv() {
            Ok(result) => result.map(drop).map_err(fatal),
            Err(error) => Err(Stop::Fatal(error.to_string())),
        }
    }
}

/// Adds what is not named yet, as far as one record names things.
fn add_new<T: PartialEq>(named: &mut Vec<T>, new: Vec<T>) {
    for one in new {
        if named.len() < MOST && !named.contains(&one) {
            named.push(one);
        }
    }
}
