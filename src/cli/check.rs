//! `nebulalinks check`: every problem of the four files at once.

use crate::catalog::{Options, ReportFormat, check_report, load};
use crate::watch::read_files;
use clap::ValueEnum;
use std::path::Path;
use std::process::ExitCode;

/// How problems are said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CheckFormat {
    /// For people: each with its line and a caret.
    Text,
    /// For tools: a JSON list.
    Json,
    /// For annotations on a pull request.
    Github,
}

/// Says every problem on standard output; exits 1 when there is one.
pub(super) fn check(dir: &Path, format: CheckFormat) -> ExitCode {
    let format = match format {
        CheckFormat::Text => ReportFormat::Text,
        CheckFormat::Json => ReportFormat::Json,
        CheckFormat::Github => ReportFormat::Github,
    };
    match load(&read_files(dir), &Options::default()) {
        Ok(catalog) => {
            if format == ReportFormat::Text {
                println!(
                    "{}: {} plans, {} servers, {} payment methods; revision {}",
                    dir.display(),
                    catalog.plans.len(),
                    catalog.servers.len(),
                    catalog.methods.len(),
                    catalog.revision
                );
            }
            ExitCode::SUCCESS
        }
        Err(problems) => {
            let problems = problems.in_folder(&dir.to_string_lossy());
            print!("{}", check_report(&problems, format));
            ExitCode::FAILURE
        }
    }
}
