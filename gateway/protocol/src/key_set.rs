//! All live keys of one gateway, and the text they are kept in.

use std::collections::BTreeSet;

use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;

use crate::keys::{Key, KeyError, KeyPair, push_hex};
use crate::role::Role;

/// The most pairs of one role: the one in use, and while keys are rotated the next.
const MOST: usize = 2;

#[derive(Clone, Copy)]
enum Direction {
    Request,
    Response,
}

/// All live pairs, those of a role in their order; never empty.
///
/// # A key file
/// ```text
/// # server fra-1
/// request=<64 hex digits, or base64 of 32 bytes>
/// response=<the same>
/// script-request=<the same>
/// script-response=<the same>
/// ```
/// Gateway and asker read the same form, from a file (mode 0400) or an environment variable, where
/// `;` may stand for the line's end. The `script-` pair is for [`Role::Scripts`] and may be left
/// out, or stand alone in the scripts' own file. A second pair of a role is a second live key: the
/// gateway accepts all pairs and answers with the partner of the key that signed; an asker signs
/// with the first. To rotate: add the new pair on the gateway, switch the asker, remove the old.
#[derive(Debug, Clone)]
pub struct KeySet {
    pairs: Vec<(Role, KeyPair)>,
}

impl KeySet {
    /// One pair, of the controller.
    #[must_use]
    pub fn one(pair: KeyPair) -> Self {
        Self::of(Role::Controller, pair)
    }

    /// A set with one pair of a controller.
    #[must_use]
    pub fn of(role: Role, pair: KeyPair) -> Self {
        Self { pairs: vec![(role, pair)] }
    }

    /// Reads the text of a key file.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let mut set = Self { pairs: Vec::new() };
        let mut waiting: Option<(Role, Key)> = None;
        for (index, line) in text.split(['\n', ';']).enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (name, value) = line.split_once('=').ok_or(KeyError::Line(index + 1))?;
            let line = of_line(name.trim()).ok_or(KeyError::Line(index + 1))?;
            match (line, waiting.take()) {
                ((role, Direction::Request), None) => waiting = Some((role, Key::parse(value)?)),
                ((role, Direction::Response), Some((begun, request))) if begun == role => {
                    set.add(role, KeyPair { request, response: Key::parse(value)? })?;
                }
                _ => return Err(KeyError::Pairs),
            }
        }
        if waiting.is_some() || set.pairs.is_empty() { Err(KeyError::Pairs) } else { Ok(set) }
    }

    /// The pair whose request key has this id, and whose it is.
    #[must_use]
    pub fn find(&self, keyid: &str) -> Option<(Role, &KeyPair)> {
        self.pairs().find(|(_, pair)| pair.request.id() == keyid)
    }

    /// The pair that a role signs with.
    #[must_use]
    pub fn first(&self, role: Role) -> Option<&KeyPair> {
        self.pairs().find(|(owner, _)| *owner == role).map(|(_, pair)| pair)
    }

    /// All pairs with their roles.
    pub fn pairs(&self) -> impl Iterator<Item = (Role, &KeyPair)> {
        self.pairs.iter().map(|(role, pair)| (*role, pair))
    }

    /// Adds a pair, behind those of its role.
    ///
    /// # Errors
    /// [`KeyError::Pairs`] when the role has two already; [`KeyError::Same`].
    pub fn add(&mut self, role: Role, pair: KeyPair) -> Result<(), KeyError> {
        let ids: BTreeSet<&str> =
            self.pairs().flat_map(|(_, p)| [p.request.id(), p.response.id()]).collect();
        let (request, response) = (pair.request.id(), pair.response.id());
        if request == response || ids.contains(request) || ids.contains(response) {
            return Err(KeyError::Same);
        }
        if self.pairs().filter(|(owner, _)| *owner == role).count() >= MOST {
            return Err(KeyError::Pairs);
        }
        self.pairs.push((role, pair));
        Ok(())
    }

    /// Removes the pair whose request key has this id. `false` when there is none, or no other.
    pub fn remove(&mut self, keyid: &str) -> bool {
        let before = self.pairs.len();
        if before > 1 {
            self.pairs.retain(|(_, pair)| pair.request.id() != keyid);
        }
        self.pairs.len() < before
    }

    /// Makes the pair whose request key has this id the one that its role signs with.
    pub fn promote(&mut self, keyid: &str) {
        self.pairs.sort_by_key(|(role, pair)| (*role, pair.request.id() != keyid));
    }

    /// The text of a key file with these pairs, each below a comment with its id.
    #[must_use]
    pub fn text(&self) -> SecretString {
        // Room for all, so that no copy is left behind by growing.
        let mut text = Zeroizing::new(String::with_capacity(self.pairs.len() * 256));
        for (role, pair) in self.pairs() {
            let (request, response) = role.lines();
            text.extend(["# ", role.as_str(), ", ", pair.request.id(), "\n", request, "="]);
            push_hex(&mut text, &pair.request);
            text.extend(["\n", response, "="]);
            push_hex(&mut text, &pair.response);
            text.push('\n');
        }
        debug_assert!(text.len() <= self.pairs.len() * 256, "the text has grown");
        SecretString::from(text.as_str())
    }
}

fn of_line(name: &str) -> Option<(Role, Direction)> {
    Role::ALL.into_iter().find_map(|role| match (name, role.lines()) {
        (name, (request, _)) if name == request => Some((role, Direction::Request)),
        (name, (_, response)) if name == response => Some((role, Direction::Response)),
        _ => None,
    })
}

/// The text of a key file for the controller's pair, to hand to a gateway.
#[must_use]
pub fn key_file(pair: &KeyPair) -> SecretString {
    KeySet::one(pair.clone()).text()
}

/// The text of a new key file, from 64 random bytes.
#[must_use]
pub fn generate_key_file(request: [u8; 32], response: [u8; 32]) -> SecretString {
    key_file(&KeyPair { request: Key::new(request), response: Key::new(response) })
}
