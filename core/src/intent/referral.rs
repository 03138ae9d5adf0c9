//! Friends whom a customer invites: who did is kept with the friend, and the friend's first payment gives the one
//! who invited them days. Both decisions bump what every approval bumps, so that of two at once one decides again.

use super::gift::{Longer, goes_on, lengthen};
use super::records::{Decided, Records};
use super::{Person, Rejection, Reply, places, promo, reference};
use crate::catalog::Catalog;
use crate::model::{
    Account, AccountId, AccountRecords, CodeProblem, Customer, CustomerId, Edits, Entitlement,
    Identity, InviteCode, Key, Order, OrderId, Record, Reversal, Snapshot, TermSource, UnixMs,
};

/// Takes what somebody typed at an unpaid order: a promo code, or whose invitation brought them.
pub(super) fn enter(
    records: &Records<'_>,
    catalog: &Catalog,
    id: OrderId,
    code: &str,
    by: &Person,
    now: UnixMs,
) -> Result<Decided, Rejection> {
    let is_promo = promo::typed(catalog, code).is_some();
    let Some(inviter) = typed(records, catalog, code).filter(|_| !is_promo) else {
        return promo::reduce(records, catalog, id, code, by, now);
    };
    let customer = records.snapshot.customer_of(by.identity);
    let theirs = records.snapshot.order(id).filter(|order| Some(order.customer) == customer);
    invited(records, catalog, theirs.ok_or(Rejection::UnknownOrder)?, inviter)
}

/// Whose invitation somebody typed, in a shop that rewards them: nobody's whom it does not let order.
fn typed(records: &Records<'_>, catalog: &Catalog, text: &str) -> Option<CustomerId> {
    catalog.shop.referral?;
    let code: InviteCode = reference::normal(text)?.parse().ok()?;
    let inviter = records.snapshot.inviter(code)?;
    is_admitted(records.snapshot, catalog, inviter).then_some(inviter)
}

/// Whether the shop lets a customer order, wherever they are known.
fn is_admitted(snapshot: &Snapshot, catalog: &Catalog, customer: CustomerId) -> bool {
    let admits = |who: &Identity| catalog.shop.limits.admits(*who);
    snapshot.customer(customer).is_some_and(|customer| customer.identities.iter().all(admits))
}

/// Keeps who invited the customer of an order: the first whom they name, while they are new here.
///
/// # Errors
/// Nobody is invited by themselves, nor by somebody whom they invited, nor by somebody who gets nothing for them.
fn invited(
    records: &Records<'_>,
    catalog: &Catalog,
    order: &Order,
    inviter: CustomerId,
) -> Result<Decided, Rejection> {
    let snapshot = records.snapshot;
    let customer = snapshot.customer(order.customer).ok_or(Rejection::UnknownOrder)?;
    let no = |why| Err(Rejection::Code(why));
    match customer.invited_by() {
        // A redelivered dialog finds it done.
        Some(before) if before == inviter => {
            return Ok((Edits::new(), Reply::Invited(order.id)));
        }
        Some(_) => return no(CodeProblem::InvitedBefore),
        None => {}
    }
    if inviter == customer.id {
        return no(CodeProblem::OwnInvitation);
    }
    if !snapshot.is_newcomer(customer.id) {
        return no(CodeProblem::NoNewcomer);
    }
    if snapshot.customer(inviter).and_then(Customer::invited_by) == Some(customer.id) {
        return no(CodeProblem::TheyInvited);
    }
    if is_full(snapshot, catalog, inviter) {
        return no(CodeProblem::UsedUp);
    }
    let mut edits = Edits::new();
    places::bump(records, &mut edits);
    records.pin(&mut edits, Key::Customer(customer.id));
    edits.put(customer.with_own(|own| own.invited_by = Some(inviter)));
    Ok((edits, Reply::Invited(order.id)))
}

/// Whether a customer got something for as many friends as they may.
fn is_full(snapshot: &Snapshot, catalog: &Catalog, inviter: CustomerId) -> bool {
    let limit = catalog.shop.referral.map_or(0, |referral| referral.limit);
    snapshot.rewards_of(inviter) >= limit as usize
}

