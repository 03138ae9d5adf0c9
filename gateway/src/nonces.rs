//! Nonces seen: bounded, and forgotten when no request could carry them any more.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

/// How many are kept at most for one key: at the default rate a key uses under a thousand in the
/// longest window, and one that floods fills only its own.
const LIMIT: usize = 16_384;
/// Kept this much longer than a request is valid, in ms.
const MARGIN_MS: u64 = 60_000;

/// What to do with a nonce.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Never seen; now it is.
    Fresh,
    /// A request with this nonce came before.
    Repeated,
    /// No room for this long, in ms: refusing is safe, forgetting is not.
    Full(u64),
}

/// The nonces, per key.
#[derive(Debug, Default)]
pub(crate) struct Nonces {
    by_key: Mutex<BTreeMap<String, Seen>>,
}

/// 128 bits, drawn by the sender.
pub(crate) type Nonce = [u8; 16];

#[derive(Debug, Default)]
struct Seen {
    all: BTreeSet<Nonce>,
    by_end: BTreeSet<(u64, Nonce)>,
}

impl Seen {
    fn forget(&mut self, now_ms: u64) {
        while let Some((end, nonce)) = self.by_end.first().copied() {
            if end >= now_ms {
                break;
            }
            self.by_end.pop_first();
            self.all.remove(&nonce);
        }
    }
}

impl Nonces {
    /// Stores a nonce that stays refused until its request cannot be valid, in ms since 1970.
    pub(crate) fn insert(
        &self,
        keyid: &str,
        nonce: Nonce,
        now_ms: u64,
        valid_until_ms: u64,
    ) -> Verdict {
        let mut by_key = self.by_key.lock().unwrap_or_else(PoisonError::into_inner);
        by_key.retain(|_, seen| {
            seen.forget(now_ms);
            !seen.all.is_empty()
        });
        let seen = by_key.entry(keyid.to_owned()).or_default();
        if seen.all.contains(&nonce) {
            return Verdict::Repeated;
        }
        if seen.all.len() >= LIMIT {
            let free = seen.by_end.first().map_or(now_ms, |(end, _)| *end);
            return Verdict::Full(free.saturating_sub(now_ms) + 1);
        }
        let end = valid_until_ms.max(now_ms).saturating_add(MARGIN_MS);
        seen.all.insert(nonce);
        seen.by_end.insert((end, nonce));
        Verdict::Fresh
    }

    /// How many are kept.
    pub(crate) fn len(&self) -> usize {
        let by_key = self.by_key.lock().unwrap_or_else(PoisonError::into_inner);
        by_key.values().map(|seen| seen.all.len()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nonce(n: usize) -> Nonce {
        (n as u128).to_be_bytes()
    }

    #[test]
    fn a_nonce_is_refused_for_as_long_as_its_request_could_be_valid() {
        let nonces = Nonces::default();
        assert_eq!(nonces.insert("k", nonce(1), 1_000, 31_000), Verdict::Fresh);
        assert_eq!(nonces.insert("k", nonce(1), 31_000, 61_000), Verdict::Repeated);
        assert_eq!(nonces.insert("k", nonce(2), 91_001, 121_000), Verdict::Fresh);
        assert_eq!(nonces.len(), 1, "the first is forgotten by then");
    }

    #[test]
    fn a_full_cache_refuses_never_forgets_early_and_is_full_for_its_own_key_alone() {
        let nonces = Nonces::default();
        for n in 0..LIMIT {
            assert_eq!(nonces.insert("k", nonce(n), 0, 30_000), Verdict::Fresh);
        }
        assert_eq!(nonces.insert("k", nonce(LIMIT), 1, 30_000), Verdict::Full(90_000));
        assert_eq!(nonces.insert("k", nonce(0), 1, 30_000), Verdict::Repeated);
        assert_eq!(nonces.insert("other", nonce(LIMIT), 1, 30_000), Verdict::Fresh);
        assert_eq!(nonces.insert("k", nonce(LIMIT), 90_001, 130_000), Verdict::Fresh);
        assert_eq!(nonces.len(), 1);
    }
}
