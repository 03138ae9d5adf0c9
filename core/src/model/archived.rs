//! Orders that were decided, or came to nothing, long ago: they are read from the store, and this much
//! of each stays in memory.

use super::code_uses::CodeUse;
use super::{CustomerId, Order, OrderPlan, OrderState, PromoId, UnixMs};
use std::sync::Arc;

/// What stays in memory of an order that was decided, or came to nothing, long ago.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchivedOrder {
    /// Who bought.
    pub customer: CustomerId,
    /// Where it stands: approved, declined, reversed, expired or cancelled.
    pub state: OrderState,
    /// The plan as it was sold.
    pub plan: Arc<OrderPlan>,
    /// Whether it was approved when no place was kept for it any more.
    pub(super) late: bool,
    /// The code that it was reduced by, where that counts as used for good.
    pub(super) promo: Option<Box<PromoId>>,
    /// The record's version.
    pub(super) version: u64,
    /// The order's thread.
    pub(super) thread: Option<u64>,
}

impl ArchivedOrder {
    pub(super) fn of(order: &Order, version: u64) -> Self {
        Self {
            customer: order.customer,
            // The time changes nothing any more: what was not paid in time is expired.
            state: order.state(UnixMs(u64::MAX)),
            plan: Arc::clone(&order.plan),
            late: order.was_approved_late(),
            promo: order.code_use().filter(CodeUse::is_for_good).map(|used| Box::new(used.promo)),
            version,
            thread: None,
        }
    }

    pub(super) fn code_use(&self) -> Option<CodeUse> {
        let promo = PromoId::clone(self.promo.as_ref()?);
        Some(CodeUse::for_good(promo, self.customer))
    }

    /// The channel of the order's thread.
    #[must_use]
    pub const fn thread(&self) -> Option<u64> {
        self.thread
    }

    /// Whether this is what stays of a record of this version; of its thread nothing is said.
    #[must_use]
    pub fn is_of(&self, order: &Order, version: u64) -> bool {
        Self { thread: self.thread, ..Self::of(order, version) } == *self
    }
}
