//! One line each for what may be meant by what somebody is typing: plain text, no markdown.

use super::Pages;
use crate::catalog::{Plan, Server};
use crate::model::{AccountId, CustomerId, Entitlement, OrderId};
use crate::view::Choice;
use crate::view::format::{clip, copyable};

/// Characters of a name within a line.
const NAME: usize = 24;

impl Pages<'_> {
    /// An order for its customer; its reference is what is sent.
    #[must_use]
    pub fn own_order_choice(&self, id: OrderId) -> Option<Choice> {
        self.order_as_choice(id, id.reference().to_string(), None)
    }

    /// An order for staff; its id is what is sent: no other order has it, and nothing is looked up for it.
    #[must_use]
    pub fn order_choice(&self, id: OrderId) -> Option<Choice> {
        self.order_as_choice(id, id.to_string(), Some(self.snapshot.buyer(id)?))
    }

    fn order_as_choice(
        &self,
        id: OrderId,
        value: String,
        of: Option<CustomerId>,
    ) -> Option<Choice> {
        let (plan, price, state) = match self.snapshot.order(id) {
            Some(order) => {
                let price = order.method.price.to_string();
                (&order.plan, Some(price), order.state(self.now))
            }
            None => {
                let archived = self.snapshot.archived_order(id)?;
                (&archived.plan, None, archived.state)
            }
        };
        let t = &self.texts;
        let who = of.map(|customer| t.offer_customer(self.called(customer)));
        let price = price.map(|price| t.offer_price(price));
        let parts = [
            Some(t.offer_order(id.reference().to_string())),
            who,
            Some(name(&self.sold_plan(plan))),
            price,
        ];
        Some(self.offered(value, parts.into_iter().flatten().chain([t.state(state)])))
    }

    /// An account for staff.
    #[must_use]
    pub fn staff_account_choice(&self, id: AccountId) -> Option<Choice> {
        let account = self.snapshot.account(id)?;
        let standing = Entitlement::of(self.snapshot, id).map(|e| e.standing(self.now));
        let t = &self.texts;
        let parts = [
            Some(t.offer_customer(self.called(account.customer))),
            Some(name(&self.account_plan(id))),
            standing.map(|standing| t.standing(standing)),
            Some(t.offer_account(id.to_string())),
        ];
        Some(self.offered(id.to_string(), parts.into_iter().flatten()))
    }

    /// A customer for staff.
    #[must_use]
    pub fn customer_choice(&self, id: CustomerId) -> Option<Choice> {
        self.snapshot.customer(id)?;
        Some(
            self.offered(id.to_string(), [self.called(id), self.snapshot.known_as(id)].into_iter()),
        )
    }

    /// A plan for staff.
    #[must_use]
    pub fn plan_choice(&self, plan: &Plan) -> Choice {
        let t = &self.texts;
        let parts = [
            t.offer_plan(plan.id.to_string()),
            name(&self.plan_name(plan)),
            t.offer_price(self.prices(plan)),
        ];
        self.offered(plan.id.to_string(), parts.into_iter())
    }

    /// A server for staff.
    #[must_use]
    pub fn server_choice(&self, server: &Server) -> Choice {
        let parts = [server.id.to_string(), name(self.own(&server.name)), server.host.clone()];
        self.offered(server.id.to_string(), parts.into_iter())
    }

    /// What a customer is called; by their id where their front shows no name that can be read.
    fn called(&self, customer: CustomerId) -> String {
        if self.snapshot.is_forgotten(customer) {
            return self.texts.forgotten_customer();
        }
        let shown = name(self.snapshot.name_of(customer));
        if shown.is_empty() { self.snapshot.known_as(customer) } else { shown }
    }

    fn offered(&self, value: String, parts: impl Iterator<Item = String>) -> Choice {
        let label = parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ");
        Choice { value, label: clip(&label, self.front.choice), description: None }
    }
}

/// A name as it stands within a line: in one row, of a bounded length, without marks that turn others.
fn name(text: &str) -> String {
    let seen: String =
        copyable(text).chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    clip(seen.trim(), NAME)
}
