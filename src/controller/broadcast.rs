//! Broadcasts go out, one after the other and to one customer after the other, at a pace. Whose turn it is is
//! durable before anything is sent: a customer gets it at most once, whenever the process ends.

use super::context::Context;
use super::drain;
use super::error::Failure;
use super::nonce::nonce;
use super::notify::{Claim, NOT_OVER_YET, Went};
use crate::catalog::Catalog;
use crate::model::{
    Actor, Broadcast, BroadcastId, BroadcastState, BroadcastTurn, CustomerId, DurationMs, Edits,
    HOUR_MS, Identity, Key, MINUTE_MS, Progress, Snapshot, UnixMs, first_ulid_at,
};
use crate::notices::broadcast::{Step, is_still_wanted, step};
use crate::ports::{Chat, ChatClass, ChatError, Place};
use crate::view::Pages;

/// Whoever cannot be written to for so long holds up nobody else any more.
const GIVE_UP: DurationMs = DurationMs(HOUR_MS);
/// How soon it is looked again whether a gateway told.
const SOON: DurationMs = DurationMs(MINUTE_MS / 6);

/// The next thing to do of the broadcast that was sent first and has not ended; its author is told of the end.
pub(super) async fn run(ctx: &Context) -> Result<Option<UnixMs>, Failure> {
    let Some(chat) = ctx.chat.as_deref() else { return Ok(None) };
    let (snapshot, catalog, now) = (ctx.snapshot(), ctx.catalog(), ctx.now());
    let Some(broadcast) = snapshot.broadcast_due() else { return Ok(None) };
    if ctx.time().in_doubt() {
        // The end of the doubt looks at everything.
        return Ok(None);
    }
    if snapshot.in_amnesia() {
        return stop(ctx, &snapshot).await;
    }
    // What an earlier process left: until a gateway told, the store may be one from before.
    if is_of_before(ctx, broadcast) && !drain::is_known(ctx, &catalog) {
        return Ok(Some(ctx.wall() + SOON));
    }
    if let Some(turn) = broadcast.progress.turn {
        let begun = Begun { broadcast, turn, earlier: turn.claimed_at };
        return serve(ctx, chat, &catalog, &begun).await;
    }
    if broadcast.ended_at().is_some() {
        tell_end(ctx, chat, &catalog, broadcast).await?;
        return Ok(Some(ctx.wall()));
    }
    let id = broadcast.id;
    let progress = match step(&snapshot, &catalog, broadcast, now) {
        Step::Wait(at) => return Ok(Some(ctx.wall() + at.since(now))),
        Step::Over(progress) => {
            let state = BroadcastState::Sent(now);
            put(ctx, &snapshot, Broadcast { state, progress, ..broadcast.clone() }).await?;
            return Ok(Some(ctx.wall()));
        }
        Step::On(progress) => progress,
    };
    put(ctx, &snapshot, Broadcast { progress, ..broadcast.clone() }).await?;
    ctx.clock.crash_point("notify.before_notice");
    let Some(turn) = progress.turn else { return Ok(Some(ctx.wall())) };
    let claimed = ctx.snapshot();
    let Some(broadcast) = claimed.broadcast(id) else { return Ok(None) };
    serve(ctx, chat, &catalog, &Begun { broadcast, turn, earlier: None }).await
}

/// Whether it was sent before this process began.
fn is_of_before(ctx: &Context, broadcast: &Broadcast) -> bool {
    let sent = broadcast.sending_since();
    sent.is_some_and(|since| first_ulid_at(since + DurationMs(1)) <= ctx.process)
}

/// What the store lacks may be that somebody has it: nobody more gets it, and staff see how far it is said to be.
async fn stop(ctx: &Context, snapshot: &Snapshot) -> Result<Option<UnixMs>, Failure> {
    let Some(broadcast) = snapshot.broadcasts().find(|b| b.sending_since().is_some()) else {
        // Their authors are told when all is known.
        return Ok(Some(ctx.wall() + NOT_OVER_YET));
    };
    let state = BroadcastState::Stopped { by: Actor::Controller, at: ctx.now() };
    put(ctx, snapshot, Broadcast { state, ..broadcast.clone() }).await?;
    Ok(Some(ctx.wall()))
}

/// Somebody's turn.
struct Begun<'a> {
    broadcast: &'a Broadcast,
    turn: BroadcastTurn,
    /// When it was claimed, where an earlier run did and may have sent it.
    earlier: Option<UnixMs>,
}

/// What came of somebody's turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Came {
    Sent,
    Closed,
    Unknown,
    /// It is not for them any more.
    Dropped,
}

impl Came {
    /// The bounded word for metrics.
    const fn name(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Closed => "closed",
            Self::Unknown => "unknown",
            Self::Dropped => "dropped",
        }
    }
}

/// Sends it to whoever's turn it is, unless they have it or do not want it any more.
async fn serve(
    ctx: &Context,
    chat: &dyn Chat,
    catalog: &Catalog,
    begun: &Begun<'_>,
) -> Result<Option<UnixMs>, Failure> {
    let snapshot = ctx.snapshot();
    let (id, customer) = (begun.broadcast.id, begun.turn.customer);
    let came = match snapshot.reached_at(customer) {
        Some(to) => send(ctx, chat, catalog, begun, to).await,
        None => Ok(Came::Dropped),
    };
    let came = match came {
        Err(failure) if !failure.fatal && ctx.now().since(begun.turn.since) > GIVE_UP => {
            tracing::warn!(
                broadcast.id = %id,
                error.code = failure.code.as_str(),
                "a customer could not be sent a broadcast, and it goes on without them: {}",
                failure.detail
            );
            Came::Unknown
        }
        came => came?,
    };
    settle(ctx, id, customer, came).await?;
    Ok(Some(ctx.wall()))
}

