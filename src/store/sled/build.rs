//! From the journal to sled and back: replay, rebuild, and write a base.

use super::super::journal::{
    Change, FOLDER, Head, Journal, Survey, Tallies, decode, read_base, replay,
};
use super::base::write_base;
use super::errors::{catch_sled_panic, damaged};
use super::open::{Raw, SCHEMA, Stand};
use super::{OpenError, OpenOptions, codec, files, upgrade};
use crate::model::{Kind, Lineage, Revision};
use std::fs;
use std::path::Path;

/// Brings sled to where its journal ends. Answers with how many edits it lacked.
pub(super) fn catch_up(raw: &mut Raw, survey: &Survey) -> Result<u64, OpenError> {
    let from = raw.stand.map_or(0, |stand| stand.revision);
    let mut tallies = raw.stand.map_or_else(Tallies::default, |stand| stand.tallies);
    let mut count = 0_u64;
    catch_sled_panic(|| {
        replay::<OpenError>(survey, from, |head, body| {
            count = count.saturating_add(1);
            apply(raw, &mut tallies, head.revision, body)
        })
    })?;
    if count > 0 {
        raw.loaded = None;
    }
    let Head { revision, lineage, .. } = survey.end;
    raw.stand_at(Stand { revision, lineage, tallies })?;
    flush(raw)?;
    Ok(count)
}

/// A new sled from a journal alone; and whether what that begins with comes to what it says.
pub(super) fn rebuild(
    path: &Path,
    options: &OpenOptions,
    survey: &Survey,
) -> Result<(Raw, bool), OpenError> {
    files::make_folder(path)?;
    let mut raw = Raw::open(path, options.cache_mib)?;
    let mut tallies = Tallies::default();
    let mut lineage = Lineage::START;
    let mut begins_whole = survey.begins_after == 0;
    if let Some(base) = &survey.base {
        let head = catch_sled_panic(|| {
            read_base::<OpenError>(base, |kind, key, stored| {
                tallies.add(kind, key, stored);
                put(&raw, kind, key, stored.to_vec()).map(drop)
            })
        })?;
        begins_whole = head.as_ref().is_some_and(|head| head.tallies == tallies);
        lineage = head.map_or(lineage, |head| head.lineage);
    }
    let schema = if survey.end.schema == 0 { options.schema } else { survey.end.schema };
    raw.meta.insert(SCHEMA, &u64::from(schema).to_be_bytes()).map_err(damaged)?;
    raw.schema = Some(schema);
    raw.stand_at(Stand { revision: survey.begins_after, lineage, tallies })?;
    catch_up(&mut raw, survey)?;
    Ok((raw, begins_whole))
}

/// Applies one edit of the journal. Twice does what once does.
fn apply(
    raw: &Raw,
    tallies: &mut Tallies,
    revision: Revision,
    body: &[u8],
) -> Result<(), OpenError> {
    let changes = decode(body).ok_or_else(|| OpenError::Damaged {
        detail: format!("revision {revision} in the journal was written by a newer program"),
    })?;
    for change in changes {
        let (kind, key, old) = match change {
            Change::Put(kind, key, json) => {
                let stored = codec::encode(revision, json);
                tallies.add(kind, key, &stored);
                (kind, key, put(raw, kind, key, stored)?)
            }
            Change::Delete(kind, key) => {
                (kind, key, tree(raw, kind)?.remove(key).map_err(damaged)?)
            }
        };
        if let Some(old) = old {
            tallies.remove(kind, key, &old);
        }
    }
    Ok(())
}

fn put(
    raw: &Raw,
    kind: Kind,
    key: &[u8],
    stored: Vec<u8>,
) -> Result<Option<::sled::IVec>, OpenError> {
    tree(raw, kind)?.insert(key, stored).map_err(damaged)
}

fn tree(raw: &Raw, kind: Kind) -> Result<&::sled::Tree, OpenError> {
    let missing = || OpenError::Damaged { detail: format!("{} is missing", kind.tree()) };
    raw.trees.get(&kind).ok_or_else(missing)
}

fn flush(raw: &Raw) -> Result<(), OpenError> {
    raw.db.flush().map(drop).map_err(damaged)
}

/// Begins the journal anew with a base of all that sled holds. The old one, if there is one, is
/// moved to `aside`. A crash at any point leaves one of the two, whole.
pub(super) fn begin_anew(
    raw: &Raw,
    folder: &Path,
    head: &Head,
    aside: Option<&Path>,
    crash_point: &dyn Fn(&'static str),
) -> Result<(), OpenError> {
    let next = folder.join(files::NEXT);
    let failed = files::io("write the store's journal anew");
    let result = (|| {
        if next.exists() {
            fs::remove_dir_all(&next)?;
        }
        if head.revision > 0 {
            write_base(raw, &next, head)?;
        }
        Journal::begin(&next, head)?;
        crash_point(upgrade::JOURNAL_WRITTEN);
        if let Some(aside) = aside {
            fs::rename(folder.join(FOLDER), aside)?;
        }
        crash_point(upgrade::JOURNAL_ASIDE);
        take_over(folder)?;
        crash_point(upgrade::JOURNAL_IN_PLACE);
        Ok(())
    })();
    result.map_err(failed)
}

/// Puts a journal in its place that was complete when the process ended. Before it is complete, it
/// has no segment.
pub(super) fn take_over(folder: &Path) -> std::io::Result<bool> {
    let (next, place) = (folder.join(files::NEXT), folder.join(FOLDER));
    let complete = !super::super::journal::Files::of(&next)?.segments.is_empty();
    if !complete || place.exists() {
        return Ok(false);
    }
    fs::rename(&next, &place)?;
    files::sync_folder(folder)?;
    Ok(true)
}
