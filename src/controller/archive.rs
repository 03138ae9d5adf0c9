//! Orders that were settled long ago leave memory, many in one commit: from then on the store alone
//! holds them. Settled is what was decided, given up, or not paid in time.

use super::context::Context;
use super::error::Failure;
use super::keys::WorkKey;
use crate::model::{
    DAY_MS, DeliveryState, DurationMs, Edits, Key, Order, OrderId, SECOND_MS, Snapshot, Surface,
    SurfaceKey, SurfaceState, Target, UnixMs,
};
use crate::view::Pages;

/// How long after it was settled an order leaves memory, and no sooner than its thread is put away.
const AFTER: DurationMs = DurationMs(7 * DAY_MS);
/// The most orders that leave memory in one commit: about 100 KiB, so that a customer's commit behind
/// it waits no longer than behind any other.
const MOST: usize = 64;
/// The pause before a commit: orders that come due together share one, and customers go first.
const PAUSE: DurationMs = DurationMs(SECOND_MS);

/// Enqueues an order's archiving if it is time, and answers when it will be. Whatever of its surfaces
/// is put right last comes here again. A shop without a bot shows nothing, and archives nothing.
pub(super) fn offer(ctx: &Context, id: OrderId) -> Option<UnixMs> {
    let snapshot = ctx.snapshot();
    let from = from(ctx, &snapshot, id).filter(|_| may_archive(ctx, &snapshot))?;
    if ctx.now() < from {
        return Some(from);
    }
    if is_shown(ctx, &snapshot, id) {
        ctx.archivable.add(id);
        ctx.enqueue(WorkKey::Archive, ctx.wall() + PAUSE);
    }
    None
}

/// The end of a doubt looks at everything again, and the bot's surfaces in a damaged store are looked
/// at every few minutes.
pub(super) fn may_archive(ctx: &Context, snapshot: &Snapshot) -> bool {
    !ctx.time().in_doubt() && snapshot.damaged().is_none()
}

/// Archives the next orders in one commit. When one of them changes meanwhile none is archived, and
/// the next run looks at all of them anew.
pub(super) async fn run(ctx: &Context) -> Result<Option<UnixMs>, Failure> {
    let snapshot = ctx.snapshot();
    if !may_archive(ctx, &snapshot) {
        return Ok(None);
    }
    let ids = ctx.archivable.oldest(MOST);
    let mut edits = Edits::new();
    for id in &ids {
        let due = from(ctx, &snapshot, *id).is_some_and(|from| ctx.now() >= from);
        let order = snapshot.order(*id).filter(|_| due && is_shown(ctx, &snapshot, *id));
        if let Some(order) = order {
            let key = Key::Order(*id);
            edits.expect(key.clone(), snapshot.version(&key));
            edits.put(Order { archived: true, ..order.clone() });
        }
    }
    ctx.commit(edits).await?;
    let more = ctx.archivable.remove(&ids);
    Ok(more.then(|| ctx.wall() + PAUSE))
}

/// A week after it was settled, or when its thread is to be put away, the later of the two.
fn from(ctx: &Context, snapshot: &Snapshot, id: OrderId) -> Option<UnixMs> {
    let threads = ctx.catalog().shop.retention.threads;
    settled_for_good(snapshot, id, ctx.now()).map(|settled| settled + AFTER.max(threads))
}

/// When it was settled. `None` while something that its thread says may still change: its proof
/// is not dated, or the first link has not arrived. The thread of an account's first order is where
/// the customer reads why there is no link yet (`Pages::waits`, `Pages::undelivered`), also after a
/// renewal, so that order stays however long that takes.
pub(super) fn settled_for_good(snapshot: &Snapshot, id: OrderId, now: UnixMs) -> Option<UnixMs> {
    let order = snapshot.order(id)?;
    let settled = order.settled_at(now)?;
    // There is nobody to tell any more.
    if snapshot.is_forgotten(order.customer) {
        return Some(settled);
    }
    let undated = order.evidence.iter().any(|evidence| evidence.undated);
    let sold = order.approved_account().filter(|_| order.reversed.is_none());
    let waits = sold.filter(|_| order.target == Target::New).is_some_and(|account| {
        let delivery = snapshot.delivery(account);
        delivery.is_none_or(|d| matches!(d.state, DeliveryState::Undelivered(_)))
    });
    (!undated && !waits).then_some(settled)
}

/// Whether people see what the order came to, in its thread and on its card, and the thread is put away. What
/// nobody ever had to check has no card.
fn is_shown(ctx: &Context, snapshot: &Snapshot, id: OrderId) -> bool {
    let Some(chat) = ctx.chat.as_deref() else { return false };
    let catalog = ctx.catalog();
    let pages = Pages::new(chat.front(), snapshot, &catalog, ctx.now());
    SurfaceKey::of_order(id).into_iter().all(|key| {
        let surface = snapshot.surface(key).filter(|s| s.state() == SurfaceState::Shown);
        // Once the order has left memory nobody would try again.
        let is_away = |s: &Surface| s.channel.is_none() || (s.put_away && !s.is_deleted());
        if matches!(key, SurfaceKey::OrderThread(_)) && !surface.is_none_or(is_away) {
            return false;
        }
        if surface.is_some_and(Surface::is_deleted) {
            return true;
        }
        match pages.surface(key).map(|message| message.fingerprint()) {
            Some(due) => surface.and_then(|s| s.shown.as_ref()) == Some(&due),
            // A card that nobody needed, or the thread of somebody who was forgotten.
            None => true,
        }
    })
}