async fn send(
    ctx: &Context,
    chat: &dyn Chat,
    catalog: &Catalog,
    begun: &Begun<'_>,
    to: Identity,
) -> Result<Came, Failure> {
    let (snapshot, now) = (ctx.snapshot(), ctx.now());
    let Begun { broadcast, turn, earlier } = begun;
    let nonce = nonce(&format!("broadcast {} {}", broadcast.id, turn.customer));
    if !is_still_wanted(&snapshot, catalog, broadcast, now) {
        // An earlier run may have sent it.
        let Some(_) = earlier else { return Ok(Came::Dropped) };
        return match chat.find(Place::Direct(to), &nonce).await {
            Ok(Some(_)) => Ok(Came::Sent),
            Ok(None) => Ok(Came::Dropped),
            Err(error) if is_closed(&error) => Ok(Came::Dropped),
            Err(error) => Err(error.into()),
        };
    }
    if turn.claimed_at.is_none() {
        let turn = BroadcastTurn { claimed_at: Some(now), ..*turn };
        claim(ctx, broadcast, turn, Some(now)).await?;
    }
    let pages = Pages::new(chat.front(), &snapshot, catalog, now);
    let message = pages.broadcast_message(broadcast, turn.customer);
    let claim_of = Claim { nonce: &nonce, message: &message, claimed: *earlier, now };
    let went = claim_of.tell(chat, Place::Direct(to)).await;
    ctx.clock.crash_point("notify.after_notice");
    match went {
        Went::Sent => Ok(Came::Sent),
        Went::Unknown => Ok(Came::Unknown),
        Went::Refused(_) => Ok(Came::Closed),
        Went::Failed { error, looked } => {
            if looked && error.class == ChatClass::Later {
                // It surely did not go out: the claim is given back.
                claim(ctx, broadcast, BroadcastTurn { claimed_at: None, ..*turn }, None).await?;
            }
            Err(error.into())
        }
    }
}

/// Claims a turn once more, or gives the claim back.
async fn claim(
    ctx: &Context,
    broadcast: &Broadcast,
    turn: BroadcastTurn,
    at: Option<UnixMs>,
) -> Result<(), Failure> {
    change(ctx, broadcast.id, turn.customer, |progress| {
        progress.turn = Some(turn);
        progress.last_at = at.or(progress.last_at);
    })
    .await
}

/// Counts what came of a turn; the next may come.
async fn settle(
    ctx: &Context,
    id: BroadcastId,
    customer: CustomerId,
    came: Came,
) -> Result<(), Failure> {
    change(ctx, id, customer, |progress| {
        progress.turn = None;
        match came {
            Came::Sent => progress.sent = progress.sent.saturating_add(1),
            Came::Closed => progress.closed = progress.closed.saturating_add(1),
            Came::Unknown => progress.unknown = progress.unknown.saturating_add(1),
            Came::Dropped => {}
        }
    })
    .await?;
    ctx.stats.broadcast(came.name());
    Ok(())
}

/// Changes how far a broadcast is, if it is this customer's turn still. Somebody may have stopped it meanwhile.
async fn change(
    ctx: &Context,
    id: BroadcastId,
    customer: CustomerId,
    change: impl FnOnce(&mut Progress),
) -> Result<(), Failure> {
    let snapshot = ctx.snapshot();
    let Some(broadcast) = snapshot.broadcast(id) else { return Ok(()) };
    let mut progress = broadcast.progress;
    if progress.turn.is_none_or(|turn| turn.customer != customer) {
        return Ok(());
    }
    change(&mut progress);
    put(ctx, &snapshot, Broadcast { progress, ..broadcast.clone() }).await
}

async fn put(ctx: &Context, snapshot: &Snapshot, broadcast: Broadcast) -> Result<(), Failure> {
    let key = Key::Broadcast(broadcast.id);
    let mut edits = Edits::new();
    edits.expect(key.clone(), snapshot.version(&key));
    edits.put(broadcast);
    ctx.commit(edits).await?;
    Ok(())
}

/// Tells whoever wrote it how it ended, by direct message. An operator reads it in `get broadcasts`.
async fn tell_end(
    ctx: &Context,
    chat: &dyn Chat,
    catalog: &Catalog,
    broadcast: &Broadcast,
) -> Result<(), Failure> {
    let snapshot = ctx.snapshot();
    if let Actor::Person(author) = broadcast.by {
        let pages = Pages::new(chat.front(), &snapshot, catalog, ctx.now());
        let pages = pages.for_customer(snapshot.reads_at(author, None));
        let nonce = nonce(&format!("broadcast end {}", broadcast.id));
        let (place, message) = (Place::Direct(author), pages.broadcast_of(broadcast.id));
        // A crash may have come between an earlier try and its record.
        let told = match chat.find(place, &nonce).await {
            Ok(None) => chat.post(place, &message, &nonce).await.map(|_| ()),
            found => found.map(|_| ()),
        };
        if let Err(error) =
            told.or_else(|error| if is_closed(&error) { Ok(()) } else { Err(error) })
        {
            return Err(error.into());
        }
    }
    put(ctx, &snapshot, Broadcast { told: true, ..broadcast.clone() }).await
}

/// Whether somebody cannot be written to.
const fn is_closed(error: &ChatError) -> bool {
    matches!(error.class, ChatClass::Closed | ChatClass::Refused | ChatClass::ChannelGone)
}
