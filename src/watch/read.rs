//! The four files from a folder, whatever is found there.

use crate::catalog::{DesiredFile, Files, MAX_FILE_BYTES, Source};
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

/// Reads the four files of a folder, and the commit that is checked out around it. Never fails:
/// [`crate::catalog::parse`] reports what cannot be read.
#[must_use]
pub fn read_files(dir: &Path) -> Files {
    let mut files = Files { commit: super::git::commit(dir), ..Files::default() };
    for file in DesiredFile::ALL {
        files.set(file, read_one(&dir.join(file.name())));
    }
    files
}

fn read_one(path: &Path) -> Source {
    let read = || -> std::io::Result<Vec<u8>> {
        // Opening a pipe would wait for a writer.
        if !std::fs::metadata(path)?.is_file() {
            return Err(std::io::Error::other("it is not a regular file"));
        }
        let mut bytes = Vec::new();
        // One byte more tells that there is more; the rest is never read.
        File::open(path)?.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    match read() {
        Ok(bytes) => Source::from_bytes(bytes),
        // A link that leads nowhere is there: what it led to was not taken away on purpose.
        Err(error) if error.kind() == ErrorKind::NotFound && path.is_symlink() => {
            Source::Unreadable("it is a symbolic link that leads nowhere".into())
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Source::Missing,
        Err(error) => Source::Unreadable(error.to_string()),
    }
}

/// Reads a folder off the runtime's threads.
pub(super) async fn read_apart(dir: &Path) -> Files {
    let dir = dir.to_owned();
    let read = tokio::task::spawn_blocking(move || read_files(&dir)).await;
    // A reading that was cancelled by the runtime's end has nobody left to tell.
    read.unwrap_or_default()
}
