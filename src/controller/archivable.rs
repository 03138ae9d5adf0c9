//! The orders that may leave memory, until they are archived.

use super::lock::Locked;
use crate::model::OrderId;
use std::collections::BTreeSet;

/// The orders that may leave memory. It need not survive: every surface that is looked at adds its
/// order again.
#[derive(Debug, Default)]
pub(super) struct Archivable(Locked<BTreeSet<OrderId>>);

impl Archivable {
    pub(super) fn add(&self, id: OrderId) {
        self.0.lock().insert(id);
    }

    /// The oldest, at most so many.
    pub(super) fn oldest(&self, most: usize) -> Vec<OrderId> {
        self.0.lock().iter().take(most).copied().collect()
    }

    /// These are done with; answers whether there are more.
    pub(super) fn remove(&self, ids: &[OrderId]) -> bool {
        let mut all = self.0.lock();
        for id in ids {
            all.remove(id);
        }
        !all.is_empty()
    }
}
