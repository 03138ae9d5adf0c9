//! Random transactions on both stores and on a plain map: the same answers, the same records.

use super::support::{account, interaction, options, served};
use crate::random::cases;
use nebulalinks::model::{Edits, Expected, Key, Record, Versioned};
use nebulalinks::ports::{Store, StoreError};
use nebulalinks::store::{MemoryStore, SledStore};
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::BTreeMap;

#[derive(Debug, Clone)]
enum Change {
    Put(u8),
    Insert(u8),
    /// With the version that stands, or, where it is stale, one lower.
    Update(u8, bool),
    Delete(u8),
}

#[derive(Debug, Clone)]
enum Step {
    Txn(Vec<Change>),
    Reopen,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let slot = 0..12_u8;
    let change = prop_oneof![
        4 => slot.clone().prop_map(Change::Put),
        2 => slot.clone().prop_map(Change::Insert),
        2 => (slot.clone(), prop::bool::weighted(0.2)).prop_map(|(s, stale)| Change::Update(s, stale)),
        2 => slot.prop_map(Change::Delete),
    ];
    let step = prop_oneof![
        12 => vec(change, 0..5).prop_map(Step::Txn),
        1 => Just(Step::Reopen),
    ];
    vec(step, 1..30)
}

/// Half of the slots are resident, and half are not.
fn record(slot: u8, content: u64) -> Record {
    if slot.is_multiple_of(2) {
        served(u128::from(slot % 4), u32::from(slot), content).into()
    } else {
        interaction(u64::from(slot), u128::from(content)).into()
    }
}

#[derive(Default)]
struct Model {
    revision: u64,
    records: BTreeMap<Key, Versioned<Record>>,
}

impl Model {
    fn edits(&self, changes: &[Change], content: u64) -> Edits {
        let mut edits = Edits::new();
        for change in changes {
            match change {
                Change::Put(slot) => edits.put(record(*slot, content)),
                Change::Insert(slot) => edits.insert(record(*slot, content)),
                Change::Update(slot, stale) => {
                    let record = record(*slot, content);
                    let version = self.records.get(&record.key()).map_or(0, |r| r.version);
                    edits.expect(record.key(), Some(version.saturating_sub(u64::from(*stale))));
                    edits.put(record);
                }
                Change::Delete(slot) => edits.delete(record(*slot, content).key()),
            }
        }
        edits
    }

    fn txn(&mut self, edits: &Edits) -> Result<u64, Key> {
        for (key, expected) in &edits.expect {
            let found = match self.records.get(key) {
                None => Expected::Absent,
                Some(record) => Expected::Version(record.version),
            };
            if found != *expected {
                return Err(key.clone());
            }
        }
        if edits.is_empty() {
            return Ok(self.revision);
        }
        self.revision += 1;
        for key in &edits.deletes {
            self.records.remove(key);
        }
        for (key, record) in &edits.puts {
            let stored = Versioned { version: self.revision, value: record.clone() };
            self.records.insert(key.clone(), stored);
        }
        Ok(self.revision)
    }
}

async fn answer(store: &dyn Store, edits: &Edits) -> Result<u64, Key> {
    match store.txn(edits.clone()).await {
        Ok(revision) => Ok(revision),
        Err(StoreError::Conflict(key)) => Err(key),
        Err(other) => panic!("{other}"),
    }
}

/// Everything the store shows, by every way there is to look.
async fn check(store: &dyn Store, model: &Model) {
    let snapshot = store.snapshot();
    assert_eq!(snapshot.revision(), model.revision);
    let resident = model.records.keys().filter(|key| key.kind().resident()).count();
    assert_eq!(snapshot.len(), resident);
    for slot in 0..12 {
        let key = record(slot, 0).key();
        assert_eq!(store.get(&key).await.unwrap().as_ref(), model.records.get(&key));
        let here = model.records.get(&key).filter(|_| key.kind().resident());
        assert_eq!(snapshot.get(&key).as_ref(), here);
    }
    assert_eq!(
        snapshot.was_served(account(0), 0),
        model.records.contains_key(&Key::Served(account(0), 0))
    );
}

async fn run(steps: Vec<Step>) {
    let folder = tempfile::tempdir().unwrap();
    let mut sled = SledStore::open(options(folder.path())).unwrap();
    let mut memory = MemoryStore::new();
    let mut model = Model::default();
    let mut lineages = BTreeMap::new();
    for (n, step) in steps.into_iter().enumerate() {
        match step {
            Step::Txn(changes) => {
                let edits = model.edits(&changes, n as u64);
                let expected = model.txn(&edits);
                assert_eq!(answer(&sled, &edits).await, expected);
                assert_eq!(answer(&memory, &edits).await, expected);
                let lineage = sled.snapshot().lineage();
                assert_eq!(memory.snapshot().lineage(), lineage);
                lineages.insert(model.revision, lineage);
            }
            Step::Reopen => {
                sled.close().await.unwrap();
                sled = SledStore::open(options(folder.path())).unwrap();
                memory = memory.crash();
            }
        }
    }
    check(&memory, &model).await;
    check(&sled, &model).await;
    drop(sled);
    let reopened = SledStore::open(options(folder.path())).unwrap();
    check(&reopened, &model).await;
    // The same edits are the same history, in either store.
    for (revision, lineage) in lineages {
        assert_eq!(memory.lineage(revision).await.unwrap(), Some(lineage));
        assert_eq!(reopened.lineage(revision).await.unwrap(), Some(lineage));
    }
}

proptest! {
    #![proptest_config(cases(32))]
    #[test]
    fn both_stores_and_a_plain_map_agree_also_after_reopening(steps in steps()) {
        tokio::runtime::Runtime::new().unwrap().block_on(run(steps));
    }
}
