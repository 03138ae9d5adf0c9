//! Reads a backup: what it says of itself, whether it is whole, and its files into a folder.

use super::{AGE, ArchiveError, CONTENTS, Entry, FORMAT, HEADER, Header, Identities, ZSTD, io_of};
use crate::model::SCHEMA_VERSION;
use sha2::{Digest as _, Sha256};
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, BufReader, Read, Write};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Component, Path, PathBuf};

/// The most bytes of what a backup says of itself, and of the list of its files.
const MAX_SAID: u64 = 64 * 1024 * 1024;
/// Bytes at a time.
const CHUNK: usize = 64 * 1024;

/// A backup to be opened.
#[derive(Clone)]
pub struct Opening {
    /// The file.
    pub path: PathBuf,
    /// What opens it, if it is encrypted.
    pub identities: Identities,
}

/// What a backup says of itself. Only its beginning is read: it may be cut off all the same.
///
/// # Errors
/// See [`ArchiveError`].
pub fn look(opening: &Opening) -> Result<Header, ArchiveError> {
    let mut tar = tar::Archive::new(plain(opening, &|_| {})?);
    let broken = |error: io::Error| broken(&opening.path, &error);
    let mut entries = tar.entries().map_err(broken)?;
    let first = entries.next().ok_or_else(|| missing(&opening.path, HEADER))?;
    header(&opening.path, &mut first.map_err(broken)?)
}

/// Reads all of it, and nothing of it stays.
pub(super) fn check(opening: &Opening, report: &dyn Fn(u64)) -> Result<Header, ArchiveError> {
    walk(opening, report, |_| Ok(Box::new(io::sink())))
}

/// Reads all of it into a new folder, which is complete and right when this returns without an error.
pub(in crate::store) fn unpack(
    opening: &Opening,
    folder: &Path,
    report: &dyn Fn(u64),
) -> Result<Header, ArchiveError> {
    let make = |path: &Path| DirBuilder::new().recursive(true).mode(0o700).create(path);
    make(folder).map_err(io_of(format!("make {}", folder.display())))?;
    walk(opening, report, |path| {
        let target = folder.join(path);
        if let Some(parent) = target.parent() {
            make(parent)?;
        }
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(target)?;
        Ok(Box::new(Synced(file)))
    })
}

/// A file that is on the disk once it was flushed.
struct Synced(File);

impl Write for Synced {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.0.sync_all()
    }
}

fn walk(
    opening: &Opening,
    report: &dyn Fn(u64),
    mut into: impl FnMut(&Path) -> io::Result<Box<dyn Write>>,
) -> Result<Header, ArchiveError> {
    let path = &opening.path;
    let broken = |error: io::Error| broken(path, &error);
    let mut tar = tar::Archive::new(plain(opening, report)?);
    let (mut said, mut seen, mut listed) = (None, Vec::new(), None);
    for entry in tar.entries().map_err(broken)? {
        let mut entry = entry.map_err(broken)?;
        let name = own_path(&entry).ok_or_else(|| ArchiveError::Broken {
            path: path.clone(),
            detail: "it holds something that no backup holds: a link, or a path that leads out"
                .to_owned(),
        })?;
        let name_text = name.to_string_lossy().into_owned();
        match (&said, &listed, &*name_text) {
            (None, _, _) => said = Some(header(path, &mut entry)?),
            (Some(_), None, CONTENTS) => {
                let mut text = Vec::new();
                entry.by_ref().take(MAX_SAID).read_to_end(&mut text).map_err(broken)?;
                let list: Vec<Entry> =
                    serde_json::from_slice(&text).map_err(|error| broken(error.into()))?;
                listed = Some(list);
            }
            (Some(_), None, _) => {
                let what = || io_of(format!("write {}", name.display()));
                let mut out = into(&name).map_err(what())?;
                let (bytes, sha256) = copy(&mut entry, &mut out, path)?;
                out.flush().map_err(what())?;
                seen.push(Entry { path: name_text, bytes, sha256 });
            }
            (Some(_), Some(_), _) => return Err(missing(path, "a last entry that is its list")),
        }
    }
    // The rest of the file, with zstd's checksum and age's last word, and nothing behind it.
    let mut rest = tar.into_inner();
    let mut bytes = Vec::new();
    rest.read_to_end(&mut bytes).map_err(broken)?;
    if bytes.iter().any(|byte| *byte != 0) {
        return Err(missing(path, "an end: there is something behind it"));
    }
    let said = said.ok_or_else(|| missing(path, HEADER))?;
    match listed {
        Some(list) if list == seen => Ok(said),
        Some(_) => Err(ArchiveError::Broken {
            path: path.clone(),
            detail: "its files are not those that it names".to_owned(),
        }),
        None => Err(missing(path, CONTENTS)),
    }
}

