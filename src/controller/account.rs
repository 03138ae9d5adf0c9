//! The account key: schedule → store bindings → enqueue their servers → say how it stands.

use super::account_conditions::account_conditions;
use super::context::Context;
use super::error::Failure;
use super::keys::WorkKey;
use super::newcomers;
use crate::catalog::Catalog;
use crate::model::{
    AccountId, AccountStatus, Binding, BindingStatus, Condition, ConditionKind, DurationMs, Edits,
    Entitlement, MINUTE_MS, ServerId, Snapshot, UnixMs, same_ignoring_time,
};
use crate::notices;
use crate::planner::{COMPENSATE_AFTER, Scheduled, compensate, schedule};

/// How often an account that found no room looks again, should no hint come.
const LOOK_AGAIN: DurationMs = DurationMs(5 * MINUTE_MS);

/// Brings one account's records forward.
pub(super) async fn run(ctx: &Context, id: AccountId) -> Result<Option<UnixMs>, Failure> {
    let catalog = ctx.catalog();
    let mut snapshot = ctx.snapshot();
    let mut now = ctx.now();
    if snapshot.account(id).is_none() {
        return Ok(None);
    }
    if !ctx.time().in_doubt()
        && answers(&snapshot, id)
        && let Some(edits) = compensate(&snapshot, id, &catalog.revision, now)
    {
        ctx.commit(edits).await?;
        ctx.clock.crash_point("account.after_compensate");
        tracing::info!(account.id = %id, "a run that could not be served got its time back");
        snapshot = ctx.snapshot();
    }
    let mut no_room = false;
    let edits = match schedule(&snapshot, &catalog, id, now) {
        Scheduled::Settled | Scheduled::NotNeeded => None,
        Scheduled::NoRoom => {
            no_room = true;
            None
        }
        // Nothing ends by a clock that nobody believes.
        Scheduled::End(_) | Scheduled::Leave(_) if ctx.time().in_doubt() => None,
        // A store that lacks a history may lack what became of the move.
        Scheduled::Leave(_) if snapshot.in_amnesia() => None,
        Scheduled::End(edits) => Some(with_conditions(&snapshot, &catalog, id, edits, now)),
        Scheduled::Bind(edits) | Scheduled::Leave(edits) | Scheduled::Forget(edits) => Some(edits),
    };
    if let Some(edits) = edits {
        ctx.clock.crash_point("account.before_bind");
        ctx.commit(edits).await?;
        ctx.clock.crash_point("account.after_bind");
        snapshot = ctx.snapshot();
        // A tombstone may have been revived on a server that is to be left.
        for binding in snapshot.bindings(id).filter(|b| catalog.is_left(&b.server)) {
            ctx.enqueue(WorkKey::Drain(binding.server.clone()), now);
        }
        now = ctx.now();
    }
    // A server that does not answer is tried again at its own pace.
    let unapplied = snapshot
        .serving(id)
        .filter(|b| !unreachable(&snapshot, &b.server))
        .filter(|b| snapshot.binding_status(id, &b.server).is_none_or(is_left_alone));
    if let Some(Binding { server, .. }) = unapplied {
        if newcomers::is_new(&snapshot, id, server) {
            ctx.newcomers.add(server, id);
            ctx.enqueue(WorkKey::New(server.clone()), now);
        } else {
            ctx.enqueue(WorkKey::Server(server.clone()), now);
        }
    }
    let mut edits = Edits::new();
    let conditions = account_conditions(&snapshot, &catalog, id, no_room, now);
    put_conditions(&mut edits, &snapshot, id, conditions);
    ctx.commit(edits).await?;
    ctx.enqueue(WorkKey::Notify(id), now);
    let told = notices::next(&snapshot, &catalog, id, now);
    Ok(next(&snapshot, id, no_room, now).into_iter().chain(told).min())
}

/// Nothing was done for the client, and nothing is about to be sent or on its way: what becomes of
/// that wakes this key.
const fn is_left_alone(status: &BindingStatus) -> bool {
    status.applied.is_none() && status.opening.is_none() && status.sending.is_none()
}

fn unreachable(snapshot: &Snapshot, server: &ServerId) -> bool {
    snapshot
        .server_status(server)
        .is_some_and(|s| s.conditions.iter().any(|c| c.kind == ConditionKind::Unreachable))
}

/// Whether the server that is to serve the account answers: only then is its delay known.
fn answers(snapshot: &Snapshot, id: AccountId) -> bool {
    snapshot.serving(id).is_some_and(|b| {
        snapshot.server_status(&b.server).is_some_and(|s| s.panel.is_some())
            && !unreachable(snapshot, &b.server)
    })
}

/// The edits of an end, with how the account stands then: many end at once, and each in one commit.
fn with_conditions(
    snapshot: &Snapshot,
    catalog: &Catalog,
    id: AccountId,
    mut edits: Edits,
    now: UnixMs,
) -> Edits {
    // No condition rests on a revision: this one need not be the one that it gets.
    let then = snapshot.after(&edits, snapshot.revision().saturating_add(1));
    let conditions = account_conditions(&then, catalog, id, false, now);
    put_conditions(&mut edits, &then, id, conditions);
    edits
}

/// Puts how an account stands, where that is news.
fn put_conditions(
    edits: &mut Edits,
    snapshot: &Snapshot,
    id: AccountId,
    conditions: Vec<Condition>,
) {
    let before = snapshot.account_status(id).map(|s| s.conditions.as_slice()).unwrap_or_default();
    if !same_ignoring_time(before, &conditions) {
        let conditions = Condition::carry_since(conditions, before);
        edits.put(AccountStatus { account: id, conditions });
    }
}

fn next(snapshot: &Snapshot, id: AccountId, no_room: bool, now: UnixMs) -> Option<UnixMs> {
    let entitlement = Entitlement::of(snapshot, id)?;
    let end = (entitlement.ends_at > now).then_some(entitlement.ends_at + DurationMs(1));
    let owed = (!entitlement.served && entitlement.compensations == 0)
        .then_some(entitlement.start + entitlement.compensated + COMPENSATE_AFTER + DurationMs(1))
        .filter(|at| *at > now);
    let again = no_room.then_some(now + LOOK_AGAIN);
    let left = snapshot.old_server_kept_until(id).filter(|at| *at > now);
    [end, owed, again, left].into_iter().flatten().min()
}
