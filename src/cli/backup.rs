//! `nebulalinks backup`: a copy of the state folder, opened and compared, as a folder or as one file.

use super::env::SystemClock;
use super::out;
use super::progress::Progress;
use super::scheduled::recipients;
use crate::config::Places;
use crate::ports::Clock as _;
use crate::store::Plan;
use crate::{store, watch};
use std::path::PathBuf;

/// The flags of `nebulalinks backup`.
#[derive(Debug, clap::Args)]
pub struct Backup {
    #[command(flatten)]
    places: Places,
    /// New folder for the copy, or with --archive the folder for the file; on another disk
    to: PathBuf,
    /// Open the copy, read every record and compare; then take what it holds out of the journal
    #[arg(long)]
    verify: bool,
    /// With --verify or --archive: leave the journal as it is
    #[arg(long)]
    keep_journal: bool,
    /// One compressed file, opened and compared as with --verify, packed, and read again
    #[arg(long, conflicts_with = "verify")]
    archive: bool,
    /// Encrypt the file for this age recipient (age1…); may be given several times
    #[arg(long, value_name = "AGE1", requires = "archive")]
    recipient: Vec<String>,
    /// Encrypt the file for the recipients in this file, one a line
    #[arg(long, value_name = "FILE", requires = "archive")]
    recipients_file: Option<PathBuf>,
    /// Keep so many backups of this store in the folder, and remove older ones
    #[arg(long, value_name = "N", requires = "archive", value_parser = clap::value_parser!(u16).range(1..))]
    keep: Option<u16>,
}

impl Backup {
    /// Copies, and says what is in the copy.
    pub(super) fn make(&self) -> Result<(), String> {
        let Self { places, to, verify, keep_journal, archive, .. } = self;
        if *archive {
            return self.one_file();
        }
        if *keep_journal && !verify {
            return Err("--keep-journal goes with --verify or --archive".to_owned());
        }
        let copying = Progress::of("copying");
        store::back_up(&places.state, to).map_err(|error| error.to_string())?;
        drop(copying);
        if !verify {
            let copied = format!("{}: copied, not opened; `--verify` does that\n", to.display());
            return out::print(&copied);
        }
        let comparing = Progress::of("opening the copy and comparing every record");
        let good = store::verify(&places.state, to, !keep_journal).map_err(|e| e.to_string())?;
        drop(comparing);
        out::print(&format!(
            "{}: revision {} ({}), {} records in memory; opened, read and compared. {} files \
             were taken out of the journal\n",
            to.display(),
            good.revision,
            good.lineage,
            good.records,
            good.pruned
        ))
    }

    fn one_file(&self) -> Result<(), String> {
        let recipients = recipients(&self.recipient, self.recipients_file.as_deref())?;
        let making = Progress::of("copying");
        let plan = Plan {
            state: &self.places.state,
            folder: &self.to,
            shop: watch::last_shop(&self.places.state),
            recipients: &recipients,
            now: SystemClock.now(),
            keep: self.keep.map(usize::from),
            prune: !self.keep_journal,
            report: &|what, done, all| making.at(what, done, all),
        };
        let made = store::archive(&plan).map_err(|error| error.to_string())?;
        drop(making);
        let sealed = if recipients.is_empty() { "not encrypted" } else { "encrypted" };
        let mut text = format!(
            "{}: revision {}, {} records in memory, {} KiB, {sealed}; opened, compared, packed and \
             read again. {} files were taken out of the journal\n",
            made.path.display(),
            made.verified.revision,
            made.verified.records,
            made.bytes.div_ceil(1024),
            made.verified.pruned
        );
        for path in &made.removed {
            text.push_str(&format!("{}: removed, it was older\n", path.display()));
        }
        out::print(&text)
    }
}
