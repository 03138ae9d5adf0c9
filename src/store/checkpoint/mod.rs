//! The resident records of one revision in one piece, so that a start need not read the trees
//! first: the file `checkpoint` of the state folder.
//!
//! ```text
//! "NLC1"  format u32  revision u64  schema u32  lineage 32 bytes  tallies 2 × u128  CRC32C u32
//! then blocks: number u32  length u32  CRC32C u32  bytes
//! and a last one without bytes
//! ```
//! Numbers are big-endian. A block's CRC goes on from the head's, so that no block of another
//! checkpoint passes for one of this. The file is written beside its place and renamed.
//!
//! A checkpoint is a copy and nothing else: the journal is what was committed. One that is missing,
//! damaged, of another format or of another history only makes the next start take longer.

mod read;
mod write;

pub(super) use read::{Found, find};
pub(super) use write::{tidy, write};

use super::journal::{Head, Tallies};
use crate::model::{Lineage, Snapshot};

/// In the state folder.
pub(super) const NAME: &str = "checkpoint";
/// While it is written.
pub(super) const YOUNG: &str = "checkpoint.tmp";

const MAGIC: [u8; 4] = *b"NLC1";
/// Bytes of the head without its CRC.
const HEAD: usize = 4 + 4 + 8 + 4 + Lineage::BYTES + Tallies::BYTES;
/// Bytes before each block.
const FRAME: usize = 12;

fn head_bytes(head: &Head) -> Vec<u8> {
    let format = Snapshot::CHECKPOINT_FORMAT.to_be_bytes();
    let (revision, schema) = (head.revision.to_be_bytes(), head.schema.to_be_bytes());
    let tallies = head.tallies.to_bytes();
    [&MAGIC[..], &format, &revision, &schema, &head.lineage.0, &tallies].concat()
}

/// The CRC of a block, by those of the head and of what stands before its bytes.
fn crc_of(head: u32, number: u32, bytes: &[u8]) -> u32 {
    let crc = crc32c::crc32c_append(head, &number.to_be_bytes());
    crc32c::crc32c_append(crc, bytes)
}
