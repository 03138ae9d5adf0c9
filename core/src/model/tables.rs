//! Where the resident records are: a persistent map for each kind of thing, keyed by its own id.
//! What belongs to one account, or to one order, is together: a pass finds an account once.

use super::account_records::AccountRecords;
use super::archived::ArchivedOrder;
use super::interned::Interned;
use super::record::{Key, Record, RecordRef, Versioned};
use super::rows::{Row, Slot, value};
use super::{
    AccountId, Amnesia, Broadcast, BroadcastId, ClockSeen, Customer, CustomerId, CustomerIdentity,
    Damage, Identity, LastList, Order, OrderId, Reservations, Retained, RetainedKind, ServerFacts,
    ServerHome, ServerId, ServerStatus, StoreIdentity, Surface, SurfaceKey, Ticket, TicketId,
    UndatedProof, UnpaidOrder, UsageLedger,
};
use imbl::OrdMap;
use triomphe::Arc;

/// Records of the shop as a whole.
#[derive(Debug, Clone, Default)]
pub(super) struct ShopRecords {
    pub(super) identity: Slot<StoreIdentity>,
    pub(super) reservations: Slot<Reservations>,
    pub(super) amnesia: Slot<Amnesia>,
    pub(super) clock_seen: Slot<ClockSeen>,
    pub(super) damage: Slot<Damage>,
    pub(super) store_panel: Slot<Surface>,
    pub(super) alerts: Slot<Surface>,
    pub(super) stats: Slot<Surface>,
}

/// Records of one order.
#[derive(Debug, Clone, Default)]
pub(super) struct OrderRecords {
    pub(super) order: Slot<Order>,
    pub(super) thread: Slot<Surface>,
    pub(super) card: Slot<Surface>,
}

/// Records of one ticket.
#[derive(Debug, Clone, Default)]
pub(super) struct TicketRecords {
    pub(super) ticket: Slot<Ticket>,
    pub(super) thread: Slot<Surface>,
    pub(super) card: Slot<Surface>,
}

/// Records of one server.
#[derive(Debug, Clone, Default)]
pub(super) struct ServerRecords {
    pub(super) status: Slot<ServerStatus>,
    pub(super) facts: Slot<ServerFacts>,
    pub(super) listed: Slot<LastList>,
    pub(super) home: Slot<ServerHome>,
}

/// Every resident record.
#[derive(Debug, Clone, Default)]
pub(super) struct Tables {
    pub(super) shop: ShopRecords,
    pub(super) orders: OrdMap<OrderId, OrderRecords>,
    pub(super) archived: OrdMap<OrderId, ArchivedOrder>,
    pub(super) undated: OrdMap<OrderId, Versioned<UndatedProof>>,
    pub(super) accounts: OrdMap<AccountId, Arc<AccountRecords>>,
    pub(super) servers: OrdMap<ServerId, ServerRecords>,
    pub(super) retained: OrdMap<(RetainedKind, String), Arc<Versioned<Retained>>>,
    pub(super) unpaid: OrdMap<CustomerId, Versioned<UnpaidOrder>>,
    pub(super) customers: OrdMap<CustomerId, Arc<Versioned<Customer>>>,
    pub(super) identities: OrdMap<Identity, Versioned<CustomerIdentity>>,
    pub(super) tickets: OrdMap<TicketId, TicketRecords>,
    pub(super) broadcasts: OrdMap<BroadcastId, Arc<Versioned<Broadcast>>>,
    pub(super) interned: Interned,
    pub(super) len: usize,
}

fn set<T>(slot: &mut Slot<T>, record: Versioned<T>) {
    *slot = Some(Arc::new(record));
}

impl Tables {
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    pub(super) fn account(&self, id: AccountId) -> Option<&AccountRecords> {
        self.accounts.get(&id).map(|records| &**records)
    }

    fn account_mut(&mut self, id: AccountId) -> &mut AccountRecords {
        Arc::make_mut(self.accounts.entry(id).or_default())
    }

