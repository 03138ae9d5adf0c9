//! Token buckets, one per address or key. Generous: they stop floods, not controllers.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// How many buckets are kept; the fullest are forgotten first, which is harmless.
const LIMIT: usize = 4_096;

/// Buckets that refill with time.
#[derive(Debug)]
pub(crate) struct Buckets<K> {
    burst: u64,
    per_second: u64,
    inner: Mutex<BTreeMap<K, Bucket>>,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    /// In thousandths of a token.
    milli: u64,
    at_ms: u64,
}

impl<K: Ord + Clone> Buckets<K> {
    pub(crate) const fn new(burst: u64, per_second: u64) -> Self {
        Self { burst, per_second, inner: Mutex::new(BTreeMap::new()) }
    }

    /// Takes one token.
    pub(crate) fn take(&self, key: &K, now_ms: u64) -> bool {
        let full = self.burst.saturating_mul(1000);
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if inner.len() >= LIMIT && !inner.contains_key(key) {
            let refilled = |b: &Bucket| now_ms.saturating_sub(b.at_ms) * self.per_second >= full;
            inner.retain(|_, b| !refilled(b));
            if inner.len() >= LIMIT {
                return false;
            }
        }
        let bucket = inner.entry(key.clone()).or_insert(Bucket { milli: full, at_ms: now_ms });
        let gained = now_ms.saturating_sub(bucket.at_ms).saturating_mul(self.per_second);
        bucket.milli = bucket.milli.saturating_add(gained).min(full);
        bucket.at_ms = now_ms;
        let taken = bucket.milli.checked_sub(1000);
        bucket.milli = taken.unwrap_or(bucket.milli);
        taken.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_empties_refills_and_is_nobody_elses() {
        let buckets = Buckets::new(2, 1);
        assert!(buckets.take(&"a", 0) && buckets.take(&"a", 0));
        assert!(!buckets.take(&"a", 999));
        assert!(buckets.take(&"b", 999));
        assert!(buckets.take(&"a", 1_999));
        assert!(!buckets.take(&"a", 1_999));
        assert!(!buckets.take(&"a", 5), "a clock that steps back refills nothing");
    }
}
