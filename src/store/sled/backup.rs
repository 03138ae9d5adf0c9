//! Copies of a state folder: taken while the service runs or not, opened, compared, and what they
//! hold pruned from the journal.
//!
//! A journal is only ever appended to, so a copy of it is a store at some revision that was
//! acknowledged; sled's own files, which change under the hand, are built from it.

use super::super::archive::{ArchiveError, CONTENTS, HEADER};
use super::super::checkpoint;
use super::super::journal::{FOLDER, Files, ROLL, Survey, survey};
use super::base::write_base;
use super::open::{Raw, Stand};
use super::{OpenError, OpenOptions, SledStore, files};
use crate::model::{Lineage, Revision, SCHEMA_VERSION};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How often, and how long apart, a running store is looked at for its new segment.
const ROLL_LOOKS: u32 = 200;
const ROLL_PAUSE: Duration = Duration::from_millis(50);
/// The folder of the pictures of payments.
const PROOFS: &str = "proofs";
/// What a copy leaves out: sled's files and what a copy has no use for.
pub(super) const LEFT_OUT: [&str; 9] = [
    // Of an archive that somebody unpacked by hand.
    CONTENTS,
    HEADER,
    files::BALLAST,
    files::LOCK,
    files::DB,
    "snapshots-set-aside",
    files::NEXT,
    checkpoint::NAME,
    checkpoint::YOUNG,
];

/// Why there is no backup, or it is not as good as the store.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The target is in use.
    #[error("{0} is there already: a backup needs a folder of its own")]
    Taken(PathBuf),
    /// The target goes where the original goes.
    #[error(
        "{0} is in the state folder and would be lost with it: name a folder elsewhere, on another disk if there is one"
    )]
    Inside(PathBuf),
    /// Nothing to copy.
    #[error(
        "there is no journal in {0}: is this the state folder? A store of an older version gets one at its next start"
    )]
    NoJournal(PathBuf),
    /// The service runs and does not answer.
    #[error(
        "the service that runs on this folder did not begin a new segment within 10 s: is it stopped by a debugger, or of an older version?"
    )]
    NotRolled,
    /// The copy is not what was copied.
    #[error("the copy in {path} is not as good as the store: {detail}. Nothing was pruned")]
    Differs {
        /// The copy.
        path: PathBuf,
        /// What is different.
        detail: String,
    },
    /// Another one is made just now.
    #[error("another backup of {0} is under way: wait for its end")]
    UnderWay(PathBuf),
    /// A folder lies elsewhere.
    #[error(
        "{0} is a link, and what it leads to would be in no backup: put the folder itself there, or mount it"
    )]
    Link(PathBuf),
    /// The copy would fill the disk.
    #[error(
        "a backup needs {needed} MiB free on the disk of the state folder for a while, and {free} MiB are: free some, or stop the service and copy the folder by `backup` without --archive"
    )]
    NoRoom {
        /// MiB that are needed.
        needed: u64,
        /// MiB that are free.
        free: u64,
    },
    /// It cannot be packed.
    #[error(transparent)]
    Archive(Box<ArchiveError>),
    /// A store does not open.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A file cannot be read or written.
    #[error("could not copy the store: {0}")]
    Io(#[from] io::Error),
}

/// A backup that was opened and compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The revision that it holds.
    pub revision: Revision,
    /// The lineage there.
    pub lineage: Lineage,
    /// The store's id, once it has one.
    pub store_id: Option<String>,
    /// Resident records.
    pub records: usize,
    /// Files that were taken out of the journal.
    pub pruned: usize,
}

/// Whether a path that need not be there is below a folder, whatever links lead there.
pub(super) fn is_within(path: &Path, folder: &Path) -> io::Result<bool> {
    let folder = fs::canonicalize(folder)?;
    let whole = std::path::absolute(path)?;
    let there = whole.ancestors().find_map(|above| fs::canonicalize(above).ok());
    Ok(there.is_some_and(|there| there.starts_with(&folder)))
}

/// Copies a state folder to a new one. The service may run.
///
/// # Errors
/// See [`BackupError`].
pub fn back_up(state: &Path, to: &Path) -> Result<(), BackupError> {
    if Files::of(&state.join(FOLDER))?.is_empty() {
        return Err(BackupError::NoJournal(state.to_owned()));
    }
    if to.exists() {
        return Err(BackupError::Taken(to.to_owned()));
    }
    if is_within(to, state)? {
        return Err(BackupError::Inside(to.to_owned()));
    }
    copy_state(state, to).map(drop)
}

/// The copy, wherever it goes; and whether nobody used the store meanwhile.
pub(super) fn copy_state(state: &Path, to: &Path) -> Result<bool, BackupError> {
    let journal = state.join(FOLDER);
    if Files::of(&journal)?.is_empty() {
        return Err(BackupError::NoJournal(state.to_owned()));
    }
    // Held while we copy, so that nobody starts and repairs under us; or a running one is asked.
    let lock = match files::lock(state) {
        Ok(lock) => Some(lock),
        Err(OpenError::Locked { .. }) => {
            new_segment(&journal)?;
            None
        }
        // Nobody repairs what nobody can write to.
        Err(OpenError::Io { source, .. }) if source.kind() == io::ErrorKind::ReadOnlyFilesystem => {
            None
        }
        Err(error) => return Err(error.into()),
    };
    copy_files(state, to)?;
    Ok(lock.is_some())
}

