//! An emulator of Discord: a *model* of the service over real HTTP and websockets.
//!
//! A bot connects as it would to Discord; [`Actor`]s are the people, in this process. Every
//! request is held against Discord's own document, and rules that the document does not spell
//! (who sees what, 3 s for a first answer, 15 min for a token, nonces) are the model's.
//! `state` knows nothing of transport, so that other fronts can stand before it.
//!
//! ```no_run
//! # use nebulalinks_model_discord::{Emulator, EmulatorConfig};
//! # use std::time::Duration;
//! # async fn story() -> Result<(), Box<dyn std::error::Error>> {
//! let config = EmulatorConfig::new("token", EmulatorConfig::system_clock());
//! let emulator = Emulator::start(config).await?;
//! // … a bot connects to `emulator.base_url()` …
//! emulator.wait_for_bot(Duration::from_secs(5)).await?;
//! let alice = emulator.user("alice");
//! alice.press("store", "Buy").await?;
//! let ordered = alice.pick("basic-30").await?;
//! println!("{}", ordered.text());
//! emulator
//!     .wait_for("the link", Duration::from_secs(5), |emulator| {
//!         (emulator.count_dms("alice", "vless://") == 1).then_some(())
//!     })
//!     .await?;
//! emulator.assert_clean();
//! # Ok(())
//! # }
//! ```

mod act;
mod actors;
mod components;
mod config;
mod control;
mod events;
mod faults;
mod gateway;
mod gateway_ws;
mod ids;
mod interactions;
mod layout;
mod reads;
mod render;
mod rest;
mod slash;
mod spec;
mod state;
mod time;
#[cfg(test)]
mod twilight_check;
mod wait;
mod wire;
mod wire_conn;

pub use act::{ActorError, ModalView, Outcome, Place};
pub use actors::Actor;
pub use config::{EmulatorConfig, Limits, Now};
pub use events::{Audience, EmulatorEvent, EventKind};
pub use faults::{DispatchFault, Effect, Fault, RateLimitScope};
pub use layout::GuildLayout;
pub use reads::{FileView, MessageView, ThreadView};
pub use state::RequestLog;
pub use time::UnixMs;
pub use wait::WaitError;

use axum::Router;
use axum::routing::get;
use gateway::Gateway;
use state::World;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{broadcast, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use wire_conn::{Scissors, WireListener};

struct Running {
    stop: CancellationToken,
    task: Option<JoinHandle<io::Result<()>>>,
}

struct Inner {
    world: Mutex<World>,
    version: watch::Sender<u64>,
    address: SocketAddr,
    running: Mutex<Running>,
    answer_within: Duration,
    settle_within: Duration,
}

/// A running emulator; clones are handles to the same one.
#[derive(Clone)]
pub struct Emulator(Arc<Inner>);

impl std::fmt::Debug for Emulator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Emulator({})", self.base_url())
    }
}

impl Emulator {
    /// Starts to listen. When this returns, a bot can be built.
    ///
    /// # Errors
    /// The address cannot be listened on.
    pub async fn start(config: EmulatorConfig) -> io::Result<Self> {
        let listener = TcpListener::bind(config.listen).await?;
        let address = listener.local_addr()?;
        let gateway = Gateway::new(&config.token, config.privileged_intents);
        let mut world = World::new(config.layout, config.limits, config.clock, gateway);
        world.base_url = format!("http://{address}");
        let running = Running { stop: CancellationToken::new(), task: None };
        let emulator = Self(Arc::new(Inner {
            world: Mutex::new(world),
            version: watch::channel(0).0,
            address,
            running: Mutex::new(running),
            answer_within: config.answer_within,
            settle_within: config.settle_within,
        }));
        emulator.serve_on(listener);
        Ok(emulator)
    }

    fn serve_on(&self, listener: TcpListener) {
        let stop = CancellationToken::new();
        let router = Router::new()
            .route("/", get(gateway_ws::upgrade))
            .route("/gateway", get(gateway_ws::upgrade))
            .route("/attachments/{channel_id}/{attachment_id}/{filename}", get(rest::cdn))
            .fallback(rest::serve)
            .with_state(self.clone());
        let service = router.into_make_service_with_connect_info::<Scissors>();
        let stopped = stop.clone().cancelled_owned();
        let task = tokio::spawn(async move {
            axum::serve(WireListener(listener), service).with_graceful_shutdown(stopped).await
        });
        let mut running = self.0.running.lock().unwrap_or_else(PoisonError::into_inner);
        *running = Running { stop, task: Some(task) };
    }

    /// Closes every connection and stops to listen; everything is remembered.
    pub async fn stop(&self) {
        let task = {
            let mut running = self.0.running.lock().unwrap_or_else(PoisonError::into_inner);
            running.stop.cancel();
            running.task.take()
        };
        if let Some(mut task) = task {
            // A client that keeps its connection must not keep us.
            if tokio::time::timeout(Duration::from_secs(1), &mut task).await.is_err() {
                task.abort();
            }
        }
    }

    /// Listens again on the same port after [`Emulator::stop`].
    ///
    /// # Errors
    /// The port was taken meanwhile.
    pub async fn restart(&self) -> io::Result<()> {
        self.stop().await;
        let listener = TcpListener::bind(self.0.address).await?;
        self.serve_on(listener);
        Ok(())
    }

    /// `http://127.0.0.1:<port>`: what serenity takes as its proxy.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.0.address)
    }

    /// The ids of the guild.
    #[must_use]
    pub fn layout(&self) -> GuildLayout {
        self.read(|world| world.layout.clone())
    }

    /// What happens from now on; a slow reader misses the oldest.
    #[must_use]
    pub fn events(&self) -> broadcast::Receiver<EmulatorEvent> {
        self.read(|world| world.events.subscribe())
    }

    /// A customer by name; made when new.
    #[must_use]
    pub fn user(&self, name: &str) -> Actor {
        let id = self.change(|world| world.user_named(name));
        Actor::new(self.clone(), id, name)
    }

    /// Somebody of the staff: `role` is `owner`, `admin` or `support`; another gives none.
    #[must_use]
    pub fn staff(&self, name: &str, role: &str) -> Actor {
        let id = self.change(|world| {
            let id = world.user_named(name);
            let found = world.layout.roles().into_iter().find(|(_, known)| *known == role);
            if let (Some((role, _)), Some(user)) = (found, world.users.get_mut(&id)) {
                user.roles.insert(role);
            }
            id
        });
        Actor::new(self.clone(), id, name)
    }

    fn stopping(&self) -> CancellationToken {
        self.0.running.lock().unwrap_or_else(PoisonError::into_inner).stop.clone()
    }

    fn violation(&self, what: String) {
        self.change(|world| world.violations.push(what));
    }

    fn read<T>(&self, f: impl FnOnce(&World) -> T) -> T {
        f(&self.0.world.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn change<T>(&self, f: impl FnOnce(&mut World) -> T) -> T {
        let result = f(&mut self.0.world.lock().unwrap_or_else(PoisonError::into_inner));
        self.0.version.send_modify(|version| *version += 1);
        result
    }
}
