//! What became of an order, by a message of its own in its thread.

use crate::catalog::Catalog;
use crate::controller::context::Context;
use crate::controller::nonce::{HOLDS, nonce};
use crate::model::{
    DAY_MS, DurationMs, OrderId, OrderNews, SECOND_MS, Snapshot, Surface, SurfaceKey, ToldNews,
    UnixMs,
};
use crate::ports::{Chat, ChatError, Place};
use crate::view::Pages;

/// Nobody wants to be told of it later than that.
const STILL_NEWS: DurationMs = DurationMs(DAY_MS);

/// Something to tell, and since when it is so.
#[derive(Debug, Clone, Copy)]
pub(super) struct News {
    order: OrderId,
    what: OrderNews,
    at: UnixMs,
}

/// What is to be told in an order's thread.
pub(super) fn untold(pages: &Pages<'_>, snapshot: &Snapshot, surface: &Surface) -> Option<News> {
    let SurfaceKey::OrderThread(order) = surface.key else { return None };
    // What an old backup lacks may be the payment of an order.
    if snapshot.in_amnesia() {
        return None;
    }
    let (what, at) = pages.order_news(order)?;
    let is_told = surface.told.is_some_and(|told| match what {
        // A second picture, and a link that is tried again, are no news.
        OrderNews::InReview | OrderNews::Undelivered => told.news == what,
        _ => told == told_of(what, at),
    });
    let is_new = !is_told && !has_arrived(surface, what) && pages.now().since(at) < STILL_NEWS;
    is_new.then_some(News { order, what, at })
}

/// Whether the link arrived of which it was told that it could not be sent: who opens their direct messages
/// again hears of it there, and the next one that cannot be sent is news.
fn has_arrived(surface: &Surface, what: OrderNews) -> bool {
    let told = surface.told.map(|told| told.news);
    told == Some(OrderNews::Undelivered) && what == OrderNews::Approved
}

pub(super) fn told_of(news: OrderNews, at: UnixMs) -> ToldNews {
    ToldNews { news, at_s: u32::try_from(at.0 / SECOND_MS).unwrap_or(u32::MAX) }
}

/// Writes down that the link has arrived, where it was told that it could not be sent.
pub(super) fn settle(pages: &Pages<'_>, surface: &mut Surface) {
    let SurfaceKey::OrderThread(order) = surface.key else { return };
    let news = pages.order_news(order);
    if let Some((what, at)) = news.filter(|(what, _)| has_arrived(surface, *what)) {
        surface.told = Some(told_of(what, at));
    }
}

/// Tells it. A crash may have come between an earlier try and its record.
pub(super) async fn tell(
    ctx: &Context,
    chat: &dyn Chat,
    catalog: &Catalog,
    snapshot: &Snapshot,
    surface: &mut Surface,
    News { order, what, at }: News,
) -> Result<(), ChatError> {
    let now = ctx.now();
    let message = Pages::new(chat.front(), snapshot, catalog, now).order_news_message(order, what);
    let (Some(message), Some(thread)) = (message, surface.channel) else { return Ok(()) };
    let nonce = nonce(&format!("news {order} {what:?} {}", at.0));
    let place = Place::Channel(thread);
    // In doubt the time stands still.
    let may_stand = now.since(at) > HOLDS || ctx.time().in_doubt();
    if !may_stand || chat.find(place, &nonce).await?.is_none() {
        ctx.clock.crash_point("surface.before_news");
        chat.post(place, &message, &nonce).await?;
        ctx.clock.crash_point("surface.after_news");
    }
    surface.told = Some(told_of(what, at));
    surface.put_away = false;
    Ok(())
}
