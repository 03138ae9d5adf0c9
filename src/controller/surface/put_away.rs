//! The threads of orders that were settled long ago are put away: people see few of them, and each is there
//! when it is looked for.

use crate::controller::archive;
use crate::controller::context::Context;
use crate::controller::error::Failure;
use crate::model::{OrderId, Snapshot, Surface, SurfaceState, UnixMs};
use crate::ports::ChatClass;

/// Puts an order's thread away when `retention.threads` is over, once; answers when that will be. What must
/// not be put away (the bot lacks a permission) or cannot (somebody deleted it) counts as put away: nothing
/// is to wait for it.
pub(super) async fn run(
    ctx: &Context,
    snapshot: &Snapshot,
    id: OrderId,
    surface: &mut Surface,
) -> Result<Option<UnixMs>, Failure> {
    let Some(chat) = ctx.chat.as_deref() else { return Ok(None) };
    let stands = surface.state() == SurfaceState::Shown && !surface.put_away;
    let Some(thread) = surface.channel.filter(|_| stands) else { return Ok(None) };
    let settled = archive::settled_for_good(snapshot, id, ctx.now());
    let Some(settled) = settled.filter(|_| archive::may_archive(ctx, snapshot)) else {
        return Ok(None);
    };
    let due = settled + ctx.catalog().shop.retention.threads;
    if ctx.now() < due {
        return Ok(Some(due));
    }
    if let Err(error) = chat.put_away(thread).await {
        match error.class {
            ChatClass::Later | ChatClass::Unknown => return Err(error.into()),
            ChatClass::ChannelGone | ChatClass::MessageGone => {}
            ChatClass::Refused | ChatClass::Closed => tracing::warn!(
                surface = %surface.key,
                error.code = error.code.name(),
                "a thread is not put away: {}",
                error.detail
            ),
        }
    }
    ctx.clock.crash_point("surface.after_put_away");
    surface.put_away = true;
    Ok(None)
}
