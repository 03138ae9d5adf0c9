//! What staff write down of a customer, for each other.

use super::records::{Decided, Records};
use super::{NoteRequest, Rejection, Reply};
use crate::catalog::{Catalog, characters};
use crate::model::{Customer, Edits, Key, StaffNote, UnixMs};

/// Keeps a note in the place of the one before; an empty one takes that away. All staff may: no customer
/// sees it, and nothing follows from it.
pub(super) fn note(
    records: &Records<'_>,
    catalog: &Catalog,
    asked: &NoteRequest,
    now: UnixMs,
) -> Result<Decided, Rejection> {
    if !asked.staff.may_look(catalog) {
        return Err(Rejection::NotStaff);
    }
    let customer = records.snapshot.customer(asked.customer).ok_or(Rejection::UnknownCustomer)?;
    let text = characters::as_read(&asked.text);
    if text.chars().count() > StaffNote::MOST_CHARS {
        return Err(Rejection::NoteTooLong);
    }
    let mut edits = Edits::new();
    // The same again, such as by a redelivery, stays whose it was.
    if customer.note.as_deref().map_or("", |note| &note.text) != text {
        let note = StaffNote { text: text.into(), by: asked.staff.actor(), at: now };
        let note = Some(Box::new(note)).filter(|note| !note.text.is_empty());
        records.pin(&mut edits, Key::Customer(customer.id));
        edits.put(Customer { note, ..customer.clone() });
    }
    Ok((edits, Reply::Noted(customer.id)))
}
