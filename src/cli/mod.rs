//! The commands. This is where everything is put together; nothing is decided here.

mod adopt;
mod ask;
mod at;
mod backup;
mod check;
mod describe;
mod diff;
mod doctor;
mod env;
mod forget;
mod get;
mod history;
mod init;
mod key_files;
mod keygen;
mod keys;
mod lists;
mod man;
mod out;
mod output;
mod progress;
mod readyz;
mod reconcile;
mod release;
mod restore;
mod revenue;
mod scheduled;
mod secrets;
mod shop;
mod show;
mod staff;
mod tables;
mod transfer;
mod words;

pub use at::At;
pub use doctor::{Finding, Weight, examine};
pub use env::{Env, SystemClock, SystemEntropy, fresh_ids};
pub use secrets::SecretsError;
pub use shop::{RunError, Shop, run};

use crate::config::{Places, RunConfig};
use crate::store::OpenError;
use crate::telemetry::Logs;
use clap::{CommandFactory as _, Parser, Subcommand};
use std::process::ExitCode;
use tokio_util::sync::CancellationToken;

/// Sells VPN access: plans in git, orders in Discord, 3x-ui panels kept in agreement.
#[derive(Debug, Parser)]
#[command(name = "nebulalinks", version)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// How much to say.
    #[command(flatten)]
    pub logs: Logs,
}

/// The commands of `nebulalinks`.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the shop: the loop, the bot, and the numbers
    Run(Box<RunConfig>),
    /// Make a new, empty store: once, before the first start
    Init {
        /// Where things lie.
        #[command(flatten)]
        places: Places,
    },
    /// Copy the state folder, also while the shop runs
    Backup(backup::Backup),
    /// Put a backup in the place of a store: in an empty state folder, or with --replace
    Restore(restore::Restore),
    /// Write orders, accounts, customers, revenue or the audit for spreadsheets; with a file alone, all records as
    /// lines of JSON
    Export(transfer::ExportCommand),
    /// Make a store of an export, where there is none
    Import(transfer::ImportCommand),
    /// Say whether the store is whole, and what helps where not; nothing is changed
    Fsck(transfer::FsckCommand),
    /// Make the store small, while the service is stopped
    Compact(transfer::CompactCommand),
    /// Say what is wrong with a set-up, each with the command that mends it; takes the flags of run
    Doctor(Box<doctor::Doctor>),
    /// Check the four files and say every problem as file:line:column: message; with --keys-dir,
    /// the keys of each server, too
    Check(Box<check::Check>),
    /// Say what an edit of the four files would do, and to whom: who moves where, what stays, what is refused
    Diff(Box<diff::DiffCommand>),
    /// List which files were in force: since when, from which commit, by whom
    History(history::HistoryCommand),
    /// Say how the files are taken back to what was in force before; writes nothing
    Rollback(history::RollbackCommand),
    /// Make keys: a master key, or one gateway's pair
    Keygen(keygen::Keygen),
    /// Replace keys while everything goes on
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// List what the running shop has: accounts, orders, servers, plans, customers, events and more
    #[command(subcommand)]
    Get(get::GetCommand),
    /// Show all there is of one account, order, server or plan of the running shop
    #[command(subcommand)]
    Describe(describe::DescribeCommand),
    /// Say why an account is not as it should be: what it waits for, why, and what would help
    Explain(describe::ExplainCommand),
    /// Look at a server, an account or everything now, and wait until the panels agree
    Reconcile(reconcile::ReconcileCommand),
    /// Show who did what, and what was written to the panels, in the order of time
    Audit(describe::AuditCommand),
    /// Show what was taken, by days, months, quarters or years of the shop's time zone
    Revenue(revenue::RevenueCommand),
    /// Decide an order: approve, decline, reopen, reverse
    #[command(subcommand)]
    Order(staff::OrderCommand),
    /// Give an account time and traffic without a payment
    Grant(Box<staff::GrantCommand>),
    /// Switch an account off until it is resumed; its end stays where it is
    Suspend(staff::AccountCommand),
    /// Switch a suspended account on again
    Resume(staff::AccountCommand),
    /// Give an account a place on another server, which serves it before it leaves the old one
    Move(staff::MoveCommand),
    /// Give an account new credentials: its customer gets a new link, and the old one is dead
    Rotate(staff::RotateCommand),
    /// Make accounts of clients that were on a panel before the shop: says who could be, writes a file to
    /// edit, and does with --from and --yes what that says
    Adopt(Box<adopt::AdoptCommand>),
    /// Give clients back: they stay on their panels as they are, under names of their own, and their accounts
    /// end here. Says what becomes of each, and asks
    Release(release::ReleaseCommand),
    /// Forget a customer for good: their orders and what was paid stay, and nothing says who they were. Says
    /// what goes and what stays, and asks
    Forget(forget::ForgetCommand),
    /// Say that the panel a server answers as is the right one, though its accounts were made on another:
    /// whoever is missing there is made again
    AcceptPanel(staff::AcceptPanelCommand),
    /// Forgive usage that was counted beyond what can have flowed
    #[command(subcommand)]
    Usage(staff::UsageCommand),
    /// Stop news that go to many customers
    #[command(subcommand)]
    Broadcast(staff::BroadcastCommand),
    /// Say that this store is the right one after it was restored from a backup: what is too much
    /// on the panels is then taken away again
    ResolveAmnesia {
        /// Where the running shop is.
        #[command(flatten)]
        at: At,
    },
    /// Print what a shell needs to complete these commands, to be sourced or put where it looks
    Completions(man::CompletionsCommand),
    /// Write a page for `man` of each command into a folder
    Man(man::ManCommand),
}

