//! A store made small: its journal begins with a base of the records as they are, and sled's files are
//! built anew from it. sled never gives back what records that were overwritten took.

use super::super::journal::FOLDER;
use super::archived::{COPY, begin, room};
use super::backup::{BackupError, copy_files, verify};
use super::build::begin_anew;
use super::open::Raw;
use super::{OpenOptions, SledStore, files};
use crate::model::SCHEMA_VERSION;
use std::fs;
use std::path::Path;

/// Where the old journal and sled's old files go until the new ones are in their place.
const OLD_JOURNAL: &str = "old-journal";
const OLD_DB: &str = "old-db";

/// Bytes before and after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Compacted {
    /// Of the journal.
    pub journal: (u64, u64),
    /// Of sled's files.
    pub sled: (u64, u64),
}

/// Makes a store small that nobody has open. What it holds is built, read and compared beside it first;
/// a crash at any point leaves a store that opens.
///
/// # Errors
/// See [`BackupError`].
pub fn compact(state: &Path) -> Result<Compacted, BackupError> {
    // The first `db` is built from a journal that has all that was overwritten since the last time, and holds it, too;
    // the second one from the base that the first left.
    let (first, second) = (once(state)?, once(state)?);
    let (journal, sled) = ((first.journal.0, second.journal.1), (first.sled.0, second.sled.1));
    Ok(Compacted { journal, sled })
}

/// Both the journal and sled's files, once.
fn once(state: &Path) -> Result<Compacted, BackupError> {
    if !state.join(FOLDER).is_dir() {
        return Err(BackupError::NoJournal(state.to_path_buf()));
    }
    files::not_as_root(state)?;
    let (journal, db) = (state.join(FOLDER), state.join(files::DB));
    let sizes = || (files::size(&journal), files::size(&db));
    let before = sizes();
    room(state)?;
    let staging = state.join(files::STAGING);
    let copy = staging.join(COPY);
    {
        // One that is damaged is left as it is: an open would mend it.
        let (_lock, _whole) = (begin(state, &staging)?, files::lock(state)?);
        let sound = copy_files(state, &copy).and_then(|()| verify(state, &copy, false));
        fs::remove_dir_all(&copy)?;
        sound?;
    }
    // An open brings the store to the end of its journal.
    let mut options = OpenOptions::at(state);
    options.ballast_mib = 0;
    SledStore::open(options)?.close_now();
    let whole = files::lock(state)?;
    let lock = begin(state, &staging)?;
    let done = (|| {
        copy_files(state, &copy)?;
        verify(state, &copy, false)?;
        {
            let raw = Raw::open(&copy.join(files::DB), OpenOptions::at(&copy).cache_mib)?;
            let stand = raw.stand.ok_or_else(|| BackupError::NoJournal(copy.clone()))?;
            let head = stand.head(raw.schema.unwrap_or(SCHEMA_VERSION));
            begin_anew(&raw, state, &head, Some(&staging.join(OLD_JOURNAL)), &|_| {})?;
        }
        // Though it may be the larger one where little was overwritten: the old one holds what was overwritten and
        // removed. Without `db` an open builds it from the journal, which has everything.
        fs::rename(&db, staging.join(OLD_DB))?;
        fs::rename(copy.join(files::DB), &db)?;
        files::sync_folder(state)?;
        Ok::<(), BackupError>(())
    })();
    let removed = fs::remove_dir_all(&staging);
    drop((lock, whole));
    done?;
    removed?;
    let after = sizes();
    Ok(Compacted { journal: (before.0, after.0), sled: (before.1, after.1) })
}
