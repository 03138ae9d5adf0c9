//! Which server is best for an account, of those that have room for it.

use crate::catalog::{Places, Server};
use crate::model::{AccountId, Entitlement, ServerId, Snapshot};
use std::cmp::Reverse;

/// A server with room: where the most others keep the place they were promised; then where
/// customers would be served ([`Places::would_serve`] is only preferred); then where a backup of the panel brought the account's own client back, so
/// that it does not get a second one; then the most room by weight; among equals the first id. Who
/// was promised nothing takes no promised place, and none from those before it in line.
pub(super) fn best(
    snapshot: &Snapshot,
    others: &Places<'_>,
    id: AccountId,
    entitlement: &Entitlement,
    promised: bool,
) -> Option<ServerId> {
    let all = others.met();
    let room = others.with_room(&entitlement.selector).map(|(server, free)| {
        let its_own = holds(snapshot, &server.id, id);
        let served = Places::would_serve(snapshot, server);
        let fit = (served, snapshot.is_serving(&server.id), its_own, share(server, free));
        (others.met_without(&server.id), fit, server)
    });
    room.filter(|(met, ..)| promised || *met == all)
        .max_by_key(|(met, fit, server)| (*met, *fit, Reverse(&server.id)))
        .map(|(.., server)| server.id.clone())
}

/// Whether a client of the account stands on a server that it is not bound to.
fn holds(snapshot: &Snapshot, server: &ServerId, id: AccountId) -> bool {
    snapshot.server_status(server).is_some_and(|status| status.orphans.contains(&id))
}

/// A server's share of free places, scaled by its weight.
fn share(server: &Server, free: usize) -> u64 {
    let capacity = u64::from(server.capacity.max(1));
    (free as u64).saturating_mul(1000 * u64::from(server.weight.max(1))) / capacity
}
