//! Randomness.

use crate::intent::FreshIds;
use crate::model::UnixMs;

/// Randomness, drawn outside of every decision.
pub trait Entropy: Send + Sync {
    /// Ids and credentials for one decision, the ids sorted by `now`.
    fn fresh_ids(&self, now: UnixMs) -> FreshIds;
    /// One id, sorted by `now`: a ULID of 26 characters in lower case.
    fn ulid(&self, now: UnixMs) -> String;
    /// A fraction in 0..1, for jitter.
    fn fraction(&self) -> f64;
}