/// An approval with what it gives to who invited the order's customer.
pub(super) fn rewarded(
    records: &Records<'_>,
    catalog: &Catalog,
    (mut edits, reply): Decided,
    now: UnixMs,
) -> Result<Decided, Rejection> {
    if let Reply::Approved(id, _) = reply
        && let Some(order) = records.order(id)
    {
        reward(records, catalog, order, now, &mut edits)?;
    }
    Ok((edits, reply))
}

/// Gives days for an order that is approved now, where it is the first payment of somebody who was invited, or the
/// next one after that was taken back: to
/// the paid account of who invited them that goes on and ends last. Where none goes on there is nothing to give to.
fn reward(
    records: &Records<'_>,
    catalog: &Catalog,
    order: &Order,
    now: UnixMs,
    edits: &mut Edits,
) -> Result<(), Rejection> {
    let snapshot = records.snapshot;
    let Some(referral) = catalog.shop.referral else { return Ok(()) };
    let friend = snapshot.customer(order.customer);
    let Some(inviter) = friend.and_then(Customer::invited_by) else { return Ok(()) };
    let is_due = is_admitted(snapshot, catalog, inviter)
        && snapshot.may_reward(inviter, order.customer)
        && !is_full(snapshot, catalog, inviter);
    if !is_due {
        return Ok(());
    }
    let goes = |account: &'_ Account| {
        let current = Entitlement::of(snapshot, account.id)?;
        goes_on(&current, now).is_ok().then_some(current)
    };
    let is_tried = |account: &Account| {
        snapshot.records_of(account.id).is_none_or(AccountRecords::is_only_tried)
    };
    let own = snapshot.accounts_of(inviter).filter(|account| account.released().is_none());
    let own = own.filter(|account| !is_tried(account));
    let live = own.filter_map(|account| Some((account, goes(account)?)));
    let Some((account, current)) = live.max_by_key(|(_, current)| current.ends_at) else {
        return Ok(());
    };
    let source = TermSource::Referral(order.id);
    // Who has no place of their own just now is given the days all the same: a friend's payment waits for nobody.
    places::keeps_own(records, catalog, account.id, now, edits);
    let longer = Longer { source, length: referral.reward };
    lengthen(records, catalog, (account, &current), longer, now, edits).map(|_| ())
}

/// Where the source index has what an order's approval gave to who invited its customer.
pub(super) const fn key(order: OrderId) -> Key {
    Key::SourceTerm(TermSource::Referral(order))
}

/// The payment is taken back, and with it what it gave to who invited its customer.
pub(super) fn take_back(
    records: &Records<'_>,
    order: OrderId,
    reason: String,
    now: UnixMs,
    edits: &mut Edits,
) {
    let Some(Record::SourceTerm(given)) = records.outside(&key(order)).map(|r| &r.value) else {
        return;
    };
    let Some(account) = records.snapshot.account(given.account) else { return };
    if keeps_going(records.snapshot, given.account, given.term) {
        return;
    }
    edits.insert(Reversal { account: given.account, term: given.term, at: now, reason });
    records.pin(edits, Key::Account(given.account));
    edits.put(account.clone());
}

/// Whether something was sold or granted for the run while only these days kept it going: taken back, they would
/// take with them what somebody else paid for after them.
fn keeps_going(snapshot: &Snapshot, account: AccountId, given: u32) -> bool {
    let Some(records) = snapshot.records_of(account) else { return false };
    let Some(run) = records.terms().find(|term| term.seq == given).map(|term| term.run) else {
        return false;
    };
    let Some(mut ends) = records.runs().find(|one| one.seq == run).map(|run| run.start) else {
        return false;
    };
    for term in records.standing_terms().filter(|term| term.run == run && term.seq != given) {
        if term.seq > given && term.carries_gifts() && ends <= term.at {
            return true;
        }
        ends = ends + term.length;
    }
    false
}
