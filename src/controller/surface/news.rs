//! What became of an order, by a message of its own in its thread.

use crate::catalog::Catalog;
use crate::controller::context::Context;
use crate::controller::nonce::{HOLDS, nonce};
use crate::model::{DAY_MS, DurationMs, OrderId, OrderNews, Snapshot, Surface, SurfaceKey, UnixMs};
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
pub(super) fn untold(
    snapshot: &Snapshot,
    catalog: &Catalog,
    surface: &Surface,
    now: UnixMs,
) -> Option<News> {
    let SurfaceKey::OrderThread(order) = surface.key else { return None };
    let (what, at) = Pages::new(snapshot, catalog, now).order_news(order)?;
    // Who opens their direct messages again hears of the link there.
    let again = surface.told == Some(OrderNews::Undelivered) && what == OrderNews::Approved;
    let is_new = surface.told != Some(what) && !again && now.since(at) < STILL_NEWS;
    is_new.then_some(News { order, what, at })
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
    let message = Pages::new(snapshot, catalog, now).order_news_message(order, what);
    let (Some(message), Some(thread)) = (message, surface.channel) else { return Ok(()) };
    let nonce = nonce(&format!("news {order} {what:?} {}", at.0));
    let place = Place::Channel(thread);
    let may_stand = now.since(at) > HOLDS;
    if !may_stand || chat.find(place, &nonce).await?.is_none() {
        ctx.clock.crash_point("surface.before_news");
        chat.post(place, &message, &nonce).await?;
        ctx.clock.crash_point("surface.after_news");
    }
    surface.told = Some(what);
    Ok(())
}
