//! The open end of a journal.

use super::entry::{Head, Sort, write};
use super::survey::Survey;
use super::{file_name, sync_folder};
use std::fs::{DirBuilder, File, OpenOptions, rename};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// A segment that is longer is followed by a new one.
pub(in crate::store) const SEGMENT_BYTES: u64 = 16 * 1024 * 1024;

/// The journal's last segment, open for appending.
pub(in crate::store) struct Journal {
    folder: PathBuf,
    path: PathBuf,
    file: File,
    bytes: u64,
    /// Bytes when it was made: a checkpoint and nothing else.
    empty: u64,
}

impl Journal {
    /// Begins a journal, or a new segment of one, at a revision.
    pub(in crate::store) fn begin(folder: &Path, at: &Head) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let path = folder.join(file_name(at.revision, "log"));
        let young = path.with_extension("log.tmp");
        let mut bytes = Vec::new();
        let head = Head { kinds: String::new(), ..at.clone() };
        write(&mut bytes, Sort::Begins, &head, &[]);
        let options = || {
            let mut options = OpenOptions::new();
            options.create(true).mode(0o600);
            options
        };
        let mut file = options().write(true).truncate(true).open(&young)?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        // It has its name only when it is whole: an empty segment is never a young one.
        rename(&young, &path)?;
        sync_folder(folder)?;
        let file = options().append(true).open(&path)?;
        let bytes = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        Ok(Self { folder: folder.to_owned(), path, file, bytes, empty: bytes })
    }

    /// Goes on where a journal ends, after cutting off what was torn there.
    pub(in crate::store) fn resume(folder: &Path, survey: &Survey) -> io::Result<Self> {
        let Some((path, bytes)) = &survey.tail else { return Self::begin(folder, &survey.end) };
        let file = OpenOptions::new().append(true).open(path)?;
        if file.metadata()?.len() != *bytes {
            file.set_len(*bytes)?;
            file.sync_all()?;
        }
        let (path, bytes) = (path.clone(), *bytes);
        Ok(Self { folder: folder.to_owned(), path, file, bytes, empty: 0 })
    }

    /// Appends entries, not yet durably.
    pub(in crate::store) fn append(&mut self, entries: &[u8]) -> io::Result<()> {
        self.file.write_all(entries)?;
        self.bytes = self.bytes.saturating_add(u64::try_from(entries.len()).unwrap_or(0));
        Ok(())
    }

    /// Whether it is long enough for a new segment.
    pub(in crate::store) const fn is_full(&self) -> bool {
        self.bytes >= SEGMENT_BYTES
    }

    /// Ends this segment and begins the next, unless nothing was appended yet.
    pub(in crate::store) fn roll(&mut self, at: &Head) -> io::Result<()> {
        if self.bytes != self.empty {
            *self = Self::begin(&self.folder, at)?;
        }
        Ok(())
    }

    pub(in crate::store) const fn file(&self) -> &File {
        &self.file
    }

    pub(in crate::store) fn path(&self) -> &Path {
        &self.path
    }
}
