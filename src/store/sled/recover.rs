//! Opening a store: sled, its journal and its mark are compared, and what one lacks another gives.
//!
//! - sled may lag behind the journal: what it lacks is replayed.
//! - sled that cannot be opened, or does not hold what the journal says it must, is moved aside and
//!   built again from the journal.
//! - A journal that is damaged while sled has everything is moved aside, and a new one begins with
//!   a base of what sled holds.
//! - What nobody has is [`Lost`]: it is named, and the store is opened with it.

use super::super::checkpoint;
use super::super::journal::{
    FOLDER, Files, Gap, Head, Journal, LINEAGES, Lineages, Mark, MarkFile, Survey, Tallies, chain,
    survey,
};
use super::findings::{Findings, aside, compare_with_mark, judge_torn};
use super::open::{Raw, Stand, Taken, open_sled};
use super::resume::{self, Early, Gathered, resume};
use super::step::Migration;
use super::{LoadStats, OpenError, OpenOptions, build, files, losses, schema, upgrade};
use crate::model::{Kind, Lineage, Lost, Snapshot};
use ::sled::{Db, Tree};
use std::collections::BTreeMap;
use std::fs::File;
use std::sync::Arc;
use std::time::Instant;

/// An open store, as its thread holds it. Fields are dropped in this order: sled closes before
/// the lock is free.
pub(super) struct Opened {
    pub(super) trees: BTreeMap<Kind, Tree>,
    pub(super) meta: Tree,
    pub(super) db: Db,
    /// sled's one data file, to sync when the store is closed.
    pub(super) data: File,
    pub(super) snapshot: Arc<Snapshot>,
    pub(super) tallies: Tallies,
    pub(super) journal: Journal,
    pub(super) mark: MarkFile,
    pub(super) lineages: Lineages,
    pub(super) load: LoadStats,
    /// What cannot be had.
    pub(super) lost: Vec<Lost>,
    /// Every record was read, and all that the journal names is there.
    pub(super) complete: bool,
    /// The checkpoint that the resident records are from.
    pub(super) checkpoint: Option<Taken>,
    pub(super) lock: File,
}

/// Makes a new, empty store.
pub(super) fn init(options: &OpenOptions) -> Result<(), OpenError> {
    let folder = &options.path;
    files::make_folder(folder)?;
    let _lock = files::lock(folder)?;
    let read = files::io("read the store's mark");
    let mark = MarkFile::read(folder).map_err(read)?;
    let used = |name: &str| folder.join(name).exists();
    if used(files::DB) || used(FOLDER) || used(LINEAGES) || mark.is_some_and(|m| m.revision > 0) {
        return Err(OpenError::NotEmpty { path: folder.clone() });
    }
    let head = Head::before_all(options.schema);
    let made = MarkFile::open(folder)
        .and_then(|mut mark| {
            mark.write(&Mark::default())?;
            mark.file().sync_all()
        })
        .and_then(|()| Journal::begin(&folder.join(FOLDER), &head).map(drop))
        .and_then(|()| files::sync_folder(folder));
    made.map_err(files::io("make the store"))
}

