//! The sandbox that stays up: everything runs, the story is told, and then it is yours.

use super::opening::{Opening, told};
use super::shipped::shipped;
use crate::clock::machine_ms;
use crate::page::{Page, World, tell};
use crate::scenario::Scenario;
use crate::system::{Settings, System};
use crate::trouble::Trouble;
use clap::Args;
use nebulalinks_model_panel::PanelVersion;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// How the sandbox that stays up is to be.
#[derive(Debug, Args)]
pub(super) struct Up {
    /// Folder with plans.yaml, servers.yaml, payments.yaml, shop.yaml, and promos.yaml if there is one
    #[arg(long, default_value = "desired", value_name = "DIR")]
    desired: PathBuf,
    /// Folder for the controller's store and the sandbox's own things
    #[arg(long, default_value = "state", value_name = "DIR")]
    state: PathBuf,
    /// Use a state folder that is thrown away at the end
    #[arg(long)]
    fresh: bool,
    /// Where the page is
    #[arg(long, default_value = "127.0.0.1:18400", value_name = "ADDR")]
    page: SocketAddr,
    /// Where the controller's /metrics and /readyz are
    #[arg(long, default_value = "127.0.0.1:9464", value_name = "ADDR")]
    metrics: SocketAddr,
    /// Where customers' apps fetch their subscriptions
    #[arg(long, default_value = "127.0.0.1:18470", value_name = "ADDR")]
    public: SocketAddr,
    /// Where the Discord emulator is
    #[arg(long, default_value = "127.0.0.1:18480", value_name = "ADDR")]
    discord: SocketAddr,
    /// The first panel's port; the next ones follow
    #[arg(long, default_value_t = 18453, value_name = "PORT")]
    panels: u16,
    /// Which panels: 2.6.5, 2.9.4, 3.4.2 or 3.6.0
    #[arg(long, default_value = "3.6.0", value_name = "VERSION")]
    panel: PanelVersion,
    /// Do not tell the story
    #[arg(long)]
    quiet: bool,
    /// What the processes log, such as `debug`
    #[arg(long, default_value = "info", value_name = "FILTER")]
    log: String,
}

/// Runs until Ctrl-C.
pub(super) async fn up(args: Up) -> Result<ExitCode, Trouble> {
    let interrupted = CancellationToken::new();
    let asked = interrupted.clone();
    tokio::spawn(async move {
        nebulalinks::cli::stop_signal().await;
        asked.cancel();
    });
    let thrown_away = match args.fresh {
        true => Some(
            tempfile::Builder::new()
                .prefix("nebulalinks-sandbox-")
                .tempdir()
                .map_err(Trouble::while_doing("make a folder"))?,
        ),
        false => None,
    };
    let state = thrown_away.as_ref().map_or(args.state, |folder| folder.path().join("state"));
    let root = state.join("sandbox");
    let opening = Opening::of(args.quiet, &state);
    let page = Page::open(args.page).await?;
    say!("The page: {}\n", page.address());
    let story = match &opening {
        Opening::Story(begun) => {
            let story = Scenario::read(&scenario())?;
            begun.begin(&state)?;
            Some(story)
        }
        _ => None,
    };
    let settings = Settings {
        root,
        desired: shipped(&args.desired),
        state: state.clone(),
        metrics: args.metrics,
        public: args.public,
        discord: args.discord,
        panels: args.panels,
        starts_at: story.as_ref().map(|story| machine_ms().saturating_sub(story.passes())),
        panels_poll: true,
        panel: args.panel,
        // The page shows what the gateways are asked.
        log: format!("{},nebulalinks_gateway::requests=debug", args.log),
    };
    say!("Starting everything on this machine …");
    let started = tokio::select! {
        started = System::start(settings) => started,
        () = interrupted.cancelled() => return Ok(ExitCode::SUCCESS),
    };
    let system = Arc::new(started?);
    if story.is_none() {
        // From now on this state is used as it is, whatever story was broken off in it.
        told(&state);
    }
    let world = World::of(Arc::clone(&system));
    page.show(world.clone());
    introduce(&system);
    say!("  The page         {}\n", page.address());
    if let Some(why) = opening.says() {
        say!("{why}");
    }
    if let Some(story) = story {
        tokio::select! {
            played = play_first(&world, story) => if let Err(trouble) = played {
                say!("The story did not go to its end: {trouble}");
            },
            () = interrupted.cancelled() => {}
        }
    }
    // What is broken off here the next start tells again.
    if !interrupted.is_cancelled() {
        told(&state);
    }
    system.clock.jump_to(machine_ms()).map_err(Trouble::while_doing("set the clock to now"))?;
    let went = watch(&system, &interrupted).await;
    say!("\nStopping …");
    system.stop().await;
    went
}

async fn play_first(world: &World, story: Scenario) -> Result<(), Trouble> {
    say!("── {}: it begins when somebody opens the page, or in a minute ──", story.name());
    tell(world, None, story).await?;
    say!("\n── It goes on in real time. What you change is shown here; Ctrl-C stops. ──");
    Ok(())
}

/// Shows what happens until Ctrl-C.
async fn watch(system: &System, interrupted: &CancellationToken) -> Result<ExitCode, Trouble> {
    let onlooker = crate::scenario::look_on(system);
    tokio::select! {
        trouble = onlooker => Err(trouble),
        () = interrupted.cancelled() => Ok(ExitCode::SUCCESS),
    }
}

/// The story, wherever this is run from.
fn scenario() -> PathBuf {
    let here = PathBuf::from("docs/story.scn");
    if here.exists() {
        return here;
    }
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/story.scn")
}

fn introduce(system: &System) {
    let settings = &system.settings;
    say!("\nEverything is up.\n");
    say!("  The four files   {}", settings.desired.display());
    say!("  State            {}", settings.state.display());
    say!("  Logs             {}", settings.root.join("logs").display());
    say!("  Numbers          http://{0}/metrics   http://{0}/readyz", settings.metrics);
    say!("  Discord          {} (an emulator)", system.emulator.base_url());
    for (id, server) in &system.servers {
        let (panel, gateway) = (server.panel_at, server.gateway_at);
        let version = server.panel.version().label();
        say!("  {id:<16} panel http://{panel} (v{version})   gateway http://{gateway}");
    }
    let plans = settings.desired.join("plans.yaml");
    say!("\nTry next, in another terminal:");
    say!("  $EDITOR {}    a new price is on the store panel within 2 s", plans.display());
    say!("                   break or empty it: nothing changes, and /readyz says where");
    say!("  cargo run -p nebulalinks-sandbox -- play tests/scenarios/*.scn");
    say!("  kill -9 the controller or a gateway: it is started again, and nothing is lost\n");
}
