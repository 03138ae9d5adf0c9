//! An account that its server has never served is made from a look at its client alone, so that one
//! approval waits for no list of everything. Several at once go out as a batch, which the gateway
//! judges by a list of its own. From such a look follows nothing else; whatever is not as it should be
//! is left to the list, at once.

use super::claim;
use super::context::Context;
use super::error::Failure;
use super::executor;
use super::keys::WorkKey;
use super::newcomers::is_new;
use super::recent_passes::Look;
use super::server::{GATHERED, Pass, clock_is_off, records};
use crate::catalog::{Catalog, Mode, Server};
use crate::model::{
    AccountId, Coverage, Mark, Observation, ServerId, ServerStatus, UnixMs, XrayState,
};
use crate::planner::{Proposal, Verb};
use std::collections::BTreeSet;

/// More than this at once are left to the list.
const AT_ONCE: usize = 20;

/// Makes those who are new on a server, or leaves them to its list.
pub(super) async fn run(ctx: &Context, id: &ServerId) -> Result<Option<UnixMs>, Failure> {
    let catalog = ctx.catalog();
    let Some(server) = catalog.served(id) else { return Ok(None) };
    let passing = ctx.passes.of(id);
    // A list that is under way may see to them.
    let _alone = passing.lock().await;
    let mut accounts = ctx.newcomers.take(id);
    let snapshot = ctx.snapshot();
    accounts.retain(|account| is_new(&snapshot, *account, id));
    if accounts.is_empty() {
        return Ok(None);
    }
    let list_at = match make(ctx, &catalog, server, &accounts).await {
        Ok(next) => next,
        Err(failure) if failure.fatal => return Err(failure),
        // The list reports what is wrong with the server.
        Err(failure) => {
            ctx.recent.failed(id, Look::Newcomers, &failure, ctx.wall());
            Some(ctx.wall())
        }
    };
    if let Some(at) = list_at {
        ctx.enqueue(WorkKey::Server(id.clone()), at);
    }
    Ok(None)
}

/// Answers when the server is to be listed for them: at once where something is odd, when the first of
/// them ends where they were made.
async fn make(
    ctx: &Context,
    catalog: &Catalog,
    server: &Server,
    accounts: &BTreeSet<AccountId>,
) -> Result<Option<UnixMs>, Failure> {
    let at_once = Ok(Some(ctx.wall()));
    let id = &server.id;
    if server.mode != Mode::Manage || accounts.len() > AT_ONCE {
        return at_once;
    }
    let endpoint = Context::endpoint(catalog, server);
    let mark = |account: &AccountId| Mark { shop: catalog.shop.id.clone(), account: *account };
    let emails: Vec<String> = accounts.iter().map(|account| mark(account).to_string()).collect();
    let fence = claim::fence(ctx, id).await?;
    let observation = ctx.panels.observe(&endpoint, &emails).await?;
    let (snapshot, time) = (ctx.snapshot(), ctx.time());
    if time.in_doubt() || clock_is_off(ctx, id, time).is_some() {
        return at_once;
    }
    let pass = Pass { catalog, server, snapshot: &snapshot, observation: &observation, time };
    let Some(before) = pass.status_before().filter(|before| is_as_listed(before, &observation))
    else {
        return at_once;
    };
    let proposal = pass.plan(ctx);
    if !makes_all(&proposal, &observation, &emails) {
        return at_once;
    }
    let ends = proposal.next_due.map(|due| due + GATHERED);
    let guarded = pass.guard(proposal);
    // Nothing that takes is among them, so what is spent and held stays as the list has it.
    ctx.commit(records(&pass, &guarded.proposal, before)).await?;
    tracing::info!(server.id = %id, "applying for who is new:\n{}", guarded.pass.set());
    let panel = &observation.panel.identity;
    let to = executor::Recipient { endpoint: &endpoint, fence, panel };
    let applied = executor::apply(ctx, to, &guarded.pass).await;
    let open = applied.as_ref().map(|applied| applied.look_again);
    ctx.recent.ended(Look::Newcomers, &observation, &guarded, open, ctx.wall());
    let applied = applied?;
    if applied.look_again { at_once } else { Ok(ends) }
}

/// The panel is the one that was listed last, and well: a look says too little of one that is not.
fn is_as_listed(before: &ServerStatus, seen: &Observation) -> bool {
    before.failure.is_none()
        && before.panel.as_ref().is_some_and(|panel| panel.identity == seen.panel.identity)
        && seen.panel.xray == XrayState::Running
}

/// None of them is there, and all are to be made.
fn makes_all(proposal: &Proposal, seen: &Observation, emails: &[String]) -> bool {
    let changes = &proposal.changes.changes;
    let are_made = changes.iter().all(|change| change.verbs == BTreeSet::from([Verb::Create]));
    seen.coverage == Coverage::Only(emails.to_vec())
        && seen.ours.is_empty()
        && are_made
        && changes.len() == emails.len()
        && proposal.compensate.is_empty()
}
