//! The panel in the channel for statistics: looked at each minute and when something was taken, edited only when
//! a number of it is another one, and at most once a minute.

use super::context::Context;
use super::error::Failure;
use super::surface::keep;
use super::takings::takings_of;
use crate::model::{DurationMs, MINUTE_MS, SurfaceKey, SurfaceState, UnixMs};
use crate::revenue::Days;
use crate::view::Pages;

/// How often it may be edited, and is looked at.
const EVERY: DurationMs = DurationMs(MINUTE_MS);
const KEY: SurfaceKey = SurfaceKey::Stats;

/// Keeps the panel.
pub(super) async fn run(ctx: &Context) -> Result<Option<UnixMs>, Failure> {
    let catalog = ctx.catalog();
    let (Some(channel), Some(chat)) = (catalog.shop.channels.stats, ctx.chat.as_deref()) else {
        return Ok(None);
    };
    let (snapshot, wall, now) = (ctx.snapshot(), ctx.wall(), ctx.now());
    if snapshot.damaged().is_some() {
        // What was taken may be lost, too: the numbers of before stay.
        return Ok(Some(ctx.wall() + EVERY));
    }
    // One that somebody deleted is posted anew at once; one that Discord refuses is tried no more often.
    let stands = snapshot.surface(KEY).is_some_and(|surface| {
        surface.state() != SurfaceState::Pending && surface.channel.is_none_or(|at| at == channel)
    });
    let last = ctx.surface_checks.last(KEY, wall).filter(|_| stands);
    if let Some(next) = last.map(|last| last + EVERY).filter(|next| wall < *next) {
        return Ok(Some(next));
    }
    let lately = Days::today(now, &catalog.shop.time_zone).lately();
    let takings = takings_of(&*ctx.store, lately.of_utc()).await?;
    let pages = Pages::new(chat.front(), &snapshot, &catalog, now);
    keep(ctx, KEY, pages.stats_panel(&takings)).await?;
    Ok(Some(ctx.wall() + EVERY))
}