    fn order_mut(&mut self, id: OrderId) -> &mut OrderRecords {
        self.orders.entry(id).or_default()
    }

    fn ticket_mut(&mut self, id: TicketId) -> &mut TicketRecords {
        self.tickets.entry(id).or_default()
    }

    /// A record with its version.
    pub(super) fn find(&self, key: &Key) -> Option<(u64, RecordRef<'_>)> {
        let account = |id: &AccountId| self.account(*id);
        let seldom = |id: &AccountId| self.account(*id)?.seldom.as_deref();
        match key {
            Key::StoreIdentity() => of(&self.shop.identity, RecordRef::StoreIdentity),
            Key::Reservations() => of(&self.shop.reservations, RecordRef::Reservations),
            Key::Amnesia() => of(&self.shop.amnesia, RecordRef::Amnesia),
            Key::ClockSeen() => of(&self.shop.clock_seen, RecordRef::ClockSeen),
            Key::Damage() => of(&self.shop.damage, RecordRef::Damage),
            Key::UndatedProof(id) => at(self.undated.get(id), RecordRef::UndatedProof),
            Key::Order(id) => of(&self.orders.get(id)?.order, RecordRef::Order),
            Key::Surface(SurfaceKey::StorePanel) => of(&self.shop.store_panel, RecordRef::Surface),
            Key::Surface(SurfaceKey::Alerts) => of(&self.shop.alerts, RecordRef::Surface),
            Key::Surface(SurfaceKey::Stats) => of(&self.shop.stats, RecordRef::Surface),
            Key::Surface(SurfaceKey::OrderThread(id)) => {
                of(&self.orders.get(id)?.thread, RecordRef::Surface)
            }
            Key::Surface(SurfaceKey::ReviewCard(id)) => {
                of(&self.orders.get(id)?.card, RecordRef::Surface)
            }
            Key::Ticket(id) => of(&self.tickets.get(id)?.ticket, RecordRef::Ticket),
            Key::Broadcast(id) => at(self.broadcasts.get(id).map(|r| &**r), RecordRef::Broadcast),
            Key::Surface(SurfaceKey::TicketThread(id)) => {
                of(&self.tickets.get(id)?.thread, RecordRef::Surface)
            }
            Key::Surface(SurfaceKey::TicketCard(id)) => {
                of(&self.tickets.get(id)?.card, RecordRef::Surface)
            }
            Key::Account(id) => of(&account(id)?.account, RecordRef::Account),
            Key::AccountStatus(id) => of(&account(id)?.status, RecordRef::AccountStatus),
            Key::Delivery(id) => of(&account(id)?.delivery, RecordRef::Delivery),
            Key::Run(id, n) => at(account(id)?.runs.find(n), RecordRef::Run),
            Key::Term(id, n) => at(account(id)?.terms.find(n), RecordRef::Term),
            Key::Served(id, n) => at(account(id)?.served.find(n), RecordRef::Served),
            Key::Reversal(id, n) => at(seldom(id)?.reversals.find(n), RecordRef::Reversal),
            Key::Overrun(id, n) => at(seldom(id)?.overruns.find(n), RecordRef::Overrun),
            Key::Forgiveness(id, n) => {
                at(seldom(id)?.forgivenesses.find(n), RecordRef::Forgiveness)
            }
            Key::Binding(id, server) => at(account(id)?.bindings.find(&server), RecordRef::Binding),
            Key::BindingStatus(id, server) => {
                at(account(id)?.statuses.find(&server), RecordRef::BindingStatus)
            }
            Key::Ledger(id, server, incarnation) => {
                at(account(id)?.ledgers.find(&(server, incarnation)), RecordRef::Ledger)
            }
            Key::Notice(id, run, kind) => {
                at(account(id)?.notices.find(&(*run, *kind)), RecordRef::Notice)
            }
            Key::ServerStatus(id) => of(&self.servers.get(id)?.status, RecordRef::ServerStatus),
            Key::ServerFacts(id) => of(&self.servers.get(id)?.facts, RecordRef::ServerFacts),
            Key::LastList(id) => of(&self.servers.get(id)?.listed, RecordRef::LastList),
            Key::ServerHome(id) => of(&self.servers.get(id)?.home, RecordRef::ServerHome),
            Key::Retained(kind, id) => {
                let found = self.retained.get(&(*kind, id.clone()));
                at(found.map(|record| &**record), RecordRef::Retained)
            }
            Key::UnpaidOrder(id) => at(self.unpaid.get(id), RecordRef::UnpaidOrder),
            Key::Customer(id) => at(self.customers.get(id).map(|r| &**r), RecordRef::Customer),
            Key::CustomerIdentity(identity) => {
                at(self.identities.get(identity), RecordRef::CustomerIdentity)
            }
            Key::InteractionOrder(_)
            | Key::OrderByReference(_)
            | Key::SourceTerm(_)
            | Key::Takings(..)
            | Key::PaymentReference(..)
            | Key::ProofOrder(_)
            | Key::Audit(_) => None,
        }
    }

