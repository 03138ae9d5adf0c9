//! Who somebody is to the shop, and where they are written to.

use super::lookup::{after, beginning_with};
use super::name_start::NameStart;
use super::names::{beginnings, folded};
use super::visits::visit;
use super::{
    AccountId, Customer, CustomerId, CustomerIdentity, Identity, Language, OrderId, Reads, Snapshot,
};

/// So many customers are looked at for a name.
const LOOKED: usize = 2_000;

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

    /// What a customer reads: what they chose, and what their front told.
    #[must_use]
    pub fn reads(&self, id: CustomerId) -> Reads {
        self.customer(id).map(Customer::reads).unwrap_or_default()
    }

    /// What somebody reads to whom a front answers: what they chose, and what it tells now, or told before.
    #[must_use]
    pub fn reads_at(&self, identity: Identity, told: Option<Language>) -> Reads {
        let customer = self.customer_of(identity).and_then(|id| self.customer(id));
        let chosen = customer.and_then(Customer::chosen_language);
        Reads { chosen, told: told.or_else(|| customer?.language) }
    }

    /// What an account's customer reads.
    #[must_use]
    pub fn owner_reads(&self, account: AccountId) -> Reads {
        self.account(account).map(|account| self.reads(account.customer)).unwrap_or_default()
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

    /// Every customer, the newest first; those that are not asked for cost nothing.
    pub fn newest_customers(&self) -> impl Iterator<Item = CustomerId> {
        self.tables.customers.iter().rev().inspect(|_| visit()).map(|(id, _)| *id)
    }

    /// The customers whose id begins so, in the order of their ids.
    pub fn customers_beginning_with(&self, text: &str) -> impl Iterator<Item = CustomerId> {
        let ids = beginning_with(text).into_iter();
        let ids = ids.map(|ids| CustomerId::new(*ids.start())..=CustomerId::new(*ids.end()));
        ids.flat_map(|ids| self.tables.customers.range(ids)).map(|(id, _)| *id)
    }

    /// The customers of whose name a word begins so, in either case, by name; nobody for nothing. One
    /// whose name has two such words comes twice. Of more than 2,000 whose names start alike the rest is
    /// not looked at.
    pub fn customers_named<'s>(&'s self, text: &str) -> impl Iterator<Item = CustomerId> + use<'s> {
        let typed = folded(text);
        let from = (!typed.is_empty()).then(|| (NameStart::of(&typed), CustomerId::MIN));
        let named = from.into_iter().flat_map(|from| self.index.names.range(from..));
        let start = typed.clone();
        let goes_on = move |id: &CustomerId| {
            !NameStart::is_short_of(&typed)
                || beginnings(self.name_of(*id)).iter().any(|name| name.starts_with(&*typed))
        };
        named
            .inspect(|_| visit())
            .take_while(move |(name, _)| name.may_begin_with(&start))
            .take(LOOKED)
            .map(|(_, customer)| *customer)
            .filter(goes_on)
    }

    /// Whether this is a customer's whole name, as names are compared.
    #[must_use]
    pub fn is_named(&self, id: CustomerId, text: &str) -> bool {
        self.customer(id).is_some_and(|customer| folded(&customer.name) == folded(text))
    }

    /// How many customers there are.
    #[must_use]
    pub fn customer_count(&self) -> usize {
        self.tables.customers.len()
    }
}
