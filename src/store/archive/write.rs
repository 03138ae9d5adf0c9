//! Packs a folder into a backup, and reads the file again before it counts.

use super::read::{Opening, check};
use super::{
    ArchiveError, CONTENTS, Entry, HEADER, Header, Identities, PARTIAL, Recipients, Report, io_of,
};
use crate::store::journal::sync_folder;
use sha2::{Digest as _, Sha256};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Read, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// zstd's level: records shrink to about a tenth, and a disk writes slower than that.
const LEVEL: i32 = 9;

/// Packs all files of a folder into `target`, which appears only when it was read again, whole, and
/// holds what went in. Encrypted ones are opened with a key of their own that nobody keeps.
pub(in crate::store) fn pack(
    folder: &Path,
    header: &Header,
    recipients: &Recipients,
    left_out: &[&str],
    target: &Path,
    report: Report<'_>,
) -> Result<u64, ArchiveError> {
    let failed = |what: &str| io_of(format!("{what} {}", target.display()));
    let mut partial = target.as_os_str().to_owned();
    partial.push(PARTIAL);
    let partial = PathBuf::from(partial);
    let own = age::x25519::Identity::generate();
    let made = (|| {
        let mut files = files_of(folder).map_err(io_of("list what is to be backed up"))?;
        files.retain(|(path, _)| !left_out.iter().any(|out| path.split('/').next() == Some(out)));
        let all: u64 = files.iter().map(|(_, bytes)| bytes).sum();
        let report = &|done: u64| report(done, all.saturating_mul(2).max(1));
        let file =
            OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&partial);
        let file = file.map_err(failed("write"))?;
        // Held until it has its name: whoever finds it unlocked takes it for a rest and removes it. Where
        // a file system has no locks, nobody removes it.
        let _ = file.try_lock();
        let out = file.try_clone().map_err(failed("write"))?;
        write(folder, header, &files, (recipients, &own), out, report).map_err(failed("write"))?;
        let opening = Opening {
            path: partial.clone(),
            identities: Identities(if recipients.is_empty() { Vec::new() } else { vec![own] }),
        };
        let read = check(&opening, &|done| report(all.saturating_add(done)))?;
        if read != *header {
            let detail = "it does not say what was written into it".to_owned();
            return Err(ArchiveError::Broken { path: partial.clone(), detail });
        }
        let bytes = fs::metadata(&partial).map_err(failed("read"))?.len();
        fs::rename(&partial, target).map_err(failed("name"))?;
        let parent = target.parent().filter(|p| !p.as_os_str().is_empty());
        sync_folder(parent.unwrap_or(Path::new("."))).map_err(failed("sync the folder of"))?;
        Ok(bytes)
    })();
    if made.is_err() {
        let _ = fs::remove_file(&partial);
    }
    made
}

fn write(
    folder: &Path,
    header: &Header,
    files: &[(String, u64)],
    (recipients, own): (&Recipients, &age::x25519::Identity),
    file: File,
    report: &dyn Fn(u64),
) -> io::Result<()> {
    let out = BufWriter::new(file);
    let out = if recipients.is_empty() {
        tar(out, folder, header, files, report)?
    } else {
        let own = own.to_public();
        let all = recipients.0.iter().chain(std::iter::once(&own));
        let sealed = age::Encryptor::with_recipients(all.map(|r| r as &dyn age::Recipient))
            .map_err(io::Error::other)?;
        tar(sealed.wrap_output(out)?, folder, header, files, report)?.finish()?
    };
    out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
}

fn tar<W: Write>(
    out: W,
    folder: &Path,
    header: &Header,
    files: &[(String, u64)],
    report: &dyn Fn(u64),
) -> io::Result<W> {
    let mut packed = zstd::stream::write::Encoder::new(out, LEVEL)?;
    packed.include_checksum(true)?;
    let mut tar = tar::Builder::new(packed);
    let seconds = header.made_at.0 / 1000;
    let said = serde_json::to_vec_pretty(header)?;
    append(&mut tar, HEADER, said.len() as u64, seconds, &mut &*said)?;
    let (mut entries, mut done) = (Vec::new(), 0_u64);
    for (path, bytes) in files {
        // What grows meanwhile, the last segment of a journal, is taken as long as it was.
        let file = File::open(folder.join(path))?;
        let mut hashed = Hashed { from: file.take(*bytes), hash: Sha256::new() };
        append(&mut tar, path, *bytes, seconds, &mut hashed)?;
        let sha256 = nebulalinks_protocol::hex(&hashed.hash.finalize());
        entries.push(Entry { path: path.clone(), bytes: *bytes, sha256 });
        done = done.saturating_add(*bytes);
        report(done);
    }
    let said = serde_json::to_vec(&entries)?;
    append(&mut tar, CONTENTS, said.len() as u64, seconds, &mut &*said)?;
    tar.into_inner()?.finish()
}

fn append<W: Write>(
    tar: &mut tar::Builder<W>,
    path: &str,
    bytes: u64,
    seconds: u64,
    from: &mut dyn Read,
) -> io::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::Regular);
    header.set_mode(0o600);
    header.set_mtime(seconds);
    header.set_size(bytes);
    tar.append_data(&mut header, path, from)
}

/// Every file below a folder with its length, in the order of their names. Links and the like are none of
/// ours, and are left out.
fn files_of(folder: &Path) -> io::Result<Vec<(String, u64)>> {
    fn walk(folder: &Path, below: &str, found: &mut Vec<(String, u64)>) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name();
            let Some(name) = name.to_str() else {
                return Err(io::Error::other(format!(
                    "{} has no name in UTF-8",
                    entry.path().display()
                )));
            };
            let path = if below.is_empty() { name.to_owned() } else { format!("{below}/{name}") };
            let kind = entry.file_type()?;
            if kind.is_dir() {
                walk(&entry.path(), &path, found)?;
            } else if kind.is_file() {
                found.push((path, entry.metadata()?.len()));
            }
        }
        Ok(())
    }
    let mut found = Vec::new();
    walk(folder, "", &mut found)?;
    found.sort();
    Ok(found)
}

/// Hashes what is read through it.
struct Hashed<R> {
    from: R,
    hash: Sha256,
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(into)?;
        self.hash.update(into.get(..read).unwrap_or_default());
        Ok(read)
    }
}
