//! What may be meant by what somebody is typing in an option of a command. Each answer reads what it
//! offers and a bounded number beside it, however large the shop is.

use super::{Click, Router};
use crate::intent::{proof_target, typed_number};
use crate::model::{Account, AccountId, CustomerId, Identity, OrderId, OrderState, TermSource};
use crate::view::{Answer, Choice};
use std::collections::BTreeSet;

/// So many orders, accounts or customers are looked at for one answer.
const LOOKED: usize = 200;

impl Router<'_> {
    /// What may be meant in an option of a command by what is typed there so far. Nothing that this
    /// person may not see.
    pub(super) fn suggest(
        &self,
        click: &Click,
        (name, sub, option): (&str, &str, &str),
        text: &str,
    ) -> Answer {
        let text = text.trim();
        let choices = match (name, option) {
            ("pay", "order") => self.own_orders(click.person.identity, text),
            ("admin", _) if !self.may_look(click) => Vec::new(),
            ("admin", "account") => self.some_accounts(click, text),
            ("admin", "order") => self.some_orders(sub, text),
            ("admin", "customer") => self.some_customers(click, text),
            ("admin", "plan") => {
                let plans = self.catalog.plans.iter().map(|plan| self.pages.plan_choice(plan));
                self.matching(plans, text)
            }
            ("admin", "server") => {
                let servers = self.catalog.servers.values();
                self.matching(servers.map(|server| self.pages.server_choice(server)), text)
            }
            _ => Vec::new(),
        };
        Answer::Choices(choices)
    }

    /// Their orders that can take a proof, the newest first.
    fn own_orders(&self, by: Identity, text: &str) -> Vec<Choice> {
        let Some(customer) = self.snapshot.customer_of(by) else { return Vec::new() };
        let open = self.snapshot.undecided_orders(customer).map(|order| order.id).take(LOOKED);
        let theirs: BTreeSet<OrderId> = open.chain(self.snapshot.last_lapsed(customer)).collect();
        let taking = theirs
            .into_iter()
            .rev()
            .filter(|id| proof_target(self.snapshot, Some(*id), by, self.pages.now()).is_ok());
        self.matching(taking.filter_map(|id| self.pages.own_order_choice(id)), text)
    }

    /// Accounts by how their id begins, by their customer, or by an order.
    fn some_accounts(&self, click: &Click, text: &str) -> Vec<Choice> {
        let snapshot = self.snapshot;
        let newest = text.is_empty().then(|| snapshot.newest_accounts().map(|account| account.id));
        let begun = snapshot.accounts_beginning_with(text).map(|account| account.id);
        let of_customers = self
            .customers_by_name(click, text)
            .flat_map(|customer| snapshot.accounts_of(customer).map(|account| account.id));
        let of_orders = self.found_orders().filter_map(|id| self.account_of(id));
        let all = newest.into_iter().flatten().chain(begun).chain(of_customers).chain(of_orders);
        let all = once_each(all.take(LOOKED));
        all.filter_map(|id| self.pages.staff_account_choice(id))
            .take(self.pages.front().choices)
            .collect()
    }

    /// Orders by their reference, by how their id begins, or by their customer; without a text those
    /// that wait for staff, and then the newest. Only such as the command can do something with.
    fn some_orders(&self, sub: &str, text: &str) -> Vec<Choice> {
        let (snapshot, now) = (self.snapshot, self.pages.now());
        let nothing = text.is_empty().then(|| {
            let waiting = snapshot.reviews_waiting().map(|(_, id)| id).take(LOOKED);
            waiting.chain(snapshot.orders_before(None, now).map(|line| line.id).take(LOOKED))
        });
        let typed = typed_number(text);
        let begun = snapshot.orders_beginning_with(&typed).take(LOOKED);
        let named = snapshot.customers_named(text).take(LOOKED);
        let of_customers = named.flat_map(|customer| self.orders_of(customer));
        let all = nothing.into_iter().flatten();
        let all = all.chain(self.found_orders()).chain(begun).chain(of_customers.take(LOOKED));
        let fitting = once_each(all).filter(|id| self.fits(sub, *id));
        fitting
            .filter_map(|id| self.pages.order_choice(id))
            .take(self.pages.front().choices)
            .collect()
    }

    /// Whether a command of orders can do something with this one.
    fn fits(&self, sub: &str, id: OrderId) -> bool {
        let state = self.snapshot.order(id).map(|order| order.state(self.pages.now()));
        let archived = || self.snapshot.archived_order(id).map(|order| order.state);
        state.or_else(archived).is_some_and(|state| match sub {
            "order approve" => self.pages.asks_to_approve(id),
            "order decline" => matches!(
                state,
                OrderState::AwaitingReview | OrderState::AwaitingPayment | OrderState::Expired
            ),
            "order cancel" => state == OrderState::AwaitingPayment,
            "order reverse" => state == OrderState::Approved,
            _ => true,
        })
    }

    /// Orders of a customer, undecided ones and those behind their accounts, the newest first.
    fn orders_of(&self, customer: CustomerId) -> Vec<OrderId> {
        let snapshot = self.snapshot;
        let undecided = snapshot.undecided_orders(customer).map(|order| order.id);
        let bought = snapshot.accounts_of(customer).flat_map(|account| {
            snapshot.terms(account.id).rev().filter_map(|term| match term.source {
                TermSource::Order(id) => Some(id),
                _ => None,
            })
        });
        let all: BTreeSet<OrderId> = undecided.take(LOOKED).chain(bought.take(LOOKED)).collect();
        all.into_iter().rev().collect()
    }

    /// Customers by name, by their id, or by where they are known.
    fn some_customers(&self, click: &Click, text: &str) -> Vec<Choice> {
        let snapshot = self.snapshot;
        let newest = text.is_empty().then(|| snapshot.newest_customers());
        let begun = snapshot.customers_beginning_with(text);
        let all =
            newest.into_iter().flatten().chain(self.customers_by_name(click, text)).chain(begun);
        let all = once_each(all.take(LOOKED));
        all.filter_map(|id| self.pages.customer_choice(id))
            .take(self.pages.front().choices)
            .collect()
    }

    /// Customers of whose name a word begins so, and the one whom the front calls so.
    fn customers_by_name<'s>(
        &'s self,
        click: &Click,
        text: &str,
    ) -> impl Iterator<Item = CustomerId> + use<'s> {
        let known = self.known_customer(click.person.identity, text);
        known.into_iter().chain(self.snapshot.customers_named(text)).take(LOOKED)
    }

    /// The customer whom a front's own spelling means: an id, or a mention of one.
    pub(super) fn known_customer(&self, by: Identity, text: &str) -> Option<CustomerId> {
        let id = text.trim().trim_start_matches(['<', '@', '!']).trim_end_matches('>');
        self.snapshot.customer_of(Identity::on(by.front(), id).ok()?)
    }

    /// Those that have the text somewhere in them, in either case.
    fn matching(&self, all: impl Iterator<Item = Choice>, text: &str) -> Vec<Choice> {
        let wanted = text.to_lowercase();
        let has = |choice: &Choice| {
            choice.label.to_lowercase().contains(&wanted)
                || choice.value.to_lowercase().contains(&wanted)
        };
        all.filter(has).take(self.pages.front().choices).collect()
    }

    fn found_orders(&self) -> impl Iterator<Item = OrderId> {
        self.fetched.orders.iter().flatten().copied()
    }

    /// The account that an order gave, or is to renew.
    fn account_of(&self, order: OrderId) -> Option<AccountId> {
        let order = self.snapshot.order(order)?;
        let renewed = match order.target {
            crate::model::Target::Renew(account) => Some(account),
            crate::model::Target::New => None,
        };
        let account = order.approved_account().or(renewed)?;
        self.snapshot.account(account).map(|account: &Account| account.id)
    }
}

/// Each the first time that it comes.
fn once_each<T: Copy + Ord>(all: impl Iterator<Item = T>) -> impl Iterator<Item = T> {
    let mut seen = BTreeSet::new();
    all.filter(move |one| seen.insert(*one))
}

#[cfg(test)]
mod tests;