/// Opens, on the thread that will use it.
pub(super) fn open(options: &OpenOptions) -> Result<Opened, OpenError> {
    let started = now();
    let folder = options.path.as_path();
    let db = folder.join(files::DB);
    let journal = folder.join(FOLDER);
    let reading = || files::io("read the store's journal");
    let data = db.join("db");
    let none = |mark: Option<&Mark>| OpenError::NoStore {
        path: folder.to_owned(),
        revision: mark.map_or(0, |mark| mark.revision),
    };
    if !folder.is_dir() {
        return Err(none(None));
    }
    let lock = files::lock(folder)?;
    build::take_over(folder).map_err(reading())?;
    upgrade::take_up(folder, &*options.hooks.crash_point)
        .map_err(files::io("put back the copy of an upgrade"))?;
    let mark = MarkFile::read(folder).map_err(reading())?;
    if Files::of(&journal).map_err(reading())?.is_empty() && !data.exists() {
        return Err(none(mark.as_ref()));
    }
    let free = (options.hooks.free_bytes)(folder).unwrap_or(u64::MAX);
    files::ballast(folder, options.ballast_mib, free)?;
    let half_written_removed = files::remove_half_written(&db)?;
    if half_written_removed > 0 {
        tracing::warn!(half_written_removed, "removed half-written snapshots of the store");
    }
    let Gathered { mut known, early } =
        resume::gather(options, &journal, mark.as_ref()).map_err(reading())?;
    let mut found = losses::recall(folder)?;
    // What an upgrade makes of the records is what there will be: none of them may be missing before.
    let is_old = known.as_ref().is_some_and(|known| is_of_another_schema(known, options));
    let whole = known.as_ref().is_some_and(|known| known.gaps.is_empty());
    let all = mark.as_ref().is_some_and(|mark| mark.suspect) || (is_old && whole);
    let raw = match &mut known {
        Some(known) => reconcile(options, known, early, mark.as_ref(), all, &mut found)?,
        None => {
            drop(early);
            without_journal(options, mark.as_ref(), &mut found)?
        }
    };
    let lineages = known.as_mut().map(|k| std::mem::take(&mut k.lineages)).unwrap_or_default();
    let (mut raw, migrated) = migrate(raw, options, &mut found)?;
    let mut stand = raw.stand.ok_or_else(|| OpenError::Damaged {
        detail: "it does not say where it stands".to_owned(),
    })?;
    compare_with_mark(mark.as_ref(), stand, &lineages, &mut found);
    let anew = !found.faults.is_empty() || !found.lost.is_empty() || migrated || is_old;
    if anew {
        raw.distrust_loaded();
        let tallies = raw.tallies(true)?;
        if tallies != stand.tallies {
            let what = "records are missing that the damaged journal cannot give back".to_owned();
            found.lose_after(what, 0);
            stand.tallies = tallies;
        }
    }
    let snapshot = raw.take_snapshot()?;
    let head = stand.head(raw.schema.unwrap_or(options.schema));
    let begins = Files::of(&journal).map_err(reading())?.is_empty();
    if anew || begins {
        for fault in &found.faults {
            tracing::error!(fault, "the store's journal is damaged; it begins anew");
        }
        let whole = found.faults.is_empty() && found.lost.is_empty();
        let aside = match journal.exists() {
            // The copy of before the upgrade has it.
            true if migrated && whole => Some(folder.join(upgrade::OLD_JOURNAL)),
            true => Some(aside(folder, FOLDER, &mut found)?),
            false => None,
        };
        losses::note(folder, &mut found)?;
        let crash_point = &*options.hooks.crash_point;
        build::begin_anew(&raw, folder, &head, aside.as_deref(), &crash_point)?;
        raw.stand_at(stand)?;
        raw.db.flush().map_err(super::errors::damaged)?;
        crash_point(upgrade::STANDS);
    }
    let failed = || files::io("open the store's journal");
    let now_known = match known {
        Some(known) if !anew && !begins => known,
        _ => survey(&journal).map_err(failed())?.ok_or_else(|| none(mark.as_ref()))?,
    };
    let copy = folder.join(checkpoint::NAME);
    if !found.lost.is_empty() && copy.is_file() {
        // It may be all that is left of what was lost.
        let kept = aside(folder, checkpoint::NAME, &mut found)?;
        std::fs::rename(&copy, kept).map_err(files::io("move damaged files aside"))?;
    }
    checkpoint::tidy(folder, raw.checkpoint.is_some());
    let file = Lineages::open(folder).map_err(failed())?;
    if !found.lost.is_empty() {
        file.end_at(stand.revision).map_err(failed())?;
    }
    file.complete(&lineages).map_err(failed())?;
    file.complete(&now_known.lineages).map_err(failed())?;
    let load = LoadStats {
        took: now().duration_since(started),
        records: snapshot.len(),
        bytes_on_disk: files::size(&db),
        half_written_removed,
        snapshots_set_aside: raw.snapshots_set_aside,
        backup: found.backup,
        replayed: found.replayed,
        rebuilt: found.rebuilt,
        checkpoint: raw.checkpoint.map(|taken| taken.revision),
        kept: found.kept,
    };
    let opened = Opened {
        data: File::open(&data).map_err(files::io("open the store's data file"))?,
        trees: raw.trees,
        meta: raw.meta,
        db: raw.db,
        snapshot: Arc::new(snapshot),
        tallies: stand.tallies,
        journal: Journal::resume(&journal, &now_known).map_err(failed())?,
        mark: MarkFile::open(folder).map_err(failed())?,
        lineages: file,
        load,
        complete: found.lost.is_empty() && (all || found.rebuilt),
        lost: found.lost,
        checkpoint: raw.checkpoint,
        lock,
    };
    upgrade::end(folder).map_err(files::io("note that the store is upgraded"))?;
    // The files themselves must outlive a power cut, not only what is in them.
    for path in [db.as_path(), folder] {
        files::sync_folder(path).map_err(files::io("sync the state folder"))?;
    }
    Ok(opened)
}

