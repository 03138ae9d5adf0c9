//! When a checkpoint is written: while the store is used, by a thread of its own from the immutable
//! snapshot, and once more at an orderly close where enough was committed since.
//!
//! It is never in the way: no commit waits for it, it takes no room that orders need, and one that
//! fails is only said in the log.

use super::super::checkpoint;
use super::super::disk_space::{LOW_WATER_MIB, MIB};
use super::super::journal::{FOLDER, Files, Head};
use super::open::Taken;
use super::options::OpenOptions;
use crate::model::{Revision, Snapshot};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

/// While the store is used, one is due when the journal after the last is this part of its length:
/// so all of them together are at most four times as long as the journal.
const PART_WHILE_USED: u64 = 4;
/// At a close: what is replayed takes longer than what is read.
const PART_AT_CLOSE: u64 = 64;

/// About how many bytes of the journal a record is.
const A_RECORD: u64 = 256;
/// Ticks until the next is tried after one that could not be written: ten minutes.
const REST: u32 = 600;

/// The checkpoint of a store that is used.
pub(super) struct Checkpoints {
    /// Where the last one stands, if there is one.
    revision: Option<Revision>,
    /// Its length in bytes.
    length: u64,
    /// Bytes of the journal after it.
    since: u64,
    writing: Option<Writing>,
    /// Ticks until the next may be tried.
    rest: u32,
}

/// One that is being written.
struct Writing {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<io::Result<Option<u64>>>,
    covers: Covers,
}

/// What one that is written then stands for: its revision, and the bytes of the journal up to it.
type Covers = (Revision, u64);

impl Checkpoints {
    /// After an open that took one, or that read so many records.
    pub(super) fn after(taken: Option<Taken>, records: usize) -> Self {
        let read = u64::try_from(records).unwrap_or(u64::MAX).saturating_mul(A_RECORD);
        let (length, since) = taken.map_or((0, read), |taken| (taken.bytes, taken.since));
        let revision = taken.map(|taken| taken.revision);
        Self { revision, length, since, writing: None, rest: 0 }
    }

    /// So many bytes more are in the journal.
    pub(super) fn journaled(&mut self, bytes: usize) {
        self.since = self.since.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
    }

    fn is_due(&self, options: &OpenOptions, head: &Head, part: u64) -> bool {
        let enough = options.checkpoint_bytes.max(self.length / part);
        head.revision > 0 && (self.since >= enough || self.is_cut_off(options))
    }

    /// Whether a backup took out of the journal what leads on from the last one.
    fn is_cut_off(&self, options: &OpenOptions) -> bool {
        let base = || Files::of(&options.path.join(FOLDER)).ok()?.bases.pop();
        self.revision.is_some_and(|at| base().is_some_and(|(begins, _)| at < begins))
    }

    /// Once a second: begins one on a thread of its own when it is due.
    pub(super) fn tick(&mut self, options: &OpenOptions, head: Head, snapshot: &Arc<Snapshot>) {
        if self.writing.as_ref().is_some_and(|writing| !writing.thread.is_finished()) {
            return;
        }
        self.end();
        self.rest = self.rest.saturating_sub(1);
        if self.rest > 0 || !self.is_due(options, &head, PART_WHILE_USED) {
            return;
        }
        let covers = (head.revision, self.since);
        let stop = Arc::new(AtomicBool::new(false));
        let (stopped, with, snapshot) = (Arc::clone(&stop), options.clone(), Arc::clone(snapshot));
        let work = move || write(&with, &head, &snapshot, &stopped);
        match std::thread::Builder::new().name("store-checkpoint".to_owned()).spawn(work) {
            Ok(thread) => self.writing = Some(Writing { stop, thread, covers }),
            Err(error) => self.note(Err(error), covers),
        }
    }

    /// Waits for the one that is being written, which ends soon once it was told to.
    fn end(&mut self) {
        let Some(Writing { thread, covers, .. }) = self.writing.take() else { return };
        let failed = || Err(io::Error::other("its thread ended"));
        self.note(thread.join().unwrap_or_else(|_| failed()), covers);
    }

    fn note(&mut self, written: io::Result<Option<u64>>, covers: Covers) {
        let (revision, bytes) = covers;
        match written {
            Ok(Some(length)) => {
                tracing::debug!(revision, length, "wrote a checkpoint");
                self.revision = Some(revision);
                self.length = length;
                self.since = self.since.saturating_sub(bytes);
                return;
            }
            Ok(None) => tracing::info!("a checkpoint is not written to its end"),
            Err(error) => tracing::warn!(%error, "no checkpoint is written"),
        }
        self.rest = REST;
    }

    /// The last one, unless what the next start would replay is not worth it.
    pub(super) fn close(&mut self, options: &OpenOptions, head: &Head, snapshot: &Snapshot) {
        self.stop();
        if self.is_due(options, head, PART_AT_CLOSE) {
            let written = write(options, head, snapshot, &AtomicBool::new(false));
            self.note(written, (head.revision, self.since));
        }
    }

    fn stop(&mut self) {
        if let Some(writing) = &self.writing {
            writing.stop.store(true, Ordering::Relaxed);
        }
        self.end();
    }
}

impl Drop for Checkpoints {
    /// The lock of the store must not be free while somebody writes in its folder.
    fn drop(&mut self) {
        self.stop();
    }
}

fn write(
    options: &OpenOptions,
    head: &Head,
    snapshot: &Snapshot,
    stop: &AtomicBool,
) -> io::Result<Option<u64>> {
    let may_go_on = || {
        // A disk that does not say how full it is must not stop anything.
        let free = (options.hooks.free_bytes)(&options.path).unwrap_or(u64::MAX);
        !stop.load(Ordering::Relaxed) && free >= LOW_WATER_MIB.saturating_mul(MIB)
    };
    checkpoint::write(&options.path, head, snapshot, &may_go_on)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SCHEMA_VERSION;
    use crate::view::sample;
    use std::sync::atomic::AtomicU64;

    #[test]
    fn one_for_which_there_is_no_room_is_tried_again_after_ten_minutes() {
        let folder = tempfile::tempdir().unwrap();
        let (free, tries) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let mut options = OpenOptions::at(folder.path());
        let (given, counted) = (Arc::clone(&free), Arc::clone(&tries));
        options.hooks.free_bytes = Arc::new(move |_| {
            counted.fetch_add(1, Ordering::Relaxed);
            Ok(given.load(Ordering::Relaxed))
        });
        let snapshot = Arc::new(sample::snapshot([sample::served_account(1, true)]));
        let head = Head { revision: 7, ..Head::before_all(SCHEMA_VERSION) };
        let mut checkpoints = Checkpoints::after(None, 1_000_000);
        let minutes = |checkpoints: &mut Checkpoints, minutes: u32| {
            for _ in 0..minutes * 60 {
                checkpoints.tick(&options, head.clone(), &snapshot);
                checkpoints.end();
            }
        };
        minutes(&mut checkpoints, 20);
        assert_eq!(tries.load(Ordering::Relaxed), 2);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        free.store(u64::MAX, Ordering::Relaxed);
        minutes(&mut checkpoints, 10);
        assert!(folder.path().join(checkpoint::NAME).exists());
        let written = tries.load(Ordering::Relaxed);
        minutes(&mut checkpoints, 10);
        assert_eq!(tries.load(Ordering::Relaxed), written, "nothing came that is worth another");
    }
}
