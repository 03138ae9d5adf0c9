//! The surface key: a message or thread in Discord is made to show what the records say.

mod kept;
mod news;
mod put_away;
mod ticket;

pub(super) use kept::Kept;

use super::archive;
use super::context::Context;
use super::error::Failure;
use super::nonce::nonce;
use crate::catalog::{Catalog, OrderSpace};
use crate::model::{
    DurationMs, HOUR_MS, MINUTE_MS, OrderId, OrderState, Snapshot, Surface, SurfaceKey, Ticket,
    UnixMs,
};
use crate::ports::{Chat, ChatError, Place, Posted, Space};
use crate::view::{Message, Pages};
use std::borrow::Cow;

/// How often it is seen whether an order that would wait for a server still would.
const LOOK_FOR_A_SERVER: DurationMs = DurationMs(MINUTE_MS);
/// How often a surface is looked for that is less urgent than [`Cadence`](super::Cadence) has it.
const LOOK_SELDOM: DurationMs = DurationMs(HOUR_MS);

/// Makes one surface show what it should. When that is all there was to do its order's thread is put away and
/// its order offered to be archived, each in its time, and a ticket that was closed long ago is forgotten.
pub(super) async fn run(ctx: &Context, key: SurfaceKey) -> Result<Option<UnixMs>, Failure> {
    let catalog = ctx.catalog();
    let snapshot = ctx.snapshot();
    let drawn = ctx
        .chat
        .as_deref()
        .and_then(|chat| Pages::new(chat.front(), &snapshot, &catalog, ctx.now()).surface(key));
    let again = match drawn {
        Some(message) => keep(ctx, key, message).await?,
        None => None,
    };
    let away = match key {
        SurfaceKey::OrderThread(order) => put_away(ctx, key, order).await?,
        SurfaceKey::ReviewCard(_)
        | SurfaceKey::TicketThread(_)
        | SurfaceKey::TicketCard(_)
        | SurfaceKey::StorePanel
        | SurfaceKey::Alerts
        | SurfaceKey::Stats => None,
    };
    let over = match key {
        SurfaceKey::OrderThread(order) | SurfaceKey::ReviewCard(order) => {
            archive::offer(ctx, order)
        }
        SurfaceKey::TicketThread(id) | SurfaceKey::TicketCard(id) => {
            ticket::forget(ctx, id).await?
        }
        SurfaceKey::StorePanel | SurfaceKey::Alerts | SurfaceKey::Stats => None,
    };
    Ok(again.into_iter().chain(away).chain(over).min())
}

/// Puts an order's thread away when its time is over; answers when that will be. Of an order that has left
/// memory, or that has no thread, there is nothing to put away and nothing to write down.
async fn put_away(
    ctx: &Context,
    key: SurfaceKey,
    order: OrderId,
) -> Result<Option<UnixMs>, Failure> {
    let snapshot = ctx.snapshot();
    let mut kept = Kept::read(&snapshot, key);
    if kept.stored.is_none() {
        return Ok(None);
    }
    let due = put_away::run(ctx, &snapshot, order, &mut kept).await?;
    kept.save(ctx).await?;
    Ok(due)
}

