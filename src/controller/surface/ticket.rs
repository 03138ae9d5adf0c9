//! The end of a ticket: said in its thread, which nobody writes in any more, and a week later forgotten.

use super::news::told_of;
use crate::controller::context::Context;
use crate::controller::error::Failure;
use crate::controller::nonce::nonce;
use crate::model::{
    DAY_MS, DurationMs, Edits, Key, OrderNews, Snapshot, Surface, SurfaceKey, Ticket, TicketId,
    UnixMs,
};
use crate::ports::{Chat, ChatError, Place};
use crate::view::Pages;

/// How long a closed ticket is remembered.
const REMEMBERED: DurationMs = DurationMs(7 * DAY_MS);

/// The ticket, while its thread is to show something. For a closed one no thread is opened, and once its end was
/// said nothing is done there any more.
pub(super) fn wants_thread<'s>(
    snapshot: &'s Snapshot,
    id: TicketId,
    surface: &Surface,
) -> Option<&'s Ticket> {
    let told = surface.told.is_some_and(|told| told.news == OrderNews::Over);
    let to_end = surface.channel.is_some() && !told;
    snapshot.ticket(id).filter(|ticket| ticket.is_open() || to_end)
}

/// Says in the thread of a closed ticket that it is, and closes the thread. It is done again until that is written
/// down with the surface; the message is found again.
pub(super) async fn end(
    chat: &dyn Chat,
    pages: &Pages<'_>,
    snapshot: &Snapshot,
    surface: &mut Surface,
) -> Result<(), ChatError> {
    let SurfaceKey::TicketThread(id) = surface.key else { return Ok(()) };
    let closed = wants_thread(snapshot, id, surface);
    let Some((ticket, closed)) = closed.and_then(|ticket| Some((ticket, ticket.closed.as_ref()?)))
    else {
        return Ok(());
    };
    let Some(thread) = surface.channel else { return Ok(()) };
    let (place, nonce) = (Place::Channel(thread), nonce(&format!("over {id}")));
    if chat.find(place, &nonce).await?.is_none() {
        chat.post(place, &pages.ticket_over(ticket), &nonce).await?;
    }
    chat.close_thread(thread).await?;
    surface.told = Some(told_of(OrderNews::Over, closed.at));
    Ok(())
}

/// Opens the thread of an open ticket again that was closed: by a record that a backup does not have, which said
/// so in the first message, too. Answers whether it was.
pub(super) async fn open_again(
    chat: &dyn Chat,
    snapshot: &Snapshot,
    surface: &Surface,
) -> Result<bool, ChatError> {
    let SurfaceKey::TicketThread(id) = surface.key else { return Ok(false) };
    let open = snapshot.ticket(id).is_some_and(Ticket::is_open);
    match surface.channel.filter(|_| open) {
        Some(thread) => chat.open_again(thread).await,
        None => Ok(false),
    }
}

/// Forgets a ticket that was closed a week ago and whose end people see; answers when that will be.
pub(super) async fn forget(ctx: &Context, id: TicketId) -> Result<Option<UnixMs>, Failure> {
    let snapshot = ctx.snapshot();
    let Some(closed) = snapshot.ticket(id).and_then(|ticket| ticket.closed.as_ref()) else {
        return Ok(None);
    };
    let from = closed.at + REMEMBERED;
    if ctx.now() < from {
        return Ok(Some(from));
    }
    if ctx.time().in_doubt() || snapshot.damaged().is_some() || !is_shown(ctx, &snapshot, id) {
        return Ok(None);
    }
    let mut edits = Edits::new();
    let surfaces = SurfaceKey::of_ticket(id).map(Key::Surface);
    for key in [Key::Ticket(id)].into_iter().chain(surfaces) {
        edits.expect(key.clone(), snapshot.version(&key));
        edits.delete(key);
    }
    ctx.commit(edits).await?;
    Ok(None)
}

/// Whether its thread and its card show what is due, where anything is.
fn is_shown(ctx: &Context, snapshot: &Snapshot, id: TicketId) -> bool {
    let Some(chat) = ctx.chat.as_deref() else { return false };
    let catalog = ctx.catalog();
    let pages = Pages::new(chat.front(), snapshot, &catalog, ctx.now());
    SurfaceKey::of_ticket(id).into_iter().all(|key| {
        let due = pages.surface(key).map(|message| message.fingerprint());
        due.is_none() || snapshot.surface(key).and_then(|s| s.shown.as_ref()) == due.as_ref()
    })
}
