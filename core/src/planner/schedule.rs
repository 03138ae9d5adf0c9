//! Which server serves an account: sticky, within capacity, deterministic; and what becomes of its
//! servers when it has ended.

use super::moves::{ending, is_left, is_lost};
use crate::catalog::{Catalog, Places, Server, ServerLifecycle};
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
    /// It gets a server: this is to be committed.
    Bind(Edits),
    /// It has ended: its server is to forget it in time. This is to be committed, while the clock
    /// is not in doubt.
    End(Edits),
    /// A move comes to its end: this is to be committed, while the clock is not in doubt.
    Leave(Edits),
    /// A tombstone stands on a server that serves nobody any more: this is to be committed.
    Forget(Edits),
    /// No matching server has room that was not promised to another: the account waits, and
    /// somebody must be told.
    NoRoom,
    /// It needs no server now.
    NotNeeded,
}

/// Finds a server for an account that needs one, and sets a tombstone where one has ended. An
/// account that has a server keeps it until its tombstone is deleted.
#[must_use]
pub fn schedule(snapshot: &Snapshot, catalog: &Catalog, id: AccountId, now: UnixMs) -> Scheduled {
    let Some(entitlement) = Entitlement::of(snapshot, id) else {
        return Scheduled::NotNeeded;
    };
    if let Some(edits) = forget(snapshot, catalog, id) {
        return Scheduled::Forget(edits);
    }
    if entitlement.standing(now) == Standing::Expired {
        return end(snapshot, id, now).map_or(Scheduled::NotNeeded, Scheduled::End);
    }
    if let Some(edits) = ending(snapshot, catalog, id, &entitlement, now) {
        return Scheduled::Leave(edits);
    }
    let serving = snapshot.bindings(id).any(|b| b.disposition == Disposition::Serving);
    if serving {
        return Scheduled::Settled;
    }
    // A tombstone kept its place: a new term revives it.
    let tombs = snapshot.bindings(id).filter(|b| is_tombstone(b));
    let tomb = tombs
        .filter(|b| catalog.served(&b.server).is_some() && !is_lost(catalog, &b.server))
        .min_by_key(|b| is_left(catalog, &b.server));
    let promised = snapshot.claim_of(id, now).is_none_or(|(_, promised)| promised);
    let others = Places::before(snapshot, catalog, id, now);
    let elsewhere = || best(snapshot, &others, id, &entitlement, promised);
    let server = match tomb.map(|binding| &binding.server) {
        // One that is to be left is not gone back to, where there is another.
        Some(server) if is_left(catalog, server) => elsewhere().or_else(|| Some(server.clone())),
        Some(server) => Some(server.clone()),
        None => elsewhere(),
    };
    let Some(server) = server else { return Scheduled::NoRoom };
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

/// A server with room: where the most others keep the place they were promised; then where
/// customers can be served; then where a backup of the panel brought the account's own client back, so
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
        let fit = (serves(snapshot, &server.id), its_own, share(server, free));
        (others.met_without(&server.id), fit, server)
    });
    room.filter(|(met, ..)| promised || *met == all)
        .max_by_key(|(met, fit, server)| (*met, *fit, Reverse(&server.id)))
        .map(|(.., server)| server.id.clone())
}

fn is_tombstone(binding: &Binding) -> bool {
    matches!(binding.disposition, Disposition::Tombstoned { .. })
}

/// Tombstones for the servers of an account that has ended. A term that comes meanwhile changes the
/// account, and nothing ends.
fn end(snapshot: &Snapshot, id: AccountId, now: UnixMs) -> Option<Edits> {
    let mut edits = Edits::new();
    for binding in snapshot.bindings(id).filter(|b| !is_tombstone(b)) {
        let key = Key::Binding(id, binding.server.clone());
        edits.expect(key.clone(), snapshot.version(&key));
        edits.put(Binding {
            disposition: Disposition::Tombstoned { since: now },
            ..binding.clone()
        });
    }
    edits.expect(Key::Account(id), snapshot.version(&Key::Account(id)));
    (!edits.puts.is_empty()).then_some(edits)
}

/// A retired server is asked for nothing any more: the place there is gone.
fn forget(snapshot: &Snapshot, catalog: &Catalog, id: AccountId) -> Option<Edits> {
    let retired = |server: &ServerId| {
        catalog.servers.get(server).is_some_and(|s| s.lifecycle == ServerLifecycle::Retired)
    };
    let mut edits = Edits::new();
    for gone in snapshot.bindings(id).filter(|b| is_tombstone(b) && retired(&b.server)) {
        let key = Key::Binding(id, gone.server.clone());
        edits.expect(key.clone(), snapshot.version(&key));
        edits.delete(key);
        edits.delete(Key::BindingStatus(id, gone.server.clone()));
    }
    (!edits.deletes.is_empty()).then_some(edits)
}

/// Whether a server answered when it was last asked, with an Xray that runs and all its inbounds.
pub(super) fn serves(snapshot: &Snapshot, server: &ServerId) -> bool {
    let down = [ConditionKind::Stalled, ConditionKind::Unreachable];
    let status = snapshot.server_status(server);
    !status.is_some_and(|status| status.conditions.iter().any(|c| down.contains(&c.kind)))
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
