//! An account's client is given back: it stays on its panel as it is, under a name of its own, and is not
//! the shop's any more.

use super::records::{Decided, Records};
use super::staff::reason;
use super::{OfAccount, Rejection, Reply};
use crate::catalog::Catalog;
use crate::model::{
    AccountId, Edits, Key, Order, OrderState, Released, ServerId, Snapshot, UnixMs,
};

/// The server that an account's client can be given back on, beside who asks.
///
/// # Errors
/// Why it cannot.
pub fn check<'s>(
    snapshot: &'s Snapshot,
    catalog: &Catalog,
    id: AccountId,
    now: UnixMs,
) -> Result<&'s ServerId, Rejection> {
    let account = snapshot.account(id).ok_or(Rejection::UnknownAccount)?;
    if account.released().is_some() {
        return Err(Rejection::Released);
    }
    if snapshot.leaving(id).is_some() {
        let why = "it moves between two servers: release it when it has left the old one";
        return Err(Rejection::CannotRelease(why));
    }
    let is_open = |order: &Order| {
        matches!(order.state(now), OrderState::AwaitingPayment | OrderState::AwaitingReview)
    };
    if snapshot.open_renewals(id).any(is_open) {
        let why = "an order renews it: approve, decline or cancel that first";
        return Err(Rejection::CannotRelease(why));
    }
    let serving = snapshot.serving(id).map(|binding| &binding.server);
    let none = Rejection::CannotRelease("no server serves it: it has ended, or waits for one");
    let server = serving.ok_or(none)?;
    if catalog.served(server).is_none() || catalog.is_lost(server) {
        let why =
            "its server is retired, lost, or in no file any more: nobody can give it back there";
        return Err(Rejection::CannotRelease(why));
    }
    Ok(server)
}

/// Ends the account here. Its server's own key gives the client back, and then forgets it.
pub(super) fn release(
    records: &Records<'_>,
    catalog: &Catalog,
    asked: &OfAccount,
    now: UnixMs,
) -> Result<Decided, Rejection> {
    if !asked.staff.may_decide(catalog) {
        return Err(Rejection::NotStaff);
    }
    let snapshot = records.snapshot;
    let server = match check(snapshot, catalog, asked.account, now) {
        Err(Rejection::Released) => return Ok((Edits::new(), Reply::Unchanged(asked.account))),
        server => server?.clone(),
    };
    let account = snapshot.account(asked.account).cloned();
    let mut account = account.ok_or(Rejection::UnknownAccount)?;
    let id = account.id;
    let mut edits = Edits::new();
    records.pin(&mut edits, Key::Account(id));
    if let Some(binding) = snapshot.binding(id, &server) {
        // Written as it is: a renewal that is placed meanwhile counted on it.
        records.pin(&mut edits, Key::Binding(id, server.clone()));
        edits.put(binding.clone());
    }
    let released = Released { server, at: now, reason: reason(&asked.reason) };
    account.custody.get_or_insert_default().released = Some(released);
    edits.put(account);
    Ok((edits, Reply::Released(id)))
}
