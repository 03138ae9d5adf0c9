//! A snapshot as blocks of bytes, each of which is read by itself: how a store keeps the resident
//! records of one revision in one piece.
//!
//! A block is a byte that says which table it is of, then its records as MessagePack with named
//! fields. An account's records are together, and so are an order's. What an archived order was sold
//! as stands once, in a block before, and the order says at which place.

use super::account_records::{AccountRecords, Seldom};
use super::archived::ArchivedOrder;
use super::interned::Interned;
use super::record::Versioned;
use super::rows::{Row, Rows, Slot};
use super::tables::{OrderRecords, ServerRecords, ShopRecords, TicketRecords};
use super::{
    Account, AccountId, AccountStatus, Amnesia, Binding, BindingStatus, Broadcast, ClockSeen,
    Customer, CustomerId, CustomerIdentity, Damage, Delivery, Forgiveness, LastList, Notice, Order,
    OrderId, OrderPlan, OrderState, Overrun, PromoId, Reservations, Retained, Reversal, Run,
    Served, ServerFacts, ServerHome, ServerId, ServerStatus, Snapshot, StoreIdentity, Surface,
    Term, Ticket, TicketId, UndatedProof, UnpaidOrder, UsageLedger,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;
use std::sync::Arc;
use triomphe::Arc as Shared;

/// Accounts in one block: about 300 KiB.
const ACCOUNTS: usize = 256;
/// Of everything else that there may be many of.
const OTHERS: usize = 1024;

/// Why there is no checkpoint, or none to read.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// A record has no such form.
    #[error("a record cannot be written: {0}")]
    Unwritable(#[from] rmp_serde::encode::Error),
    /// What it holds is a secret, so no more is said.
    #[error("a block of it cannot be read")]
    Unreadable,
}

/// Which table a block is of, in the order in which they are written and put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Table {
    Shop,
    Plans,
    Archived,
    Orders,
    Servers,
    Undated,
    Retained,
    Unpaid,
    Customers,
    Identities,
    Tickets,
    Broadcasts,
    Accounts,
}

impl Table {
    const ALL: [Self; 13] = [
        Self::Shop,
        Self::Plans,
        Self::Archived,
        Self::Orders,
        Self::Servers,
        Self::Undated,
        Self::Retained,
        Self::Unpaid,
        Self::Customers,
        Self::Identities,
        Self::Tickets,
        Self::Broadcasts,
        Self::Accounts,
    ];
}

type One<T> = Option<Versioned<T>>;
type Many<T> = Vec<Versioned<T>>;

type ShopItem = (
    One<StoreIdentity>,
    One<Reservations>,
    One<Amnesia>,
    One<ClockSeen>,
    One<Damage>,
    One<Surface>,
    One<Surface>,
    One<Surface>,
);
type OrderItem = (OrderId, One<Order>, One<Surface>, One<Surface>);
type TicketItem = (TicketId, One<Ticket>, One<Surface>, One<Surface>);
type ServerItem = (ServerId, One<ServerStatus>, One<ServerFacts>, One<LastList>, One<ServerHome>);
type SeldomItem = (Many<Reversal>, Many<Overrun>, Many<Forgiveness>);
type AccountItem = (
    AccountId,
    One<Account>,
    Many<Run>,
    Many<Term>,
    Many<Served>,
    Many<Binding>,
    Many<BindingStatus>,
    Many<UsageLedger>,
    One<AccountStatus>,
    One<Delivery>,
    Many<Notice>,
    Option<SeldomItem>,
);

/// An archived order: the place of its state in [`OrderState::ALL`], and of its plan.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ArchivedItem(
    OrderId,
    CustomerId,
    usize,
    usize,
    bool,
    u64,
    Option<u64>,
    Option<Box<PromoId>>,
    u8,
    u32,
);

impl ArchivedItem {
    pub(super) fn order(
        self,
        plans: &[Arc<OrderPlan>],
    ) -> Result<(OrderId, ArchivedOrder), CheckpointError> {
        let Self(
            id,
            customer,
            state,
            plan,
            late,
            version,
            thread,
            promo,
            pictures,
            pictures_since_s,
        ) = self;
        let state = *OrderState::ALL.get(state).ok_or(CheckpointError::Unreadable)?;
        let plan = Arc::clone(plans.get(plan).ok_or(CheckpointError::Unreadable)?);
        let order = ArchivedOrder {
            customer,
            state,
            plan,
            late,
            promo,
            version,
            thread,
            pictures,
            pictures_since_s,
        };
        Ok((id, order))
    }
}

