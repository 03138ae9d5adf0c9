//! The clock key: what was confirmed of the time is remembered, and proofs that came while it was
//! in doubt are dated.

use super::context::Context;
use super::error::Failure;
use crate::model::{ClockSeen, Edits, Key, OrderId, UnixMs};
use crate::planner::clocks::TOLERANCE;

/// Brings the records about the clock forward.
pub(super) async fn run(ctx: &Context) -> Result<Option<UnixMs>, Failure> {
    let every = ctx.cadence().clock;
    let time = ctx.time();
    let snapshot = ctx.snapshot();
    if !time.in_doubt() {
        for order in snapshot.undated_proofs() {
            date(ctx, order, time.now).await?;
        }
    }
    let known = snapshot.clock_seen().map(|seen| seen.at);
    // One that lies ahead was written when a witness was wrong: the one that speaks now counts.
    let news = known.is_none_or(|at| time.now >= at + every || time.now + TOLERANCE < at);
    if time.verdict.is_vouched() && news {
        let mut edits = Edits::new();
        edits.put(ClockSeen { at: time.now });
        ctx.commit(edits).await?;
    }
    Ok(Some(ctx.wall() + every))
}

/// The proofs of an order that came while the clock was in doubt came now.
async fn date(ctx: &Context, id: OrderId, now: UnixMs) -> Result<(), Failure> {
    let snapshot = ctx.snapshot();
    let mut edits = Edits::new();
    edits.delete(Key::UndatedProof(id));
    if let Some(mut order) = snapshot.order(id).cloned() {
        edits.expect(Key::Order(id), snapshot.version(&Key::Order(id)));
        // The first proof keeps a place from now on, for as long as it was to.
        if let Some(first) = order.evidence.first().filter(|first| first.undated)
            && let Some(until) = order.place_until.filter(|until| *until > first.at)
        {
            order.place_until = Some(until + now.since(first.at));
        }
        for proof in order.evidence.iter_mut().filter(|proof| proof.undated) {
            (proof.at, proof.undated) = (now, false);
        }
        edits.put(order);
    }
    ctx.commit(edits).await?;
    Ok(())
}
