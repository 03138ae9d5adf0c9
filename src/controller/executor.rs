//! The only place that changes a panel. It takes what the guard passed, in order, and chooses
//! nothing: each change holds the whole object that is wanted.

use super::context::Context;
use super::error::Failure;
use super::keys::WorkKey;
use crate::model::{
    BindingStatus, DurationMs, Edits, Key, Outcome, Overrun, SECOND_MS, Served, ServerStatus,
};
use crate::planner::{Change, GuardedChangeSet, Verb};
use crate::ports::{
    Endpoint, ErrorClass, GatewayCode, PanelCode, PanelError, Precondition, StoreError, Write,
    WriteToken, Written,
};
use std::collections::BTreeMap;

/// A signature's life (30 s), a panel call's (35 s) and the clocks' difference: after that a write
/// whose answer was lost can no longer start.
const COOLDOWN: DurationMs = DurationMs(72 * SECOND_MS);

/// The most changes of one request to a gateway.
const AT_ONCE: usize = 100;

/// How applying went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Applied {
    /// Something was left open: list again soon.
    pub(super) look_again: bool,
    /// A change was left out because its records had changed: nothing is wrong.
    pub(super) overtaken: bool,
}

/// Where a pass writes, and by what right.
#[derive(Debug, Clone, Copy)]
pub(super) struct Recipient<'a> {
    pub(super) endpoint: &'a Endpoint,
    pub(super) fence: u64,
    /// The identity of the panel that was listed: what was decided by it goes to no other.
    pub(super) panel: &'a str,
}

impl<'a> Recipient<'a> {
    /// Read after an intent was noted: what the panel is about to hold is part of this history.
    fn token(self, ctx: &Context) -> WriteToken<'a> {
        WriteToken { fence: self.fence, at: ctx.snapshot().history(), panel: self.panel }
    }
}

/// Applies a guarded change set. A client that fails does not hold up the others. Changes go out
/// many at once, in their order; what gives is never in one request with what takes.
///
/// # Errors
/// When the server stopped answering, another panel answers, or another controller writes to it: the rest is
/// not tried.
pub(super) async fn apply(
    ctx: &Context,
    to: Recipient<'_>,
    guarded: &GuardedChangeSet,
) -> Result<Applied, Failure> {
    let endpoint = to.endpoint;
    let mut applied = Applied::default();
    ctx.xray.about_to_write(&endpoint.server, ctx.now());
    let changes = &guarded.set().changes;
    let kinds = changes.chunk_by(|a, b| a.is_destructive() == b.is_destructive());
    for some in kinds.flat_map(|kind| kind.chunks(AT_ONCE)) {
        let going = record_intents(ctx, endpoint, some).await?;
        applied.overtaken |= going.len() < some.len();
        applied.look_again |= applied.overtaken;
        if going.is_empty() {
            continue;
        }
        ctx.clock.crash_point("executor.before_call");
        let results = send(ctx, to, &going).await;
        ctx.clock.crash_point("executor.after_call");
        let (mut written, mut errors) = (Vec::new(), Vec::new());
        for (change, result) in going.into_iter().zip(results) {
            match result.and_then(|seen| check(change, &seen).map(|()| seen)) {
                Ok(seen) => written.push((change, seen)),
                Err(error) => errors.push((change, error)),
            }
        }
        if !written.is_empty() {
            record_applied(ctx, endpoint, &written).await?;
            ctx.clock.crash_point("executor.after_status");
        }
        if !errors.is_empty() {
            applied.look_again = true;
            record_failures(ctx, endpoint, &errors).await?;
            classify_failures(ctx, endpoint, &errors, !written.is_empty())?;
        }
    }
    Ok(applied)
}

/// Starts Xray anew for clients that are off and connected all the same. That it was done is durable
/// before it is asked for: whatever becomes of it, these hours see no second one.
///
/// # Errors
/// The store, that another controller writes to the server, or that another panel answers.
pub(super) async fn cut_sessions(
    ctx: &Context,
    to: Recipient<'_>,
    guarded: &GuardedChangeSet,
) -> Result<(), Failure> {
    let Some(clients) = guarded.cut_sessions() else { return Ok(()) };
    let server = &to.endpoint.server;
    let status = || {
        let snapshot = ctx.snapshot();
        snapshot.server_status(server).cloned().unwrap_or_else(|| ServerStatus::new(server.clone()))
    };
    let mut edits = Edits::new();
    ctx.note_restart(&mut edits, status(), clients);
    ctx.commit(edits).await?;
    ctx.clock.crash_point("executor.before_restart");
    tracing::info!(server.id = %server, clients, "starting Xray anew: sessions outlived their cut-off");
    ctx.xray.about_to_write(server, ctx.now());
    let restarted = ctx.panels.restart_xray(to.endpoint, to.token(ctx)).await;
    ctx.clock.crash_point("executor.after_restart");
    let outcome = match &restarted {
        Ok(()) => Outcome::Done,
        Err(error) => Outcome::Failed(error.code.as_str().to_owned()),
    };
    let mut edits = Edits::new();
    ctx.note_restarted(&mut edits, status(), outcome);
    ctx.commit(edits).await?;
    let Err(error) = restarted else { return Ok(()) };
    if error.class == ErrorClass::Fenced {
        ctx.claims.lose(server);
    }
    if matches!(error.class, ErrorClass::Fenced | ErrorClass::AnotherPanel) {
        return Err(error.into());
    }
    // The list after this one says whether Xray runs.
    tracing::warn!(server.id = %server, error.code = error.code.as_str(), "Xray was not started anew: {}", error.detail);
    Ok(())
}

