//! Orders that were decided, or came to nothing, long ago: they are read from the store, and this much
//! of each stays in memory.

use super::code_uses::CodeUse;
use super::{CustomerId, Order, OrderPlan, OrderState, PromoId, SECOND_MS, UnixMs};
use std::sync::Arc;

/// Pictures that are kept though nobody waits for a decision on their order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct KeptPictures {
    /// In seconds since 1970, rounded up; 0 while they are being deleted.
    pub(super) since_s: u32,
    /// How many, at least 1.
    pub(super) count: u8,
}

impl KeptPictures {
    pub(super) fn of(order: &Order) -> Option<Self> {
        let since_s =
            u32::try_from(order.pictures_since()?.0.div_ceil(SECOND_MS)).unwrap_or(u32::MAX);
        let count = u8::try_from(order.kept_proofs().count().max(1)).unwrap_or(u8::MAX);
        Some(Self { since_s, count })
    }
}

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
    /// How many pictures are kept of its proofs, and since when, in seconds since 1970, rounded up: 0 while
    /// they are being deleted. See [`Order::pictures_since`].
    pub(super) pictures: u8,
    pub(super) pictures_since_s: u32,
}

impl ArchivedOrder {
    pub(super) fn of(order: &Order, version: u64) -> Self {
        let kept = KeptPictures::of(order).unwrap_or_default();
        Self {
            customer: order.customer,
            // The time changes nothing any more: what was not paid in time is expired.
            state: order.state(UnixMs(u64::MAX)),
            plan: Arc::clone(&order.plan),
            late: order.was_approved_late(),
            promo: order.code_use().filter(CodeUse::is_for_good).map(|used| Box::new(used.promo)),
            version,
            thread: None,
            pictures: kept.count,
            pictures_since_s: kept.since_s,
        }
    }

    pub(super) fn code_use(&self) -> Option<CodeUse> {
        let promo = PromoId::clone(self.promo.as_ref()?);
        Some(CodeUse::for_good(promo, self.customer))
    }

    pub(super) const fn kept_pictures(&self) -> Option<KeptPictures> {
        let kept = KeptPictures { since_s: self.pictures_since_s, count: self.pictures };
        if kept.count > 0 { Some(kept) } else { None }
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
