//! The claim to write to a panel: repeated every 30 s, one live controller per gateway.

use super::context::Context;
use super::error::Failure;
use crate::catalog::Mode;
use crate::model::{Amnesia, DurationMs, Edits, Key, SECOND_MS, ServerId, StoreIdentity, UnixMs};
use crate::ports::{Claim, ErrorClass};

/// How often a claim is repeated; a gateway gives another store the place after 2 min of silence.
const REPEAT: DurationMs = DurationMs(30 * SECOND_MS);

/// How often while our clock is in doubt.
const IN_DOUBT: DurationMs = DurationMs(5 * SECOND_MS);

/// Repeats a server's claim.
pub(super) async fn run(ctx: &Context, id: &ServerId) -> Result<Option<UnixMs>, Failure> {
    let catalog = ctx.catalog();
    let managed = catalog.served(id).is_some_and(|s| s.mode == Mode::Manage);
    if !managed {
        ctx.set_fence(id, None);
        return Ok(None);
    }
    let claiming = ctx.claiming(id);
    let _alone = claiming.lock().await;
    hold(ctx, id).await?;
    // What a gateway says of the time is wanted sooner while nobody believes ours.
    let repeat = if ctx.time().in_doubt() { IN_DOUBT } else { REPEAT };
    Ok(Some(ctx.wall() + repeat))
}

/// Claims, and answers with the fence that writes must carry. The caller holds the server's claim
/// lock, so that the revision is read and arrives in order.
async fn hold(ctx: &Context, id: &ServerId) -> Result<u64, Failure> {
    let catalog = ctx.catalog();
    let server = catalog.served(id).ok_or_else(|| gone(id))?;
    let snapshot = ctx.snapshot();
    let claim = Claim {
        store_id: identity(ctx).await?.store_id,
        process: ctx.process.clone(),
        revision: snapshot.revision(),
        // Once: whoever takes over from us later is not driven out again by the next repetition.
        take_over: ctx.take_over && !ctx.has_held(id),
    };
    let endpoint = Context::endpoint(&catalog, server);
    let claimed = match ctx.panels.claim(&endpoint, &claim).await {
        Ok(claimed) => claimed,
        Err(error) => {
            // What was held may be somebody else's by now: no write until a claim succeeds.
            if error.class != ErrorClass::Unreachable {
                ctx.set_fence(id, None);
            }
            return Err(error.into());
        }
    };
    let now = ctx.now();
    // Against what we hold now, not what this claim said: a later claim of our own may have
    // overtaken it, and that is no amnesia.
    let ours = ctx.snapshot().revision();
    if claimed.highest_revision > ours {
        remember_amnesia(ctx, id, ours, claimed.highest_revision, now).await?;
    }
    ctx.set_fence(id, Some(claimed.fence));
    Ok(claimed.fence)
}

/// The fence that is held, or a new claim.
pub(super) async fn fence(ctx: &Context, id: &ServerId) -> Result<u64, Failure> {
    if let Some(fence) = ctx.fence(id) {
        return Ok(fence);
    }
    let claiming = ctx.claiming(id);
    let _alone = claiming.lock().await;
    match ctx.fence(id) {
        Some(fence) => Ok(fence),
        None => hold(ctx, id).await,
    }
}

/// Who this store is; made at the first start.
async fn identity(ctx: &Context) -> Result<StoreIdentity, Failure> {
    if let Some(identity) = ctx.snapshot().identity() {
        return Ok(identity.clone());
    }
    let now = ctx.now();
    let identity = StoreIdentity { store_id: ctx.entropy.draws(now).audit, created_at: now };
    let mut edits = Edits::new();
    edits.insert(identity.clone());
    ctx.commit(edits).await?;
    Ok(identity)
}

async fn remember_amnesia(
    ctx: &Context,
    server: &ServerId,
    ours: u64,
    seen: u64,
    now: UnixMs,
) -> Result<(), Failure> {
    let snapshot = ctx.snapshot();
    let known = snapshot.amnesia();
    if known.is_some_and(|a| a.seen >= seen) {
        return Ok(());
    }
    let since = known.filter(|a| a.resolved_at.is_none()).map_or(now, |a| a.since);
    tracing::error!(
        server.id = %server,
        store.revision = ours,
        gateway.revision = seen,
        "this store is older than what a gateway has seen: nothing is shortened, disabled or \
         deleted until `nebulalinks resolve-amnesia` says that this store is the right one"
    );
    let mut edits = Edits::new();
    edits.expect(Key::Amnesia(), snapshot.version(&Key::Amnesia()));
    edits.put(Amnesia { ours, seen, server: server.clone(), since, resolved_at: None });
    ctx.commit(edits).await?;
    Ok(())
}

fn gone(id: &ServerId) -> Failure {
    Failure {
        code: "server_gone",
        detail: format!("{id} is not in servers.yaml any more"),
        retry_after_ms: None,
        fatal: false,
        loud: false,
    }
}
