//! The records of a snapshot by their own names.

use super::account_records::AccountRecords;
use super::rows::value;
use super::visits::visit;
use super::{
    Account, AccountId, AccountStatus, Amnesia, ArchivedOrder, Binding, BindingStatus, Broadcast,
    BroadcastId, Bytes, ClockSeen, CustomerId, Damage, Delivery, Forgiveness, Key, Notice,
    NoticeKind, Order, OrderId, OrderPlan, Reservations, Retained, Reversal, Run, ServerFacts,
    ServerHome, ServerId, ServerStatus, Snapshot, StoreIdentity, Surface, SurfaceKey, Term,
    TermSource, Ticket, TicketId, UnixMs, UnpaidOrder, UsageLedger,
};
use std::ops::Bound;
use std::sync::Arc;

/// Of the shop as a whole.
impl Snapshot {
    /// Who this store is.
    #[must_use]
    pub fn identity(&self) -> Option<&StoreIdentity> {
        value(&self.tables.shop.identity)
    }

    /// The reservations' counter.
    #[must_use]
    pub fn reservations(&self) -> Option<&Reservations> {
        value(&self.tables.shop.reservations)
    }

    /// The store lacks a history that a gateway has seen.
    #[must_use]
    pub fn amnesia(&self) -> Option<&Amnesia> {
        value(&self.tables.shop.amnesia)
    }

    /// The latest moment that a witness vouched for.
    #[must_use]
    pub fn clock_seen(&self) -> Option<&ClockSeen> {
        value(&self.tables.shop.clock_seen)
    }

    /// What of the store could not be had, resolved or not.
    #[must_use]
    pub fn damage(&self) -> Option<&Damage> {
        value(&self.tables.shop.damage)
    }

    /// A server as last seen.
    #[must_use]
    pub fn server_status(&self, server: &ServerId) -> Option<&ServerStatus> {
        value(&self.tables.servers.get(server)?.status)
    }

    /// A server's inbounds as last seen.
    #[must_use]
    pub fn server_facts(&self, server: &ServerId) -> Option<&ServerFacts> {
        value(&self.tables.servers.get(server)?.facts)
    }

    /// When a server was last listed in full, to [`EVERY`](super::LastList::EVERY).
    #[must_use]
    pub fn last_list(&self, server: &ServerId) -> Option<UnixMs> {
        value(&self.tables.servers.get(server)?.listed).map(|list| list.at)
    }

    /// Which panel a server's clients belong on; `None` before its first full list.
    #[must_use]
    pub fn server_home(&self, server: &ServerId) -> Option<&ServerHome> {
        value(&self.tables.servers.get(server)?.home)
    }

    /// Whether a server's panel is another one than its clients belong on, as seen last.
    #[must_use]
    pub fn is_another_panel(&self, server: &ServerId, identity: &str) -> bool {
        self.server_home(server).is_some_and(|home| home.panel != identity)
    }

    /// Every server that was ever seen.
    pub fn server_statuses(&self) -> impl Iterator<Item = &ServerStatus> {
        self.tables.servers.values().filter_map(|server| value(&server.status))
    }

    /// Definitions that outlive their file.
    pub fn retained(&self) -> impl Iterator<Item = &Retained> {
        self.tables.retained.values().inspect(|_| visit()).map(|record| &record.value)
    }
}

/// Of orders and their surfaces.
impl Snapshot {
    /// An order.
    #[must_use]
    pub fn order(&self, id: OrderId) -> Option<&Order> {
        value(&self.tables.orders.get(&id)?.order)
    }

    /// Every order, oldest first.
    pub fn orders(&self) -> impl Iterator<Item = &Order> {
        let all = self.tables.orders.values().filter_map(|records| value(&records.order));
        all.inspect(|_| visit())
    }

    /// What is in memory of an order that was settled long ago.
    #[must_use]
    pub fn archived_order(&self, id: OrderId) -> Option<&ArchivedOrder> {
        visit();
        self.tables.archived.get(&id)
    }

    /// The plan as an order was sold it, however long ago.
    #[must_use]
    pub fn sold_plan(&self, id: OrderId) -> Option<&Arc<OrderPlan>> {
        let archived = || self.archived_order(id).map(|order| &order.plan);
        self.order(id).map(|order| &order.plan).or_else(archived)
    }

    /// The plan of an account's newest paid term that stands.
    #[must_use]
    pub fn standing_plan(&self, account: AccountId) -> Option<&Arc<OrderPlan>> {
        self.records_of(account)?.standing_terms().rev().find_map(|term| match term.source {
            TermSource::Order(order) => self.sold_plan(order),
            TermSource::Grant(_)
            | TermSource::Adoption(_)
            | TermSource::Compensation(_)
            | TermSource::Trial(_)
            | TermSource::Promo(_)
            | TermSource::Referral(_) => None,
        })
    }

