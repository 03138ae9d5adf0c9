//! What operators look for: by the first characters of an id, page by page, by customer or server. Each
//! question reads what it answers with and what it looks over, however large the shop is.

use super::visits::visit;
use super::{
    Account, AccountId, Binding, CustomerId, OrderId, OrderState, PlanId, ServerId, Snapshot,
    UnixMs,
};
use sha2::{Digest as _, Sha256};
use std::iter::Peekable;
use std::ops::{Bound, RangeInclusive};
use ulid::{ULID_LEN, Ulid};

/// What memory tells of an order, be it archived or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderLine {
    /// Which order.
    pub id: OrderId,
    /// Who buys.
    pub customer: CustomerId,
    /// Where it stands.
    pub state: OrderState,
}

/// The ULIDs whose text begins so, in either case; `None` where none does.
pub(super) fn beginning_with(text: &str) -> Option<RangeInclusive<Ulid>> {
    let first = text.bytes().next()?;
    if text.len() > ULID_LEN || first > b'7' {
        return None;
    }
    let filled = |with: &str| {
        let rest = with.repeat(ULID_LEN.saturating_sub(text.len()));
        Ulid::from_string(&format!("{text}{rest}")).ok()
    };
    Some(filled("0")?..=filled("Z")?)
}

/// The text of the first ULID of a moment, in lower case: what is drawn then or later sorts after it.
#[must_use]
pub fn first_ulid_at(at: UnixMs) -> String {
    Ulid::from_parts(at.0.min((1 << Ulid::TIME_BITS) - 1), 0).to_string().to_ascii_lowercase()
}

/// What follows one, or everything.
pub(super) fn after<T>(one: Option<T>) -> (Bound<T>, Bound<T>) {
    (one.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded)
}

impl Snapshot {
    /// The accounts whose id begins so, oldest first.
    pub fn accounts_beginning_with(&self, text: &str) -> impl Iterator<Item = &Account> {
        let ids = beginning_with(text).into_iter();
        let ids = ids.map(|ids| AccountId::new(*ids.start())..=AccountId::new(*ids.end()));
        ids.flat_map(|ids| self.tables.accounts.range(ids))
            .filter_map(|(_, records)| records.account())
    }

    /// Every account, the newest first; those that are not asked for cost nothing.
    pub fn newest_accounts(&self) -> impl Iterator<Item = &Account> {
        let all = self.tables.accounts.iter().rev().inspect(|_| visit());
        all.filter_map(|(_, records)| records.account())
    }

    /// The account whose subscription address ends so: with its id and its token. The token is compared
    /// by its hash: how long that takes says nothing about it.
    #[must_use]
    pub fn account_at_address(&self, end: &str) -> Option<&Account> {
        let (id, token) = end.split_at_checked(ULID_LEN)?;
        visit();
        let account = self.account(id.parse().ok()?)?;
        let is_its = Sha256::digest(token) == Sha256::digest(&account.subscription_token);
        (is_its && !token.is_empty()).then_some(account)
    }

    /// The orders whose id begins so, archived or not: those in memory first.
    pub fn orders_beginning_with(&self, text: &str) -> impl Iterator<Item = OrderId> {
        let ids = beginning_with(text);
        let ids = ids.map(|ids| OrderId::new(*ids.start())..=OrderId::new(*ids.end()));
        let resident = ids.clone().into_iter().flat_map(|ids| self.tables.orders.range(ids));
        let resident = resident.filter(|(_, records)| records.order.is_some()).map(|(id, _)| *id);
        let archived = ids.into_iter().flat_map(|ids| self.tables.archived.range(ids));
        resident.chain(archived.map(|(id, _)| *id)).inspect(|_| visit())
    }

    /// Every order older than one, or all, the newest first, archived or not; those that are newer
    /// cost nothing.
    pub fn orders_before(
        &self,
        before: Option<OrderId>,
        now: UnixMs,
    ) -> impl Iterator<Item = OrderLine> {
        let upper = before.map_or(Bound::Unbounded, Bound::Excluded);
        let ids = (Bound::Unbounded, upper);
        let resident = self.tables.orders.range(ids).rev().filter_map(move |(id, records)| {
            let order = &records.order.as_deref()?.value;
            Some(OrderLine { id: *id, customer: order.customer, state: order.state(now) })
        });
        let archived = self.tables.archived.range(ids).rev().map(|(id, order)| OrderLine {
            id: *id,
            customer: order.customer,
            state: order.state,
        });
        Newest(resident.peekable(), archived.peekable()).inspect(|_| visit())
    }

    /// A customer's accounts that follow one, or all, oldest first.
    pub fn accounts_of_after(
        &self,
        customer: CustomerId,
        after: Option<AccountId>,
    ) -> impl Iterator<Item = &Account> {
        let from = after.map_or(Bound::Included((customer, AccountId::MIN)), |id| {
            Bound::Excluded((customer, id))
        });
        let ids = (from, Bound::Included((customer, AccountId::MAX)));
        self.index.by_customer.range(ids).filter_map(|(_, id)| self.account(*id))
    }

    /// The accounts bound to a server that follow one, or all, oldest first.
    pub fn bound_to_after(
        &self,
        server: &ServerId,
        one: Option<AccountId>,
    ) -> impl Iterator<Item = &Binding> {
        let bound = self.index.by_server.get_key_value(server);
        bound.into_iter().flat_map(move |(server, accounts)| {
            let later = accounts.range(after(one));
            later.filter_map(move |account| self.binding(*account, server))
        })
    }

    /// How many terms were sold as this plan, or given as its trial.
    #[must_use]
    pub fn terms_sold_as(&self, plan: &PlanId) -> usize {
        self.index.plans.get(plan).copied().unwrap_or(0)
    }
}

/// Two lists, each the newest first, as one.
struct Newest<A: Iterator, B: Iterator>(Peekable<A>, Peekable<B>);

impl<A, B> Iterator for Newest<A, B>
where
    A: Iterator<Item = OrderLine>,
    B: Iterator<Item = OrderLine>,
{
    type Item = OrderLine;

    fn next(&mut self) -> Option<OrderLine> {
        match (self.0.peek(), self.1.peek()) {
            (Some(one), Some(other)) if other.id > one.id => self.1.next(),
            (Some(_), _) => self.0.next(),
            (None, _) => self.1.next(),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_of_an_id_is_all_ids_that_begin_so_and_no_other() {
        let id = Ulid(u128::MAX / 7 * 3);
        let text = id.to_string();
        for length in 1..=text.len() {
            for start in [text[..length].to_owned(), text[..length].to_ascii_lowercase()] {
                let ids = beginning_with(&start).unwrap();
                assert!(ids.contains(&id), "{start}");
                let at = |n: u128| Ulid(n).to_string();
                assert!(at(ids.start().0).starts_with(&text[..length]));
                assert!(at(ids.end().0).starts_with(&text[..length]));
                for beyond in [ids.start().0.checked_sub(1), ids.end().0.checked_add(1)] {
                    assert!(!beyond.is_some_and(|n| at(n).starts_with(&text[..length])));
                }
            }
        }
        for none in ["", "8", "01u", "01-", "é", &"0".repeat(27)] {
            assert_eq!(beginning_with(none), None, "{none}");
        }
    }
}
