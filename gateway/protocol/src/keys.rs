//! Keys: 32 random bytes per gateway and direction, and the text they are kept in.
//!
//! # A key file
//! ```text
//! # server fra-1
//! request=<64 hex digits, or base64 of 32 bytes>
//! response=<the same>
//! ```
//! Both sides read the same text, from a file (mode 0400) or an environment variable, where `;`
//! may stand for the line's end. A second pair of lines is a second live key: the gateway accepts
//! all pairs and answers with the partner of the key that signed; the controller signs with the
//! first. To rotate: add the new pair on the gateway, switch the controller, remove the old pair.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hkdf::Hkdf;
use secrecy::zeroize::Zeroize as _;
use secrecy::{ExposeSecret as _, SecretBox, SecretString};
use sha2::Sha256;

use crate::base::mac;

/// Why a text is not a key or key file. Never says what the text was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not 32 bytes.
    #[error("a key is 32 bytes, as 64 hex digits or as base64")]
    Form,
    /// A line that is not `request=…` or `response=…`.
    #[error("line {0} of the key file is neither `request=…` nor `response=…`")]
    Line(usize),
    /// A request key without its response key, or the reverse.
    #[error("a key file has one or two pairs: a `request=…` line, then its `response=…` line")]
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
    pub fn new(bytes: [u8; 32]) -> Self {
        let label = mac(&bytes, "nebulalinks-gw-v1|keyid");
        let id = label.iter().take(8).fold(String::from("k-"), |id, b| id + &format!("{b:02x}"));
        Self { bytes: SecretBox::new(Box::new(bytes)), id }
    }

    /// Reads 64 hex digits, or base64 (either alphabet) of 32 bytes.
    ///
    /// # Errors
    /// [`KeyError::Form`].
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        let bare = text.trim_end_matches('=');
        let mut bytes = match text.len() {
            64 => unhex(text),
            _ => URL_SAFE_NO_PAD.decode(bare.replace('+', "-").replace('/', "_")).ok(),
        }
        .ok_or(KeyError::Form)?;
        let key = <[u8; 32]>::try_from(bytes.as_slice()).map(Self::new);
        bytes.zeroize();
        key.map_err(|_| KeyError::Form)
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
        Self { bytes: SecretBox::new(Box::new(*self.bytes.expose_secret())), id: self.id.clone() }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({}, redacted)", self.id)
    }
}

/// The keys of one gateway: one per direction.
#[derive(Debug, Clone)]
pub struct KeyPair {
    /// Signs requests.
    pub request: Key,
    /// Signs answers.
    pub response: Key,
}

/// All live pairs of one gateway, the first first; never empty.
#[derive(Debug, Clone)]
pub struct KeySet {
    pairs: Vec<KeyPair>,
}

impl KeySet {
    /// One pair.
    #[must_use]
    pub fn one(pair: KeyPair) -> Self {
        Self { pairs: vec![pair] }
    }

    /// Reads the text of a key file.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let mut pairs = Vec::new();
        let mut waiting: Option<Key> = None;
        for (index, line) in text.split(['\n', ';']).enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (name, value) = line.split_once('=').ok_or(KeyError::Line(index + 1))?;
            match (name.trim(), waiting.take()) {
                ("request", None) => waiting = Some(Key::parse(value)?),
                ("response", Some(request)) => {
                    pairs.push(KeyPair { request, response: Key::parse(value)? });
                }
                ("request" | "response", _) => return Err(KeyError::Pairs),
                _ => return Err(KeyError::Line(index + 1)),
            }
        }
        if waiting.is_some() || pairs.is_empty() || pairs.len() > 2 {
            return Err(KeyError::Pairs);
        }
        let ids: std::collections::BTreeSet<&str> =
            pairs.iter().flat_map(|p| [p.request.id(), p.response.id()]).collect();
        if ids.len() < pairs.len() * 2 {
            return Err(KeyError::Same);
        }
        Ok(Self { pairs })
    }

    /// The pair whose request key has this id.
    #[must_use]
    pub fn by_request_id(&self, keyid: &str) -> Option<&KeyPair> {
        self.pairs.iter().find(|pair| pair.request.id() == keyid)
    }

    /// The pair to sign with.
    #[must_use]
    pub fn first(&self) -> Option<&KeyPair> {
        self.pairs.first()
    }
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

    /// The keys of a server's gateway.
    #[must_use]
    pub fn derive(&self, server: &str) -> KeyPair {
        KeyPair {
            request: self.direction("request", server),
            response: self.direction("response", server),
        }
    }

    fn direction(&self, direction: &str, server: &str) -> Key {
        let mut bytes = [0; 32];
        let info = format!("nebulalinks-gw-v1|{direction}|{server}");
        // 32 bytes are within HKDF's limit of 8160, so this cannot fail.
        let done = Hkdf::<Sha256>::new(None, self.0.expose()).expand(info.as_bytes(), &mut bytes);
        debug_assert!(done.is_ok(), "HKDF gives up to 8160 bytes");
        let key = Key::new(bytes);
        bytes.zeroize();
        key
    }
}

/// The text of a key file for a pair, to hand to a gateway.
#[must_use]
pub fn key_file(pair: &KeyPair) -> SecretString {
    let hex = |key: &Key| {
        key.expose().iter().fold(String::with_capacity(64), |s, b| s + &format!("{b:02x}"))
    };
    format!("request={}\nresponse={}\n", hex(&pair.request), hex(&pair.response)).into()
}

/// The text of a new key file, from 64 random bytes.
#[must_use]
pub fn generate_key_file(request: [u8; 32], response: [u8; 32]) -> SecretString {
    key_file(&KeyPair { request: Key::new(request), response: Key::new(response) })
}

/// The text of a new master key, from 32 random bytes: hex.
#[must_use]
pub fn generate_master(bytes: [u8; 32]) -> SecretString {
    bytes.iter().fold(String::with_capacity(64), |s, b| s + &format!("{b:02x}")).into()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    text.as_bytes()
        .chunks(2)
        .map(|two| u8::from_str_radix(std::str::from_utf8(two).ok()?, 16).ok())
        .collect()
}
