//! Who somebody is to the shop, and where they are written to.

use super::lookup::{after, beginning_with};
use super::visits::visit;
use super::{
    AccountId, Customer, CustomerId, CustomerIdentity, Identity, Language, OrderId, Snapshot,
};

impl Snapshot {
    /// A customer.
    #[must_use]
    pub fn customer(&self, id: CustomerId) -> Option<&Customer> {
        visit();
        self.tables.customers.get(&id).map(|record| &record.value)
    }

    /// Which customer somebody is; `None` of somebody who never ordered.
    #[must_use]
    pub fn customer_of(&self, identity: Identity) -> Option<CustomerId> {
        visit();
        self.tables.identities.get(&identity).map(|record| record.value.customer)
    }

    /// Whose an order is, however long ago it was settled.
    #[must_use]
    pub fn buyer(&self, order: OrderId) -> Option<CustomerId> {
        let archived = || self.archived_order(order).map(|order| order.customer);
        self.order(order).map(|order| order.customer).or_else(archived)
    }

    /// Where a customer is written to. `None` of one whose record is not there.
    #[must_use]
    pub fn reached_at(&self, id: CustomerId) -> Option<Identity> {
        self.customer(id)?.identities.first().copied()
    }

    /// Who a customer is in one word: where they are known, else their id.
    #[must_use]
    pub fn known_as(&self, id: CustomerId) -> String {
        self.reached_at(id).map_or_else(|| id.to_string(), |there| there.to_string())
    }

    /// The language that a customer reads: the one they chose, or what their front told.
    #[must_use]
    pub fn language_of(&self, id: CustomerId) -> Option<Language> {
        self.customer(id)?.reads()
    }

    /// The language that somebody reads to whom a front answers: the one they chose, else what it tells.
    #[must_use]
    pub fn language_at(&self, identity: Identity, told: Option<Language>) -> Option<Language> {
        let chosen = || self.customer(self.customer_of(identity)?)?.chosen_language();
        chosen().or(told)
    }

    /// The language that an account's customer reads.
    #[must_use]
    pub fn owner_language(&self, account: AccountId) -> Option<Language> {
        self.language_of(self.account(account)?.customer)
    }

    /// What a customer is called; for people only.
    #[must_use]
    pub fn name_of(&self, id: CustomerId) -> &str {
        self.customer(id).map_or("", |customer| &customer.name)
    }

    /// Customers after one, or all, in the order of their ids; those before cost nothing.
    pub fn customers_after(&self, one: Option<CustomerId>) -> impl Iterator<Item = &Customer> {
        let later = self.tables.customers.range(after(one));
        later.inspect(|_| visit()).map(|(_, record)| &record.value)
    }

    /// Whose each identity is, in their order.
    pub fn identities(&self) -> impl Iterator<Item = &CustomerIdentity> {
        self.tables.identities.values().inspect(|_| visit()).map(|record| &record.value)
    }

    /// The customers whose id begins so, in the order of their ids.
    pub fn customers_beginning_with(&self, text: &str) -> impl Iterator<Item = CustomerId> {
        let ids = beginning_with(text).into_iter();
        let ids = ids.map(|ids| CustomerId::new(*ids.start())..=CustomerId::new(*ids.end()));
        ids.flat_map(|ids| self.tables.customers.range(ids)).map(|(id, _)| *id)
    }

    /// How many customers there are.
    #[must_use]
    pub fn customer_count(&self) -> usize {
        self.tables.customers.len()
    }
}
