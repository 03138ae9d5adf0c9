//! `nebulalinks check`: every problem of the four files at once, and what has no effect yet.

use super::out;
use super::secrets::key_ring;
use crate::catalog::{
    Catalog, Checked, LookAtKeys, Options, ReportFormat, Server, check, check_report,
};
use crate::config::Keys;
use crate::panel::KeyRing;
use crate::watch::{files_at, last_good, read_files};
use clap::{Args, ValueEnum};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

/// The form of the problems that are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum CheckFormat {
    /// For people: each with its line, in colours on a terminal.
    Text,
    /// For tools: a JSON list, empty when all is well.
    Json,
    /// For annotations on a pull request.
    Github,
    /// For code scanning and editors: SARIF 2.1.0.
    Sarif,
}

/// Exits 1 when there is a problem, and 0 when there are none or only warnings.
#[derive(Debug, Args)]
pub struct Check {
    /// Folder with the four files
    #[arg(default_value = "desired")]
    dir: PathBuf,
    /// State folder of the shop: what may not change since its last good files is looked at, too, as the
    /// running shop does it
    #[arg(long, value_name = "STATE")]
    state: Option<PathBuf>,
    /// The same since this git revision
    #[arg(long, value_name = "REV", conflicts_with = "state")]
    from: Option<String>,
    /// How to say it
    #[arg(long, value_enum, default_value = "text")]
    format: CheckFormat,
    /// The keys: with a folder or a master key, each server's keys are looked at, too.
    #[command(flatten)]
    keys: Keys,
}

impl Check {
    /// Says everything on standard output.
    pub(super) fn run(&self) -> Result<ExitCode, String> {
        let format = match self.format {
            CheckFormat::Text => ReportFormat::Coloured,
            CheckFormat::Json => ReportFormat::Json,
            CheckFormat::Github => ReportFormat::Github,
            CheckFormat::Sarif => ReportFormat::Sarif,
        };
        let given = &self.keys;
        let asked = given.keys_dir.is_some()
            || given.master_key_file.is_some()
            || given.master_key.is_some();
        let ring = key_ring(given).map_err(|error| error.to_string())?;
        let found = Found::default();
        let look = |server: &Server| found.trouble(&ring, server);
        let keys = asked.then_some(&look as &LookAtKeys<'_>);
        let files = read_files(&self.dir);
        let previous = self.previous()?;
        let options = Options { keys, previous: previous.as_ref() };
        let Checked { catalog, warnings } = check(&files, &options);
        let folder = self.dir.to_string_lossy();
        let warnings = warnings.map(|w| w.in_folder(&folder));
        match catalog {
            Ok(catalog) => {
                out::print(&check_report(None, warnings.as_ref(), format))?;
                if format == ReportFormat::Coloured {
                    out::print(&format!(
                        "{}: {} plans, {} servers, {} payment methods; revision {}\n",
                        self.dir.display(),
                        catalog.plans.len(),
                        catalog.servers.len(),
                        catalog.methods.len(),
                        catalog.revision
                    ))?;
                }
                Ok(ExitCode::SUCCESS)
            }
            Err(problems) => {
                let problems = problems.in_folder(&folder);
                out::print(&check_report(Some(&problems), warnings.as_ref(), format))?;
                Ok(ExitCode::FAILURE)
            }
        }
    }
}

impl Check {
    /// What the files follow, where that is said.
    fn previous(&self) -> Result<Option<Catalog>, String> {
        if let Some(state) = &self.state {
            let good = last_good(state);
            return good.map(Some).ok_or_else(|| {
                format!(
                    "{} has no files that were in force: is it the state folder?",
                    state.display()
                )
            });
        }
        let Some(revision) = &self.from else { return Ok(None) };
        let files = files_at(&self.dir, revision)?;
        let Checked { catalog, .. } = check(&files, &Options::default());
        catalog.map(Some).map_err(|problems| {
            let first = problems.iter().next().map(ToString::to_string).unwrap_or_default();
            format!("the files of {revision} are invalid: {first}")
        })
    }
}

/// Which keys were found for which server: the same text under two names is still one pair.
#[derive(Default)]
struct Found(RefCell<BTreeMap<String, String>>);

impl Found {
    fn trouble(&self, ring: &KeyRing, server: &Server) -> Option<(String, String)> {
        let pair = match ring.find(&server.keys, server.id.as_str()) {
            Ok(pair) => pair,
            Err(problem) => return Some(problem.in_words()),
        };
        let id = pair.request.id().to_owned();
        let other = self.0.borrow_mut().insert(id, server.id.to_string())?;
        Some((
            format!("`{}` holds the same keys as those of server `{other}`", server.keys),
            "make a pair for each gateway, so that one leak is one gateway: `nebulalinks keygen \
             --out <new file>`"
                .to_owned(),
        ))
    }
}