/// Whether the records of a journal are to be upgraded, or its own start is.
const fn is_of_another_schema(known: &Survey, options: &OpenOptions) -> bool {
    known.end.schema != 0 && known.end.schema != options.schema
}

/// Brings sled to the end of its journal, or builds it anew.
fn reconcile(
    options: &OpenOptions,
    known: &mut Survey,
    early: Option<Early>,
    mark: Option<&Mark>,
    all: bool,
    found: &mut Findings,
) -> Result<Raw, OpenError> {
    let folder = options.path.as_path();
    let db = folder.join(files::DB);
    let opened = match early {
        Some(mut early) => {
            if let Some(replayed) = resume(&mut early, known, mark) {
                found.replayed = replayed;
                let raw = early.raw?;
                if let Some(torn) = known.torn.take() {
                    judge_torn(torn, mark, raw.revision, found);
                }
                return Ok(raw);
            }
            Some(early.raw)
        }
        None => None,
    };
    let sound = if db.join("db").exists() { sound(options, opened, known, all)? } else { None };
    let stood = sound.as_ref().map_or(0, |raw| raw.revision);
    if let Some(torn) = known.torn.take() {
        judge_torn(torn, mark, stood, found);
    }
    found.faults.append(&mut known.faults);
    let end = known.end.revision;
    let mut raw = match sound {
        Some(raw) if raw.revision > end => {
            if let Some(raw) = ahead(raw, known, mark, found)? {
                return Ok(raw);
            }
            None
        }
        other => other,
    };
    if let Some(sled) = &mut raw {
        found.replayed = build::catch_up(sled, known)?;
        let lacks = known.gaps.iter().any(|gap| gap.last > stood);
        let tallies = sled.stand.map(|stand| stand.tallies);
        if !lacks && tallies != Some(known.end.tallies) {
            tracing::error!("the store does not come to what its journal says it must");
            raw = None;
        }
    }
    let (raw, from) = match raw {
        Some(raw) => (raw, stood),
        None => {
            let was_there = db.exists();
            if was_there {
                let kept = aside(folder, files::DB, found)?;
                std::fs::rename(&db, kept).map_err(files::io("move damaged files aside"))?;
            }
            // A new store has a journal and nothing else at its first start, and so has a copy.
            if end > 0 && !was_there {
                tracing::debug!(revision = end, "building the store from its journal");
            } else if end > 0 {
                tracing::warn!(revision = end, "building the store anew from its journal");
            }
            found.rebuilt = true;
            let (built, begins_whole) = build::rebuild(&db, options, known)?;
            let tallies = built.stand.map(|stand| stand.tallies);
            if known.gaps.is_empty() && tallies != Some(known.end.tallies) {
                let what = "the journal does not come to what it says it must".to_owned();
                if begins_whole && found.faults.is_empty() {
                    // The chain of its lineages shows each entry as it was committed: what it must come
                    // to was counted on a sled that lacked records.
                    found.faults.push(what);
                } else {
                    found.lose_after(what, known.begins_after);
                }
            }
            (built, 0)
        }
    };
    for gap in known.gaps.iter().filter(|gap| gap.last > from) {
        let first = gap.first.max(from.saturating_add(1));
        found.lose("the journal is damaged there", &Gap { first, ..gap.clone() });
    }
    Ok(raw)
}

