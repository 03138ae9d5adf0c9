//! The claim to write to a panel: repeated every 30 s, one live controller per gateway.

use super::context::Context;
use super::error::{Failure, FailureCode};
use crate::catalog::Mode;
use crate::model::{
    Amnesia, DurationMs, Edits, HistoryPoint, Key, SECOND_MS, ServerId, StoreIdentity, UnixMs,
};
use crate::ports::{Claim, Claimed, ErrorClass, PanelError};

/// How often while our clock is in doubt.
const IN_DOUBT: DurationMs = DurationMs(5 * SECOND_MS);

/// Repeats a server's claim.
pub(super) async fn run(ctx: &Context, id: &ServerId) -> Result<Option<UnixMs>, Failure> {
    let catalog = ctx.catalog();
    let managed = catalog.served(id).is_some_and(|s| s.mode == Mode::Manage);
    if !managed {
        ctx.claims.lose(id);
        return Ok(None);
    }
    let turn = ctx.claims.turn(id);
    let _alone = turn.lock().await;
    hold(ctx, id).await?;
    // What a gateway says of the time is wanted sooner while nobody believes ours.
    let repeat = if ctx.time().in_doubt() { IN_DOUBT } else { ctx.cadence().claim };
    Ok(Some(ctx.wall() + repeat))
}

/// How often one claim is asked again with what was found out: to show, and to give up.
const STEPS: usize = 4;

/// Claims, and answers with the fence that writes must carry. The caller holds the server's claim
/// lock, so that the revision is read and arrives in order.
///
/// A gateway names what it has seen of this store. What stands in our own history is shown, what an
/// operator gave up is named, and the rest is amnesia, however far our revision is.
async fn hold(ctx: &Context, id: &ServerId) -> Result<u64, Failure> {
    let catalog = ctx.catalog();
    let server = catalog.served(id).ok_or_else(|| gone(id))?;
    let endpoint = Context::endpoint(&catalog, server);
    // Once: whoever takes over from us later is not driven out again by the next repetition.
    let take_over = ctx.take_over && !ctx.claims.was_held(id);
    let store_id = identity(ctx).await?.store_id;
    let mut known = Sorted::default();
    let mut step = 0;
    loop {
        step += 1;
        let claim = Claim {
            store_id: store_id.clone(),
            process: ctx.process.clone(),
            at: ctx.snapshot().history(),
            shows: known.ours.clone(),
            gives_up: known.given_up.clone(),
            take_over,
        };
        let answer = ctx.panels.claim(&endpoint, &claim).await;
        let unshown = match &answer {
            Ok(claimed) => &claimed.unshown,
            Err(error) => &error.unshown,
        };
        let found = sort(ctx, id, unshown).await?;
        if !found.lost.is_empty() {
            remember_amnesia(ctx, id, &found.lost).await?;
        }
        if step < STEPS && known.learn(found) {
            continue;
        }
        return conclude(ctx, id, answer);
    }
}

fn conclude(
    ctx: &Context,
    id: &ServerId,
    answer: Result<Claimed, PanelError>,
) -> Result<u64, Failure> {
    let claimed = match answer {
        Ok(claimed) => claimed,
        Err(error) => {
            // What was held may be somebody else's by now: no write until a claim succeeds.
            if error.class != ErrorClass::Unreachable {
                ctx.claims.lose(id);
            }
            return Err(error.into());
        }
    };
    ctx.claims.hold(id, claimed.fence);
    Ok(claimed.fence)
}

/// What a gateway has seen of this store, by what it is to us.
#[derive(Debug, Default)]
struct Sorted {
    /// It is in our history.
    ours: Vec<HistoryPoint>,
    /// An operator said that we are right without it.
    given_up: Vec<HistoryPoint>,
    /// We lack it.
    lost: Vec<HistoryPoint>,
}

impl Sorted {
    /// Adds what the next claim can name; answers whether there was anything new.
    fn learn(&mut self, found: Self) -> bool {
        let mut news = false;
        let lists = [(&mut self.ours, found.ours), (&mut self.given_up, found.given_up)];
        for (known, found) in lists {
            for point in found {
                if !known.contains(&point) {
                    known.push(point);
                    news = true;
                }
            }
        }
        news
    }
}

async fn sort(ctx: &Context, id: &ServerId, unshown: &[HistoryPoint]) -> Result<Sorted, Failure> {
    let mut sorted = Sorted::default();
    for point in unshown {
        // Against what we hold now, not what the claim said: a later write of our own may have
        // overtaken it, and that is no amnesia.
        let ours = match point.lineage {
            Some(seen) => ctx.store.lineage(point.revision).await? == Some(seen),
            None => ctx.snapshot().revision() >= point.revision,
        };
        let snapshot = ctx.snapshot();
        let given_up = snapshot.amnesia().is_some_and(|amnesia| amnesia.gave_up(id, point));
        let list = match (ours, given_up) {
            (true, _) => &mut sorted.ours,
            (false, true) => &mut sorted.given_up,
            (false, false) => &mut sorted.lost,
        };
        list.push(*point);
    }
    Ok(sorted)
}

/// The fence that is held, or a new claim.
pub(super) async fn fence(ctx: &Context, id: &ServerId) -> Result<u64, Failure> {
    if let Some(fence) = ctx.claims.fence(id) {
        return Ok(fence);
    }
    let turn = ctx.claims.turn(id);
    let _alone = turn.lock().await;
    match ctx.claims.fence(id) {
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
    let identity = StoreIdentity { store_id: ctx.entropy.ulid(now), created_at: now };
    let mut edits = Edits::new();
    edits.insert(identity.clone());
    ctx.commit(edits).await?;
    Ok(identity)
}

async fn remember_amnesia(
    ctx: &Context,
    server: &ServerId,
    lost: &[HistoryPoint],
) -> Result<(), Failure> {
    let snapshot = ctx.snapshot();
    let ours = snapshot.revision();
    let Some(amnesia) = Amnesia::with(snapshot.amnesia(), server, lost, ours, ctx.now()) else {
        return Ok(());
    };
    tracing::error!(
        server.id = %server,
        store.revision = ours,
        gateway.revision = amnesia.seen,
        "a gateway has seen a history of this store that it lacks: it was restored, or is a copy. \
         Nothing is shortened, disabled or deleted until `nebulalinks resolve-amnesia` says that \
         this store is the right one"
    );
    let mut edits = Edits::new();
    edits.expect(Key::Amnesia(), snapshot.version(&Key::Amnesia()));
    edits.put(amnesia);
    ctx.commit(edits).await?;
    Ok(())
}

fn gone(id: &ServerId) -> Failure {
    Failure {
        code: FailureCode::ServerGone,
        detail: format!("{id} is not in servers.yaml any more"),
        retry_after_ms: None,
        fatal: false,
        loud: false,
    }
}
