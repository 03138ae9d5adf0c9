//! What records that are there give back of records that are lost: the indexes over customers and orders,
//! and the bare record of a customer whose index is there.

use super::errors::{catch_sled_panic, damaged};
use super::writer::{Stop, Writer};
use crate::model::{
    Customer, CustomerId, CustomerIdentity, Edits, Identity, Key, Kind, OrderByReference, OrderId,
    Record, Snapshot,
};
use std::collections::BTreeMap;

/// Records in one transaction: what is mended is one entry of the journal, and none may be too long.
const AT_ONCE: usize = 500;

impl Writer {
    /// Writes what can be told of lost records by those that are there. It walks over all customers and
    /// orders: only where something is lost.
    pub(super) fn mend(&mut self) -> Result<(), Stop> {
        let mut records = people(&self.snapshot);
        let count = records.len();
        // One that cannot be read is found by the reading of all records, and said there.
        records.extend(self.references().unwrap_or_default().into_iter().map(Record::from));
        if records.is_empty() {
            return Ok(());
        }
        tracing::warn!(people = count, all = records.len(), "wrote lost records anew from others");
        for some in records.chunks(AT_ONCE) {
            let mut edits = Edits::new();
            some.iter().for_each(|record| edits.insert(record.clone()));
            self.commit_own(edits)?;
        }
        Ok(())
    }

    /// The index entries of orders that have none; of two that have one reference the newer's.
    fn references(&self) -> Option<Vec<OrderByReference>> {
        let (orders, index) =
            (self.store.trees.get(&Kind::Order)?, self.store.trees.get(&Kind::OrderByReference)?);
        let missing = catch_sled_panic(|| {
            let mut missing = BTreeMap::new();
            for key in orders.iter().keys() {
                let Some(Key::Order(order)) = Key::from_bytes(Kind::Order, &key.map_err(damaged)?)
                else {
                    continue;
                };
                let reference = order.reference();
                let key = Key::OrderByReference(reference).to_bytes();
                if !index.contains_key(key).map_err(damaged)? {
                    missing.insert(reference, order);
                }
            }
            Ok(missing)
        });
        let missing: BTreeMap<_, OrderId> = missing.ok()?;
        let entry = |(reference, order)| OrderByReference { reference, order };
        Some(missing.into_iter().map(entry).collect())
    }
}

/// The index entries that customers lack, and the customers that only the index knows.
fn people(snapshot: &Snapshot) -> Vec<Record> {
    let mut index: BTreeMap<Identity, CustomerId> = BTreeMap::new();
    for customer in snapshot.customers_after(None) {
        let lacking = customer.identities.iter().filter(|i| snapshot.customer_of(**i).is_none());
        lacking.for_each(|identity| {
            index.entry(*identity).or_insert(customer.id);
        });
    }
    let mut lost: BTreeMap<CustomerId, Vec<Identity>> = BTreeMap::new();
    for known in snapshot.identities().filter(|known| snapshot.customer(known.customer).is_none()) {
        lost.entry(known.customer).or_default().push(known.identity);
    }
    let entries = index.into_iter();
    let entries =
        entries.map(|(identity, customer)| CustomerIdentity { identity, customer }.into());
    let bare = lost.into_iter().map(|(id, identities)| Customer::bare(id, identities).into());
    entries.chain(bare).collect()
}
