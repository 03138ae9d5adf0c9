//! The server key: observe → compile → diff → guard → apply → write status → requeue.

use super::claim;
use super::conditions::{outage, server_conditions};
use super::context::Context;
use super::error::Failure;
use super::executor::{self, Applied};
use super::keys::WorkKey;
use super::near;
use super::xray::{self, Xray};
use crate::catalog::{Catalog, Mode, Server};
use crate::model::{
    ClockDoubt, Condition, ConditionKind, DurationMs, Edits, InboundFacts, Key, Leap, Observation,
    SECOND_MS, Served, ServerFacts, ServerId, ServerStatus, Snapshot, TimeReading, UnixMs, Witness,
    named_inbounds, same_ignoring_time,
};
use crate::planner::clocks::TOLERANCE;
use crate::planner::{Change, GuardInput, Proposal, guard, plan_server};
use crate::ports::{GatewayCode, PanelCode};

/// How often a server is listed when nothing else is due.
const RESYNC: DurationMs = DurationMs(60 * SECOND_MS);
/// How soon a server is listed again when something was left open.
const SOON: DurationMs = DurationMs(SECOND_MS);

/// Makes one server's panel agree, as far as it can be now.
pub(super) async fn run(ctx: &Context, id: &ServerId) -> Result<Option<UnixMs>, Failure> {
    let catalog = ctx.catalog();
    let Some(server) = catalog.served(id) else {
        return Ok(None);
    };
    let endpoint = Context::endpoint(&catalog, server);
    let passing = ctx.passing(id);
    let _alone = passing.lock().await;
    // The claim comes first: it is what tells a store that it lacks what a gateway knows,
    // and the guard must know that before it lets anything pass.
    let claimed = match server.mode {
        Mode::Manage => claim::fence(ctx, id).await.map(Some),
        Mode::Observe => Ok(None),
    };
    let listed = match claimed {
        Ok(fence) => ctx.panels.list(&endpoint).await.map(|o| (fence, o)).map_err(Failure::from),
        Err(failure) => Err(failure),
    };
    let (fence, observation) = match listed {
        Ok(answered) => answered,
        Err(failure) => {
            unreachable(ctx, id, &failure).await?;
            return Err(failure);
        }
    };
    ctx.clock.crash_point("server.after_list");
    let time = ctx.time();
    if time.verdict.doubt() == Some(ClockDoubt::NoReference) {
        return Ok(Some(ctx.wall() + RESYNC));
    }
    if let Some(failure) = off(ctx, id, time) {
        unreachable(ctx, id, &failure).await?;
        return Err(failure);
    }
    let snapshot = ctx.snapshot();
    let now = time.now;
    let before = ctx.counters.of(id);
    let mut proposal = plan_server(&snapshot, &catalog, &observation, &before, now);
    drop(before);
    if time.in_doubt() {
        proposal.forget.clear();
        proposal.compensate.clear();
    }
    for account in &proposal.compensate {
        ctx.ask(WorkKey::Account(*account), now);
    }
    let changes = std::mem::take(&mut proposal.changes.changes);
    let wanted = changes.len();
    let (changes, quiet) = awake(ctx, id, changes);
    proposal.changes.changes = changes;
    let set = proposal.changes.clone();
    let input =
        GuardInput { snapshot: &snapshot, catalog: &catalog, set, now, clock: time.verdict };
    let guarded = guard(input, &mut proposal.report);
    let held = guarded.held.as_ref().map_or(0, |h| h.items.len());
    // What is decided and what it spends is durable before anything is sent.
    let before = snapshot.server_status(id);
    let xray = ctx.xray.judge(&observation, before, now);
    let pass = (&observation, &proposal, &guarded);
    let status = next_status(&snapshot, &catalog, server, pass, xray, now);
    ctx.clock.crash_point("server.before_records");
    ctx.commit(records(&snapshot, server, &observation, &proposal, &status, now)).await?;
    ctx.clock.crash_point("server.after_records");
    ctx.counters.note(&observation, now);
    let near = ctx.near.set(id, std::mem::take(&mut proposal.near));
    if near > 0 {
        ctx.ask(WorkKey::Near(id.clone()), ctx.wall() + near::EVERY);
    }
    ctx.numbers.server(id, |n| {
        n.listed_at = ctx.wall();
        n.ours = observation.ours.len();
        n.foreign = observation.foreign;
        n.unreadable = observation.coverage.unreadable().len();
        n.wanted = wanted;
        n.held = held;
        n.unexplained = guarded.unexplained.iter().map(|line| line.count).sum();
        n.near = near;
        n.reachable = true;
        n.report = proposal.report.clone();
    });
    let applied = match fence {
        Some(fence) if !guarded.pass.set().is_empty() => {
            tracing::info!(server.id = %id, "applying:\n{}", guarded.pass.set());
            executor::apply(ctx, &endpoint, fence, &guarded.pass).await?
        }
        _ => Applied::default(),
    };
    let soon = applied.look_again || !quiet.is_empty();
    let quiet: Vec<_> = quiet.iter().map(|c| c.account).collect();
    let at = next(ctx, id, &proposal, soon, &quiet);
    Ok(Some(if xray == Xray::Runs { at } else { at.min(ctx.now() + xray::LOOK_AGAIN) }))
}

