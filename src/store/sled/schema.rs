//! The store's schema version, and the way from an older one: rehearsed first, then done after a copy.

use super::super::journal::Tallies;
use super::migrations::{Older, StoredRecord};
use super::open::{META, SCHEMA, UPGRADED_FROM};
use super::step::{Added, Migration};
use super::upgrade::{ADDED, ALL_REWRITTEN, REWRITTEN, SCHEMA_WRITTEN};
use super::{OpenError, OpenOptions, codec, load};
use crate::model::{Key, Kind, SCHEMA_VERSION};
use ::sled::{Batch, Db, IVec, Tree};
use serde_json::{Map, Value};

/// The steps from the store's schema to the program's.
pub(super) fn steps(found: u32, options: &OpenOptions) -> Result<Vec<Migration>, OpenError> {
    let known = options.schema;
    if found > known {
        return Err(OpenError::NewerSchema { found, known });
    }
    let step = |from| options.migrations.iter().find(|m| m.from == from).copied();
    (found..known).map(|from| step(from).ok_or(OpenError::NoMigration { found })).collect()
}

/// Does all steps in memory, and tells what the records come to then. Nothing of the store changes.
///
/// # Errors
/// The first record that cannot be read, or would not be one of the program's.
pub(super) fn rehearse(
    db: &Db,
    steps: &[Migration],
    options: &OpenOptions,
) -> Result<Tallies, String> {
    let mut older = Older::by(steps, options.schema);
    let mut tallies = Tallies::default();
    each(db, |(kind, _), old| {
        let mut record = old;
        older.rewrite(kind.tree(), &mut record)?;
        count(kind, &record, options, &mut tallies)
    })?;
    for (tree, record) in older.derived()? {
        let kind = Kind::ALL.iter().find(|kind| kind.tree() == tree).ok_or("no such kind")?;
        let there = db.open_tree(tree).and_then(|tree| tree.contains_key(&record.key));
        if !there.map_err(|e| e.to_string())? {
            count(*kind, &record, options, &mut tallies)?;
        }
    }
    Ok(tallies)
}

fn count(
    kind: Kind,
    record: &StoredRecord,
    options: &OpenOptions,
    tallies: &mut Tallies,
) -> Result<(), String> {
    let stored = encoded(record)?;
    if options.schema == SCHEMA_VERSION {
        load::decode(kind, &record.key, &stored).map_err(|error| match error {
            OpenError::Damaged { detail } => detail,
            other => other.to_string(),
        })?;
    }
    tallies.add(kind, &record.key, &stored);
    Ok(())
}

/// Does all steps. sled says that its records are of the last one's schema before the first is rewritten, and
/// from which one they come until all of them are.
pub(super) fn run_all(
    db: &Db,
    steps: &[Migration],
    crash_point: &dyn Fn(&'static str),
) -> Result<(), String> {
    let Some(to) = steps.last().map(|step| step.from.saturating_add(1)) else { return Ok(()) };
    for step in steps {
        tracing::info!(from = step.from, step = step.name, "upgrading the store's records");
        write(db, to, Some(step.from))?;
        run(db, *step, crash_point)?;
        flush(db)?;
    }
    crash_point(ALL_REWRITTEN);
    write(db, to, None)?;
    crash_point(SCHEMA_WRITTEN);
    Ok(())
}

/// Adds what comes new, and rewrites every record once. Each carries its own version, so that a store without a
/// journal goes on where a run ended that was cut short: what is added is durable before anything is rewritten,
/// and is not made again of what is left.
fn run(db: &Db, step: Migration, crash_point: &dyn Fn(&'static str)) -> Result<(), String> {
    let mut gather = (step.gather)();
    let of_step = |record: &StoredRecord| record.schema() == Some(step.from);
    each(db, |(kind, _), old| match of_step(&old) {
        true => gather.see(kind.tree(), old.version, old.value()),
        false => Ok(()),
    })?;
    for Added { tree, key, version, value } in gather.records() {
        let tree = db.open_tree(tree).map_err(|e| e.to_string())?;
        if !tree.contains_key(&key).map_err(|e| e.to_string())? {
            put(&tree, &StoredRecord::of(step.from.saturating_add(1), key, version, value))?;
        }
    }
    flush(db)?;
    crash_point(ADDED);
    each(db, |(kind, tree), mut old| {
        if !of_step(&old) {
            return Ok(());
        }
        let (before, value) = (old.key.clone(), old.take_value());
        let value = (step.rewrite)(kind.tree(), &mut old.key, value)?;
        let moved = old.key != before;
        put(tree, &StoredRecord::of(step.from.saturating_add(1), old.key, old.version, value))?;
        if moved {
            tree.remove(&before).map_err(|e| e.to_string())?;
        }
        crash_point(REWRITTEN);
        Ok(())
    })
}

/// Shows every record.
fn each(
    db: &Db,
    mut act: impl FnMut((Kind, &Tree), StoredRecord) -> Result<(), String>,
) -> Result<(), String> {
    for kind in Kind::ALL {
        let tree = db.open_tree(kind.tree()).map_err(|e| e.to_string())?;
        for entry in &tree {
            let (key, bytes) = entry.map_err(|e| e.to_string())?;
            let what = || {
                let key = Key::from_bytes(*kind, &key);
                key.map_or_else(|| format!("a record of {}", kind.tree()), |key| key.to_string())
            };
            parsed(&key, &bytes)
                .and_then(|old| act((*kind, &tree), old))
                .map_err(|why| format!("{}: {why}", what()))?;
        }
    }
    Ok(())
}

fn parsed(key: &IVec, bytes: &[u8]) -> Result<StoredRecord, String> {
    let (version, json) = codec::split(bytes).ok_or("it has no version")?;
    let stored: Map<String, Value> =
        serde_json::from_slice(json).map_err(|_| "it is no JSON of a record")?;
    Ok(StoredRecord { key: key.to_vec(), version, stored: Value::Object(stored) })
}

fn encoded(record: &StoredRecord) -> Result<Vec<u8>, String> {
    let json = serde_json::to_vec(&record.stored).map_err(|e| e.to_string())?;
    Ok(codec::encode(record.version, &json))
}

fn put(tree: &Tree, record: &StoredRecord) -> Result<(), String> {
    tree.insert(&*record.key, encoded(record)?).map(drop).map_err(|e| e.to_string())
}

/// Durable before the version says so; the open ends with an `fdatasync` for all of it.
fn flush(db: &Db) -> Result<(), String> {
    db.flush().map(|_| ()).map_err(|e| e.to_string())
}

fn write(db: &Db, schema: u32, from: Option<u32>) -> Result<(), String> {
    let meta = db.open_tree(META).map_err(|e| e.to_string())?;
    let mut both = Batch::default();
    both.insert(SCHEMA, &u64::from(schema).to_be_bytes());
    match from {
        Some(from) => both.insert(UPGRADED_FROM, &u64::from(from).to_be_bytes()),
        None => both.remove(UPGRADED_FROM),
    }
    meta.apply_batch(both).map_err(|e| e.to_string())?;
    flush(db)
}
