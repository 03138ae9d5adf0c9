//! What falls due next by the records: whose end comes, which order or place is kept no longer.

use crate::controller::WorkKey;
use crate::model::{
    AccountId, Entitlement, OrderId, OrderState, Snapshot, Standing, SurfaceKey, UnixMs,
};
use serde::Serialize;

/// What happens at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
enum DueKind {
    /// An account is cut off.
    AccountEnds,
    /// An order that nobody paid is given up.
    OrderExpires,
    /// An order that waits for a review keeps its place no longer.
    PlaceLapses,
}

/// One thing that falls due.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct Due {
    at_ms: u64,
    what: DueKind,
    /// The account's or the order's id.
    id: String,
    customer: String,
}

/// So many keys of the loop are looked at, however many wait.
pub(super) const SCANNED: usize = 1_000;

/// The next ones of what the loop takes up next, the soonest first.
pub(super) fn next(
    ahead: &[(UnixMs, WorkKey)],
    snapshot: &Snapshot,
    now: UnixMs,
    limit: usize,
) -> Vec<Due> {
    let due = ahead.iter().filter_map(|(_, key)| match key {
        WorkKey::Account(id) => end(snapshot, *id, now),
        WorkKey::Surface(SurfaceKey::OrderThread(id)) => lapse(snapshot, *id, now),
        _ => None,
    });
    let mut all: Vec<Due> = due.filter(|due| due.at_ms > now.0).collect();
    all.sort();
    all.truncate(limit);
    all
}

fn end(snapshot: &Snapshot, id: AccountId, now: UnixMs) -> Option<Due> {
    let (account, sold) = (snapshot.account(id)?, Entitlement::of(snapshot, id)?);
    let runs = sold.served && sold.standing && sold.standing(now) != Standing::Expired;
    let customer = snapshot.known_as(account.customer);
    let (at_ms, what) = (sold.ends_at.0, DueKind::AccountEnds);
    runs.then(|| Due { at_ms, what, id: id.to_string(), customer })
}

fn lapse(snapshot: &Snapshot, id: OrderId, now: UnixMs) -> Option<Due> {
    let order = snapshot.order(id)?;
    let (at, what) = match order.state(now) {
        OrderState::AwaitingPayment => (order.pay_by, DueKind::OrderExpires),
        OrderState::AwaitingReview => (order.claims_place()?, DueKind::PlaceLapses),
        _ => return None,
    };
    let (id, customer) = (id.to_string(), snapshot.known_as(order.customer));
    Some(Due { at_ms: at.0, what, id, customer })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Target;
    use nebulalinks_testkit::{people, shop, world::World};

    #[test]
    fn what_falls_due_is_told_soonest_first_and_no_longer_once_it_has_come() {
        let mut world = World::settled(shop::catalog(), 2, "basic-30");
        world.submit(&people::place(7, "basic-30", Target::New, 70)).unwrap();
        let order = world.snapshot.orders().last().unwrap().id;
        let accounts: Vec<_> = world.snapshot.accounts().map(|account| account.id).collect();
        let keys = accounts.into_iter().map(WorkKey::Account);
        let thread = WorkKey::Surface(SurfaceKey::OrderThread(order));
        let ahead: Vec<_> = keys.chain([thread, WorkKey::Clock]).map(|k| (world.now, k)).collect();
        let told = |world: &World, limit| next(&ahead, &world.snapshot, world.now, limit);
        let all = told(&world, 9);
        assert_eq!(
            all.iter().map(|due| due.what).collect::<Vec<_>>(),
            [DueKind::OrderExpires, DueKind::AccountEnds, DueKind::AccountEnds]
        );
        assert!(all.is_sorted_by_key(|due| due.at_ms));
        assert_eq!(told(&world, 1), all[..1]);
        world.now = UnixMs(all[0].at_ms);
        assert_eq!(told(&world, 9), all[1..]);
        world.now = UnixMs(all[2].at_ms);
        assert!(told(&world, 9).is_empty());
    }
}
