//! Staff give time and traffic without a payment.

use super::approve::{NewTerm, extend};
use super::records::{Decided, Records};
use super::{Grant, Rejection, Reply, places};
use crate::catalog::Catalog;
use crate::model::{
    Bytes, DurationMs, Edits, Entitlement, Key, Quota, Record, RunKind, Term, TermSource, UnixMs,
};

pub(super) fn grant(
    records: &Records<'_>,
    catalog: &Catalog,
    asked: &Grant,
    now: UnixMs,
) -> Result<Decided, Rejection> {
    if !asked.staff.may_decide(catalog) {
        return Err(Rejection::NotStaff);
    }
    let source = TermSource::Grant(asked.id);
    if let Some(Record::SourceTerm(given)) =
        records.outside(&Key::SourceTerm(source.clone())).map(|r| &r.value)
    {
        return Ok((Edits::new(), Reply::AlreadyGranted(given.account)));
    }
    let snapshot = records.snapshot;
    let account = snapshot.account(asked.account).ok_or(Rejection::UnknownAccount)?.clone();
    if account.released().is_some() {
        return Err(Rejection::Released);
    }
    let current = Entitlement::of(snapshot, account.id).ok_or(Rejection::UnknownAccount)?;
    let quota = match (asked.traffic, current.kind()) {
        (Some(quota), _) => quota,
        (None, RunKind::Capped) => Quota::Bytes(Bytes(0)),
        (None, RunKind::Unlimited) => Quota::Unlimited,
    };
    // A run that ended begins anew with this term alone: it must have both.
    let nothing = asked.length == DurationMs(0) && quota.is_empty();
    let too_little = asked.length == DurationMs(0) || quota.is_empty();
    if nothing || (too_little && !current.takes_terms(now)) {
        return Err(Rejection::NothingGranted);
    }
    let like = served_by(snapshot.terms(account.id), snapshot.reversals(account.id))
        .ok_or(Rejection::UnknownAccount)?;
    let term = NewTerm {
        source,
        family: account.family.clone(),
        length: asked.length,
        quota,
        devices: like.devices,
        selector: like.selector.clone(),
        price: None,
        revision: catalog.revision.as_str().into(),
        asked: None,
    };
    let mut edits = Edits::new();
    if !places::keeps_own(records, catalog, account.id, now, &mut edits) {
        places::promise(records, catalog, &term.selector, now, &mut edits)?;
    }
    // Its customer may be forgotten at this very moment.
    places::bump(records, &mut edits);
    let id = extend(records, account, term, now, &mut edits)?;
    Ok((edits, Reply::Granted(id)))
}

/// The newest term that says where and on how many devices: one that stands, else the last.
fn served_by<'a>(
    terms: impl DoubleEndedIterator<Item = &'a Term>,
    reversals: impl Iterator<Item = &'a crate::model::Reversal>,
) -> Option<&'a Term> {
    let reversed: Vec<u32> = reversals.map(|r| r.term).collect();
    let newest_first: Vec<&Term> = terms.rev().filter(|t| t.sets_service()).collect();
    let standing = newest_first.iter().find(|t| !reversed.contains(&t.seq)).copied();
    standing.or_else(|| newest_first.first().copied())
}
