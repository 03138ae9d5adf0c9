//! Who may be forgotten, and what there is of a customer whatever became of it.

use super::archived::KeptPictures;
use super::visits::visit;
use super::{
    Account, ArchivedOrder, Customer, CustomerId, Entitlement, Forgotten, OrderId, OrderState,
    OwnSettings, Rejection, Snapshot, StillCustomer, TermSource, TicketId, ToForget, UnixMs,
};
use std::collections::BTreeSet;

impl Customer {
    /// That they were forgotten; `None` of one who is known.
    #[must_use]
    pub fn forgotten(&self) -> Option<&Forgotten> {
        self.own.as_deref()?.forgotten.as_deref()
    }

    /// What of them is not gone yet.
    #[must_use]
    pub fn to_forget(&self) -> Option<&ToForget> {
        self.forgotten()?.left.as_ref()
    }

    /// The same with all that says who they are taken out.
    #[must_use]
    pub fn with_forgotten(&self, forgotten: Forgotten) -> Self {
        let own = OwnSettings { forgotten: Some(Box::new(forgotten)), ..OwnSettings::default() };
        let bare = Self { created_at: self.created_at, ..Self::bare(self.id, []) };
        Self { own: Some(Box::new(own)), ..bare }
    }
}

/// What there is of a customer who may be forgotten now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ToBeForgotten {
    /// How many accounts stay, under the shop's own id.
    pub accounts: usize,
    /// How many orders stay so.
    pub orders: usize,
    /// They had a free trial: whoever is forgotten may have another.
    pub tried: bool,
}

impl Snapshot {
    /// What there is of a customer who is to be forgotten.
    ///
    /// # Errors
    /// Not while an account of theirs goes on that nobody suspended, an order wants to be paid or decided, or a
    /// question of theirs is open; the rejection says which. [`Rejection::Forgotten`] of one who was.
    pub fn to_be_forgotten(
        &self,
        customer: CustomerId,
        now: UnixMs,
    ) -> Result<ToBeForgotten, Rejection> {
        let known = self.customer(customer).ok_or(Rejection::UnknownCustomer)?;
        if known.forgotten().is_some() {
            return Err(Rejection::Forgotten);
        }
        if let Some(still) = self.still_customer(customer, now) {
            return Err(Rejection::StillCustomer(still));
        }
        let is_trial = |account: &Account| {
            self.terms(account.id).any(|term| matches!(term.source, TermSource::Trial(_)))
        };
        Ok(ToBeForgotten {
            accounts: self.accounts_of(customer).count(),
            orders: self.orders_of(customer).len(),
            tried: self.accounts_of(customer).any(is_trial),
        })
    }

    /// What of a customer goes on.
    fn still_customer(&self, customer: CustomerId, now: UnixMs) -> Option<StillCustomer> {
        let is_open =
            |state| matches!(state, OrderState::AwaitingPayment | OrderState::AwaitingReview);
        let order = self.undecided_orders(customer).find(|order| is_open(order.state(now)));
        let account = || self.accounts_of(customer).find(|account| self.goes_on(account, now));
        order
            .map(|order| StillCustomer::OpenOrder(order.id))
            .or_else(|| account().map(|account| StillCustomer::Account(account.id)))
            .or_else(|| Some(StillCustomer::OpenTicket(self.open_ticket(customer)?.id)))
    }

    /// Whether somebody is served by an account, or will be without that staff do something.
    fn goes_on(&self, account: &Account, now: UnixMs) -> bool {
        let current = || Entitlement::of(self, account.id);
        account.released().is_none()
            && account.suspension.is_none()
            && current().is_some_and(|run| run.standing && now < run.ends_at)
    }

    /// Whether a customer was forgotten.
    #[must_use]
    pub fn is_forgotten(&self, customer: CustomerId) -> bool {
        self.customer(customer).is_some_and(|customer| customer.forgotten().is_some())
    }

    /// The customers of whom something is not gone yet, in the order of their ids.
    pub fn being_forgotten(&self) -> impl Iterator<Item = &Customer> {
        let all = self.index.being_forgotten.iter().inspect(|_| visit());
        all.filter_map(|id| self.customer(*id))
    }

    /// A customer's orders, whatever became of them and however long ago.
    #[must_use]
    pub fn orders_of(&self, customer: CustomerId) -> BTreeSet<OrderId> {
        let terms = self.accounts_of(customer).flat_map(|account| self.terms(account.id));
        let bought = terms.filter_map(|term| match term.source {
            TermSource::Order(order) => Some(order),
            _ => None,
        });
        bought.chain(self.orders_without_term(customer)).inspect(|_| visit()).collect()
    }

    /// Whether pictures are kept of an order that is settled, or are being deleted.
    #[must_use]
    pub fn keeps_pictures(&self, order: OrderId) -> bool {
        let archived = || self.archived_order(order).and_then(ArchivedOrder::kept_pictures);
        self.order(order).map_or_else(archived, KeptPictures::of).is_some()
    }

    /// A customer's tickets that are remembered, open or closed, in the order of their ids.
    pub fn tickets_of(&self, customer: CustomerId) -> impl Iterator<Item = TicketId> {
        let all = (customer, TicketId::MIN)..=(customer, TicketId::MAX);
        self.index.tickets_of.range(all).inspect(|_| visit()).map(|(_, ticket)| *ticket)
    }
}
