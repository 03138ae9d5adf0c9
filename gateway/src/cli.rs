//! The command line.

use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use nebulalinks_gateway::{Config, KeySource, PanelTarget, StartError, Surroundings, check, serve};
use nebulalinks_protocol::KeySet;
use secrecy::{ExposeSecret as _, SecretString};
use tracing_subscriber::EnvFilter;
use url::Url;

/// The signed, typed gateway that stands beside one 3x-ui panel.
///
/// It speaks plain HTTP and therefore listens on loopback only. Put a proxy in front of it that
/// ends TLS and passes Host, path and query on unchanged: they are part of every signature.
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
    /// Try everything once (keys, state folder, panel, token, version), say what is wrong, and end.
    Check(Options),
}

#[derive(Debug, Args)]
struct Options {
    /// The server's id in `servers.yaml`.
    #[arg(long, env = "NEBULALINKS_SERVER")]
    server: String,
    /// Where to listen; a loopback address.
    #[arg(long, env = "NEBULALINKS_GATEWAY_LISTEN", default_value = "127.0.0.1:8461")]
    listen: SocketAddr,
    /// Where /metrics listens; left out, nowhere.
    #[arg(long, env = "NEBULALINKS_GATEWAY_METRICS")]
    metrics: Option<SocketAddr>,
    /// The panel's address with its base path, such as http://127.0.0.1:2053/secret/.
    #[arg(long, env = "NEBULALINKS_PANEL_URL")]
    panel_url: Url,
    /// A file with the panel's API token (panel settings, API tokens; scope admin).
    #[arg(long, env = "NEBULALINKS_PANEL_TOKEN_FILE")]
    panel_token_file: Option<PathBuf>,
    /// The token itself; from the environment, never as an argument that others can list.
    #[arg(long, env = "NEBULALINKS_PANEL_TOKEN", hide_env_values = true)]
    panel_token: Option<SecretString>,
    /// The key file made by `nebulalinks keygen`: a `request=` and a `response=` line, and a second
    /// pair while keys are rotated. Mode 0400. Read again every 10 s.
    #[arg(long, env = "NEBULALINKS_GATEWAY_KEYS_FILE")]
    keys_file: Option<PathBuf>,
    /// The same text, `;` between the lines; from the environment, never as an argument.
    #[arg(long, env = "NEBULALINKS_GATEWAY_KEYS", hide_env_values = true)]
    keys: Option<SecretString>,
    /// The folder of the claim file: who may write. Keep it across restarts.
    #[arg(long, env = "NEBULALINKS_GATEWAY_STATE", default_value = "/var/lib/nebulalinks-gateway")]
    state: PathBuf,
    /// How far a request's time may be from this machine's, in seconds (1 to 300).
    #[arg(long, env = "NEBULALINKS_GATEWAY_WINDOW", default_value_t = 30)]
    window: u64,
}

impl Options {
    fn config(self) -> Result<Config, StartError> {
        let other = |text: &str| StartError::Other(text.to_owned());
        let token = match (self.panel_token_file, self.panel_token) {
            (Some(path), _) => std::fs::read_to_string(&path)
                .map_err(|e| StartError::Other(format!("{}: {e}", path.display())))?
                .trim()
                .to_owned()
                .into(),
            (None, Some(token)) => token,
            (None, None) => {
                return Err(other(
                    "the panel's API token is missing: --panel-token-file FILE, or \
                     NEBULALINKS_PANEL_TOKEN in the environment",
                ));
            }
        };
        if token.expose_secret().is_empty() {
            return Err(other("the panel's API token is empty"));
        }
        let keys = match (self.keys_file, self.keys) {
            (Some(path), _) => KeySource::File(path),
            (None, Some(text)) => KeySource::Inline(
                KeySet::parse(text.expose_secret())
                    .map_err(|e| StartError::Other(format!("NEBULALINKS_GATEWAY_KEYS: {e}")))?,
            ),
            (None, None) => {
                return Err(other(
                    "the gateway's keys are missing: --keys-file FILE (made by `nebulalinks \
                     keygen`), or NEBULALINKS_GATEWAY_KEYS in the environment",
                ));
            }
        };
        Ok(Config {
            server: self.server,
            listen: self.listen,
            metrics_listen: self.metrics,
            panel: PanelTarget::with_token(self.panel_url, token),
            keys,
            state: self.state,
            window_s: self.window,
        })
    }
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
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn execute(command: Command) -> Result<(), StartError> {
    match command {
        Command::Run(options) => serve(options.config()?, Surroundings::default(), stop()).await,
        Command::Check(options) => {
            let panel = check(options.config()?, Surroundings::default()).await?;
            tracing::info!(version = %panel.version, xray = ?panel.xray, "the panel answers");
            Ok(())
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
