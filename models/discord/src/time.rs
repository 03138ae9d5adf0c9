//! Moments of the emulator.

/// Milliseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct UnixMs(pub u64);

/// A minute, in milliseconds.
pub(crate) const MINUTE_MS: u64 = 60_000;

impl UnixMs {
    /// The milliseconds from `earlier` to this moment; 0 where it comes first.
    pub(crate) fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// So many milliseconds later.
    pub(crate) fn plus(self, ms: u64) -> Self {
        Self(self.0.saturating_add(ms))
    }
}
