//! Whether there is a place for an order, as its customer and staff must know before and after an
//! approval.

use super::Pages;
use crate::catalog::{Places, Plan};
use crate::model::{AccountId, Order, OrderState, Target};

impl Pages<'_> {
    /// Whether an order wants a place and none is kept for it any more.
    pub(super) fn lacks_place(&self, order: &Order) -> bool {
        match order.target {
            Target::New => !order.keeps_place(self.now),
            Target::Renew(account) => {
                self.snapshot.bindings(account).next().is_none()
                    && self.snapshot.claim_of(account, self.now).is_none()
            }
        }
    }

    /// Whether somebody who orders this plan now would wait: there is a place, and no server that has one can
    /// be used.
    pub(super) fn is_unserved(&self, plan: &Plan) -> bool {
        let places = Places::with_stranded(self.snapshot, self.catalog, self.now);
        places.is_unserved(self.snapshot, &plan.servers)
    }

    /// Whether an order that has a place would wait for a server if it were approved now. A renewal's account
    /// has its server.
    #[must_use]
    pub fn waits_for_server(&self, order: &Order) -> bool {
        let open = [OrderState::AwaitingPayment, OrderState::AwaitingReview];
        let own = &order.plan.selector;
        let others = || Places::but_one(self.snapshot, self.catalog, own, self.now);
        order.target == Target::New
            && open.contains(&order.state(self.now))
            && order.keeps_place(self.now)
            && others().is_unserved(self.snapshot, own)
    }

    /// Whether a place is free for an order to which none was promised.
    pub(super) fn has_room_for(&self, order: &Order) -> bool {
        Places::of(self.snapshot, self.catalog, self.now).take_one_more(&order.plan.selector)
    }

    /// Whether an order that is approved now gets a server at once. One that was promised a place
    /// does not where servers were made smaller since.
    pub(super) fn finds_room(&self, order: &Order) -> bool {
        if self.lacks_place(order) {
            return self.has_room_for(order);
        }
        let own = &order.plan.selector;
        order.target != Target::New
            || Places::but_one(self.snapshot, self.catalog, own, self.now).take_one_more(own)
    }

    /// Whether an account that was paid for waits, since every place is taken or promised.
    pub(super) fn waits_in_line(&self, account: AccountId) -> bool {
        self.snapshot.claim_of(account, self.now).is_some_and(|(selector, promised)| {
            let others = || Places::before(self.snapshot, self.catalog, account, self.now);
            !promised && !others().take_one_more(selector)
        })
    }
}