fn copy(
    from: &mut impl Read,
    to: &mut impl Write,
    path: &Path,
) -> Result<(u64, String), ArchiveError> {
    let (mut hash, mut bytes, mut chunk) = (Sha256::new(), 0_u64, vec![0; CHUNK]);
    loop {
        let read = from.read(&mut chunk).map_err(|error| broken(path, &error))?;
        let part = chunk.get(..read).unwrap_or_default();
        if part.is_empty() {
            return Ok((bytes, nebulalinks_protocol::hex(&hash.finalize())));
        }
        hash.update(part);
        to.write_all(part).map_err(io_of("write a file of the backup"))?;
        bytes = bytes.saturating_add(u64::try_from(read).unwrap_or(0));
    }
}

/// The path of an entry, if it is a plain file below the folder.
fn own_path<R: Read>(entry: &tar::Entry<'_, R>) -> Option<PathBuf> {
    let plain = entry.header().entry_type() == tar::EntryType::Regular;
    let path = entry.path().ok()?.into_owned();
    let inside = path.components().all(|part| matches!(part, Component::Normal(_)));
    (plain && inside && path.components().next().is_some()).then_some(path)
}

fn header(path: &Path, first: &mut impl Read) -> Result<Header, ArchiveError> {
    let mut text = Vec::new();
    first.take(MAX_SAID).read_to_end(&mut text).map_err(|error| broken(path, &error))?;
    // What a newer form says besides is of no account: its version alone is.
    let said: serde_json::Value =
        serde_json::from_slice(&text).map_err(|_| missing(path, HEADER))?;
    let number = |key: &str| {
        said.get(key).and_then(serde_json::Value::as_u64).and_then(|n| u32::try_from(n).ok())
    };
    let newer = |what, found, known| ArchiveError::Newer {
        path: path.to_owned(),
        program: said
            .get("program")
            .and_then(serde_json::Value::as_str)
            .unwrap_or("of a later version")
            .to_owned(),
        what,
        found,
        known,
    };
    match (number("format"), number("schema")) {
        (Some(found), _) if found > FORMAT => Err(newer("form", found, FORMAT)),
        (_, Some(found)) if found > SCHEMA_VERSION => {
            Err(newer("store's schema", found, SCHEMA_VERSION))
        }
        _ => serde_json::from_value(said).map_err(|_| missing(path, HEADER)),
    }
}

/// The tar within a backup.
fn plain<'a>(
    opening: &Opening,
    report: &'a dyn Fn(u64),
) -> Result<Box<dyn Read + 'a>, ArchiveError> {
    let path = &opening.path;
    let file = File::open(path).map_err(io_of(format!("open {}", path.display())))?;
    let mut file = BufReader::new(Counted { from: file, read: 0, report });
    let magic = peek(&mut file).map_err(io_of(format!("read {}", path.display())))?;
    let broken = |error: io::Error| broken(path, &error);
    if magic.starts_with(ZSTD) {
        return Ok(Box::new(zstd::stream::read::Decoder::with_buffer(file).map_err(broken)?));
    }
    if !magic.starts_with(AGE) {
        let cut = [AGE, ZSTD].iter().any(|whole| whole.starts_with(&magic));
        let detail = "it ends before it has begun".to_owned();
        return Err(match cut {
            true => ArchiveError::Broken { path: path.clone(), detail },
            false => ArchiveError::NotOne(path.clone()),
        });
    }
    let sealed = age::Decryptor::new_buffered(file).map_err(|error| unsealed(path, error))?;
    if opening.identities.0.is_empty() {
        return Err(ArchiveError::NeedsIdentity(path.clone()));
    }
    let keys = opening.identities.0.iter().map(|key| key as &dyn age::Identity);
    let opened = sealed.decrypt(keys).map_err(|error| unsealed(path, error))?;
    Ok(Box::new(zstd::stream::read::Decoder::new(opened).map_err(broken)?))
}

fn peek(file: &mut BufReader<impl Read>) -> io::Result<Vec<u8>> {
    use io::BufRead as _;
    let bytes = file.fill_buf()?;
    Ok(bytes.get(..bytes.len().min(AGE.len())).unwrap_or_default().to_vec())
}

fn unsealed(path: &Path, error: age::DecryptError) -> ArchiveError {
    match error {
        age::DecryptError::NoMatchingKeys => ArchiveError::WrongIdentity(path.to_owned()),
        age::DecryptError::Io(error) => broken(path, &error),
        other => ArchiveError::Broken { path: path.to_owned(), detail: other.to_string() },
    }
}

fn broken(path: &Path, error: &io::Error) -> ArchiveError {
    ArchiveError::Broken { path: path.to_owned(), detail: error.to_string() }
}

fn missing(path: &Path, what: &str) -> ArchiveError {
    ArchiveError::Broken { path: path.to_owned(), detail: format!("it has no {what}") }
}

/// Tells how much of a file was read.
struct Counted<'a> {
    from: File,
    read: u64,
    report: &'a dyn Fn(u64),
}

impl Read for Counted<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(into)?;
        self.read = self.read.saturating_add(u64::try_from(read).unwrap_or(0));
        (self.report)(self.read);
        Ok(read)
    }
}
