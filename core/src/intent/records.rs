//! What decisions are made on, and what they share.

use super::staff::Staff;
use super::types::Reply;
use crate::catalog::Catalog;
use crate::model::{
    Edits, Key, Order, OrderId, Quota, Record, Rejection, RunKind, Snapshot, SurfaceKey, Versioned,
};
use std::collections::BTreeMap;

/// Records outside of the snapshot as they were found (`None`: absent).
pub type Found = BTreeMap<Key, Option<Versioned<Record>>>;

/// What a decision is made on: one snapshot, and the records outside of it that [`needs`](super::needs) named.
pub struct Records<'a> {
    /// The resident records.
    pub snapshot: &'a Snapshot,
    /// The others.
    pub found: &'a Found,
    /// Our clock is in doubt: no timed fact is accepted.
    pub in_doubt: bool,
}

/// What came of it: the edits to commit (none when nothing changes) and the reply to give after.
pub type Decided = (Edits, Reply);

impl<'a> Records<'a> {
    /// An order, however long ago it was settled.
    pub(super) fn order(&self, id: OrderId) -> Option<&'a Order> {
        let archived = || match &self.outside(&Key::Order(id))?.value {
            Record::Order(order) => Some(order),
            _ => None,
        };
        self.snapshot.order(id).or_else(archived)
    }

    /// What goes on is in memory again, and its surfaces are kept.
    pub(super) fn bring_back(&self, edits: &mut Edits, order: &mut Order) {
        if !std::mem::take(&mut order.archived) {
            return;
        }
        for key in SurfaceKey::of_order(order.id).map(Key::Surface) {
            self.pin_outside(edits, key.clone());
            if let Some(surface) = self.outside(&key) {
                edits.put(surface.value.clone());
            }
        }
    }

    /// A record outside of the snapshot.
    pub(super) fn outside(&self, key: &Key) -> Option<&'a Versioned<Record>> {
        self.found.get(key)?.as_ref()
    }

    /// The commit holds only if this record is as the snapshot has it.
    pub(super) fn pin(&self, edits: &mut Edits, key: Key) {
        let version = self.snapshot.version(&key);
        edits.expect(key, version);
    }

    /// The commit holds only if this record outside of the snapshot is as it was found.
    pub(super) fn pin_outside(&self, edits: &mut Edits, key: Key) {
        let version = self.outside(&key).map(|r| r.version);
        edits.expect(key, version);
    }

    /// The order, if this staff may decide it.
    pub(super) fn order_for(
        &self,
        staff: &Staff,
        catalog: &Catalog,
        id: OrderId,
    ) -> Result<&'a Order, Rejection> {
        if !staff.may_decide(catalog) {
            return Err(Rejection::NotStaff);
        }
        self.order(id).ok_or(Rejection::UnknownOrder)
    }

    /// Writes a changed order, if nobody changed it meanwhile.
    pub(super) fn update_order(&self, edits: &mut Edits, order: Order) {
        self.pin(edits, Key::Order(order.id));
        edits.put(order);
    }
}

/// Whether a quota counts traffic.
pub(super) const fn kind_of(quota: Quota) -> RunKind {
    match quota {
        Quota::Bytes(_) => RunKind::Capped,
        Quota::Unlimited => RunKind::Unlimited,
    }
}
