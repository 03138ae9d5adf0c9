//! A base: every record at one revision, so that a journal need not begin at the shop's first day.

use super::body::{Change, decode, encode_records};
use super::entry::{Found, Head, Sort, read, write};
use super::tally::Tallies;
use super::{file_name, sync_folder};
use crate::model::Kind;
use std::fs::{DirBuilder, File, OpenOptions, rename};
use std::io::{self, BufReader, BufWriter, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// Records in one entry.
const CHUNK: usize = 256;
/// Mark, sort and lengths: what must be read to know how long an entry is.
const PREFIX: usize = 11;

/// Writes a base. Unless it is finished, nothing is left that counts.
pub(in crate::store) struct BaseWriter {
    folder: PathBuf,
    head: Head,
    young: PathBuf,
    file: BufWriter<File>,
    waiting: Vec<(Kind, Vec<u8>, Vec<u8>)>,
    tallies: Tallies,
}

impl BaseWriter {
    /// Begins a base at a head's revision in a journal's folder.
    pub(in crate::store) fn begin(folder: &Path, head: &Head) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let young = folder.join(file_name(head.revision, "base.tmp"));
        let file =
            OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&young)?;
        Ok(Self {
            folder: folder.to_owned(),
            head: Head { kinds: String::new(), ..head.clone() },
            young,
            file: BufWriter::new(file),
            waiting: Vec::new(),
            tallies: Tallies::default(),
        })
    }

    /// Adds a record as it is stored.
    pub(in crate::store) fn add(
        &mut self,
        kind: Kind,
        key: &[u8],
        stored: &[u8],
    ) -> io::Result<()> {
        self.tallies.add(kind, key, stored);
        self.waiting.push((kind, key.to_vec(), stored.to_vec()));
        if self.waiting.len() >= CHUNK { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        let body = encode_records(&std::mem::take(&mut self.waiting));
        self.entry(Sort::Records, &body)
    }

    fn entry(&mut self, sort: Sort, body: &[u8]) -> io::Result<()> {
        let mut bytes = Vec::new();
        write(&mut bytes, sort, &self.head, body);
        self.file.write_all(&bytes)
    }

    /// Makes it durable and gives it its name.
    ///
    /// # Errors
    /// Also when the records do not come to what the head says: then nothing is left that counts.
    pub(in crate::store) fn finish(mut self) -> io::Result<PathBuf> {
        if self.tallies != self.head.tallies {
            let _ = std::fs::remove_file(&self.young);
            return Err(io::Error::other("the records are not what was committed"));
        }
        self.flush()?;
        self.entry(Sort::End, &[])?;
        self.file.flush()?;
        self.file.get_ref().sync_all()?;
        let path = self.folder.join(file_name(self.head.revision, "base"));
        rename(&self.young, &path)?;
        sync_folder(&self.folder)?;
        Ok(path)
    }
}

/// Reads a base, and gives its head: `None` unless every byte of it is as it was written.
pub(in crate::store) fn read_base<E: From<io::Error>>(
    path: &Path,
    mut each: impl FnMut(Kind, &[u8], &[u8]) -> Result<(), E>,
) -> Result<Option<Head>, E> {
    let mut file = BufReader::new(File::open(path)?);
    let mut tallies = Tallies::default();
    let mut bytes = Vec::new();
    loop {
        bytes.clear();
        // The head alone is enough to be told how much is missing; it is believed by its CRC only.
        if !more(&mut file, &mut bytes, PREFIX)? {
            return Ok(None);
        }
        let Some(lengths) = bytes.get(5..PREFIX) else { return Ok(None) };
        let number = |part: &[u8]| part.iter().fold(0_usize, |n, b| (n << 8) | usize::from(*b));
        let (head, body) = lengths.split_at(2);
        let (head, body) = (number(head), number(body));
        if !more(&mut file, &mut bytes, head.saturating_add(4))?
            || matches!(read(&bytes, 0), Found::Nothing)
            || !more(&mut file, &mut bytes, body.saturating_add(4))?
        {
            return Ok(None);
        }
        let Found::Whole(sort, head, body, _) = read(&bytes, 0) else { return Ok(None) };
        match sort {
            Sort::Records => {
                let Some(changes) = decode(body) else { return Ok(None) };
                for change in changes {
                    let Change::Put(kind, key, stored) = change else { return Ok(None) };
                    tallies.add(kind, key, stored);
                    each(kind, key, stored)?;
                }
            }
            Sort::End => return Ok((tallies == head.tallies).then_some(head)),
            Sort::Edits | Sort::Begins => return Ok(None),
        }
    }
}

/// Reads so many bytes more, `false` where the file ends before.
fn more(file: &mut impl io::Read, bytes: &mut Vec<u8>, length: usize) -> io::Result<bool> {
    let wanted = u64::try_from(length).unwrap_or(u64::MAX);
    Ok(file.take(wanted).read_to_end(bytes)? == length)
}