    /// Whether a record of this key is resident if it is there at all. The others are asked of the
    /// store.
    #[must_use]
    pub fn covers(&self, key: &Key) -> bool {
        match key {
            Key::Order(id)
            | Key::Surface(SurfaceKey::OrderThread(id) | SurfaceKey::ReviewCard(id)) => {
                !self.tables.archived.contains_key(id)
            }
            _ => key.kind().resident(),
        }
    }

    /// A customer's last order.
    #[must_use]
    pub fn unpaid_order(&self, customer: CustomerId) -> Option<&UnpaidOrder> {
        visit();
        self.tables.unpaid.get(&customer).map(|record| &record.value)
    }

    /// The orders with a proof that is not dated yet.
    pub fn undated_proofs(&self) -> impl Iterator<Item = OrderId> {
        self.tables.undated.keys().inspect(|_| visit()).copied()
    }

    /// A surface.
    #[must_use]
    pub fn surface(&self, key: SurfaceKey) -> Option<&Surface> {
        match key {
            SurfaceKey::StorePanel => value(&self.tables.shop.store_panel),
            SurfaceKey::Alerts => value(&self.tables.shop.alerts),
            SurfaceKey::Stats => value(&self.tables.shop.stats),
            SurfaceKey::OrderThread(id) => value(&self.tables.orders.get(&id)?.thread),
            SurfaceKey::ReviewCard(id) => value(&self.tables.orders.get(&id)?.card),
            SurfaceKey::TicketThread(id) => value(&self.tables.tickets.get(&id)?.thread),
            SurfaceKey::TicketCard(id) => value(&self.tables.tickets.get(&id)?.card),
        }
    }

    /// A ticket, open or closed a short while ago.
    #[must_use]
    pub fn ticket(&self, id: TicketId) -> Option<&Ticket> {
        value(&self.tables.tickets.get(&id)?.ticket)
    }

    /// A broadcast that is remembered.
    #[must_use]
    pub fn broadcast(&self, id: BroadcastId) -> Option<&Broadcast> {
        self.tables.broadcasts.get(&id).map(|record| &record.value)
    }

    /// Every broadcast that is remembered: a few dozen at the most.
    pub fn broadcasts(&self) -> impl Iterator<Item = &Broadcast> {
        self.tables.broadcasts.values().map(|record| &record.value)
    }

    /// The one that goes out, or its author is still to be told how it ended: the one that was sent first.
    #[must_use]
    pub fn broadcast_due(&self) -> Option<&Broadcast> {
        let untold = |b: &&Broadcast| b.ended_at().is_some() && !b.told;
        let sending = || {
            let all = self.broadcasts().filter_map(|b| Some((b.sending_since()?, b.id)));
            all.min().and_then(|(_, id)| self.broadcast(id))
        };
        self.broadcasts().find(untold).or_else(sending)
    }

    /// Every ticket that is remembered.
    pub fn tickets(&self) -> impl Iterator<Item = &Ticket> {
        let all = self.tables.tickets.values().filter_map(|records| value(&records.ticket));
        all.inspect(|_| visit())
    }

    /// Every surface that was ever shown.
    pub fn surfaces(&self) -> impl Iterator<Item = &Surface> {
        let shop = SurfaceKey::OF_THE_SHOP.into_iter().filter_map(|key| self.surface(key));
        let orders = || self.tables.orders.values();
        let threads = orders().filter_map(|records| value(&records.thread));
        let cards = orders().filter_map(|records| value(&records.card));
        let tickets = self.tables.tickets.values();
        let of_tickets = tickets.flat_map(|records| [value(&records.thread), value(&records.card)]);
        shop.chain(threads).chain(cards).chain(of_tickets.flatten())
    }
}

/// Of accounts.
impl Snapshot {
    /// All records of an account.
    #[must_use]
    pub fn records_of(&self, account: AccountId) -> Option<&AccountRecords> {
        self.tables.account(account)
    }

    /// An account.
    #[must_use]
    pub fn account(&self, id: AccountId) -> Option<&Account> {
        self.records_of(id)?.account()
    }

    /// Every account, oldest first.
    pub fn accounts(&self) -> impl Iterator<Item = &Account> {
        let all = self.tables.accounts.values().filter_map(|records| records.account());
        all.inspect(|_| visit())
    }

