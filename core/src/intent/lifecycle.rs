//! What staff decide of an account's life: it is switched off and on again, gets new credentials, or
//! another server.

use super::records::{Decided, Records};
use super::staff::reason;
use super::{FreshIds, OfAccount, Rejection, Reply, places};
use crate::catalog::{Catalog, Mode, Places};
use crate::model::{
    Account, Credentials, Edits, Entitlement, Key, Selector, ServerId, Standing, Suspension, UnixMs,
};

/// Switches an account off. Its end stays where it is: what staff want to give back, they grant.
pub(super) fn suspend(
    records: &Records<'_>,
    catalog: &Catalog,
    asked: &OfAccount,
    now: UnixMs,
) -> Result<Decided, Rejection> {
    let mut account = account(records, catalog, asked)?;
    if account.suspension.is_some() {
        return Ok((Edits::new(), Reply::Unchanged(account.id)));
    }
    let id = account.id;
    account.suspension = Some(Box::new(Suspension { reason: reason(&asked.reason), since: now }));
    Ok((put(records, account), Reply::Suspended(id)))
}

/// Switches a suspended account on again, as far as it has not ended meanwhile.
pub(super) fn resume(
    records: &Records<'_>,
    catalog: &Catalog,
    asked: &OfAccount,
) -> Result<Decided, Rejection> {
    let mut account = account(records, catalog, asked)?;
    let id = account.id;
    match account.suspension.take() {
        Some(_) => {
            let mut edits = put(records, account);
            // Its customer may be forgotten at this very moment.
            places::bump(records, &mut edits);
            Ok((edits, Reply::Resumed(id)))
        }
        None => Ok((Edits::new(), Reply::Unchanged(id))),
    }
}

/// Replaces an account's credentials, if they are still of this version: asked twice, once. The old
/// ones are dead once the server has read the new ones back.
pub(super) fn rotate(
    records: &Records<'_>,
    catalog: &Catalog,
    asked: &OfAccount,
    version: u32,
    ids: &FreshIds,
) -> Result<Decided, Rejection> {
    let account = account(records, catalog, asked)?;
    let id = account.id;
    if account.credentials.version != version {
        return Ok((Edits::new(), Reply::Unchanged(id)));
    }
    let account = with_new_credentials(account, ids);
    let version = account.credentials.version;
    Ok((put(records, account), Reply::Rotated(id, version)))
}

/// The same account with new credentials, of the next version, and at a new address.
pub(super) fn with_new_credentials(account: Account, ids: &FreshIds) -> Account {
    let fresh = &ids.credentials;
    let credentials = Credentials {
        uuid: fresh.uuid,
        sub_id: fresh.sub_id.clone(),
        secret: fresh.secret.clone(),
        version: account.credentials.version.saturating_add(1),
    };
    Account { credentials, subscription_token: fresh.subscription_token.clone(), ..account }
}

/// Gives an account a place on a server that its plan allows: make before break, as when its server is
/// drained.
pub(super) fn move_to(
    records: &Records<'_>,
    catalog: &Catalog,
    asked: &OfAccount,
    to: &ServerId,
    now: UnixMs,
) -> Result<Decided, Rejection> {
    let id = account(records, catalog, asked)?.id;
    let server = catalog.servers.get(to).ok_or(Rejection::UnknownServer)?;
    let snapshot = records.snapshot;
    let serving = snapshot.serving(id);
    if serving.is_some_and(|b| b.server == *to) {
        return Ok((Edits::new(), Reply::Unchanged(id)));
    }
    let moves = snapshot.leaving(id).is_some();
    let entitlement = Entitlement::of(snapshot, id).ok_or(Rejection::UnknownAccount)?;
    let standing = entitlement.standing(now);
    let takes = catalog.served(to).is_some()
        && !catalog.retained_servers.contains(to)
        && !catalog.is_left(to)
        && server.mode == Mode::Manage;
    let allowed = takes && entitlement.selector.matches(to, &server.labels);
    let old = serving.filter(|_| !moves && allowed && standing != Standing::Expired);
    let old = old.ok_or(Rejection::CannotMove)?;
    // Neither what was promised to somebody nor what somebody waits for is given away; a tombstone
    // keeps its own place.
    let own = snapshot.binding(id, to).is_some();
    let places = match catalog.is_lost(&old.server) {
        // Itself one of those who are stranded.
        true => Places::of(snapshot, catalog, now),
        false => Places::with_stranded(snapshot, catalog, now),
    };
    let there = Selector::Ids([to.clone()].into());
    let free = places.with_room(&there).next().is_some();
    if !own && (!free || places.met_without(to) < places.met()) {
        return Err(Rejection::NoCapacity);
    }
    let both = !catalog.is_lost(&old.server);
    Ok((snapshot.move_to(old, to.clone(), both, now), Reply::Moving(id, to.clone())))
}

fn account(
    records: &Records<'_>,
    catalog: &Catalog,
    asked: &OfAccount,
) -> Result<Account, Rejection> {
    if !asked.staff.may_decide(catalog) {
        return Err(Rejection::NotStaff);
    }
    let account = records.snapshot.account(asked.account).ok_or(Rejection::UnknownAccount)?;
    match account.released() {
        Some(_) => Err(Rejection::Released),
        None => Ok(account.clone()),
    }
}

fn put(records: &Records<'_>, account: Account) -> Edits {
    let mut edits = Edits::new();
    records.pin(&mut edits, Key::Account(account.id));
    edits.put(account);
    edits
}