/// Changes of clients that are not left alone just now, and the others.
pub(super) fn awake(
    ctx: &Context,
    id: &ServerId,
    changes: Vec<Change>,
) -> (Vec<Change>, Vec<Change>) {
    changes.into_iter().partition(|c| ctx.quiet_until(id, c.account).is_none())
}

fn next(
    ctx: &Context,
    id: &ServerId,
    proposal: &Proposal,
    soon: bool,
    quiet: &[crate::model::AccountId],
) -> UnixMs {
    let now = ctx.wall();
    let jitter = 0.9 + 0.2 * ctx.entropy.fraction();
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
    let resync = now + DurationMs((RESYNC.0 as f64 * jitter) as u64);
    let open = soon
        .then(|| quiet.iter().filter_map(|a| ctx.quiet_until(id, *a)).min().unwrap_or(now + SOON));
    // Just past the moment, so that the end is reached when it is looked at.
    let due = proposal.next_due.map(|due| due + DurationMs(1));
    [Some(resync), due, open].into_iter().flatten().min().unwrap_or(resync)
}

/// The gateway's clock is off while ours is believed: it is the odd one. Its panel ends clients by
/// that clock, so nothing is written there until it is set right.
pub(super) fn off(ctx: &Context, id: &ServerId, time: TimeReading) -> Option<Failure> {
    let ahead = *ctx.timekeeper.differences().get(&Witness::Gateway(id.clone()))?;
    let disagrees = !time.in_doubt() && ahead.unsigned_abs() > TOLERANCE.0;
    disagrees.then(|| Failure {
        code: GatewayCode::Clock.as_str(),
        detail: format!("its clock is {ahead} ms ahead of ours; set that host's clock by NTP"),
        retry_after_ms: None,
        fatal: false,
        loud: true,
    })
}

/// The server did not answer: said, and its accounts wait.
async fn unreachable(ctx: &Context, id: &ServerId, error: &Failure) -> Result<(), Failure> {
    let snapshot = ctx.snapshot();
    let now = ctx.now();
    ctx.numbers.server(id, |n| n.reachable = false);
    let mut status =
        snapshot.server_status(id).cloned().unwrap_or_else(|| ServerStatus::new(id.clone()));
    // Without keys nothing was asked: the server may be well, and a person has to act here.
    let kind = match error.code {
        code if code == PanelCode::Keys.as_str() => ConditionKind::Stalled,
        _ => ConditionKind::Unreachable,
    };
    let conditions =
        vec![Condition { kind, reason: format!("{}: {}", error.code, error.detail), since: now }];
    let code = |c: &Condition| c.reason.split(':').next().unwrap_or_default().to_owned();
    // The prose may differ at each try; a new code is news, new prose is not.
    if let [only] = status.conditions.as_slice()
        && only.kind == kind
        && Some(code(only)) == conditions.first().map(code)
    {
        return Ok(());
    }
    status.conditions = Condition::carry_since(conditions, &status.conditions);
    let mut edits = Edits::new();
    edits.put(status);
    ctx.commit(edits).await?;
    Ok(())
}

