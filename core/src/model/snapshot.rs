//! The immutable, durable state of all resident records at one revision: what everybody reads.

use super::claims::{Holder, touched};
use super::indexes::{Facts, Indexes};
use super::record::{Key, Record, Versioned};
use super::visits::visit;
use super::{
    Account, AccountId, AccountStatus, Amnesia, Binding, BindingStatus, Bytes, ClockSeen,
    CustomerId, Damage, Delivery, Edits, Forgiveness, HistoryPoint, Lineage, Notice, NoticeKind,
    Order, OrderId, PlanId, Quota, Reservations, Retained, RetainedKind, Reversal, Run,
    ServerFacts, ServerId, ServerStatus, StoreIdentity, Surface, SurfaceKey, Term, TermSource,
    UnixMs, UnpaidOrder, UsageLedger,
};
use imbl::OrdMap;
use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::sync::Arc;

/// The store's revision: rises by one with each committed transaction.
pub type Revision = u64;

/// All resident records at one revision. Cloning costs nothing.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    revision: Revision,
    lineage: Lineage,
    records: OrdMap<Key, Arc<Versioned<Record>>>,
    pub(super) index: Indexes,
}

macro_rules! getters {
    ($( $(#[$doc:meta])* $fn:ident ( $($arg:ident : $ty:ty),* ) -> $kind:ident $value:ty = $key:expr; )*) => {
        impl Snapshot {
            $(
                $(#[$doc])*
                #[must_use]
                pub fn $fn(&self, $($arg: $ty),*) -> Option<&$value> {
                    match &self.get(&$key)?.value {
                        Record::$kind(value) => Some(value),
                        _ => None,
                    }
                }
            )*
        }
    };
}

getters! {
    /// Who this store is.
    identity() -> StoreIdentity StoreIdentity = Key::StoreIdentity();
    /// The reservations' counter.
    reservations() -> Reservations Reservations = Key::Reservations();
    /// The store lacks a history that a gateway has seen.
    amnesia() -> Amnesia Amnesia = Key::Amnesia();
    /// The latest moment that a witness vouched for.
    clock_seen() -> ClockSeen ClockSeen = Key::ClockSeen();
    /// What of the store could not be had, resolved or not.
    damage() -> Damage Damage = Key::Damage();
    /// An order.
    order(id: OrderId) -> Order Order = Key::Order(id);
    /// An account.
    account(id: AccountId) -> Account Account = Key::Account(id);
    /// A binding.
    binding(account: AccountId, server: &ServerId) -> Binding Binding = Key::Binding(account, server.clone());
    /// A client as last seen.
    binding_status(account: AccountId, server: &ServerId) -> BindingStatus BindingStatus = Key::BindingStatus(account, server.clone());
    /// An account's conditions.
    account_status(account: AccountId) -> AccountStatus AccountStatus = Key::AccountStatus(account);
    /// A server as last seen.
    server_status(server: &ServerId) -> ServerStatus ServerStatus = Key::ServerStatus(server.clone());
    /// A server's inbounds as last seen.
    server_facts(server: &ServerId) -> ServerFacts ServerFacts = Key::ServerFacts(server.clone());
    /// A surface.
    surface(key: SurfaceKey) -> Surface Surface = Key::Surface(key);
    /// The last link that was sent.
    delivery(account: AccountId) -> Delivery Delivery = Key::Delivery(account);
    /// A notice.
    notice(account: AccountId, run: u32, kind: NoticeKind) -> Notice Notice = Key::Notice(account, run, kind);
    /// A customer's last order.
    unpaid_order(customer: CustomerId) -> UnpaidOrder UnpaidOrder = Key::UnpaidOrder(customer);
}

impl Snapshot {
    /// The revision at which all of this was durable.
    #[must_use]
    pub const fn revision(&self) -> Revision {
        self.revision
    }

    /// The hash of the store's history at this revision.
    #[must_use]
    pub const fn lineage(&self) -> Lineage {
        self.lineage
    }

    /// Where the store's history stands: what every claim and write tells a gateway.
    #[must_use]
    pub fn history(&self) -> HistoryPoint {
        // A store of before hashes does not know its own until it commits.
        let known = self.revision == 0 || self.lineage != Lineage::START;
        HistoryPoint { revision: self.revision, lineage: known.then_some(self.lineage) }
    }

    /// One record with its version.
    #[must_use]
    pub fn get(&self, key: &Key) -> Option<&Arc<Versioned<Record>>> {
        visit();
        self.records.get(key)
    }

    /// A record's version, `None` when it is not there.
    #[must_use]
    pub fn version(&self, key: &Key) -> Option<u64> {
        self.records.get(key).map(|r| r.version)
    }

    /// What of the store cannot be had, until somebody resolves it.
    #[must_use]
    pub fn damaged(&self) -> Option<&Damage> {
        self.damage().filter(|damage| damage.resolved_at.is_none())
    }

    /// Whether the store may be older than the panels, or lack something: then nothing is taken
    /// away from anybody.
    #[must_use]
    pub fn in_amnesia(&self) -> bool {
        self.damaged().is_some() || self.amnesia().is_some_and(|a| a.resolved_at.is_none())
    }

    /// How many records are resident.
    #[must_use]
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether nothing is resident.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    fn range(&self, keys: RangeInclusive<Key>) -> impl Iterator<Item = &Record> {
        self.records.range(keys).inspect(|_| visit()).map(|(_, record)| &record.value)
    }

    /// Every order, oldest first.
    pub fn orders(&self) -> impl Iterator<Item = &Order> {
        self.range(Key::Order(OrderId::MIN)..=Key::Order(OrderId::MAX))
            .filter_map(|r| if let Record::Order(o) = r { Some(o) } else { None })
    }

    /// The orders with a proof that is not dated yet.
    pub fn undated_proofs(&self) -> impl Iterator<Item = OrderId> {
        self.range(Key::UndatedProof(OrderId::MIN)..=Key::UndatedProof(OrderId::MAX))
            .filter_map(|r| if let Record::UndatedProof(u) = r { Some(u.order) } else { None })
    }

    /// Every account, oldest first.
    pub fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.range(Key::Account(AccountId::MIN)..=Key::Account(AccountId::MAX))
            .filter_map(|r| if let Record::Account(a) = r { Some(a) } else { None })
    }

    /// A customer's accounts, oldest first.
    pub fn accounts_of(&self, customer: CustomerId) -> impl Iterator<Item = &Account> {
        self.index
            .by_customer
            .range((customer, AccountId::MIN)..=(customer, AccountId::MAX))
            .filter_map(|(_, id)| self.account(*id))
    }

    /// An account's runs, first to last.
    pub fn runs(&self, account: AccountId) -> impl DoubleEndedIterator<Item = &Run> {
        self.records
            .range(Key::Run(account, 0)..=Key::Run(account, u32::MAX))
            .inspect(|_| visit())
            .filter_map(|(_, r)| if let Record::Run(v) = &r.value { Some(v) } else { None })
    }

    /// An account's terms, first to last.
    pub fn terms(&self, account: AccountId) -> impl DoubleEndedIterator<Item = &Term> {
        self.records
            .range(Key::Term(account, 0)..=Key::Term(account, u32::MAX))
            .inspect(|_| visit())
            .filter_map(|(_, r)| if let Record::Term(v) = &r.value { Some(v) } else { None })
    }

    /// An account's reversals.
    pub fn reversals(&self, account: AccountId) -> impl Iterator<Item = &Reversal> {
        self.range(Key::Reversal(account, 0)..=Key::Reversal(account, u32::MAX))
            .filter_map(|r| if let Record::Reversal(v) = r { Some(v) } else { None })
    }

    /// Whether a run's enable was ever read back.
    #[must_use]
    pub fn was_served(&self, account: AccountId, run: u32) -> bool {
        self.get(&Key::Served(account, run)).is_some()
    }

    /// When a run's enable was first read back.
    #[must_use]
    pub fn served_at(&self, account: AccountId, run: u32) -> Option<UnixMs> {
        match &self.get(&Key::Served(account, run))?.value {
            Record::Served(served) => Some(served.at),
            _ => None,
        }
    }

    /// What of a run was used beyond its allowance, as it is stored.
    #[must_use]
    pub fn overrun(&self, account: AccountId, run: u32) -> Bytes {
        match self.get(&Key::Overrun(account, run)).map(|r| &r.value) {
            Some(Record::Overrun(overrun)) => overrun.over,
            _ => Bytes(0),
        }
    }

    /// What staff forgave an account, in any run.
    pub fn forgivenesses(&self, account: AccountId) -> impl Iterator<Item = &Forgiveness> {
        let (first, last) = (OrderId::MIN, OrderId::MAX);
        self.range(Key::Forgiveness(account, first)..=Key::Forgiveness(account, last))
            .filter_map(|r| if let Record::Forgiveness(v) = r { Some(v) } else { None })
    }

    /// What was forgiven of a run in all.
    #[must_use]
    pub fn forgiven(&self, account: AccountId, run: u32) -> Bytes {
        self.forgivenesses(account).filter(|f| f.run == run).map(|f| f.by).sum()
    }

    /// The largest allowance of a run with which a client of the account was last read back from a
    /// panel; nothing before the run's first time. Where that was forgotten of a run that was served,
    /// all of it: what is not known to be beyond an allowance is billed.
    #[must_use]
    pub fn opened(&self, account: AccountId, run: u32) -> Bytes {
        let applied = self.bindings(account).filter_map(|b| {
            let status = self.binding_status(account, &b.server)?;
            status.applied.as_ref().filter(|applied| applied.run == run)
        });
        let granted = applied.map(|applied| match applied.granted {
            Quota::Bytes(bytes) => bytes,
            Quota::Unlimited => Bytes(u64::MAX),
        });
        let unknown = if self.was_served(account, run) { u64::MAX } else { 0 };
        granted.max().unwrap_or(Bytes(unknown))
    }

    /// An account's bindings, by server.
    pub fn bindings(&self, account: AccountId) -> impl Iterator<Item = &Binding> {
        let from = (Key::Binding(account, min_server()), account);
        self.records.range(from.0..).inspect(|_| visit()).map(|(_, r)| &r.value).map_while(
            move |r| match r {
                Record::Binding(b) if b.account == account => Some(b),
                _ => None,
            },
        )
    }

    /// The accounts that are bound to a server.
    pub fn bound_to(&self, server: &ServerId) -> impl Iterator<Item = &Binding> {
        self.index
            .by_server
            .range((server.clone(), AccountId::MIN)..=(server.clone(), AccountId::MAX))
            .filter_map(|(server, account)| self.binding(*account, server))
    }

    /// Whether an order for this plan gave the account a term.
    #[must_use]
    pub fn has_bought(&self, account: AccountId, plan: &PlanId) -> bool {
        self.terms(account).any(|term| match term.source {
            TermSource::Order(id) => self.order(id).is_some_and(|o| o.plan.id == *plan),
            _ => false,
        })
    }

    /// An account's ledgers.
    pub fn ledgers(&self, account: AccountId) -> impl Iterator<Item = &UsageLedger> {
        let first =
            super::Incarnation { panel: String::new(), row: i64::MIN, created_at: i64::MIN };
        self.records
            .range(Key::Ledger(account, min_server(), first)..)
            .inspect(|_| visit())
            .map(|(_, r)| &r.value)
            .map_while(move |r| match r {
                Record::Ledger(l) if l.account == account => Some(l),
                _ => None,
            })
    }

    /// An account's client on a server as last seen; as one never seen where nothing is stored.
    #[must_use]
    pub fn binding_status_or_new(&self, account: AccountId, server: &ServerId) -> BindingStatus {
        let stored = self.binding_status(account, server).cloned();
        stored.unwrap_or_else(|| BindingStatus::new(account, server.clone()))
    }

    /// What an account's ledgers count in all.
    #[must_use]
    pub fn used(&self, account: AccountId) -> Bytes {
        self.ledgers(account).map(|l| l.total).sum()
    }

    /// Definitions that outlive their file.
    pub fn retained(&self) -> impl Iterator<Item = &Retained> {
        self.records
            .range(Key::Retained(RetainedKind::Plan, String::new())..)
            .inspect(|_| visit())
            .map(|(_, r)| &r.value)
            .map_while(|r| if let Record::Retained(v) = r { Some(v) } else { None })
    }

    /// Every surface that was ever shown.
    pub fn surfaces(&self) -> impl Iterator<Item = &Surface> {
        self.records
            .range(Key::Surface(SurfaceKey::StorePanel)..)
            .inspect(|_| visit())
            .map(|(_, r)| &r.value)
            .map_while(|r| if let Record::Surface(v) = r { Some(v) } else { None })
    }

    /// Every server that was ever seen.
    pub fn server_statuses(&self) -> impl Iterator<Item = &ServerStatus> {
        self.records
            .range(Key::ServerStatus(min_server())..)
            .inspect(|_| visit())
            .map(|(_, r)| &r.value)
            .map_while(|r| if let Record::ServerStatus(v) = r { Some(v) } else { None })
    }

    /// The snapshot after a committed transaction, still with the lineage of before. Only stores
    /// call this, and only once the transaction is durable.
    #[must_use]
    pub fn after(&self, edits: &Edits, revision: Revision) -> Self {
        let mut holders = BTreeSet::new();
        for key in edits.deletes.iter().chain(edits.puts.keys()) {
            touched(key, self.get(key).map(|r| &r.value), &mut holders);
        }
        for (key, record) in &edits.puts {
            touched(key, Some(record), &mut holders);
        }
        let before: Vec<(Holder, Facts)> =
            holders.iter().map(|holder| (*holder, self.facts(*holder))).collect();
        let mut next = self.clone();
        next.revision = revision;
        for key in &edits.deletes {
            next.records.remove(key);
        }
        for (key, record) in &edits.puts {
            next.put(key.clone(), Versioned { version: revision, value: record.clone() });
        }
        for (holder, before) in before {
            next.reindex(holder, &before);
        }
        next
    }

    /// The same records under this lineage, which only a store knows.
    #[must_use]
    pub const fn with_lineage(mut self, lineage: Lineage) -> Self {
        self.lineage = lineage;
        self
    }

    /// A snapshot of stored records: how a store fills the first one, and what every index must
    /// equal.
    ///
    /// # Errors
    /// The first error of `records`.
    pub fn load<E>(
        records: impl IntoIterator<Item = Result<(Key, Versioned<Record>), E>>,
    ) -> Result<Self, E> {
        let mut loaded = Self::default();
        let mut holders = BTreeSet::new();
        for entry in records {
            let (key, record) = entry?;
            touched(&key, Some(&record.value), &mut holders);
            loaded.put(key, record);
        }
        let nothing = Self::default();
        for holder in holders {
            loaded.reindex(holder, &nothing.facts(holder));
        }
        Ok(loaded)
    }

    /// The same records, loaded anew.
    #[must_use]
    pub fn rebuilt(&self) -> Self {
        let records = self.records.iter();
        let all = records.map(|(key, record)| Ok((key.clone(), (**record).clone())));
        let Ok(mut again) = Self::load::<std::convert::Infallible>(all);
        again.revision = self.revision;
        again.with_lineage(self.lineage)
    }

    /// Looks anew at what the indexes hold of somebody, after a change of their records.
    fn reindex(&mut self, holder: Holder, before: &Facts) {
        let facts = self.facts(holder);
        if facts != *before {
            self.index.count(holder, before, false);
            self.index.count(holder, &facts, true);
        }
        self.reclaim(holder);
    }

    fn put(&mut self, key: Key, record: Versioned<Record>) {
        self.revision = self.revision.max(record.version);
        if key.kind().resident() {
            self.records.insert(key, Arc::new(record));
        }
    }
}

/// The smallest server id there can be: a range's lower end.
fn min_server() -> ServerId {
    ServerId::lowest()
}