/// The copy of a state folder that nobody changes, or whose journal began a new segment just now.
pub(super) fn copy_files(state: &Path, to: &Path) -> Result<(), BackupError> {
    files::make_folder(to)?;
    let _pictures = hold_pictures(state)?;
    // The mark first: what is copied after it is at least as new as it says.
    let mut names = vec![std::ffi::OsString::from("mark")];
    for entry in fs::read_dir(state)? {
        let entry = entry?;
        let name = entry.file_name();
        let text = name.to_string_lossy().into_owned();
        let out = LEFT_OUT.contains(&text.as_str())
            || files::KEPT.iter().any(|kept| text.starts_with(kept))
            || text == "mark";
        let kind = entry.file_type()?;
        if !out && kind.is_symlink() && entry.path().is_dir() {
            return Err(BackupError::Link(entry.path()));
        }
        if !out && (kind.is_file() || kind.is_dir()) {
            names.push(name);
        }
    }
    for name in names {
        let from = state.join(&name);
        if from.is_dir() {
            files::copy(&from, &to.join(&name))?;
        } else if from.exists() {
            let target = to.join(&name);
            fs::copy(&from, &target)?;
            fs::File::open(&target)?.sync_all()?;
        }
    }
    let _ = fs::remove_file(to.join(FOLDER).join(ROLL));
    files::sync_folder(to)?;
    Ok(())
}

/// Keeps whoever deletes pictures from doing it until this is dropped: records and pictures are to be of one time.
fn hold_pictures(state: &Path) -> io::Result<Option<fs::File>> {
    match fs::File::open(state.join(PROOFS)) {
        Ok(folder) => folder.lock_shared().map(|()| Some(folder)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Asks the store that runs to begin a new segment, so that all before can be pruned.
fn new_segment(journal: &Path) -> Result<(), BackupError> {
    let asked = journal.join(ROLL);
    fs::File::create(&asked)?;
    for _ in 0..ROLL_LOOKS {
        std::thread::sleep(ROLL_PAUSE);
        if !asked.exists() {
            return Ok(());
        }
    }
    let _ = fs::remove_file(&asked);
    Err(BackupError::NotRolled)
}

/// Opens a copy, which builds its store from its journal, reads every record of it, and compares it
/// with what the original's journal says; then, where it is wanted, takes out of the original's
/// journal what the copy holds, and leaves a base of all records in its place.
///
/// # Errors
/// See [`BackupError`]; then nothing was pruned.
pub fn verify(state: &Path, copy: &Path, prune: bool) -> Result<Verified, BackupError> {
    let differs = |detail: String| BackupError::Differs { path: copy.to_owned(), detail };
    let mut options = OpenOptions::at(copy);
    options.ballast_mib = 0;
    // It is the journal of the copy that is tried, and who restores it opens it once.
    options.checkpoint_bytes = u64::MAX;
    let store = SledStore::open(options.clone())?;
    let stats = store.stats();
    let snapshot = crate::ports::Store::snapshot(&store);
    if let Some(damage) = snapshot.damaged() {
        let lost: Vec<String> = damage.lost.iter().map(ToString::to_string).collect();
        return Err(differs(format!("it is damaged: {}", lost.join("; "))));
    }
    store.close_now();
    if stats.load.backup.is_some() {
        // An older program wrote it: the copy is of today's schema now, and the original stays there.
        files::drop_kept(copy)?;
    }
    let raw = Raw::open(&copy.join(files::DB), options.cache_mib)?;
    let tallies = raw.tallies(true)?;
    let stand = raw.stand.filter(|stand| stand.tallies == tallies);
    let Some(stand) = stand else {
        return Err(differs("not every record that it must hold can be read".to_owned()));
    };
    let journal = state.join(FOLDER);
    let original = survey(&journal)?.ok_or_else(|| BackupError::NoJournal(state.to_owned()))?;
    let at = lineage_at(&original, stand.revision);
    if at != Some(stand.lineage) {
        return Err(differs(format!(
            "at revision {} it is of another history than the store",
            stand.revision
        )));
    }
    let pruned = if prune { prune_by(&raw, stand, &journal)? } else { 0 };
    Ok(Verified {
        revision: stand.revision,
        lineage: stand.lineage,
        store_id: snapshot.identity().map(|identity| identity.store_id.clone()),
        records: stats.resident,
        pruned,
    })
}

/// Takes out of a journal what a copy holds that was verified before, and answers how many files went.
///
/// # Errors
/// See [`BackupError`].
pub fn prune(state: &Path, copy: &Path) -> Result<usize, BackupError> {
    let raw = Raw::open(&copy.join(files::DB), OpenOptions::at(copy).cache_mib)?;
    raw.stand.map_or(Ok(0), |stand| prune_by(&raw, stand, &state.join(FOLDER)))
}

fn prune_by(raw: &Raw, stand: Stand, journal: &Path) -> Result<usize, BackupError> {
    if stand.revision == 0 {
        return Ok(0);
    }
    let schema = raw.schema.unwrap_or(SCHEMA_VERSION);
    if survey(journal)?.is_none_or(|known| known.end.schema != schema) {
        // A program of before uses it: it could not read such a base.
        return Ok(0);
    }
    write_base(raw, journal, &stand.head(schema))?;
    let needless = Files::of(journal)?.needless(stand.revision);
    for path in &needless {
        fs::remove_file(path)?;
    }
    files::sync_folder(journal)?;
    Ok(needless.len())
}

fn lineage_at(original: &Survey, revision: Revision) -> Option<Lineage> {
    if revision == 0 { Some(Lineage::START) } else { original.lineage(revision) }
}
