//! What an open found lost, until the store's own record names it: the journal begins anew before that, and a
//! start that is cut short in between would find nothing wrong.

use super::findings::Findings;
use super::{OpenError, files};
use crate::model::Lost;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io;
use std::path::Path;

/// The file in the state folder. It goes with its store wherever that goes.
const NAME: &str = "losses";

/// What is written down.
#[derive(Default, Serialize, Deserialize)]
struct Losses {
    lost: Vec<Lost>,
    kept: Vec<String>,
}

/// Begins with what a start before found lost and did not come to name.
pub(super) fn recall(folder: &Path) -> Result<Findings, OpenError> {
    let Losses { lost, kept } = read(folder).map_err(files::io("read what was found lost"))?;
    Ok(Findings { lost, kept, ..Findings::default() })
}

fn read(folder: &Path) -> io::Result<Losses> {
    match fs::read(folder.join(NAME)) {
        Ok(bytes) => Ok(serde_json::from_slice(&bytes).unwrap_or_else(|_| unreadable())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Losses::default()),
        Err(error) => Err(error),
    }
}

/// Something was lost, and nobody can say what.
fn unreadable() -> Losses {
    let what = format!(
        "a start before found something lost, and what it wrote of it in `{NAME}` is damaged"
    );
    let lost = Lost { what, first: None, last: None, kinds: Vec::new(), passing: false };
    Losses { lost: vec![lost], kept: Vec::new() }
}

/// Writes down what is lost, each once, before anything of it is put right.
pub(super) fn note(folder: &Path, found: &mut Findings) -> Result<(), OpenError> {
    if found.lost.is_empty() {
        return Ok(());
    }
    let mut lost: Vec<Lost> = Vec::new();
    for one in std::mem::take(&mut found.lost) {
        if !lost.contains(&one) {
            lost.push(one);
        }
    }
    let losses = Losses { lost, kept: found.kept.clone() };
    let written = write(folder, &losses);
    found.lost = losses.lost;
    written.map_err(files::io("write down what is lost"))
}

fn write(folder: &Path, losses: &Losses) -> io::Result<()> {
    files::replace(folder, NAME, &serde_json::to_vec(losses)?)
}

/// The store's record names it.
pub(super) fn forget(folder: &Path) -> io::Result<()> {
    match fs::remove_file(folder.join(NAME)) {
        Ok(()) => files::sync_folder(folder),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}
