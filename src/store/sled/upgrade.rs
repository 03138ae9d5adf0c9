//! An upgrade of the schema as steps that a kill may come between: rehearsed, copied, marked, rewritten,
//! begun anew. Until the journal begins anew, a start puts the copy back and begins again from there.

use super::super::disk_space::{FLOOR_MIB, MIB};
use super::super::journal::{FOLDER, LINEAGES};
use super::{OpenError, files};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// The copy of the store as it was is complete, and has not its name.
pub(super) const COPIED: &str = "store.upgrade.copied";
/// The state folder says so, and what the copy is to be called.
pub(super) const MARKED: &str = "store.upgrade.marked";
/// The copy has its name.
pub(super) const NAMED: &str = "store.upgrade.named";
/// The copy is being put back: sled's files that are half rewritten are gone.
pub(super) const REMOVED: &str = "store.upgrade.removed";
/// What comes new is in sled.
pub(super) const ADDED: &str = "store.upgrade.added";
/// One record more is rewritten: passed once for each.
pub(super) const REWRITTEN: &str = "store.upgrade.rewritten";
/// Every record is, and sled does not say so.
pub(super) const ALL_REWRITTEN: &str = "store.upgrade.all_rewritten";
/// sled says that its records are of the new schema; the journal is of before.
pub(super) const SCHEMA_WRITTEN: &str = "store.upgrade.schema_written";
/// The new journal is complete, beside the old one.
pub(super) const JOURNAL_WRITTEN: &str = "store.upgrade.journal_written";
/// The old journal is moved away, and the new one not in its place.
pub(super) const JOURNAL_ASIDE: &str = "store.upgrade.journal_aside";
/// The new journal is in its place; sled does not say where it stands.
pub(super) const JOURNAL_IN_PLACE: &str = "store.upgrade.journal_in_place";
/// All is as it is to be, but for the mark of an upgrade.
pub(super) const STANDS: &str = "store.upgrade.stands";
/// Every point at which a test may end an upgrade, in the order in which they are passed by one that nothing
/// came between.
pub const UPGRADE_CRASH_POINTS: &[&str] = &[
    COPIED,
    MARKED,
    NAMED,
    ADDED,
    REWRITTEN,
    ALL_REWRITTEN,
    SCHEMA_WRITTEN,
    JOURNAL_WRITTEN,
    JOURNAL_ASIDE,
    JOURNAL_IN_PLACE,
    STANDS,
];

/// The file that is there while sled is rewritten; it names the copy.
const UPGRADING: &str = "upgrading";
/// sled's files on their way back from the copy.
const BEING_PUT_BACK: &str = "backup-being-put-back";
/// The journal of before, which the copy has, too.
pub(super) const OLD_JOURNAL: &str = "backup-journal-of-before";
/// A copy that is not complete, or has not its name.
const COPYING: &str = "backup-schema-incomplete";
/// What a copy has beside sled's files, as far as it is there: all that a program of before opens.
const BESIDE: [&str; 3] = [FOLDER, LINEAGES, "mark"];

