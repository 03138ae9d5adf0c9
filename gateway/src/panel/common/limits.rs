//! Ends and caps in a panel's own numbers, where 0 is none.

use nebulalinks_protocol::{Cap, End};

/// `totalGB`, in bytes whatever it is called.
pub(in crate::panel) fn total(cap: Cap) -> i64 {
    match cap {
        Cap::Bytes(n) => i64::try_from(n.get()).unwrap_or(i64::MAX),
        Cap::Unlimited => 0,
    }
}

/// `expiryTime`, in ms since 1970.
pub(in crate::panel) fn expiry(end: End) -> i64 {
    match end {
        End::AtMs(at) => i64::try_from(at.get()).unwrap_or(i64::MAX),
        End::Never => 0,
    }
}

/// Whether the panel itself would switch a client with these limits off at once.
pub(in crate::panel) fn are_exhausted(total: i64, expiry: i64, used: u64, now_ms: u64) -> bool {
    let past = |limit: i64, value: u64| limit > 0 && limit.unsigned_abs() <= value;
    past(expiry, now_ms) || past(total, used)
}
