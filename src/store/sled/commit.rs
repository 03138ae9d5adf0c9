//! A batch of transactions: check, journal, apply, publish, answer.

use super::super::journal::{Head, Sort, chain, encode, kinds, write_entry};
use super::super::prepare::{Prepared, holds};
use super::super::{
    AFTER_APPLY, AFTER_FLUSH, AFTER_JOURNAL, AFTER_PUBLISH, BEFORE_APPLY, disk_space,
};
use super::check::{self, Check};
use super::codec;
use super::open::{REVISION, STATE, Stand};
use super::writer::{Answer, Room, Stop, Writer, lost};
use crate::model::{Key, Kind, Lineage, Revision};
use crate::ports::StoreError;
use ::sled::transaction::{
    ConflictableTransactionError, TransactionError, Transactional, TransactionalTree,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a batch changes, before any of it is in sled.
#[derive(Default)]
struct Pending {
    /// As the journal has them.
    entries: Vec<u8>,
    /// What stands at each key after the batch: nothing where it is removed.
    after: BTreeMap<(Kind, Vec<u8>), Option<Vec<u8>>>,
    lineages: Vec<(Revision, Lineage)>,
}

impl Writer {
    /// Commits transactions together, and answers each.
    pub(super) fn commit(
        &mut self,
        txns: Vec<(Box<Prepared>, Answer<Revision>)>,
        room: Room,
    ) -> Result<(), Stop> {
        if txns.is_empty() {
            return Ok(());
        }
        let _working = self.work.begin();
        let mut pending = Pending::default();
        let mut answers = Vec::with_capacity(txns.len());
        let mut hints = Vec::with_capacity(txns.len());
        for (prepared, answer) in txns {
            self.crash_point(BEFORE_APPLY);
            let result = self.accept(&prepared, &mut pending, room)?;
            if result.is_ok() && !prepared.edits.is_empty() {
                hints.push(Arc::new(prepared.touched()));
            }
            answers.push((answer, result));
            self.crash_point(AFTER_APPLY);
        }
        if !pending.lineages.is_empty() {
            self.make_durable(&pending)?;
            self.crash_point(AFTER_JOURNAL);
            self.apply(&pending)?;
            self.crash_point(AFTER_FLUSH);
            self.look_at_paths()?;
            self.published.publish(Arc::clone(&self.snapshot));
            for hint in hints {
                // Nobody listening is fine.
                let _ = self.published.changes.send(hint);
            }
            self.crash_point(AFTER_PUBLISH);
        }
        // Conflicts wait for the sync too: they may be with what was not durable before it.
        for (answer, result) in answers {
            let _ = answer.send(result);
        }
        if self.store.journal.is_full() { self.roll() } else { Ok(()) }
    }

    /// Takes a transaction into the batch, unless it may not be or conflicts.
    fn accept(
        &mut self,
        prepared: &Prepared,
        pending: &mut Pending,
        room: Room,
    ) -> Result<Result<Revision, StoreError>, Stop> {
        if room == Room::Needed {
            let free = (self.options.hooks.free_bytes)(&self.options.path);
            // A disk that does not say how full it is must not stop the shop.
            let free = free.unwrap_or(u64::MAX);
            if let Err(refused) = disk_space::admit(free, prepared.places_order) {
                return Ok(Err(refused));
            }
        }
        for (key, expected) in &prepared.edits.expect {
            let version = self.version(key, pending)?;
            if !holds(*expected, version) {
                return Ok(Err(StoreError::Conflict(key.clone())));
            }
        }
        if prepared.edits.is_empty() {
            return Ok(Ok(self.revision));
        }
        let revision = self.revision.saturating_add(1);
        for (key, json) in &prepared.json {
            self.change(key, Some(codec::encode(revision, json)), pending)?;
        }
        for key in &prepared.edits.deletes {
            self.change(key, None, pending)?;
        }
        let body = encode(prepared);
        let lineage = chain(self.snapshot.lineage(), revision, &body);
        let head = Head {
            revision,
            schema: self.options.schema,
            lineage,
            tallies: self.tallies,
            kinds: kinds(prepared),
        };
        write_entry(&mut pending.entries, Sort::Edits, &head, &body);
        pending.lineages.push((revision, lineage));
        self.revision = revision;
        let next = self.snapshot.after(&prepared.edits, revision).with_lineage(lineage);
        self.snapshot = Arc::new(next);
        Ok(Ok(revision))
    }

    /// The version that stands at a key, the batch included. Memory has it with what the batch changed
    /// so far, and what it lacks sled may have: what was archived, and kinds that are not resident.
    fn version(&mut self, key: &Key, pending: &Pending) -> Result<Option<u64>, Stop> {
        if let Some(version) = self.snapshot.version(key) {
            return Ok(Some(version));
        }
        let Some(stored) = self.stands(key, &key.to_bytes(), pending)? else {
            return Ok(None);
        };
        match codec::split(&stored) {
            Some((version, _)) => Ok(Some(version)),
            None => Err(self.unreadable("a stored record has no version")),
        }
    }

    /// What stands at a key, the batch included.
    fn stands(
        &mut self,
        key: &Key,
        bytes: &[u8],
        pending: &Pending,
    ) -> Result<Option<Vec<u8>>, Stop> {
        let kind = key.kind();
        if let Some(after) = pending.after.get(&(kind, bytes.to_vec())) {
            return Ok(after.clone());
        }
        let found = self.tree(kind).map(|tree| tree.get(bytes));
        let stored = match found {
            Ok(Ok(stored)) => stored.map(|bytes| bytes.to_vec()),
            Ok(Err(error)) => return Err(self.unreadable(&format!("sled: {error}"))),
            Err(error) => return Err(self.unreadable(&error.to_string())),
        };
        // Built upon, a record that sled lacks would be lacking in what all records come to.
        if self.check.as_ref().is_some_and(Check::reads_residents)
            && !check::agrees(&self.snapshot, key, stored.as_deref())
        {
            return Err(self.unreadable(&format!("sled does not hold {key} as it was committed")));
        }
        Ok(stored)
    }

    /// Notes what a key's record becomes, in the batch and in what all records come to.
    fn change(
        &mut self,
        key: &Key,
        new: Option<Vec<u8>>,
        pending: &mut Pending,
    ) -> Result<(), Stop> {
        let (kind, bytes) = (key.kind(), key.to_bytes());
        let old = self.stands(key, &bytes, pending)?;
        if let Some(old) = &old {
            self.tallies.remove(kind, &bytes, old);
        }
        if let Some(new) = &new {
            self.tallies.add(kind, &bytes, new);
        }
        if let Some(check) = &mut self.check {
            check.changed(kind, &bytes, old.as_deref(), new.as_deref());
        }
        pending.after.insert((kind, bytes), new);
        Ok(())
    }

    /// The batch is in the journal, and the mark says so.
    fn make_durable(&mut self, pending: &Pending) -> Result<(), Stop> {
        let journal = &mut self.store.journal;
        journal.append(&pending.entries).map_err(|e| lost(&e))?;
        self.checkpoints.journaled(pending.entries.len());
        (self.options.hooks.sync_data)(journal.file()).map_err(|e| lost(&e))?;
        for (revision, lineage) in &pending.lineages {
            self.store.lineages.put(*revision, *lineage).map_err(|e| lost(&e))?;
        }
        self.mark(false)
    }

    /// The batch is in sled: one transaction over every tree that it touches and the one that says
    /// where sled stands. It is not synced: after a power cut the journal gives it again.
    fn apply(&mut self, pending: &Pending) -> Result<(), Stop> {
        let stand = Stand {
            revision: self.revision,
            lineage: self.snapshot.lineage(),
            tallies: self.tallies,
        };
        let mut trees = vec![&self.store.meta];
        let mut places = BTreeMap::new();
        for kind in pending.after.keys().map(|(kind, _)| *kind) {
            if let std::collections::btree_map::Entry::Vacant(place) = places.entry(kind) {
                place.insert(trees.len());
                trees.push(self.tree(kind).map_err(|e| Stop::Fatal(e.to_string()))?);
            }
        }
        // sled may run the closure again: it only reads what was prepared.
        let outcome = trees.as_slice().transaction(|views: &Vec<TransactionalTree>| {
            let view = |place: Option<&usize>| {
                place
                    .and_then(|place| views.get(*place))
                    .ok_or(ConflictableTransactionError::Abort("a tree is missing"))
            };
            for ((kind, key), after) in &pending.after {
                let view = view(places.get(kind))?;
                match after {
                    Some(stored) => view.insert(key.as_slice(), stored.as_slice())?,
                    None => view.remove(key.as_slice())?,
                };
            }
            let meta = view(Some(&0))?;
            meta.insert(STATE, stand.to_bytes())?;
            meta.insert(REVISION, &stand.revision.to_be_bytes())?;
            Ok(())
        });
        match outcome {
            Ok(()) => Ok(()),
            Err(TransactionError::Abort(what)) => Err(Stop::Fatal(what.to_owned())),
            Err(TransactionError::Storage(error)) => {
                Err(self.unreadable(&format!("sled: {error}")))
            }
        }
    }

    /// The process ends, and the next open reads everything.
    fn unreadable(&mut self, what: &str) -> Stop {
        self.suspect = true;
        if let Err(stop) = self.mark(false).and_then(|()| self.sync_mark()) {
            return stop;
        }
        Stop::Fatal(what.to_owned())
    }
}
