//! `nebulalinks restore`: a backup in the place of a store.

use super::env::{SystemClock, SystemEntropy};
use super::out;
use super::progress::Progress;
use crate::admin::user_of_this_process;
use crate::config::Places;
use crate::files::read_secret;
use crate::model::{Actor, Audit, Outcome, UnixMs};
use crate::ports::{Clock as _, Entropy as _};
use crate::store::{ArchiveHeader, Identities, Opening, Restoring, Standing};
use crate::{store, watch};
use clap::Args;
use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

/// The flags of `nebulalinks restore`.
#[derive(Debug, Args)]
pub struct Restore {
    #[command(flatten)]
    places: Places,
    /// The backup: a file that `nebulalinks backup --archive` made
    file: PathBuf,
    /// File with the key of one of its recipients, as age-keygen writes it
    #[arg(long, value_name = "FILE")]
    identity: Option<PathBuf>,
    /// Move the store that is there aside and put the backup in its place
    #[arg(long)]
    replace: bool,
    /// Restore a backup of another shop than that of the files or of the store that is there
    #[arg(long)]
    another_shop: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Say what would be done, and do nothing
    #[arg(long, conflicts_with = "yes")]
    dry_run: bool,
}

impl Restore {
    /// Says what it does, asks, and does it.
    pub(super) fn run(&self) -> Result<(), String> {
        let opening = opening(&self.file, self.identity.as_deref())?;
        let header = store::look(&opening).map_err(|error| error.to_string())?;
        let state = &self.places.state;
        let there = store::standing(state)
            .map_err(|error| format!("cannot read {}: {error}", state.display()))?;
        if !self.another_shop {
            same_shop(&header, &self.places, there.as_ref())?;
        }
        let now = SystemClock.now();
        out::print(&intended(&header, &self.file, state, there.as_ref(), now))?;
        if there.is_some() && !self.replace {
            return Err("--replace moves the store that is there aside: say so".to_owned());
        }
        if self.dry_run {
            return out::print("Nothing was done.\n");
        }
        if !self.yes && there.is_some() && !asked("Type yes to go on: ")? {
            return Err("nothing was done".to_owned());
        }
        let (reading, all) = (Progress::of("reading the backup"), size(&self.file));
        let done = store::restore(Restoring {
            opening: &opening,
            state,
            replace: self.replace,
            audit: audit(&header, now),
            report: &|done| match done < all {
                true => reading.at("reading the backup", done, all),
                false => reading.at("opening what was in it and comparing every record", 0, 0),
            },
        });
        drop(reading);
        let done = done.map_err(|error| error.to_string())?;
        let kept = done.kept.map_or_else(String::new, |kept| {
            format!("What was there lies in {}: delete it once nobody needs it.\n", kept.display())
        });
        out::print(&format!(
            "Restored: revision {}.\n{kept}Nothing is shortened, disabled or deleted until you run \
             `nebulalinks resolve-amnesia`. Start the service, let it ask every gateway, find out \
             which orders are missing (docs/OPERATIONS.md, StoreAmnesia), and resolve it then.\n",
            done.header.revision
        ))
    }
}

/// A backup, with what opens it.
pub(super) fn opening(file: &Path, identity: Option<&Path>) -> Result<Opening, String> {
    let identities = match identity {
        None => Identities::default(),
        Some(path) => {
            let text = read_secret(path).map_err(|e| format!("{}: {e}", path.display()))?;
            Identities::parse(&text).map_err(|error| error.to_string())?
        }
    };
    Ok(Opening { path: file.to_owned(), identities })
}

/// Refuses what would give a shop the customers of another.
fn same_shop(
    header: &ArchiveHeader,
    places: &Places,
    there: Option<&Standing>,
) -> Result<(), String> {
    same_as_files("the backup", header.shop.as_deref(), places)?;
    let theirs = there.and_then(|there| there.store_id.clone());
    if theirs.is_some() && header.store_id.is_some() && theirs != header.store_id {
        return Err(format!(
            "the backup is of another store (shop {}) than the one in {}. If that is meant, say \
             --another-shop",
            header.shop.as_deref().unwrap_or("without a name"),
            places.state.display()
        ));
    }
    Ok(())
}

/// Refuses what is of another shop than the files, where they are valid.
pub(super) fn same_as_files(what: &str, shop: Option<&str>, places: &Places) -> Result<(), String> {
    let files = watch::check(&places.desired, &crate::catalog::Options::default());
    let files = files.ok().map(|catalog| catalog.shop.id.to_string());
    match (shop, files) {
        (Some(shop), Some(files)) if shop != files => Err(format!(
            "{what} is of shop {shop}, and the files in {} are of shop {files}. If that is meant, say \
             --another-shop",
            places.desired.display()
        )),
        _ => Ok(()),
    }
}

fn intended(
    header: &ArchiveHeader,
    file: &Path,
    state: &Path,
    there: Option<&Standing>,
    now: UnixMs,
) -> String {
    let ArchiveHeader { shop, revision, made_at, program, .. } = header;
    let minutes = now.since(*made_at).0 / 60_000;
    let age = match (minutes / 1_440, minutes / 60, minutes) {
        (days @ 2.., _, _) => format!("{days} days"),
        (_, hours @ 2.., _) => format!("{hours} h"),
        (_, _, minutes) => format!("{minutes} min"),
    };
    let shop = shop.as_deref().unwrap_or("without a name");
    let mut text = format!(
        "{}: shop {shop}, revision {revision}, made {age} ago by nebulalinks {program}\n",
        file.display()
    );
    match there {
        None => text.push_str(&format!("It is put into {}, where no store is.\n", state.display())),
        Some(there) => {
            text.push_str(&format!(
                "It takes the place of the store in {} (revision {}), which is moved aside within \
                 that folder.\n",
                state.display(),
                there.revision
            ));
            if there.revision > *revision {
                text.push_str(&format!(
                    "That one is further by {} revisions: what came since is not in the backup.\n",
                    there.revision - revision
                ));
            }
        }
    }
    text
}

/// Whether somebody at a terminal says yes.
pub(super) fn asked(question: &str) -> Result<bool, String> {
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        return Err("nobody is there to be asked: say --yes if it is meant".to_owned());
    }
    let mut out = std::io::stderr();
    let _ = write!(out, "{question}").and_then(|()| out.flush());
    let mut answer = String::new();
    stdin.lock().read_line(&mut answer).map_err(|error| error.to_string())?;
    Ok(answer.trim().eq_ignore_ascii_case("yes"))
}

pub(super) fn size(file: &Path) -> u64 {
    std::fs::metadata(file).map_or(0, |meta| meta.len())
}

fn audit(header: &ArchiveHeader, now: UnixMs) -> Audit {
    Audit {
        id: SystemEntropy.ulid(now),
        actor: Actor::Cli(user_of_this_process()),
        verb: "restore".to_owned(),
        subject: "store".to_owned(),
        outcome: Outcome::Done,
        of: None,
        reason: Some(format!("a backup of revision {}", header.revision)),
        catalog: String::new(),
        commit: None,
        at: now,
    }
}
