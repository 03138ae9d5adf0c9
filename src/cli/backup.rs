//! `nebulalinks backup`: a copy of the state folder, opened and compared.

use super::out;
use super::progress::Progress;
use crate::config::Places;
use crate::store;
use std::path::PathBuf;

/// The flags of `nebulalinks backup`.
#[derive(Debug, clap::Args)]
pub struct Backup {
    #[command(flatten)]
    places: Places,
    /// New folder for the copy, on another disk
    to: PathBuf,
    /// Open the copy, read every record and compare; then take what it holds out of the journal
    #[arg(long)]
    verify: bool,
    /// With --verify: leave the journal as it is
    #[arg(long, requires = "verify")]
    keep_journal: bool,
}

impl Backup {
    /// Copies, and says what is in the copy.
    pub(super) fn make(&self) -> Result<(), String> {
        let Self { places, to, verify, keep_journal } = self;
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
}
