//! What a customer decides for themselves: what they hear of, their language, and that their link dies.

use super::lifecycle::with_new_credentials;
use super::records::{Decided, Records};
use super::{Choice, FreshIds, Person, Rejection, Reply};
use crate::catalog::Catalog;
use crate::model::{AccountId, Customer, CustomerId, Edits, Key, OwnSettings, UnixMs};

/// Keeps what a customer chose.
pub(super) fn choose(
    records: &Records<'_>,
    by: &Person,
    choice: Choice,
) -> Result<Decided, Rejection> {
    let (id, customer) = customer(records, by)?;
    let chosen = customer.with_own(|own| match choice {
        Choice::Notices(topic, true) => {
            own.muted.remove(&topic);
        }
        Choice::Notices(topic, false) => {
            own.muted.insert(topic);
        }
        Choice::Language(language) => own.language = language,
    });
    let mut edits = Edits::new();
    if chosen != *customer {
        records.pin(&mut edits, Key::Customer(id));
        edits.put(chosen);
    }
    Ok((edits, Reply::Chosen(id, choice)))
}

/// Gives a customer's own account new credentials, if they are still of this version: asked twice, once.
/// One person may do so once in `limits.replace_link_every`.
pub(super) fn replace_link(
    records: &Records<'_>,
    catalog: &Catalog,
    (id, by): (AccountId, &Person),
    version: u32,
    (now, ids): (UnixMs, &FreshIds),
) -> Result<Decided, Rejection> {
    // Nothing is taken away then: the old link would go on, and the new one would not work.
    if records.snapshot.in_amnesia() {
        return Err(Rejection::StoreDamaged);
    }
    let (owner, customer) = customer(records, by)?;
    let account = records.snapshot.account(id).filter(|account| account.customer == owner);
    let account = account.filter(|account| account.released().is_none());
    let account = account.ok_or(Rejection::UnknownAccount)?;
    let mut edits = Edits::new();
    if account.credentials.version != version {
        return Ok((edits, Reply::LinkReplaced(owner, id)));
    }
    let every = catalog.shop.limits.replace_link_every;
    let again = customer.replaced_link_at().map(|at| at + every);
    if let Some(again) = again.filter(|again| now < *again) {
        return Err(Rejection::TooSoon(again));
    }
    records.pin(&mut edits, Key::Account(id));
    edits.put(with_new_credentials(account.clone(), ids));
    records.pin(&mut edits, Key::Customer(owner));
    let at = |own: &mut OwnSettings| own.replaced_link_at = Some(now);
    edits.put(customer.with_own(at));
    Ok((edits, Reply::LinkReplaced(owner, id)))
}

fn customer<'a>(
    records: &Records<'a>,
    by: &Person,
) -> Result<(CustomerId, &'a Customer), Rejection> {
    let known = records.snapshot.customer_of(by.identity);
    let known = known.and_then(|id| Some((id, records.snapshot.customer(id)?)));
    known.ok_or(Rejection::UnknownAccount)
}
