//! The resident records of one revision in one piece, so that a start need not read the trees
//! first: the file `checkpoint` of the state folder.
//!
//! ```text
//! "NLC1"  format u32  program u64  revision u64  schema u32  lineage 32 bytes  tallies 2 × u128  CRC32C u32
//! then blocks: number u32  length u32  CRC32C u32  bytes
//! and a last one without bytes
//! ```
//! Numbers are big-endian. A block's CRC goes on from the head's, so that no block of another
//! checkpoint passes for one of this. The file is written beside its place and renamed.
//!
//! A checkpoint is a copy and nothing else: the journal is what was committed. One that is missing,
//! damaged, of another program, format or history only makes the next start take longer.

mod read;
mod write;

pub(super) use read::{CheckpointFile, find};
pub(super) use write::{tidy, write};

use super::journal::{Head, Tallies};
use crate::model::{Lineage, Snapshot};

/// In the state folder.
pub(super) const NAME: &str = "checkpoint";
/// While it is written.
pub(super) const YOUNG: &str = "checkpoint.tmp";

const MAGIC: [u8; 4] = *b"NLC1";
/// Bytes of the head without its CRC.
const HEAD: usize = 4 + 4 + 8 + 8 + 4 + Lineage::BYTES + Tallies::BYTES;
/// Bytes before each block.
const FRAME: usize = 12;
/// The longest block that is written and believed: they are some 300 KiB.
const LONGEST: u32 = 64 << 20;

/// Which program this is, by the source that it is built of (`build.rs`). One that knows a field less
/// would lose what the trees have in it.
fn program() -> u64 {
    env!("NEBULALINKS_SOURCE").parse().unwrap_or_default()
}

fn head_bytes(head: &Head) -> Vec<u8> {
    let format = Snapshot::CHECKPOINT_FORMAT.to_be_bytes();
    let (revision, schema) = (head.revision.to_be_bytes(), head.schema.to_be_bytes());
    let tallies = head.tallies.to_bytes();
    [&MAGIC[..], &format, &program().to_be_bytes(), &revision, &schema, &head.lineage.0, &tallies]
        .concat()
}

/// The CRC of a block, by those of the head and of what stands before its bytes.
fn crc_of(head: u32, number: u32, bytes: &[u8]) -> u32 {
    let crc = crc32c::crc32c_append(head, &number.to_be_bytes());
    crc32c::crc32c_append(crc, bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SCHEMA_VERSION;

    #[test]
    fn what_another_program_wrote_and_what_is_no_file_is_refused_and_said() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join(NAME);
        let head = Head { revision: 7, ..Head::before_all(SCHEMA_VERSION) };
        write(folder.path(), &head, &Snapshot::default(), &|| true).unwrap();
        assert!(find(folder.path()).unwrap().is_some());
        let mut bytes = std::fs::read(&place).unwrap();
        bytes[8] ^= 1;
        let crc = crc32c::crc32c(&bytes[..HEAD]).to_be_bytes();
        bytes[HEAD..HEAD + 4].copy_from_slice(&crc);
        std::fs::write(&place, bytes).unwrap();
        assert_eq!(find(folder.path()).err().as_deref(), Some("another program wrote it"));
        std::fs::remove_file(&place).unwrap();
        std::fs::create_dir(&place).unwrap();
        assert_eq!(find(folder.path()).err().as_deref(), Some("it is not a file"));
    }
}
