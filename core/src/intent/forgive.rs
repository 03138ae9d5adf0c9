//! Staff forgive usage that was billed: what was counted beyond what can have flowed.

use super::records::{Decided, Records};
use super::{Forgive, LeapOf, Rejection, Reply};
use crate::catalog::Catalog;
use crate::model::{
    AccountId, Bytes, Edits, Entitlement, Forgiveness, Key, RunKind, Snapshot, UnixMs,
};

/// The most accounts of a server at once, so that the transaction stays small; asking again with an
/// id of its own forgives the next.
const AT_ONCE: usize = 100;

pub(super) fn forgive(
    records: &Records<'_>,
    catalog: &Catalog,
    asked: &Forgive,
    now: UnixMs,
) -> Result<Decided, Rejection> {
    if !asked.staff.may_decide(catalog) {
        return Err(Rejection::NotStaff);
    }
    let snapshot = records.snapshot;
    let whose: Vec<AccountId> = match &asked.of {
        LeapOf::Account(id) => {
            snapshot.account(*id).ok_or(Rejection::UnknownAccount)?;
            vec![*id]
        }
        LeapOf::Server(server) => snapshot.bound_to(server).map(|b| b.account).collect(),
    };
    if let LeapOf::Server(server) = &asked.of
        && whose.is_empty()
        && !catalog.servers.contains_key(server)
    {
        return Err(Rejection::UnknownServer);
    }
    let already = |id: &AccountId| snapshot.version(&Key::Forgiveness(*id, asked.id)).is_some();
    if whose.iter().any(already) {
        return Ok((Edits::new(), Reply::AlreadyForgiven(asked.of.clone())));
    }
    let each = whose.into_iter().filter_map(|id| of_account(snapshot, id, asked, now));
    let (mut edits, mut accounts, mut by) = (Edits::new(), 0, Bytes(0));
    for forgiveness in each.take(AT_ONCE) {
        accounts += 1;
        by = by + forgiveness.by;
        // A run that begins meanwhile would be another one.
        records.pin(&mut edits, Key::Account(forgiveness.account));
        edits.insert(forgiveness);
    }
    if accounts == 0 {
        return Err(Rejection::NothingToForgive);
    }
    Ok((edits, Reply::Forgiven { of: asked.of.clone(), accounts, by }))
}

/// What is forgiven to one account: never more than was billed in its run.
fn of_account(
    snapshot: &Snapshot,
    account: AccountId,
    asked: &Forgive,
    now: UnixMs,
) -> Option<Forgiveness> {
    let entitlement = Entitlement::of(snapshot, account)?;
    let run = entitlement.run;
    let (most, leap) = match asked.traffic {
        Some(traffic) => (traffic, None),
        None => {
            let done = |at| snapshot.forgivenesses(account).any(|f| f.leap == Some(at));
            let statuses = snapshot
                .bindings(account)
                .filter_map(|b| snapshot.binding_status(account, &b.server)?.leapt.as_deref());
            let leap = statuses.filter(|l| l.run == run && !done(l.at)).max_by_key(|l| l.at)?;
            (leap.by, Some(leap.at))
        }
    };
    let by = most.min(entitlement.used);
    let counts = entitlement.kind() == RunKind::Capped && by > Bytes(0);
    counts.then_some(Forgiveness { account, id: asked.id, run, by, leap, at: now })
}
