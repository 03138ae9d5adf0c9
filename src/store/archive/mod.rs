//! Backups as one file: a tar that zstd compresses and, where recipients are given, age encrypts, so that
//! the standard tools open it, too (`age -d | zstd -d | tar x`).
//!
//! The first entry, `BACKUP.json`, says what it is; the last, `CONTENTS.json`, names every file with its
//! length and hash. What lacks either, or a byte of anything, is no backup.

mod read;
mod write;

pub(super) use read::unpack;
pub use read::{Opening, look};
pub(super) use write::pack;

use crate::model::{Lineage, Revision, UnixMs};
use serde::{Deserialize, Serialize};
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr as _;

/// The version of the archive's own form.
pub(super) const FORMAT: u32 = 1;
/// The first entry.
pub(super) const HEADER: &str = "BACKUP.json";
/// The last entry.
pub(super) const CONTENTS: &str = "CONTENTS.json";
/// How a file that age wrote begins.
const AGE: &[u8] = b"age-encryption.org/v1";
/// How a file that zstd wrote begins.
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];
/// The ending of a backup's name, before that of an encrypted one.
const ENDING: &str = ".tar.zst";
/// The further ending of an encrypted one.
const ENCRYPTED: &str = ".age";
/// The last ending of one that is being written.
const PARTIAL: &str = ".partial";
/// How much of a store's id its backups' names have: its last characters, which are random.
const MARK: usize = 8;

/// What a backup says of itself first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// The version of the archive's form.
    pub format: u32,
    /// The program that made it.
    pub program: String,
    /// The shop's id, as its files had it; none where no files were ever in force.
    pub shop: Option<String>,
    /// The store's id; none before its first start.
    pub store_id: Option<String>,
    /// The schema version of the records.
    pub schema: u32,
    /// The revision that it holds.
    pub revision: Revision,
    /// The lineage there.
    pub lineage: Lineage,
    /// When it was made.
    pub made_at: UnixMs,
}

/// A file of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    path: String,
    bytes: u64,
    sha256: String,
}

/// Why a backup cannot be made, read or put in place.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// It is no backup at all.
    #[error("{0} is no backup: it is neither a zstd file nor an age file")]
    NotOne(PathBuf),
    /// It ends early, or a byte of it is another one.
    #[error("{path} is cut off or damaged: {detail}. Nothing was changed; take another backup")]
    Broken {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        detail: String,
    },
    /// It is encrypted, and nothing opens it.
    #[error(
        "{0} is encrypted: name the file with the key (AGE-SECRET-KEY-1…) of one of its recipients by --identity"
    )]
    NeedsIdentity(PathBuf),
    /// No identity opens it.
    #[error("{0} is encrypted for other keys than those in the file that --identity names")]
    WrongIdentity(PathBuf),
    /// A newer program made it.
    #[error(
        "{path} was made by nebulalinks {program}: its {what} has version {found}, and this program knows up to {known}. Restore it with that program"
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Who made it.
        program: String,
        /// What is newer.
        what: &'static str,
        /// The version.
        found: u32,
        /// What we know.
        known: u32,
    },
    /// A recipient or identity cannot be read.
    #[error("{0}")]
    Key(String),
    /// The operating system refused something.
    #[error("could not {what}: {source}")]
    Io {
        /// What was tried.
        what: String,
        /// What it said.
        source: io::Error,
    },
}

pub(super) fn io_of(what: impl Into<String>) -> impl FnOnce(io::Error) -> ArchiveError {
    let what = what.into();
    move |source| ArchiveError::Io { what, source }
}

/// For whom backups are encrypted; empty: for nobody, they are not.
#[derive(Clone, Default)]
pub struct Recipients(Vec<age::x25519::Recipient>);