/// sled, when it opens and holds what it says that it holds.
fn sound(
    options: &OpenOptions,
    opened: Option<Result<Raw, OpenError>>,
    known: &Survey,
    all: bool,
) -> Result<Option<Raw>, OpenError> {
    let db = options.path.join(files::DB);
    let opened = opened.unwrap_or_else(|| Raw::open(&db, options.cache_mib));
    let opened = opened.and_then(|mut raw| {
        let tallies = raw.tallies_and_snapshot(all)?;
        Ok((raw, tallies))
    });
    let (raw, tallies) = match opened {
        Ok(opened) => opened,
        Err(OpenError::Damaged { detail }) => {
            tracing::error!(detail, "the store is damaged");
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    let Some(stand) = raw.stand else {
        tracing::error!("the store is empty, and its journal is not");
        return Ok(None);
    };
    if stand.revision != raw.revision
        || stand.tallies.resident != tallies.resident
        || (all && stand.tallies.other != tallies.other)
    {
        tracing::error!(revision = raw.revision, "the store lacks records that it must hold");
        return Ok(None);
    }
    let lineage = if stand.revision == 0 { None } else { known.lineage(stand.revision) };
    if lineage.is_some_and(|lineage| lineage != stand.lineage) {
        tracing::error!(
            revision = raw.revision,
            "the store is of another history than its journal"
        );
        return Ok(None);
    }
    Ok(Some(raw))
}

/// sled is further than its journal, which lost its end. `None` when sled is no better.
fn ahead(
    raw: Raw,
    known: &Survey,
    mark: Option<&Mark>,
    found: &mut Findings,
) -> Result<Option<Raw>, OpenError> {
    let (end, stood) = (known.end.revision, raw.revision);
    found.faults.push(format!("it ends at revision {end}, and the store is at {stood}"));
    let whole = raw
        .stand
        .is_some_and(|stand| raw.tallies(true).is_ok_and(|tallies| tallies == stand.tallies));
    if !whole {
        return Ok(None);
    }
    let exact = mark.is_some_and(|mark| mark.clean && mark.revision == stood);
    if !exact {
        found.lose_after(
            format!(
                "the journal lost its end: the store has everything up to revision {stood}, and \
                 whether more was acknowledged cannot be told"
            ),
            stood,
        );
    }
    Ok(Some(raw))
}

/// A store without a journal: one of before, whose records become a base; or one that lost it.
fn without_journal(
    options: &OpenOptions,
    mark: Option<&Mark>,
    found: &mut Findings,
) -> Result<Raw, OpenError> {
    let db = options.path.join(files::DB);
    let mut raw = Raw::open(&db, options.cache_mib)?;
    if raw.schema.is_none() {
        let detail = "its files are there, and there is nothing in them".to_owned();
        return Err(OpenError::Damaged { detail });
    }
    let tallies = raw.tallies(true)?;
    match raw.stand {
        None => {
            let revision = raw.revision;
            // An upgrade refuses what it cannot read, and copies the store, for itself.
            if of_another_schema(&raw, options).is_none() {
                // What cannot be read is refused, and not copied at every start.
                drop(raw.take_snapshot()?);
                // sled writes in the background: it is copied while it is closed.
                let snapshots_set_aside = raw.snapshots_set_aside;
                drop(raw);
                let backup = files::back_up(&db, "before-journal")?;
                tracing::warn!(backup = %backup.display(), revision, "giving the store a journal");
                found.backup = Some(backup);
                raw = Raw::open(&db, options.cache_mib)?;
                raw.snapshots_set_aside = snapshots_set_aside;
            }
            let lineage = match revision {
                0 => Lineage::START,
                _ => chain(Lineage::START, revision, &tallies.to_bytes()),
            };
            raw.stand = Some(Stand { revision, lineage, tallies });
        }
        Some(stand) => {
            found.faults.push("it is not there".to_owned());
            if stand.tallies != tallies || stand.revision != raw.revision {
                let detail = format!(
                    "its journal is gone, and it does not hold what it held at revision {}",
                    stand.revision
                );
                return Err(OpenError::Damaged { detail });
            }
            let exact = mark.is_some_and(|mark| {
                mark.clean && mark.revision == stand.revision && mark.lineage == stand.lineage
            });
            if !exact {
                found.lose_after(
                    format!(
                        "the journal is gone: the store has everything up to revision {}, and \
                         whether more was acknowledged cannot be told",
                        stand.revision
                    ),
                    stand.revision,
                );
            }
        }
    }
    Ok(raw)
}

/// The schema of the records, where they are to be upgraded.
fn of_another_schema(raw: &Raw, options: &OpenOptions) -> Option<u32> {
    let newer = raw.newest_schema.filter(|schema| *schema > options.schema);
    newer.or_else(|| raw.schema.filter(|schema| *schema != options.schema))
}

/// The steps to the program's schema, and what the records come to then. Nothing is changed.
fn rehearse(
    raw: &Raw,
    from: u32,
    options: &OpenOptions,
) -> Result<(Vec<Migration>, Tallies), OpenError> {
    let steps = schema::steps(from, options)?;
    let tallies = schema::rehearse(&raw.db, &steps, options)
        .map_err(|detail| OpenError::CannotMigrate { from, detail })?;
    Ok((steps, tallies))
}

/// Brings the records to the program's schema; then the journal begins anew.
fn migrate(
    raw: Raw,
    options: &OpenOptions,
    found: &mut Findings,
) -> Result<(Raw, bool), OpenError> {
    let Some(from) = of_another_schema(&raw, options) else { return Ok((raw, false)) };
    // What is rewritten becomes what the journal says. So it is all that was, or what is not is said.
    let before = raw.tallies(true)?;
    if raw.stand.is_some_and(|stand| stand.tallies != before) {
        let what = "records are missing that the damaged journal cannot give back".to_owned();
        found.lose_after(what, 0);
    }
    let (steps, tallies) = rehearse(&raw, from, options)?;
    let (stand, snapshots) = (raw.stand, raw.snapshots_set_aside);
    // Copied while it is closed: sled writes in the background.
    drop(raw);
    let crash_point = &*options.hooks.crash_point;
    let free = (options.hooks.free_bytes)(&options.path).unwrap_or(u64::MAX);
    let backup = upgrade::begin(&options.path, from, free, &crash_point)?;
    tracing::warn!(from, to = options.schema, backup = %backup.display(), "upgrading the store");
    let failed = |detail| OpenError::Migration { from, detail, backup: backup.clone() };
    let db = open_sled(&options.path.join(files::DB), options.cache_mib)?;
    schema::run_all(&db, &steps, &crash_point).map_err(failed)?;
    let mut raw = Raw::of(db, snapshots)?;
    if raw.tallies(true)? != tallies {
        return Err(failed("sled does not hold what was written to it".to_owned()));
    }
    // sled gets it only when the journal agrees: until then a start begins the upgrade again.
    raw.stand = stand.map(|stand| Stand { tallies, ..stand });
    found.backup = Some(backup);
    Ok((raw, true))
}

#[allow(
    clippy::disallowed_methods,
    reason = "a length of time for a metric; nothing depends on it"
)]
fn now() -> Instant {
    Instant::now()
}
