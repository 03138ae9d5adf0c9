//! The state folder: the lock, the ballast, sled's files from the outside, copies for backups.

use super::super::disk_space::{FLOOR_MIB, LOW_WATER_MIB, MIB};
pub(super) use super::super::journal::sync_folder;
use super::open_error::OpenError;
use std::fs::{self, DirBuilder, File, OpenOptions as FileOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt as _, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// sled's folder below the state folder.
pub(super) const DB: &str = "db";
/// A new journal before it takes the place of the old one.
pub(super) const NEXT: &str = "journal.next";
pub(super) const LOCK: &str = "lock";
pub(super) const BALLAST: &str = "ballast";
/// Where the copy for an archive is made.
pub(super) const STAGING: &str = "backup-under-way";
/// Where a backup is unpacked before it is put in the place of a store.
pub(super) const RESTORING: &str = "restoring";
/// Where a store goes whose place a backup takes.
pub(super) const REPLACED: &str = "replaced";
/// How names begin that are no part of a store: what stayed from troubles, and what is under way.
pub(super) const KEPT: [&str; 4] = ["damaged", "backup-", REPLACED, RESTORING];

pub(super) fn io(what: &'static str) -> impl FnOnce(io::Error) -> OpenError {
    move |source| OpenError::Io { what, source }
}

/// Makes the folder for its owner alone.
pub(super) fn make_folder(path: &Path) -> Result<(), OpenError> {
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(io("make the state folder"))
}

/// Refuses root where the folder, or the first one above it that is there, is somebody else's: what is written
/// anew there could not be read by its service.
pub(super) fn not_as_root(folder: &Path) -> Result<(), OpenError> {
    let there = folder.ancestors().find_map(|above| fs::metadata(above).ok());
    let owner = there.map_or(0, |meta| meta.uid());
    if rustix::process::getuid().is_root() && owner != 0 {
        return Err(OpenError::NotAsRoot { path: folder.to_owned(), owner });
    }
    Ok(())
}

/// Our own lock, held until the file is dropped. It holds our process id for whoever comes second.
pub(super) fn lock(folder: &Path) -> Result<File, OpenError> {
    let mut file = FileOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(folder.join(LOCK))
        .map_err(io("open the store's lock file"))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut text = String::new();
            let pid = file.read_to_string(&mut text).ok().and_then(|_| text.trim().parse().ok());
            return Err(OpenError::Locked { path: folder.to_owned(), pid });
        }
        Err(TryLockError::Error(source)) => return Err(io("lock the store")(source)),
    }
    let written = file
        .set_len(0)
        .and_then(|()| file.rewind())
        .and_then(|()| writeln!(file, "{}", std::process::id()));
    written.map_err(io("write the store's lock file"))?;
    Ok(file)
}

/// Bytes that this user may still write on the disk of a folder.
pub(super) fn free_bytes(folder: &Path) -> io::Result<u64> {
    let stat = rustix::fs::statvfs(folder)?;
    Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
}

/// Which start of the machine this is, as Linux names it; 0 elsewhere.
pub(super) fn boot() -> u128 {
    let text = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    u128::from_str_radix(&text.trim().replace('-', ""), 16).unwrap_or(0)
}

/// Gives the ballast up when the disk is full, and lays it down again when there is room.
pub(super) fn ballast(folder: &Path, mib: u64, free: u64) -> Result<(), OpenError> {
    let path = folder.join(BALLAST);
    let bytes = mib.saturating_mul(MIB);
    if free < FLOOR_MIB.saturating_mul(MIB) {
        if fs::remove_file(&path).is_ok() {
            tracing::warn!("the disk of the store is full; its ballast was given up to open it");
        }
        return Ok(());
    }
    let lies = fs::metadata(&path).is_ok_and(|m| m.len() >= bytes);
    if bytes == 0 || lies || free < bytes.saturating_add(LOW_WATER_MIB.saturating_mul(MIB)) {
        return Ok(());
    }
    let file = FileOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&path)
        .map_err(io("lay the ballast file down"))?;
    let reserved = rustix::fs::fallocate(&file, rustix::fs::FallocateFlags::empty(), 0, bytes);
    if let Err(error) = reserved {
        // Some file systems cannot reserve: then there is no ballast, and the floor must do.
        tracing::warn!(%error, "no ballast file: the file system cannot reserve space");
        let _ = fs::remove_file(&path);
    }
    Ok(())
}

/// Bytes that the files of a folder and the folders below it take.
pub(super) fn size(folder: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    entries
        .flatten()
        .map(|entry| match entry.metadata() {
            Ok(meta) if meta.is_dir() => size(&entry.path()),
            Ok(meta) => meta.len(),
            Err(_) => 0,
        })
        .sum()
}

/// sled's snapshot files, whole or half-written.
fn snapshots(db: &Path, half_written: bool) -> Result<Vec<PathBuf>, OpenError> {
    let entries = match fs::read_dir(db) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(io("list the store's files")(error)),
    };
    Ok(entries
        .flatten()
        .filter(|entry| {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            name.starts_with("snap.") && name.ends_with(".generating") == half_written
        })
        .map(|entry| entry.path())
        .collect())
}

/// Removes half-written snapshots, which make sled refuse to open. Nothing is only in there.
pub(super) fn remove_half_written(db: &Path) -> Result<usize, OpenError> {
    let found = snapshots(db, true)?;
    for path in &found {
        fs::remove_file(path).map_err(io("remove a half-written snapshot"))?;
    }
    Ok(found.len())
}

/// Moves sled's snapshots into a folder of their own, so that it reads its log from the start.
pub(super) fn move_snapshots_aside(db: &Path) -> Result<usize, OpenError> {
    let found = snapshots(db, false)?;
    if found.is_empty() {
        return Ok(0);
    }
    let aside = unused(db.with_file_name("snapshots-set-aside"));
    make_folder(&aside)?;
    for path in &found {
        let Some(name) = path.file_name() else { continue };
        fs::rename(path, aside.join(name)).map_err(io("move a snapshot aside"))?;
    }
    Ok(found.len())
}

/// The path, or the first of `<path>-2`, `<path>-3` … where nothing lies.
pub(super) fn unused(path: PathBuf) -> PathBuf {
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let numbered = (2_u32..).map(|n| path.with_file_name(format!("{name}-{n}")));
    std::iter::once(path.clone()).chain(numbered).find(|p| !p.exists()).unwrap_or(path)
}

/// A durable copy of sled's folder, which must be closed, beside it.
pub(super) fn back_up(db: &Path, why: &str) -> Result<PathBuf, OpenError> {
    let target = unused(db.with_file_name(format!("backup-{why}")));
    copy(db, &target).map_err(io("back the store up"))?;
    Ok(target)
}

/// Writes a file of the folder anew, durably: whoever reads it finds the old one or all of the new.
pub(super) fn replace(folder: &Path, name: &str, content: &[u8]) -> io::Result<()> {
    let next = folder.join(format!("{name}.next"));
    let mut file = File::create(&next)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&next, folder.join(name))?;
    sync_folder(folder)
}

/// Removes what an open kept beside a store.
pub(super) fn drop_kept(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type()?.is_dir() && KEPT.iter().any(|kept| name.starts_with(kept)) {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

pub(super) fn copy(from: &Path, to: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)?;
            File::open(&target)?.sync_all()?;
        }
    }
    sync_folder(to)
}
