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

/// The name of a backup: shop, moment in UTC to the second, revision.
pub(super) fn name(header: &Header, encrypted: bool) -> String {
    let shop = header.shop.as_deref().unwrap_or("shop");
    let seconds = i64::try_from(header.made_at.0 / 1000).unwrap_or_default();
    let at = jiff::Timestamp::from_second(seconds).unwrap_or_default();
    let at = at.strftime("%Y%m%dT%H%M%SZ");
    let age = if encrypted { ENCRYPTED } else { "" };
    format!("nl-{shop}-{at}-r{}{ENDING}{age}", header.revision)
}

/// The backups of a shop in a folder by their names, the oldest first.
///
/// # Errors
/// When the folder cannot be listed.
pub fn list(folder: &Path, shop: Option<&str>) -> io::Result<Vec<(UnixMs, PathBuf)>> {
    let before = format!("nl-{}-", shop.unwrap_or("shop"));
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_file = entry.file_type()?.is_file();
        if let Some(at) = made_at(&name, &before).filter(|_| is_file) {
            found.push((at, entry.path()));
        }
    }
    found.sort();
    Ok(found)
}

fn made_at(name: &str, before: &str) -> Option<UnixMs> {
    let name = name.strip_suffix(ENCRYPTED).unwrap_or(name);
    let (at, revision) = name.strip_suffix(ENDING)?.strip_prefix(before)?.split_once("-r")?;
    revision.parse::<u64>().ok()?;
    let at = jiff::fmt::strtime::parse("%Y%m%dT%H%M%S%z", at.replace('Z', "+0000")).ok()?;
    let seconds = u64::try_from(at.to_timestamp().ok()?.as_second()).ok()?;
    Some(UnixMs(seconds.saturating_mul(1000)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_shop_time_and_revision_and_nothing_else_is_taken_for_a_backup() {
        let made_at = UnixMs(1_795_255_200_999);
        let header = Header {
            format: FORMAT,
            program: String::new(),
            shop: Some("main".to_owned()),
            store_id: None,
            schema: 1,
            revision: 77,
            lineage: Lineage::START,
            made_at,
        };
        let plain = name(&header, false);
        assert_eq!(plain, "nl-main-20261121T100000Z-r77.tar.zst");
        let sealed = name(&header, true);
        assert_eq!(sealed, "nl-main-20261121T100000Z-r77.tar.zst.age");
        let folder = tempfile::tempdir().unwrap();
        for other in ["nl-main-x-r7.tar.zst", "nl-main-20261121T100000Z-r7.partial", "n.tar.zst"] {
            std::fs::write(folder.path().join(other), "").unwrap();
        }
        for ours in [&plain, &sealed, &plain.replace("1121", "1120"), &plain.replace("main", "b")] {
            std::fs::write(folder.path().join(ours), "").unwrap();
        }
        let listed = list(folder.path(), Some("main")).unwrap();
        let times: Vec<u64> = listed.iter().map(|(at, _)| at.0).collect();
        let last = made_at.0 - 999;
        assert_eq!(times, [last - 86_400_000, last, last]);
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
