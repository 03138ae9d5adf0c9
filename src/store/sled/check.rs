//! Reads every record once that the open did not read, a few at a time between batches. After an
//! open from a checkpoint these are all, and each must be as the snapshot has it.

use super::super::journal::Tallies;
use super::errors::{catch_sled_panic, damaged};
use super::{codec, load};
use crate::model::{Key, Kind, Record, Snapshot, SurfaceKey};
use ::sled::Tree;
use std::collections::BTreeMap;
use std::ops::Bound;

/// Records in one step: about a millisecond, or two where they are compared.
const STEP: usize = 500;

/// How far the reading is.
pub(super) struct Check {
    /// Whether resident kinds are read as well.
    residents: bool,
    /// Kinds that are to be read and not read to their end.
    left: Vec<Kind>,
    /// The last key that was read of the first of them.
    last: Option<Vec<u8>>,
    /// What was read comes to this, as it stands now.
    seen: Tallies,
    /// How many of it are of resident kinds and no surfaces.
    count: usize,
}

impl Check {
    /// Nothing is read yet.
    pub(super) fn begin(residents: bool) -> Self {
        let wanted = |kind: &Kind| residents || !kind.resident();
        let mut left: Vec<Kind> = Kind::ALL.iter().copied().filter(wanted).collect();
        // First what nobody has in memory: a decision rests on what the trees say of these alone.
        left.sort_by_key(|kind| kind.resident());
        Self { residents, left, last: None, seen: Tallies::default(), count: 0 }
    }

    /// Whether resident kinds are read as well.
    pub(super) const fn reads_residents(&self) -> bool {
        self.residents
    }

    /// A record changes that may have been read already.
    pub(super) fn changed(
        &mut self,
        kind: Kind,
        key: &[u8],
        old: Option<&[u8]>,
        new: Option<&[u8]>,
    ) {
        let read = match self.left.first() {
            Some(first) if *first == kind => self.last.as_deref().is_some_and(|last| key <= last),
            _ => !self.left.contains(&kind),
        };
        if (kind.resident() && !self.residents) || !read {
            return;
        }
        if let Some(old) = old {
            self.seen.remove(kind, key, old);
            self.count = self.count.saturating_sub(usize::from(counts(kind)));
        }
        if let Some(new) = new {
            self.seen.add(kind, key, new);
            self.count = self.count.saturating_add(usize::from(counts(kind)));
        }
    }

    /// Reads a few records more. `Ok(true)` when all were read and come to what they must.
    ///
    /// # Errors
    /// A sentence: what cannot be read.
    pub(super) fn step(
        &mut self,
        trees: &BTreeMap<Kind, Tree>,
        expected: Tallies,
        snapshot: &Snapshot,
    ) -> Result<bool, (Option<Kind>, String)> {
        let Some(kind) = self.left.first().copied() else {
            let residents = !self.residents || self.seen.resident == expected.resident;
            return if !residents || self.seen.other != expected.other {
                Err((None, "records are missing that nobody removed".to_owned()))
            } else if self.residents && self.count != snapshot.len_without_surfaces() {
                Err((None, "the checkpoint had more than the store".to_owned()))
            } else {
                Ok(true)
            };
        };
        let Some(tree) = trees.get(&kind) else {
            return Err((Some(kind), "its tree is missing".to_owned()));
        };
        let lower = self.last.take().map_or(Bound::Unbounded, Bound::Excluded);
        let (seen, count) = (&mut self.seen, &mut self.count);
        let read = catch_sled_panic(|| {
            let mut last = None;
            for entry in tree.range::<Vec<u8>, _>((lower, Bound::Unbounded)).take(STEP) {
                let (key, stored) = entry.map_err(damaged)?;
                seen.add(kind, &key, &stored);
                *count = count.saturating_add(usize::from(counts(kind)));
                if kind.resident() {
                    compare(snapshot, kind, &key, &stored)?;
                }
                last = Some(key.to_vec());
            }
            Ok(last)
        });
        match read {
            Ok(Some(last)) => self.last = Some(last),
            Ok(None) => {
                self.left.remove(0);
            }
            Err(error) => return Err((Some(kind), error.to_string())),
        }
        Ok(false)
    }
}

/// Whether the snapshot knows how many of a kind there are.
fn counts(kind: Kind) -> bool {
    kind.resident() && kind != Kind::Surface
}

/// A resident record must be the one that the snapshot holds.
fn compare(
    snapshot: &Snapshot,
    kind: Kind,
    bytes: &[u8],
    stored: &[u8],
) -> Result<(), super::OpenError> {
    let (key, record) = load::decode(kind, bytes, stored)?;
    let archived = || match &key {
        Key::Order(id) => snapshot.archived_order(*id),
        _ => None,
    };
    let same = match (snapshot.get(&key), archived()) {
        (Some(held), _) => held == record,
        (None, Some(held)) => match &record.value {
            Record::Order(order) => held.is_of(order, record.version),
            _ => false,
        },
        (None, None) => agrees(snapshot, &key, Some(stored)),
    };
    if same {
        return Ok(());
    }
    let detail = format!("{key} is not what the checkpoint had");
    Err(super::OpenError::Damaged { detail })
}

