//! The only place that changes a panel. It takes what the guard passed, in order, and chooses
//! nothing: each change holds the whole object that is wanted.

use super::context::Context;
use super::error::Failure;
use super::keys::WorkKey;
use crate::model::{
    BindingStatus, DurationMs, Edits, Key, LastApplied, Outcome, SECOND_MS, Served, UnixMs,
};
use crate::planner::{Change, GuardedChangeSet, Verb};
use crate::ports::{Endpoint, ErrorClass, PanelError, Precondition, StoreError, Written};

/// A signature's life (30 s), a panel call's (35 s) and the clocks' difference: after that a write
/// whose answer was lost can no longer start.
const QUIET: DurationMs = DurationMs(72 * SECOND_MS);

/// How applying went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Applied {
    /// Something was left open: list again soon.
    pub(super) look_again: bool,
}

/// Applies a guarded change set. A client that fails does not hold up the others.
///
/// # Errors
/// When the server stopped answering, or another controller writes to it: the rest is not tried.
pub(super) async fn apply(
    ctx: &Context,
    endpoint: &Endpoint,
    fence: u64,
    guarded: &GuardedChangeSet,
) -> Result<Applied, Failure> {
    let mut applied = Applied::default();
    for change in &guarded.set().changes {
        if !start(ctx, endpoint, change).await? {
            applied.look_again = true;
            continue;
        }
        ctx.clock.crash_point("executor.before_call");
        let result = send(ctx, endpoint, fence, change).await;
        ctx.clock.crash_point("executor.after_call");
        let error = match result {
            Ok(written) => match check(change, &written) {
                Ok(()) => {
                    done(ctx, endpoint, change, &written).await?;
                    ctx.clock.crash_point("executor.after_status");
                    continue;
                }
                Err(error) => error,
            },
            Err(error) => error,
        };
        applied.look_again = true;
        failed(ctx, endpoint, change, &error).await?;
        match error.class {
            ErrorClass::UnknownOutcome => {
                let until = ctx.now() + QUIET;
                ctx.keep_quiet(&endpoint.server, change.account, Some(until));
            }
            ErrorClass::Conflict | ErrorClass::Refused => {
                ctx.leave_alone(&endpoint.server, change.account);
            }
            ErrorClass::Fenced => {
                ctx.set_fence(&endpoint.server, None);
                return Err(error.into());
            }
            ErrorClass::Unreachable | ErrorClass::Operator => return Err(error.into()),
        }
    }
    Ok(applied)
}

async fn send(
    ctx: &Context,
    endpoint: &Endpoint,
    fence: u64,
    change: &Change,
) -> Result<Written, PanelError> {
    if change.verbs.contains(&Verb::Delete) {
        let uuid = change.before.unwrap_or(change.want.uuid);
        return ctx.panels.delete(endpoint, fence, &change.want.email, uuid).await;
    }
    let before = change.before.map_or(Precondition::Absent, Precondition::Uuid);
    ctx.panels.put(endpoint, fence, before, &change.want).await
}

/// The gateway read the client back; it must be what was asked.
fn check(change: &Change, written: &Written) -> Result<(), PanelError> {
    let deleted = change.verbs.contains(&Verb::Delete);
    let agrees = match &written.client {
        None => deleted,
        Some(seen) => {
            !deleted
                && seen.uuid == Some(change.want.uuid)
                && seen.enable == change.want.enable
                && (!change.want.enable
                    || (seen.end == Some(change.want.end) && seen.cap == change.want.cap))
        }
    };
    if agrees {
        return Ok(());
    }
    Err(PanelError {
        class: ErrorClass::UnknownOutcome,
        code: "not_read_back",
        detail: "what was read back after the write is not what was asked".to_owned(),
        retry_after_ms: None,
    })
}

fn subject(endpoint: &Endpoint, change: &Change) -> String {
    format!("client:{}/{}", endpoint.server, change.account)
}

