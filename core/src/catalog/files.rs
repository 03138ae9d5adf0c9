//! The files as texts, however they come.

use super::commit::Commit;
use nebulalinks_protocol::hex;
use serde::Serialize;
use sha2::{Digest, Sha256};

/// Larger files are refused: the parsers' worst case grows with the size.
pub const MAX_FILE_BYTES: u64 = 1 << 20;

/// One of the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DesiredFile {
    /// `plans.yaml`
    Plans,
    /// `servers.yaml`
    Servers,
    /// `payments.yaml`
    Payments,
    /// `shop.yaml`
    Shop,
    /// `promos.yaml`, which a shop may do without.
    Promos,
}

impl DesiredFile {
    /// All five.
    pub const ALL: [Self; 5] =
        [Self::Plans, Self::Servers, Self::Payments, Self::Shop, Self::Promos];
    /// Those that every shop has.
    pub const REQUIRED: [Self; 4] = [Self::Plans, Self::Servers, Self::Payments, Self::Shop];

    /// The file's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plans => "plans.yaml",
            Self::Servers => "servers.yaml",
            Self::Payments => "payments.yaml",
            Self::Shop => "shop.yaml",
            Self::Promos => "promos.yaml",
        }
    }

    /// Whether a shop may do without it.
    #[must_use]
    pub const fn is_optional(self) -> bool {
        matches!(self, Self::Promos)
    }
}

/// What was found where a file should be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Source {
    /// Its text.
    Text(String),
    /// Nothing.
    #[default]
    Missing,
    /// Something that cannot be read: why.
    Unreadable(String),
    /// More than [`MAX_FILE_BYTES`].
    TooLarge,
    /// Bytes that are not UTF-8, from this line and column on (both from 1).
    NotUtf8 {
        /// The line.
        line: usize,
        /// The column.
        column: usize,
    },
}

impl Source {
    /// From a file's bytes.
    #[must_use]
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > MAX_FILE_BYTES {
            return Self::TooLarge;
        }
        String::from_utf8(bytes).map_or_else(
            |error| {
                let valid = error.as_bytes().get(..error.utf8_error().valid_up_to());
                let before = String::from_utf8_lossy(valid.unwrap_or_default());
                let line = before.matches('\n').count() + 1;
                let column = before.rsplit('\n').next().map_or(0, |l| l.chars().count()) + 1;
                Self::NotUtf8 { line, column }
            },
            Self::Text,
        )
    }
}

impl From<&str> for Source {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// The files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Files {
    /// `plans.yaml`
    pub plans: Source,
    /// `servers.yaml`
    pub servers: Source,
    /// `payments.yaml`
    pub payments: Source,
    /// `shop.yaml`
    pub shop: Source,
    /// `promos.yaml`
    pub promos: Source,
    /// The git commit that is checked out, where there is one.
    pub commit: Option<Commit>,
}

impl Files {
    /// What was found for one file.
    #[must_use]
    pub const fn get(&self, file: DesiredFile) -> &Source {
        match file {
            DesiredFile::Plans => &self.plans,
            DesiredFile::Servers => &self.servers,
            DesiredFile::Payments => &self.payments,
            DesiredFile::Shop => &self.shop,
            DesiredFile::Promos => &self.promos,
        }
    }
    /// Puts a file in its place.
    pub fn set(&mut self, file: DesiredFile, source: Source) {
        match file {
            DesiredFile::Plans => self.plans = source,
            DesiredFile::Servers => self.servers = source,
            DesiredFile::Payments => self.payments = source,
            DesiredFile::Shop => self.shop = source,
            DesiredFile::Promos => self.promos = source,
        }
    }
    /// Whether a shop does without a file.
    #[must_use]
    pub fn does_without(&self, file: DesiredFile) -> bool {
        file.is_optional() && *self.get(file) == Source::Missing
    }
    /// The content's hash: the first 12 hex digits of SHA-256 over names and contents. A file that the shop
    /// does without is not in it, so that revisions of before that file's kind stay what they were.
    #[must_use]
    pub fn revision(&self) -> String {
        let mut hash = Sha256::new();
        for file in DesiredFile::ALL.into_iter().filter(|file| !self.does_without(*file)) {
            let content = match self.get(file) {
                Source::Text(text) => text.as_str(),
                Source::Missing => "\0missing",
                Source::Unreadable(_) => "\0unreadable",
                Source::TooLarge => "\0too large",
                Source::NotUtf8 { .. } => "\0not UTF-8",
            };
            hash.update(file.name());
            hash.update(content.len().to_be_bytes());
            hash.update(content);
        }
        let digest: [u8; 32] = hash.finalize().into();
        hex(&digest[..6])
    }
}
