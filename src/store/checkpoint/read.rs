//! Reading a checkpoint: threads decode blocks, and the caller's thread puts them together.

use super::super::journal::{Cursor, Head, Tallies};
use super::{FRAME, HEAD, LONGEST, MAGIC, NAME, crc_of, program};
use crate::model::{Assembly, Block, BlockReader, Lineage, Snapshot};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Read as _};
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::mpsc::{self, SyncSender};
use std::sync::{Mutex, PoisonError};

/// Blocks that may wait to be put together.
const WAITING: usize = 16;
/// Threads that decode, at the most: with more, the one that puts blocks together is the slowest.
const READERS: usize = 4;
/// Bytes that are read from the file at once.
const BUFFER: usize = 1 << 20;

/// A checkpoint whose head is whole.
pub(in crate::store) struct CheckpointFile {
    /// Where it stands.
    pub(in crate::store) head: Head,
    /// Its length in bytes.
    pub(in crate::store) bytes: u64,
    crc: u32,
    file: File,
}

/// The checkpoint of a state folder, if there is one.
///
/// # Errors
/// A sentence: why it is not to be used.
pub(in crate::store) fn find(folder: &Path) -> Result<Option<CheckpointFile>, String> {
    let path = folder.join(NAME);
    // A pipe would keep whoever opens it waiting for good.
    let mut file = match std::fs::metadata(&path).map(|at| at.is_file()) {
        Ok(true) => File::open(&path).map_err(|error| error.to_string())?,
        Ok(false) => return Err("it is not a file".to_owned()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.to_string()),
    };
    let mut bytes = [0; HEAD + 4];
    file.read_exact(&mut bytes).map_err(|error| format!("its head: {error}"))?;
    let length = file.metadata().map_err(|error| error.to_string())?.len();
    let (head, program_of, crc) =
        parse(&bytes).ok_or("its head is damaged or of another format")?;
    if program_of != program() || program_of == 0 {
        return Err("another program wrote it".to_owned());
    }
    Ok(Some(CheckpointFile { head, bytes: length, crc, file }))
}

/// The head, the program that wrote it, and its CRC.
fn parse(bytes: &[u8]) -> Option<(Head, u64, u32)> {
    let (first, crc) = bytes.split_last_chunk::<4>()?;
    if *crc != crc32c::crc32c(first).to_be_bytes() {
        return None;
    }
    let mut rest = Cursor(first);
    if rest.array()? != MAGIC || u32::from_be_bytes(rest.array()?) != Snapshot::CHECKPOINT_FORMAT {
        return None;
    }
    let program = u64::from_be_bytes(rest.array()?);
    let revision = u64::from_be_bytes(rest.array()?);
    let schema = u32::from_be_bytes(rest.array()?);
    let lineage = Lineage(rest.array()?);
    let tallies = Tallies::of_bytes(rest.array()?);
    let head = Head { revision, schema, lineage, tallies, kinds: String::new() };
    Some((head, program, u32::from_be_bytes(*crc)))
}

/// The blocks as they stand in the file, one after the other.
struct Blocks {
    file: BufReader<File>,
    next: u32,
    ended: bool,
}

/// A block as it stands there.
struct RawBlock {
    number: u32,
    crc: u32,
    bytes: Vec<u8>,
}

impl Blocks {
    /// `Ok(None)` when the last one was taken.
    fn take(&mut self) -> Result<Option<RawBlock>, String> {
        if self.ended {
            return Ok(None);
        }
        let cut = |error: io::Error| format!("it ends within a block: {error}");
        let mut frame = [0; FRAME];
        self.file.read_exact(&mut frame).map_err(cut)?;
        let mut parts = Cursor(&frame);
        let mut number = || parts.array().map(u32::from_be_bytes).unwrap_or_default();
        let (stands, length, crc) = (number(), number(), number());
        if stands != self.next {
            return Err(format!("block {stands} stands where {} must", self.next));
        }
        if length > LONGEST {
            return Err(format!("block {stands} says that it has {length} bytes"));
        }
        self.next = self.next.saturating_add(1);
        let mut bytes = Vec::new();
        let read = (&mut self.file).take(u64::from(length)).read_to_end(&mut bytes).map_err(cut)?;
        if u32::try_from(read) != Ok(length) {
            return Err("it ends within a block".to_owned());
        }
        self.ended = length == 0;
        if self.ended && self.file.read(&mut [0]).map_err(cut)? > 0 {
            return Err("something stands behind its end".to_owned());
        }
        Ok(Some(RawBlock { number: stands, crc, bytes }))
    }
}

impl CheckpointFile {
    /// All of it, or why it is not to be used.
    pub(in crate::store) fn read(self) -> Result<Snapshot, String> {
        let Self { head, crc, file, .. } = self;
        let file = BufReader::with_capacity(BUFFER, file);
        let blocks = Mutex::new(Blocks { file, next: 0, ended: false });
        let (send, received) = mpsc::sync_channel(WAITING);
        let processors = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        std::thread::scope(|scope| {
            let begin = |_| {
                let (send, blocks) = (send.clone(), &blocks);
                scope.spawn(move || decode(blocks, crc, &send))
            };
            let readers: Vec<_> = (0..processors.min(READERS)).map(begin).collect();
            drop(send);
            let put_together = assemble(received);
            let readers: Result<Vec<BlockReader>, String> = readers
                .into_iter()
                .map(|reader| reader.join().map_err(|_| "a thread that read it ended".to_owned()))
                .collect();
            Ok(put_together?.finish(readers?, head.revision, head.lineage))
        })
    }
}

