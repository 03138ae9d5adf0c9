//! The channel for alerts: a card that says what needs a person, and a message of its own for what is new
//! or over.

use super::context::Context;
use super::error::Failure;
use super::nonce::nonce;
use super::surface::{Kept, keep};
use crate::alerts::{Alert, everything, lowered, reasons_of_records, untold};
use crate::model::{DurationMs, SECOND_MS, SurfaceKey, ToldAlerts, UnixMs};
use crate::ports::{Chat, ChatError, Place};
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
    let (snapshot, time, at) = (ctx.snapshot(), ctx.time(), ctx.clock.moment().monotonic);
    // In doubt the time stands still, and what is wrong goes on.
    let now = if time.in_doubt() { ctx.wall().max(time.now) } else { time.now };
    let mut reasons = reasons_of_records(&snapshot, time);
    reasons.extend(ctx.reasons.iter().flat_map(|source| source()));
    let so = everything(&snapshot, &catalog, &reasons);
    let told = of(&Kept::read(&snapshot, KEY));
    let (standing, over) = {
        let mut times = ctx.alert_times.lock();
        times.note(&so, &told, at);
        (times.standing(so.clone(), &told, now, at), times.over(&so, at))
    };
    let pages = Pages::new(chat.front(), &snapshot, &catalog, now);
    let again = keep(ctx, KEY, pages.alerts(&standing)).await?;
    let mut kept = Kept::read(&ctx.snapshot(), KEY);
    if kept.surface.refused.is_none() {
        let mut told = lowered(&standing, told);
        told.telling = told.telling.take().or_else(|| untold(&standing, over, &told, now));
        kept.surface.alerts = Some(Box::new(told));
        kept.save(ctx).await?;
        tell(ctx, chat, &pages, &mut kept, &so).await?;
    }
    Ok(again.into_iter().chain([ctx.wall() + LOOK]).min())
}

fn of(kept: &Kept) -> ToldAlerts {
    kept.surface.alerts.as_deref().cloned().unwrap_or_default()
}

/// Tells what is to be told, the same message after a crash.
async fn tell(
    ctx: &Context,
    chat: &dyn Chat,
    pages: &Pages<'_>,
    kept: &mut Kept,
    so: &[Alert],
) -> Result<(), Failure> {
    let told = of(kept);
    let (Some(telling), Some(channel)) = (&told.telling, kept.surface.channel) else {
        return Ok(());
    };
    let nonce = nonce(&format!("alerts {telling:?}"));
    let place = Place::Channel(channel);
    let posted = async {
        if chat.find(place, &nonce).await?.is_none() {
            ctx.clock.crash_point("surface.before_news");
            chat.post(place, &pages.alerts_news(telling, so), &nonce).await?;
            ctx.clock.crash_point("surface.after_news");
        }
        Ok::<_, ChatError>(())
    };
    if let Err(error) = posted.await {
        let card = kept.surface.shown.clone().unwrap_or_default();
        if let Some(failure) = kept.failed(ctx, &error, &card).await? {
            return Err(failure);
        }
    } else {
        kept.surface.alerts = Some(Box::new(told.told()));
    }
    kept.save(ctx).await
}
