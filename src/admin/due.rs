//! What falls due next by the records: whose end comes, which order or place is kept no longer.

use crate::model::{Entitlement, OrderState, Snapshot, Standing, UnixMs};
use serde::Serialize;

/// What happens at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
enum What {
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
    what: What,
    /// The account's or the order's id.
    id: String,
    customer: String,
}

/// The next ones, the soonest first.
pub(super) fn next(snapshot: &Snapshot, now: UnixMs, limit: usize) -> Vec<Due> {
    let accounts = snapshot.accounts().filter_map(|account| {
        let sold = Entitlement::of(snapshot, account.id)?;
        let runs = sold.served && sold.standing && sold.ends_at > now;
        (runs && sold.standing(now) != Standing::Expired).then(|| Due {
            at_ms: sold.ends_at.0,
            what: What::AccountEnds,
            id: account.id.to_string(),
            customer: account.customer.to_string(),
        })
    });
    let orders = snapshot.orders().filter_map(|order| {
        let (at, what) = match order.state(now) {
            OrderState::AwaitingPayment => (order.pay_by, What::OrderExpires),
            OrderState::AwaitingReview => (order.claims_place()?, What::PlaceLapses),
            _ => return None,
        };
        (at > now).then(|| Due {
            at_ms: at.0,
            what,
            id: order.id.to_string(),
            customer: order.customer.to_string(),
        })
    });
    let mut all: Vec<Due> = accounts.chain(orders).collect();
    all.sort();
    all.truncate(limit);
    all
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
        let told = |world: &World, limit| next(&world.snapshot, world.now, limit);
        let all = told(&world, 9);
        assert_eq!(
            all.iter().map(|due| due.what).collect::<Vec<_>>(),
            [What::OrderExpires, What::AccountEnds, What::AccountEnds]
        );
        assert!(all.is_sorted_by_key(|due| due.at_ms));
        assert_eq!(told(&world, 1), all[..1]);
        world.now = UnixMs(all[0].at_ms);
        assert_eq!(told(&world, 9), all[1..]);
        world.now = UnixMs(all[2].at_ms);
        assert!(told(&world, 9).is_empty());
    }
}
