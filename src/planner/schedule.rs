//! Which server serves an account: sticky, within capacity, deterministic.

use super::places;
use crate::catalog::{Catalog, Server, ServerLifecycle};
use crate::model::{
    AccountId, Binding, ConditionKind, Disposition, Edits, Entitlement, Key, Reservations,
    ServerId, Snapshot, Standing, UnixMs,
};
use std::cmp::Reverse;

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub enum Scheduled {
    /// It is as it should be.
    Settled,
    /// This is to be committed.
    Bind(Edits),
    /// No matching server has room: the account waits, and somebody must be told.
    NoRoom,
    /// It needs no server now.
    NotNeeded,
}

/// Finds a server for an account that needs one. An account that has a server keeps it.
#[must_use]
pub fn schedule(snapshot: &Snapshot, catalog: &Catalog, id: AccountId, now: UnixMs) -> Scheduled {
    let Some(entitlement) = Entitlement::of(snapshot, id) else {
        return Scheduled::NotNeeded;
    };
    let serving = snapshot.bindings(id).any(|b| b.disposition == Disposition::Serving);
    if serving {
        return Scheduled::Settled;
    }
    if entitlement.standing(now) == Standing::Expired {
        return Scheduled::NotNeeded;
    }
    // A tombstone kept its place: a new term revives it.
    let tomb = snapshot
        .bindings(id)
        .find(|b| matches!(b.disposition, Disposition::Tombstoned { .. }))
        .filter(|b| catalog.served(&b.server).is_some());
    let server = match tomb {
        Some(binding) => binding.server.clone(),
        None => {
            let room = catalog
                .servers
                .values()
                .filter(|s| s.lifecycle == ServerLifecycle::Active)
                .filter(|s| entitlement.selector.matches(&s.id, &s.labels))
                .filter_map(|s| Some((s, room(snapshot, s)?)));
            let others = Others::of(snapshot, catalog, id, now);
            // Where the most others keep the place they were promised; then where customers can
            // be served; then the most room by weight; among equals the first id.
            let best = room.max_by_key(|(s, room)| {
                (others.met_without(&s.id), serves(snapshot, &s.id), *room, Reverse(&s.id))
            });
            match best {
                Some((server, _)) => server.id.clone(),
                None => return Scheduled::NoRoom,
            }
        }
    };
    let mut edits = Edits::new();
    let key = Key::Binding(id, server.clone());
    edits.expect(key.clone(), snapshot.version(&key));
    edits.expect(Key::Account(id), snapshot.version(&Key::Account(id)));
    let reservations = Key::Reservations();
    edits.expect(reservations.clone(), snapshot.version(&reservations));
    let taken = snapshot.reservations().map_or(0, |r| r.taken);
    edits.put(Reservations { taken: taken + 1 });
    edits.put(Binding { account: id, server, disposition: Disposition::Serving, bound_at: now });
    Scheduled::Bind(edits)
}

/// Who else was promised a place.
struct Others {
    free: Vec<(ServerId, usize)>,
    claims: Vec<Vec<usize>>,
}

impl Others {
    fn of(snapshot: &Snapshot, catalog: &Catalog, but: AccountId, now: UnixMs) -> Self {
        let free = places::free(snapshot, catalog);
        let claims = places::claims(snapshot, catalog, &free, but, now);
        Self { free, claims }
    }

    /// How many of them find a place when this server has one less.
    fn met_without(&self, taken: &ServerId) -> usize {
        let left = |(id, free): &(ServerId, usize)| free.saturating_sub(usize::from(id == taken));
        let places: Vec<usize> = self.free.iter().map(left).collect();
        places::met(&places, &self.claims)
    }
}

/// Whether a server answered when it was last asked, with an Xray that runs and all its inbounds.
fn serves(snapshot: &Snapshot, server: &ServerId) -> bool {
    let down = [ConditionKind::Stalled, ConditionKind::Unreachable];
    let status = snapshot.server_status(server);
    !status.is_some_and(|status| status.conditions.iter().any(|c| down.contains(&c.kind)))
}

/// A server's share of free places, scaled by its weight; `None` when it is full.
fn room(snapshot: &Snapshot, server: &Server) -> Option<u64> {
    let used = snapshot.bound_to(&server.id).count() as u64;
    let capacity = u64::from(server.capacity);
    let free = capacity.checked_sub(used).filter(|free| *free > 0)?;
    Some(free * 1000 * u64::from(server.weight.max(1)) / capacity.max(1))
}
