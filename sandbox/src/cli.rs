//! The commands of the sandbox.

use crate::process::{ControllerArgs, GatewayArgs, controller, gateway};
use crate::scenario::{Mode, play_file};
use crate::simulate::{Simulate, simulate};
use crate::torture::{Batches, Torture, batches, torture};
use crate::trouble::Trouble;
use clap::{Args, Parser, Subcommand};
use nebulalinks_model_panel::PanelVersion;
use shipped::shipped;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

mod opening;
mod shipped;
mod up;
mod watch;

/// The whole of NebulaLinks on this machine: two model panels with their gateways, the controller,
/// and a Discord emulator. No accounts anywhere, loopback only.
#[derive(Debug, Parser)]
#[command(name = "nebulalinks-sandbox", version, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    up: up::Up,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Play scenarios, each against a system of its own, and compare what is seen
    Play(Play),
    /// Run seeds of the simulation: the promises under every fault, in virtual time
    Simulate(Simulate),
    /// Let customers order while the processes are killed at random; nothing may be lost or doubled
    Torture(Torture),
    /// Make 500 clients while a process dies in the middle; each must be there once afterwards
    Batches(Batches),
    #[command(hide = true)]
    Controller(Box<ControllerArgs>),
    #[command(hide = true)]
    Gateway(Box<GatewayArgs>),
    /// A command of `nebulalinks`, as an operator runs it
    #[command(hide = true, disable_help_flag = true)]
    Nebulalinks {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        words: Vec<String>,
    },
}

#[derive(Debug, Args)]
struct Play {
    /// The scenarios
    #[arg(required_unless_present = "record", value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Write what is seen into the files instead of comparing
    #[arg(long)]
    bless: bool,
    /// Let the process that passes this crash point end there, once, and compare only what `look`
    /// and `check` say
    #[arg(long, value_name = "POINT", conflicts_with = "bless")]
    crash_at: Option<String>,
    /// Show it on the page, step by step
    #[arg(long, conflicts_with_all = ["bless", "crash_at"])]
    watch: bool,
    /// Write what is done at the page into this file, as a scenario, until Ctrl-C
    #[arg(long, value_name = "FILE", conflicts_with_all = ["files", "bless", "crash_at", "watch"])]
    record: Option<PathBuf>,
    /// Where the page is
    #[arg(long, default_value = "127.0.0.1:18400", value_name = "ADDR")]
    page: SocketAddr,
    /// Print what is seen, and let the processes log everything
    #[arg(long, short)]
    verbose: bool,
    /// Folder with the four files as shipped
    #[arg(long, default_value = "desired", value_name = "DIR")]
    desired: PathBuf,
    /// Which panels: 2.6.5, 2.9.4, 3.4.2 or 3.6.0
    #[arg(long, default_value = "3.6.0", value_name = "VERSION")]
    panel: PanelVersion,
}

/// Reads the command line and does what it says.
pub(crate) fn main() -> ExitCode {
    let cli = Cli::parse();
    match cli.command {
        Some(Command::Controller(args)) => controller(*args),
        Some(Command::Gateway(args)) => gateway(*args),
        Some(Command::Nebulalinks { words }) => nebulalinks::cli::main_of(words),
        Some(Command::Play(args)) => block_on(play(args)),
        Some(Command::Simulate(args)) => simulate(&args),
        Some(Command::Torture(args)) => block_on(async move {
            torture(&args, &shipped(Path::new("desired"))).await.map(|()| ExitCode::SUCCESS)
        }),
        Some(Command::Batches(args)) => block_on(async move {
            batches(&args, &shipped(Path::new("desired"))).await.map(|()| ExitCode::SUCCESS)
        }),
        None => block_on(up::up(cli.up)),
    }
}

fn block_on(work: impl Future<Output = Result<ExitCode, Trouble>>) -> ExitCode {
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return report(Err(Trouble(format!("cannot start: {error}")))),
    };
    let result = runtime.block_on(work);
    runtime.shutdown_timeout(std::time::Duration::from_millis(200));
    report(result)
}

fn report(result: Result<ExitCode, Trouble>) -> ExitCode {
    result.unwrap_or_else(|trouble| {
        complain!("nebulalinks-sandbox: {trouble}");
        ExitCode::FAILURE
    })
}

async fn play(args: Play) -> Result<ExitCode, Trouble> {
    let mode = if args.bless { Mode::Bless } else { Mode::Compare };
    let log =
        if args.verbose { "info,nebulalinks=debug,nebulalinks_gateway=debug" } else { "info" };
    let shipped = shipped(&args.desired);
    if let Some(file) = &args.record {
        return watch::write(file, args.page, &shipped, args.panel, log).await;
    }
    if args.watch {
        return watch::watch(&args.files, args.page, &shipped, args.panel, log).await;
    }
    let mut all_well = true;
    for file in &args.files {
        let outcome =
            play_file(file, &shipped, args.panel, mode, args.crash_at.as_deref(), log).await?;
        let name = file.display();
        let at = args.crash_at.as_ref().map_or_else(String::new, |point| format!(" ({point})"));
        if args.verbose {
            say!("{}", outcome.seen);
        }
        if args.bless {
            std::fs::write(file, outcome.seen.to_string())
                .map_err(Trouble::while_doing("write the scenario"))?;
        }
        if outcome.differences.is_empty() {
            say!("ok    {name}{at}");
            continue;
        }
        all_well = false;
        say!("FAIL  {name}{at}   (- expected, + seen)");
        for difference in &outcome.differences {
            say!("{difference}");
        }
        if let Some(kept) = outcome.kept {
            say!("the logs are in {}", kept.join("logs").display());
        }
    }
    Ok(if all_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