/// The intent of an effect is durable before the effect. What takes something away holds only while
/// its records are as it was decided on: `false` when they changed before this was durable.
async fn start(ctx: &Context, endpoint: &Endpoint, change: &Change) -> Result<bool, Failure> {
    let now = ctx.now();
    let mut edits = Edits::new();
    let verb = change.main_verb().name();
    edits.insert(ctx.audit(verb, subject(endpoint, change), Outcome::Started, now));
    if change.is_destructive() {
        let (account, binding) = change.decided_on;
        edits.expect(Key::Account(change.account), account);
        edits.expect(Key::Binding(change.account, endpoint.server.clone()), binding);
    }
    match ctx.store.txn(edits).await {
        Ok(_) => Ok(true),
        Err(StoreError::Conflict(_)) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

async fn done(
    ctx: &Context,
    endpoint: &Endpoint,
    change: &Change,
    written: &Written,
) -> Result<(), Failure> {
    let now = ctx.now();
    let server = &endpoint.server;
    let snapshot = ctx.snapshot();
    let verb = change.main_verb();
    let mut edits = Edits::new();
    edits.insert(ctx.audit(verb.name(), subject(endpoint, change), Outcome::Done, now));
    match &written.client {
        None => {
            edits.delete(Key::Binding(change.account, server.clone()));
            edits.delete(Key::BindingStatus(change.account, server.clone()));
        }
        Some(client) => {
            let served = Key::Served(change.account, change.run);
            if client.enable && change.want.enable && snapshot.get(&served).is_none() {
                edits.put(Served { account: change.account, run: change.run, at: now });
            }
            edits.put(BindingStatus {
                account: change.account,
                server: server.clone(),
                applied: Some(last_applied(change, now)),
                incarnation: Some(client.incarnation.clone()),
                implausible: None,
                missing_since: None,
                problem: None,
            });
        }
    }
    ctx.commit(edits).await?;
    ctx.numbers.applied(server, verb);
    if verb == Verb::Disable
        && let crate::model::End::At(end) = change.want.end
        && change.why == "expired"
    {
        ctx.numbers.cut_off(server, now.0.saturating_sub(end.get()));
    }
    ctx.keep_quiet(server, change.account, None);
    ctx.ask(WorkKey::Account(change.account), now);
    Ok(())
}

fn last_applied(change: &Change, now: UnixMs) -> LastApplied {
    LastApplied {
        enable: change.want.enable,
        end: change.want.end,
        cap: change.want.cap,
        granted: change.granted,
        ip_limit: change.want.ip_limit,
        credentials: change.credentials,
        run: change.run,
        at: now,
    }
}

/// A failed change is said where people look: in the client's status.
async fn failed(
    ctx: &Context,
    endpoint: &Endpoint,
    change: &Change,
    error: &PanelError,
) -> Result<(), Failure> {
    let now = ctx.now();
    let snapshot = ctx.snapshot();
    let mut status = snapshot.binding_status(change.account, &endpoint.server).cloned().unwrap_or(
        BindingStatus {
            account: change.account,
            server: endpoint.server.clone(),
            applied: None,
            incarnation: None,
            implausible: None,
            missing_since: None,
            problem: None,
        },
    );
    let mut edits = Edits::new();
    let outcome = Outcome::Failed(error.code.to_owned());
    edits.insert(ctx.audit(change.main_verb().name(), subject(endpoint, change), outcome, now));
    let problem = matches!(error.class, ErrorClass::Refused)
        .then(|| format!("{}: {}", error.code, error.detail));
    // Said when it is new: what goes on being refused stands in the client's status.
    if problem.is_none() || status.problem != problem {
        tracing::warn!(
            server.id = %endpoint.server,
            change.verb = change.main_verb().name(),
            error.code = error.code,
            "a change did not go through: {}", error.detail
        );
    }
    if status.problem != problem {
        status.problem = problem;
        edits.put(status);
    }
    ctx.commit(edits).await?;
    Ok(())
}