    /// Puts a record in the place of its key; one that is not resident is left out.
    pub(super) fn put(&mut self, key: &Key, record: Versioned<Record>) {
        if !key.kind().resident() {
            return;
        }
        let Some(record) = self.archive(record) else { return };
        self.len = self.len.saturating_add(usize::from(self.find(key).is_none()));
        let Versioned { version, mut value } = record;
        self.interned.share(&mut value);
        macro_rules! new {
            ($value:expr) => {
                Versioned { version, value: $value }
            };
        }
        match value {
            Record::StoreIdentity(v) => set(&mut self.shop.identity, new!(v)),
            Record::Reservations(v) => set(&mut self.shop.reservations, new!(v)),
            Record::Amnesia(v) => set(&mut self.shop.amnesia, new!(v)),
            Record::ClockSeen(v) => set(&mut self.shop.clock_seen, new!(v)),
            Record::Damage(v) => set(&mut self.shop.damage, new!(v)),
            Record::UndatedProof(v) => {
                self.undated.insert(v.order, new!(v));
            }
            Record::Order(v) => set(&mut self.order_mut(v.id).order, new!(v)),
            Record::Surface(v) => match v.key {
                SurfaceKey::StorePanel => set(&mut self.shop.store_panel, new!(v)),
                SurfaceKey::Alerts => set(&mut self.shop.alerts, new!(v)),
                SurfaceKey::Stats => set(&mut self.shop.stats, new!(v)),
                SurfaceKey::OrderThread(id) => set(&mut self.order_mut(id).thread, new!(v)),
                SurfaceKey::ReviewCard(id) => set(&mut self.order_mut(id).card, new!(v)),
                SurfaceKey::TicketThread(id) => set(&mut self.ticket_mut(id).thread, new!(v)),
                SurfaceKey::TicketCard(id) => set(&mut self.ticket_mut(id).card, new!(v)),
            },
            Record::Ticket(v) => set(&mut self.ticket_mut(v.id).ticket, new!(v)),
            Record::Broadcast(v) => {
                self.broadcasts.insert(v.id, Arc::new(new!(v)));
            }
            Record::Account(v) => set(&mut self.account_mut(v.id).account, new!(v)),
            Record::AccountStatus(v) => set(&mut self.account_mut(v.account).status, new!(v)),
            Record::Delivery(v) => set(&mut self.account_mut(v.account).delivery, new!(v)),
            Record::Run(v) => self.account_mut(v.account).runs.put(new!(v)),
            Record::Term(v) => self.account_mut(v.account).terms.put(new!(v)),
            Record::Served(v) => self.account_mut(v.account).served.put(new!(v)),
            Record::Binding(v) => self.account_mut(v.account).bindings.put(new!(v)),
            Record::BindingStatus(v) => self.account_mut(v.account).statuses.put(new!(v)),
            Record::Ledger(v) => self.account_mut(v.account).ledgers.put(new!(v)),
            Record::Notice(v) => self.account_mut(v.account).notices.put(new!(v)),
            Record::Reversal(v) => {
                self.account_mut(v.account).seldom_mut().reversals.put(new!(v));
            }
            Record::Overrun(v) => self.account_mut(v.account).seldom_mut().overruns.put(new!(v)),
            Record::Forgiveness(v) => {
                self.account_mut(v.account).seldom_mut().forgivenesses.put(new!(v));
            }
            Record::ServerStatus(v) => {
                set(&mut self.servers.entry(v.server.clone()).or_default().status, new!(v));
            }
            Record::ServerFacts(v) => {
                set(&mut self.servers.entry(v.server.clone()).or_default().facts, new!(v));
            }
            Record::LastList(v) => {
                set(&mut self.servers.entry(v.server.clone()).or_default().listed, new!(v));
            }
            Record::ServerHome(v) => {
                set(&mut self.servers.entry(v.server.clone()).or_default().home, new!(v));
            }
            Record::Retained(v) => {
                self.retained.insert((v.kind, v.id.clone()), Arc::new(new!(v)));
            }
            Record::UnpaidOrder(v) => {
                self.unpaid.insert(v.customer, new!(v));
            }
            Record::Customer(v) => {
                self.customers.insert(v.id, Arc::new(new!(v)));
            }
            Record::CustomerIdentity(v) => {
                self.identities.insert(v.identity, new!(v));
            }
            Record::InteractionOrder(_)
            | Record::OrderByReference(_)
            | Record::SourceTerm(_)
            | Record::Takings(_)
            | Record::PaymentReference(_)
            | Record::ProofOrder(_)
            | Record::Audit(_) => {}
        }
    }

