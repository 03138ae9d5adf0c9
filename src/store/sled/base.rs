//! A base of the journal, written from what sled holds.

use super::super::journal::{BaseWriter, Head};
use super::open::Raw;
use std::io;
use std::path::Path;

/// A base of everything that sled holds.
pub(super) fn write_base(raw: &Raw, journal: &Path, head: &Head) -> io::Result<()> {
    let mut base = BaseWriter::begin(journal, head)?;
    for (kind, tree) in &raw.trees {
        for entry in tree {
            let (key, stored) = entry.map_err(io::Error::other)?;
            base.add(*kind, &key, &stored)?;
        }
    }
    base.finish().map(drop)
}
