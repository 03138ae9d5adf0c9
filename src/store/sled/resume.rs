//! An open that takes the resident records from a checkpoint and what the journal has after it, while
//! sled is opened and nothing of it is read but where it stands.
//!
//! It goes so only when nothing is in doubt: every other open reads the trees, as if there were no
//! checkpoint. What sled holds is read after the start, record by record (`check.rs`).

use super::super::checkpoint::{self, CheckpointFile};
use super::super::journal::{Change, Gap, Head, Mark, Survey, decode, replay, survey_at};
use super::findings::was_acknowledged;
use super::open::Raw;
use super::{OpenError, OpenOptions, build, files};
use crate::model::{Edits, Key, Record, Snapshot};
use std::io;
use std::path::Path;

/// What was read at once.
pub(super) struct Gathered {
    /// The journal.
    pub(super) known: Option<Survey>,
    /// The checkpoint and sled, if there is a checkpoint that may be taken.
    pub(super) early: Option<Early>,
}

/// A checkpoint and the sled beside it.
pub(super) struct Early {
    pub(super) raw: Result<Raw, OpenError>,
    head: Head,
    bytes: u64,
    snapshot: Result<Snapshot, String>,
}

/// Reads the journal, and beside it the checkpoint and sled where there is a checkpoint to take.
pub(super) fn gather(
    options: &OpenOptions,
    journal: &Path,
    mark: Option<&Mark>,
) -> io::Result<Gathered> {
    let db = options.path.join(files::DB);
    let found = if db.join("db").exists() { candidate(options, mark) } else { None };
    let Some(found) = found else {
        return Ok(Gathered { known: survey_at(journal, None)?, early: None });
    };
    let (head, bytes) = (found.head.clone(), found.bytes);
    std::thread::scope(|scope| {
        let snapshot = scope.spawn(|| found.read());
        let raw = scope.spawn(|| Raw::open(&db, options.cache_mib));
        let known = survey_at(journal, Some(head.revision));
        let ended = || "a thread that read it ended".to_owned();
        let snapshot = snapshot.join().unwrap_or_else(|_| Err(ended()));
        let raw = raw.join().unwrap_or_else(|_| Err(OpenError::Damaged { detail: ended() }));
        Ok(Gathered { known: known?, early: Some(Early { raw, head, bytes, snapshot }) })
    })
}

/// The checkpoint, unless something speaks against it before it is read. After a power cut sled may
/// lack anything: that is for an open to find, not for a shop that serves.
fn candidate(options: &OpenOptions, mark: Option<&Mark>) -> Option<CheckpointFile> {
    let boot = (options.hooks.boot)();
    let found = checkpoint::find(&options.path).and_then(|found| {
        let why = match (&found, mark) {
            (None, _) => return Ok(None),
            (_, None) => "there is no mark",
            (_, Some(mark)) if mark.suspect => "something in sled could not be read",
            (_, Some(mark)) if !mark.clean && (boot == 0 || mark.boot != boot) => {
                "the machine was started anew and the store was not closed"
            }
            (Some(found), _) if found.head.schema != options.schema => "it is of another schema",
            _ => return Ok(found),
        };
        Err(why.to_owned())
    });
    found.unwrap_or_else(refused)
}

/// Says once why an open reads the trees.
fn refused<T>(why: String) -> Option<T> {
    tracing::info!(why, "the checkpoint is not taken");
    None
}

/// Takes the checkpoint, if it is of this journal and sled is sound by its own word, and says how many
/// edits sled lacked. `None` leaves all to an open that reads the trees.
pub(super) fn resume(early: &mut Early, known: &Survey, mark: Option<&Mark>) -> Option<u64> {
    forward(early, known, mark).map_or_else(refused, Some)
}

