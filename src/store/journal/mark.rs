//! The high-water mark: how far the store had come, kept apart from the store and its journal.
//!
//! It is written after each batch is durable and synced once a second, so after `kill -9` it is
//! exact, and after a power cut it is a lower bound. Two slots are written in turn, each with its
//! CRC32C: a torn write leaves the other.

use super::entry::Cursor;
use crate::model::{Lineage, Revision};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

const NAME: &str = "mark";
const MAGIC: [u8; 4] = *b"NLM1";
const SLOT: usize = 128;
/// The longest store id that is kept: a ULID has 26 letters.
const ID: usize = 32;
/// Where the machine's start stands, behind the place of the longest id. Marks of before have zeros.
const BOOT: usize = 4 + 8 + 8 + Lineage::BYTES + 2 + ID;

/// How far a store had come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::store) struct Mark {
    /// The store's id; empty before it has one.
    pub(in crate::store) store_id: String,
    /// The last revision that was answered.
    pub(in crate::store) revision: Revision,
    /// The lineage there.
    pub(in crate::store) lineage: Lineage,
    /// The store was closed here: nothing can have been committed after.
    pub(in crate::store) clean: bool,
    /// Something in sled could not be read: read everything at the next open.
    pub(in crate::store) suspect: bool,
    /// The machine's start during which this was written; 0 when the machine does not tell.
    pub(in crate::store) boot: u128,
}

/// The open file.
pub(in crate::store) struct MarkFile {
    file: File,
    path: PathBuf,
    turn: u64,
}

impl MarkFile {
    /// What the file of a state folder says: `None` when there is none, or neither slot is whole.
    pub(in crate::store) fn read(folder: &Path) -> io::Result<Option<Mark>> {
        match std::fs::read(folder.join(NAME)) {
            Ok(bytes) => Ok(newest(&bytes).map(|(_, mark)| mark)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Opens the file of a state folder, making it when it is not there.
    pub(in crate::store) fn open(folder: &Path) -> io::Result<Self> {
        let path = folder.join(NAME);
        let file = super::open_in_place(&path)?;
        let turn = newest(&std::fs::read(&path)?).map_or(0, |(turn, _)| turn);
        Ok(Self { file, path, turn })
    }

    /// Writes a mark, not yet durably.
    pub(in crate::store) fn write(&mut self, mark: &Mark) -> io::Result<()> {
        self.turn = self.turn.wrapping_add(1);
        let place = if self.turn.is_multiple_of(2) { 0 } else { SLOT };
        self.file.write_all_at(&encode(self.turn, mark), u64::try_from(place).unwrap_or(0))
    }

    pub(in crate::store) const fn file(&self) -> &File {
        &self.file
    }

    pub(in crate::store) fn path(&self) -> &Path {
        &self.path
    }
}

fn encode(turn: u64, mark: &Mark) -> Vec<u8> {
    let mut slot = Vec::with_capacity(SLOT);
    slot.extend_from_slice(&MAGIC);
    slot.extend_from_slice(&turn.to_be_bytes());
    slot.extend_from_slice(&mark.revision.to_be_bytes());
    slot.extend_from_slice(&mark.lineage.0);
    slot.push(u8::from(mark.clean));
    slot.push(u8::from(mark.suspect));
    let id = mark.store_id.as_bytes();
    let id = id.get(..id.len().min(ID)).unwrap_or_default();
    slot.extend_from_slice(id);
    slot.resize(BOOT, 0);
    slot.extend_from_slice(&mark.boot.to_be_bytes());
    slot.resize(SLOT - 4, 0);
    let crc = crc32c::crc32c(&slot);
    slot.extend_from_slice(&crc.to_be_bytes());
    slot
}

fn newest(bytes: &[u8]) -> Option<(u64, Mark)> {
    bytes.chunks(SLOT).filter_map(decode).max_by_key(|(turn, _)| *turn)
}

fn decode(slot: &[u8]) -> Option<(u64, Mark)> {
    let (content, crc) = slot.split_last_chunk::<4>()?;
    if slot.len() != SLOT || *crc != crc32c::crc32c(content).to_be_bytes() {
        return None;
    }
    let mut cursor = Cursor(content);
    if cursor.array::<4>()? != MAGIC {
        return None;
    }
    let turn = u64::from_be_bytes(cursor.array()?);
    let revision = u64::from_be_bytes(cursor.array()?);
    let lineage = Lineage(cursor.array()?);
    let [clean, suspect] = cursor.array::<2>()?.map(|flag| flag == 1);
    let id: Vec<u8> = cursor.take(ID)?.iter().copied().take_while(|b| *b != 0).collect();
    let store_id = String::from_utf8(id).ok()?;
    let boot = u128::from_be_bytes(cursor.array()?);
    Some((turn, Mark { store_id, revision, lineage, clean, suspect, boot }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_torn_write_leaves_the_mark_before() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(MarkFile::read(folder.path()).unwrap(), None);
        let mark = |revision| Mark {
            store_id: "01jd0000000000000000000000".to_owned(),
            revision,
            lineage: Lineage([9; 32]),
            clean: revision == 3,
            suspect: false,
            boot: 77,
        };
        let mut file = MarkFile::open(folder.path()).unwrap();
        for revision in 1..=3 {
            file.write(&mark(revision)).unwrap();
            assert_eq!(MarkFile::read(folder.path()).unwrap(), Some(mark(revision)));
        }
        let path = folder.path().join(NAME);
        let whole = std::fs::read(&path).unwrap();
        for at in 0..whole.len() {
            let mut torn = whole.clone();
            torn[at] ^= 1;
            std::fs::write(&path, torn).unwrap();
            let read = MarkFile::read(folder.path()).unwrap().unwrap();
            assert!([mark(2), mark(3)].contains(&read), "{read:?}");
        }
        // A new file goes on after what is there.
        std::fs::write(&path, whole).unwrap();
        MarkFile::open(folder.path()).unwrap().write(&mark(4)).unwrap();
        assert_eq!(MarkFile::read(folder.path()).unwrap(), Some(mark(4)));
    }
}
