//! An upgrade of the schema as steps that a kill may come between: rehearsed, copied, marked, rewritten,
//! begun anew. Until the journal begins anew, a start puts the copy back and begins again from there.

use super::super::journal::{FOLDER, LINEAGES};
use super::{OpenError, files};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// The copy of the store as it was is complete.
pub(super) const COPIED: &str = "store.upgrade.copied";
/// The state folder says that sled is being rewritten, and where the copy is.
pub(super) const MARKED: &str = "store.upgrade.marked";
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
/// Every point at which a test may end an upgrade, in the order in which they are passed.
pub const UPGRADE_CRASH_POINTS: &[&str] = &[
    COPIED,
    MARKED,
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
/// A copy that is not complete.
const COPYING: &str = "backup-schema-incomplete";
/// What a copy has beside sled's files, as far as it is there: all that a program of before opens.
const BESIDE: [&str; 3] = [FOLDER, LINEAGES, "mark"];

/// Begins an upgrade that was cut short again from its copy. One whose new journal is in place, or whose store
/// was used since by a program of before, is none any more.
pub(super) fn take_up(folder: &Path) -> io::Result<()> {
    let Some(copy) = under_way(folder)? else { return Ok(()) };
    let journal = lengths(&folder.join(FOLDER))?;
    let same = !journal.is_empty() && lengths(&copy.join(FOLDER))? == journal;
    if !same || !copy.join(files::DB).is_dir() {
        return end(folder);
    }
    tracing::warn!(copy = %copy.display(), "an upgrade was cut short: it begins again from its copy");
    let (next, db) = (folder.join(BEING_PUT_BACK), folder.join(files::DB));
    remove(&next)?;
    files::copy(&copy.join(files::DB), &next)?;
    remove(&db)?;
    fs::rename(&next, &db)?;
    files::sync_folder(folder)
}

/// Copies the closed store, unless an upgrade that was cut short has; then says that sled is rewritten.
pub(super) fn begin(
    folder: &Path,
    schema: u32,
    crash_point: &dyn Fn(&'static str),
) -> Result<PathBuf, OpenError> {
    let failed = || files::io("copy the store before its upgrade");
    if let Some(copy) = under_way(folder).map_err(failed())? {
        return Ok(copy);
    }
    let target = files::unused(folder.join(format!("backup-schema-{schema}")));
    let copied = copy_to(folder, &target);
    if copied.is_err() {
        let _ = remove(&folder.join(COPYING));
    }
    copied.map_err(failed())?;
    crash_point(COPIED);
    mark(folder, &target).map_err(files::io("note that the store is upgraded"))?;
    crash_point(MARKED);
    Ok(target)
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
    let next = folder.join(format!("{UPGRADING}.next"));
    let mut file = File::create(&next)?;
    writeln!(file, "{name}")?;
    file.sync_all()?;
    fs::rename(&next, folder.join(UPGRADING))?;
    files::sync_folder(folder)
}

fn copy_to(folder: &Path, target: &Path) -> io::Result<()> {
    let next = folder.join(COPYING);
    remove(&next)?;
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
    fs::rename(&next, target)?;
    files::sync_folder(folder)
}

/// A folder's files and their lengths: a journal only grows, or is another one.
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