fn next_status(
    snapshot: &Snapshot,
    catalog: &Catalog,
    server: &Server,
    (observation, proposal, guarded): (&Observation, &Proposal, &crate::planner::Guarded),
    xray: Xray,
    now: UnixMs,
) -> ServerStatus {
    let before = snapshot.server_status(&server.id);
    let conditions =
        server_conditions(snapshot, catalog, server, observation, proposal, guarded, xray, now);
    let known = before.map(|b| b.conditions.as_slice()).unwrap_or_default();
    let is_news = |c: &&Condition| known.iter().all(|k| (k.kind, &k.reason) != (c.kind, &c.reason));
    for stalled in conditions.iter().filter(is_news).filter(|c| c.kind == ConditionKind::Stalled) {
        tracing::warn!(server.id = %server.id, "{}", stalled.reason);
    }
    let conditions = Condition::carry_since(conditions, known);
    ServerStatus {
        server: server.id.clone(),
        panel: Some(observation.panel.clone()),
        conditions,
        outage: outage(server, observation, xray),
        unexplained: guarded.unexplained.clone(),
        held: guarded.held.clone(),
        confirmed: guarded.confirmed.clone(),
        leap: Leap::said(proposal.leap, before, now),
        foreign: observation.foreign,
        orphans: proposal.orphans.iter().take(ServerStatus::MOST_ORPHANS).copied().collect(),
    }
}

/// Everything this pass learnt, as one transaction: only what differs from what is stored.
pub(super) fn records(
    snapshot: &Snapshot,
    server: &Server,
    observation: &Observation,
    proposal: &Proposal,
    status: &ServerStatus,
    now: UnixMs,
) -> Edits {
    let mut edits = Edits::new();
    for ledger in &proposal.ledgers {
        edits.put(ledger.clone());
    }
    for seen in &proposal.seen {
        edits.put(seen.clone());
    }
    for overrun in &proposal.overruns {
        edits.put(overrun.clone());
    }
    for (account, run) in &proposal.served {
        edits.put(Served { account: *account, run: *run, at: now });
    }
    for gone in &proposal.forget {
        edits.delete(Key::Binding(gone.account, server.id.clone()));
        edits.delete(Key::BindingStatus(gone.account, server.id.clone()));
    }
    let facts = facts(server, observation, snapshot.server_facts(&server.id));
    if !facts.inbounds.is_empty() && snapshot.server_facts(&server.id) != Some(&facts) {
        edits.put(facts);
    }
    let same = snapshot.server_status(&server.id).is_some_and(|before| {
        let mut timeless = before.clone();
        let same_conditions = same_ignoring_time(&before.conditions, &status.conditions);
        timeless.conditions.clone_from(&status.conditions);
        same_conditions && timeless == *status
    });
    if !same {
        edits.put(status.clone());
    }
    edits
}

/// What is known of the inbounds that the file names. Of one that cannot be read just now it is what
/// was seen last: its links are the same when it is mended.
fn facts(server: &Server, observation: &Observation, before: Option<&ServerFacts>) -> ServerFacts {
    let unreadable = observation.coverage.unreadable();
    let known = before.map(|f| f.inbounds.as_slice()).unwrap_or_default();
    let known = known.iter().filter(|k| unreadable.iter().any(|u| u.id == k.id));
    let all: Vec<InboundFacts> = observation.inbounds.iter().chain(known).cloned().collect();
    let inbounds = named_inbounds(&server.inbounds, &all).into_iter().cloned().collect();
    ServerFacts { server: server.id.clone(), inbounds }
}
