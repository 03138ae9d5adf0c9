//! How many more accounts the servers take, open orders counted.

use crate::catalog::{Catalog, Server, ServerLifecycle};
use crate::model::{Selector, Snapshot, UnixMs};

/// Free places on the servers that a selector means: their capacity, less the accounts they have,
/// less every order that may still want one of those places.
#[must_use]
pub fn free_places(
    snapshot: &Snapshot,
    catalog: &Catalog,
    selector: &Selector,
    now: UnixMs,
) -> usize {
    let servers: Vec<&Server> = catalog
        .servers
        .values()
        .filter(|s| s.lifecycle == ServerLifecycle::Active)
        .filter(|s| selector.matches(&s.id, &s.labels))
        .collect();
    let free: usize = servers
        .iter()
        .map(|s| (s.capacity as usize).saturating_sub(snapshot.bound_to(&s.id).count()))
        .sum();
    let rivals = snapshot
        .orders()
        .filter(|o| snapshot.waits_for_place(o, now))
        .filter(|o| servers.iter().any(|s| o.plan.selector.matches(&s.id, &s.labels)))
        .count();
    free.saturating_sub(rivals)
}
