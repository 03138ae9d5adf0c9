//! The notify key: the link, at least once; notices, at most once.

mod link;
mod notice;

pub(super) use notice::{Claim, Went};

use super::context::Context;
use super::error::Failure;
use crate::model::{AccountId, DurationMs, MINUTE_MS, NoticeKind, UnixMs};
use crate::notices;

/// How soon it is looked again whether a store that may lack something was resolved.
pub(super) const NOT_OVER_YET: DurationMs = DurationMs(4 * MINUTE_MS);

/// Sends one customer what is due of one account: the link, notices. When more falls due by the time
/// alone, the account's own key asks for this one.
pub(super) async fn run(ctx: &Context, id: AccountId) -> Result<Option<UnixMs>, Failure> {
    let Some(chat) = ctx.chat.as_deref() else {
        return Ok(None);
    };
    let catalog = ctx.catalog();
    let snapshot = ctx.snapshot();
    // Of one that was given back there is nothing to tell: it goes on as it was.
    let account = snapshot.account(id).filter(|account| account.released().is_none());
    let owner = account.map(|account| account.customer);
    let Some(to) = owner.and_then(|owner| snapshot.reached_at(owner)) else {
        return Ok(None);
    };
    link::send(ctx, chat, &catalog, &snapshot, id, to).await?;
    if ctx.time().in_doubt() {
        // Told when it is true; the end of the doubt looks at everybody.
        return Ok(None);
    }
    let mut later = None;
    for (of, kind) in notices::due(&ctx.snapshot(), &catalog, id, ctx.now()) {
        // A store that may lack a renewal says of nobody that it is over.
        if snapshot.in_amnesia() && kind != NoticeKind::Renewed {
            later = Some(ctx.wall() + NOT_OVER_YET);
            continue;
        }
        notice::send(ctx, chat, &catalog, (id, of, kind), to).await?;
    }
    Ok(later)
}
