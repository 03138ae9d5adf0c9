//! The pictures of payments are deleted when `retention.proofs` is over, of one order after the other. The order
//! says so first, durably; then the files go, and what its card shows of them; then it is noted that they are gone.
//! Whoever ends in between is gone on from there.

use super::archive;
use super::context::Context;
use super::drain;
use super::error::{Failure, FailureCode};
use crate::model::{
    DurationMs, Edits, HOUR_MS, Key, MINUTE_MS, Order, OrderId, Record, SECOND_MS, Snapshot,
    Surface, SurfaceKey, UnixMs,
};
use crate::ports::{Chat, ChatClass, Posted};
use crate::view::Pages;

/// The pause after an order: its card takes an edit, and customers go first.
const PAUSE: DurationMs = DurationMs(5 * SECOND_MS);
/// How often it is looked for what has come due meanwhile.
const LOOK: DurationMs = DurationMs(HOUR_MS);
/// The same while something is begun that may not be gone on with now.
const SOON: DurationMs = DurationMs(MINUTE_MS);
/// While so many orders cannot be finished no other one is begun.
const MOST_BEGUN: usize = 8;

/// What to do next.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    Delete(OrderId),
    /// Nothing, until then; `None` while it is not known when.
    Wait(Option<UnixMs>),
}

/// Deletes the pictures of the next order that is due. A shop without a bot takes none and deletes none.
pub(super) async fn run(ctx: &Context) -> Result<Option<UnixMs>, Failure> {
    let Some(chat) = ctx.chat.as_deref() else { return Ok(None) };
    // Before the snapshot, which then has what a gateway told.
    let known = drain::is_known(ctx, &ctx.catalog());
    let snapshot = ctx.snapshot();
    let is_begun = snapshot.pictures_kept().next().is_some_and(|(since, ..)| since == UnixMs(0));
    let look = ctx.wall() + if is_begun { SOON } else { LOOK };
    // What an old backup lacks may be that an order goes on.
    if !known || !archive::may_archive(ctx, &snapshot) || snapshot.in_amnesia() {
        return Ok(Some(look));
    }
    let keep = ctx.catalog().shop.retention.proofs;
    let id = match next(ctx, &snapshot, keep) {
        Next::Wait(at) => return Ok(Some(at.map_or(look, |at| at.min(look)))),
        Next::Delete(id) => id,
    };
    begin(ctx, id, keep).await?;
    match delete(ctx, chat, id).await {
        Ok(()) => {
            finish(ctx, id).await?;
            ctx.undeleted.done(id);
        }
        Err(failure) if failure.fatal => return Err(failure),
        Err(failure) => {
            ctx.stats.ran("proofs", failure.code.as_str());
            if ctx.undeleted.failed(id, ctx.wall()) {
                tracing::warn!(
                    order.id = %id,
                    error.code = failure.code.as_str(),
                    "the pictures of an order are not deleted yet, and it will be tried again: {}",
                    failure.detail
                );
            }
        }
    }
    Ok(Some(ctx.wall() + PAUSE))
}

/// The first order that was begun and is not left alone for a while, or else the first that is due.
fn next(ctx: &Context, snapshot: &Snapshot, keep: Option<DurationMs>) -> Next {
    let (mut begun, mut soonest) = (0, None);
    for (since, id, _) in snapshot.pictures_kept() {
        if since == UnixMs(0) {
            let Some(at) = ctx.undeleted.until(id, ctx.wall()) else { return Next::Delete(id) };
            soonest = soonest.into_iter().chain([at]).min();
            begun += 1;
            if begun < MOST_BEGUN {
                continue;
            }
            break;
        }
        let Some(due) = keep.map(|keep| since + keep) else { break };
        if due <= ctx.now() {
            return Next::Delete(id);
        }
        soonest = soonest.into_iter().chain([due]).min();
        break;
    }
    Next::Wait(soonest)
}

/// An order as the store has it, with its version.
pub(super) async fn read(ctx: &Context, id: OrderId) -> Result<Option<(u64, Order)>, Failure> {
    let found = ctx.store.get(&Key::Order(id)).await?;
    Ok(found.and_then(|found| match found.value {
        Record::Order(order) => Some((found.version, order)),
        _ => None,
    }))
}

/// Says of an order that is due still that its pictures are deleted, and in the audit, once.
async fn begin(ctx: &Context, id: OrderId, keep: Option<DurationMs>) -> Result<(), Failure> {
    let Some((version, mut order)) = read(ctx, id).await? else { return Ok(()) };
    let now = ctx.now();
    let due = order.pictures_since().zip(keep).is_some_and(|(since, keep)| since + keep <= now);
    if order.deleting.is_some() || !due {
        return Ok(());
    }
    for proof in order.evidence.iter_mut().filter(|proof| proof.deleted_at.is_none()) {
        proof.deleted_at = Some(now);
    }
    let mut edits = Edits::new();
    edits.expect(Key::Order(id), Some(version));
    ctx.note_deleting(&mut edits, order, now);
    ctx.commit(edits).await?;
    Ok(())
}

/// Deletes the files of an order that says so, and takes them off its card.
async fn delete(ctx: &Context, chat: &dyn Chat, id: OrderId) -> Result<(), Failure> {
    let Some((_, order)) = read(ctx, id).await?.filter(|(_, order)| order.deleting.is_some())
    else {
        return Ok(());
    };
    let there = chat.delete_proofs(id).await.map_err(|error| Failure {
        code: FailureCode::ProofFile,
        detail: error.to_string(),
        retry_after_ms: None,
        fatal: false,
        loud: true,
    })?;
    ctx.stats.proofs_deleted(there);
    // In memory its surface sees to it.
    if order.archived { clear_card(ctx, chat, &order).await } else { Ok(()) }
}

/// Draws the card of an archived order anew: memory keeps none of it. One that is gone stays gone; whatever else Discord
/// refuses is tried again.
pub(super) async fn clear_card(
    ctx: &Context,
    chat: &dyn Chat,
    order: &Order,
) -> Result<(), Failure> {
    let card = ctx.store.get(&Key::Surface(SurfaceKey::ReviewCard(order.id))).await?;
    let Some(Record::Surface(Surface { channel: Some(channel), message: Some(message), .. })) =
        card.map(|card| card.value)
    else {
        return Ok(());
    };
    let (snapshot, catalog) = (ctx.snapshot(), ctx.catalog());
    let page = Pages::new(chat.front(), &snapshot, &catalog, ctx.now()).card_of(order);
    match chat.edit(&Posted { channel, message }, &page).await {
        Ok(()) => Ok(()),
        Err(error) => match error.class {
            ChatClass::MessageGone | ChatClass::ChannelGone => Ok(()),
            ChatClass::Later | ChatClass::Unknown | ChatClass::Refused | ChatClass::Closed => {
                Err(error.into())
            }
        },
    }
}

/// Notes that the files are gone.
async fn finish(ctx: &Context, id: OrderId) -> Result<(), Failure> {
    let Some((version, order)) = read(ctx, id).await? else { return Ok(()) };
    let mut edits = Edits::new();
    edits.expect(Key::Order(id), Some(version));
    ctx.note_deleted(&mut edits, order);
    ctx.commit(edits).await.map(drop)
}
