//! P20: every place is promised once, for as long as the shop allows, and nobody takes them all.

use super::Monitors;
use nebulalinks::model::*;
use std::collections::BTreeMap;

/// Until when a place was kept for an order with a proof.
#[derive(Default)]
pub(super) struct Kept(BTreeMap<OrderId, UnixMs>);

impl Monitors {
    pub(super) fn check_places(&self, snapshot: &Snapshot) {
        let now = self.time.now();
        let (mut bound, mut capacity) = (0, 0);
        for server in self.catalog.servers.values() {
            let taken = snapshot.bound_to(&server.id).count();
            if taken > server.capacity as usize {
                self.breach("P20", &format!("{taken} of {} on {}", server.capacity, server.id));
            }
            bound += taken;
            capacity += server.capacity as usize;
        }
        // A large server has room for everybody, whatever was promised to whom.
        if bound + snapshot.orders().count() + snapshot.accounts_unbound() > capacity {
            let of_orders = snapshot.orders().filter(|o| o.target == Target::New);
            let of_orders = of_orders.filter(|o| o.keeps_place(now));
            let of_accounts = snapshot
                .accounts()
                .filter(|a| snapshot.claim_of(a.id, now).is_some_and(|(_, promised)| promised));
            let promised = of_orders.count() + of_accounts.count();
            if bound + promised > capacity {
                let more = format!("{bound} taken and {promised} promised of {capacity}");
                self.breach("P20", &more);
            }
        }
        let mut of_customer: BTreeMap<CustomerId, u32> = BTreeMap::new();
        for order in snapshot.orders() {
            // All renewals of an account keep one place, its own.
            if order.target == Target::New && order.keeps_place(now) {
                *of_customer.entry(order.customer).or_default() += 1;
            }
        }
        let most = self.catalog.shop.limits.open_orders;
        if let Some((customer, count)) = of_customer.iter().find(|(_, count)| **count > most) {
            self.breach("P20", &format!("{count} places are kept for orders of {customer}"));
        }
    }

    /// From the first proof on no picture moves the moment at which the place lapses.
    pub(super) fn check_promise(&self, order: &Order) {
        let undated = order.evidence.iter().any(|e| e.undated);
        let (Some(until), false) = (order.place_until, order.evidence.is_empty() || undated) else {
            return;
        };
        let first = *self.seen.lock().unwrap().places.0.entry(order.id).or_insert(until);
        // A decline that was taken back begins a review anew.
        if until > first && order.reopened.is_none() {
            self.breach("P20", &format!("the review of {} was begun again", order.id));
        }
    }
}
