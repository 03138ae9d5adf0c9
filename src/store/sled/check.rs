//! Reads every record once that the open did not read, a few at a time between batches.

use super::super::journal::Tallies;
use super::errors::{catch_sled_panic, damaged};
use crate::model::Kind;
use ::sled::Tree;
use std::collections::BTreeMap;
use std::ops::Bound;

/// Records in one step: about a millisecond.
const STEP: usize = 500;

/// How far the reading is.
pub(super) struct Check {
    /// Kinds that are not resident and not read to their end.
    left: Vec<Kind>,
    /// The last key that was read of the first of them.
    last: Option<Vec<u8>>,
    /// What was read comes to this, as it stands now.
    seen: Tallies,
}

impl Check {
    /// Nothing is read yet.
    pub(super) fn begin() -> Self {
        let left = Kind::ALL.iter().copied().filter(|kind| !kind.resident()).collect();
        Self { left, last: None, seen: Tallies::default() }
    }

    /// A record changes that may have been read already.
    pub(super) fn changed(
        &mut self,
        kind: Kind,
        key: &[u8],
        old: Option<&[u8]>,
        new: Option<&[u8]>,
    ) {
        let read = match self.left.first() {
            Some(first) if *first == kind => self.last.as_deref().is_some_and(|last| key <= last),
            _ => !self.left.contains(&kind),
        };
        if kind.resident() || !read {
            return;
        }
        if let Some(old) = old {
            self.seen.remove(kind, key, old);
        }
        if let Some(new) = new {
            self.seen.add(kind, key, new);
        }
    }

    /// Reads a few records more. `Ok(true)` when all were read and come to what they must.
    ///
    /// # Errors
    /// A sentence: what cannot be read.
    pub(super) fn step(
        &mut self,
        trees: &BTreeMap<Kind, Tree>,
        expected: Tallies,
    ) -> Result<bool, (Option<Kind>, String)> {
        let Some(kind) = self.left.first().copied() else {
            return if self.seen.other == expected.other {
                Ok(true)
            } else {
                Err((None, "records are missing that nobody removed".to_owned()))
            };
        };
        let Some(tree) = trees.get(&kind) else {
            return Err((Some(kind), "its tree is missing".to_owned()));
        };
        let lower = self.last.take().map_or(Bound::Unbounded, Bound::Excluded);
        let seen = &mut self.seen;
        let read = catch_sled_panic(|| {
            let mut last = None;
            for entry in tree.range::<Vec<u8>, _>((lower, Bound::Unbounded)).take(STEP) {
                let (key, stored) = entry.map_err(damaged)?;
                seen.add(kind, &key, &stored);
                last = Some(key.to_vec());
            }
            Ok(last)
        });
        match read {
            Ok(Some(last)) => self.last = Some(last),
            Ok(None) => {
                self.left.remove(0);
            }
            Err(error) => return Err((Some(kind), error.to_string())),
        }
        Ok(false)
    }
}
