//! Between two lists the loop reads the clients that are about to use up what they have: so it cuts
//! them when it is used up, and what customers read of it is true. It asks nothing while nobody is
//! close.

use super::claim;
use super::context::Context;
use super::error::Failure;
use super::executor;
use super::recent_passes::Look;
use super::server::{Pass, clock_is_off, records};
use crate::catalog::Mode;
use crate::model::{AccountId, Mark, ServerId, UnixMs};

/// Reads those of a server that are close to their caps, and does what follows for them alone. It
/// reports nothing of anybody else: neither an absence, nor the server's state, nor what is held.
pub(super) async fn run(ctx: &Context, id: &ServerId) -> Result<Option<UnixMs>, Failure> {
    let accounts = ctx.close_to_cap.of(id);
    let (catalog, time) = (ctx.catalog(), ctx.time());
    let managed = catalog.served(id).filter(|server| server.mode == Mode::Manage);
    let Some(server) = managed.filter(|_| !accounts.is_empty()) else { return Ok(None) };
    if time.in_doubt() || clock_is_off(ctx, id, time).is_some() {
        return Ok(None);
    }
    let passing = ctx.passes.of(id);
    // A list is under way: it sees the same.
    let Ok(_alone) = passing.try_lock() else { return Ok(Some(ctx.wall() + ctx.cadence().near)) };
    let endpoint = Context::endpoint(&catalog, server);
    let shop = &catalog.shop.id;
    let mark = |account: &AccountId| Mark { shop: shop.clone(), account: *account }.to_string();
    let emails: Vec<String> = accounts.iter().map(mark).collect();
    // The list reports a server that does not answer.
    let quietly = |failure: Failure| {
        ctx.recent.failed(id, Look::NearCap, &failure, ctx.wall());
        Failure { loud: false, ..failure }
    };
    let fence = claim::fence(ctx, id).await.map_err(quietly)?;
    let looked = ctx.panels.observe(&endpoint, &emails).await;
    let observation = looked.map_err(|error| quietly(error.into()))?;
    let snapshot = ctx.snapshot();
    let time = ctx.time();
    let pass =
        Pass { catalog: &catalog, server, snapshot: &snapshot, observation: &observation, time };
    let Some(before) = pass.status_before() else { return Ok(None) };
    let mut proposal = pass.plan(ctx);
    // What is gone, or owed, only a list says.
    proposal.forget.clear();
    let near = ctx.close_to_cap.set(id, proposal.near.clone());
    ctx.stats.server(id, |n| n.near = near);
    let next = (near > 0).then(|| ctx.wall() + ctx.cadence().near);
    if proposal.changes.is_empty() {
        ctx.commit(records(&pass, &proposal, before)).await?;
        return Ok(next);
    }
    let guarded = pass.guard(proposal);
    // What is held stays as the list has it; what is spent of the budget is spent.
    let mut status = before.clone();
    status.unexplained.clone_from(&guarded.unexplained);
    ctx.commit(records(&pass, &guarded.proposal, &status)).await?;
    if !guarded.pass.set().is_empty() {
        tracing::info!(server.id = %id, "applying between two lists:\n{}", guarded.pass.set());
        let panel = &observation.panel.identity;
        let to = executor::Recipient { endpoint: &endpoint, fence, panel };
        let applied = executor::apply(ctx, to, &guarded.pass).await;
        let open = applied.as_ref().map(|applied| applied.look_again);
        ctx.recent.ended(Look::NearCap, &observation, &guarded, open, ctx.wall());
        applied?;
    }
    Ok(next)
}