fn forward(early: &mut Early, known: &Survey, mark: Option<&Mark>) -> Result<u64, String> {
    let Early { raw, head, bytes, snapshot } = early;
    let snapshot = std::mem::replace(snapshot, Err("it was looked at before".to_owned()))?;
    let raw = raw.as_mut().map_err(|error| error.to_string())?;
    let refuse = |why: &str| Err(why.to_owned());
    let acknowledged = |torn: &Gap| was_acknowledged(torn, mark, raw.revision);
    if !known.faults.is_empty()
        || !known.gaps.is_empty()
        || known.torn.as_ref().is_some_and(acknowledged)
    {
        return refuse("the journal is damaged");
    }
    let Some(at) = known.at.as_ref().filter(|at| at.revision == head.revision) else {
        return refuse("the journal does not have its revision");
    };
    if (at.lineage, at.tallies) != (head.lineage, head.tallies) {
        return refuse("it is of another history");
    }
    let Some(stand) = raw.stand.filter(|stand| stand.revision == raw.revision) else {
        return refuse("sled does not say where it stands");
    };
    if known.lineage(stand.revision) != Some(stand.lineage) {
        return refuse("sled is of another history than the journal");
    }
    if raw.schema != Some(head.schema) {
        return refuse("sled is of another schema");
    }
    let mut since = 0;
    let snapshot = replayed(snapshot, known, &mut since)?;
    if (snapshot.revision(), snapshot.lineage()) != (known.end.revision, known.end.lineage) {
        return refuse("the journal does not lead on from it");
    }
    let count = build::catch_up(raw, known).map_err(|error| error.to_string())?;
    if raw.stand.map(|stand| stand.tallies) != Some(known.end.tallies) {
        return refuse("sled does not come to what the journal says it must");
    }
    raw.loaded = Some(Ok(snapshot));
    raw.checkpoint = Some(super::open::Taken { revision: head.revision, bytes: *bytes, since });
    Ok(count)
}

/// The snapshot with what the journal has after it.
fn replayed(snapshot: Snapshot, known: &Survey, since: &mut u64) -> Result<Snapshot, String> {
    /// An edit that cannot be read, or the journal that cannot.
    struct Failed(String);
    impl From<io::Error> for Failed {
        fn from(error: io::Error) -> Self {
            Self(error.to_string())
        }
    }
    let mut at = snapshot;
    let from = at.revision();
    let outcome = replay::<Failed>(known, from, |head, body| {
        *since = since.saturating_add(u64::try_from(body.len()).unwrap_or(u64::MAX));
        let edits = edits(body).ok_or_else(|| {
            Failed(format!("revision {} in the journal cannot be read", head.revision))
        })?;
        at = at.after(&edits, head.revision).with_lineage(head.lineage);
        Ok(())
    });
    outcome.map(|()| at).map_err(|Failed(why)| why)
}

/// What a body changes of the resident records.
fn edits(body: &[u8]) -> Option<Edits> {
    let mut edits = Edits::new();
    for change in decode(body)? {
        match change {
            Change::Put(kind, key, json) if kind.resident() => {
                let record = Record::from_json(kind, json).ok()?;
                if record.key().to_bytes() != key {
                    return None;
                }
                edits.put(record);
            }
            Change::Delete(kind, key) if kind.resident() => {
                edits.delete(Key::from_bytes(kind, key)?);
            }
            Change::Put(..) | Change::Delete(..) => {}
        }
    }
    Some(edits)
}

#[cfg(test)]
mod tests {
    use super::super::super::journal::{MarkFile, Tallies};
    use super::super::open::Stand;
    use super::super::recover::open;
    use super::*;
    use crate::model::{Lineage, UnixMs};
    use crate::ports::Store;
    use crate::store::SledStore;
    use crate::view::sample;
    use std::fmt::Debug;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tracing::field::{Field, Visit};
    use tracing::span;

    /// Counts lines of the log that say that a checkpoint is not taken.
    #[derive(Clone, Default)]
    struct Said(Arc<AtomicUsize>);

    impl Visit for Said {
        fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
            if field.name() == "message" && format!("{value:?}") == "the checkpoint is not taken" {
                self.0.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    impl tracing::Subscriber for Said {
        fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
            true
        }
        fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
            span::Id::from_u64(1)
        }
        fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
        fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
        fn event(&self, event: &tracing::Event<'_>) {
            event.record(&mut self.clone());
        }
        fn enter(&self, _: &span::Id) {}
        fn exit(&self, _: &span::Id) {}
    }

