//! How many records were read, for the law that a decision reads no more in a larger shop.

use std::cell::Cell;

thread_local! {
    static VISITS: Cell<u64> = const { Cell::new(0) };
}

/// How many records, and entries of indexes, this thread has read through any snapshot. It counts
/// in builds with debug assertions only; in others it stays 0.
#[must_use]
pub fn visits() -> u64 {
    VISITS.get()
}

/// Counts one.
#[inline]
pub(super) fn visit() {
    if cfg!(debug_assertions) {
        VISITS.set(VISITS.get().wrapping_add(1));
    }
}
