//! Nonces: a message that may have been sent is known by its own.

use crate::model::{DurationMs, MINUTE_MS};
use nebulalinks_protocol::hex;
use sha2::{Digest, Sha256};

/// For this long Discord itself drops a second message with the same nonce.
pub(super) const HOLDS: DurationMs = DurationMs(2 * MINUTE_MS);

/// A nonce from what a message is: 24 characters.
pub(super) fn nonce(what: &str) -> String {
    let digest: [u8; 32] = Sha256::digest(what).into();
    hex(&digest[..12])
}
