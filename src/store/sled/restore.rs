//! A backup put in the place of a store. It is unpacked, opened and compared beside it first, so that
//! whatever is wrong with it changes nothing.

use super::super::archive::{self, ArchiveError, Header, Opening};
use super::super::journal::{FOLDER, LINEAGES, MarkFile};
use super::{OpenError, OpenOptions, SledStore, files};
use crate::model::{Amnesia, Audit, Edits, Key, Revision, UnixMs};
use crate::ports::{Store as _, StoreError};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Where a backup is unpacked, below the state folder.
const YOUNG: &str = "restoring";
/// What a store was moved to that a backup replaces; copies leave it out.
pub(super) const REPLACED: &str = "replaced";
/// Names of the state folder that are no part of a store.
const STAYS: [&str; 5] = [files::LOCK, YOUNG, "README.md", ".gitignore", "ballast"];
/// In this order a store is put together: a crash in between leaves none, or one that opens.
const ORDER: [&str; 4] = [LINEAGES, FOLDER, "mark", files::DB];

/// Why nothing was restored.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// There is a store.
    #[error(
        "there is a store in {path} ({what}): --replace moves it aside and puts the backup in its place"
    )]
    NotEmpty {
        /// The state folder.
        path: PathBuf,
        /// How far it had come.
        what: String,
    },
    /// What was unpacked is not what it says.
    #[error("{path} holds another store than it says: {detail}. Nothing was changed")]
    Differs {
        /// The backup.
        path: PathBuf,
        /// What is different.
        detail: String,
    },
    /// The backup cannot be read.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// What was unpacked does not open, or the state folder is in use.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// What was unpacked cannot be marked.
    #[error("the restored store cannot be marked: {0}")]
    Store(#[from] StoreError),
    /// A file cannot be moved.
    #[error("could not put the backup in place: {0}")]
    Io(#[from] io::Error),
}

/// What stands in a state folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// How far it had come, at least.
    pub revision: Revision,
    /// Its id, if it has one.
    pub store_id: Option<String>,
}

/// The store in a folder, as far as its mark tells; none where there is none.
///
/// # Errors
/// When the mark cannot be read.
pub fn standing(state: &Path) -> io::Result<Option<Standing>> {
    let there = [files::DB, FOLDER, LINEAGES].iter().any(|name| state.join(name).exists());
    let mark = MarkFile::read(state)?;
    if !there && mark.as_ref().is_none_or(|mark| mark.revision == 0) {
        return Ok(None);
    }
    let mark = mark.unwrap_or_default();
    let store_id = Some(mark.store_id).filter(|id| !id.is_empty());
    Ok(Some(Standing { revision: mark.revision, store_id }))
}

/// What is to be restored, and where.
pub struct Restoring<'a> {
    /// The backup.
    pub opening: &'a Opening,
    /// The state folder.
    pub state: &'a Path,
    /// Whether a store that is there is moved aside.
    pub replace: bool,
    /// What the store's audit says of it.
    pub audit: Audit,
    /// Told how many bytes of the file were read.
    pub report: &'a dyn Fn(u64),
}

/// A store that was put in place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// What the backup said.
    pub header: Header,
    /// Where the store that was there lies.
    pub kept: Option<PathBuf>,
}

/// Puts a backup in the place of a store: in an empty state folder, or where `replace` says so.
///
/// # Errors
/// See [`RestoreError`]; then the state folder is as it was.
pub fn restore(restoring: Restoring<'_>) -> Result<Restored, RestoreError> {
    let Restoring { opening, state, replace, audit, report } = restoring;
    let was_there = state.is_dir();
    files::make_folder(state)?;
    let done = (|| {
        let lock = files::lock(state)?;
        let found = standing(state)?;
        if let Some(found) = found.as_ref().filter(|_| !replace) {
            let what = format!("revision {}", found.revision);
            return Err(RestoreError::NotEmpty { path: state.to_owned(), what });
        }
        let young = state.join(YOUNG);
        if young.exists() {
            fs::remove_dir_all(&young)?;
        }
        let unpacked = prepare(opening, &young, audit, report);
        let placed = unpacked.and_then(|header| {
            let kept = found.map(|_| put_aside(state)).transpose()?;
            put_in_place(&young, state)?;
            Ok(Restored { header, kept })
        });
        if placed.is_err() && young.exists() {
            fs::remove_dir_all(&young)?;
        }
        drop(lock);
        placed
    })();
    if done.is_err() && !was_there {
        let _ = fs::remove_file(state.join(files::LOCK));
        let _ = fs::remove_dir(state);
    }
    done
}