/// Makes one surface show this message.
pub(super) async fn keep(
    ctx: &Context,
    key: SurfaceKey,
    message: Message,
) -> Result<Option<UnixMs>, Failure> {
    let Some(chat) = ctx.chat.as_deref() else {
        return Ok(None);
    };
    let catalog = ctx.catalog();
    let snapshot = ctx.snapshot();
    let (now, wall) = (ctx.now(), ctx.wall());
    let look_again = ctx.cadence().surfaces;
    let of_an_order = matches!(key, SurfaceKey::OrderThread(_) | SurfaceKey::ReviewCard(_));
    if of_an_order && snapshot.damaged().is_some() {
        // What stands there may be all that is left of what was lost.
        return Ok(Some(wall + look_again));
    }
    let fingerprint = message.fingerprint();
    let mut kept = Kept::read(&snapshot, key);
    kept.follow(&catalog);
    let refused_before = kept.surface.refused.as_ref().is_some_and(|r| r.content == fingerprint);
    let since_try = ctx.surface_checks.last(key, wall).map(|at| wall.since(at));
    let pages = Pages::new(chat.front(), &snapshot, &catalog, now);
    let news = news::untold(&pages, &snapshot, &kept.surface);
    news::settle(&pages, &mut kept.surface);
    if kept.stored.is_some() {
        kept.save(ctx).await?;
    }
    if kept.surface.is_deleted() && kept.surface.channel.is_none() {
        if news.is_none() {
            return Ok(None);
        }
        // What there is to tell is told in a new channel.
        kept.forget_message();
    }
    if refused_before && since_try.is_some_and(|t| t < look_again) {
        return Ok(next(ctx, &snapshot, key, now));
    }
    let mut result = if kept.surface.shown.as_ref() == Some(&fingerprint) {
        let due = looked_for_every(ctx, &snapshot, key, now)
            .is_some_and(|period| since_try.is_none_or(|t| t >= period));
        if !due && !refused_before && news.is_none() {
            return Ok(next(ctx, &snapshot, key, now));
        }
        match due || refused_before {
            true => look(ctx, chat, &catalog, &snapshot, &mut kept, &message).await,
            false => Ok(()),
        }
    } else {
        match show(ctx, chat, &catalog, &snapshot, &mut kept, &message).await {
            Ok(()) => {
                ticket::end(chat, &pages, &snapshot, &mut kept.surface).await.map_err(Shown::Chat)
            }
            failed => failed,
        }
    };
    if let (Ok(()), Some(news)) = (&result, news) {
        kept.surface.shown = Some(fingerprint.clone());
        let told = news::tell(ctx, chat, &catalog, &snapshot, &mut kept.surface, news).await;
        result = told.map_err(Shown::Chat);
        if result.is_err() {
            // What stands there need not be drawn again.
            kept.save(ctx).await?;
        }
    }
    match result {
        Ok(()) => {
            match looked_for_every(ctx, &snapshot, key, now) {
                Some(_) => ctx.surface_checks.note(key, wall),
                None => ctx.surface_checks.forget(key),
            }
            kept.surface.shown = Some(fingerprint);
            kept.surface.refused = None;
        }
        Err(Shown::Failed(failure)) => return Err(failure),
        Err(Shown::Chat(error)) => {
            if let Some(failure) = kept.failed(ctx, &error, &fingerprint).await? {
                return Err(failure);
            }
        }
    }
    kept.save(ctx).await?;
    ctx.clock.crash_point("surface.after_record");
    Ok(next(ctx, &ctx.snapshot(), key, now))
}

/// How often it is made sure that a surface is there: the shop's door, what staff must decide, and
/// where customers read how to pay. Nobody waits for the others.
fn looked_for_every(
    ctx: &Context,
    snapshot: &Snapshot,
    key: SurfaceKey,
    now: UnixMs,
) -> Option<DurationMs> {
    let look_again = ctx.cadence().surfaces;
    let id = match key {
        SurfaceKey::OrderThread(id) | SurfaceKey::ReviewCard(id) => id,
        SurfaceKey::TicketThread(id) | SurfaceKey::TicketCard(id) => {
            let open = snapshot.ticket(id).is_some_and(Ticket::is_open);
            let is_thread = matches!(key, SurfaceKey::TicketThread(_));
            let every = if is_thread { LOOK_SELDOM.max(look_again) } else { look_again };
            return open.then_some(every);
        }
        SurfaceKey::StorePanel | SurfaceKey::Alerts | SurfaceKey::Stats => return Some(look_again),
    };
    match (key, snapshot.order(id)?.state(now)) {
        (SurfaceKey::ReviewCard(_), OrderState::AwaitingReview) => Some(look_again),
        (SurfaceKey::OrderThread(_), OrderState::AwaitingPayment | OrderState::AwaitingReview) => {
            Some(LOOK_SELDOM.max(look_again))
        }
        _ => None,
    }
}

/// Whether the message is still there, and whoever it is for may answer.
async fn look(
    ctx: &Context,
    chat: &dyn Chat,
    catalog: &Catalog,
    snapshot: &Snapshot,
    kept: &mut Kept,
    message: &Message,
) -> Result<(), Shown> {
    if ticket::open_again(chat, snapshot, &kept.surface).await? {
        return show(ctx, chat, catalog, snapshot, kept, message).await;
    }
    if let (Some(channel), Some(message)) = (kept.surface.channel, kept.surface.message) {
        chat.check_exists(&Posted { channel, message }).await?;
    }
    Ok(())
}

enum Shown {
    Chat(ChatError),
    Failed(Failure),
}
impl From<ChatError> for Shown {
    fn from(error: ChatError) -> Self {
        Self::Chat(error)
    }
}
impl From<Failure> for Shown {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

async fn show(
    ctx: &Context,
    chat: &dyn Chat,
    catalog: &Catalog,
    snapshot: &Snapshot,
    kept: &mut Kept,
    message: &Message,
) -> Result<(), Shown> {
    let place = place(ctx, chat, catalog, snapshot, kept).await?;
    let Some((channel, new)) = place else { return Ok(()) };
    let surface = &mut kept.surface;
    if let Some(message_id) = surface.message {
        chat.edit(&Posted { channel, message: message_id }, message).await?;
        surface.put_away = false;
        return Ok(());
    }
    // The number of posts is part of the nonce: the same post again is found, a repost is new.
    let nonce = nonce(&format!("{} {}", surface.key, surface.posts));
    let place = Place::Channel(channel);
    // A thread that this very run has opened holds nothing of ours yet.
    let known = if new { None } else { chat.find(place, &nonce).await? };
    let posted = match known {
        Some(posted) => {
            chat.edit(&posted, message).await?;
            posted
        }
        None => {
            ctx.clock.crash_point("surface.before_post");
            let posted = chat.post(place, &calling_once(message, surface), &nonce).await?;
            ctx.clock.crash_point("surface.after_post");
            posted
        }
    };
    surface.channel = Some(posted.channel);
    surface.message = Some(posted.message);
    surface.posts += 1;
    surface.put_away = false;
    Ok(())
}

/// The message as it is posted: staff were called when the surface first appeared.
fn calling_once<'m>(message: &'m Message, surface: &Surface) -> Cow<'m, Message> {
    if surface.posts == 0 || message.calls_roles.is_empty() {
        return Cow::Borrowed(message);
    }
    Cow::Owned(Message { calls_roles: Vec::new(), ..message.clone() })
}