/// Whether what sled holds at a key is of the version that the snapshot knows.
pub(super) fn agrees(snapshot: &Snapshot, key: &Key, stored: Option<&[u8]>) -> bool {
    let stored = stored.map(|bytes| codec::split(bytes).map(|(version, _)| version));
    match (stored, snapshot.version(key)) {
        (Some(stored), Some(version)) => stored == Some(version),
        (None, None) => true,
        (None, Some(_)) => false,
        (Some(_), None) => may_be_away(snapshot, key),
    }
}

/// Whether a record may be in sled and not in the snapshot: all but the resident ones, and what was
/// shown of an order that is archived. One that is brought back brings what was shown of it.
fn may_be_away(snapshot: &Snapshot, key: &Key) -> bool {
    let of = |key: &SurfaceKey| match key {
        SurfaceKey::OrderThread(id) | SurfaceKey::ReviewCard(id) => Some(*id),
        SurfaceKey::StorePanel
        | SurfaceKey::Alerts
        | SurfaceKey::Stats
        | SurfaceKey::TicketThread(_)
        | SurfaceKey::TicketCard(_) => None,
    };
    let is_away = |key: &SurfaceKey| of(key).is_some_and(|id| snapshot.order(id).is_none());
    !snapshot.covers(key) || matches!(key, Key::Surface(surface) if is_away(surface))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Edits, Front, RequestKey, Reservations, Target};
    use crate::ports::Store;
    use crate::store::{OpenOptions, SledStore, checkpoint};
    use crate::view::sample;
    use std::sync::Arc;
    use std::time::Duration;
    use tokio::time::Instant;

    #[test]
    fn what_sled_holds_must_be_of_the_version_that_is_in_memory() {
        let order = sample::order(1, Target::New, "bank");
        let archived = crate::model::Order { archived: true, ..order.clone() };
        let thread = Key::Surface(SurfaceKey::OrderThread(order.id));
        let (key, other) =
            (Key::Order(order.id), Key::InteractionOrder(RequestKey::of(Front::Discord, 1)));
        let stored = |version| codec::encode(version, b"");
        for order in [order, archived] {
            let away = order.archived;
            let snapshot = Snapshot::default().after(&sample::put(order), 7);
            assert!(agrees(&snapshot, &key, Some(&stored(7))));
            assert!(!agrees(&snapshot, &key, Some(&stored(6))));
            assert!(!agrees(&snapshot, &key, None));
            assert!(!agrees(&snapshot, &Key::Reservations(), Some(&stored(1))));
            assert!(agrees(&snapshot, &other, Some(&stored(1))));
            assert!(agrees(&snapshot, &other, None));
            // What was shown of an order in memory is in memory too.
            assert_eq!(agrees(&snapshot, &thread, Some(&stored(1))), away);
            assert!(agrees(&snapshot, &thread, None));
        }
    }

    /// A checkpoint whose every checksum fits, and that is wrong: only a mistake of ours writes it.
    #[test]
    fn a_checkpoint_that_says_something_else_than_the_trees_is_found_out() {
        let folder = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let mut options = OpenOptions::at(folder.path().join("state"));
        (options.checkpoint_bytes, options.ballast_mib) = (0, 0);
        options.hooks.fatal = Arc::new(|_| {});
        SledStore::init(&options).unwrap();
        let store = SledStore::open(options.clone()).unwrap();
        runtime.block_on(store.txn(sample::served_account(1, true))).unwrap();
        let order = crate::model::Order { archived: true, ..sample::order(9, Target::New, "bank") };
        let at = runtime.block_on(store.txn(sample::put(order.clone()))).unwrap();
        let good = store.snapshot();
        store.close_now();
        let head = checkpoint::find(&options.path).unwrap().unwrap().head;
        let mut gone = Edits::new();
        gone.delete(Key::Served(sample::account_id(1), 0));
        let before = at.saturating_sub(2);
        let somebody = sample::OMAR;
        let wrong = [
            (sample::put(Reservations { taken: 9 }), before),
            (sample::put(sample::account(1)), before),
            (gone, before),
            (sample::put(crate::model::Order { customer: somebody, ..order }), at),
        ];
        for (edits, revision) in wrong {
            let other = good.after(&edits, revision);
            checkpoint::write(&options.path, &head, &other, &|| true).unwrap();
            let store = SledStore::open(options.clone()).unwrap();
            assert_eq!(store.stats().load.checkpoint, Some(head.revision));
            let begun = Instant::now();
            while store.snapshot().damaged().is_none() {
                assert!(begun.elapsed() < Duration::from_secs(20), "nobody noticed {edits:?}");
                let _ = runtime.block_on(store.txn(Edits::new()));
            }
            store.close_now();
            let store = SledStore::open(options.clone()).unwrap();
            assert_eq!(store.stats().load.checkpoint, None);
            assert_eq!(store.snapshot().damaged(), None);
            store.close_now();
        }
    }
}
