//! Whether a store is whole: its journal, sled beside it, every record, what records refer to, the proofs.
//! It looks at a copy, so that looking changes nothing, and mends nothing: each finding says what does.

use super::super::journal::{FOLDER, Mark, MarkFile, Survey, survey};
use super::archived::{COPY, begin, room};
use super::backup::{BackupError, copy_files, copy_state};
use super::findings::was_acknowledged;
use super::open::Raw;
use super::references::All;
use super::{OpenError, OpenOptions, SledStore, files};
use crate::model::{AllTakings, Damage, OrderId, Record, Revision, Snapshot, Takings};
use crate::ports::Store as _;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// So many findings are named; of more their number.
const NAMED: usize = 100;

/// Something that is not as it must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What, with the record's kind and id where it is one.
    pub what: String,
    /// What a person does.
    pub mend: &'static str,
}

/// What a check came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The revision that was looked at.
    pub revision: Revision,
    /// Records that were read.
    pub records: u64,
    /// Proofs that were hashed.
    pub proofs: u64,
    /// Whether sled's own files, where there are any, were looked at: not while the service writes to them.
    pub with_sled: bool,
    /// What is wrong, the first of it.
    pub faults: Vec<Fault>,
    /// How much more is wrong and not named.
    pub unnamed: usize,
}

impl Checked {
    fn add(&mut self, what: String, mend: &'static str) {
        if self.faults.len() < NAMED {
            self.faults.push(Fault { what, mend });
        } else {
            self.unnamed = self.unnamed.saturating_add(1);
        }
    }
}

const RESTART: &str =
    "nothing is lost: the next start of the service writes it anew from what is whole";
const RESTORE: &str = "restore the newest backup in which fsck finds nothing wrong, or let the service go on with what \
                       is there (docs/OPERATIONS.md, StoreDamaged)";
const UNKNOWN: &str = "compare the revision with your newest backup's (`nebulalinks restore --dry-run`): an older one here has \
                       lost something";
const REPORT: &str = "report it: no command of ours leaves that behind. A backup of before may not have it yet \
                      (docs/OPERATIONS.md, fsck)";
const BOOKS: &str =
    "`nebulalinks revenue --recount`, while the service runs, counts it anew from the orders";
const PROOF: &str = "take the file of that name from a backup; the order goes on without it";

/// Checks a state folder.
///
/// # Errors
/// See [`BackupError`]: when it cannot be looked at at all.
pub fn fsck(state: &Path) -> Result<Checked, BackupError> {
    if !state.join(FOLDER).is_dir() {
        return Err(BackupError::NoJournal(state.to_path_buf()));
    }
    let staging = state.join(files::STAGING);
    let lock = begin(state, &staging)?;
    let checked = room(state).and_then(|()| on_a_copy(state, &staging.join(COPY)));
    let removed = fs::remove_dir_all(&staging);
    drop(lock);
    let checked = checked?;
    removed?;
    Ok(checked)
}

fn on_a_copy(state: &Path, copy: &Path) -> Result<Checked, BackupError> {
    let with_sled = copied(state, copy)?;
    let mut checked =
        Checked { revision: 0, records: 0, proofs: 0, with_sled, faults: Vec::new(), unnamed: 0 };
    let known = survey(&copy.join(FOLDER))?;
    // As it was left: an open writes another.
    let mark = MarkFile::read(copy)?;
    if mark.is_none() {
        let what = "the mark: neither of its two places can be read, so nothing says how far the store had \
                    come";
        checked.add(what.to_owned(), UNKNOWN);
    }
    let mut named = BTreeMap::new();
    match opened(copy) {
        Ok((snapshot, whole)) => {
            checked.revision = snapshot.revision();
            journal(known, mark.as_ref(), &snapshot, whole, &mut checked);
            named = records(copy, &snapshot, &mut checked)?;
        }
        // Such a store does not start, either.
        Err(OpenError::Damaged { detail }) => checked.add(detail, RESTORE),
        Err(other) => return Err(other.into()),
    }
    proofs(&copy.join("proofs"), named, &mut checked)?;
    Ok(checked)
}

/// Copies what is looked at; sled's files only while nobody writes to them.
fn copied(state: &Path, copy: &Path) -> Result<bool, BackupError> {
    match files::lock(state) {
        Ok(_lock) => {
            copy_files(state, copy)?;
            let db = state.join(files::DB);
            if db.is_dir() {
                files::copy(&db, &copy.join(files::DB))?;
            }
            Ok(true)
        }
        Err(OpenError::Locked { .. }) => copy_state(state, copy).map(|_| false),
        Err(error) => Err(error.into()),
    }
}

