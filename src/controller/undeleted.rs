//! The orders whose pictures could not be deleted, until each is tried again.

use super::lock::Locked;
use crate::model::{DurationMs, MINUTE_MS, OrderId, UnixMs};
use std::collections::BTreeMap;

/// How long after a failure an order is tried again; the others go on.
const AGAIN: DurationMs = DurationMs(MINUTE_MS);

/// The orders that failed, until when each is left alone, by the wall clock. It need not survive.
#[derive(Debug, Default)]
pub(super) struct Undeleted(Locked<BTreeMap<OrderId, UnixMs>>);

impl Undeleted {
    /// Until when an order is left alone.
    pub(super) fn until(&self, id: OrderId, now: UnixMs) -> Option<UnixMs> {
        // What lies too far in the future was before the clock was set back.
        self.0.lock().get(&id).copied().filter(|at| now < *at && *at <= now + AGAIN)
    }

    /// It failed; answers whether that is news.
    pub(super) fn failed(&self, id: OrderId, now: UnixMs) -> bool {
        self.0.lock().insert(id, now + AGAIN).is_none()
    }

    /// Its pictures are deleted.
    pub(super) fn done(&self, id: OrderId) {
        self.0.lock().remove(&id);
    }
}
