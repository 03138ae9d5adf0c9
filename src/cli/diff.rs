//! `nebulalinks diff`: what an edit of the files would do, and to whom, before it is made.

use super::ask;
use super::at::At;
use super::out;
use super::progress::Progress;
use crate::admin::{DiffAnswer, DiffQuestion};
use crate::catalog::{
    Checked, DesiredFile, Files, Options, Problem, Problems, ReportFormat, Source, check,
    check_report, following,
};
use crate::cli::env::SystemClock;
use crate::diff::{CatalogDiff, Refused, judge, problems_markdown, warnings_markdown};
use crate::model::Snapshot;
use crate::ports::{Clock as _, Store as _};
use crate::store::{self, OpenOptions, SledStore};
use crate::watch::{files_at, last_good, read_files};
use clap::{Args, ValueEnum};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The exit code where the edit would do something.
const SOMETHING: u8 = 2;

/// The form of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// For people.
    Text,
    /// All there is, for tools.
    Json,
    /// For a pull request.
    Markdown,
}

/// Exits 0 when nothing would change, 2 when something would, and 1 when the files are refused or there is no
/// answer. Nothing is changed.
#[derive(Debug, Args)]
pub struct DiffCommand {
    /// Folder with the four edited files
    #[arg(default_value = "desired")]
    dir: PathBuf,
    /// Compare with the files of this git revision instead of those in force
    #[arg(long, value_name = "REV")]
    from: Option<String>,
    /// Take the edited files from this git revision instead of the folder
    #[arg(long, value_name = "REV")]
    to: Option<String>,
    /// Look at the records of this state folder, or of a backup of it, instead of asking the running shop:
    /// it is copied to the folder for temporary files first, and its records stay as they are
    #[arg(long, value_name = "STATE")]
    offline: Option<PathBuf>,
    /// Look at no records: says what changes, and not whom it meets
    #[arg(long, requires = "from", conflicts_with = "offline")]
    no_records: bool,
    /// How to show it
    #[arg(short = 'o', long = "output", value_enum, default_value = "text", value_name = "FORM")]
    form: Form,
    /// Where the running shop is.
    #[command(flatten)]
    at: At,
}

impl DiffCommand {
    pub(super) fn run(&self) -> Result<ExitCode, String> {
        let side = |revision: &Option<String>| {
            revision.as_ref().map(|r| files_at(&self.dir, r)).transpose()
        };
        let before = side(&self.from)?;
        let after = side(&self.to)?.unwrap_or_else(|| read_files(&self.dir));
        // What the files alone say of themselves needs nobody else; what they may not follow does.
        let broken = check(&after, &Options::default()).catalog.err();
        let answer = match (broken, self.compare(before.as_ref(), &after)) {
            (Some(_), Ok(answer)) if is_all_text(&after) => answer,
            (Some(problems), _) => DiffAnswer::of(Err(Refused::After(problems))),
            (None, answer) => answer?,
        };
        match answer.diff {
            Some(diff) => self.show(&diff, answer.warnings),
            None => self.refuse(answer.problems, answer.refused_before),
        }
    }

    fn compare(&self, before: Option<&Files>, after: &Files) -> Result<DiffAnswer, String> {
        let now = SystemClock.now();
        if self.no_records {
            let files = before.ok_or("say with which revision to compare: --from REV")?;
            let in_force = catalog_of(files)?;
            let nobody = Snapshot::default();
            return Ok(DiffAnswer::of(judge(&nobody, &in_force, None, after, now)));
        }
        if let Some(state) = &self.offline {
            let reading = Progress::of("copying and reading the records");
            let snapshot = records_of(state)?;
            drop(reading);
            let files = last_good(state).ok_or_else(|| {
                format!(
                    "{} has no files that were in force: is it the state folder?",
                    state.display()
                )
            })?;
            let in_force = following(&snapshot, &files, files.clone(), now);
            return Ok(DiffAnswer::of(judge(&snapshot, &in_force, before, after, now)));
        }
        let question = DiffQuestion { before: before.map(Into::into), after: after.into() };
        let question = serde_json::to_value(&question).map_err(|error| error.to_string())?;
        let told = ask::post_json(&self.at.socket(), "/v1/diff", &question)?;
        serde_json::from_value(told.answer)
            .map_err(|error| format!("the answer of the running shop is not understood: {error}"))
    }

