//! A snapshot put together again from the blocks of a checkpoint, with every index: the same as one
//! that was loaded record by record.

use super::checkpoint::{Block, BlockReader, CheckpointError, Part};
use super::claims::{Holder, touched};
use super::rows::value;
use super::tables::{OrderRecords, ServerRecords, ShopRecords, TicketRecords};
use super::{Key, Lineage, OrderPlan, Revision, Snapshot};
use std::collections::BTreeSet;
use std::sync::Arc;
use triomphe::Arc as Shared;

/// A snapshot of which blocks are put together, in the order in which they were written: what an
/// account claims follows from the orders, and they come first.
#[derive(Debug, Default)]
pub struct Assembly {
    snapshot: Snapshot,
    nothing: Snapshot,
    /// The plans of archived orders.
    plans: Vec<Arc<OrderPlan>>,
    /// Whose claims orders may change, whether or not there is an account.
    holders: BTreeSet<Holder>,
}

impl Assembly {
    /// Puts the next block in place.
    ///
    /// # Errors
    /// When it does not fit to those before.
    pub fn add(&mut self, block: Block) -> Result<(), CheckpointError> {
        let tables = &mut self.snapshot.tables;
        match block.0 {
            Part::Shop(shop) => {
                tables.len = tables.len.saturating_add(count_shop(&shop));
                tables.shop = *shop;
            }
            Part::Plans(plans) => self.plans = plans,
            Part::Archived(items) => {
                for item in items {
                    let (id, order) = item.order(&self.plans)?;
                    self.snapshot.tables.archived.insert(id, order);
                    self.count(Holder::Order(id));
                }
            }
            Part::Orders(orders) => {
                for (id, records) in orders {
                    self.order(id, records);
                }
            }
            Part::Servers(servers) => {
                for (id, records) in servers {
                    tables.len = tables.len.saturating_add(count_server(&records));
                    tables.servers.insert(id, records);
                }
            }
            Part::Undated(records) => {
                tables.len = tables.len.saturating_add(records.len());
                tables.undated.extend(records.into_iter().map(|r| (r.value.order, r)));
            }
            Part::Retained(records) => {
                tables.len = tables.len.saturating_add(records.len());
                let placed = records.into_iter().map(|record| {
                    ((record.value.kind, record.value.id.clone()), Shared::new(record))
                });
                tables.retained.extend(placed);
            }
            Part::Unpaid(records) => {
                tables.len = tables.len.saturating_add(records.len());
                tables.unpaid.extend(records.into_iter().map(|r| (r.value.customer, r)));
            }
            Part::Customers(records) => {
                tables.len = tables.len.saturating_add(records.len());
                for record in records {
                    let id = record.value.id;
                    self.snapshot.tables.customers.insert(id, Shared::new(record));
                    self.count(Holder::Customer(id));
                }
            }
            Part::Identities(records) => {
                tables.len = tables.len.saturating_add(records.len());
                tables.identities.extend(records.into_iter().map(|r| (r.value.identity, r)));
            }
            Part::Tickets(tickets) => {
                for (id, records) in tickets {
                    let TicketRecords { ticket, thread, card } = &records;
                    let held = there([ticket.is_some(), thread.is_some(), card.is_some()]);
                    let tables = &mut self.snapshot.tables;
                    tables.len = tables.len.saturating_add(held);
                    tables.tickets.insert(id, records);
                    self.count(Holder::Ticket(id));
                }
            }
            Part::Broadcasts(records) => {
                tables.len = tables.len.saturating_add(records.len());
                tables.broadcasts.extend(records.into_iter().map(|r| (r.value.id, Shared::new(r))));
            }
            Part::Accounts(accounts) => {
                for (id, records) in accounts {
                    let tables = &mut self.snapshot.tables;
                    tables.len = tables.len.saturating_add(records.len());
                    tables.accounts.insert(id, Shared::new(records));
                    self.count(Holder::Account(id));
                }
            }
        }
        Ok(())
    }

    fn order(&mut self, id: super::OrderId, records: OrderRecords) {
        let tables = &mut self.snapshot.tables;
        tables.len = tables.len.saturating_add(count_order(&records));
        if let Some(order) = value(&records.order) {
            touched(&Key::Order(id), Some(order), &mut self.holders);
        }
        tables.orders.insert(id, records);
        self.count(Holder::Order(id));
    }

    fn count(&mut self, holder: Holder) {
        let before = self.nothing.facts(holder);
        self.snapshot.reindex(holder, &before);
    }

    /// The snapshot that these blocks were written of, and what their readers kept once.
    #[must_use]
    pub fn finish(
        mut self,
        readers: impl IntoIterator<Item = BlockReader>,
        revision: Revision,
        lineage: Lineage,
    ) -> Snapshot {
        for holder in std::mem::take(&mut self.holders) {
            match holder {
                Holder::Account(id) if !self.snapshot.tables.accounts.contains_key(&id) => {
                    self.count(holder);
                }
                Holder::Account(_) | Holder::Order(_) | Holder::Customer(_) | Holder::Ticket(_) => {
                }
            }
        }
        for reader in readers {
            self.snapshot.tables.interned.take_in(reader.interned);
        }
        self.snapshot.revision = revision;
        self.snapshot.with_lineage(lineage)
    }
}

