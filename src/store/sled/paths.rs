//! Whether the files that are open are still those that a restart would find.

use std::fs::{File, Metadata, metadata};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// Paths, and what stood there when the store was opened.
pub(super) struct Paths(Vec<(PathBuf, Place)>);

/// Device and inode.
type Place = (u64, u64);

fn place(meta: &Metadata) -> Place {
    (meta.dev(), meta.ino())
}

impl Paths {
    /// Remembers open files at their paths.
    pub(super) fn of<'a>(files: impl IntoIterator<Item = (&'a File, PathBuf)>) -> io::Result<Self> {
        let remember = |(file, path): (&File, PathBuf)| Ok((path, place(&file.metadata()?)));
        files.into_iter().map(remember).collect::<io::Result<_>>().map(Self)
    }

    /// Checks each of them and one file more, which changes its path. The error is a sentence.
    pub(super) fn check(&self, file: &File, path: &Path) -> Result<(), String> {
        let lost = |path: &Path, why: &str| {
            format!(
                "{} was {why} while the store was open: nothing that was not answered yet is \
                 acknowledged. Find out what removes or replaces files there, and restore a backup \
                 if it is not put back",
                path.display()
            )
        };
        let one = |path: &Path, expected: Place| match metadata(path) {
            Ok(found) if place(&found) == expected => Ok(()),
            Ok(_) => Err(lost(path, "replaced")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(lost(path, "removed")),
            Err(error) => Err(format!("{} cannot be looked at: {error}", path.display())),
        };
        for (path, expected) in &self.0 {
            one(path, *expected)?;
        }
        let open = file.metadata().map_err(|e| format!("the journal cannot be looked at: {e}"))?;
        one(path, place(&open))
    }
}
