//! Orders that were decided long ago: they are read from the store, and little of each stays in
//! memory.

use super::tables::value;
use super::{
    CustomerId, DAY_MS, DeliveryState, DurationMs, Key, Order, OrderId, OrderPlan, OrderState,
    Snapshot, Surface, SurfaceKey, SurfaceState, UnixMs, Verdict,
};
use std::sync::Arc;

/// How long after its last decision an order leaves memory.
const ARCHIVED_AFTER: DurationMs = DurationMs(7 * DAY_MS);

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
    fn decided_at(&self) -> Option<UnixMs> {
        let decided = self.decision.as_ref()?.at;
        Some(self.reversed.as_ref().map_or(decided, |r| r.at.max(decided)))
    }
}

impl Snapshot {
    /// What is in memory of an order that was decided long ago.
    #[must_use]
    pub fn archived_order(&self, id: OrderId) -> Option<&ArchivedOrder> {
        self.tables.archived.get(&id)
    }

    /// Whether a record of this key is resident if it is there at all. The others are asked of the
    /// store.
    #[must_use]
    pub fn covers(&self, key: &Key) -> bool {
        match key {
            Key::Order(id)
            | Key::Surface(SurfaceKey::OrderThread(id) | SurfaceKey::ReviewCard(id)) => {
                !self.tables.archived.contains_key(id)
            }
            _ => key.kind().resident(),
        }
    }

    /// The plan as an order was sold it, however long ago.
    #[must_use]
    pub fn sold_plan(&self, id: OrderId) -> Option<&Arc<OrderPlan>> {
        let archived = || self.archived_order(id).map(|order| &order.plan);
        self.order(id).map(|order| &order.plan).or_else(archived)
    }

    /// From when on an order need not be in memory: a week after its last decision, once people
    /// see what it came to and its account's link has arrived. `None` while any of that is open.
    #[must_use]
    pub fn archive_from(&self, id: OrderId) -> Option<UnixMs> {
        let order = self.order(id)?;
        let decided = order.decided_at()?;
        let records = self.tables.orders.get(&id)?;
        let state = |slot| value(slot).map_or(SurfaceState::Pending, Surface::state);
        let unseen = [&records.thread, &records.card]
            .into_iter()
            .any(|slot| state(slot) == SurfaceState::Pending);
        let undated = order.evidence.iter().any(|evidence| evidence.undated);
        let undelivered = match order.decision.as_ref().map(|d| &d.verdict) {
            Some(Verdict::Approved { account, .. }) if order.reversed.is_none() => {
                let delivery = self.delivery(*account);
                delivery.is_none_or(|d| matches!(d.state, DeliveryState::Undelivered(_)))
            }
            _ => false,
        };
        (!unseen && !undated && !undelivered).then(|| decided + ARCHIVED_AFTER)
    }
}