impl Recipients {
    /// Reads `age1…` recipients, one each; blanks, empty lines and lines with `#` are passed over.
    ///
    /// # Errors
    /// [`ArchiveError::Key`] names what is none.
    pub fn parse<'a>(lines: impl IntoIterator<Item = &'a str>) -> Result<Self, ArchiveError> {
        let lines = lines.into_iter().map(str::trim);
        let keys = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        let read = |text: &str| {
            age::x25519::Recipient::from_str(text).map_err(|why| {
                let shown: String = text.chars().take(24).collect();
                let secret = text.to_ascii_uppercase().starts_with("AGE-SECRET-KEY");
                let hint = if secret {
                    "that is a secret key: name its public one, which `age-keygen -y` prints"
                        .to_owned()
                } else {
                    format!("`{shown}` is no recipient such as age1…: {why}")
                };
                ArchiveError::Key(hint)
            })
        };
        keys.map(read).collect::<Result<_, _>>().map(Self)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Those of both.
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }
}

/// What opens encrypted backups.
#[derive(Clone, Default)]
pub struct Identities(Vec<age::x25519::Identity>);

impl Identities {
    /// Reads `AGE-SECRET-KEY-1…` lines, as `age-keygen` writes them.
    ///
    /// # Errors
    /// [`ArchiveError::Key`] when there is none, or a line is none; the line is not shown.
    pub fn parse(text: &str) -> Result<Self, ArchiveError> {
        let lines = text.lines().map(str::trim);
        let keys = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        let wrong = || "the identity file holds something else than AGE-SECRET-KEY-1… lines";
        let read = |line: &str| {
            age::x25519::Identity::from_str(line).map_err(|_| ArchiveError::Key(wrong().to_owned()))
        };
        let found: Vec<_> = keys.map(read).collect::<Result<_, _>>()?;
        if found.is_empty() {
            return Err(ArchiveError::Key("the identity file holds no key".to_owned()));
        }
        Ok(Self(found))
    }
}

/// Called with how many bytes are done of how many.
pub(super) type Report<'a> = &'a dyn Fn(u64, u64);

/// Whose backups are meant: two stores may have one shop's id, and one folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whose {
    /// The shop's id, where its files tell it.
    pub shop: Option<String>,
    /// The store's id; none before its first start.
    pub store_id: Option<String>,
}

impl Whose {
    /// How its backups' names begin.
    fn prefix(&self) -> String {
        format!("nl-{}-", self.shop.as_deref().unwrap_or("shop"))
    }

    /// What tells its store in their names, where what an encrypted one says of itself cannot be read.
    fn mark(&self) -> Option<String> {
        let id = self.store_id.as_deref()?;
        Some(id.get(id.len().saturating_sub(MARK)..)?.to_ascii_lowercase())
    }

    /// Whether a backup is this store's.
    fn owns(&self, path: &Path, named: &Named) -> bool {
        if named.encrypted {
            return named.mark == self.mark();
        }
        let opening = Opening { path: path.to_owned(), identities: Identities::default() };
        look(&opening).is_ok_and(|header| header.store_id == self.store_id)
    }
}

/// The name of a backup: shop, moment in UTC to the second, revision, the end of the store's id.
pub(super) fn name(header: &Header, encrypted: bool) -> String {
    let Header { shop, store_id, .. } = header.clone();
    let whose = Whose { shop, store_id };
    let seconds = i64::try_from(header.made_at.0 / 1000).unwrap_or_default();
    let at = jiff::Timestamp::from_second(seconds).unwrap_or_default();
    let at = at.strftime("%Y%m%dT%H%M%SZ");
    let mark = whose.mark().map(|mark| format!("-{mark}")).unwrap_or_default();
    let age = if encrypted { ENCRYPTED } else { "" };
    format!("{}{at}-r{}{mark}{ENDING}{age}", whose.prefix(), header.revision)
}

/// The backups of a store in a folder, the oldest first. What cannot be opened, and what another store
/// made, is none of them.
///
/// # Errors
/// When the folder cannot be listed.
pub fn list(folder: &Path, whose: &Whose) -> io::Result<Vec<(UnixMs, PathBuf)>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_file = entry.file_type()?.is_file();
        if let Some(named) = Named::of(&name, &whose.prefix()).filter(|_| is_file)
            && whose.owns(&entry.path(), &named)
        {
            found.push((named.at, entry.path()));
        }
    }
    found.sort();
    Ok(found)
}

