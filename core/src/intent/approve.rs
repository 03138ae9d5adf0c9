//! Staff decide. An approval adds exactly one term: the key of the source index is the lock.

use super::records::{Decided, Records, kind_of};
use super::{FreshIds, Rejection, Reply, Staff, book, payment, places};
use crate::catalog::{Catalog, Method, Requirement};
use crate::model::{
    Account, AccountId, Bytes, Credentials, CustomerId, Decision, DurationMs, Edits, Entitlement,
    FamilyId, Key, Money, Order, OrderId, OrderState, Quota, RequestKey, Run, Selector, SourceTerm,
    Target, Term, TermSource, UnixMs, Verdict,
};
use std::sync::Arc;

pub(super) fn approve(
    records: &Records<'_>,
    catalog: &Catalog,
    id: OrderId,
    staff: &Staff,
    typed: Option<&str>,
    now: UnixMs,
    ids: &FreshIds,
) -> Result<Decided, Rejection> {
    let order = records.order_for(staff, catalog, id)?;
    let source = TermSource::Order(id);
    let method = catalog.method(&order.method.method);
    match order.state(now) {
        OrderState::AwaitingReview => {}
        // An order that wants no proof can be approved as it is, also late.
        OrderState::AwaitingPayment | OrderState::Expired => {
            if method.is_none_or(Method::wants_proof) {
                return Err(Rejection::ProofRequired);
            }
        }
        state @ OrderState::Approved => return Ok((Edits::new(), Reply::AlreadyDone(id, state))),
        state => return Err(Rejection::WrongState(id, state)),
    }
    if records.outside(&Key::SourceTerm(source.clone())).is_some() {
        return Ok((Edits::new(), Reply::AlreadyDone(id, OrderState::Approved)));
    }

    let mut edits = Edits::new();
    let reference = payment::take(records, order, typed, now, &mut edits)?;
    if reference.is_none() && method.is_some_and(|m| m.reference == Requirement::Required) {
        return Err(Rejection::ReferenceRequired);
    }

    // Whether its place was kept until now must be seen by whoever decides next.
    places::bump(records, &mut edits);
    let account = match order.target {
        Target::New => opened(order.customer, order.plan.family.clone(), now, ids),
        Target::Renew(account) => {
            records.snapshot.account(account).ok_or(Rejection::UnknownAccount)?.clone()
        }
    };
    let account = extend(records, account, NewTerm::of(order, source), now, &mut edits)?;
    let mut decided = order.clone();
    records.bring_back(&mut edits, &mut decided);
    decided.decision = Some(Decision {
        by: staff.actor(),
        at: now,
        verdict: Verdict::Approved { reference, account },
    });
    book::book(records, &mut edits, order, &decided);
    records.update_order(&mut edits, decided);
    Ok((edits, Reply::Approved(id, account)))
}

/// An account that nothing was given to yet.
pub(super) fn opened(
    customer: CustomerId,
    family: FamilyId,
    now: UnixMs,
    ids: &FreshIds,
) -> Account {
    Account {
        id: ids.account,
        customer,
        family,
        custody: None,
        suspension: None,
        credentials: Credentials {
            uuid: ids.credentials.uuid,
            sub_id: ids.credentials.sub_id.clone(),
            secret: ids.credentials.secret.clone(),
            version: 1,
        },
        subscription_token: ids.credentials.subscription_token.clone(),
        created_at: now,
        terms: 0,
        runs: 0,
    }
}

/// What a term brings.
pub(super) struct NewTerm {
    pub(super) source: TermSource,
    pub(super) family: FamilyId,
    pub(super) length: DurationMs,
    pub(super) quota: Quota,
    pub(super) devices: u32,
    pub(super) selector: Arc<Selector>,
    pub(super) price: Option<Money>,
    pub(super) revision: Arc<str>,
    /// The click that asked for it, where a redelivery is to find it again.
    pub(super) asked: Option<RequestKey>,
}

impl NewTerm {
    fn of(order: &Order, source: TermSource) -> Self {
        Self {
            source,
            family: order.plan.family.clone(),
            length: order.plan.length,
            quota: order.plan.quota,
            devices: order.plan.devices,
            selector: order.plan.selector.clone(),
            price: Some(order.method.price.clone()),
            revision: order.plan.revision.clone(),
            asked: None,
        }
    }
}

/// Adds a term to an account, which may be new: to the current run if that has not ended, else to one that
/// begins. Writes the account as well.
pub(super) fn extend(
    records: &Records<'_>,
    mut account: Account,
    term: NewTerm,
    now: UnixMs,
    edits: &mut Edits,
) -> Result<AccountId, Rejection> {
    if account.released().is_some() {
        return Err(Rejection::Released);
    }
    let kind = kind_of(term.quota);
    let current = Entitlement::of(records.snapshot, account.id);
    let same_kind = current.as_ref().is_none_or(|e| e.kind() == kind);
    if account.family != term.family || !same_kind {
        return Err(Rejection::OtherFamily);
    }
    let run = match current.filter(|e| e.takes_terms(now)) {
        Some(current) => current.run,
        None => {
            let seq = account.runs;
            account.runs += 1;
            let used_before = if seq == 0 { Bytes(0) } else { records.snapshot.used(account.id) };
            edits.insert(Run { account: account.id, seq, start: now, kind, used_before });
            seq
        }
    };
    let seq = account.terms;
    account.terms += 1;
    edits.insert(Term {
        account: account.id,
        seq,
        run,
        source: term.source.clone(),
        length: term.length,
        quota: term.quota,
        devices: term.devices,
        selector: term.selector,
        price: term.price,
        revision: term.revision,
        at: now,
    });
    let (source, asked) = (term.source, term.asked);
    let id = account.id;
    edits.insert(SourceTerm { source, account: id, term: seq, asked });
    records.pin(edits, Key::Account(id));
    edits.put(account);
    Ok(id)
}

pub(super) fn decline(
    records: &Records<'_>,
    catalog: &Catalog,
    id: OrderId,
    staff: &Staff,
    reason: &str,
    now: UnixMs,
) -> Result<Decided, Rejection> {
    let order = records.order_for(staff, catalog, id)?;
    let mut edits = Edits::new();
    match order.state(now) {
        OrderState::AwaitingReview | OrderState::AwaitingPayment | OrderState::Expired => {}
        state @ OrderState::Declined => return Ok((edits, Reply::AlreadyDone(id, state))),
        state => return Err(Rejection::WrongState(id, state)),
    }
    let mut order = order.clone();
    records.bring_back(&mut edits, &mut order);
    let reason = super::staff::reason(reason);
    order.decision =
        Some(Decision { by: staff.actor(), at: now, verdict: Verdict::Declined { reason } });
    records.update_order(&mut edits, order);
    Ok((edits, Reply::Declined(id)))
}