    fn show(&self, diff: &CatalogDiff, warnings: Vec<Problem>) -> Result<ExitCode, String> {
        match self.form {
            Form::Text => {
                let warnings = Problems::new(warnings).map(|w| w.in_folder(&self.place()));
                out::print(&diff.to_string())?;
                let warned = check_report(None, warnings.as_ref(), ReportFormat::Coloured);
                out::print(&if warned.is_empty() { warned } else { format!("\n{warned}") })?;
            }
            Form::Json => {
                let mut json = serde_json::to_value(diff).map_err(|error| error.to_string())?;
                if let Some(json) = json.as_object_mut() {
                    let said = warnings.iter().map(ToString::to_string).collect::<Vec<_>>();
                    json.insert("warnings".to_owned(), said.into());
                }
                out::print(&format!("{json:#}\n"))?;
            }
            Form::Markdown => {
                let warned = Problems::new(warnings).map(|w| warnings_markdown(&w));
                out::print(&(diff.markdown() + &warned.unwrap_or_default()))?;
            }
        }
        Ok(if diff.changes.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(SOMETHING) })
    }

    /// Says every problem as `check` does.
    fn refuse(&self, problems: Vec<Problem>, before: bool) -> Result<ExitCode, String> {
        let Some(problems) = Problems::new(problems) else {
            return Err("the files are refused, and no problem was said".to_owned());
        };
        let place = if before { self.place_of(self.from.as_ref()) } else { self.place() };
        let problems = problems.in_folder(&place);
        out::print(&match self.form {
            Form::Text => check_report(Some(&problems), None, ReportFormat::Coloured),
            Form::Json => check_report(Some(&problems), None, ReportFormat::Json),
            Form::Markdown => problems_markdown(&problems),
        })?;
        Ok(ExitCode::FAILURE)
    }

    /// Where the edited files lie, as problems name it.
    fn place(&self) -> String {
        self.place_of(self.to.as_ref())
    }

    fn place_of(&self, revision: Option<&String>) -> String {
        let dir = self.dir.to_string_lossy();
        revision.map_or_else(|| dir.clone().into_owned(), |rev| format!("{rev}:{dir}"))
    }
}

/// Whether there is nothing about the files that their texts do not say.
fn is_all_text(files: &Files) -> bool {
    let is_told = |file| files.does_without(file) || matches!(files.get(file), Source::Text(_));
    DesiredFile::ALL.into_iter().all(is_told)
}

/// Files that must be valid by themselves.
fn catalog_of(files: &Files) -> Result<crate::catalog::Catalog, String> {
    let Checked { catalog, .. } = check(files, &Options::default());
    catalog.map_err(|problems| {
        let first = problems.iter().next().map(ToString::to_string).unwrap_or_default();
        format!("the files to compare with are invalid: {first}")
    })
}

/// The records of a state folder: of a copy of it, which is what is opened.
fn records_of(state: &Path) -> Result<Snapshot, String> {
    let room = tempfile::tempdir().map_err(|error| format!("no folder for the copy: {error}"))?;
    let copy = room.path().join("state");
    store::back_up(state, &copy).map_err(|error| error.to_string())?;
    let opened = SledStore::open(OpenOptions::at(&copy)).map_err(|error| error.to_string())?;
    let snapshot = opened.snapshot().as_ref().clone();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    // The copy is thrown away: how its last write went does not matter.
    let _ = runtime.block_on(opened.close());
    Ok(snapshot)
}
