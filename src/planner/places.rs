//! Places that were promised: an order holds one until its account is bound, and the choice of a
//! server for one account must not take the only place that another could use.

use crate::catalog::{Catalog, Server, ServerLifecycle};
use crate::model::{AccountId, ServerId, Snapshot, UnixMs};

/// The servers that take accounts, with the places each has left.
pub(super) fn free(snapshot: &Snapshot, catalog: &Catalog) -> Vec<(ServerId, usize)> {
    let active = catalog.servers.values().filter(|s| s.lifecycle == ServerLifecycle::Active);
    active.map(|s| (s.id.clone(), left(snapshot, s))).collect()
}

fn left(snapshot: &Snapshot, server: &Server) -> usize {
    (server.capacity as usize).saturating_sub(snapshot.bound_to(&server.id).count())
}

/// For each order that still waits for a place, other than the account's own: the servers that may
/// take it, by their index.
pub(super) fn claims(
    snapshot: &Snapshot,
    catalog: &Catalog,
    free: &[(ServerId, usize)],
    but: AccountId,
    now: UnixMs,
) -> Vec<Vec<usize>> {
    let waiting = snapshot
        .orders()
        .filter(|o| snapshot.waits_for_place(o, now) && o.approved_account() != Some(but));
    let matching = |order: &crate::model::Order| {
        let servers = free.iter().enumerate().filter(|(_, (id, _))| {
            let server = catalog.servers.get(id);
            server.is_some_and(|s| order.plan.selector.matches(id, &s.labels))
        });
        servers.map(|(n, _)| n).collect::<Vec<_>>()
    };
    waiting.map(matching).collect()
}

/// How many of the claims can be met together: a largest matching, by augmenting paths.
pub(super) fn met(places: &[usize], claims: &[Vec<usize>]) -> usize {
    let mut given: Vec<Vec<usize>> = vec![Vec::new(); places.len()];
    (0..claims.len())
        .filter(|claim| give(*claim, places, claims, &mut given, &mut vec![false; places.len()]))
        .count()
}

fn give(
    claim: usize,
    places: &[usize],
    claims: &[Vec<usize>],
    given: &mut [Vec<usize>],
    tried: &mut [bool],
) -> bool {
    for server in claims.get(claim).into_iter().flatten().copied() {
        let (Some(place), Some(tried_before)) = (places.get(server), tried.get_mut(server)) else {
            continue;
        };
        if std::mem::replace(tried_before, true) {
            continue;
        }
        let holders = given.get(server).cloned().unwrap_or_default();
        if holders.len() < *place {
            if let Some(holders) = given.get_mut(server) {
                holders.push(claim);
            }
            return true;
        }
        // Somebody here may find a place elsewhere.
        for (n, holder) in holders.into_iter().enumerate() {
            if give(holder, places, claims, given, tried) {
                if let Some(slot) = given.get_mut(server).and_then(|h| h.get_mut(n)) {
                    *slot = claim;
                }
                return true;
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_makes_way_for_one_that_has_no_other_place() {
        assert_eq!(met(&[1, 1], &[vec![0, 1], vec![0]]), 2);
        assert_eq!(met(&[1, 1, 1], &[vec![0, 1], vec![1, 2], vec![0], vec![1]]), 3);
        assert_eq!(met(&[0, 2], &[vec![0], vec![1], vec![0, 1]]), 2);
        assert_eq!(met(&[], &[vec![]]), 0);
    }
}
