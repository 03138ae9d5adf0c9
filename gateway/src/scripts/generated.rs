//! Credentials for a client whose script gave none.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Credentials as the controller draws them.
pub(super) struct Generated {
    pub(super) uuid: uuid::Uuid,
    /// 16 of a-z 0-9: 82 bits.
    pub(super) sub_id: String,
    /// 32 bytes as base64url.
    pub(super) secret: String,
}

/// Draws credentials that nobody can guess.
#[allow(clippy::disallowed_methods, reason = "this is the adapter that draws randomness")]
pub(super) fn draw() -> Generated {
    let sub_id: [u8; 16] = rand::random();
    let letter = |b: &u8| char::from_digit(u32::from(b % 36), 36).unwrap_or('0');
    Generated {
        uuid: uuid::Builder::from_random_bytes(rand::random()).into_uuid(),
        sub_id: sub_id.iter().map(letter).collect(),
        secret: URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()),
    }
}