    /// Keeps little of an archived order and nothing of its surfaces; gives back any other record.
    fn archive(&mut self, record: Versioned<Record>) -> Option<Versioned<Record>> {
        match &record.value {
            Record::Order(order) if order.archived => {
                let id = order.id;
                let mut little = ArchivedOrder::of(order, record.version);
                self.interned.plan(&mut little.plan);
                little.promo.iter_mut().for_each(|promo| self.interned.promo(promo));
                let records = self.orders.remove(&id).unwrap_or_default();
                let before = self.archived.get(&id).and_then(|before| before.thread);
                little.thread = value(&records.thread).map_or(before, |thread| thread.channel);
                let OrderRecords { order, thread, card } = &records;
                let gone = [order.is_some(), thread.is_some(), card.is_some()];
                let gone = gone.into_iter().filter(|there| *there).count();
                self.len = self.len.saturating_sub(gone);
                self.archived.insert(id, little);
                return None;
            }
            Record::Order(order) => {
                self.archived.remove(&order.id);
            }
            Record::Surface(surface) => match surface.key {
                SurfaceKey::OrderThread(id) => {
                    if let Some(little) = self.archived.get_mut(&id) {
                        little.thread = surface.channel;
                        return None;
                    }
                }
                SurfaceKey::ReviewCard(id) if self.archived.contains_key(&id) => return None,
                SurfaceKey::ReviewCard(_)
                | SurfaceKey::TicketThread(_)
                | SurfaceKey::TicketCard(_)
                | SurfaceKey::StorePanel
                | SurfaceKey::Alerts
                | SurfaceKey::Stats => {}
            },
            _ => {}
        }
        Some(record)
    }

