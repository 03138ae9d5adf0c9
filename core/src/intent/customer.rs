//! Whose an order or account becomes: the customer that somebody is, made here the first time.

use super::records::Records;
use super::{FreshIds, Person};
use crate::model::{
    Customer, CustomerId, CustomerIdentity, Edits, Identity, Key, Language, UnixMs,
};

/// The customer that a person is, by the name and in the language that their front shows now.
pub(super) fn of_person(
    records: &Records<'_>,
    person: &Person,
    language: Option<Language>,
    (now, ids): (UnixMs, &FreshIds),
    edits: &mut Edits,
) -> CustomerId {
    let known = records.snapshot.customer_of(person.identity);
    let Some(id) = known else {
        return made(person.identity, (&person.name, language), (now, ids), edits);
    };
    let Some(customer) = records.snapshot.customer(id) else {
        // The record is lost, and whose the identity is is not: nobody would be told anything.
        let name = person.name.as_str().into();
        edits.insert(Customer { name, language, ..Customer::bare(id, [person.identity]) });
        return id;
    };
    let newest = Customer {
        name: person.name.as_str().into(),
        language: language.or(customer.language),
        ..customer.clone()
    };
    if newest != *customer {
        records.pin(edits, Key::Customer(id));
        edits.put(newest);
    }
    id
}

/// A new customer. Two at once who are known as one conflict over the index: the second finds the first.
pub(super) fn made(
    identity: Identity,
    (name, language): (&str, Option<Language>),
    (now, ids): (UnixMs, &FreshIds),
    edits: &mut Edits,
) -> CustomerId {
    let id = ids.customer;
    edits.insert(CustomerIdentity { identity, customer: id });
    let (name, identities) = (name.into(), [identity].into());
    edits.insert(Customer {
        id,
        identities,
        name,
        language,
        created_at: now,
        own: None,
        note: None,
    });
    id
}
