//! Writing a checkpoint: beside its place, block by block, durable before it has its name.

use super::super::journal::{Head, sync_folder};
use super::{LONGEST, NAME, YOUNG, crc_of, head_bytes};
use crate::model::Snapshot;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// Bytes that are collected for one write.
const BUFFER: usize = 1 << 20;
/// Bytes that are made durable at once: a journal that is synced meanwhile must not wait for a
/// gigabyte.
const SYNCED: usize = 16 << 20;

/// Writes the checkpoint of a state folder, and says how long it is. `None` when it was told to stop
/// on the way; then, and when it fails, the one before stays as it was.
pub(in crate::store) fn write(
    folder: &Path,
    head: &Head,
    snapshot: &Snapshot,
    may_go_on: &dyn Fn() -> bool,
) -> io::Result<Option<u64>> {
    let young = folder.join(YOUNG);
    let options = || {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600);
        options
    };
    let filled = options().open(&young).and_then(|file| fill(file, head, snapshot, may_go_on));
    let written = filled.and_then(|length| {
        if length.is_some() {
            fs::rename(&young, folder.join(NAME))?;
            sync_folder(folder)?;
        }
        Ok(length)
    });
    if !matches!(written, Ok(Some(_))) {
        let _ = fs::remove_file(&young);
    }
    written
}

fn fill(
    file: File,
    head: &Head,
    snapshot: &Snapshot,
    may_go_on: &dyn Fn() -> bool,
) -> io::Result<Option<u64>> {
    let mut file = BufWriter::with_capacity(BUFFER, file);
    let first = head_bytes(head);
    let crc = crc32c::crc32c(&first);
    file.write_all(&first)?;
    file.write_all(&crc.to_be_bytes())?;
    let end = std::iter::once(Ok(Vec::new()));
    let mut unsynced = 0_usize;
    for (number, block) in (0..).zip(snapshot.blocks().chain(end)) {
        if !may_go_on() {
            return Ok(None);
        }
        let block = block.map_err(io::Error::other)?;
        let length = u32::try_from(block.len()).map_err(io::Error::other)?;
        if length > LONGEST {
            return Err(io::Error::other("a block is too long"));
        }
        for part in [number, length, crc_of(crc, number, &block)] {
            file.write_all(&part.to_be_bytes())?;
        }
        file.write_all(&block)?;
        unsynced = unsynced.saturating_add(block.len());
        if unsynced >= SYNCED {
            file.flush()?;
            file.get_ref().sync_data()?;
            unsynced = 0;
        }
    }
    file.flush()?;
    file.get_ref().sync_all()?;
    file.get_ref().metadata().map(|metadata| Some(metadata.len()))
}

/// Removes what is left of one that was being written, and, where it is not taken, the checkpoint of
/// a state folder.
pub(in crate::store) fn tidy(folder: &Path, taken: bool) {
    let names = [YOUNG].into_iter().chain((!taken).then_some(NAME));
    for name in names {
        // One that stays is looked at again at the next start.
        let _ = fs::remove_file(folder.join(name));
    }
}
