//! The drain key: those of a server that is to be left are given another one, so many at a time.

use super::context::Context;
use super::error::Failure;
use super::loop_stats::Moves;
use crate::catalog::{Catalog, Mode, Server};
use crate::model::{
    AccountId, Binding, Disposition, Entitlement, Selector, ServerId, Snapshot, UnixMs,
};
use crate::planner::{MOVES_EVERY, MoveAway, move_away, moves_at_once};
use crate::ports::StoreError;
use std::sync::Arc;

/// Moves some of the accounts of a server that is to be left.
pub(super) async fn run(ctx: &Context, id: &ServerId) -> Result<Option<UnixMs>, Failure> {
    let catalog = ctx.catalog();
    let left = catalog.servers.get(id).filter(|s| catalog.is_left(&s.id));
    let Some(server) = left.filter(|s| s.mode == Mode::Manage) else {
        // Who began to move goes on, whatever became of the server.
        let leaving = |b: &&Binding| b.disposition == Disposition::Leaving;
        let under_way = ctx.snapshot().bound_to(id).filter(leaving).count();
        let moves = Moves { under_way, ..Moves::default() };
        ctx.stats.moves(id, (under_way > 0).then_some(moves));
        return Ok((under_way > 0).then(|| ctx.wall() + ctx.cadence().resync));
    };
    // Before the snapshot, which then has what a gateway told.
    let known = is_known(ctx, &catalog);
    let snapshot = ctx.snapshot();
    let mut moves = Moves::default();
    let mut serving = Vec::new();
    for binding in snapshot.bound_to(id) {
        match binding.disposition {
            Disposition::Serving => serving.push(binding.account),
            Disposition::Leaving => moves.under_way += 1,
            Disposition::Tombstoned { .. } => {}
        }
    }
    moves.waiting = serving.len();
    // A store that lacks a history may have moved them already.
    if known && !ctx.time().in_doubt() && !snapshot.in_amnesia() {
        let (moved, no_room) = move_some(ctx, server, serving).await?;
        moves.waiting = moves.waiting.saturating_sub(moved);
        (moves.under_way, moves.no_room) = (moves.under_way + moved, no_room);
    }
    ctx.stats.moves(id, Some(moves));
    Ok((moves.waiting > 0 || moves.under_way > 0).then(|| ctx.wall() + MOVES_EVERY))
}

/// Whether a gateway has told this process what it has seen of the store's history: until then the store may
/// be one from before the very moves that are about to be made.
pub(super) fn is_known(ctx: &Context, catalog: &Catalog) -> bool {
    catalog.servers.keys().any(|id| ctx.claims.was_held(id))
}

/// Moves as many as go at a time: how many went, and for how many there is no room.
async fn move_some(
    ctx: &Context,
    server: &Server,
    serving: Vec<AccountId>,
) -> Result<(usize, usize), Failure> {
    let catalog = ctx.catalog();
    let at_once = moves_at_once(server);
    let (mut moved, mut no_room) = (0, 0);
    // For whom there was no room there is none for those whose plan allows the same servers.
    let mut full = Vec::new();
    for account in serving {
        if moved == at_once {
            break;
        }
        let snapshot = ctx.snapshot();
        let selector = selector_of(&snapshot, account);
        if full.contains(&selector) {
            no_room += 1;
            continue;
        }
        let edits = match move_away(&snapshot, &catalog, account, &server.id, ctx.now()) {
            MoveAway::Move(edits) => edits,
            MoveAway::NoRoom => {
                no_room += 1;
                full.push(selector);
                continue;
            }
            MoveAway::Stays => continue,
        };
        match ctx.store.txn(edits).await {
            Ok(_) => moved += 1,
            // Something of it changed meanwhile: next time.
            Err(StoreError::Conflict(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    if moved > 0 {
        tracing::info!(server.id = %server.id, moved, no_room, "accounts get another server");
    }
    Ok((moved, no_room))
}

fn selector_of(snapshot: &Snapshot, account: AccountId) -> Option<Arc<Selector>> {
    Entitlement::of(snapshot, account).map(|entitlement| entitlement.selector)
}
