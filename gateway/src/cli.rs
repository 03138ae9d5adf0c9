//! The command line.

use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use nebulalinks_gateway::check::{Report, Verdict, check};
use nebulalinks_gateway::edge::{self, Edge, Nets, TlsFiles};
use nebulalinks_gateway::{Config, KeySource, PanelTarget, StartError, Surroundings, serve};
use nebulalinks_protocol::KeySet;
use secrecy::{ExposeSecret as _, SecretString};
use tracing_subscriber::EnvFilter;
use url::Url;

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
}

#[derive(Debug, Args)]
struct Options {
    /// The server's id in `servers.yaml`.
    #[arg(long, env = "NEBULALINKS_SERVER")]
    server: String,
    /// Where to listen; without TLS a loopback address.
    #[arg(long, env = "NEBULALINKS_GATEWAY_LISTEN", default_value = "127.0.0.1:8461")]
    listen: SocketAddr,
    /// The certificate and those that lead to its authority, PEM. Read again every 10 s; a pair
    /// that cannot be used leaves the old one in force.
    #[arg(long, env = "NEBULALINKS_GATEWAY_TLS_CERT", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The certificate's private key, PEM. Mode 0400.
    #[arg(long, env = "NEBULALINKS_GATEWAY_TLS_KEY", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Ask callers for a certificate of one of these authorities, PEM, and refuse those without.
    #[arg(long, env = "NEBULALINKS_GATEWAY_TLS_CLIENT_CA", requires = "tls_cert")]
    tls_client_ca: Option<PathBuf>,
    /// Speak plain HTTP also on an address that is not loopback, because a proxy on another host
    /// ends TLS and nobody else is on the network between: bodies hold customers' credentials.
    #[arg(long, env = "NEBULALINKS_GATEWAY_PLAIN_HTTP_BEHIND_PROXY", conflicts_with = "tls_cert")]
    plain_http_behind_proxy: bool,
    /// From where requests are taken: addresses and networks such as 203.0.113.7,2001:db8::/32;
    /// the controller's, and those of your scripts. Left out, from everywhere.
    #[arg(long, env = "NEBULALINKS_GATEWAY_ALLOW")]
    allow: Vec<Nets>,
    /// Proxies whose X-Forwarded-For or Forwarded is believed about who asks. They must set it.
    #[arg(long, env = "NEBULALINKS_GATEWAY_TRUSTED_PROXY")]
    trusted_proxy: Vec<Nets>,
    /// Requests per minute and key; a list counts once, and so does a batch. Two minutes of it can
    /// be saved up, and one address may send three times as much.
    #[arg(long, env = "NEBULALINKS_GATEWAY_RATE", default_value_t = edge::DEFAULT_RATE)]
    rate: NonZeroU32,
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
            tls: match (self.tls_cert, self.tls_key) {
                (Some(cert), Some(key)) => {
                    Some(TlsFiles { cert, key, client_ca: self.tls_client_ca })
                }
                _ => None,
            },
            plain_http_behind_proxy: self.plain_http_behind_proxy,
            edge: Edge {
                allow: Nets::join(self.allow),
                trusted_proxies: Nets::join(self.trusted_proxy),
                rate_per_minute: self.rate,
            },
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
            serve(options.config()?, Surroundings::default(), stop()).await?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Check(options) => {
            let report = match options.config() {
                Ok(config) => check(&config, &Surroundings::default()).await,
                Err(error) => Report::unreadable(&error),
            };
            print!("{report}");
            let failed = report.verdict() == Verdict::Failed;
            Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
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