/// Unpacks it, opens it, compares it with what it says, and writes into it that it was restored.
fn prepare(
    opening: &Opening,
    young: &Path,
    audit: Audit,
    report: &dyn Fn(u64),
) -> Result<Header, RestoreError> {
    let header = archive::unpack(opening, young, report)?;
    let differs = |detail: String| RestoreError::Differs { path: opening.path.clone(), detail };
    let mut options = OpenOptions::at(young);
    options.ballast_mib = 0;
    options.checkpoint_bytes = u64::MAX;
    let store = SledStore::open(options)?;
    let checked = (|| {
        let snapshot = store.snapshot();
        if let Some(damage) = snapshot.damaged() {
            let lost: Vec<String> = damage.lost.iter().map(ToString::to_string).collect();
            return Err(differs(format!("it is damaged: {}", lost.join("; "))));
        }
        let found = (snapshot.revision(), snapshot.lineage());
        if found != (header.revision, header.lineage) {
            return Err(differs(format!("it is at revision {}", snapshot.revision())));
        }
        let ours = snapshot.identity().map(|identity| identity.store_id.clone());
        if ours != header.store_id {
            return Err(differs("it is of another store".to_owned()));
        }
        mark_restored(&store, audit)
    })();
    store.close_now();
    checked?;
    let _ = fs::remove_file(young.join(files::LOCK));
    Ok(header)
}

/// Nobody knows what it lacks until the gateways were asked: nothing is taken away until then.
fn mark_restored(store: &SledStore, audit: Audit) -> Result<(), RestoreError> {
    let snapshot = store.snapshot();
    let mut edits = Edits::new();
    edits.expect(Key::Amnesia(), snapshot.version(&Key::Amnesia()));
    edits.put(restored(snapshot.amnesia(), snapshot.revision(), audit.at));
    edits.insert(audit);
    futures::executor::block_on(store.txn(edits))?;
    Ok(())
}

/// What was given up before stays so.
fn restored(before: Option<&Amnesia>, ours: Revision, now: UnixMs) -> Amnesia {
    let lacking = before.map(|amnesia| amnesia.lacking.clone()).unwrap_or_default();
    Amnesia { lacking, ..Amnesia::restored(ours, now) }
}

/// Moves what is in a state folder into a folder of its own within.
fn put_aside(state: &Path) -> Result<PathBuf, RestoreError> {
    let aside = files::unused(state.join(REPLACED));
    files::make_folder(&aside)?;
    // The mark goes last: without it, and with nothing else, there is no store.
    let mut names: Vec<_> = fs::read_dir(state)?
        .map(|entry| entry.map(|entry| entry.file_name()))
        .collect::<io::Result<_>>()?;
    names.sort_by_key(|name| name == "mark");
    for name in names {
        let text = name.to_string_lossy();
        let kept = ["damaged", "backup-", REPLACED].iter().any(|k| text.starts_with(k));
        let from = state.join(&name);
        let kind = fs::symlink_metadata(&from)?.file_type();
        if kept || STAYS.contains(&&*text) || !(kind.is_dir() || kind.is_file()) {
            continue;
        }
        fs::rename(&from, aside.join(&name))?;
    }
    files::sync_folder(&aside)?;
    files::sync_folder(state)?;
    Ok(aside)
}

/// Moves what was unpacked into the state folder.
fn put_in_place(young: &Path, state: &Path) -> io::Result<()> {
    let mut names: Vec<_> = fs::read_dir(young)?
        .map(|entry| entry.map(|entry| entry.file_name()))
        .collect::<io::Result<_>>()?;
    // Proofs and files first, and then the store.
    names.sort_by_key(|name| ORDER.iter().position(|o| name == *o).map_or(0, |at| at + 1));
    for name in names {
        let target = state.join(&name);
        if target.is_dir() {
            // An empty folder of an earlier start.
            fs::remove_dir_all(&target)?;
        }
        fs::rename(young.join(&name), target)?;
    }
    fs::remove_dir(young)?;
    files::sync_folder(state)
}
