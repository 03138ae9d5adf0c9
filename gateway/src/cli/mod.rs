//! The command line.

mod call;
mod exchange;
mod options;
mod out;
mod panel;
mod token;

use std::io::IsTerminal as _;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use nebulalinks_gateway::check::{Report, Verdict, check};
use nebulalinks_gateway::{Env, StartError, serve};
use tracing_subscriber::EnvFilter;

use call::Call;
use options::Options;
use token::Token;

/// The signed, typed gateway that stands beside one 3x-ui panel.
///
/// With --tls-cert and --tls-key it speaks TLS itself. Without them it speaks plain HTTP, and
/// listens on loopback only: put a proxy in front of it that ends TLS and passes Host, path and
/// query on unchanged, for they are part of every signature.
#[derive(Debug, Parser)]
#[command(name = "nebulalinks-gateway", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve until SIGTERM or Ctrl-C.
    Run(Options),
    /// Try everything once, step by step: configuration, keys, state folder, certificate, clock,
    /// panel, credentials, version, Xray, inbounds, list. Says what to do about what does not work,
    /// and exits 1 then.
    Check(Options),
    /// Make an API token on a panel of v3.4.2 or later, for the gateway alone, and write it to a
    /// new file for --panel-token-file. Logs in once, with the user's password, which is not
    /// needed afterwards.
    Token(Token),
    /// Ask a gateway as a script does: sign, send, verify the answer, and print its body. Exits 0
    /// when it was done, and 1 when it was not or may not have been; standard error says why.
    Call(Box<Call>),
}

/// Runs the command of the process's arguments.
pub(crate) fn run() -> ExitCode {
    let cli = Cli::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    let done = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|e| StartError::Other(e.to_string()))
        .and_then(|runtime| runtime.block_on(execute(cli.command)));
    match done {
        Ok(code) => code,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn execute(command: Command) -> Result<ExitCode, StartError> {
    match command {
        Command::Run(options) => {
            serve(options.config()?, Env::default(), stop()).await?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Check(options) => {
            let report = match options.config() {
                Ok(config) => check(&config, &Env::default()).await,
                Err(error) => Report::unreadable(&error),
            };
            out::print(report.to_string().as_bytes())?;
            let failed = report.verdict() == Verdict::Failed;
            Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
        }
        Command::Token(token) => {
            out::print(format!("{}\n", token.make().await?).as_bytes())?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Call(call) => {
            call.make().await?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Done at SIGTERM or Ctrl-C.
async fn stop() {
    let interrupt = tokio::signal::ctrl_c();
    let Ok(mut terminate) =
        tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
    else {
        // Without a handler the default action ends the process, which is what is asked for.
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt => {}
        _ = terminate.recv() => {}
    }
}
