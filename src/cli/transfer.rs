//! `nebulalinks export` and `import`: all records as lines of JSON; `fsck` and `compact`: a store looked
//! at, and made small.

use super::env::{SystemClock, SystemEntropy};
use super::lists::ExportList;
use super::out;
use super::output::Output;
use super::progress::Progress;
use super::restore::same_as_files;
use super::tables;
use crate::admin::user_of_this_process;
use crate::config::Places;
use crate::model::{Actor, Audit, Outcome};
use crate::ports::{Clock as _, Entropy as _};
use crate::store::Export;
use crate::{store, watch};
use clap::Args;
use serde_json::json;
use std::fs::{File, OpenOptions};
use std::io::{BufReader, BufWriter};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;
use std::process::ExitCode;

/// The flags of `nebulalinks export`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct ExportCommand {
    #[command(flatten)]
    places: Places,
    /// What to write for people and their spreadsheets; without it all records go to a file
    #[command(subcommand)]
    list: Option<ExportList>,
    /// New file for all records
    #[arg(required = true)]
    to: Option<PathBuf>,
    /// With customers' credentials: only such an export can be imported, and it opens the service for
    /// every customer
    #[arg(long)]
    with_secrets: bool,
}

impl ExportCommand {
    pub(super) fn run(&self) -> Result<(), String> {
        if let Some(list) = &self.list {
            return list.run();
        }
        let to = self.to.as_deref().ok_or("name a new file for the records")?;
        let shown = to.display();
        let failed = |error: std::io::Error| format!("{shown}: {error}");
        let mut options = OpenOptions::new();
        let file = options.write(true).create_new(true).mode(0o600).open(to).map_err(failed)?;
        let wanted = Export {
            state: &self.places.state,
            shop: watch::last_shop(&self.places.state),
            with_secrets: self.with_secrets,
            now: SystemClock.now(),
        };
        let exporting = Progress::of("copying, comparing and writing every record");
        let written = store::export(&wanted, &mut BufWriter::new(&file));
        drop(exporting);
        let count = match written {
            Ok(count) => count,
            Err(error) => {
                // Half an export is none.
                let _ = std::fs::remove_file(to);
                return Err(error.to_string());
            }
        };
        file.sync_all().map_err(failed)?;
        let secrets = match self.with_secrets {
            true => "with credentials: treat it like a password file",
            false => "without credentials: it cannot be imported",
        };
        out::print(&format!("{shown}: {count} records, {secrets}\n"))
    }
}

/// The flags of `nebulalinks import`.
#[derive(Debug, Args)]
pub struct ImportCommand {
    #[command(flatten)]
    places: Places,
    /// A file that `nebulalinks export --with-secrets` wrote
    file: PathBuf,
    /// Import what is of another shop than that of the files
    #[arg(long)]
    another_shop: bool,
}

impl ImportCommand {
    pub(super) fn run(&self) -> Result<(), String> {
        let shown = self.file.display();
        let open = || File::open(&self.file).map_err(|error| format!("{shown}: {error}"));
        let head = store::look_at_export(&mut BufReader::new(open()?));
        let head = head.map_err(|error| format!("{shown}: {error}"))?;
        if !self.another_shop {
            same_as_files(&shown.to_string(), head.shop.as_deref(), &self.places)?;
        }
        let now = SystemClock.now();
        let audit = Audit {
            id: SystemEntropy.ulid(now),
            actor: Actor::Cli(user_of_this_process()),
            verb: "import".to_owned(),
            subject: "store".to_owned(),
            outcome: Outcome::Done,
            of: None,
            reason: Some(format!("an export of revision {}", head.revision)),
            catalog: String::new(),
            commit: None,
            at: now,
        };
        let importing = Progress::of("reading and checking every record");
        let done = store::import(&mut BufReader::new(open()?), &self.places.state, audit);
        drop(importing);
        let head = done.map_err(|error| format!("{shown}: {error}"))?;
        out::print(&format!(
            "{}: a store with what revision {} of shop {} held. Proofs of payment are not in an export: copy \
             `proofs` of the old state folder, where there is one. Nothing is shortened, disabled or \
             deleted until you run `nebulalinks resolve-amnesia` (docs/OPERATIONS.md, StoreAmnesia).\n",
            self.places.state.display(),
            head.revision,
            head.shop.as_deref().unwrap_or("without a name"),
        ))
    }
}

/// The flags of `nebulalinks fsck`. Exits 0 when the store is whole, 2 when not, 1 when it cannot look.
#[derive(Debug, Args)]
pub struct FsckCommand {
    #[command(flatten)]
    places: Places,
    #[command(flatten)]
    output: Output,
}

/// The exit code when something is wrong with a store.
const BROKEN: u8 = 2;

impl FsckCommand {
    pub(super) fn run(&self) -> Result<ExitCode, String> {
        let checking = Progress::of("copying, and reading every record of the copy");
        let checked = store::fsck(&self.places.state);
        drop(checking);
        let checked = checked.map_err(|error| error.to_string())?;
        let faults: Vec<_> =
            checked.faults.iter().map(|f| json!({ "what": f.what, "mend": f.mend })).collect();
        let answer = json!({
            "revision": checked.revision,
            "records": checked.records,
            "proofs": checked.proofs,
            "with_sled": checked.with_sled,
            "faults": faults,
            "unnamed": checked.unnamed,
        });
        out::print(&self.output.text(&answer, SystemClock.now().0, tables::fsck)?)?;
        Ok(if checked.faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(BROKEN) })
    }
}

/// The flags of `nebulalinks compact`.
#[derive(Debug, Args)]
pub struct CompactCommand {
    #[command(flatten)]
    places: Places,
}

impl CompactCommand {
    pub(super) fn run(&self) -> Result<(), String> {
        let working = Progress::of("building the store anew, and comparing every record");
        let done = store::compact(&self.places.state);
        drop(working);
        let done = done.map_err(|error| error.to_string())?;
        let line = |what: &str, (before, after): (u64, u64)| {
            format!(
                "{what}: {} KiB before, {} KiB after\n",
                before.div_ceil(1024),
                after.div_ceil(1024)
            )
        };
        out::print(&(line("journal", done.journal) + &line("records", done.sled)))
    }
}
