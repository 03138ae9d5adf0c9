//! Credentials for a client whose script gave none.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::entropy::Entropy;

/// Credentials as the controller draws them.
pub(super) struct Generated {
    pub(super) uuid: uuid::Uuid,
    /// 16 of a-z 0-9: 82 bits.
    pub(super) sub_id: String,
    /// 32 bytes as base64url.
    pub(super) secret: String,
}

/// Draws credentials that nobody can guess.
pub(super) fn draw(entropy: &dyn Entropy) -> Generated {
    let sub_id: [u8; 16] = entropy.bytes();
    let letter = |b: &u8| char::from_digit(u32::from(b % 36), 36).unwrap_or('0');
    Generated {
        uuid: uuid::Builder::from_random_bytes(entropy.bytes()).into_uuid(),
        sub_id: sub_id.iter().map(letter).collect(),
        secret: URL_SAFE_NO_PAD.encode(entropy.bytes::<32>()),
    }
}