/// Removes what backups of a shop left half-written that were cut short. One that is being written is
/// locked by its writer.
///
/// # Errors
/// When the folder cannot be listed, or a file cannot be removed.
pub(super) fn sweep(folder: &Path, whose: &Whose) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let half = name.strip_suffix(PARTIAL);
        if half.and_then(|name| Named::of(name, &whose.prefix())).is_none() {
            continue;
        }
        let left = std::fs::File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok());
        if left {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// What a backup's name tells.
#[derive(Debug, PartialEq, Eq)]
struct Named {
    at: UnixMs,
    mark: Option<String>,
    encrypted: bool,
}

impl Named {
    fn of(name: &str, prefix: &str) -> Option<Self> {
        let plain = name.strip_suffix(ENCRYPTED);
        let rest = plain.unwrap_or(name).strip_suffix(ENDING)?.strip_prefix(prefix)?;
        let (at, rest) = rest.split_once("-r")?;
        let (revision, mark) = rest.split_once('-').map_or((rest, None), |(r, m)| (r, Some(m)));
        revision.parse::<u64>().ok()?;
        let at = jiff::fmt::strtime::parse("%Y%m%dT%H%M%S%z", at.replace('Z', "+0000")).ok()?;
        let seconds = u64::try_from(at.to_timestamp().ok()?.as_second()).ok()?;
        let at = UnixMs(seconds.saturating_mul(1000));
        Some(Self { at, mark: mark.map(str::to_owned), encrypted: plain.is_some() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_shop_time_revision_and_store_and_nothing_else_is_taken_for_a_backup() {
        let made_at = UnixMs(1_795_255_200_999);
        let mut header = Header {
            format: FORMAT,
            program: String::new(),
            shop: Some("main-r2".to_owned()),
            store_id: Some("01JD0000000000000012345678".to_owned()),
            schema: 1,
            revision: 77,
            lineage: Lineage::START,
            made_at,
        };
        let sealed = name(&header, true);
        assert_eq!(sealed, "nl-main-r2-20261121T100000Z-r77-12345678.tar.zst.age");
        let (at, mark) = (UnixMs(made_at.0 - 999), Some("12345678".to_owned()));
        let read = |name: &str| Named::of(name, "nl-main-r2-");
        assert_eq!(read(&sealed), Some(Named { at, mark, encrypted: true }));
        header.store_id = None;
        let plain = name(&header, false);
        assert_eq!(plain, "nl-main-r2-20261121T100000Z-r77.tar.zst");
        assert_eq!(read(&plain), Some(Named { at, mark: None, encrypted: false }));
        for other in [
            "nl-main-r2-x-r7.tar.zst",
            "nl-main-r2-20261121T100000Z-r7.partial",
            "nl-main-r2-20261121T100000Z-r7.tar.zst.age.partial",
            "nl-main-r2-20261121T100000Z-rx.tar.zst",
            "nl-main-20261121T100000Z-r7.tar.zst",
            "n.tar.zst",
        ] {
            assert_eq!(read(other), None, "{other}");
        }
    }

    #[test]
    fn what_is_no_recipient_is_named_and_what_is_secret_is_not_shown() {
        let key = age::x25519::Identity::generate().to_public().to_string();
        assert_eq!(Recipients::parse(["# me", "", &key, &key]).unwrap().0.len(), 2);
        let say = |text: &str| Recipients::parse([text]).err().unwrap().to_string();
        assert!(say("age1abc").contains("`age1abc` is no recipient"), "{}", say("age1abc"));
        let secret = "AGE-SECRET-KEY-1QQQQ";
        assert!(!say(secret).contains("QQQQ"), "{}", say(secret));
        let wrong = Identities::parse("AGE-SECRET-KEY-1QQQQ").err().unwrap().to_string();
        assert!(!wrong.contains("QQQQ"), "{wrong}");
        assert!(Identities::parse("# nothing").is_err());
    }
}