impl<T: Serialize> Serialize for Versioned<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        (self.version, &self.value).serialize(to)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Versioned<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let (version, value) = Deserialize::deserialize(from)?;
        Ok(Self { version, value })
    }
}

impl Snapshot {
    /// The version of what [`Self::blocks`] gives: another one is not read. It changes whenever the
    /// bytes of the same records do.
    pub const CHECKPOINT_FORMAT: u32 = 12;

    /// All of it, in blocks.
    pub fn blocks(&self) -> impl Iterator<Item = Result<Vec<u8>, CheckpointError>> {
        let tables = &self.tables;
        let ShopRecords {
            identity,
            reservations,
            amnesia,
            clock_seen,
            damage,
            store_panel,
            alerts,
            stats,
        } = &tables.shop;
        let shop = block(
            Table::Shop,
            &(
                identity.as_deref(),
                reservations.as_deref(),
                amnesia.as_deref(),
                clock_seen.as_deref(),
                damage.as_deref(),
                store_panel.as_deref(),
                alerts.as_deref(),
                stats.as_deref(),
            ),
        );
        let mut sold = Sold::default();
        tables.archived.values().for_each(|order| sold.note(&order.plan));
        let plans = block(Table::Plans, &sold.plans);
        let archived = chunks(tables.archived.iter(), OTHERS).map(move |chunk| {
            let item = |(id, order): (&OrderId, &ArchivedOrder)| {
                let state = OrderState::ALL.iter().position(|of| *of == order.state);
                ArchivedItem(
                    *id,
                    order.customer,
                    state.unwrap_or_default(),
                    sold.place(&order.plan),
                    order.late,
                    order.version,
                    order.thread,
                    order.promo.clone(),
                    order.pictures,
                    order.pictures_since_s,
                )
            };
            block(Table::Archived, &chunk.into_iter().map(item).collect::<Vec<_>>())
        });
        let orders = chunks(tables.orders.iter(), OTHERS).map(|chunk| {
            let lent = chunk.iter().map(|(id, records)| {
                let OrderRecords { order, thread, card } = records;
                (id, order.as_deref(), thread.as_deref(), card.as_deref())
            });
            block(Table::Orders, &lent.collect::<Vec<_>>())
        });
        let servers = chunks(tables.servers.iter(), OTHERS).map(|chunk| {
            let lent = chunk.iter().map(|(id, records)| {
                let ServerRecords { status, facts, listed, home } = records;
                (id, status.as_deref(), facts.as_deref(), listed.as_deref(), home.as_deref())
            });
            block(Table::Servers, &lent.collect::<Vec<_>>())
        });
        let undated = chunks(tables.undated.values(), OTHERS).map(|c| block(Table::Undated, &c));
        let retained = tables.retained.values().map(|record| &**record);
        let retained = chunks(retained, OTHERS).map(|c| block(Table::Retained, &c));
        let unpaid = chunks(tables.unpaid.values(), OTHERS).map(|c| block(Table::Unpaid, &c));
        let customers = tables.customers.values().map(|record| &**record);
        let customers = chunks(customers, OTHERS).map(|c| block(Table::Customers, &c));
        let known = tables.identities.values();
        let known = chunks(known, OTHERS).map(|c| block(Table::Identities, &c));
        let tickets = chunks(tables.tickets.iter(), OTHERS).map(|chunk| {
            let lent = chunk.iter().map(|(id, records)| {
                let TicketRecords { ticket, thread, card } = records;
                (id, ticket.as_deref(), thread.as_deref(), card.as_deref())
            });
            block(Table::Tickets, &lent.collect::<Vec<_>>())
        });
        let broadcasts = tables.broadcasts.values().map(|record| &**record);
        let broadcasts = chunks(broadcasts, OTHERS).map(|c| block(Table::Broadcasts, &c));
        let accounts = chunks(tables.accounts.iter(), ACCOUNTS).map(|chunk| {
            let lent = chunk.iter().map(|(id, records)| lend(id, records));
            block(Table::Accounts, &lent.collect::<Vec<_>>())
        });
        let few = [shop, plans].into_iter().chain(archived).chain(orders).chain(servers);
        few.chain(undated)
            .chain(retained)
            .chain(unpaid)
            .chain(customers)
            .chain(known)
            .chain(tickets)
            .chain(broadcasts)
            .chain(accounts)
    }
}

