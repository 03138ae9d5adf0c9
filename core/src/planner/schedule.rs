//! Which server serves an account: sticky, within capacity, deterministic; and what becomes of its
//! servers when it has ended.

use super::candidates::best;
use super::covered::is_released_on;
use super::moves::ending;
use crate::catalog::{Catalog, Places, ServerLifecycle};
use crate::model::{
    AccountId, Binding, Disposition, Edits, Entitlement, Key, Reservations, ServerId, Snapshot,
    Standing, UnixMs,
};

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
    let standing = entitlement.standing(now);
    if let Some(edits) = forget(snapshot, catalog, id, standing) {
        return Scheduled::Forget(edits);
    }
    if standing == Standing::Expired {
        return end(snapshot, id, now).map_or(Scheduled::NotNeeded, Scheduled::End);
    }
    if let Some(edits) = ending(snapshot, catalog, id, &entitlement, now) {
        return Scheduled::Leave(edits);
    }
    if snapshot.serving(id).is_some() {
        return Scheduled::Settled;
    }
    let tomb = catalog.revived_server(snapshot, id).cloned();
    let server = match tomb {
        // One that is to be left is not gone back to where there is another, which nobody was promised.
        Some(server) if catalog.is_left(&server) => {
            let others = Places::of(snapshot, catalog, now);
            let other = best(snapshot, &others, id, &entitlement, false);
            other.filter(|to| snapshot.is_usable(to)).or(Some(server))
        }
        Some(server) => Some(server),
        None => {
            let promised = snapshot.claim_of(id, now).is_some_and(|(_, promised)| promised);
            let others = Places::before(snapshot, catalog, id, now);
            best(snapshot, &others, id, &entitlement, promised)
        }
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

fn is_tombstone(binding: &Binding) -> bool {
    matches!(binding.disposition, Disposition::Tombstoned { .. })
}

/// Tombstones for the servers of an account that has ended. A term that comes meanwhile changes the
/// account, and nothing ends.
fn end(snapshot: &Snapshot, id: AccountId, now: UnixMs) -> Option<Edits> {
    let mut edits = Edits::new();
    // One that is given back is neither switched off nor deleted.
    let stays = |b: &&Binding| is_tombstone(b) || is_released_on(snapshot, id, &b.server);
    for binding in snapshot.bindings(id).filter(|b| !stays(b)) {
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

/// A retired server is asked for nothing any more: the place there is gone. So is one on a lost server once
/// its account needs another: it is to claim one like anybody. Should that server answer after all, it shows
/// an orphan.
fn forget(
    snapshot: &Snapshot,
    catalog: &Catalog,
    id: AccountId,
    standing: Standing,
) -> Option<Edits> {
    let needs_one = standing != Standing::Expired && snapshot.serving(id).is_none();
    let retired = |server: &ServerId| {
        catalog.servers.get(server).is_some_and(|s| s.lifecycle == ServerLifecycle::Retired)
            || (needs_one && catalog.is_lost(server))
    };
    let mut edits = Edits::new();
    let over = |b: &&Binding| is_tombstone(b) || is_released_on(snapshot, id, &b.server);
    for gone in snapshot.bindings(id).filter(|b| over(b) && retired(&b.server)) {
        let key = Key::Binding(id, gone.server.clone());
        edits.expect(key.clone(), snapshot.version(&key));
        edits.delete(key);
        edits.delete(Key::BindingStatus(id, gone.server.clone()));
    }
    (!edits.deletes.is_empty()).then_some(edits)
}
