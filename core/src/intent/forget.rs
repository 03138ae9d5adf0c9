//! Forgetting a customer: who they are goes at once, and with them what their front and the staff told of them;
//! what else names them goes after it, order by order. What they bought and paid stays under the shop's own id.

use super::records::{Decided, Records};
use super::{ForgetRequest, Intent, Rejection, Reply, places};
use crate::catalog::Catalog;
use crate::model::{AccountId, CustomerRef, Edits, Forgotten, Key, OrderId, ToForget, UnixMs};

/// Takes out of a customer's record who they are, and their identities out of the index: the same person who
/// comes again is a new customer. Asked once more, it is done.
pub(super) fn forget(
    records: &Records<'_>,
    catalog: &Catalog,
    asked: &ForgetRequest,
    now: UnixMs,
) -> Result<Decided, Rejection> {
    if !asked.staff.owns(catalog) {
        return Err(Rejection::NotStaff);
    }
    let (snapshot, id) = (records.snapshot, asked.customer);
    let mut edits = Edits::new();
    match snapshot.to_be_forgotten(id, now) {
        Ok(_) => {}
        Err(Rejection::Forgotten) => return Ok((edits, Reply::Forgot(id))),
        Err(why) => return Err(why),
    }
    // What an old backup lacks may be that an account goes on.
    if snapshot.in_amnesia() {
        return Err(Rejection::StoreDamaged);
    }
    let customer = snapshot.customer(id).ok_or(Rejection::UnknownCustomer)?;
    // Whatever sells something to them decides again, and finds nobody.
    places::bump(records, &mut edits);
    for identity in &customer.identities {
        if snapshot.customer_of(*identity) == Some(id) {
            records.pin(&mut edits, Key::CustomerIdentity(*identity));
            edits.delete(Key::CustomerIdentity(*identity));
        }
    }
    let identities = customer.identities.clone();
    let left = Some(ToForget { identities, order: None, ticket: None, audit: None });
    records.pin(&mut edits, Key::Customer(id));
    edits.put(customer.with_forgotten(Forgotten { at: now, left }));
    Ok((edits, Reply::Forgot(id)))
}

/// Nothing is sold, given or noted to somebody who was forgotten. What takes back or switches off stays allowed.
///
/// # Errors
/// [`Rejection::Forgotten`].
pub(super) fn refuse(records: &Records<'_>, intent: &Intent) -> Result<(), Rejection> {
    let snapshot = records.snapshot;
    let owner = |id: &AccountId| snapshot.account(*id).map(|account| account.customer);
    let buyer = |id: &OrderId| records.order(*id).map(|order| order.customer);
    let whose = match intent {
        Intent::Grant(asked) => owner(&asked.account),
        Intent::Resume(of) | Intent::Rotate { of, .. } | Intent::Move { of, .. } => {
            owner(&of.account)
        }
        Intent::Approve { order, .. }
        | Intent::Decline { order, .. }
        | Intent::Reopen { order, .. } => buyer(order),
        Intent::Note(asked) => Some(asked.customer),
        Intent::Adopt(asked) => match asked.customer {
            CustomerRef::Id(id) => Some(id),
            CustomerRef::Known(_) => None,
        },
        // These are asked by a person, who is somebody else by now, or they give nothing.
        Intent::Place(_)
        | Intent::Try(_)
        | Intent::Cancel { .. }
        | Intent::EnterCode { .. }
        | Intent::Redeem(_)
        | Intent::AddProof { .. }
        | Intent::Reverse { .. }
        | Intent::Forgive(_)
        | Intent::Suspend(_)
        | Intent::Release(_)
        | Intent::AcceptPanel { .. }
        | Intent::ReplaceLink { .. }
        | Intent::Choose { .. }
        | Intent::OpenTicket(_)
        | Intent::CloseTicket { .. }
        | Intent::HeardInTicket(_)
        | Intent::LinkShown { .. }
        | Intent::DraftBroadcast(_)
        | Intent::SendBroadcast(..)
        | Intent::StopBroadcast(..)
        | Intent::Forget(_) => None,
    };
    match whose.filter(|id| snapshot.is_forgotten(*id)) {
        Some(_) => Err(Rejection::Forgotten),
        None => Ok(()),
    }
}