/// An account's records as an [`AccountItem`] has them.
fn lend<'a>(id: &'a AccountId, records: &'a AccountRecords) -> impl Serialize + use<'a> {
    let seldom = records.seldom.as_deref().map(|seldom| {
        let Seldom { reversals, overruns, forgivenesses } = seldom;
        (reversals.slice(), overruns.slice(), forgivenesses.slice())
    });
    (
        id,
        records.account.as_deref(),
        records.runs.slice(),
        records.terms.slice(),
        records.served.slice(),
        records.bindings.slice(),
        records.statuses.slice(),
        records.ledgers.slice(),
        records.status.as_deref(),
        records.delivery.as_deref(),
        records.notices.slice(),
        seldom,
    )
}

fn block(table: Table, items: &impl Serialize) -> Result<Vec<u8>, CheckpointError> {
    let place = Table::ALL.iter().position(|of| *of == table).unwrap_or_default();
    let mut out = vec![u8::try_from(place).unwrap_or(u8::MAX)];
    rmp_serde::encode::write_named(&mut out, items)?;
    Ok(out)
}

fn chunks<I: Iterator>(mut items: I, of: usize) -> impl Iterator<Item = Vec<I::Item>> {
    std::iter::from_fn(move || {
        let chunk: Vec<I::Item> = items.by_ref().take(of).collect();
        (!chunk.is_empty()).then_some(chunk)
    })
}

/// The plans of archived orders, each once for each copy that is shared.
#[derive(Default)]
struct Sold<'a> {
    plans: Vec<&'a OrderPlan>,
    places: BTreeMap<*const OrderPlan, usize>,
}

impl<'a> Sold<'a> {
    fn note(&mut self, plan: &'a Arc<OrderPlan>) {
        let plans = &mut self.plans;
        self.places.entry(Arc::as_ptr(plan)).or_insert_with(|| {
            plans.push(plan);
            plans.len().saturating_sub(1)
        });
    }

    fn place(&self, plan: &Arc<OrderPlan>) -> usize {
        self.places.get(&Arc::as_ptr(plan)).copied().unwrap_or(usize::MAX)
    }
}

/// A block that was read.
#[derive(Debug)]
pub struct Block(pub(super) Part);

/// What is in it.
#[derive(Debug)]
pub(super) enum Part {
    Shop(Box<ShopRecords>),
    Plans(Vec<Arc<OrderPlan>>),
    Archived(Vec<ArchivedItem>),
    Orders(Vec<(OrderId, OrderRecords)>),
    Servers(Vec<(ServerId, ServerRecords)>),
    Undated(Many<UndatedProof>),
    Retained(Many<Retained>),
    Unpaid(Many<UnpaidOrder>),
    Customers(Many<Customer>),
    Identities(Many<CustomerIdentity>),
    Tickets(Vec<(TicketId, TicketRecords)>),
    Broadcasts(Many<Broadcast>),
    Accounts(Vec<(AccountId, AccountRecords)>),
}

/// Reads blocks, and keeps once what their records have in common. Several may read at once, a
/// block each.
#[derive(Debug, Default)]
pub struct BlockReader {
    pub(super) interned: Interned,
}