async fn send(
    ctx: &Context,
    to: Recipient<'_>,
    changes: &[&Change],
) -> Vec<Result<Written, PanelError>> {
    let (endpoint, token) = (to.endpoint, to.token(ctx));
    let mut writes: Vec<Write> = changes.iter().map(|change| write(change)).collect();
    if writes.len() > 1 {
        return ctx.panels.batch(endpoint, token, &writes).await;
    }
    match writes.pop() {
        Some(Write::Put { before, client }) => {
            vec![ctx.panels.put(endpoint, token, before, &client).await]
        }
        Some(Write::Delete { email, uuid }) => {
            vec![ctx.panels.delete(endpoint, token, &email, uuid).await]
        }
        None => Vec::new(),
    }
}

fn write(change: &Change) -> Write {
    if change.verbs.contains(&Verb::Delete) {
        let uuid = change.before.unwrap_or(change.want.uuid);
        return Write::Delete { email: change.want.email.clone(), uuid };
    }
    let before = change.before.map_or(Precondition::Absent, Precondition::Uuid);
    Write::Put { before, client: change.want.clone() }
}

/// What follows from failures: which clients cool down, and whether the rest is not to be tried.
///
/// # Errors
/// The rest is not to be tried.
fn classify_failures(
    ctx: &Context,
    endpoint: &Endpoint,
    errors: &[(&Change, PanelError)],
    some_written: bool,
) -> Result<(), Failure> {
    let mut of_the_server: Option<&PanelError> = None;
    for (change, error) in errors {
        match error.class {
            ErrorClass::UnknownOutcome => {
                let until = ctx.wall() + COOLDOWN;
                ctx.cooldowns.cool_down(&endpoint.server, change.account, until);
            }
            ErrorClass::Conflict | ErrorClass::Refused => {
                ctx.cooldowns.back_off(&endpoint.server, change.account, ctx.wall());
            }
            ErrorClass::Fenced => {
                ctx.claims.lose(&endpoint.server);
                of_the_server = Some(error);
            }
            // What was not begun, and what goes on being planned, waits for the list.
            ErrorClass::AnotherPanel => of_the_server = Some(error),
            // Of a batch that took too long the rest is simply sent again.
            ErrorClass::Unreachable
                if matches!(
                    error.code,
                    PanelCode::Gateway(GatewayCode::Expired | GatewayCode::NotAttempted)
                ) && some_written => {}
            ErrorClass::Unreachable | ErrorClass::Operator => {
                let why = of_the_server
                    .filter(|first| first.code != PanelCode::Gateway(GatewayCode::NotAttempted));
                of_the_server = Some(why.unwrap_or(error));
            }
        }
    }
    of_the_server.map_or(Ok(()), |error| Err(error.clone().into()))
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
        code: PanelCode::NotReadBack,
        detail: "what was read back after the write is not what was asked".to_owned(),
        retry_after_ms: None,
        unshown: Vec::new(),
    })
}

