//! Texts of files, held against what is in force, and compared.

use super::compare::{Compared, diff};
use super::types::CatalogDiff;
use crate::catalog::{
    Catalog, Checked, Files, Lines, Options, Problems, check, following, load, without_retained,
};
use crate::model::{Snapshot, UnixMs};

/// Which files cannot be compared, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// Those to compare with.
    Before(Problems),
    /// The edited ones.
    After(Problems),
}

/// Compares edited files with those in force, or with others. With them come the warnings of the edited ones.
///
/// # Errors
/// Every problem of the edited files, as the service would refuse them, or of the others.
pub fn judge(
    snapshot: &Snapshot,
    in_force: &Catalog,
    before: Option<&Files>,
    after: &Files,
    now: UnixMs,
) -> Result<(CatalogDiff, Option<Problems>), Refused> {
    let other = before.map(|files| load(files, &Options::default())).transpose();
    let other = other.map_err(Refused::Before)?;
    let other = other.map(|files| following(snapshot, in_force, files, now));
    let before = other.as_ref().unwrap_or(in_force);
    let previous = without_retained(before.clone());
    let options = Options { previous: Some(&previous), keys: None };
    let Checked { catalog, warnings } = check(after, &options);
    let (after, lines) = (&catalog.map_err(Refused::After)?, &Lines::of(after));
    Ok((diff(&Compared { snapshot, before, after, lines, now }), warnings))
}
