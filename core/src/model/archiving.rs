//! Orders that were decided long ago: they are read from the store, and little of each stays in
//! memory.

use super::archived::ArchivedOrder;
use super::rows::value;
use super::{
    DAY_MS, DeliveryState, DurationMs, Key, OrderId, OrderPlan, Snapshot, Surface, SurfaceKey,
    SurfaceState, UnixMs, Verdict,
};
use std::sync::Arc;

/// How long after its last decision an order leaves memory.
const ARCHIVED_AFTER: DurationMs = DurationMs(7 * DAY_MS);

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
