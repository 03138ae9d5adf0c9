//! Where the rotation of a gateway's keys stands. Told by two key files alone, so it can be left
//! and taken up again at any point:
//! - the controller's own: its first pair signs
//! - the staged one: what the gateway's key file is to hold next; there while a rotation goes on
//!
//! | own | staged | next |
//! | --- | --- | --- |
//! | old | none | [`begin`] |
//! | old | old, new | once the gateway takes the new pair, [`switch`] |
//! | new, old | new | once it refuses the old one, [`end`], and the staged file goes |

use nebulalinks_protocol::keys::KeyError;
use nebulalinks_protocol::{Key, KeyPair, KeySet, Role};

/// Where it stands.
#[derive(Debug, Clone)]
pub enum Standing {
    /// Nothing goes on: this pair signs.
    Idle(KeyPair),
    /// The gateway is to learn the new pair.
    Adding {
        /// The pair that signs now.
        old: KeyPair,
        /// The pair that signs next.
        new: KeyPair,
    },
    /// The gateway is to forget the old pair.
    Removing {
        /// Does not sign any more.
        old: KeyPair,
        /// The pair that signs now.
        new: KeyPair,
    },
    /// It is over; only the staged file is left.
    Ended(KeyPair),
}

/// Why it cannot go on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RotationError {
    /// Nothing signs.
    #[error("it has no pair for the controller")]
    NoPair,
    /// The staged file would lock the controller out of the gateway.
    #[error("it lacks the pair {0} that signs now, so it belongs to another rotation: delete it")]
    Foreign(String),
    /// The pair cannot be added.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// Tells where the rotation stands.
///
/// # Errors
/// See [`RotationError`].
pub fn standing(own: &KeySet, staged: Option<&KeySet>) -> Result<Standing, RotationError> {
    let mut mine = controllers(own).cloned();
    let signs = mine.next().ok_or(RotationError::NoPair)?;
    if let Some(old) = mine.next() {
        return Ok(Standing::Removing { old, new: signs });
    }
    let Some(staged) = staged else { return Ok(Standing::Idle(signs)) };
    if !controllers(staged).any(|pair| is(pair, &signs)) {
        return Err(RotationError::Foreign(signs.request.id().to_owned()));
    }
    Ok(match controllers(staged).find(|pair| !is(pair, &signs)).cloned() {
        Some(new) => Standing::Adding { old: signs, new },
        None => Standing::Ended(signs),
    })
}

/// What to stage when a rotation begins: all that signs now, and the new pair below it.
///
/// # Errors
/// [`RotationError::Key`].
pub fn begin(own: &KeySet, request: Key, response: Key) -> Result<KeySet, RotationError> {
    let mut staged = own.clone();
    staged.add(Role::Controller, KeyPair { request, response })?;
    Ok(staged)
}

/// What the controller's file holds from now on: the new pair signs, the old one is remembered.
///
/// # Errors
/// [`RotationError::Key`].
pub fn switch(own: &KeySet, new: &KeyPair) -> Result<KeySet, RotationError> {
    let mut own = own.clone();
    own.add(Role::Controller, new.clone())?;
    own.promote(new.request.id());
    Ok(own)
}

/// The controller's file without the old pair: also what the gateway is to hold then.
#[must_use]
pub fn end(own: &KeySet, old: &KeyPair) -> KeySet {
    let mut own = own.clone();
    own.remove(old.request.id());
    own
}

fn controllers(set: &KeySet) -> impl Iterator<Item = &KeyPair> {
    set.pairs().filter(|(role, _)| *role == Role::Controller).map(|(_, pair)| pair)
}

fn is(one: &KeyPair, other: &KeyPair) -> bool {
    one.request.id() == other.request.id()
}

#[cfg(test)]
mod tests {
    use super::*;
    use nebulalinks_protocol::MasterKey;
    use secrecy::ExposeSecret as _;

    fn pair(n: u8) -> KeyPair {
        MasterKey::new([n; 32]).derive("fra-1")
    }

    fn ids(set: &KeySet) -> Vec<String> {
        controllers(set).map(|p| p.request.id().to_owned()).collect()
    }

    fn name(standing: &Standing) -> (&'static str, String) {
        let (word, signs) = match standing {
            Standing::Idle(signs) => ("idle", signs),
            Standing::Adding { old, .. } => ("adding", old),
            Standing::Removing { new, .. } => ("removing", new),
            Standing::Ended(signs) => ("ended", signs),
        };
        (word, signs.request.id().to_owned())
    }

    /// Files as they are after a crash between any two writes.
    #[test]
    fn wherever_it_was_cut_off_it_is_known_what_comes_next_and_what_signs() {
        let (old, new) = (pair(1), pair(2));
        let at_first = KeySet::one(old.clone());
        let both = begin(&at_first, new.request.clone(), new.response.clone()).unwrap();
        let switched = switch(&at_first, &new).unwrap();
        let last = end(&switched, &old);
        let (of_old, of_new) = (old.request.id().to_owned(), new.request.id().to_owned());
        assert_eq!(ids(&both), [of_old.clone(), of_new.clone()]);
        assert_eq!(ids(&switched), [of_new.clone(), of_old.clone()]);
        assert_eq!(ids(&last), [of_new.as_str()]);
        for (own, staged, expected) in [
            (&at_first, None, ("idle", of_old.clone())),
            (&at_first, Some(&both), ("adding", of_old)),
            (&switched, Some(&both), ("removing", of_new.clone())),
            (&switched, Some(&last), ("removing", of_new.clone())),
            (&switched, None, ("removing", of_new.clone())),
            (&last, Some(&last), ("ended", of_new.clone())),
            (&last, None, ("idle", of_new)),
        ] {
            assert_eq!(name(&standing(own, staged).unwrap()), expected);
        }
    }

    #[test]
    fn a_staged_file_that_would_lock_the_controller_out_is_not_gone_on_with() {
        let other = KeySet::one(pair(3));
        let error = standing(&KeySet::one(pair(1)), Some(&other)).unwrap_err();
        assert_eq!(error, RotationError::Foreign(pair(1).request.id().to_owned()));
        let scripts = KeySet::of(Role::Scripts, pair(1));
        assert_eq!(standing(&scripts, None).unwrap_err(), RotationError::NoPair);
    }

    #[test]
    fn a_scripts_pair_in_the_file_outlives_the_rotation() {
        let mut own = KeySet::one(pair(1));
        own.add(Role::Scripts, pair(9)).unwrap();
        let new = pair(2);
        let staged = begin(&own, new.request.clone(), new.response.clone()).unwrap();
        let switched = switch(&own, &new).unwrap();
        for set in [staged, switched.clone(), end(&switched, &pair(1))] {
            let read = KeySet::parse(set.text().expose_secret()).unwrap();
            assert!(read.first(Role::Scripts).is_some_and(|p| is(p, &pair(9))));
        }
    }
}
