//! Nonces seen: bounded, and forgotten when no request could carry them any more.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

/// How many are kept at most: over 500 accepted requests a second for the longest window.
const LIMIT: usize = 65_536;
/// Kept this much longer than a request is valid, in ms.
const MARGIN_MS: u64 = 60_000;

/// What to do with a nonce.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Never seen; now it is.
    Fresh,
    /// Seen.
    Repeated,
    /// No room: refusing is safe, forgetting is not.
    Full,
}

/// The nonces, per key.
#[derive(Debug, Default)]
pub(crate) struct Nonces {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    seen: BTreeMap<String, u64>,
    by_end: BTreeSet<(u64, String)>,
}

impl Nonces {
    /// Stores a nonce that stays refused until its request cannot be valid, in ms since 1970.
    pub(crate) fn insert(&self, nonce: &str, now_ms: u64, valid_until_ms: u64) -> Verdict {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let Inner { seen, by_end } = &mut *inner;
        while let Some((end, _)) = by_end.first() {
            if *end >= now_ms {
                break;
            }
            if let Some((_, gone)) = by_end.pop_first() {
                seen.remove(&gone);
            }
        }
        if seen.contains_key(nonce) {
            return Verdict::Repeated;
        }
        if seen.len() >= LIMIT {
            return Verdict::Full;
        }
        let end = valid_until_ms.max(now_ms).saturating_add(MARGIN_MS);
        seen.insert(nonce.to_owned(), end);
        by_end.insert((end, nonce.to_owned()));
        Verdict::Fresh
    }

    /// How many are kept.
    pub(crate) fn len(&self) -> usize {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).seen.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_is_refused_for_as_long_as_its_request_could_be_valid() {
        let nonces = Nonces::default();
        assert_eq!(nonces.insert("a", 1_000, 31_000), Verdict::Fresh);
        assert_eq!(nonces.insert("a", 31_000, 61_000), Verdict::Repeated);
        assert_eq!(nonces.insert("b", 91_001, 121_000), Verdict::Fresh);
        assert_eq!(nonces.len(), 1, "the first is forgotten by then");
    }

    #[test]
    fn a_full_cache_refuses_and_never_forgets_early() {
        let nonces = Nonces::default();
        for n in 0..LIMIT {
            assert_eq!(nonces.insert(&n.to_string(), 0, 30_000), Verdict::Fresh);
        }
        assert_eq!(nonces.insert("one more", 1, 30_000), Verdict::Full);
        assert_eq!(nonces.insert("0", 1, 30_000), Verdict::Repeated);
        assert_eq!(nonces.insert("one more", 100_000, 130_000), Verdict::Fresh);
    }
}