/// Opens the copy as a start would, and tells whether sled and its journal were taken as they are.
fn opened(copy: &Path) -> Result<(Arc<Snapshot>, bool), OpenError> {
    let mut options = OpenOptions::at(copy);
    options.ballast_mib = 0;
    options.checkpoint_bytes = u64::MAX;
    let had_sled = copy.join(files::DB).is_dir();
    let store = SledStore::open(options)?;
    let (snapshot, load) = (store.snapshot(), store.stats().load);
    store.close_now();
    // A store of an older schema is migrated in its copy, and its old journal kept there.
    let migrated = load.backup.is_some();
    Ok((snapshot, migrated || (!(had_sled && load.rebuilt) && load.kept.is_empty())))
}

/// What is wrong with the journal by itself, and with sled beside it.
fn journal(
    known: Option<Survey>,
    mark: Option<&Mark>,
    snapshot: &Snapshot,
    whole: bool,
    checked: &mut Checked,
) {
    let lost = snapshot.damaged().map(|damage: &Damage| damage.lost.clone()).unwrap_or_default();
    // Without the mark nobody knows what should be there.
    let mend = match (lost.is_empty(), mark) {
        (true, Some(_)) => RESTART,
        (true, None) => UNKNOWN,
        (false, _) => RESTORE,
    };
    let before = checked.faults.len();
    if let Some(Survey { faults, torn, .. }) = known {
        for fault in faults {
            checked.add(format!("the journal: {fault}"), mend);
        }
        if let Some(torn) = torn.filter(|torn| was_acknowledged(torn, mark, 0)) {
            let what = format!(
                "the journal: what it acknowledged from revision {} on is torn",
                torn.first
            );
            checked.add(what, mend);
        }
    }
    if !whole && checked.faults.len() == before {
        checked.add("sled's files do not hold what the journal says".to_owned(), mend);
    }
    for lost in lost {
        checked.add(format!("lost: {lost}"), RESTORE);
    }
}

/// Every record, and what it needs. Answers with the pictures that orders name.
fn records(
    copy: &Path,
    snapshot: &Snapshot,
    checked: &mut Checked,
) -> Result<BTreeMap<String, OrderId>, BackupError> {
    let raw = Raw::open(&copy.join(files::DB), OpenOptions::at(copy).cache_mib)?;
    let walked = All { raw: &raw, snapshot }.walk(|what| checked.add(what, REPORT))?;
    checked.records = walked.records;
    if raw.stand.is_some_and(|stand| stand.tallies != walked.tallies) {
        let what = "sled's files: records are missing or are others than were committed".to_owned();
        checked.add(what, RESTART);
    }
    books(&walked.books, snapshot.damaged().is_some(), checked);
    Ok(walked.proofs)
}

/// What was taken is what orders were approved for, less what was taken back: one fault, however many days it is
/// wrong of. A store that never kept it gets it at its next start.
fn books((orders, days): &(AllTakings, AllTakings), damaged: bool, checked: &mut Checked) {
    if days.takings().next().is_none() && !damaged {
        return;
    }
    let said = |takings: Option<&Takings>| match takings.map(Takings::total) {
        Some(sums) => format!(
            "{} approved for {}, {} taken back for {}",
            sums.approved, sums.taken, sums.reversed, sums.returned
        ),
        None => "nothing".to_owned(),
    };
    let mut wrong = orders.differences(days);
    let Some((due, there)) = wrong.next() else { return };
    let Some(either) = due.or(there) else { return };
    let key = Record::Takings(either.clone()).key();
    let more = match wrong.count() {
        0 => String::new(),
        more => format!(", and {more} more days are wrong"),
    };
    let what = format!("{key} says {}, and its orders come to {}{more}", said(there), said(due));
    // A day may be all that tells of an order that is lost.
    checked.add(what, if damaged { RESTORE } else { BOOKS });
}

/// The name of a proof is the SHA-256 of its content in hex, and an ending; others are half-written. Each
/// that an order names is there.
fn proofs(
    folder: &Path,
    mut named: BTreeMap<String, OrderId>,
    checked: &mut Checked,
) -> io::Result<()> {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let said = name.split_once('.').map(|(hash, _)| hash).filter(|hash| !hash.is_empty());
        let Some(said) = said.filter(|_| entry.path().is_file()) else { continue };
        checked.proofs = checked.proofs.saturating_add(1);
        // Proofs are a few MB at most: the intake caps them.
        let hash = Sha256::digest(fs::read(entry.path())?);
        if nebulalinks_protocol::hex(&hash) != said {
            checked.add(format!("the proof {name} is not what was uploaded"), PROOF);
        }
        named.remove(said);
    }
    // An import brings none, so they are counted and not listed.
    if let Some((proof, order)) = named.first_key_value() {
        let what =
            format!("{} proofs are not there, such as {proof} of order {order}", named.len());
        checked.add(what, PROOF);
    }
    Ok(())
}
