//! An order that was decided long ago leaves memory: from then on the store alone holds it.

use super::context::Context;
use super::error::Failure;
use crate::model::{
    DAY_MS, DeliveryState, DurationMs, Edits, Key, Order, OrderId, Snapshot, SurfaceKey,
    SurfaceState, Target, UnixMs,
};
use crate::view::Pages;

/// How long after its last decision an order leaves memory.
const AFTER: DurationMs = DurationMs(7 * DAY_MS);

/// Archives one order if it is time, and says when it will be. Whatever of its surfaces is put right
/// last comes here again. A shop without a bot shows nothing, and archives nothing.
pub(super) async fn run(ctx: &Context, id: OrderId) -> Result<Option<UnixMs>, Failure> {
    let snapshot = ctx.snapshot();
    // The end of a doubt looks at everything again, and the bot's surfaces in a damaged store are
    // looked at every few minutes.
    if ctx.time().in_doubt() || snapshot.damaged().is_some() {
        return Ok(None);
    }
    let (Some(from), Some(order)) = (from(&snapshot, id), snapshot.order(id)) else {
        return Ok(None);
    };
    if ctx.now() < from {
        return Ok(Some(from));
    }
    if !is_shown(ctx, &snapshot, id) {
        return Ok(None);
    }
    let key = Key::Order(id);
    let mut edits = Edits::new();
    edits.expect(key.clone(), snapshot.version(&key));
    edits.put(Order { archived: true, ..order.clone() });
    ctx.commit(edits).await?;
    Ok(None)
}

/// A week after its last decision. `None` while something that its thread says may still change: its
/// proof is not dated, or the first link has not arrived.
fn from(snapshot: &Snapshot, id: OrderId) -> Option<UnixMs> {
    let order = snapshot.order(id)?;
    let decided = order.decided_at()?;
    let undated = order.evidence.iter().any(|evidence| evidence.undated);
    let sold = order.approved_account().filter(|_| order.reversed.is_none());
    let waits = sold.filter(|_| order.target == Target::New).is_some_and(|account| {
        let delivery = snapshot.delivery(account);
        delivery.is_none_or(|d| matches!(d.state, DeliveryState::Undelivered(_)))
    });
    (!undated && !waits).then(|| decided + AFTER)
}

/// Whether people see what the order came to, in its thread and on its card.
fn is_shown(ctx: &Context, snapshot: &Snapshot, id: OrderId) -> bool {
    let catalog = ctx.catalog();
    let pages = Pages::new(snapshot, &catalog, ctx.now());
    SurfaceKey::of_order(id).into_iter().all(|key| {
        let surface = snapshot.surface(key).filter(|s| s.state() == SurfaceState::Shown);
        let due = pages.surface(key).map(|message| message.fingerprint());
        due.is_some() && surface.and_then(|s| s.shown.as_ref()) == due.as_ref()
    })
}