/// The intent of an effect is durable before the effect, and holds only while its records are as it
/// was decided on: those that changed before this was durable are left out, and planned anew soon: what gives
/// or takes back has put its server into the queue, and a pass that left something out asks for the next.
/// A renewal must not be cut off, and what was taken back must not be given.
async fn record_intents<'c>(
    ctx: &Context,
    endpoint: &Endpoint,
    changes: &'c [Change],
) -> Result<Vec<&'c Change>, Failure> {
    let mut going: Vec<&Change> = changes.iter().collect();
    while !going.is_empty() {
        let now = ctx.now();
        let snapshot = ctx.snapshot();
        let mut edits = Edits::new();
        for change in &going {
            let status = snapshot.binding_status_or_new(change.account, &endpoint.server);
            ctx.note_intent(&mut edits, status, change.main_verb().name(), now);
            for (key, version) in preconditions(endpoint, change) {
                edits.expect(key, version);
            }
        }
        match ctx.store.txn(edits).await {
            Ok(_) => break,
            Err(StoreError::Conflict(stale)) => {
                let before = going.len();
                // Of many that change at once, as ends do, each try would find but one.
                let snapshot = ctx.snapshot();
                going.retain(|c| {
                    let mut decided_on = preconditions(endpoint, c).into_iter();
                    decided_on.all(|(key, v)| key != stale && snapshot.version(&key) == v)
                });
                if going.len() == before {
                    going.clear();
                }
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(going)
}

/// The records, in their versions, without which a change must not be made.
fn preconditions(endpoint: &Endpoint, change: &Change) -> [(Key, Option<u64>); 2] {
    let (account, binding) = change.decided_on;
    [
        (Key::Account(change.account), account),
        (Key::Binding(change.account, endpoint.server.clone()), binding),
    ]
}

async fn record_applied(
    ctx: &Context,
    endpoint: &Endpoint,
    written: &[(&Change, Written)],
) -> Result<(), Failure> {
    let now = ctx.now();
    let server = &endpoint.server;
    let snapshot = ctx.snapshot();
    let mut edits = Edits::new();
    let mut cut_off = Vec::new();
    for (change, written) in written {
        let verb = change.main_verb().name();
        let status = snapshot.binding_status_or_new(change.account, server);
        ctx.note_outcome(&mut edits, &status, verb, Outcome::Done, now);
        let gives_back = change.verbs.contains(&Verb::Release);
        let Some(client) = written.client.as_ref().filter(|_| !gives_back) else {
            edits.delete(Key::Binding(change.account, server.clone()));
            edits.delete(Key::BindingStatus(change.account, server.clone()));
            continue;
        };
        let served = Key::Served(change.account, change.run);
        if client.enable && change.want.enable && snapshot.version(&served).is_none() {
            edits.put(Served { account: change.account, run: change.run, at: now });
        }
        if change.opens_anew(&snapshot) {
            let (account, run, over) = (change.account, change.run, change.over);
            edits.put(Overrun { account, run, over });
        }
        cut_off.extend(change.cut_off_lag(status.applied.as_ref(), now));
        // What a write does not change of its row stays in doubt until it is listed once more.
        let same_row = status.incarnation.as_ref() == Some(&client.incarnation);
        edits.put(BindingStatus {
            applied: Some(change.applied_at(now)),
            implausible: status.implausible.filter(|_| same_row),
            leapt: status.leapt,
            incarnation: Some(client.incarnation.clone()),
            ..BindingStatus::new(change.account, server.clone())
        });
    }
    ctx.commit(edits).await?;
    cut_off.into_iter().for_each(|lag: DurationMs| ctx.stats.cut_off(server, lag.0));
    for (change, _) in written {
        let verb = change.main_verb();
        ctx.stats.applied(server, verb);
        ctx.cooldowns.end(server, change.account);
        ctx.enqueue(WorkKey::Account(change.account), now);
    }
    Ok(())
}

/// Records failed changes where people look: in the clients' status.
async fn record_failures(
    ctx: &Context,
    endpoint: &Endpoint,
    errors: &[(&Change, PanelError)],
) -> Result<(), Failure> {
    let now = ctx.now();
    let snapshot = ctx.snapshot();
    let mut edits = Edits::new();
    // By code: how many, and the first of them.
    let mut news: BTreeMap<PanelCode, (usize, &(&Change, PanelError))> = BTreeMap::new();
    for failure in errors {
        let (change, error) = failure;
        let outcome = Outcome::Failed(error.code.as_str().to_owned());
        let verb = change.main_verb().name();
        let mut status = snapshot.binding_status_or_new(change.account, &endpoint.server);
        ctx.note_outcome(&mut edits, &status, verb, outcome, now);
        let problem = matches!(error.class, ErrorClass::Refused)
            .then(|| format!("{}: {}", error.code, error.detail).into_boxed_str());
        // Logged when it is new: what goes on being refused stands in the client's status.
        if problem.is_none() || status.problem != problem {
            news.entry(error.code).or_insert((0, failure)).0 += 1;
        }
        (status.problem, status.sending) = (problem, None);
        edits.put(status);
    }
    for (code, (count, (change, error))) in news {
        tracing::warn!(
            server.id = %endpoint.server,
            change.verb = change.main_verb().name(),
            error.code = code.as_str(),
            clients = count,
            "a change did not go through: {}", error.detail
        );
    }
    ctx.commit(edits).await?;
    Ok(())
}
