//! What a child does: the same library entries that the production binaries call, on the
//! sandbox's clock. It ends when its standard input does, so that no child outlives the sandbox.

use crate::clock::{Fuse, SharedClock, SharedEnv};
use clap::Args;
use nebulalinks::cli::{Env, run};
use nebulalinks::config::RunConfig;
use nebulalinks::telemetry::Logs;
use nebulalinks_gateway::{Config, KeySource, PanelTarget};
use secrecy::SecretString;
use std::future::Future;
use std::io::Read as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How long a child may take to end by itself.
const TO_END: Duration = Duration::from_millis(1_200);

/// Where the sandbox's clock and fuse lie.
#[derive(Debug, Args)]
pub(crate) struct Shared {
    /// The offset of the clock
    #[arg(long)]
    clock: PathBuf,
    /// Whose clock it is
    #[arg(long)]
    clock_of: String,
    /// The crash point to end at
    #[arg(long)]
    fuse: PathBuf,
}

impl Shared {
    fn surroundings(&self) -> SharedEnv {
        SharedEnv {
            clock: SharedClock::open_as(&self.clock, &self.clock_of),
            fuse: Fuse::at(&self.fuse),
        }
    }
}

/// `nebulalinks run`, in the sandbox's time.
#[derive(Debug, Args)]
pub(crate) struct ControllerArgs {
    #[command(flatten)]
    run: RunConfig,
    #[command(flatten)]
    shared: Shared,
    #[command(flatten)]
    logs: Logs,
}

/// `nebulalinks-gateway run`, in the sandbox's time.
#[derive(Debug, Args)]
pub(crate) struct GatewayArgs {
    #[arg(long)]
    server: String,
    #[arg(long)]
    listen: SocketAddr,
    #[arg(long)]
    panel_url: url::Url,
    #[arg(long, env = "NEBULALINKS_PANEL_TOKEN", hide_env_values = true)]
    panel_token: Option<SecretString>,
    #[arg(long)]
    panel_user: Option<SecretString>,
    #[arg(long, env = "NEBULALINKS_PANEL_PASSWORD", hide_env_values = true)]
    panel_password: Option<SecretString>,
    #[arg(long)]
    metrics: Option<SocketAddr>,
    #[arg(long)]
    keys_file: PathBuf,
    #[arg(long)]
    state: PathBuf,
    #[command(flatten)]
    shared: Shared,
    #[command(flatten)]
    logs: Logs,
}

/// Runs a controller until the sandbox lets go of it.
pub(crate) fn controller(args: ControllerArgs) -> ExitCode {
    args.logs.start("info");
    let surroundings = args.shared.surroundings();
    let (clock, mut env) = (surroundings.clock.clone(), Env::real());
    env.clock = Arc::new(surroundings);
    let real = Arc::clone(&env.free_bytes);
    env.free_bytes = Arc::new(move |folder| clock.room().map_or_else(|| real(folder), Ok));
    until_let_go(|stop| async move { run(args.run, env, stop).await.map_err(|e| e.to_string()) })
}

/// Runs a gateway until the sandbox lets go of it.
pub(crate) fn gateway(args: GatewayArgs) -> ExitCode {
    args.logs.start("info");
    let shared = args.shared.surroundings();
    let fuse = shared.fuse.clone();
    let surroundings = nebulalinks_gateway::Env {
        clock: Arc::new(shared),
        hook: Arc::new(move |point| fuse.pass(point)),
        ..nebulalinks_gateway::Env::default()
    };
    let panel = match (args.panel_token, args.panel_user, args.panel_password) {
        (Some(token), _, _) => PanelTarget::with_token(args.panel_url, token),
        (None, Some(user), Some(password)) => {
            PanelTarget::with_login(args.panel_url, user, password)
        }
        _ => return failed("neither a token of the panel nor a user and a password"),
    };
    let config = Config {
        server: args.server,
        listen: args.listen,
        tls: None,
        plain_http_behind_proxy: false,
        edge: nebulalinks_gateway::Edge::default(),
        metrics_listen: args.metrics,
        panel,
        keys: KeySource::File(args.keys_file),
        state: args.state,
        window_s: 30,
    };
    until_let_go(|stop| async move {
        nebulalinks_gateway::serve(config, surroundings, stop.cancelled_owned())
            .await
            .map_err(|e| e.to_string())
    })
}

fn until_let_go<F, R>(work: F) -> ExitCode
where
    F: FnOnce(CancellationToken) -> R,
    R: Future<Output = Result<(), String>>,
{
    let runtime =
        match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
            Ok(runtime) => runtime,
            Err(error) => return failed(&format!("cannot start: {error}")),
        };
    let stop = CancellationToken::new();
    let let_go = stop.clone();
    std::thread::spawn(move || {
        // Whatever ends the reading, the sandbox is gone or wants us gone.
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        let_go.cancel();
        std::thread::sleep(TO_END);
        leave();
    });
    let result = runtime.block_on(work(stop));
    runtime.shutdown_timeout(Duration::from_millis(200));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error),
    }
}

#[allow(clippy::disallowed_methods, reason = "a child that hangs must not outlive the sandbox")]
fn leave() -> ! {
    std::process::exit(1)
}

fn failed(why: &str) -> ExitCode {
    complain!("{why}");
    ExitCode::FAILURE
}
