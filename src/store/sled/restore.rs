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

/// Names of the state folder that are no part of a store.
const STAYS: [&str; 5] = [files::LOCK, files::RESTORING, "README.md", ".gitignore", files::BALLAST];
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
    /// A backup is being made of what is there.
    #[error("a backup of {0} is under way: wait for its end")]
    UnderWay(PathBuf),
    /// The store that was there is moved aside, and the backup is not all in its place.
    #[error(
        "the backup could not be put in place: {error}. What was there lies in {}: move it back, or mend what is in the way and restore again",
        kept.display()
    )]
    Aside {
        /// Where it lies.
        kept: PathBuf,
        /// What was in the way.
        error: io::Error,
    },
    /// A file cannot be read or moved.
    #[error("could not put the backup in place: {0}. What was there is there still")]
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
/// See [`RestoreError`]; but for [`RestoreError::Aside`] the state folder is then as it was.
pub fn restore(restoring: Restoring<'_>) -> Result<Restored, RestoreError> {
    let Restoring { opening, state, replace, audit, report } = restoring;
    let was_there = state.is_dir();
    files::not_as_root(state)?;
    files::make_folder(state)?;
    let done = (|| {
        let lock = files::lock(state)?;
        let found = standing(state)?;
        if let Some(found) = found.as_ref().filter(|_| !replace) {
            let what = format!("revision {}", found.revision);
            return Err(RestoreError::NotEmpty { path: state.to_owned(), what });
        }
        let _backup = no_backup(state)?;
        let young = state.join(files::RESTORING);
        if young.exists() {
            fs::remove_dir_all(&young)?;
        }
        let unpacked = prepare(opening, &young, audit, report);
        let placed = unpacked.and_then(|header| {
            // Whatever is there, be it a store or a folder of proofs, is only moved.
            let kept = put_aside(state)?;
            put_in_place(&young, state).map_err(|error| match &kept {
                Some(kept) => RestoreError::Aside { kept: kept.clone(), error },
                None => error.into(),
            })?;
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
    let upgraded = store.stats().load.backup.is_some();
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
    if upgraded {
        // An older program made the backup, which has what was before. In the state folder a copy of an
        // upgrade may lie already, which stays.
        files::drop_kept(young)?;
    }
    let _ = fs::remove_file(young.join(files::LOCK));
    Ok(header)
}

/// Nobody knows what it lacks until the gateways were asked: nothing is taken away until then.
pub(super) fn mark_restored(store: &SledStore, audit: Audit) -> Result<(), RestoreError> {
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

/// Keeps backups away: one that is under way would prune the journal of another store than it copied.
fn no_backup(state: &Path) -> Result<Option<fs::File>, RestoreError> {
    let staging = state.join(files::STAGING);
    if !staging.is_dir() {
        return Ok(None);
    }
    match files::lock(&staging) {
        Ok(lock) => Ok(Some(lock)),
        Err(OpenError::Locked { .. }) => Err(RestoreError::UnderWay(state.to_owned())),
        Err(error) => Err(error.into()),
    }
}

/// Moves what is in a state folder into a folder of its own within; `None` where nothing is.
fn put_aside(state: &Path) -> io::Result<Option<PathBuf>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(state)? {
        let entry = entry?;
        let name = entry.file_name();
        let text = name.to_string_lossy().into_owned();
        let kept = files::KEPT.iter().any(|kept| text.starts_with(kept));
        let kind = entry.file_type()?;
        if !kept && !STAYS.contains(&&*text) && (kind.is_dir() || kind.is_file()) {
            names.push(name);
        }
    }
    if names.is_empty() {
        return Ok(None);
    }
    // The mark goes last: without it, and with nothing else, there is no store.
    names.sort_by_key(|name| name == "mark");
    let aside = files::unused(state.join(files::REPLACED));
    files::make_folder(&aside).map_err(io::Error::other)?;
    for (at, name) in names.iter().enumerate() {
        if let Err(error) = fs::rename(state.join(name), aside.join(name)) {
            for moved in names.iter().take(at).rev() {
                fs::rename(aside.join(moved), state.join(moved))?;
            }
            let _ = fs::remove_dir(&aside);
            let said = format!("{}: {error}", state.join(name).display());
            return Err(io::Error::new(error.kind(), said));
        }
    }
    files::sync_folder(&aside)?;
    files::sync_folder(state)?;
    Ok(Some(aside))
}

/// Moves what was unpacked into the state folder, from which all was moved away.
pub(super) fn put_in_place(young: &Path, state: &Path) -> io::Result<()> {
    let mut names: Vec<_> = fs::read_dir(young)?
        .map(|entry| entry.map(|entry| entry.file_name()))
        .collect::<io::Result<_>>()?;
    // Proofs and files first, and then the store.
    names.sort_by_key(|name| ORDER.iter().position(|o| name == *o).map_or(0, |at| at + 1));
    for name in names {
        fs::rename(young.join(&name), state.join(&name))?;
    }
    fs::remove_dir(young)?;
    files::sync_folder(state)
}
