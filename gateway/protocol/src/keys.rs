//! Keys: 32 random bytes per gateway, role and direction. They show themselves nowhere and are
//! overwritten when they are dropped. The text they are kept in is [`KeySet`](crate::KeySet)'s.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hkdf::Hkdf;
use secrecy::zeroize::{Zeroize as _, Zeroizing};
use secrecy::{ExposeSecret as _, SecretBox, SecretString};
use sha2::Sha256;

use crate::base::mac;
use crate::role::Role;

/// Why a text is not a key or key file. Never says what the text was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not 32 bytes.
    #[error("a key is 32 bytes, as 64 hex digits or as base64")]
    Form,
    /// A line that is none of the four.
    #[error(
        "line {0} of the key file is none of `request=…`, `response=…`, `script-request=…` and \
         `script-response=…`"
    )]
    Line(usize),
    /// A request key without its response key, the reverse, no pair, or a third one.
    #[error(
        "a key file has one or two pairs for the controller, and none to two for scripts: a \
         `request=…` line and then its `response=…` line, or `script-request=…` and then \
         `script-response=…`"
    )]
    Pairs,
    /// The same key twice: one leak would be two.
    #[error("two keys of the key file are the same")]
    Same,
}

/// One key. It shows itself nowhere.
pub struct Key {
    bytes: SecretBox<[u8; 32]>,
    id: String,
}

impl Key {
    /// A key of these bytes. Its id is taken from the bytes, one way.
    #[must_use]
    pub fn new(mut bytes: [u8; 32]) -> Self {
        let key = Self::of(&bytes);
        bytes.zeroize();
        key
    }

    fn of(bytes: &[u8; 32]) -> Self {
        let label = mac(bytes, "nebulalinks-gw-v1|keyid");
        let id = format!("k-{}", crate::hex(label.get(..8).unwrap_or_default()));
        Self {
            bytes: SecretBox::init_with_mut(|own: &mut [u8; 32]| own.copy_from_slice(bytes)),
            id,
        }
    }

    /// Reads 64 hex digits, or base64 (either alphabet) of 32 bytes.
    ///
    /// # Errors
    /// [`KeyError::Form`].
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        let bytes = match text.len() {
            64 => unhex(text),
            _ => {
                let url = Zeroizing::new(text.trim_end_matches('=').replace('+', "-"));
                URL_SAFE_NO_PAD.decode(Zeroizing::new(url.replace('/', "_")).as_bytes()).ok()
            }
        };
        let bytes = Zeroizing::new(bytes.ok_or(KeyError::Form)?);
        <&[u8; 32]>::try_from(bytes.as_slice()).map(Self::of).map_err(|_| KeyError::Form)
    }

    /// The public name of the key: what `keyid` says.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn expose(&self) -> &[u8] {
        self.bytes.expose_secret()
    }
}

impl Clone for Key {
    fn clone(&self) -> Self {
        Self::of(self.bytes.expose_secret())
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({}, redacted)", self.id)
    }
}

/// The keys of one asker at one gateway: one per direction.
#[derive(Debug, Clone)]
pub struct KeyPair {
    /// The key that signs requests.
    pub request: Key,
    /// The key that signs answers.
    pub response: Key,
}

/// The controller's master key, from which each gateway's keys are derived.
#[derive(Debug, Clone)]
pub struct MasterKey(Key);

impl MasterKey {
    /// A master key of these bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Key::new(bytes))
    }

    /// Reads hex or base64.
    ///
    /// # Errors
    /// [`KeyError::Form`].
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        Key::parse(text).map(Self)
    }

    /// The controller's keys at a server's gateway.
    #[must_use]
    pub fn derive(&self, server: &str) -> KeyPair {
        self.derive_for(Role::Controller, server)
    }

    /// The keys of a role at a server's gateway. No role's keys can be another's, whatever the
    /// servers are called: the name comes last.
    #[must_use]
    pub fn derive_for(&self, role: Role, server: &str) -> KeyPair {
        let (request, response) = role.lines();
        KeyPair {
            request: self.direction(request, server),
            response: self.direction(response, server),
        }
    }

    fn direction(&self, direction: &str, server: &str) -> Key {
        let mut bytes = Zeroizing::new([0; 32]);
        let info = format!("nebulalinks-gw-v1|{direction}|{server}");
        // 32 bytes are within HKDF's limit of 8160, so this cannot fail.
        let done =
            Hkdf::<Sha256>::new(None, self.0.expose()).expand(info.as_bytes(), bytes.as_mut());
        debug_assert!(done.is_ok(), "HKDF gives up to 8160 bytes");
        Key::of(&bytes)
    }
}

/// The text of a new master key, from 32 random bytes: hex.
#[must_use]
pub fn generate_master(bytes: [u8; 32]) -> SecretString {
    let mut text = String::with_capacity(64);
    push_hex(&mut text, &Key::new(bytes));
    text.into()
}

/// Appends 64 hex digits. The text must have room, or it leaves a copy behind where it was.
pub(crate) fn push_hex(text: &mut String, key: &Key) {
    for byte in key.expose() {
        for nibble in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(nibble), 16).unwrap_or_default());
        }
    }
}

pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Zeroizing::new([0; 32]);
    for (byte, two) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
        let digits = std::str::from_utf8(two).ok().filter(|d| !d.starts_with('+'))?;
        *byte = u8::from_str_radix(digits, 16).ok()?;
    }
    Some(bytes.to_vec())
}