/// The channel or thread a surface stands in. A thread is found again by its name, and its customer
/// let in again: a crash may have come between the two. And whether it was opened just now.
async fn place(
    ctx: &Context,
    chat: &dyn Chat,
    catalog: &Catalog,
    snapshot: &Snapshot,
    kept: &mut Kept,
) -> Result<Option<(u64, bool)>, Shown> {
    let below = Space::ThreadBelow(catalog.shop.channels.orders);
    let (whose, name, space) = match kept.surface.key {
        SurfaceKey::OrderThread(id) => {
            let orders = &catalog.shop.orders;
            let space = match orders.space {
                OrderSpace::PrivateThread => below,
                OrderSpace::Channel => Space::ChannelIn(&orders.categories),
            };
            let whose = snapshot.order(id).map(|order| order.customer);
            (whose, Pages::thread_name(id), space)
        }
        SurfaceKey::TicketThread(id) => {
            let wanted = ticket::wants_thread(snapshot, id, &kept.surface);
            (wanted.map(|ticket| ticket.customer), Pages::ticket_thread_name(id), below)
        }
        key => return Ok(kept::fixed_channel(catalog, key).map(|channel| (channel, false))),
    };
    let Some(whose) = whose else { return Ok(None) };
    if let Some(thread) = kept.surface.channel {
        return Ok(Some((thread, false)));
    }
    let Some(member) = snapshot.reached_at(whose) else { return Ok(None) };
    let opened = chat.open(space, &name, member).await?;
    // What stood in a place that is gone is not in this one.
    kept.forget_message();
    kept.surface.channel = Some(opened.thread);
    kept.surface.own_channel = matches!(space, Space::ChannelIn(_));
    kept.save(ctx).await?;
    Ok(Some((opened.thread, opened.new)))
}

/// When a surface is to be seen to again.
fn next(ctx: &Context, snapshot: &Snapshot, key: SurfaceKey, now: UnixMs) -> Option<UnixMs> {
    let of_itself = next_of_itself(ctx, snapshot, key, now);
    of_itself.into_iter().chain(next_look_for_a_server(ctx, snapshot, key, now)).min()
}

/// An order that would wait for a server says so until one is back.
fn next_look_for_a_server(
    ctx: &Context,
    snapshot: &Snapshot,
    key: SurfaceKey,
    now: UnixMs,
) -> Option<UnixMs> {
    let (SurfaceKey::OrderThread(id) | SurfaceKey::ReviewCard(id)) = key else { return None };
    let (order, chat, catalog) = (snapshot.order(id)?, ctx.chat.as_deref()?, ctx.catalog());
    let waits = Pages::new(chat.front(), snapshot, &catalog, now).waits_for_server(order);
    waits.then(|| ctx.wall() + LOOK_FOR_A_SERVER)
}

/// When a surface changes by itself (an order that is not paid in time), or is looked for again, or
/// tried again because Discord refused it.
fn next_of_itself(
    ctx: &Context,
    snapshot: &Snapshot,
    key: SurfaceKey,
    now: UnixMs,
) -> Option<UnixMs> {
    let refused = snapshot.surface(key).is_some_and(|s| s.refused.is_some());
    let look_again = ctx.cadence().surfaces;
    if refused || looked_for_every(ctx, snapshot, key, now) == Some(look_again) {
        let wall = ctx.wall();
        return Some(ctx.surface_checks.last(key, wall).unwrap_or(wall) + look_again);
    }
    let (SurfaceKey::OrderThread(id) | SurfaceKey::ReviewCard(id)) = key else { return None };
    let order = snapshot.order(id)?;
    let lapses = match order.state(now) {
        OrderState::AwaitingPayment => order.pay_by,
        OrderState::AwaitingReview => order.place_until(),
        _ => return None,
    };
    (lapses > now).then_some(lapses + DurationMs(1))
}
