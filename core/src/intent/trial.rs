//! A free trial: an account at once, without an order, a payment or a review. Each customer has one: the
//! key of the source index is the lock, and stays when the account has ended.

use super::approve::{NewTerm, extend, opened};
use super::records::{Decided, Records};
use super::{FreshIds, Rejection, Reply, TrialRequest, customer, places};
use crate::catalog::Catalog;
use crate::model::{AccountId, CustomerId, Edits, Key, Record, TermSource, UnixMs};
use std::sync::Arc;

/// The account of a trial that the source index, where it lost it, does not know of: looked for among the
/// customer's own.
fn tried(records: &Records<'_>, customer: CustomerId) -> Option<AccountId> {
    let is_trial = |account: &AccountId| {
        let mut terms = records.snapshot.terms(*account);
        terms.any(|term| term.source == TermSource::Trial(customer))
    };
    let accounts = records.snapshot.accounts_of(customer).map(|account| account.id);
    accounts.into_iter().find(is_trial)
}

/// Gives a customer their trial, where a place is free for it.
pub(super) fn give(
    records: &Records<'_>,
    catalog: &Catalog,
    asked: &TrialRequest,
    now: UnixMs,
    ids: &FreshIds,
) -> Result<Decided, Rejection> {
    let known = records.snapshot.customer_of(asked.customer.identity);
    let had = known.and_then(|known| records.outside(&Key::SourceTerm(TermSource::Trial(known))));
    if let Some(Record::SourceTerm(had)) = had.map(|record| &record.value) {
        // A redelivered interaction finds its account again, whatever has changed since.
        return match had.asked == Some(asked.interaction) {
            true => Ok((Edits::new(), Reply::TrialGiven(had.account))),
            false => Err(Rejection::TrialTaken(had.account)),
        };
    }
    if let Some(account) = known.and_then(|known| tried(records, known)) {
        return Err(Rejection::TrialTaken(account));
    }
    if !catalog.shop.limits.admits(asked.customer.identity) {
        return Err(Rejection::NotAdmitted);
    }
    let plan = catalog.plan(&asked.plan).filter(|plan| plan.trial && catalog.is_offered(plan));
    let plan = plan.ok_or(Rejection::PlanNotSold)?;
    let mut edits = Edits::new();
    places::promise_new(records, catalog, &plan.servers, now, &mut edits)?;
    let (who, language) = (&asked.customer, asked.language);
    let customer = customer::of_person(records, who, language, (now, ids), &mut edits);
    let term = NewTerm {
        source: TermSource::Trial(customer),
        family: plan.family.clone(),
        length: plan.duration,
        quota: plan.traffic,
        devices: plan.devices,
        selector: Arc::new(plan.servers.clone()),
        price: None,
        revision: catalog.revision.as_str().into(),
        asked: Some(asked.interaction),
    };
    let mut account = opened(customer, plan.family.clone(), now, ids);
    account.custody.get_or_insert_default().tried = Some(plan.id.clone());
    let id = extend(records, account, term, now, &mut edits)?;
    Ok((edits, Reply::TrialGiven(id)))
}