    /// Takes the record of a key out.
    pub(super) fn remove(&mut self, key: &Key) {
        if let Key::Order(id) = key {
            self.archived.remove(id);
        }
        if self.find(key).is_none() {
            return;
        }
        self.len = self.len.saturating_sub(1);
        match key {
            Key::StoreIdentity() => self.shop.identity = None,
            Key::Reservations() => self.shop.reservations = None,
            Key::Amnesia() => self.shop.amnesia = None,
            Key::ClockSeen() => self.shop.clock_seen = None,
            Key::Damage() => self.shop.damage = None,
            Key::UndatedProof(id) => {
                self.undated.remove(id);
            }
            Key::Order(id) => self.of_order(*id, |records| records.order = None),
            Key::Surface(SurfaceKey::StorePanel) => self.shop.store_panel = None,
            Key::Surface(SurfaceKey::Alerts) => self.shop.alerts = None,
            Key::Surface(SurfaceKey::Stats) => self.shop.stats = None,
            Key::Surface(SurfaceKey::OrderThread(id)) => {
                self.of_order(*id, |records| records.thread = None);
            }
            Key::Surface(SurfaceKey::ReviewCard(id)) => {
                self.of_order(*id, |records| records.card = None);
            }
            Key::Ticket(id) => self.of_ticket(*id, |records| records.ticket = None),
            Key::Broadcast(id) => {
                self.broadcasts.remove(id);
            }
            Key::Surface(SurfaceKey::TicketThread(id)) => {
                self.of_ticket(*id, |records| records.thread = None);
            }
            Key::Surface(SurfaceKey::TicketCard(id)) => {
                self.of_ticket(*id, |records| records.card = None);
            }
            Key::Account(id) => self.of(*id, |records| records.account = None),
            Key::AccountStatus(id) => self.of(*id, |records| records.status = None),
            Key::Delivery(id) => self.of(*id, |records| records.delivery = None),
            Key::Run(id, n) => self.of(*id, |r| r.runs.remove(|row| row.seq == *n)),
            Key::Term(id, n) => self.of(*id, |r| r.terms.remove(|row| row.seq == *n)),
            Key::Served(id, n) => self.of(*id, |r| r.served.remove(|row| row.run == *n)),
            Key::Binding(id, server) => {
                self.of(*id, |records| records.bindings.remove(|row| row.server == *server));
            }
            Key::BindingStatus(id, server) => {
                self.of(*id, |records| records.statuses.remove(|row| row.server == *server));
            }
            Key::Ledger(id, server, incarnation) => self.of(*id, |records| {
                let same = |row: &UsageLedger| row.row_key() == (server, incarnation);
                records.ledgers.remove(same);
            }),
            Key::Notice(id, run, kind) => {
                self.of(*id, |r| r.notices.remove(|row| row.row_key() == (*run, *kind)));
            }
            Key::Reversal(id, n) => {
                self.of(*id, |r| r.seldom_mut().reversals.remove(|row| row.term == *n))
            }
            Key::Overrun(id, n) => {
                self.of(*id, |r| r.seldom_mut().overruns.remove(|row| row.run == *n))
            }
            Key::Forgiveness(id, n) => {
                self.of(*id, |r| r.seldom_mut().forgivenesses.remove(|row| row.id == *n));
            }
            Key::ServerStatus(id) => self.servers.entry(id.clone()).or_default().status = None,
            Key::ServerFacts(id) => self.servers.entry(id.clone()).or_default().facts = None,
            Key::LastList(id) => self.servers.entry(id.clone()).or_default().listed = None,
            Key::ServerHome(id) => self.servers.entry(id.clone()).or_default().home = None,
            Key::Retained(kind, id) => {
                self.retained.remove(&(*kind, id.clone()));
            }
            Key::UnpaidOrder(id) => {
                self.unpaid.remove(id);
            }
            Key::Customer(id) => {
                self.customers.remove(id);
            }
            Key::CustomerIdentity(identity) => {
                self.identities.remove(identity);
            }
            Key::InteractionOrder(_)
            | Key::OrderByReference(_)
            | Key::SourceTerm(_)
            | Key::Takings(..)
            | Key::PaymentReference(..)
            | Key::ProofOrder(_)
            | Key::Audit(_) => {}
        }
    }

    /// Changes an account's records; when none is left the account is gone.
    fn of(&mut self, id: AccountId, change: impl FnOnce(&mut AccountRecords)) {
        let records = self.account_mut(id);
        change(records);
        if records.is_empty() {
            self.accounts.remove(&id);
        }
    }

    /// The same for an order's.
    fn of_order(&mut self, id: OrderId, change: impl FnOnce(&mut OrderRecords)) {
        let records = self.order_mut(id);
        change(records);
        let OrderRecords { order, thread, card } = records;
        if order.is_none() && thread.is_none() && card.is_none() {
            self.orders.remove(&id);
        }
    }