    /// A closed store whose checkpoint is one revision behind its end, and all that it holds.
    fn closed(folder: &Path) -> (OpenOptions, Arc<Snapshot>, Arc<Snapshot>) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let mut options = OpenOptions::at(folder.join("state"));
        (options.checkpoint_bytes, options.ballast_mib) = (0, 0);
        options.hooks.boot = Arc::new(|| 7);
        SledStore::init(&options).unwrap();
        let shown = [0, u64::MAX].map(|checkpoint_bytes| {
            let with = OpenOptions { checkpoint_bytes, ..options.clone() };
            let store = SledStore::open(with).unwrap();
            let at = UnixMs(store.snapshot().revision());
            let edits = match at.0 {
                0 => sample::served_account(1, true),
                _ => sample::put(crate::model::ClockSeen { at }),
            };
            runtime.block_on(store.txn(edits)).unwrap();
            let snapshot = store.snapshot();
            store.close_now();
            snapshot
        });
        let [covered, all] = shown;
        (options, covered, all)
    }

    #[test]
    fn on_any_doubt_the_trees_are_read_and_it_is_said_once() {
        type Doubt = (&'static str, fn(&mut Head), fn(&mut Mark), fn(&mut Vec<u8>), fn(&mut Stand));
        let doubts: [Doubt; 15] = [
            ("another history", |head| head.lineage = Lineage([9; 32]), |_| {}, |_| {}, |_| {}),
            ("other tallies", |head| head.tallies = Tallies::default(), |_| {}, |_| {}, |_| {}),
            ("another schema", |head| head.schema += 1, |_| {}, |_| {}, |_| {}),
            ("a later revision", |head| head.revision += 1, |_| {}, |_| {}, |_| {}),
            ("one beyond the end", |head| head.revision += 2, |_| {}, |_| {}, |_| {}),
            ("a revision before", |head| head.revision -= 1, |_| {}, |_| {}, |_| {}),
            ("sled is in doubt", |_| {}, |mark| mark.suspect = true, |_| {}, |_| {}),
            ("a power cut", |_| {}, |mark| (mark.clean, mark.boot) = (false, 8), |_| {}, |_| {}),
            ("unknown start", |_| {}, |mark| (mark.clean, mark.boot) = (false, 0), |_| {}, |_| {}),
            ("a damaged head", |_| {}, |_| {}, |bytes| bytes[9] ^= 1, |_| {}),
            ("a damaged block", |_| {}, |_| {}, |bytes| *bytes.last_mut().unwrap() ^= 1, |_| {}),
            ("cut", |_| {}, |_| {}, |bytes| bytes.truncate(bytes.len() - 1), |_| {}),
            ("empty", |_| {}, |_| {}, Vec::clear, |_| {}),
            ("sled's history", |_| {}, |_| {}, |_| {}, |stand| stand.lineage = Lineage([9; 32])),
            ("sled's tallies", |_| {}, |_| {}, |_| {}, |stand| stand.tallies = Tallies::default()),
        ];
        let folder = tempfile::tempdir().unwrap();
        let (options, covered, all) = closed(folder.path());
        let place = options.path.join(checkpoint::NAME);
        let head = checkpoint::find(&options.path).unwrap().unwrap().head;
        let mark = MarkFile::read(&options.path).unwrap().unwrap();
        let blocks = |of: &Snapshot| of.blocks().map(Result::unwrap).collect::<Vec<_>>();
        let try_it = |doubt: Option<Doubt>| {
            let (mut head, mut mark) = (head.clone(), mark.clone());
            let (what, on_head, on_mark, on_bytes, on_sled) =
                doubt.unwrap_or(("none", |_| {}, |_| {}, |_| {}, |_| {}));
            on_head(&mut head);
            on_mark(&mut mark);
            checkpoint::write(&options.path, &head, &covered, &|| true).unwrap();
            let mut bytes = std::fs::read(&place).unwrap();
            on_bytes(&mut bytes);
            std::fs::write(&place, bytes).unwrap();
            MarkFile::open(&options.path).unwrap().write(&mark).unwrap();
            let mut raw = Raw::open(&options.path.join(files::DB), options.cache_mib).unwrap();
            let mut stand = raw.stand.unwrap();
            on_sled(&mut stand);
            raw.stand_at(stand).unwrap();
            drop(raw);
            let said = Said::default();
            let opened =
                tracing::subscriber::with_default(said.clone(), || open(&options)).unwrap();
            let taken = opened.load.checkpoint;
            assert_eq!(blocks(&opened.snapshot), blocks(&all), "{what}");
            assert_eq!(opened.snapshot.history(), all.history(), "{what}");
            (what, taken, said.0.load(Ordering::Relaxed))
        };
        assert_eq!(try_it(None), ("none", Some(head.revision), 0));
        for doubt in doubts {
            assert_eq!(try_it(Some(doubt)), (doubt.0, None, 1));
        }
        assert_eq!(try_it(None), ("none", Some(head.revision), 0));
    }
}