/// Begins an upgrade that was cut short again from its copy. One whose new journal is in place, or whose store
/// was used since by a program of before, is none any more.
pub(super) fn take_up(folder: &Path, crash_point: &dyn Fn(&'static str)) -> io::Result<()> {
    let Some(copy) = under_way(folder)? else { return Ok(()) };
    if !copy.exists() && folder.join(COPYING).is_dir() {
        name(folder, &copy)?;
    }
    let (of_copy, whole) = (copy.join(files::DB), copy.join(files::DB).is_dir());
    if !whole || lengths(&copy.join(FOLDER))? != lengths(&folder.join(FOLDER))? {
        return end(folder);
    }
    tracing::warn!(copy = %copy.display(), "an upgrade was cut short: it begins again from its copy");
    let (next, db) = (folder.join(BEING_PUT_BACK), folder.join(files::DB));
    // First these, which are worth nothing: the disk may be full.
    remove(&next)?;
    remove(&db)?;
    files::sync_folder(folder)?;
    crash_point(REMOVED);
    files::copy(&of_copy, &next)?;
    fs::rename(&next, &db)?;
    files::sync_folder(folder)
}

/// Copies the closed store, unless an upgrade that was cut short has; then says that sled is rewritten.
///
/// # Errors
/// [`OpenError::NoRoom`] when the disk has not the room for all of it: nothing was changed.
pub(super) fn begin(
    folder: &Path,
    schema: u32,
    free_bytes: u64,
    crash_point: &dyn Fn(&'static str),
) -> Result<PathBuf, OpenError> {
    let failed = || files::io("copy the store before its upgrade");
    if let Some(copy) = under_way(folder).map_err(failed())? {
        return Ok(copy);
    }
    remove(&folder.join(COPYING)).map_err(failed())?;
    let needed = needed_bytes(folder);
    if free_bytes < needed {
        return Err(OpenError::NoRoom { from: schema, needed, free: free_bytes });
    }
    let target = files::unused(folder.join(format!("backup-schema-{schema}")));
    let copied = copy_store(folder);
    if copied.is_err() {
        let _ = remove(&folder.join(COPYING));
    }
    copied.map_err(failed())?;
    crash_point(COPIED);
    mark(folder, &target).map_err(files::io("note that the store is upgraded"))?;
    crash_point(MARKED);
    name(folder, &target).map_err(failed())?;
    crash_point(NAMED);
    Ok(target)
}

/// Bytes that an upgrade may take on the disk: the copy, sled's log of every record once more, and the new
/// journal, which begins with every record.
fn needed_bytes(folder: &Path) -> u64 {
    let db = files::size(&folder.join(files::DB));
    let beside = BESIDE.iter().map(|name| files::size(&folder.join(name))).sum::<u64>();
    db.saturating_mul(3).saturating_add(beside).saturating_add(FLOOR_MIB.saturating_mul(MIB))
}

/// The upgrade is complete, or there was none.
pub(super) fn end(folder: &Path) -> io::Result<()> {
    remove(&folder.join(OLD_JOURNAL))?;
    match fs::remove_file(folder.join(UPGRADING)) {
        Ok(()) => files::sync_folder(folder),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// The copy of an upgrade that is under way.
fn under_way(folder: &Path) -> io::Result<Option<PathBuf>> {
    match fs::read_to_string(folder.join(UPGRADING)) {
        Ok(name) => Ok(Some(folder.join(name.trim()))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn mark(folder: &Path, copy: &Path) -> io::Result<()> {
    let name = copy.file_name().unwrap_or_default().to_string_lossy().into_owned();
    files::replace(folder, UPGRADING, format!("{name}\n").as_bytes())
}

/// The copy, complete, gets its name.
fn name(folder: &Path, copy: &Path) -> io::Result<()> {
    fs::rename(folder.join(COPYING), copy)?;
    files::sync_folder(folder)
}

fn copy_store(folder: &Path) -> io::Result<()> {
    let next = folder.join(COPYING);
    files::make_folder(&next).map_err(io::Error::other)?;
    files::copy(&folder.join(files::DB), &next.join(files::DB))?;
    for name in BESIDE {
        let (from, to) = (folder.join(name), next.join(name));
        if from.is_dir() {
            files::copy(&from, &to)?;
        } else if from.is_file() {
            fs::copy(&from, &to)?;
            File::open(&to)?.sync_all()?;
        }
    }
    files::sync_folder(&next)?;
    files::sync_folder(folder)
}

/// A folder's files and their lengths, none where it is not there: a journal only grows, or is another one.
fn lengths(folder: &Path) -> io::Result<BTreeMap<std::ffi::OsString, u64>> {
    match fs::read_dir(folder) {
        Ok(entries) => entries
            .map(|entry| entry.and_then(|entry| Ok((entry.file_name(), entry.metadata()?.len()))))
            .collect(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(BTreeMap::new()),
        Err(error) => Err(error),
    }
}

fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