fn there(slots: impl IntoIterator<Item = bool>) -> usize {
    slots.into_iter().filter(|there| *there).count()
}

fn count_shop(shop: &ShopRecords) -> usize {
    let ShopRecords {
        identity,
        reservations,
        amnesia,
        clock_seen,
        damage,
        store_panel,
        alerts,
        stats,
    } = shop;
    let about = [identity.is_some(), reservations.is_some(), amnesia.is_some()];
    let shown = [store_panel.is_some(), alerts.is_some(), stats.is_some()];
    there(about.into_iter().chain([clock_seen.is_some(), damage.is_some()]).chain(shown))
}

fn count_server(server: &ServerRecords) -> usize {
    let ServerRecords { status, facts, listed, home } = server;
    there([status.is_some(), facts.is_some(), listed.is_some(), home.is_some()])
}

fn count_order(records: &OrderRecords) -> usize {
    let OrderRecords { order, thread, card } = records;
    there([order.is_some(), thread.is_some(), card.is_some()])
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::*;
    use super::*;
    use crate::view::sample;
    use sha2::{Digest, Sha256};

    fn again(snapshot: &Snapshot) -> Snapshot {
        let (mut assembly, mut readers) =
            (Assembly::default(), [(); 2].map(|()| BlockReader::default()));
        for (n, block) in snapshot.blocks().enumerate() {
            assembly.add(readers[n % 2].read(&block.unwrap()).unwrap()).unwrap();
        }
        assembly.finish(readers, snapshot.revision(), snapshot.lineage())
    }

    fn bytes(snapshot: &Snapshot) -> Vec<u8> {
        snapshot.blocks().flat_map(Result::unwrap).collect()
    }

    #[test]
    fn every_kind_of_record_comes_out_of_the_blocks_as_it_went_in() {
        let edits = sample::every_resident_kind();
        let snapshot = Snapshot::default().after(&edits, 7).with_lineage(Lineage([3; 32]));
        for kind in Kind::ALL.iter().filter(|kind| kind.resident()) {
            assert!(edits.puts.keys().any(|key| key.kind() == *kind), "{kind:?} is not tried");
        }
        let read = again(&snapshot);
        for key in edits.puts.keys() {
            assert_eq!(read.get(key), snapshot.get(key), "{key}");
            assert_eq!(read.version(key), snapshot.version(key), "{key}");
        }
        for n in [3, 4] {
            let id = sample::order_id(n);
            assert!(read.archived_order(id).is_some());
            assert_eq!(read.archived_order(id), snapshot.archived_order(id));
        }
        assert_eq!(read.indexes(), snapshot.indexes());
        let used =
            |snapshot: &Snapshot| snapshot.code_uses(&"ramadan".parse().unwrap(), sample::NOW);
        assert_eq!((used(&read), used(&snapshot)), (1, 1));
        let given =
            |snapshot: &Snapshot| snapshot.code_uses(&"sorry".parse().unwrap(), sample::NOW);
        assert_eq!((given(&read), given(&snapshot)), (1, 1));
        assert_eq!((read.len(), read.history()), (snapshot.len(), snapshot.history()));
        assert_eq!(bytes(&read), bytes(&snapshot));
        // What was common to records is so again: the next order of a plan takes the one that is there.
        let sold =
            |snapshot: &Snapshot, n| Arc::clone(snapshot.sold_plan(sample::order_id(n)).unwrap());
        let next = read.after(&sample::put(sample::order(8, Target::New, "bank")), 8);
        let shares = |n| Arc::ptr_eq(&sold(&next, 8), &sold(&next, n));
        assert!(shares(3) || shares(1));
    }

    #[test]
    fn the_bytes_of_a_checkpoint_change_only_with_its_format() {
        let snapshot = Snapshot::default().after(&sample::every_resident_kind(), 7);
        let hash = nebulalinks_protocol::hex(&Sha256::digest(bytes(&snapshot)));
        assert_eq!(
            (Snapshot::CHECKPOINT_FORMAT, hash.as_str()),
            (12, "1af3c7b47137171be9481c1803462429209fe12c1807e7905bf9e5958de25355"),
            "an older program's checkpoint would be read as something else: raise the format"
        );
    }

    #[test]
    fn what_is_no_block_is_refused() {
        let snapshot = Snapshot::default().after(&sample::every_resident_kind(), 7);
        for block in snapshot.blocks().map(Result::unwrap) {
            let mut reader = BlockReader::default();
            for end in 0..block.len() {
                assert!(reader.read(&block[..end]).is_err(), "cut at {end}");
            }
        }
    }
}
