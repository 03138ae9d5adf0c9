//! The threads of orders that were settled long ago are put away: people see few of them, and each is there
//! when it is looked for.

use super::kept::Kept;
use crate::controller::archive;
use crate::controller::context::Context;
use crate::controller::error::Failure;
use crate::model::{OrderId, Snapshot, Surface, SurfaceState, UnixMs};
use crate::ports::{ChatClass, ChatError};

/// Puts an order's thread away when `retention.threads` is over, once; answers when that will be. What must
/// not be put away (the bot lacks a permission) or cannot (somebody deleted it) counts as put away: nothing
/// is to wait for it. A channel of its own is deleted: that is written down before it is done, so that its end is
/// not taken for somebody else's deed, and done again until `channel` names none.
pub(super) async fn run(
    ctx: &Context,
    snapshot: &Snapshot,
    id: OrderId,
    kept: &mut Kept,
) -> Result<Option<UnixMs>, Failure> {
    let Some(chat) = ctx.chat.as_deref() else { return Ok(None) };
    let Kept { surface, .. } = &kept;
    let stands = surface.state() == SurfaceState::Shown && !surface.put_away;
    let again = surface.is_deleted();
    let Some(thread) = surface.channel.filter(|_| stands || again) else { return Ok(None) };
    let settled = archive::settled_for_good(snapshot, id, ctx.now());
    let Some(settled) = settled.filter(|_| archive::may_archive(ctx, snapshot)) else {
        return Ok(None);
    };
    let due = settled + ctx.catalog().shop.retention.threads;
    if ctx.now() < due && !again {
        return Ok(Some(due));
    }
    if surface.own_channel {
        kept.surface.put_away = true;
        kept.save(ctx).await?;
        ctx.clock.crash_point("surface.before_delete_channel");
        settle(&kept.surface, chat.delete_thread(thread).await)?;
        ctx.clock.crash_point("surface.after_delete_channel");
        kept.surface.channel = None;
        return Ok(None);
    }
    settle(surface, chat.put_away(thread).await)?;
    ctx.clock.crash_point("surface.after_put_away");
    kept.surface.put_away = true;
    Ok(None)
}

/// What must not be done or cannot counts as done.
fn settle(surface: &Surface, done: Result<(), ChatError>) -> Result<(), ChatError> {
    let Err(error) = done else { return Ok(()) };
    match error.class {
        ChatClass::Later | ChatClass::Unknown => return Err(error),
        ChatClass::ChannelGone | ChatClass::MessageGone => {}
        ChatClass::Refused | ChatClass::Closed => tracing::warn!(
            surface = %surface.key,
            error.code = error.code.name(),
            "an order's thread or channel is not put away: {}",
            error.detail
        ),
    }
    Ok(())
}
