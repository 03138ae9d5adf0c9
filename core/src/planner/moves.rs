//! Accounts leave a server that is drained or lost: a place elsewhere first, and the old one is left only
//! once the new one serves.

use super::candidates::best;
use crate::catalog::{Catalog, Places, Server, ServerLifecycle};
use crate::model::{
    AccountId, Binding, Disposition, DurationMs, Edits, Entitlement, Key, SECOND_MS, ServerId,
    Snapshot, Standing, UnixMs,
};

/// How often some are moved.
pub const MOVES_EVERY: DurationMs = DurationMs(10 * SECOND_MS);

/// How many accounts of a server that is left are moved at a time: of a draining one 120 a minute, so that
/// panels, and Discord with the new links, keep up; of a lost one, whose accounts nobody serves, a batch of
/// the gateway.
#[must_use]
pub const fn moves_at_once(server: &Server) -> usize {
    match server.lifecycle {
        ServerLifecycle::Lost => 100,
        _ => 20,
    }
}

/// What becomes of one account on a server that is to be left.
#[derive(Debug, Clone, PartialEq)]
pub enum MoveAway {
    /// It gets another server: this is to be committed.
    Move(Edits),
    /// No other server that its plan allows has room that was not promised to somebody, or nobody can use
    /// the best that has.
    NoRoom,
    /// It is not served there, has ended, or moves already.
    Stays,
}

/// Finds an account of a server that is to be left another one. From a lost server it goes at once;
/// everybody else keeps both until the new one serves.
#[must_use]
pub fn move_away(
    snapshot: &Snapshot,
    catalog: &Catalog,
    id: AccountId,
    from: &ServerId,
    now: UnixMs,
) -> MoveAway {
    let Some(old) = snapshot.binding(id, from) else { return MoveAway::Stays };
    let Some(entitlement) = Entitlement::of(snapshot, id) else { return MoveAway::Stays };
    let standing = entitlement.standing(now);
    let is_served = old.disposition == Disposition::Serving && standing != Standing::Expired;
    if !catalog.is_left(from) || !is_served || snapshot.leaving(id).is_some() {
        return MoveAway::Stays;
    }
    // Who moves was promised nothing there, and who waits for a server goes first.
    let others = Places::of(snapshot, catalog, now);
    let Some(to) = best(snapshot, &others, id, &entitlement, false) else {
        return MoveAway::NoRoom;
    };
    // Nothing is gained by a server that nobody can use.
    if !catalog.is_lost(from) && !snapshot.is_usable(&to) {
        return MoveAway::NoRoom;
    }
    let both = !catalog.is_lost(from);
    MoveAway::Move(snapshot.move_to(old, to, both, now))
}

/// What ends a move that is under way; `None` while it goes on. The old server is left when the new one
/// serves and the old link was kept long enough, or when it is lost.
/// A new server that is lost before it served is given up again.
pub(super) fn ending(
    snapshot: &Snapshot,
    catalog: &Catalog,
    id: AccountId,
    entitlement: &Entitlement,
    now: UnixMs,
) -> Option<Edits> {
    let old = snapshot.leaving(id)?;
    let new = snapshot.serving(id);
    let tombstone = Disposition::Tombstoned { since: now };
    let old_is_lost = catalog.is_lost(&old.server);
    let mut edits = Edits::new();
    let mut put = |binding: &Binding, disposition: Disposition| {
        let key = Key::Binding(id, binding.server.clone());
        edits.expect(key.clone(), snapshot.version(&key));
        edits.put(Binding { disposition, ..binding.clone() });
    };
    match new {
        Some(new) if catalog.is_lost(&new.server) && !old_is_lost => {
            put(old, Disposition::Serving);
            put(new, tombstone);
        }
        None => put(old, Disposition::Serving),
        Some(new) => {
            let is_off = entitlement.standing(now) != Standing::Active;
            // Who is off cannot be read back as on.
            let ready =
                is_ready(snapshot, new, entitlement) || (is_off && snapshot.is_usable(&new.server));
            // Who is suspended is told nothing, and waits a day from then.
            let suspended = snapshot.account(id).and_then(|a| a.suspension.as_ref());
            let off_since = suspended.map(|s| s.since.max(new.bound_at));
            let told = snapshot.told_of_new_server_at(id).or(off_since);
            let seen = snapshot.binding_status(id, &new.server).and_then(|s| s.applied.as_ref());
            let began = seen.map_or(new.bound_at, |applied| applied.at.max(new.bound_at));
            let untold = began + Binding::OLD_KEPT_UNTOLD;
            let kept = now >= told.map_or(untold, |at| at + Binding::OLD_KEPT);
            if !(old_is_lost || (kept && ready)) {
                return None;
            }
            put(old, tombstone);
        }
    }
    edits.expect(Key::Account(id), snapshot.version(&Key::Account(id)));
    Some(edits)
}

/// Whether its client was read back as it is sold, on a server where it can be used.
pub(super) fn is_ready(snapshot: &Snapshot, binding: &Binding, entitlement: &Entitlement) -> bool {
    let (id, server) = (binding.account, &binding.server);
    let today = snapshot.account(id).map(|a| a.credentials.version);
    let status = snapshot.binding_status(id, server);
    let gone = status.is_some_and(|s| s.missing_since.is_some() || s.unseen_since.is_some());
    let applied = status.and_then(|s| s.applied.as_ref());
    !gone
        && snapshot.is_usable(server)
        && applied
            .is_some_and(|a| a.enable && a.run == entitlement.run && Some(a.credentials) == today)
}
