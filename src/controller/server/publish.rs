//! What a pass learnt: records, the loop's numbers, and the keys that it wakes.

use super::Pass;
use crate::controller::conditions::{outage, server_conditions};
use crate::controller::context::Context;
use crate::controller::error::{Failure, FailureCode};
use crate::controller::keys::WorkKey;
use crate::controller::wanted::{WantedChange, by_verb};
use crate::controller::xray::Xray;
use crate::model::{
    Condition, ConditionKind, Edits, InboundFacts, Key, LastList, Leap, ObservedClient, Served,
    ServerFacts, ServerHome, ServerId, ServerStatus, SessionsCut, named_inbounds,
    same_ignoring_time,
};
use crate::planner::{GuardedProposal, Proposal, Waiting};
use crate::ports::PanelCode;
use std::sync::Arc;

/// Publishes a pass. The decisions and what they spend of the budget are durable when it returns.
pub(super) async fn publish(
    ctx: &Context,
    pass: &Pass<'_>,
    guarded: &GuardedProposal,
    xray: Xray,
) -> Result<(), Failure> {
    let (id, proposal) = (&pass.server.id, &guarded.proposal);
    let status = next_status(pass, guarded, xray);
    ctx.clock.crash_point("server.before_records");
    ctx.commit(records(pass, proposal, &status)).await?;
    ctx.clock.crash_point("server.after_records");
    ctx.counters.note(pass.observation, pass.time.now);
    for account in &proposal.compensate {
        ctx.enqueue(WorkKey::Account(*account), pass.time.now);
    }
    let near = ctx.close_to_cap.set(id, proposal.near.clone());
    if near > 0 {
        ctx.enqueue(WorkKey::Near(id.clone()), ctx.wall() + ctx.cadence().near);
    }
    let cooling_down = proposal.report.count(Waiting::CoolingDown);
    ctx.stats.server(id, |n| {
        n.listed_at = ctx.wall();
        n.ours = pass.observation.ours.len();
        n.foreign = pass.observation.foreign.len();
        n.strangers = Arc::new(strangers(pass, proposal));
        n.unreadable = pass.observation.coverage.unreadable().len();
        n.wanted = proposal.changes.changes.len() + cooling_down;
        n.changes = Arc::new(WantedChange::of(guarded));
        n.by_verb = by_verb(guarded);
        n.held = guarded.held.as_ref().map_or(0, |h| h.items.len());
        n.unexplained = guarded.unexplained.iter().map(|line| line.count).sum();
        n.near = near;
        n.still_connected = proposal.still_connected.len();
        n.reachable = true;
        n.report = Arc::new(proposal.report.clone());
    });
    Ok(())
}

/// Who may be adopted, or why not: whoever is not ours, and ours of which no record speaks there.
fn strangers(pass: &Pass<'_>, proposal: &Proposal) -> Vec<ObservedClient> {
    let ours = proposal.orphans.iter().filter_map(|id| pass.observation.ours.get(id));
    pass.observation.foreign.iter().chain(ours).cloned().collect()
}

/// Publishes that the server did not answer: its accounts wait.
pub(super) async fn unreachable(
    ctx: &Context,
    id: &ServerId,
    error: &Failure,
) -> Result<(), Failure> {
    let snapshot = ctx.snapshot();
    let now = ctx.now();
    ctx.stats.server(id, |n| n.reachable = false);
    let mut status =
        snapshot.server_status(id).cloned().unwrap_or_else(|| ServerStatus::new(id.clone()));
    // Without keys nothing was asked: the server may be well, and a person has to act here.
    let kind = match error.code {
        FailureCode::Panel(PanelCode::Keys) => ConditionKind::Stalled,
        _ => ConditionKind::Unreachable,
    };
    let conditions =
        vec![Condition { kind, reason: format!("{}: {}", error.code, error.detail), since: now }];
    // The prose may differ at each try; a new code is news, new prose is not.
    if status.failure.as_deref() == Some(error.code.as_str()) {
        return Ok(());
    }
    status.failure = Some(error.code.to_string());
    status.conditions = Condition::carry_since(conditions, &status.conditions);
    let mut edits = Edits::new();
    edits.put(status);
    ctx.commit(edits).await?;
    Ok(())
}

