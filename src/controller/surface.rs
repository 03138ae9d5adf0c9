//! The surface key: a message or thread in Discord is made to show what the records say.

use super::context::Context;
use super::error::Failure;
use crate::catalog::Catalog;
use crate::model::{
    DurationMs, Edits, MINUTE_MS, OrderState, Snapshot, Surface, SurfaceKey, UnixMs,
};
use crate::ports::{Chat, ChatClass, ChatError, Place, Posted};
use crate::view::{Message, Pages};
use sha2::{Digest, Sha256};

/// How often a surface that somebody needs is shown to be there. A deletion is only a hint, and is
/// not told to who was away.
const LOOK_AGAIN: DurationMs = DurationMs(4 * MINUTE_MS);

/// Makes one surface show what it should.
pub(super) async fn run(ctx: &Context, key: SurfaceKey) -> Result<Option<UnixMs>, Failure> {
    let Some(chat) = ctx.chat.as_deref() else {
        return Ok(None);
    };
    let catalog = ctx.catalog();
    let snapshot = ctx.snapshot();
    let now = ctx.now();
    let Some(message) = Pages::new(&snapshot, &catalog, now).surface(key) else {
        return Ok(None);
    };
    let fingerprint = message.fingerprint();
    let mut surface = snapshot.surface(key).cloned().unwrap_or_else(|| Surface::new(key));
    let refused_before = surface.refused.as_deref().is_some_and(|r| r.ends_with(&fingerprint));
    let shown = surface.shown.as_ref() == Some(&fingerprint);
    if refused_before || (shown && !in_doubt(ctx, &snapshot, key, now)) {
        return Ok(next(ctx, &snapshot, key, now));
    }
    match show(ctx, chat, &catalog, &snapshot, &mut surface, &message).await {
        Ok(()) => {
            ctx.saw_surface(key);
            if shown {
                return Ok(next(ctx, &snapshot, key, now));
            }
            surface.shown = Some(fingerprint);
            surface.refused = None;
        }
        Err(Shown::Failed(failure)) => return Err(failure),
        Err(Shown::Chat(error)) => match error.class {
            // It will not work until the content or the permissions change: said once, kept.
            ChatClass::Refused | ChatClass::Closed => {
                tracing::error!(
                    surface = key_kind(key),
                    error.code = error.code,
                    "Discord refuses a surface for good: {}; check the bot's permissions in its \
                     channels",
                    error.detail
                );
                surface.refused = Some(format!("{} {fingerprint}", error.code));
            }
            ChatClass::MessageGone => {
                surface.message = None;
                save(ctx, &surface).await?;
                return Err(error.into());
            }
            ChatClass::ChannelGone if matches!(key, SurfaceKey::OrderThread(_)) => {
                surface.channel = None;
                surface.message = None;
                save(ctx, &surface).await?;
                return Err(error.into());
            }
            ChatClass::ChannelGone | ChatClass::Later | ChatClass::Unknown => {
                return Err(error.into());
            }
        },
    }
    save(ctx, &surface).await?;
    ctx.clock.crash_point("surface.after_record");
    Ok(next(ctx, &ctx.snapshot(), key, now))
}

/// Whether people need this surface now: the shop's door, and what staff must decide.
fn is_needed(snapshot: &Snapshot, key: SurfaceKey, now: UnixMs) -> bool {
    match key {
        SurfaceKey::StorePanel => true,
        SurfaceKey::ReviewCard(id) => {
            snapshot.order(id).is_some_and(|o| o.state(now) == OrderState::AwaitingReview)
        }
        SurfaceKey::OrderThread(_) => false,
    }
}

/// Whether a surface that should be there was not seen for a while.
fn in_doubt(ctx: &Context, snapshot: &Snapshot, key: SurfaceKey, now: UnixMs) -> bool {
    is_needed(snapshot, key, now)
        && ctx.surface_seen(key).is_none_or(|at| now.since(at) >= LOOK_AGAIN)
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
    surface: &mut Surface,
    message: &Message,
) -> Result<(), Shown> {
    let channel = place(ctx, chat, catalog, snapshot, surface).await?;
    let Some(channel) = channel else { return Ok(()) };
    if let Some(message_id) = surface.message {
        chat.edit(&Posted { channel, message: message_id }, message).await?;
        return Ok(());
    }
    // The number of posts is part of the nonce: the same post again is found, a repost is new.
    let nonce = nonce(&format!("{} {}", surface.key, surface.posts));
    let place = Place::Channel(channel);
    let posted = match chat.find(place, &nonce).await? {
        Some(posted) => {
            chat.edit(&posted, message).await?;
            posted
        }
        None => {
            ctx.clock.crash_point("surface.before_post");
            let posted = chat.post(place, message, &nonce).await?;
            ctx.clock.crash_point("surface.after_post");
            posted
        }
    };
    surface.channel = Some(posted.channel);
    surface.message = Some(posted.message);
    surface.posts += 1;
    Ok(())
}

/// The channel or thread a surface stands in; a thread is looked up by its name before it is made.
async fn place(
    ctx: &Context,
    chat: &dyn Chat,
    catalog: &Catalog,
    snapshot: &Snapshot,
    surface: &mut Surface,
) -> Result<Option<u64>, Shown> {
    let channels = &catalog.shop.channels;
    let order = match surface.key {
        SurfaceKey::StorePanel => return Ok(Some(channels.store)),
        SurfaceKey::ReviewCard(_) => return Ok(Some(channels.review)),
        SurfaceKey::OrderThread(order) => order,
    };
    if let Some(thread) = surface.channel {
        return Ok(Some(thread));
    }
    let Some(order) = snapshot.order(order) else { return Ok(None) };
    let name = Pages::thread_name(order.id);
    // It finds the one that an earlier try opened, and lets the customer in again: we may have
    // ended between the two.
    let thread = chat.open_thread(channels.orders, &name, order.customer).await?;
    surface.channel = Some(thread);
    save(ctx, surface).await?;
    Ok(Some(thread))
}

async fn save(ctx: &Context, surface: &Surface) -> Result<(), Failure> {
    let mut edits = Edits::new();
    edits.put(surface.clone());
    ctx.commit(edits).await?;
    Ok(())
}

/// When a surface changes by itself (an order that is not paid in time), or is looked for again.
fn next(ctx: &Context, snapshot: &Snapshot, key: SurfaceKey, now: UnixMs) -> Option<UnixMs> {
    if is_needed(snapshot, key, now) {
        return Some(ctx.surface_seen(key).unwrap_or(now) + LOOK_AGAIN);
    }
    let (SurfaceKey::OrderThread(id) | SurfaceKey::ReviewCard(id)) = key else { return None };
    let order = snapshot.order(id)?;
    let waits = order.state(now) == OrderState::AwaitingPayment;
    waits.then_some(order.pay_by + DurationMs(1))
}

const fn key_kind(key: SurfaceKey) -> &'static str {
    match key {
        SurfaceKey::StorePanel => "store-panel",
        SurfaceKey::OrderThread(_) => "order-thread",
        SurfaceKey::ReviewCard(_) => "review-card",
    }
}

/// A nonce from what a message is: 24 characters.
pub(super) fn nonce(what: &str) -> String {
    Sha256::digest(what).iter().take(12).map(|b| format!("{b:02x}")).collect()
}
