//! An enable that gives a run a larger allowance. What was used beyond the allowance before it is
//! never billed, what flows after it is; so it is fixed, and durable, before it is sent.

use super::compile::Limits;
use crate::model::{BindingStatus, Bytes, Entitlement, ObservedClient, Opening, Quota};

/// The entitlement with what was fixed before the enable that is now seen to have arrived, though
/// its answer was lost.
pub(super) fn as_arrived(
    entitlement: Entitlement,
    status: &BindingStatus,
    seen: &ObservedClient,
) -> Entitlement {
    let arrived = |opening: &&Opening| {
        entitlement.opening
            && opening.granted == entitlement.granted
            && seen.enable
            && seen.cap == opening.cap
    };
    match status.opening.as_deref().filter(arrived) {
        Some(opening) => entitlement.with_over(opening.over),
        None => entitlement,
    }
}

/// What is stored of a write before it is sent: nothing where it gives no larger allowance.
pub(super) fn opening(entitlement: &Entitlement, want: &Limits) -> Option<Box<Opening>> {
    (want.enable && entitlement.opening).then(|| {
        Box::new(Opening { granted: entitlement.granted, over: entitlement.over, cap: want.cap })
    })
}

/// Whether a counter grew by a hundredth of the allowance: what is forgotten when it restarts is
/// less than that.
pub(super) fn grew(entitlement: &Entitlement, by: Bytes) -> bool {
    match entitlement.granted {
        Quota::Bytes(granted) => by.0 >= (granted.0 / 100).max(1),
        Quota::Unlimited => false,
    }
}