impl BlockReader {
    /// Reads one block.
    ///
    /// # Errors
    /// When it is none of this format.
    pub fn read(&mut self, bytes: &[u8]) -> Result<Block, CheckpointError> {
        let (table, items) = bytes.split_first().ok_or(CheckpointError::Unreadable)?;
        let table = Table::ALL.get(usize::from(*table)).ok_or(CheckpointError::Unreadable)?;
        Ok(Block(match table {
            Table::Shop => Part::Shop(Box::new(shop(items_of(items)?))),
            Table::Plans => Part::Plans(self.plans(items_of(items)?)),
            Table::Archived => {
                let mut items: Vec<ArchivedItem> = items_of(items)?;
                let codes = items.iter_mut().filter_map(|item| item.7.as_mut());
                codes.for_each(|promo| self.interned.promo(promo));
                Part::Archived(items)
            }
            Table::Orders => {
                let items: Vec<OrderItem> = items_of(items)?;
                Part::Orders(items.into_iter().map(|item| self.order(item)).collect())
            }
            Table::Servers => {
                let items: Vec<ServerItem> = items_of(items)?;
                Part::Servers(items.into_iter().map(server).collect())
            }
            Table::Undated => Part::Undated(items_of(items)?),
            Table::Retained => Part::Retained(items_of(items)?),
            Table::Unpaid => Part::Unpaid(items_of(items)?),
            Table::Customers => Part::Customers(items_of(items)?),
            Table::Identities => Part::Identities(items_of(items)?),
            Table::Tickets => {
                let items: Vec<TicketItem> = items_of(items)?;
                Part::Tickets(items.into_iter().map(ticket).collect())
            }
            Table::Broadcasts => Part::Broadcasts(items_of(items)?),
            Table::Accounts => {
                let items: Vec<AccountItem> = items_of(items)?;
                Part::Accounts(items.into_iter().map(|item| self.account(item)).collect())
            }
        }))
    }

    fn plans(&mut self, mut plans: Vec<Arc<OrderPlan>>) -> Vec<Arc<OrderPlan>> {
        plans.iter_mut().for_each(|plan| self.interned.plan(plan));
        plans
    }

    fn order(&mut self, (id, mut order, thread, card): OrderItem) -> (OrderId, OrderRecords) {
        if let Some(order) = &mut order {
            self.interned.order(&mut order.value);
        }
        (id, OrderRecords { order: slot(order), thread: slot(thread), card: slot(card) })
    }

    fn account(&mut self, item: AccountItem) -> (AccountId, AccountRecords) {
        #[rustfmt::skip]
        let (
            id, mut account, runs, mut terms, served, mut bindings, mut statuses, mut ledgers,
            status, delivery, notices, seldom,
        ) = item;
        let interned = &mut self.interned;
        account.iter_mut().for_each(|record| interned.account(&mut record.value));
        terms.iter_mut().for_each(|record| interned.term(&mut record.value));
        bindings.iter_mut().for_each(|record| interned.binding(&mut record.value));
        statuses.iter_mut().for_each(|record| interned.binding_status(&mut record.value));
        ledgers.iter_mut().for_each(|record| interned.ledger(&mut record.value));
        let records = AccountRecords {
            account: slot(account),
            runs: rows(runs),
            terms: rows(terms),
            served: rows(served),
            bindings: rows(bindings),
            statuses: rows(statuses),
            ledgers: rows(ledgers),
            status: slot(status),
            delivery: slot(delivery),
            notices: rows(notices),
            seldom: seldom.map(|(reversals, overruns, forgivenesses)| {
                Shared::new(Seldom {
                    reversals: rows(reversals),
                    overruns: rows(overruns),
                    forgivenesses: rows(forgivenesses),
                })
            }),
        };
        (id, records)
    }
}

fn items_of<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, CheckpointError> {
    rmp_serde::from_slice(bytes).map_err(|_| CheckpointError::Unreadable)
}

fn slot<T>(record: One<T>) -> Slot<T> {
    record.map(Shared::new)
}

fn rows<T: Row>(rows: Many<T>) -> Rows<T> {
    Rows::of(rows)
}

fn shop(item: ShopItem) -> ShopRecords {
    let (identity, reservations, amnesia, clock_seen, damage, store_panel, alerts, stats) = item;
    ShopRecords {
        identity: slot(identity),
        reservations: slot(reservations),
        amnesia: slot(amnesia),
        clock_seen: slot(clock_seen),
        damage: slot(damage),
        store_panel: slot(store_panel),
        alerts: slot(alerts),
        stats: slot(stats),
    }
}

fn server((id, status, facts, listed, home): ServerItem) -> (ServerId, ServerRecords) {
    let (status, facts, listed, home) = (slot(status), slot(facts), slot(listed), slot(home));
    (id, ServerRecords { status, facts, listed, home })
}

fn ticket((id, ticket, thread, card): TicketItem) -> (TicketId, TicketRecords) {
    (id, TicketRecords { ticket: slot(ticket), thread: slot(thread), card: slot(card) })
}
