//! The immutable, durable state of all resident records at one revision: what everybody reads.

use super::claims::{Holder, touched};
use super::indexes::{Facts, Indexes};
use super::record::{Key, Record, RecordRef, Versioned};
use super::tables::{OrderRecords, Tables, TicketRecords};
use super::visits::visit;
use super::{
    AccountId, BindingStatus, Damage, Edits, HistoryPoint, Lineage, Order, PlanId, Revision,
    ServerId, SurfaceKey, TermSource,
};
use std::collections::BTreeSet;

/// All resident records at one revision. Cloning costs nothing.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    pub(super) revision: Revision,
    lineage: Lineage,
    pub(super) tables: Tables,
    pub(super) index: Indexes,
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

    /// A copy of one record with its version. Whoever knows the kind asks for it by its own name.
    #[must_use]
    pub fn get(&self, key: &Key) -> Option<Versioned<Record>> {
        let (version, record) = self.find(key)?;
        Some(Versioned { version, value: record.to_record() })
    }

    /// A record's version, `None` when it is not there.
    #[must_use]
    pub fn version(&self, key: &Key) -> Option<u64> {
        let archived = || match key {
            Key::Order(id) => self.archived_order(*id).map(|order| order.version),
            _ => None,
        };
        self.find(key).map(|(version, _)| version).or_else(archived)
    }

    fn find(&self, key: &Key) -> Option<(u64, RecordRef<'_>)> {
        visit();
        self.tables.find(key)
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
        self.tables.len()
    }

    /// How many records a store holds of resident kinds, surfaces left out: of an archived order it
    /// has all, and here is little.
    #[must_use]
    pub fn len_without_surfaces(&self) -> usize {
        let of_order =
            |o: &OrderRecords| usize::from(o.thread.is_some()) + usize::from(o.card.is_some());
        let shown: usize = self.tables.orders.values().map(of_order).sum();
        let of_the_shop = SurfaceKey::OF_THE_SHOP.into_iter().filter_map(|key| self.surface(key));
        let of_ticket =
            |t: &TicketRecords| usize::from(t.thread.is_some()) + usize::from(t.card.is_some());
        let of_tickets: usize = self.tables.tickets.values().map(of_ticket).sum();
        let shown = shown + of_tickets + of_the_shop.count();
        self.len().saturating_sub(shown) + self.tables.archived.len()
    }

    /// Whether nothing is resident.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tables.len() == 0
    }

    /// Whether an order for this plan gave the account a term.
    #[must_use]
    pub fn has_bought(&self, account: AccountId, plan: &PlanId) -> bool {
        self.terms(account).any(|term| match term.source {
            TermSource::Order(id) => self.sold_plan(id).is_some_and(|sold| sold.id == *plan),
            _ => false,
        })
    }

    /// Whether the account has a term of this plan, bought or as its trial.
    #[must_use]
    pub fn has_had(&self, account: AccountId, plan: &PlanId) -> bool {
        let tried = self.account(account).and_then(|account| account.tried());
        tried == Some(plan) || self.has_bought(account, plan)
    }

    /// An account's client on a server as last seen; as one never seen where nothing is stored.
    #[must_use]
    pub fn binding_status_or_new(&self, account: AccountId, server: &ServerId) -> BindingStatus {
        let stored = self.binding_status(account, server).cloned();
        stored.unwrap_or_else(|| BindingStatus::new(account, server.clone()))
    }

    /// The snapshot after a committed transaction, still with the lineage of before. Only stores
    /// call this, and only once the transaction is durable.
    #[must_use]
    pub fn after(&self, edits: &Edits, revision: Revision) -> Self {
        let mut holders = BTreeSet::new();
        for key in edits.deletes.iter().chain(edits.puts.keys()) {
            let order = match key {
                Key::Order(id) => self.order(*id),
                _ => None,
            };
            touched(key, order, &mut holders);
        }
        for (key, record) in &edits.puts {
            touched(key, order_in(record), &mut holders);
        }
        let before: Vec<(Holder, Facts)> =
            holders.iter().map(|holder| (*holder, self.facts(*holder))).collect();
        let mut next = self.clone();
        next.revision = revision;
        for key in &edits.deletes {
            next.tables.remove(key);
        }
        for (key, record) in &edits.puts {
            next.tables.put(key, Versioned { version: revision, value: record.clone() });
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
        Self::default().load_more(records)
    }

    fn load_more<E>(
        mut self,
        records: impl IntoIterator<Item = Result<(Key, Versioned<Record>), E>>,
    ) -> Result<Self, E> {
        let archived = self.tables.archived.keys().map(|id| Holder::Order(*id));
        let mut holders: BTreeSet<Holder> = archived.collect();
        for entry in records {
            let (key, record) = entry?;
            touched(&key, order_in(&record.value), &mut holders);
            self.revision = self.revision.max(record.version);
            self.tables.put(&key, record);
        }
        let nothing = Self::default();
        for holder in holders {
            self.reindex(holder, &nothing.facts(holder));
        }
        Ok(self)
    }

    /// The same records, loaded anew, with what stays in memory of archived orders.
    #[must_use]
    pub fn rebuilt(&self) -> Self {
        let keys = self.tables.keys().into_iter();
        let all = keys.filter_map(|key| self.get(&key).map(|record| Ok((key, record))));
        let mut archived = Self::default();
        archived.tables.archived = self.tables.archived.clone();
        let Ok(mut again) = archived.load_more::<std::convert::Infallible>(all);
        again.revision = self.revision;
        again.with_lineage(self.lineage)
    }

    /// Looks anew at what the indexes hold of somebody, after a change of their records.
    pub(super) fn reindex(&mut self, holder: Holder, before: &Facts) {
        let facts = self.facts(holder);
        if facts != *before {
            self.index.count(holder, before, false);
            self.index.count(holder, &facts, true);
        }
        self.reclaim(holder);
    }
}

/// The order in a record that is one.
const fn order_in(record: &Record) -> Option<&Order> {
    match record {
        Record::Order(order) => Some(order),
        _ => None,
    }
}
