//! Starting everything, in an order in which nobody waits for long.

use super::folders::{free_ports, key_file, must_be_free, private_folder, store_in};
use super::settings::Settings;
use super::{Server, System};
use crate::clock::{SharedClock, machine_ms};
use crate::process::{Process, Spec};
use crate::trouble::Trouble;
use nebulalinks::catalog::{self, Catalog};
use nebulalinks::watch;
use nebulalinks_model_discord::{Emulator, EmulatorConfig, UnixMs};
use nebulalinks_model_panel::{Generation, ModelPanel, PanelConfig};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The bot's token at the emulator.
pub(crate) const BOT_TOKEN: &str = "sandbox-bot-token";

/// How long everything may take to be up.
const TO_START: Duration = Duration::from_secs(30);

impl System {
    /// Starts everything, and returns when the bot is connected and every server was listed.
    pub(crate) async fn start(mut settings: Settings) -> Result<Self, Trouble> {
        let catalog = catalog_of(&settings)?;
        private_folder(&settings.root.join("logs"))?;
        let path = settings.root.join("clock");
        let clock = match settings.starts_at {
            Some(moment) => SharedClock::starting_at(path, moment)
                .map_err(Trouble::while_doing("set the clock"))?,
            None => {
                let clock = SharedClock::open(path);
                // A story that was broken off left it in the past.
                clock.jump_to(machine_ms()).map_err(Trouble::while_doing("set the clock"))?;
                clock
            }
        };
        if settings.metrics.port() == 0 {
            // The controller is asked there, so it must be known.
            let [port] = free_ports(settings.discord.port())?;
            settings.metrics.set_port(port);
        }
        must_be_free(settings.metrics, "the controller's /metrics", "say --metrics 127.0.0.1:0")?;
        must_be_free(settings.public, "customers' subscriptions", "say another --public")?;
        must_be_free(settings.discord, "the Discord emulator", "say another --discord")?;
        let emulator = start_emulator(&mut settings, &clock).await?;
        let mut servers = BTreeMap::new();
        for (n, server) in (0..).zip(catalog.servers.values()) {
            let id = server.id.to_string();
            let started = start_server(&settings, &clock, n, server).await?;
            servers.insert(id, started);
        }
        store_in(&settings.state)?;
        let mut spec = settings.controller("controller", &settings.state, settings.metrics);
        spec.args.extend(["--discord-api".into(), emulator.base_url().into()]);
        spec.args.extend(["--public-listen".into(), settings.public.to_string().into()]);
        spec.env.push(("NEBULALINKS_DISCORD_TOKEN", BOT_TOKEN.to_owned()));
        let controller = Process::start(spec);
        let system =
            Self { settings, clock, emulator, servers, controller, second: Mutex::new(None) };
        system.until_up().await?;
        Ok(system)
    }

    /// Until the bot is connected and every gateway and panel answers.
    pub(crate) async fn until_up(&self) -> Result<(), Trouble> {
        self.until_running(true).await
    }

    /// Until every process runs and does its work, whatever the panels do: one may be down.
    pub(crate) async fn until_recovered(&self) -> Result<(), Trouble> {
        self.until_running(false).await
    }

    async fn does_its_work(&self, panels_too: bool) -> bool {
        let mut processes = self.servers.values().map(|s| &s.gateway).chain([&self.controller]);
        if !processes.all(|process| process.state().running) || self.emulator.connected_bots() == 0
        {
            return false;
        }
        if panels_too {
            return self.all_reachable().await;
        }
        for server in self.servers.values() {
            if tokio::net::TcpStream::connect(server.gateway_at).await.is_err() {
                return false;
            }
        }
        self.page("/healthz").await.is_some()
    }

