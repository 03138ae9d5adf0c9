//! What goes beside the program: pages for `man`, and what shells complete from.

use super::out;
use clap::{Args, Command};
use std::path::PathBuf;

/// Where the pages for `man` go.
#[derive(Debug, Args)]
pub struct ManCommand {
    /// The folder; it is made where there is none
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

impl ManCommand {
    /// Writes a page for each command of the program.
    pub(super) fn write(&self, program: Command) -> Result<(), String> {
        let failed = |error: std::io::Error| format!("{}: {error}", self.folder.display());
        std::fs::create_dir_all(&self.folder).map_err(failed)?;
        clap_mangen::generate_to(program, &self.folder).map_err(failed)
    }
}

/// For which shell.
#[derive(Debug, Args)]
pub struct CompletionsCommand {
    /// Which shell
    shell: clap_complete::Shell,
}

impl CompletionsCommand {
    /// Prints what the shell completes from.
    pub(super) fn print(&self, mut program: Command) -> Result<(), String> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut program, "nebulalinks", &mut script);
        out::print(&String::from_utf8_lossy(&script))
    }
}
