//! Two catalogs, compared over the same records.

use super::effects;
use super::fields;
use super::types::{CatalogDiff, Files};
use crate::catalog::{Catalog, Lines, following};
use crate::model::{Snapshot, UnixMs};

/// What is compared.
#[derive(Debug, Clone, Copy)]
pub struct Compared<'a> {
    /// The records: who has what now. Empty where nobody knows.
    pub snapshot: &'a Snapshot,
    /// The catalog in force.
    pub before: &'a Catalog,
    /// The catalog of the edited files, valid after that one.
    pub after: &'a Catalog,
    /// Where the parts of the edited files stand.
    pub lines: &'a Lines,
    /// The time.
    pub now: UnixMs,
}

/// Compares.
#[must_use]
pub fn diff(compared: &Compared<'_>) -> CatalogDiff {
    let Compared { snapshot, before, after, lines, now } = *compared;
    let changes = fields::changes(before, after, lines);
    let in_force = following(snapshot, before, after.clone(), now);
    let accounts = snapshot.accounts().count();
    let effects = if changes.is_empty() {
        Vec::new()
    } else {
        effects::all(snapshot, before, &in_force, now)
    };
    let files = |c: &Catalog| Files { revision: c.revision.clone(), commit: c.commit.clone() };
    CatalogDiff { from: files(before), to: files(after), accounts, effects, changes }
}
