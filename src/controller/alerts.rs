//! The channel for alerts: a card that says what needs a person, and a message of its own for what is new
//! or over.

use super::context::Context;
use super::error::Failure;
use super::nonce::nonce;
use super::surface::{Kept, keep};
use crate::alerts::{Standing, Untold, reasons_of_records, standing, untold};
use crate::model::{DurationMs, SECOND_MS, SurfaceKey, UnixMs};
use crate::ports::{Chat, ChatClass, ChatError, Place};
use crate::view::Pages;

/// What no record tells, such as a broken file, is looked at this often.
const LOOK: DurationMs = DurationMs(15 * SECOND_MS);
const KEY: SurfaceKey = SurfaceKey::Alerts;

/// Keeps the card, and tells what is new.
pub(super) async fn run(ctx: &Context) -> Result<Option<UnixMs>, Failure> {
    let catalog = ctx.catalog();
    let Some(chat) = ctx.chat.as_deref().filter(|_| catalog.shop.channels.alerts.is_some()) else {
        return Ok(None);
    };
    let (snapshot, time) = (ctx.snapshot(), ctx.time());
    // In doubt the time stands still, and what is wrong goes on.
    let now = if time.in_doubt() { ctx.wall() } else { time.now };
    let mut reasons = reasons_of_records(&snapshot, time);
    reasons.extend(ctx.reasons.iter().flat_map(|source| source()));
    let Standing { alerts, next } = standing(&snapshot, &catalog, &reasons, now);
    let pages = Pages::new(&snapshot, &catalog, now);
    let again = keep(ctx, KEY, pages.alerts(&alerts)).await?;
    let mut kept = Kept::read(&ctx.snapshot(), KEY);
    let told = kept.surface.alerts.as_deref();
    let mut later = next;
    if let Some(untold) = untold(&alerts, told).filter(|_| kept.surface.refused.is_none()) {
        if untold.from > now {
            later = Some(later.map_or(untold.from, |later| later.min(untold.from)));
        } else {
            tell(ctx, chat, &pages, &mut kept, &untold, now).await?;
        }
    }
    let wall = ctx.wall();
    let later = later.map(|at| wall + at.since(now));
    Ok(again.into_iter().chain(later).chain([wall + LOOK]).min())
}

/// A crash may have come between an earlier try and its record.
async fn tell(
    ctx: &Context,
    chat: &dyn Chat,
    pages: &Pages<'_>,
    kept: &mut Kept,
    untold: &Untold<'_>,
    now: UnixMs,
) -> Result<(), Failure> {
    let Some(channel) = kept.surface.channel else { return Ok(()) };
    let before = kept.surface.alerts.as_deref();
    let told = untold.told(before, now);
    let since = before.map_or(0, |told| told.at.0);
    let nonce = nonce(&format!("alerts {since} {:?}", told.names));
    let place = Place::Channel(channel);
    let posted = async {
        if chat.find(place, &nonce).await?.is_none() {
            ctx.clock.crash_point("surface.before_news");
            chat.post(place, &pages.alerts_news(untold), &nonce).await?;
            ctx.clock.crash_point("surface.after_news");
        }
        Ok::<_, ChatError>(())
    };
    match posted.await {
        Ok(()) => {
            kept.surface.alerts = Some(Box::new(told));
            kept.save(ctx).await
        }
        // It is told when the card can be shown again.
        Err(error) if error.class == ChatClass::Refused => Ok(()),
        Err(error) => Err(Failure::from(error)),
    }
}