/// The exit code where there is no store: a supervisor need not try again.
const NO_STORE: u8 = 2;

/// Reads the command line and does what it says, in the real world.
#[must_use]
pub fn main() -> ExitCode {
    execute(Cli::parse())
}

/// The same with these words after the program's name, for a program that has these commands as one of
/// its own.
#[must_use]
pub fn main_of(words: impl IntoIterator<Item = String>) -> ExitCode {
    execute(Cli::parse_from(std::iter::once("nebulalinks".to_owned()).chain(words)))
}

fn execute(cli: Cli) -> ExitCode {
    // What people ask is answered; what the store tells on the way is for a service's log.
    let unasked = if matches!(cli.command, Command::Run(_)) { "info" } else { "warn" };
    cli.logs.start(unasked);
    match cli.command {
        Command::Run(config) => serve(*config),
        Command::Init { places } => report(init::init(&places)),
        Command::Backup(backup) => report(backup.make()),
        Command::Restore(restore) => report(restore.run()),
        Command::Export(export) => report(export.run()),
        Command::Import(import) => report(import.run()),
        Command::Fsck(fsck) => exit(fsck.run()),
        Command::Compact(compact) => report(compact.run()),
        Command::Doctor(doctor) => exit(doctor.run()),
        Command::Check(check) => exit(check.run()),
        Command::Diff(diff) => exit(diff.run()),
        Command::History(history) => report(history.run()),
        Command::Rollback(rollback) => report(rollback.run()),
        Command::Keygen(keygen) => report(keygen.make()),
        Command::Keys(keys::KeysCommand::Rotate(rotate)) => report(guide(&rotate)),
        Command::Get(get) => report(get.run()),
        Command::Describe(describe) => report(describe.run()),
        Command::Explain(explain) => report(explain.run()),
        Command::Reconcile(reconcile) => exit(reconcile.run()),
        Command::Audit(audit) => report(audit.run()),
        Command::Revenue(revenue) => report(revenue.run()),
        Command::Man(man) => report(man.write(Cli::command())),
        Command::Completions(completions) => report(completions.print(Cli::command())),
        Command::Order(order) => report(order.run()),
        Command::Grant(grant) => report(grant.run()),
        Command::Suspend(asked) => report(asked.ask("suspend")),
        Command::Resume(asked) => report(asked.ask("resume")),
        Command::Move(asked) => report(asked.run()),
        Command::Rotate(asked) => report(asked.run()),
        Command::Adopt(adopt) => report(adopt.run()),
        Command::Release(asked) => report(asked.run()),
        Command::Forget(asked) => report(asked.run()),
        Command::AcceptPanel(asked) => report(asked.run()),
        Command::Usage(usage) => report(usage.run()),
        Command::Broadcast(broadcast) => report(broadcast.run()),
        Command::ResolveAmnesia { at } => report(ask::post(&at.socket(), "/v1/amnesia/resolve")),
    }
}

fn guide(rotate: &keys::Rotate) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    out::print(&format!("{}\n", runtime.block_on(rotate.guide())?))
}

fn report(result: Result<(), String>) -> ExitCode {
    exit(result.map(|()| ExitCode::SUCCESS))
}

fn exit(result: Result<ExitCode, String>) -> ExitCode {
    result.unwrap_or_else(|message| {
        out::complain(&message);
        ExitCode::FAILURE
    })
}

/// Runs until Ctrl-C or SIGTERM.
fn serve(config: RunConfig) -> ExitCode {
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return report(Err(format!("cannot start: {error}"))),
    };
    let shutdown = CancellationToken::new();
    let result = runtime.block_on(async {
        let stop = shutdown.clone();
        tokio::spawn(async move {
            stop_signal().await;
            stop.cancel();
        });
        run(config, Env::real(), shutdown).await
    });
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    if let Err(error @ RunError::Open(OpenError::NoStore { .. })) = &result {
        out::complain(&error.to_string());
        return ExitCode::from(NO_STORE);
    }
    report(result.map_err(|error| error.to_string()))
}

/// Waits for Ctrl-C or SIGTERM.
pub async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let terminate = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminate => {}
    }
}
