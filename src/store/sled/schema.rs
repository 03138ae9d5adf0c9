//! The store's schema version, and the way from an older one, always after a backup.

use super::open::{META, SCHEMA, open_sled};
use super::step::{Added, Migration};
use super::{OpenError, OpenOptions, codec, files};
use crate::model::Kind;
use ::sled::{Db, IVec, Tree};
use serde_json::{Map, Value, json};
use std::path::PathBuf;

/// Brings the store to the program's schema, and says where a backup was made on the way.
pub(super) fn migrate(db: Db, options: &OpenOptions) -> Result<(Db, Option<PathBuf>), OpenError> {
    let known = options.schema;
    let found = match read(&db)? {
        Some(found) => found,
        None => {
            write(&db, known)?;
            return Ok((db, None));
        }
    };
    if found > known {
        return Err(OpenError::NewerSchema { found, known });
    }
    if found == known {
        return Ok((db, None));
    }
    let mut steps: Vec<&Migration> = Vec::new();
    for from in found..known {
        let step = options.migrations.iter().find(|m| m.from == from);
        steps.push(step.ok_or(OpenError::NoMigration { found })?);
    }
    // Copied while it is closed: sled writes in the background.
    drop(db);
    let path = options.path.join(files::DB);
    let backup = files::back_up(&path, &format!("schema-{found}"))?;
    tracing::warn!(found, known, backup = %backup.display(), "migrating the store");
    let db = open_sled(&path, options.cache_mib)?;
    for step in steps {
        run(&db, *step)
            .and_then(|()| flush(&db))
            .and_then(|()| write(&db, step.from.saturating_add(1)).map_err(|e| e.to_string()))
            .map_err(|detail| OpenError::Migration {
                from: step.from,
                detail,
                backup: backup.clone(),
            })?;
    }
    Ok((db, Some(backup)))
}

/// Adds what comes new, and rewrites every record once. Each carries its own version, so that a run that
/// was cut short goes on where it ended: what is added is durable before anything is rewritten, and is
/// not made again of what is left.
fn run(db: &Db, step: Migration) -> Result<(), String> {
    let mut gather = (step.gather)();
    each(db, step.from, |(kind, _), old| gather.see(kind.tree(), old.version, &old.value))?;
    for Added { tree, key, version, value } in gather.records() {
        let tree = db.open_tree(tree).map_err(|e| e.to_string())?;
        if !tree.contains_key(&key).map_err(|e| e.to_string())? {
            put(&tree, &key, version, step, value)?;
        }
    }
    flush(db)?;
    each(db, step.from, |(kind, tree), old| {
        let mut key = old.key.to_vec();
        let value = (step.rewrite)(kind.tree(), &mut key, old.value)?;
        put(tree, &key, old.version, step, value)?;
        if *key != *old.key {
            tree.remove(&old.key).map_err(|e| e.to_string())?;
        }
        Ok(())
    })
}

/// A record of the version that a step reads.
struct Old {
    key: IVec,
    version: u64,
    value: Value,
}

/// Shows every record of a schema version.
fn each(
    db: &Db,
    schema: u32,
    mut act: impl FnMut((Kind, &Tree), Old) -> Result<(), String>,
) -> Result<(), String> {
    for kind in Kind::ALL {
        let tree = db.open_tree(kind.tree()).map_err(|e| e.to_string())?;
        for entry in &tree {
            let (key, bytes) = entry.map_err(|e| e.to_string())?;
            let (version, json) = codec::split(&bytes).ok_or("a record has no version")?;
            let mut stored: Map<String, Value> =
                serde_json::from_slice(json).map_err(|e| format!("{}: {e}", kind.tree()))?;
            if stored.get("schema").and_then(Value::as_u64) == Some(u64::from(schema)) {
                let value = stored.remove("value").unwrap_or(Value::Null);
                act((*kind, &tree), Old { key, version, value })
                    .map_err(|e| format!("a record of {}: {e}", kind.tree()))?;
            }
        }
    }
    Ok(())
}

fn put(tree: &Tree, key: &[u8], version: u64, step: Migration, value: Value) -> Result<(), String> {
    let stored = json!({ "schema": step.from.saturating_add(1), "value": value });
    let json = serde_json::to_vec(&stored).map_err(|e| e.to_string())?;
    tree.insert(key, codec::encode(version, &json)).map(drop).map_err(|e| e.to_string())
}

/// Durable before the version says so; the open ends with an `fdatasync` for all of it.
fn flush(db: &Db) -> Result<(), String> {
    db.flush().map(|_| ()).map_err(|e| e.to_string())
}

fn read(db: &Db) -> Result<Option<u32>, OpenError> {
    let meta = db.open_tree(META).map_err(super::errors::damaged)?;
    let Some(bytes) = meta.get(SCHEMA).map_err(super::errors::damaged)? else { return Ok(None) };
    let number = codec::number(&bytes).and_then(|n| u32::try_from(n).ok());
    number.map(Some).ok_or_else(|| OpenError::Damaged {
        detail: "the schema version is not a number".to_owned(),
    })
}

fn write(db: &Db, schema: u32) -> Result<(), OpenError> {
    let meta = db.open_tree(META).map_err(super::errors::damaged)?;
    meta.insert(SCHEMA, &u64::from(schema).to_be_bytes()).map_err(super::errors::damaged)?;
    db.flush().map(|_| ()).map_err(super::errors::damaged)
}
