//! The journal's own writer and reader, compiled from the controller's files: the crate that they stand
//! in links serenity and sled, and nothing of that is needed to read bytes.

#![allow(dead_code, unused_imports, reason = "the journal has more than its reader")]

#[path = "../../src/store/journal/mod.rs"]
mod journal;
#[path = "../../src/store/prepare.rs"]
mod prepare;

use journal::{Head, Sort, Tallies};
use nebulalinks_core::model::{Lineage, Revision};
use std::fs;
use std::io;
use std::path::Path;

/// As in the controller.
const MAX_RECORD_BYTES: usize = 16 * 1024;

/// One segment, as a store writes it.
pub struct Segment {
    /// All of it.
    pub bytes: Vec<u8>,
    /// Where each edit begins, and where the last one ends.
    pub starts: Vec<usize>,
}

/// What a reader tells of a journal.
#[derive(Debug, Default)]
pub struct Told {
    /// Each edit: its revision and its body.
    pub edits: Vec<(Revision, Vec<u8>)>,
    /// Whether something is said to be missing, torn or wrong.
    pub complains: bool,
}

/// Writes a segment of these bodies, from the first revision on.
#[must_use]
pub fn write(bodies: &[&[u8]]) -> Segment {
    let mut head = Head {
        revision: 0,
        schema: 1,
        lineage: Lineage::START,
        tallies: Tallies::default(),
        kinds: String::new(),
    };
    let mut bytes = Vec::new();
    journal::write_entry(&mut bytes, Sort::Begins, &head, &[]);
    let mut starts = vec![bytes.len()];
    for body in bodies {
        head.revision += 1;
        head.lineage = journal::chain(head.lineage, head.revision, body);
        "order".clone_into(&mut head.kinds);
        journal::write_entry(&mut bytes, Sort::Edits, &head, body);
        starts.push(bytes.len());
    }
    Segment { bytes, starts }
}

/// Reads a segment from a folder of its own, as a store that opens does.
///
/// # Errors
/// When the folder cannot be used.
pub fn read(folder: &Path, bytes: &[u8]) -> io::Result<Told> {
    fs::write(folder.join(format!("{:020}.log", 0)), bytes)?;
    let Some(survey) = journal::survey(folder)? else { return Ok(Told::default()) };
    let mut edits = Vec::new();
    journal::replay::<io::Error>(&survey, 0, |head, body| {
        edits.push((head.revision, body.to_vec()));
        Ok(())
    })?;
    let complains = !survey.gaps.is_empty() || survey.torn.is_some() || !survey.faults.is_empty();
    Ok(Told { edits, complains })
}

/// How many puts and deletes a body holds; `None` where it is no body.
#[must_use]
pub fn changes(body: &[u8]) -> Option<(usize, usize)> {
    let changes = journal::decode(body)?;
    let puts = changes.iter().filter(|c| matches!(c, journal::Change::Put(..))).count();
    Some((puts, changes.len() - puts))
}
