//! Whose turn it is to get a broadcast: by the records, the files and the time alone.

use super::quiet::Quiet;
use crate::catalog::Catalog;
use crate::model::{Broadcast, BroadcastTurn, Progress, Snapshot, UnixMs};

/// So many customers are looked at in one step.
const LOOKED: usize = 500;

/// What comes next for a broadcast that goes out and of which it is nobody's turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Nothing before then: the pace, or the quiet hours.
    Wait(UnixMs),
    /// So far; with somebody's turn, claimed now, or else the next are to be looked at.
    On(Progress),
    /// So far, and nobody is left.
    Over(Progress),
}

/// The next step of a broadcast.
#[must_use]
pub fn step(snapshot: &Snapshot, catalog: &Catalog, broadcast: &Broadcast, now: UnixMs) -> Step {
    let mut progress = broadcast.progress;
    if let Some(at) = not_before(catalog, broadcast, now) {
        return Step::Wait(at);
    }
    let mut left = LOOKED;
    for customer in snapshot.customers_after(progress.after) {
        if left == 0 {
            return Step::On(progress);
        }
        left -= 1;
        progress.after = Some(customer.id);
        match catalog.audience_has(snapshot, &broadcast.to, customer, now) {
            Some(true) => {
                let claimed_at = Some(now);
                progress.turn =
                    Some(BroadcastTurn { customer: customer.id, since: now, claimed_at });
                progress.last_at = Some(now);
                return Step::On(progress);
            }
            Some(false) => progress.muted = progress.muted.saturating_add(1),
            None => {}
        }
    }
    Step::Over(progress)
}

/// Until when nobody is written to, if it is later than now.
#[must_use]
pub fn not_before(catalog: &Catalog, broadcast: &Broadcast, now: UnixMs) -> Option<UnixMs> {
    let quiet = Quiet::of(catalog).after(now);
    // A last turn from the future, as a clock that was set back leaves it, holds nothing up.
    let last = broadcast.progress.last_at.filter(|last| *last <= now);
    let paced = last.map(|last| last + catalog.shop.notices.news_every());
    Some(paced.map_or(quiet, |paced| paced.max(quiet))).filter(|at| *at > now)
}

/// Whether it is still to go to whoever's turn it is: they may have chosen otherwise since, or somebody stopped
/// it.
#[must_use]
pub fn is_still_wanted(
    snapshot: &Snapshot,
    catalog: &Catalog,
    broadcast: &Broadcast,
    now: UnixMs,
) -> bool {
    let Some(turn) = broadcast.progress.turn else { return false };
    let customer = snapshot.customer(turn.customer);
    let meant = customer.and_then(|of| catalog.audience_has(snapshot, &broadcast.to, of, now));
    broadcast.sending_since().is_some() && meant == Some(true)
}

#[cfg(test)]
mod tests;
