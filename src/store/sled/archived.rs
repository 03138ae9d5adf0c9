//! A backup as one file: a copy of the state folder that was opened and compared, packed, read again.
//!
//! The copy is made on the disk of the state folder, whose records lie there in the open anyway: where the
//! backup goes, they come encrypted only.

use super::super::archive::{self, ArchiveError, Header, Recipients, Report, Whose};
use super::super::disk_space::{LOW_WATER_MIB, MIB};
use super::super::journal::FOLDER;
use super::backup::{BackupError, LEFT_OUT, copy_state, is_within, prune, verify};
use super::{OpenError, Verified, files};
use crate::model::{SCHEMA_VERSION, UnixMs};
use std::fs;
use std::path::{Path, PathBuf};

pub(super) const COPY: &str = "copy";

/// What is wanted of a backup.
pub struct Plan<'a> {
    /// The state folder.
    pub state: &'a Path,
    /// Where backups go.
    pub folder: &'a Path,
    /// The shop's id, where its files tell it.
    pub shop: Option<String>,
    /// For whom it is encrypted.
    pub recipients: &'a Recipients,
    /// What time it is.
    pub now: UnixMs,
    /// How many backups of this store stay; none: all.
    pub keep: Option<usize>,
    /// Whether the journal gives up what the backup holds.
    pub prune: bool,
    /// Told what is done, and how far it is.
    pub report: &'a dyn Fn(&'static str, u64, u64),
}

/// A backup that was read again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archived {
    /// The file.
    pub path: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// What is in it.
    pub verified: Verified,
    /// Backups that made room for it.
    pub removed: Vec<PathBuf>,
    /// Backups that were to, and why they are there still.
    pub not_removed: Vec<String>,
}

/// Makes a backup. The service may run.
///
/// # Errors
/// See [`BackupError`]; then no older backup was removed.
pub fn archive(plan: &Plan<'_>) -> Result<Archived, BackupError> {
    if !plan.state.is_dir() {
        return Err(BackupError::NoJournal(plan.state.to_owned()));
    }
    if is_within(plan.folder, plan.state)? {
        return Err(BackupError::Inside(plan.folder.to_owned()));
    }
    files::make_folder(plan.folder)?;
    let staging = plan.state.join(files::STAGING);
    let lock = begin(plan.state, &staging)?;
    let made = room(plan.state).and_then(|()| staged(plan, &staging.join(COPY)));
    let removed = fs::remove_dir_all(&staging);
    drop(lock);
    let made = made?;
    removed?;
    Ok(made)
}

/// An empty folder for the copy, ours alone; what a backup that was cut short left there goes.
pub(super) fn begin(state: &Path, staging: &Path) -> Result<fs::File, BackupError> {
    files::make_folder(staging)?;
    let lock = files::lock(staging).map_err(|error| match error {
        OpenError::Locked { .. } => BackupError::UnderWay(state.to_owned()),
        other => other.into(),
    })?;
    for left in fs::read_dir(staging)? {
        let left = left?;
        if left.file_type()?.is_dir() {
            fs::remove_dir_all(left.path())?;
        }
    }
    Ok(lock)
}

/// The copy takes as much as the journal and the proofs, and as much again for its store. It must not be
/// what fills the disk of a shop.
pub(super) fn room(state: &Path) -> Result<(), BackupError> {
    let journal = files::size(&state.join(FOLDER));
    let needed = journal.saturating_mul(3).saturating_add(files::size(&state.join("proofs")));
    let needed = needed.saturating_add(LOW_WATER_MIB.saturating_mul(MIB));
    let free = files::free_bytes(state)?;
    if free < needed {
        return Err(BackupError::NoRoom { needed: needed / MIB, free: free / MIB });
    }
    Ok(())
}

fn staged(plan: &Plan<'_>, copy: &Path) -> Result<Archived, BackupError> {
    let Plan { state, folder, recipients, report, .. } = *plan;
    report("copying", 0, 0);
    copy_state(state, copy)?;
    report("opening the copy and comparing every record", 0, 0);
    let verified = verify(state, copy, false)?;
    let header = Header {
        format: archive::FORMAT,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        shop: plan.shop.clone(),
        store_id: verified.store_id.clone(),
        schema: SCHEMA_VERSION,
        revision: verified.revision,
        lineage: verified.lineage,
        made_at: plan.now,
    };
    let whose = Whose { shop: plan.shop.clone(), store_id: verified.store_id.clone() };
    archive::sweep(folder, &whose).map_err(archive::io_of(format!(
        "remove what an earlier backup left in {}",
        folder.display()
    )))?;
    let target = folder.join(archive::name(&header, !recipients.is_empty()));
    if target.exists() {
        return Err(BackupError::Taken(target));
    }
    let packing: Report<'_> = &|done, all| report("packing, and reading it again", done, all);
    let bytes = archive::pack(copy, &header, recipients, &LEFT_OUT, &target, packing)?;
    let pruned = if plan.prune { prune(state, copy)? } else { 0 };
    let (removed, not_removed) = retain(plan, &whose, &target)?;
    let verified = Verified { pruned, ..verified };
    Ok(Archived { path: target, bytes, verified, removed, not_removed })
}

/// Removes the oldest beyond how many are kept; the one that was just made is none of them. That one is
/// good, whatever becomes of the others.
fn retain(
    plan: &Plan<'_>,
    whose: &Whose,
    made: &Path,
) -> Result<(Vec<PathBuf>, Vec<String>), BackupError> {
    let (mut removed, mut not_removed) = (Vec::new(), Vec::new());
    let Some(keep) = plan.keep else { return Ok((removed, not_removed)) };
    let others = archive::list(plan.folder, whose)?;
    let others: Vec<PathBuf> =
        others.into_iter().map(|(_, path)| path).filter(|path| path != made).collect();
    let too_many = others.len().saturating_sub(keep.saturating_sub(1));
    for path in others.into_iter().take(too_many) {
        match fs::remove_file(&path) {
            Ok(()) => removed.push(path),
            Err(error) => not_removed.push(format!("{}: {error}", path.display())),
        }
    }
    Ok((removed, not_removed))
}

impl From<ArchiveError> for BackupError {
    fn from(error: ArchiveError) -> Self {
        Self::Archive(Box::new(error))
    }
}