    /// The same for a ticket's.
    fn of_ticket(&mut self, id: TicketId, change: impl FnOnce(&mut TicketRecords)) {
        let records = self.ticket_mut(id);
        change(records);
        let TicketRecords { ticket, thread, card } = records;
        if ticket.is_none() && thread.is_none() && card.is_none() {
            self.tickets.remove(&id);
        }
    }

    /// The key of every record.
    pub(super) fn keys(&self) -> Vec<Key> {
        let mut keys = vec![
            Key::StoreIdentity(),
            Key::Reservations(),
            Key::Amnesia(),
            Key::ClockSeen(),
            Key::Damage(),
            Key::Surface(SurfaceKey::StorePanel),
            Key::Surface(SurfaceKey::Alerts),
            Key::Surface(SurfaceKey::Stats),
        ];
        keys.extend(self.undated.keys().map(|id| Key::UndatedProof(*id)));
        for id in self.orders.keys().copied() {
            keys.push(Key::Order(id));
            keys.push(Key::Surface(SurfaceKey::OrderThread(id)));
            keys.push(Key::Surface(SurfaceKey::ReviewCard(id)));
        }
        for id in self.tickets.keys().copied() {
            keys.push(Key::Ticket(id));
            keys.extend(SurfaceKey::of_ticket(id).map(Key::Surface));
        }
        keys.extend(self.broadcasts.keys().map(|id| Key::Broadcast(*id)));
        for (id, records) in &self.accounts {
            keys.extend([Key::Account(*id), Key::AccountStatus(*id), Key::Delivery(*id)]);
            keys_of(*id, records, &mut keys);
        }
        for id in self.servers.keys() {
            keys.extend([Key::ServerStatus(id.clone()), Key::ServerFacts(id.clone())]);
            keys.extend([Key::LastList(id.clone()), Key::ServerHome(id.clone())]);
        }
        keys.extend(self.retained.keys().map(|(k, id)| Key::Retained(*k, id.clone())));
        keys.extend(self.unpaid.keys().map(|id| Key::UnpaidOrder(*id)));
        keys.extend(self.customers.keys().map(|id| Key::Customer(*id)));
        keys.extend(self.identities.keys().map(|identity| Key::CustomerIdentity(*identity)));
        keys.retain(|key| self.find(key).is_some());
        keys
    }
}

fn keys_of(id: AccountId, records: &AccountRecords, keys: &mut Vec<Key>) {
    keys.extend(records.runs.iter().map(|v| Key::Run(id, v.seq)));
    keys.extend(records.terms.iter().map(|v| Key::Term(id, v.seq)));
    keys.extend(records.served.iter().map(|v| Key::Served(id, v.run)));
    keys.extend(records.bindings.iter().map(|v| Key::Binding(id, v.server.clone())));
    keys.extend(records.statuses.iter().map(|v| Key::BindingStatus(id, v.server.clone())));
    let ledger = |v: &UsageLedger| Key::Ledger(id, v.server.clone(), v.incarnation.clone());
    keys.extend(records.ledgers.iter().map(ledger));
    keys.extend(records.notices.iter().map(|v| Key::Notice(id, v.run, v.kind)));
    if let Some(seldom) = records.seldom.as_deref() {
        keys.extend(seldom.reversals.iter().map(|v| Key::Reversal(id, v.term)));
        keys.extend(seldom.overruns.iter().map(|v| Key::Overrun(id, v.run)));
        keys.extend(seldom.forgivenesses.iter().map(|v| Key::Forgiveness(id, v.id)));
    }
}

fn of<'a, T>(slot: &'a Slot<T>, wrap: fn(&'a T) -> RecordRef<'a>) -> Option<(u64, RecordRef<'a>)> {
    at(slot.as_deref(), wrap)
}

fn at<'a, T>(
    record: Option<&'a Versioned<T>>,
    wrap: fn(&'a T) -> RecordRef<'a>,
) -> Option<(u64, RecordRef<'a>)> {
    record.map(|record| (record.version, wrap(&record.value)))
}
