//! Staff take a decision back: a decline is reopened, an approval is reversed.

use super::records::{Decided, Records};
use super::staff::reason;
use super::{Rejection, Reply, Staff, book, places, referral};
use crate::catalog::Catalog;
use crate::model::{
    Edits, Key, OrderId, OrderState, Record, Reopened, Reversal, Reversed, Target, TermSource,
    UnixMs,
};

/// A declined order awaits review again. Not when one of its proofs stands under another order by
/// now: one payment would count twice.
pub(super) fn reopen(
    records: &Records<'_>,
    catalog: &Catalog,
    id: OrderId,
    staff: &Staff,
    why: &str,
    now: UnixMs,
) -> Result<Decided, Rejection> {
    let order = records.order_for(staff, catalog, id)?;
    match order.state(now) {
        OrderState::Declined => {}
        state @ (OrderState::AwaitingPayment | OrderState::AwaitingReview) => {
            return Ok((Edits::new(), Reply::AlreadyDone(id, state)));
        }
        state => return Err(Rejection::WrongState(id, state)),
    }
    for evidence in &order.evidence {
        let key = Key::ProofOrder(evidence.sha256.clone());
        if let Some(Record::ProofOrder(index)) = records.outside(&key).map(|r| &r.value)
            && index.order != id
        {
            return Err(Rejection::DuplicateProof(index.order));
        }
    }
    let mut edits = Edits::new();
    let mut place_until = order.place_until();
    // The decline gave the place back: it is kept again for what was left, if one is free and its
    // customer's other orders leave it one.
    if now < place_until {
        let free = match order.target {
            Target::Renew(account) => places::keeps_own(records, catalog, account, now, &mut edits),
            Target::New => false,
        };
        if !free && !places::promise_again(records, catalog, order, now, &mut edits) {
            place_until = now;
        }
    }
    let mut order = order.clone();
    records.bring_back(&mut edits, &mut order);
    order.decision = None;
    order.place_until = Some(place_until);
    order.reopened = Some(Reopened { by: staff.actor(), at: now, reason: reason(why) });
    let state = order.state(now);
    for evidence in &order.evidence {
        // Nobody may take the proof for another order meanwhile.
        records.pin_outside(&mut edits, Key::ProofOrder(evidence.sha256.clone()));
    }
    records.update_order(&mut edits, order);
    // Its customer may be forgotten at this very moment.
    places::bump(records, &mut edits);
    Ok((edits, Reply::Reopened(id, state)))
}

/// An approval is taken back: its term does not count any more. The loop shortens or ends what it
/// gave.
pub(super) fn reverse(
    records: &Records<'_>,
    catalog: &Catalog,
    id: OrderId,
    staff: &Staff,
    why: &str,
    now: UnixMs,
) -> Result<Decided, Rejection> {
    let order = records.order_for(staff, catalog, id)?;
    match order.state(now) {
        OrderState::Approved => {}
        state @ OrderState::Reversed => {
            return Ok((Edits::new(), Reply::AlreadyDone(id, state)));
        }
        state => return Err(Rejection::WrongState(id, state)),
    }
    let source = Key::SourceTerm(TermSource::Order(id));
    let Some(Record::SourceTerm(given)) = records.outside(&source).map(|r| &r.value) else {
        return Err(Rejection::UnknownAccount);
    };
    let account = records.snapshot.account(given.account).ok_or(Rejection::UnknownAccount)?;
    let mut edits = Edits::new();
    edits.insert(Reversal {
        account: given.account,
        term: given.term,
        at: now,
        reason: reason(why),
    });
    let mut reversed = order.clone();
    records.bring_back(&mut edits, &mut reversed);
    reversed.reversed = Some(Reversed { by: staff.actor(), at: now, reason: reason(why) });
    book::book(records, &mut edits, order, &reversed);
    records.update_order(&mut edits, reversed);
    referral::take_back(records, id, reason(why), now, &mut edits);
    // A renewal that is approved meanwhile must decide again whether the run goes on.
    records.pin(&mut edits, Key::Account(given.account));
    edits.put(account.clone());
    Ok((edits, Reply::Reversed(id, given.account)))
}
