//! What names a customer who was forgotten goes step by step: the threads of their orders and questions, the pictures of
//! their payments, the name that their client had, and where they were known in the audit. How far that has come stands
//! in their record, and each step is done again until it does: whoever ends in between is gone on from there.

use super::context::Context;
use super::error::Failure;
use super::keys::WorkKey;
use super::{archive, proofs};
use crate::model::{
    Account, AccountId, Customer, CustomerId, DAY_MS, DurationMs, Edits, Forgotten, Key, Kind,
    MINUTE_MS, Order, OrderId, PaymentReference, Record, Snapshot, Surface, SurfaceKey,
    TicketClosing, TicketId, ToForget, UnixMs, Verdict, first_ulid_at,
};
use crate::ports::{ChatClass, Span};
use std::ops::Bound;

/// The pause after a step: customers go first.
const PAUSE: DurationMs = DurationMs(200);
/// How soon it is looked again while it may not be gone on, or pictures are not gone yet.
const SOON: DurationMs = DurationMs(MINUTE_MS);
/// So many lines of the audit are looked at in one step.
const LINES: usize = 100;

/// The next step for a customer of whom something is not gone yet.
pub(super) async fn run(ctx: &Context, id: CustomerId) -> Result<Option<UnixMs>, Failure> {
    let snapshot = ctx.snapshot();
    let customer = snapshot.customer(id);
    let Some((customer, forgotten)) = customer.and_then(|c| Some((c, c.forgotten()?))) else {
        return Ok(None);
    };
    let Some(left) = &forgotten.left else { return Ok(None) };
    // What an old backup lacks may be that somebody came back.
    let may = archive::may_archive(ctx, &snapshot) && !snapshot.in_amnesia();
    let Some(step) = next_step(&snapshot, id, left).filter(|_| may) else {
        return Ok(Some(ctx.wall() + SOON));
    };
    let (mut next, mut edits) = (Some(left.clone()), Edits::new());
    match step {
        Step::Order(id) => {
            clear_order(ctx, left, id, &mut edits).await?;
            next = Some(ToForget { order: Some(id), ..left.clone() });
        }
        Step::Ticket(id) => {
            clear_ticket(ctx, &snapshot, customer.id, left, id, &mut edits).await?;
            next = Some(ToForget { ticket: Some(id), ..left.clone() });
        }
        Step::Account(id) => clear_account(&snapshot, id, &mut edits),
        Step::Lines => {
            let last = clear_lines(ctx, &snapshot, customer, left, &mut edits).await?;
            next = Some(match last {
                Some(last) => ToForget { audit: Some(last.into()), ..left.clone() },
                None => ToForget { identities: [].into(), audit: None, ..left.clone() },
            });
        }
        Step::End => next = None,
    }
    if next.is_none() {
        tracing::info!(customer.id = %customer.id, "nothing names a forgotten customer any more");
    }
    let key = Key::Customer(customer.id);
    edits.expect(key.clone(), snapshot.version(&key));
    edits.put(customer.with_forgotten(Forgotten { at: forgotten.at, left: next }));
    ctx.commit(edits).await?;
    ctx.enqueue(WorkKey::Proofs, ctx.wall());
    Ok(Some(ctx.wall() + PAUSE))
}

/// What is to be done next.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    Order(OrderId),
    Ticket(TicketId),
    Account(AccountId),
    Lines,
    End,
}

/// The next step; `None` while pictures are being deleted, or an adopted client is still found by its name.
fn next_step(snapshot: &Snapshot, customer: CustomerId, left: &ToForget) -> Option<Step> {
    let after = left.order.map_or(Bound::Unbounded, Bound::Excluded);
    let orders = snapshot.orders_of(customer);
    if let Some(order) = orders.range((after, Bound::Unbounded)).next() {
        return Some(Step::Order(*order));
    }
    let mut tickets = snapshot.tickets_of(customer);
    if let Some(ticket) = tickets.find(|id| left.ticket.is_none_or(|done| done < *id)) {
        return Some(Step::Ticket(ticket));
    }
    let mut accounts = snapshot.accounts_of(customer);
    if let Some(account) = accounts.find(|account| cleared(snapshot, account).is_some()) {
        return Some(Step::Account(account.id));
    }
    if !left.identities.is_empty() {
        return Some(Step::Lines);
    }
    let is_named = |account: &Account| account.adopted().is_some_and(|was| !was.email.is_empty());
    let waits = orders.iter().any(|order| snapshot.keeps_pictures(*order))
        || snapshot.accounts_of(customer).any(is_named);
    (!waits).then_some(Step::End)
}

/// An order's thread goes with all that was written there, its pictures are deleted like those whose time is over,
/// and nothing in its record says who gave it up.
async fn clear_order(
    ctx: &Context,
    left: &ToForget,
    id: OrderId,
    edits: &mut Edits,
) -> Result<(), Failure> {
    delete_thread(ctx, SurfaceKey::OrderThread(id), edits).await?;
    let Some((version, order)) = proofs::read(ctx, id).await? else { return Ok(()) };
    let mut cleared = left.cleared(order.clone());
    free_numbers(ctx, &order, edits).await?;
    edits.expect(Key::Order(id), Some(version));
    if order.deleting.is_none() && order.kept_proofs().next().is_some() {
        let now = ctx.now();
        for proof in cleared.evidence.iter_mut().filter(|proof| proof.deleted_at.is_none()) {
            proof.deleted_at = Some(now);
        }
        ctx.note_deleting(edits, cleared, now);
        return Ok(());
    }
    if let Some(chat) = ctx.chat.as_deref().filter(|_| order.archived) {
        proofs::clear_card(ctx, chat, &cleared).await?;
    }
    // Written also where it is the same: the card of one in memory is drawn anew.
    edits.put(cleared);
    Ok(())
}

