//! An order that was decided long ago leaves memory: from then on the store alone holds it.

use super::context::Context;
use super::error::Failure;
use crate::model::{Edits, Key, Order, OrderId, UnixMs};

/// Archives one order if it is time, and says when it will be.
pub(super) async fn run(ctx: &Context, id: OrderId) -> Result<Option<UnixMs>, Failure> {
    let snapshot = ctx.snapshot();
    // The end of a doubt looks at everything again, and a damaged store's surfaces are looked at
    // every few minutes.
    if ctx.time().in_doubt() || snapshot.damaged().is_some() {
        return Ok(None);
    }
    let (Some(from), Some(order)) = (snapshot.archive_from(id), snapshot.order(id)) else {
        return Ok(None);
    };
    if ctx.now() < from {
        return Ok(Some(from));
    }
    let key = Key::Order(id);
    let mut edits = Edits::new();
    edits.expect(key.clone(), snapshot.version(&key));
    edits.put(Order { archived: true, ..order.clone() });
    ctx.commit(edits).await?;
    Ok(None)
}