    async fn until_running(&self, panels_too: bool) -> Result<(), Trouble> {
        let deadline = tokio::time::Instant::now() + TO_START;
        loop {
            if self.does_its_work(panels_too).await {
                return Ok(());
            }
            let processes = self.servers.values().map(|s| &s.gateway).chain([&self.controller]);
            let failing = processes.into_iter().find(|process| process.keeps_dying());
            if let Some(process) = failing {
                return Err(self.does_not_start(process));
            }
            if tokio::time::Instant::now() > deadline {
                return Err(self.does_not_start(&self.controller));
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    /// How many sessions the bot has had at Discord.
    pub(crate) fn bot_sessions(&self) -> u64 {
        let (begun, resumed) = self.emulator.sessions();
        begun + resumed
    }

    /// Until a process that was ended is back and does its work; `before` is what
    /// [`System::bot_sessions`] said before it was ended.
    pub(crate) async fn until_back(&self, name: &str, before: u64) -> Result<(), Trouble> {
        if name == "controller" {
            let deadline = tokio::time::Instant::now() + TO_START;
            while self.bot_sessions() == before || self.page("/healthz").await.is_none() {
                if tokio::time::Instant::now() > deadline {
                    return Err(self.does_not_start(&self.controller));
                }
                tokio::time::sleep(Duration::from_millis(30)).await;
            }
            return Ok(());
        }
        let Some(server) = self.servers.get(name.trim_start_matches("gateway-")) else {
            return Ok(());
        };
        let deadline = tokio::time::Instant::now() + TO_START;
        while tokio::net::TcpStream::connect(server.gateway_at).await.is_err() {
            if tokio::time::Instant::now() > deadline {
                return Err(self.does_not_start(&server.gateway));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    fn does_not_start(&self, process: &Process) -> Trouble {
        let name = &process.spec.name;
        let log = process.spec.log.display();
        Trouble(format!("{name} does not start; {log} ends so:\n{}", process.log_tail(12)))
    }
}

/// The four files; while they are broken, the last good ones.
fn catalog_of(settings: &Settings) -> Result<Catalog, Trouble> {
    let options = catalog::Options::default();
    let last_good = settings.state.join("last-good-catalog");
    watch::check(&settings.desired, &options)
        .or_else(|problems| watch::check(&last_good, &options).map_err(|_| problems))
        .map_err(|problems| Trouble(format!("the files are invalid:\n{problems}")))
}

async fn start_emulator(settings: &mut Settings, clock: &SharedClock) -> Result<Emulator, Trouble> {
    let time = SharedClock::open_as(clock.path(), "discord");
    let mut config = EmulatorConfig::new(BOT_TOKEN, Arc::new(move || UnixMs(time.now_ms())));
    config.listen = settings.discord;
    // As the operator's switch for Message Content in the developer portal; the bot may ask for it.
    config.privileged_intents = 1 << 15;
    let emulator =
        Emulator::start(config).await.map_err(Trouble::while_doing("start the emulator"))?;
    Ok(emulator)
}

async fn start_server(
    settings: &Settings,
    clock: &SharedClock,
    n: u16,
    server: &catalog::Server,
) -> Result<Server, Trouble> {
    let id = server.id.to_string();
    let listen = gateway_address(server)?;
    must_be_free(listen, &format!("the gateway of {id}"), "name another port in servers.yaml")?;
    let token = format!("sandbox-panel-token-{id}");
    let time = SharedClock::open_as(clock.path(), &format!("panel-{id}"));
    let now = Arc::new(move || i64::try_from(time.now_ms()).unwrap_or(i64::MAX));
    let mut config =
        PanelConfig::new(&format!("sandbox-{id}"), &token, now).with_version(settings.panel);
    config.seed = u64::from(n) + 1;
    if !settings.panels_poll {
        config.tick = Duration::from_secs(86_400);
    }
    config.password.clone_from(&token);
    let user = config.username.clone();
    let panel = ModelPanel::new(config);
    let port = if settings.panels == 0 { 0 } else { settings.panels + n };
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    if port != 0 {
        must_be_free(address, &format!("the panel of {id}"), "say another --panels")?;
    }
    let serving = panel.serve(address).await.map_err(Trouble::while_doing("start a panel"))?;
    let keys = key_file(&settings.root.join("keys"), &server.keys.to_string())?;
    let name = format!("gateway-{id}");
    let state = settings.root.join(&name);
    private_folder(&state)?;
    // Far from what other servers look for: none of them listens yet.
    let [port] = free_ports(listen.port().wrapping_add(100 * n))?;
    let metrics_at = SocketAddr::from(([127, 0, 0, 1], port));
    let mut args: Vec<OsString> = vec!["gateway".into()];
    for (flag, value) in [
        ("--server", id.clone().into()),
        ("--listen", listen.to_string().into()),
        ("--metrics", metrics_at.to_string().into()),
        ("--panel-url", format!("http://{}/", serving.addr()).into()),
        ("--keys-file", keys),
        ("--state", state),
        ("--clock", clock.path().to_owned()),
        ("--clock-of", name.clone().into()),
        ("--fuse", settings.root.join(format!("fuse-{name}"))),
        ("--log", settings.log.clone().into()),
    ] {
        args.extend([flag.into(), PathBuf::into_os_string(value)]);
    }
    // Panels of generation 2 know no tokens.
    let env = match settings.panel.generation() {
        Generation::Two => {
            args.extend(["--panel-user".into(), user.into()]);
            vec![("NEBULALINKS_PANEL_PASSWORD", token)]
        }
        Generation::Three => vec![("NEBULALINKS_PANEL_TOKEN", token)],
    };
    let log = settings.log_of(&name);
    let gateway = Process::start(Spec { name, args, env, log, restart: true });
    let panel_at = serving.addr();
    let serving = Mutex::new(Some(serving));
    let kept = Mutex::new((panel.now_ms(), panel.backup()));
    Ok(Server { panel, serving, panel_at, kept, gateway, gateway_at: listen, metrics_at })
}

/// Where a server's gateway is to listen: the sandbox runs those on this machine.
fn gateway_address(server: &catalog::Server) -> Result<SocketAddr, Trouble> {
    let text = server.gateway.to_string();
    let address = text.trim_start_matches("http://").trim_end_matches('/').parse();
    match address {
        Ok(address @ SocketAddr::V4(v4)) if v4.ip().is_loopback() => Ok(address),
        _ => Err(Trouble(format!(
            "the sandbox runs gateways on this machine only, and {} has {text}: write \
             `gateway: http://127.0.0.1:<port>` in servers.yaml",
            server.id
        ))),
    }
}