/// What they typed for a payment's number and it was not approved with may be anything.
async fn free_numbers(ctx: &Context, order: &Order, edits: &mut Edits) -> Result<(), Failure> {
    let paid_with = match order.decision.as_ref().map(|decision| &decision.verdict) {
        Some(Verdict::Approved { reference, .. }) => reference.as_ref(),
        Some(Verdict::Declined { .. }) | None => None,
    };
    for key in PaymentReference::keys_of(order) {
        let Some(found) = ctx.store.get(&key).await? else { continue };
        if let Record::PaymentReference(held) = found.value
            && held.order == order.id
            && paid_with != Some(&held.reference)
        {
            edits.expect(key.clone(), Some(found.version));
            edits.delete(key);
        }
    }
    Ok(())
}

/// A question's thread goes, and its record does not say who closed it.
async fn clear_ticket(
    ctx: &Context,
    snapshot: &Snapshot,
    customer: CustomerId,
    left: &ToForget,
    id: TicketId,
    edits: &mut Edits,
) -> Result<(), Failure> {
    delete_thread(ctx, SurfaceKey::TicketThread(id), edits).await?;
    let Some(ticket) = snapshot.ticket(id) else { return Ok(()) };
    let mut ticket = ticket.clone();
    let renamed = |closing: &TicketClosing| left.renamed(&closing.by, customer);
    if let Some(by) = ticket.closed.as_deref().and_then(renamed)
        && let Some(closed) = &mut ticket.closed
    {
        closed.by = by;
    }
    edits.expect(Key::Ticket(id), snapshot.version(&Key::Ticket(id)));
    edits.put(ticket);
    Ok(())
}

/// Deletes a thread, once more too, and writes down that there is none. One that Discord refuses to delete is tried
/// again until it does not.
async fn delete_thread(ctx: &Context, key: SurfaceKey, edits: &mut Edits) -> Result<(), Failure> {
    let key = Key::Surface(key);
    let Some(found) = ctx.store.get(&key).await? else { return Ok(()) };
    let Record::Surface(surface) = found.value else { return Ok(()) };
    if let (Some(chat), Some(thread)) = (ctx.chat.as_deref(), surface.channel) {
        match chat.delete_thread(thread).await {
            Ok(()) => {}
            Err(error) => match error.class {
                ChatClass::ChannelGone | ChatClass::MessageGone => {}
                ChatClass::Later | ChatClass::Unknown | ChatClass::Closed | ChatClass::Refused => {
                    return Err(error.into());
                }
            },
        }
    }
    edits.expect(key, Some(found.version));
    // That something was posted stays: a channel that is deleted takes no room.
    edits.put(Surface { channel: None, shown: None, refused: None, ..surface });
    Ok(())
}

/// What an adopted client was called on its panel, and what stood beside it there, as far as that may go: by the name
/// it is found while it is there.
fn cleared(snapshot: &Snapshot, account: &Account) -> Option<Account> {
    let mut cleared = account.clone();
    let adopted = cleared.custody.as_deref_mut()?.adopted.as_mut()?;
    adopted.comment = String::new();
    if snapshot.binding(account.id, &adopted.server).is_none() {
        adopted.email = String::new();
    }
    (cleared != *account).then_some(cleared)
}

fn clear_account(snapshot: &Snapshot, id: AccountId, edits: &mut Edits) {
    let changed = snapshot.account(id).and_then(|account| cleared(snapshot, account));
    if let Some(account) = changed {
        edits.expect(Key::Account(id), snapshot.version(&Key::Account(id)));
        edits.put(account);
    }
}

/// Puts the shop's own id in the place of where they were known, in the next lines of the audit since they came;
/// answers the last one that was looked at, none where no more follow. What they did since they came back, as a new
/// customer, stays.
async fn clear_lines(
    ctx: &Context,
    snapshot: &Snapshot,
    customer: &Customer,
    left: &ToForget,
    edits: &mut Edits,
) -> Result<Option<String>, Failure> {
    let Some(forgotten) = customer.forgotten() else { return Ok(None) };
    let came = UnixMs(customer.created_at.0.saturating_sub(DAY_MS));
    let span = Span::of(Kind::Audit, LINES);
    let span = match &left.audit {
        Some(last) => span.after(&Key::Audit(last.to_string())),
        None => span.from(&Key::Audit(first_ulid_at(came))),
    };
    let lines = ctx.store.scan(span).await?;
    let mut last = None;
    for found in lines {
        let Record::Audit(mut line) = found.value else { continue };
        last = Some(line.id.clone());
        let came_back = || left.identities.iter().any(|who| snapshot.customer_of(*who).is_some());
        let Some(actor) = left.renamed(&line.actor, customer.id) else { continue };
        if line.at <= forgotten.at || !came_back() {
            edits.expect(Key::Audit(line.id.clone()), Some(found.version));
            line.actor = actor;
            edits.put(line);
        }
    }
    Ok(last)
}
