//! A customer's own orders: those that go on, beside their accounts, and what became of one.

use super::order::accent;
use super::{Draft, Pages};
use crate::model::{
    AccountId, CustomerId, Entitlement, Order, OrderId, OrderPlan, OrderState, Rejection, Standing,
    SurfaceKey, TermSource,
};
use crate::view::{Answer, Message};

impl Pages<'_> {
    /// Those of a customer's orders that wait for them or for staff, the newest first.
    pub(super) fn open_orders(&self, customer: Option<CustomerId>) -> Vec<&Order> {
        let own =
            customer.into_iter().flat_map(|customer| self.snapshot.undecided_orders(customer));
        let is_open = |order: &&Order| {
            let state = order.state(self.now);
            matches!(state, OrderState::AwaitingPayment | OrderState::AwaitingReview)
        };
        let mut open: Vec<_> = own.filter(is_open).collect();
        open.sort_by_key(|order| std::cmp::Reverse(order.id));
        open
    }

    /// The line of the order for which an account waits: it is approved, and no server has taken it yet.
    pub(super) fn delayed_line(&self, account: AccountId) -> Option<String> {
        let standing = Entitlement::of(self.snapshot, account)?.standing(self.now);
        if standing != Standing::Active || self.is_ready(account) {
            return None;
        }
        let mut terms = self.snapshot.terms(account).rev();
        let order = terms.find_map(|term| match term.source {
            TermSource::Order(id) => Some(id),
            _ => None,
        })?;
        let step = self.texts.step_approved(self.account_state(account, standing));
        Some(self.line(order, self.snapshot.sold_plan(order)?, step))
    }

    /// One line of an open order: where it stands, and the way to it.
    pub(super) fn order_line(&self, order: &Order) -> String {
        let t = &self.texts;
        let step = match order.state(self.now) {
            OrderState::AwaitingPayment => t.step_awaiting_payment(self.when_counted(order.pay_by)),
            OrderState::AwaitingReview => t.step_awaiting_review(),
            other => t.state(other),
        };
        self.line(order.id, &order.plan, step)
    }

    fn line(&self, order: OrderId, plan: &OrderPlan, step: String) -> String {
        let (number, plan) = (order.reference().to_string(), self.sold_plan(plan));
        let line = self.texts.orders_line(number, plan, step);
        match self.thread_of(order) {
            Some(thread) => format!("{line} · {thread}"),
            None => line,
        }
    }

    /// The way to an order's thread.
    pub(super) fn thread_of(&self, order: OrderId) -> Option<String> {
        let kept = self.snapshot.surface(SurfaceKey::OrderThread(order)).and_then(|s| s.channel);
        let archived = || self.snapshot.archived_order(order)?.thread();
        Some(format!("<#{}>", kept.or_else(archived)?))
    }

    /// What became of a customer's own order, for somebody who sends a proof of it: it takes none any more.
    #[must_use]
    pub fn what_became_of(&self, id: OrderId) -> Answer {
        Answer::Private(self.settled(id).unwrap_or_else(|| self.refused(Rejection::UnknownOrder)))
    }

    fn settled(&self, id: OrderId) -> Option<Message> {
        let t = &self.texts;
        let number = id.reference().to_string();
        let Some(order) = self.snapshot.order(id) else {
            let old = self.snapshot.archived_order(id)?;
            let text =
                t.order_takes_no_proof(number, self.sold_plan(&old.plan), t.state(old.state));
            return Some(Draft::new(accent(old.state)).text(text).done());
        };
        let state = order.state(self.now);
        let text = t.order_takes_no_proof(number, self.sold_plan(&order.plan), t.state(state));
        let account = order.approved_account().filter(|_| state == OrderState::Approved);
        let link = account.map(|account| self.link_button(account));
        let draft = Draft::new(accent(state))
            .text(text)
            .text(self.order_text(order))
            .maybe(self.waits(order))
            .maybe(self.thread_of(id));
        Some(draft.buttons(link.into_iter().collect()).done())
    }
}
