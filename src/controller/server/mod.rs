//! The server key as a pipe: observe → plan → guard → publish → execute → requeue. What a pass
//! learnt and decided is published, and with that durable, before anything is sent.

pub(in crate::controller) mod pass;
mod publish;

pub(super) use pass::Pass;
pub(super) use publish::records;

use crate::catalog::{Mode, Server};
use crate::controller::claim;
use crate::controller::context::Context;
use crate::controller::error::{Failure, FailureCode};
use crate::controller::executor::{self, Applied, Recipient};
use crate::controller::recent_passes::Look;
use crate::controller::xray::{self, Xray};
use crate::model::{
    ClockDoubt, DurationMs, Observation, SECOND_MS, ServerId, TimeReading, UnixMs, Witness,
};
use crate::planner::clocks::TOLERANCE;
use crate::planner::{GuardedProposal, Proposal};
use crate::ports::{Endpoint, GatewayCode, PanelCode};

/// How soon a server is listed again when something was left open.
const SOON: DurationMs = DurationMs(SECOND_MS);

/// Makes one server's panel agree, as far as it can be now.
pub(super) async fn run(ctx: &Context, id: &ServerId) -> Result<Option<UnixMs>, Failure> {
    let catalog = ctx.catalog();
    let Some(server) = catalog.served(id) else {
        return Ok(None);
    };
    let endpoint = Context::endpoint(&catalog, server);
    let passes = ctx.passes.of(id);
    let _alone = passes.lock().await;
    let Observed { fence, asked_at, observation, time } =
        match observe(ctx, server, &endpoint).await {
            Ok(observed) => observed,
            Err(failure) => {
                ctx.recent.failed(id, Look::List, &failure, ctx.wall());
                publish::unreachable(ctx, id, &failure).await?;
                return Err(failure);
            }
        };
    if time.verdict.doubt() == Some(ClockDoubt::NoReference) {
        return Ok(Some(ctx.wall() + ctx.cadence().resync));
    }
    let snapshot = ctx.snapshot();
    let pass =
        Pass { catalog: &catalog, server, snapshot: &snapshot, observation: &observation, time };
    let guarded = pass.guard(pass.plan(ctx));
    let xray = ctx.xray.judge(&observation, snapshot.server_status(id), time.now);
    publish::publish(ctx, &pass, &guarded, xray).await?;
    let panel = &observation.panel.identity;
    let applied = execute(ctx, (&endpoint, fence), panel, &guarded).await;
    let open = applied.as_ref().map(|applied| applied.look_again);
    ctx.recent.ended(Look::List, &observation, &guarded, open, ctx.wall());
    Ok(Some(requeue_at(ctx, &guarded.proposal, applied?, xray, asked_at)))
}

/// A full list, and what is needed to act on it.
struct Observed {
    /// What writes must carry; none where nothing may be written.
    fence: Option<u64>,
    /// When the list was asked for.
    asked_at: UnixMs,
    observation: Observation,
    /// The time after the list, which may have told it.
    time: TimeReading,
}

async fn observe(ctx: &Context, server: &Server, endpoint: &Endpoint) -> Result<Observed, Failure> {
    // The claim comes first: it is what tells a store that it lacks what a gateway knows,
    // and the guard must know that before it lets anything pass.
    let fence = match server.mode {
        Mode::Manage => Some(claim::fence(ctx, &server.id).await?),
        Mode::Observe => None,
    };
    let asked_at = ctx.wall();
    let observation = ctx.panels.list(endpoint).await?;
    ctx.clock.crash_point("server.after_list");
    let time = ctx.time();
    match clock_is_off(ctx, &server.id, time) {
        Some(failure) => Err(failure),
        None => Ok(Observed { fence, asked_at, observation, time }),
    }
}

async fn execute(
    ctx: &Context,
    (endpoint, fence): (&Endpoint, Option<u64>),
    panel: &str,
    guarded: &GuardedProposal,
) -> Result<Applied, Failure> {
    let set = guarded.pass.set();
    let Some(fence) = fence else { return Ok(Applied::default()) };
    let to = Recipient { endpoint, fence, panel };
    let mut applied = Applied::default();
    if !set.is_empty() {
        tracing::info!(server.id = %endpoint.server, "applying:\n{set}");
        applied = executor::apply(ctx, to, &guarded.pass).await?;
    }
    // Whoever is to be cut off by this pass is so by now.
    executor::cut_sessions(ctx, to, &guarded.pass).await?;
    Ok(applied)
}

/// How long after a moment that is due its server is listed: by then the account's own key has
/// committed what follows for it, and what ends at the same time is looked at together.
pub(super) const GATHERED: DurationMs = DurationMs(50);
/// How soon after a list was asked for the next one is, for what is due. Ends that come one after the other
/// share lists: each reads and plans the whole server.
const APART: DurationMs = DurationMs(400);

/// The soonest of: the next full list, what is due by the plan, what was left open, and another
/// look at an Xray that does not run steadily.
fn requeue_at(
    ctx: &Context,
    proposal: &Proposal,
    applied: Applied,
    xray: Xray,
    asked_at: UnixMs,
) -> UnixMs {
    let now = ctx.wall();
    let jitter = 0.9 + 0.2 * ctx.entropy.fraction();
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
    let resync = now + DurationMs((ctx.cadence().resync.0 as f64 * jitter) as u64);
    let open = match (applied.overtaken, applied.look_again) {
        (true, _) => Some((asked_at + APART).max(now + GATHERED)),
        (false, again) => again.then_some(now + SOON),
    };
    let due =
        proposal.next_due.map(|due| (due + GATHERED).max(asked_at + APART).max(now + GATHERED));
    let unsteady = (xray != Xray::Runs).then(|| ctx.now() + xray::LOOK_AGAIN);
    [open, due, unsteady].into_iter().flatten().fold(resync, UnixMs::min)
}

/// The gateway's clock is off while ours is believed: it is the odd one. Its panel ends clients by
/// that clock, so nothing is written there until it is set right.
pub(super) fn clock_is_off(ctx: &Context, id: &ServerId, time: TimeReading) -> Option<Failure> {
    let ahead = *ctx.timekeeper.differences().get(&Witness::Gateway(id.clone()))?;
    let disagrees = !time.in_doubt() && ahead.unsigned_abs() > TOLERANCE.0;
    disagrees.then(|| Failure {
        code: FailureCode::Panel(PanelCode::Gateway(GatewayCode::Clock)),
        detail: format!("its clock is {ahead} ms ahead of ours; set that host's clock by NTP"),
        retry_after_ms: None,
        fatal: false,
        loud: true,
    })
}
