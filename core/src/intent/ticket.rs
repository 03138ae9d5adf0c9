//! A customer's question to a person of the staff: opened once at a time and so often a day, and closed by
//! its customer or by staff. Between the two it is kept since when the customer waits for an answer.

use super::records::{Decided, Records};
use super::{FreshIds, Person, Rejection, Reply, Staff, TicketRequest, TicketWord, customer};
use crate::catalog::Catalog;
use crate::model::{
    Customer, CustomerId, DAY_MS, DurationMs, Edits, Key, MINUTE_MS, Record, Ticket, TicketClosing,
    TicketId, UnixMs,
};

/// So many tickets a customer opens within [`WITHIN`] at the most.
const MOST: usize = 5;
/// See [`MOST`].
const WITHIN: DurationMs = DurationMs(DAY_MS);

/// Opens a ticket, or finds the one that is open. Whoever the shop takes no orders from may ask, too.
pub(super) fn open(
    records: &Records<'_>,
    asked: &TicketRequest,
    now: UnixMs,
    ids: &FreshIds,
) -> Result<Decided, Rejection> {
    let snapshot = records.snapshot;
    let known = snapshot.customer_of(asked.customer.identity);
    // A redelivered click finds its ticket again, closed since or not.
    let id = asked.interaction.ticket_id();
    let stands = snapshot.ticket(id).or_else(|| snapshot.open_ticket(known?));
    if let Some(stands) = stands {
        return Ok((Edits::new(), Reply::TicketOpened(stands.id)));
    }
    let before =
        known.and_then(|id| snapshot.customer(id)).map_or(&[][..], Customer::opened_tickets);
    let mut opened: Vec<UnixMs> = before.iter().copied().filter(|at| now < *at + WITHIN).collect();
    if let Some(again) = opened.len().checked_sub(MOST).and_then(|nth| opened.get(nth)) {
        return Err(Rejection::TooManyTickets(*again + WITHIN));
    }
    opened.push(now);
    let mut edits = Edits::new();
    let (who, language) = (&asked.customer, asked.language);
    let customer = customer::of_person(records, who, language, (now, ids), &mut edits);
    note(records, customer, opened, &mut edits);
    edits.insert(Ticket {
        id,
        customer,
        opened_at: now,
        waits_since: None,
        answered_at: None,
        closed: None,
    });
    Ok((edits, Reply::TicketOpened(id)))
}

/// Keeps with a customer when they opened tickets. That record is the lock: of two at once the second conflicts,
/// and finds the first.
fn note(records: &Records<'_>, id: CustomerId, opened: Vec<UnixMs>, edits: &mut Edits) {
    let key = Key::Customer(id);
    let changed = match edits.puts.get(&key) {
        Some(Record::Customer(customer)) => Some(customer.clone()),
        _ => records.snapshot.customer(id).cloned(),
    };
    let Some(customer) = changed else { return };
    if !edits.expect.contains_key(&key) {
        records.pin(edits, key);
    }
    edits.put(customer.with_own(|own| own.opened_tickets = opened));
}

/// Closes a ticket. What is closed stays as it is.
pub(super) fn close(
    records: &Records<'_>,
    catalog: &Catalog,
    id: TicketId,
    by: &Staff,
    now: UnixMs,
) -> Result<Decided, Rejection> {
    let snapshot = records.snapshot;
    let ticket = snapshot.ticket(id).ok_or(Rejection::UnknownTicket)?;
    let whose = |person: &Person| snapshot.customer_of(person.identity);
    let is_theirs = matches!(by, Staff::Member(person) if whose(person) == Some(ticket.customer));
    if !is_theirs && !by.may_look(catalog) {
        return Err(Rejection::UnknownTicket);
    }
    let mut edits = Edits::new();
    if ticket.is_open() {
        records.pin(&mut edits, Key::Ticket(id));
        let closed = Some(Box::new(TicketClosing { by: by.actor(), at: now }));
        edits.put(Ticket { closed, ..ticket.clone() });
    }
    Ok((edits, Reply::TicketClosed(id)))
}

/// Notes who waits for whom: its customer, since their first word after the last one of staff. What others write
/// is talk, and so is everything in a closed one.
pub(super) fn heard(
    records: &Records<'_>,
    catalog: &Catalog,
    word: &TicketWord,
    now: UnixMs,
) -> Result<Decided, Rejection> {
    let ticket = records.snapshot.ticket(word.ticket).ok_or(Rejection::UnknownTicket)?;
    let whose = records.snapshot.customer_of(word.by.identity);
    let (mut heard, at) = (ticket.clone(), word.at.min(now));
    if whose == Some(ticket.customer) {
        if ticket.answered_at.is_none_or(|answered| answered < at) {
            heard.waits_since = Some(ticket.waits_since.map_or(at, |since| since.min(at)));
        }
    } else if catalog.shop.roles.may_look(&word.by.roles) && tells_more(ticket, at) {
        heard.answered_at = ticket.answered_at.max(Some(at));
        heard.waits_since = ticket.waits_since.filter(|since| *since > at);
    }
    let mut edits = Edits::new();
    if ticket.is_open() && heard != *ticket {
        records.pin(&mut edits, Key::Ticket(ticket.id));
        edits.put(heard);
    }
    Ok((edits, Reply::TicketHeard(word.ticket)))
}

/// Whether a word of staff tells more than is kept: somebody waited for it, or the last one was a while ago.
fn tells_more(ticket: &Ticket, at: UnixMs) -> bool {
    let answered = ticket.answered_at.is_none_or(|before| before + DurationMs(MINUTE_MS) <= at);
    answered || ticket.waits_since.is_some_and(|since| since <= at)
}