    /// Accounts that follow one, or all, oldest first; those before cost nothing.
    pub fn accounts_after(&self, after: Option<AccountId>) -> impl Iterator<Item = &Account> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let later = self.tables.accounts.range((from, Bound::Unbounded));
        later.filter_map(|(_, records)| records.account())
    }

    /// A customer's accounts, oldest first.
    pub fn accounts_of(&self, customer: CustomerId) -> impl Iterator<Item = &Account> {
        self.accounts_of_after(customer, None)
    }

    /// An account's runs, first to last.
    pub fn runs(&self, account: AccountId) -> impl DoubleEndedIterator<Item = &Run> {
        self.records_of(account).into_iter().flat_map(AccountRecords::runs)
    }

    /// An account's terms, first to last.
    pub fn terms(&self, account: AccountId) -> impl DoubleEndedIterator<Item = &Term> {
        self.records_of(account).into_iter().flat_map(AccountRecords::terms)
    }

    /// An account's reversals.
    pub fn reversals(&self, account: AccountId) -> impl Iterator<Item = &Reversal> {
        self.records_of(account).into_iter().flat_map(AccountRecords::reversals)
    }

    /// Whether a run's enable was ever read back.
    #[must_use]
    pub fn was_served(&self, account: AccountId, run: u32) -> bool {
        self.served_at(account, run).is_some()
    }

    /// When a run's enable was first read back.
    #[must_use]
    pub fn served_at(&self, account: AccountId, run: u32) -> Option<UnixMs> {
        self.records_of(account)?.served_at(run)
    }

    /// What of a run was used beyond its allowance, as it is stored.
    #[must_use]
    pub fn overrun(&self, account: AccountId, run: u32) -> Bytes {
        self.records_of(account).map_or(Bytes(0), |records| records.overrun(run))
    }

    /// What staff forgave an account, in any run.
    pub fn forgivenesses(&self, account: AccountId) -> impl Iterator<Item = &Forgiveness> {
        self.records_of(account).into_iter().flat_map(AccountRecords::forgivenesses)
    }

    /// An account's bindings, by server.
    pub fn bindings(&self, account: AccountId) -> impl Iterator<Item = &Binding> {
        self.records_of(account).into_iter().flat_map(AccountRecords::bindings)
    }

    /// An account's binding to the server that serves it, or is to.
    #[must_use]
    pub fn serving(&self, account: AccountId) -> Option<&Binding> {
        self.records_of(account)?.serving()
    }

    /// An account's binding to the server that it leaves, while it moves.
    #[must_use]
    pub fn leaving(&self, account: AccountId) -> Option<&Binding> {
        self.records_of(account)?.leaving()
    }

    /// Where an account is served; of one that has ended, where it was served last.
    #[must_use]
    pub fn home(&self, account: AccountId) -> Option<&Binding> {
        let last = || self.bindings(account).max_by_key(|b| b.bound_at);
        self.serving(account).or_else(|| self.leaving(account)).or_else(last)
    }

    /// A binding.
    #[must_use]
    pub fn binding(&self, account: AccountId, server: &ServerId) -> Option<&Binding> {
        self.records_of(account)?.binding(server)
    }

    /// The accounts that are bound to a server, oldest first.
    pub fn bound_to(&self, server: &ServerId) -> impl Iterator<Item = &Binding> {
        self.served_by(server).map(|(binding, _)| binding)
    }

    /// The same, each with all records of its account.
    pub fn served_by(
        &self,
        server: &ServerId,
    ) -> impl Iterator<Item = (&Binding, &AccountRecords)> {
        let bound = self.index.by_server.get_key_value(server);
        bound.into_iter().flat_map(move |(server, accounts)| {
            accounts.iter().filter_map(move |account| {
                let records = self.records_of(*account)?;
                Some((records.binding(server)?, records))
            })
        })
    }

    /// A client as last seen.
    #[must_use]
    pub fn binding_status(&self, account: AccountId, server: &ServerId) -> Option<&BindingStatus> {
        self.records_of(account)?.binding_status(server)
    }

    /// An account's ledgers.
    pub fn ledgers(&self, account: AccountId) -> impl Iterator<Item = &UsageLedger> {
        self.records_of(account).into_iter().flat_map(AccountRecords::ledgers)
    }

    /// What an account's ledgers count in all.
    #[must_use]
    pub fn used(&self, account: AccountId) -> Bytes {
        self.records_of(account).map_or(Bytes(0), AccountRecords::used)
    }

    /// The largest allowance of a run that was read back: see [`AccountRecords::opened`].
    #[must_use]
    pub fn opened(&self, account: AccountId, run: u32) -> Bytes {
        self.records_of(account).map_or(Bytes(0), |records| records.opened(run))
    }

    /// An account's conditions.
    #[must_use]
    pub fn account_status(&self, account: AccountId) -> Option<&AccountStatus> {
        self.records_of(account)?.status()
    }

    /// The last link that was sent.
    #[must_use]
    pub fn delivery(&self, account: AccountId) -> Option<&Delivery> {
        self.records_of(account)?.delivery()
    }

    /// A notice.
    #[must_use]
    pub fn notice(&self, account: AccountId, run: u32, kind: NoticeKind) -> Option<&Notice> {
        self.records_of(account)?.notice(run, kind)
    }
}