type Decoded = Result<(u32, Option<Block>), String>;

/// Decodes blocks for as long as there are any and somebody listens.
fn decode(blocks: &Mutex<Blocks>, head: u32, send: &SyncSender<Decoded>) -> BlockReader {
    let mut reader = BlockReader::default();
    loop {
        let taken = blocks.lock().unwrap_or_else(PoisonError::into_inner).take();
        let decoded = match taken {
            Ok(None) => return reader,
            Ok(Some(raw)) => block(&mut reader, head, raw),
            Err(what) => Err(what),
        };
        if send.send(decoded).is_err() {
            return reader;
        }
    }
}

fn block(reader: &mut BlockReader, head: u32, raw: RawBlock) -> Decoded {
    let RawBlock { number, crc, bytes } = raw;
    if crc != crc_of(head, number, &bytes) {
        return Err(format!("block {number} is damaged"));
    }
    if bytes.is_empty() {
        return Ok((number, None));
    }
    let read = reader.read(&bytes).map_err(|error| format!("block {number}: {error}"))?;
    Ok((number, Some(read)))
}

/// Puts blocks together in their order, whichever thread was first.
fn assemble(received: mpsc::Receiver<Decoded>) -> Result<Assembly, String> {
    let mut assembly = Assembly::default();
    let mut waiting = BTreeMap::new();
    let mut next = 0;
    for decoded in received {
        let (number, block) = decoded?;
        waiting.insert(number, block);
        while let Some(block) = waiting.remove(&next) {
            let Some(block) = block else { return Ok(assembly) };
            assembly.add(block).map_err(|error| format!("block {next}: {error}"))?;
            next = next.saturating_add(1);
        }
    }
    Err("it has no end".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Revision, SCHEMA_VERSION};
    use crate::store::checkpoint::write;
    use crate::view::sample;

    fn head(revision: Revision) -> Head {
        Head {
            revision,
            schema: SCHEMA_VERSION,
            lineage: Lineage([u8::try_from(revision).unwrap(); Lineage::BYTES]),
            tallies: Tallies { resident: 5, other: 6 },
            kinds: String::new(),
        }
    }

    /// What is read of these bytes, if anything is.
    fn read(folder: &Path, bytes: &[u8]) -> Option<Snapshot> {
        std::fs::write(folder.join(NAME), bytes).unwrap();
        find(folder).ok()??.read().ok()
    }

    #[test]
    fn no_flipped_or_cut_byte_passes_for_a_checkpoint() {
        let folder = tempfile::tempdir().unwrap();
        let snapshot = sample::snapshot([sample::served_account(1, true)]);
        let length = write(folder.path(), &head(9), &snapshot, &|| true).unwrap().unwrap();
        let good = std::fs::read(folder.path().join(NAME)).unwrap();
        assert_eq!(u64::try_from(good.len()).unwrap(), length);
        let again = read(folder.path(), &good).unwrap();
        assert_eq!((again.revision(), again.lineage()), (9, head(9).lineage));
        assert_eq!((again.len(), again.indexes()), (snapshot.len(), snapshot.indexes()));
        for at in 0..good.len() {
            let mut flipped = good.clone();
            flipped[at] ^= 1 << (at % 8);
            assert!(read(folder.path(), &flipped).is_none(), "byte {at} is not covered");
            assert!(read(folder.path(), &good[..at]).is_none(), "cut at {at}");
        }
    }

    #[test]
    fn a_block_of_another_checkpoint_is_none_of_this() {
        let folder = tempfile::tempdir().unwrap();
        let snapshot = sample::snapshot([sample::served_account(1, true)]);
        let files = [9, 8].map(|revision| {
            write(folder.path(), &head(revision), &snapshot, &|| true).unwrap();
            std::fs::read(folder.path().join(NAME)).unwrap()
        });
        let first = HEAD + 4;
        let spliced = [&files[0][..first], &files[1][first..]].concat();
        assert_eq!(spliced.len(), files[0].len());
        assert!(read(folder.path(), &spliced).is_none());
    }

    #[test]
    fn one_that_was_told_to_stop_leaves_the_one_before() {
        let folder = tempfile::tempdir().unwrap();
        let snapshot = sample::snapshot([sample::served_account(1, true)]);
        write(folder.path(), &head(8), &snapshot, &|| true).unwrap();
        let left = std::cell::Cell::new(3);
        let may_go_on = || left.replace(left.get() - 1) > 0;
        assert_eq!(write(folder.path(), &head(9), &snapshot, &may_go_on).unwrap(), None);
        assert_eq!(find(folder.path()).unwrap().unwrap().head, head(8));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
