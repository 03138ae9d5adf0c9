//! What stays in memory of an order that was decided long ago.

use super::{CustomerId, Order, OrderPlan, OrderState, UnixMs};
use std::sync::Arc;

/// What stays in memory of an order that was decided long ago.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchivedOrder {
    /// Who bought.
    pub customer: CustomerId,
    /// Where it stands: approved, declined or reversed.
    pub state: OrderState,
    /// The plan as it was sold.
    pub plan: Arc<OrderPlan>,
    /// Whether it was approved when no place was kept for it any more.
    pub(super) late: bool,
    /// The record's version.
    pub(super) version: u64,
    /// The order's thread.
    pub(super) thread: Option<u64>,
}

impl ArchivedOrder {
    pub(super) fn of(order: &Order, version: u64) -> Self {
        Self {
            customer: order.customer,
            // Once it is decided the time changes nothing.
            state: order.state(UnixMs(0)),
            plan: Arc::clone(&order.plan),
            late: order.was_approved_late(),
            version,
            thread: None,
        }
    }
}

impl Order {
    /// Whether it was approved when no place was kept for it any more.
    #[must_use]
    pub fn was_approved_late(&self) -> bool {
        self.decision.as_ref().is_some_and(|d| d.at >= self.place_until())
    }

    /// When staff last decided it.
    pub(super) fn decided_at(&self) -> Option<UnixMs> {
        let decided = self.decision.as_ref()?.at;
        Some(self.reversed.as_ref().map_or(decided, |r| r.at.max(decided)))
    }
}
