//! What the panel makes up itself: uuids, passwords, keys, session ids. Seeded, so that a run
//! can be repeated.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// A seeded source of generated values.
#[derive(Clone)]
pub(crate) struct Generator {
    seed: u64,
    drawn: u64,
}

impl Generator {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, drawn: 0 }
    }

    fn bytes(&mut self) -> [u8; 32] {
        self.drawn = self.drawn.wrapping_add(1);
        let mut hash = Sha256::new();
        hash.update(self.seed.to_be_bytes());
        hash.update(self.drawn.to_be_bytes());
        hash.finalize().into()
    }

    /// A number below this one.
    pub(crate) fn below(&mut self, bound: u8) -> u8 {
        let [first, ..] = self.bytes();
        first.checked_rem(bound).unwrap_or(0)
    }

    /// A version-4 uuid.
    pub(crate) fn uuid(&mut self) -> String {
        let mut half = [0_u8; 16];
        half.iter_mut().zip(self.bytes()).for_each(|(to, from)| *to = from);
        uuid::Builder::from_random_bytes(half).into_uuid().to_string()
    }

    /// 32 lower-case hex digits.
    pub(crate) fn password(&mut self) -> String {
        self.uuid().replace('-', "")
    }

    /// 64 lower-case hex digits.
    pub(crate) fn session(&mut self) -> String {
        self.bytes().iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    /// Base64 of a key of up to 32 bytes.
    pub(crate) fn key(&mut self, length: usize) -> String {
        STANDARD.encode(self.bytes().into_iter().take(length).collect::<Vec<_>>())
    }
}
