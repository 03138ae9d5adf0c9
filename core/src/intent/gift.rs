//! A promo code that gives days: a term more for an account that goes on, never a new account. The source is made
//! of the click, so that a redelivery finds its term again, among those of the customer's own accounts.

use super::approve::{NewTerm, extend};
use super::promo::{check, typed};
use super::records::{Decided, Records};
use super::{Redemption, Rejection, Reply, places};
use crate::catalog::Catalog;
use crate::model::{
    Account, AccountId, Bytes, CodeProblem, CustomerId, DurationMs, Edits, Entitlement, PromoTerm,
    Quota, RunKind, Snapshot, TermSource, UnixMs,
};

/// The account that a click has given days to already: one of the customer's own.
fn given(snapshot: &Snapshot, customer: CustomerId, asked: &Redemption) -> Option<AccountId> {
    let by_it = |account: &AccountId| {
        snapshot.terms(*account).any(|term| match &term.source {
            TermSource::Promo(given) => given.asked == asked.interaction,
            _ => false,
        })
    };
    snapshot.accounts_of(customer).map(|account| account.id).find(by_it)
}

/// Whether days have something to follow.
///
/// # Errors
/// The account is over, or staff have it off.
pub(super) fn goes_on(current: &Entitlement, now: UnixMs) -> Result<(), CodeProblem> {
    if !current.standing {
        Err(CodeProblem::TakenBack)
    } else if !current.takes_terms(now) {
        Err(CodeProblem::Ended)
    } else if current.suspended {
        Err(CodeProblem::Suspended)
    } else {
        Ok(())
    }
}

/// Gives an account of the customer's own the days of a code, once for each click.
pub(super) fn give(
    records: &Records<'_>,
    catalog: &Catalog,
    asked: &Redemption,
    now: UnixMs,
) -> Result<Decided, Rejection> {
    let snapshot = records.snapshot;
    let customer = snapshot.customer_of(asked.by.identity).ok_or(Rejection::UnknownAccount)?;
    if let Some(account) = given(snapshot, customer, asked) {
        return Ok((Edits::new(), Reply::DaysGiven(account)));
    }
    if !catalog.shop.limits.admits(asked.by.identity) {
        return Err(Rejection::NotAdmitted);
    }
    let account = snapshot.account(asked.account).filter(|account| account.customer == customer);
    let account = account.filter(|account| account.released().is_none());
    let account = account.ok_or(Rejection::UnknownAccount)?;
    let promo = typed(catalog, &asked.code).ok_or(Rejection::Code(CodeProblem::Unknown))?;
    check(snapshot, catalog, promo, (customer, true), now).map_err(Rejection::Code)?;
    let length = promo.gives_to(snapshot, account).map_err(Rejection::Code)?;
    let current = Entitlement::of(snapshot, account.id).ok_or(Rejection::UnknownAccount)?;
    goes_on(&current, now).map_err(Rejection::Code)?;
    let source = TermSource::Promo(Box::new(PromoTerm {
        promo: promo.id.clone(),
        customer,
        asked: asked.interaction,
    }));
    let longer = Longer { source, length };
    let mut edits = Edits::new();
    if !places::keeps_own(records, catalog, account.id, now, &mut edits) {
        places::promise(records, catalog, &current.selector, now, &mut edits)?;
    }
    // Of two who use it for the last time at once, one finds that out.
    places::bump(records, &mut edits);
    let id = lengthen(records, catalog, (account, &current), longer, now, &mut edits)?;
    Ok((edits, Reply::DaysGiven(id)))
}

/// What only lengthens a run.
pub(super) struct Longer {
    pub(super) source: TermSource,
    pub(super) length: DurationMs,
}

/// Adds it to an account that goes on: no traffic, no price, and served as before.
pub(super) fn lengthen(
    records: &Records<'_>,
    catalog: &Catalog,
    (account, current): (&Account, &Entitlement),
    longer: Longer,
    now: UnixMs,
    edits: &mut Edits,
) -> Result<AccountId, Rejection> {
    let term = NewTerm {
        source: longer.source,
        family: account.family.clone(),
        length: longer.length,
        quota: match current.kind() {
            RunKind::Capped => Quota::Bytes(Bytes(0)),
            RunKind::Unlimited => Quota::Unlimited,
        },
        devices: current.devices,
        selector: current.selector.clone(),
        price: None,
        revision: catalog.revision.as_str().into(),
        asked: None,
    };
    extend(records, account.clone(), term, now, edits)
}
