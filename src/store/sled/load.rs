//! Every record, read once: what all come to, and the resident ones as a snapshot.
//!
//! A start is as long as this takes. Threads read a tree each, add its records up and decode them;
//! the caller's thread puts what they send in place. In which order records arrive changes nothing:
//! `tests/it/laws/indexes.rs::records_may_be_loaded_in_any_order`.

use super::super::journal::Tallies;
use super::errors::{catch_sled_panic, damaged};
use super::{OpenError, codec};
use crate::model::{Key, Kind, Record, Snapshot, Versioned};
use ::sled::Tree;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, SyncSender};

/// Records in one batch of a reader.
const BATCH: usize = 512;
/// Batches that may wait to be put in place.
const BATCHES: usize = 16;
/// Readers at the most: with more, the one thread that puts records in place is the slowest.
const READERS: usize = 4;

type Batch = Vec<Result<(Key, Versioned<Record>), OpenError>>;

/// What was read.
pub(super) struct Loaded {
    /// What the records come to.
    pub(super) tallies: Tallies,
    /// The resident ones. An error here is a record that cannot be decoded.
    pub(super) snapshot: Result<Snapshot, OpenError>,
}

/// Reads the resident records, or all.
pub(super) fn load(trees: &BTreeMap<Kind, Tree>, all: bool) -> Result<Loaded, OpenError> {
    let wanted = trees.iter().filter(|(kind, _)| all || kind.resident());
    let wanted: Vec<(Kind, &Tree)> = wanted.map(|(kind, tree)| (*kind, tree)).collect();
    let next = AtomicUsize::new(0);
    let (send, received) = mpsc::sync_channel(BATCHES);
    let processors = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    std::thread::scope(|scope| {
        let begin = |_| {
            let (send, wanted, next) = (send.clone(), &wanted, &next);
            scope.spawn(move || {
                let mut tallies = Tallies::default();
                while let Some((kind, tree)) = wanted.get(next.fetch_add(1, Ordering::Relaxed)) {
                    catch_sled_panic(|| read(*kind, tree, &send, &mut tallies))?;
                }
                Ok(tallies)
            })
        };
        let readers: Vec<_> = (0..processors.min(READERS)).map(begin).collect();
        drop(send);
        let snapshot = Snapshot::load(received.into_iter().flatten());
        let mut tallies = Tallies::default();
        for reader in readers {
            let ended = || OpenError::Damaged { detail: "a thread that read it ended".to_owned() };
            tallies = tallies.plus(reader.join().unwrap_or_else(|_| Err(ended()))?);
        }
        Ok(Loaded { tallies, snapshot })
    })
}

/// Adds a tree's records up, and sends them decoded for as long as somebody listens: nobody does
/// once a record could not be decoded, but what the records come to is still asked.
fn read(
    kind: Kind,
    tree: &Tree,
    send: &SyncSender<Batch>,
    tallies: &mut Tallies,
) -> Result<(), OpenError> {
    let mut heard = kind.resident();
    let mut batch = Batch::new();
    for entry in tree {
        let (key, stored) = entry.map_err(damaged)?;
        tallies.add(kind, &key, &stored);
        if heard {
            batch.push(decode(kind, &key, &stored));
            if batch.len() == BATCH {
                heard =
                    send.send(std::mem::replace(&mut batch, Batch::with_capacity(BATCH))).is_ok();
            }
        }
    }
    if heard {
        // A reader whose last batch nobody wants has read its tree all the same.
        let _ = send.send(batch);
    }
    Ok(())
}

pub(super) fn decode(
    kind: Kind,
    bytes: &[u8],
    stored: &[u8],
) -> Result<(Key, Versioned<Record>), OpenError> {
    let record = codec::decode(kind, stored).map_err(|detail| OpenError::Damaged { detail })?;
    let key: Key = record.value.key();
    if key.to_bytes() != bytes {
        let detail = format!("{key} is not where its record stands");
        return Err(OpenError::Damaged { detail });
    }
    Ok((key, record))
}
