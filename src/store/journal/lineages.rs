//! The lineage at every revision, in one file of 36 bytes a revision: what outlives a pruned
//! journal, so that a gateway that was away for long can still be answered.
//!
//! A revision stands at its number × 36: hash, then CRC32C. What was never known is a hole. The
//! file is synced when the store is closed and before a journal is pruned; what a crash leaves out
//! is written again from the journal.

use crate::model::{Lineage, Revision};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

pub(in crate::store) const NAME: &str = "lineage";
const ROW: usize = 36;

/// The open file.
pub(in crate::store) struct Lineages {
    file: File,
    path: PathBuf,
}

impl Lineages {
    /// Opens the file of a state folder, making it when it is not there.
    pub(in crate::store) fn open(folder: &Path) -> io::Result<Self> {
        let path = folder.join(NAME);
        let file = super::open_in_place(&path)?;
        Ok(Self { file, path })
    }

    /// Writes what is not there yet.
    pub(in crate::store) fn complete(&self, known: &[(Revision, Lineage)]) -> io::Result<()> {
        for (revision, lineage) in known {
            if self.get(*revision)? != Some(*lineage) {
                self.put(*revision, *lineage)?;
            }
        }
        Ok(())
    }

    /// Writes one, not yet durably.
    pub(in crate::store) fn put(&self, revision: Revision, lineage: Lineage) -> io::Result<()> {
        let mut row = [0; ROW];
        let (hash, crc) = row.split_at_mut(Lineage::BYTES);
        hash.copy_from_slice(&lineage.0);
        crc.copy_from_slice(&crc32c::crc32c(&lineage.0).to_be_bytes());
        self.file.write_all_at(&row, place(revision))
    }

    /// The lineage at a revision; `None` when it was never known, or its row is damaged.
    pub(in crate::store) fn get(&self, revision: Revision) -> io::Result<Option<Lineage>> {
        if revision == 0 {
            return Ok(Some(Lineage::START));
        }
        let mut row = [0; ROW];
        match self.file.read_exact_at(&mut row, place(revision)) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            Err(error) => return Err(error),
        }
        let (hash, crc) = row.split_at(Lineage::BYTES);
        let whole = crc == crc32c::crc32c(hash).to_be_bytes();
        Ok(whole.then(|| hash.try_into().ok().map(Lineage)).flatten())
    }

    /// Forgets what is after a revision: another history begins there.
    pub(in crate::store) fn end_at(&self, revision: Revision) -> io::Result<()> {
        let end = place(revision.saturating_add(1));
        if self.file.metadata()?.len() > end { self.file.set_len(end) } else { Ok(()) }
    }

    pub(in crate::store) const fn file(&self) -> &File {
        &self.file
    }

    pub(in crate::store) fn path(&self) -> &Path {
        &self.path
    }
}

fn place(revision: Revision) -> u64 {
    revision.saturating_mul(u64::try_from(ROW).unwrap_or(0))
}