fn next_status(pass: &Pass<'_>, guarded: &GuardedProposal, xray: Xray) -> ServerStatus {
    let (server, observation, proposal) = (pass.server, pass.observation, &guarded.proposal);
    let before = pass.status_before();
    let conditions = server_conditions(pass, guarded, xray);
    let known = before.map(|b| b.conditions.as_slice()).unwrap_or_default();
    let is_news = |c: &&Condition| known.iter().all(|k| (k.kind, &k.reason) != (c.kind, &c.reason));
    for stalled in conditions.iter().filter(is_news).filter(|c| c.kind == ConditionKind::Stalled) {
        tracing::warn!(server.id = %server.id, "{}", stalled.reason);
    }
    ServerStatus {
        server: server.id.clone(),
        panel: Some(observation.panel.clone()),
        conditions: Condition::carry_since(conditions, known),
        failure: None,
        outage: outage(server, observation, xray),
        unexplained: guarded.unexplained.clone(),
        held: guarded.held.clone(),
        confirmed: guarded.confirmed.clone(),
        leap: Leap::said(proposal.leap, before, pass.time.now).map(Box::new),
        // Whoever asked for it is gone: its outcome was awaited before this pass.
        sessions_cut: before
            .and_then(|before| before.sessions_cut.as_deref().cloned())
            .map(|cut| Box::new(SessionsCut { intent: None, ..cut })),
        foreign: observation.foreign.len(),
        orphans: proposal.orphans.iter().take(ServerStatus::MOST_ORPHANS).copied().collect(),
    }
}

/// Everything a pass learnt, as one transaction: only what differs from what is stored.
pub(in crate::controller) fn records(
    pass: &Pass<'_>,
    proposal: &Proposal,
    status: &ServerStatus,
) -> Edits {
    let (snapshot, server) = (pass.snapshot, pass.server);
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
        edits.put(Served { account: *account, run: *run, at: pass.time.now });
    }
    for gone in &proposal.forget {
        edits.delete(Key::Binding(gone.account, server.id.clone()));
        edits.delete(Key::BindingStatus(gone.account, server.id.clone()));
    }
    let known = snapshot.server_facts(&server.id);
    let facts = facts(pass, known);
    if !facts.inbounds.is_empty() && known != Some(&facts) {
        edits.put(facts);
    }
    let same = pass.status_before().is_some_and(|before| {
        let mut timeless = before.clone();
        let same_conditions = same_ignoring_time(&before.conditions, &status.conditions);
        timeless.conditions.clone_from(&status.conditions);
        same_conditions && timeless == *status
    });
    if !same {
        edits.put(status.clone());
    }
    if let Some(panel) = &proposal.home {
        let key = Key::ServerHome(server.id.clone());
        edits.expect(key, None);
        edits.put(ServerHome {
            server: server.id.clone(),
            panel: panel.clone(),
            since: pass.time.now,
        });
    }
    if let Some(at) = proposal.last_list {
        edits.put(LastList { server: server.id.clone(), at });
    }
    edits
}

/// What is known of the inbounds that the file names. Of one that cannot be read just now it is what
/// was seen last: its links are the same when it is mended.
fn facts(pass: &Pass<'_>, before: Option<&ServerFacts>) -> ServerFacts {
    let (server, observation) = (pass.server, pass.observation);
    let unreadable = observation.coverage.unreadable();
    let known = before.map(|f| f.inbounds.as_slice()).unwrap_or_default();
    let known = known.iter().filter(|k| unreadable.iter().any(|u| u.id == k.id));
    let all: Vec<InboundFacts> = observation.inbounds.iter().chain(known).cloned().collect();
    let inbounds = named_inbounds(&server.inbounds, &all).into_iter().cloned().collect();
    ServerFacts { server: server.id.clone(), inbounds }
}
